/*
 * Trust policies in the form of the IAM user guide's example for EKS, and a few policies.
 */
#include "tests/support/model_documents.h"

#include <string.h>

#include "core/base/arena.h"
#include "tests/support/test.h"

#define STATEMENT(rest) "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\"," rest "}]}"

const char *const model_inline_documents[3] = {
    NULL,
    STATEMENT("\"Action\":\"s3:ListAllMyBuckets\",\"Resource\":\"*\""),
    STATEMENT("\"Action\":[\"sqs:ListQueues\",\"sqs:GetQueueUrl\"],\"Resource\":\"*\""),
};
const char *const model_boundaries[3] = {NULL, "arn:aws:iam::aws:policy/PowerUserAccess",
                                         "arn:aws:iam::aws:policy/ReadOnlyAccess"};
const char *const model_patterns[3] = {NULL, "reader-*", "*"};
const char *const model_tag_values[3] = {NULL, "red", "blue"};
const char *const model_note_values[3] = {NULL, "x", "y"};
const char model_by_hand[] = STATEMENT("\"Action\":\"s3:*\",\"Resource\":\"*\"");
const char model_others_trust[] =
    STATEMENT("\"Principal\":{\"AWS\":\"arn:aws:iam::999999999999:root\"},\"Action\":\"sts:AssumeRole\"");

const char *model_mark(struct irsa_arena *arena, int64_t offset) {
    return irsa_arena_format(arena, "irsa.requests/0/%lld/%lld", (long long)offset,
                             (long long)(INT64_C(1790000000000) + offset));
}

const char *model_trust(struct irsa_arena *arena, const char *issuer, unsigned who, unsigned pattern) {
    const char *subject = irsa_arena_format(arena, "\"%s:sub\":\"system:serviceaccount:" MODEL_NAMESPACE ":%s\"",
                                            issuer, pattern != 0 ? model_patterns[pattern] : model_account_names[who]);
    const char *audience = irsa_arena_format(arena, "\"%s:aud\":\"sts.amazonaws.com\"", issuer);
    const char *condition =
        pattern != 0 ? irsa_arena_format(arena, "\"StringLike\":{%s},\"StringEquals\":{%s}", subject, audience)
                     : irsa_arena_format(arena, "\"StringEquals\":{%s,%s}", subject, audience);
    return irsa_arena_format(arena,
                             STATEMENT("\"Principal\":{\"Federated\":\"arn:aws:iam::" MODEL_ACCOUNT
                                       ":oidc-provider/%s\"},\"Action\":\"sts:AssumeRoleWithWebIdentity\","
                                       "\"Condition\":{%s}"),
                             issuer, condition);
}

const char *model_dns_document(struct irsa_arena *arena) {
    static const char PATH[] = "core/provision/policies/externalDNS.json", WORD[] = "${partition}";
    char text[4096];
    FILE *file = fopen(PATH, "r");
    if (file == NULL)
        fail_msg("%s is not there: the test runs in the checkout's root", PATH);
    size_t length = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[length] = '\0';
    char *word = strstr(text, WORD);
    assert_non_null(word);
    const char *whole = irsa_arena_format(arena, "%.*saws%s", (int)(word - text), text, word + strlen(WORD));
    const struct irsa_json_limits limits = {.max_bytes = sizeof text, .max_depth = 16};
    const struct irsa_json *tree;
    struct irsa_error err;
    assert_ok(irsa_json_parse(arena, whole, strlen(whole), limits, &tree, &err), err);
    return irsa_json_to_text(arena, tree);
}
