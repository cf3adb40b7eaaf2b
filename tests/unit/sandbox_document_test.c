/*
 * Policy documents as the sandbox's IAM judges them.
 */
#include <stdlib.h>
#include <string.h>

#include "sandbox/iam/document.h"
#include "sandbox/iam/iam.h"
#include "sandbox/world.h"
#include "tests/unit/sandbox_fixture.h"

struct place {
    struct irsa_arena *arena;
    struct irsa_sandbox_world world;
    struct irsa_sandbox_document_place document;
};

static int open_place(void **state) {
    struct place *place = irsa_new(sizeof(*place));
    place->arena = irsa_arena_new();
    place->world.clock = irsa_clock_system();
    place->document = (struct irsa_sandbox_document_place){
        .world = &place->world,
        .account = irsa_sandbox_world_account(&place->world, ACCOUNT),
        .arena = place->arena,
    };
    *state = place;
    return 0;
}

static int close_place(void **state) {
    struct place *place = *state;
    irsa_sandbox_world_done(&place->world);
    irsa_arena_free(place->arena);
    free(place);
    return 0;
}

struct row {
    const char *statement;
    const char *fault; /* NULL: it is fine */
};

#define ALLOW "\"Effect\":\"Allow\","

static void check(struct place *place, const struct row *rows, size_t count, bool is_trust) {
    for (size_t i = 0; i < count; i++) {
        const char *text =
            irsa_arena_format(place->arena, "{\"Version\":\"2012-10-17\",\"Statement\":[{%s}]}", rows[i].statement);
        const char *fault = is_trust ? irsa_sandbox_trust_fault(&place->document, text)
                                     : irsa_sandbox_policy_fault(&place->document, text, true);
        if (!irsa_text_equal(fault, rows[i].fault))
            fail_msg("%s: %s", rows[i].statement, fault == NULL ? "is fine" : fault);
    }
}

static void trust_policies_are_judged_by_their_statements(void **state) {
    static const struct row rows[] = {
        {ALLOW "\"Principal\":\"*\",\"Action\":\"sts:AssumeRole\"", NULL},
        {ALLOW "\"Principal\":{\"AWS\":[\"*\",\"111122223333\"]},\"Action\":[\"sts:AssumeRole\",\"sts:TagSession\"]",
         NULL},
        {ALLOW "\"NotPrincipal\":{\"AWS\":\"111122223333\"},\"Action\":\"sts:*\"", NULL},
        {ALLOW "\"Principal\":{\"Federated\":\"cognito-identity.amazonaws.com\"},\"Action\":\"sts:"
               "AssumeRoleWithWebIdentity\","
               "\"Condition\":{\"StringEquals\":{\"a:b\":[\"c\"]},\"Bool\":{\"d:e\":true},\"Null\":{\"f:g\":\"true\"}}",
         NULL},
        {ALLOW "\"Principal\":{\"AWS\":\"arn:aws:iam::123456789012:user/elsewhere\"},\"Action\":\"sts:AssumeRole\"",
         NULL},
        {ALLOW "\"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:user/absent\"},\"Action\":\"sts:AssumeRole\"",
         "Invalid principal in policy: \"AWS\":\"arn:aws:iam::111122223333:user/absent\""},
        {ALLOW "\"Principal\":{\"AWS\":\"arn:aws-cn:iam::111122223333:root\"},\"Action\":\"sts:AssumeRole\"",
         "Invalid principal in policy: \"AWS\":\"arn:aws-cn:iam::111122223333:root\""},
        {ALLOW "\"Principal\":{\"Federated\":\"arn:aws:iam::123456789012:oidc-provider/x.example.com\"},"
               "\"Action\":\"sts:AssumeRoleWithWebIdentity\"",
         "Federated principals must be valid domain names or SAML metadata ARNs"},
        {ALLOW "\"Principal\":\"somebody\",\"Action\":\"sts:AssumeRole\"", "Syntax errors in policy."},
        {ALLOW "\"Principal\":{},\"Action\":\"sts:AssumeRole\"", "Syntax errors in policy."},
        {ALLOW "\"Principal\":{\"AWS\":7},\"Action\":\"sts:AssumeRole\"", "Syntax errors in policy."},
        {ALLOW "\"Principal\":\"*\",\"NotResource\":\"*\",\"Action\":\"sts:AssumeRole\"",
         "Has prohibited field NotResource"},
        {"\"Principal\":\"*\",\"Action\":\"sts:AssumeRole\"", "Missing required field Effect"},
        {ALLOW "\"Principal\":\"*\",\"NotPrincipal\":\"*\",\"Action\":\"sts:AssumeRole\"", "Syntax errors in policy."},
    };
    check(*state, rows, sizeof(rows) / sizeof(rows[0]), true);
}

static void permissions_are_judged_by_their_statements(void **state) {
    static const struct row rows[] = {
        {ALLOW "\"Action\":\"*\",\"Resource\":\"*\"", NULL},
        {ALLOW "\"NotAction\":[\"iam:*\"],\"NotResource\":[\"arn:aws:s3:::a\",\"arn:*:s3:::b\"]", NULL},
        {"\"Sid\":\"One1\",\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws-cn:s3:::a\"", NULL},
        {ALLOW "\"Action\":\":x\",\"Resource\":\"*\"",
         "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."},
        {ALLOW "\"Action\":[],\"Resource\":\"arn:aws\"", "Resource arn:aws must be in ARN format or \"*\"."},
        {ALLOW "\"Action\":\"s3:*\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{\"nothing\":\"a\"}}",
         "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."},
        {ALLOW "\"Action\":\"s3:*\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{\"a:b\":{}}}",
         "Syntax errors in policy."},
        {ALLOW "\"Action\":{\"a\":\"b\"},\"Resource\":\"*\"", "Syntax errors in policy."},
        {ALLOW "\"Action\":\"s3:*\",\"NotAction\":\"s3:Get*\",\"Resource\":\"*\"", "Syntax errors in policy."},
        {ALLOW "\"Action\":\"s3:*\",\"Resource\":\"*\",\"NotResource\":\"arn:aws:s3:::a\"", "Syntax errors in policy."},
    };
    check(*state, rows, sizeof(rows) / sizeof(rows[0]), false);
}

static void a_document_is_json_with_known_members(void **state) {
    struct place *place = *state;
    static const struct {
        const char *text, *fault;
    } rows[] = {
        {"", "Syntax errors in policy."},
        {"[]", "Syntax errors in policy."},
        {"{\"Version\":\"2012-10-17\",\"Version\":\"2012-10-17\"}", "Syntax errors in policy."},
        {"{\"Version\":\"2012-10-17\"}", "Missing required field Statement"},
        {"{\"Version\":\"2012-10-17\",\"Statement\":[]}", "Syntax errors in policy."},
        {"{\"Version\":\"2012-10-17\",\"Statement\":[1]}", "Syntax errors in policy."},
        {"{\"Version\":\"2012-10-18\",\"Statement\":[]}", "Policy document must be version 2012-10-17 or greater."},
        {"{\"Statement\":[]}", "Policy document must be version 2012-10-17 or greater."},
        {"{\"Version\":\"2012-10-17\",\"Statements\":[]}", "Unknown field Statements"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(irsa_sandbox_policy_fault(&place->document, rows[i].text, true), rows[i].fault);
    assert_null(irsa_sandbox_policy_fault(&place->document,
                                          "{\"Statement\":{" ALLOW "\"Action\":\"s3:*\",\"Resource\":\"*\"}}", false));
}

static void white_space_is_not_counted(void **state) {
    (void)state;
    assert_int_equal(irsa_sandbox_document_length(" { \"a\" :\n\t\"b c\" }\r\n"), strlen("{\"a\":\"bc\"}"));
}

static void policies_of_aws_are_known_by_path_and_name(void **state) {
    (void)state;
    assert_true(irsa_sandbox_iam_is_aws_managed("AmazonS3ReadOnlyAccess"));
    assert_true(irsa_sandbox_iam_is_aws_managed("service-role/AmazonEBSCSIDriverPolicy"));
    assert_false(irsa_sandbox_iam_is_aws_managed("AmazonEBSCSIDriverPolicy"));
    assert_false(irsa_sandbox_iam_is_aws_managed("amazons3readonlyaccess"));
    assert_false(irsa_sandbox_iam_is_aws_managed(""));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, open_place, close_place)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(trust_policies_are_judged_by_their_statements), CASE(permissions_are_judged_by_their_statements),
        CASE(a_document_is_json_with_known_members),         CASE(white_space_is_not_counted),
        CASE(policies_of_aws_are_known_by_path_and_name),
    };
    return cmocka_run_group_tests_name("sandbox_document", tests, NULL, NULL);
}
