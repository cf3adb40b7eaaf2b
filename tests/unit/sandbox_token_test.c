/*
 * Bearer tokens of EKS clusters, made here by our own presigner and judged by the sandbox. botocore's are judged in
 * tests/component/test_sandbox_kubernetes.py.
 */
#include <stdlib.h>
#include <string.h>

#include "core/aws/sigv4.h"
#include "core/base/crypto.h"
#include "sandbox/kube/token.h"
#include "tests/unit/sandbox_fixture.h"

#define NOW_MS INT64_C(1795514611000)
#define EMPTY  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct token {
    const char *host, *region, *cluster, *account, *prefix;
    int64_t epoch_ms;
    int expires_s;
};

static const struct token good = {"sts.us-west-2.amazonaws.com", REGION, CLUSTER, ACCOUNT, "k8s-aws-v1.", NOW_MS, 60};

static const char *make(struct irsa_arena *arena, const struct token *token) {
    char key_id[IRSA_SANDBOX_KEY_BYTES];
    char secret[IRSA_SANDBOX_SECRET_BYTES];
    irsa_sandbox_keys(token->account, key_id, secret);
    const struct irsa_sigv4_header headers[] = {{"host", token->host}, {"x-k8s-aws-id", token->cluster}};
    const struct irsa_sigv4_request request = {"GET",   "/", "Action=GetCallerIdentity&Version=2011-06-15",
                                               headers, 2,   EMPTY};
    const struct irsa_sigv4_scope scope = {token->region, "sts", token->epoch_ms};
    const struct irsa_sigv4_keys keys = {key_id, secret, NULL};
    const char *query = irsa_sigv4_presign(arena, &request, &scope, &keys, token->expires_s);
    const char *url = irsa_arena_format(arena, "https://%s/?%s", token->host, query);
    return irsa_arena_format(arena, "%s%s", token->prefix,
                             irsa_base64_encode(arena, IRSA_BASE64_URL, url, strlen(url)));
}

static void judge(const struct token *token, const char *partition, const char *wanted_reason) {
    struct irsa_arena *arena = irsa_arena_new();
    const struct irsa_sandbox_signer signer =
        irsa_sandbox_token_judge(arena, make(arena, token), CLUSTER, partition, NOW_MS);
    if (wanted_reason == NULL) {
        assert_null(signer.reason);
        assert_string_equal(signer.account_id, token->account);
    } else {
        assert_int_not_equal(signer.refusal, IRSA_SANDBOX_ACCEPTED);
        if (signer.reason == NULL || strstr(signer.reason, wanted_reason) == NULL)
            fail_msg("%s, not: %s", signer.reason == NULL ? "accepted" : signer.reason, wanted_reason);
    }
    irsa_arena_free(arena);
}

static void a_right_token_names_its_account(void **state) {
    (void)state;
    struct token token = good;
    judge(&token, "aws", NULL);
    token.host = "sts-fips.us-west-2.amazonaws.com";
    judge(&token, "aws", NULL);
    token.host = "sts.amazonaws.com";
    token.region = "us-east-1";
    judge(&token, "aws", NULL);
    token = good;
    token.host = "sts.cn-north-1.amazonaws.com.cn";
    token.region = "cn-north-1";
    judge(&token, "aws-cn", NULL);
}

static void a_token_is_for_one_cluster_partition_and_host(void **state) {
    (void)state;
    struct token token = good;
    token.cluster = "another";
    judge(&token, "aws", "does not match the signature");
    judge(&good, "aws-cn", "another partition");
    token = good;
    token.host = "sts.eu-west-1.amazonaws.com";
    judge(&token, "aws", "not the STS of the signed region");
    token.host = "sts.us-west-2.amazonaws.com.example.com";
    judge(&token, "aws", "not the STS of the signed region");
}

static void a_token_lives_for_fifteen_minutes(void **state) {
    (void)state;
    struct token token = good;
    token.epoch_ms = NOW_MS - INT64_C(15) * 60 * 1000;
    judge(&token, "aws", NULL);
    token.epoch_ms -= 1000;
    judge(&token, "aws", "15 minute expiration");
    token.epoch_ms = NOW_MS + INT64_C(6) * 60 * 1000;
    judge(&token, "aws", "future");
    token = good;
    token.expires_s = 901;
    judge(&token, "aws", "X-Amz-Expires");
}

static void a_token_has_its_prefix(void **state) {
    (void)state;
    struct token token = good;
    token.prefix = "k8s-aws-v2.";
    judge(&token, "aws", "prefix");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_right_token_names_its_account),
        cmocka_unit_test(a_token_is_for_one_cluster_partition_and_host),
        cmocka_unit_test(a_token_lives_for_fifteen_minutes),
        cmocka_unit_test(a_token_has_its_prefix),
    };
    return cmocka_run_group_tests_name("sandbox_token", tests, NULL, NULL);
}
