/*
 * Credentials that EKS refuses: the worker's trouble when STS refuses them too, else that of the request, which names a
 * region that does not know the account. A request must not be able to halt a worker.
 */
#include "tests/support/stage.h"
#include "tests/support/test.h"

#define CLUSTER   "\"cluster\":{\"name\":\"cluster-13\",\"region\":\"us-west-2\"}"
#define METADATA  "\"serviceAccount\":{\"metadata\":{\"name\":\"s3-reader\",\"namespace\":\"apps\"}}"
#define ASSOCIATE "{\"action\":\"associate-oidc\"," CLUSTER ",\"options\":{}}"
#define GONE      "{\"action\":\"delete\"," CLUSTER "," METADATA ",\"options\":{\"clusterGone\":true}}"
#define FAULT(service, status, code)                                                                                   \
    "{\"service\":\"" service "\",\"times\":0,\"kind\":\"status\",\"status\":" status ",\"code\":\"" code "\"}"

static struct irsa_error failed(struct stage *stage, const char *data) {
    struct irsa_result result;
    struct irsa_error err;
    if (stage_attempt(stage, data, 1, &result, &err))
        fail_msg("it was done: %s", data);
    return err;
}

static void a_region_that_does_not_know_the_account_is_the_requests_trouble(void **state) {
    struct stage *stage = *state;
    stage_control(stage, "POST", "/faults", "[" FAULT("eks", "403", "UnrecognizedClientException") "]");
    struct irsa_error err = failed(stage, ASSOCIATE);
    assert_code(err, ACCESS_DENIED);
    assert_string_equal(err.service, "eks");
    assert_string_equal(err.upstream, "UnrecognizedClientException");
    assert_non_null(strstr(err.message, "region us-west-2 of cluster cluster-13"));
    assert_string_equal(stage_calls(stage), "eks.DescribeCluster 1, sts.GetCallerIdentity 1");
}

/* The account that STS told earlier proves nothing of now. */
static void sts_is_asked_each_time(void **state) {
    struct stage *stage = *state;
    stage_control(stage, "POST", "/faults", "[" FAULT("eks", "403", "UnrecognizedClientException") "]");
    struct irsa_error err = failed(stage, GONE);
    assert_code(err, ACCESS_DENIED);
    stage_control(stage, "POST", "/faults", "[" FAULT("sts", "403", "InvalidClientTokenId") "]");
    err = failed(stage, GONE);
    assert_code(err, CREDENTIALS);
}

static void credentials_that_sts_refuses_too_halt_the_worker(void **state) {
    struct stage *stage = *state;
    stage_control(
        stage, "POST", "/faults",
        "[" FAULT("eks", "403", "UnrecognizedClientException") "," FAULT("sts", "403", "InvalidClientTokenId") "]");
    struct irsa_error err = failed(stage, ASSOCIATE);
    assert_code(err, CREDENTIALS);
    assert_string_equal(err.service, "eks");
}

static void without_a_word_of_sts_nothing_is_dead_lettered(void **state) {
    struct stage *stage = *state;
    stage_control(
        stage, "POST", "/faults",
        "[" FAULT("eks", "403", "UnrecognizedClientException") "," FAULT("sts", "503", "ServiceUnavailable") "]");
    struct irsa_error err = failed(stage, ASSOCIATE);
    assert_code(err, CREDENTIALS);
}

static void what_iam_refuses_is_the_workers_trouble(void **state) {
    struct stage *stage = *state;
    stage_control(stage, "POST", "/faults", "[" FAULT("iam", "403", "InvalidClientTokenId") "]");
    struct irsa_error err = failed(stage, ASSOCIATE);
    assert_code(err, CREDENTIALS);
    assert_null(strstr(stage_calls(stage), "sts."));
}

/* eu-isoe-west-1 has no dual-stack endpoints; the worker's own region has. */
static void a_region_without_the_endpoints_that_the_settings_ask_for_is_the_requests_trouble(void **state) {
    struct stage *stage = *state;
    const struct irsa_aws_options aws = {
        .transport = &stage->transport,
        .clock = &stage->clock,
        .credentials = &stage->credentials,
        .endpoints = {.url = {[IRSA_AWS_IAM] = stage->aws_url, [IRSA_AWS_STS] = stage->aws_url},
                      .use_dual_stack = true}};
    irsa_provisioner_free(stage->provisioner);
    irsa_aws_free(stage->aws);
    stage->aws = irsa_aws_new(&aws);
    stage->provisioner = irsa_provisioner_new(&(struct irsa_provisioner_options){
        .aws = stage->aws, .transport = &stage->transport, .clock = &stage->clock, .region = "us-west-2"});
    struct irsa_error err = failed(stage, "{\"action\":\"associate-oidc\",\"cluster\":{\"name\":\"cluster-13\","
                                          "\"region\":\"eu-isoe-west-1\"},\"options\":{}}");
    assert_code(err, INVALID);
    assert_non_null(strstr(err.message, "dual-stack"));
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        STAGED(a_region_that_does_not_know_the_account_is_the_requests_trouble),
        STAGED(a_region_without_the_endpoints_that_the_settings_ask_for_is_the_requests_trouble),
        STAGED(sts_is_asked_each_time),
        STAGED(credentials_that_sts_refuses_too_halt_the_worker),
        STAGED(without_a_word_of_sts_nothing_is_dead_lettered),
        STAGED(what_iam_refuses_is_the_workers_trouble),
    };
    return RUN_TESTS("no request halts a worker whose credentials and settings are good");
}
