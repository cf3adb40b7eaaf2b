#include "core/aws/sts.h"

#include "tests/support/test.h"
#include "tests/unit/aws_fixture.h"

#define IDENTITY(arn)                                                                                                  \
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>" arn "</Arn><UserId>AROA1:s</UserId>"                   \
    "<Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"

static void the_caller_is_told_with_its_partition(void **state) {
    (void)state;
    struct irsa_caller caller;
    ANSWER({.status = 200, .body = IDENTITY("arn:aws-cn:sts::111122223333:assumed-role/worker/s")});
    assert_ok(irsa_sts_caller(f.aws, &f.attempt, "cn-north-1", &caller, &f.err), f.err);
    assert_string_equal(caller.account_id, "111122223333");
    assert_string_equal(caller.arn, "arn:aws-cn:sts::111122223333:assumed-role/worker/s");
    assert_string_equal(caller.user_id, "AROA1:s");
    assert_string_equal(caller.partition, "aws-cn");
    assert_string_equal(f.transport.calls[0].url, "https://sts.cn-north-1.amazonaws.com.cn/");
    assert_string_equal(f.transport.calls[0].body, "Action=GetCallerIdentity&Version=2011-06-15");
    assert_non_null(strstr(f.transport.calls[0].headers, "/20261124/cn-north-1/sts/aws4_request"));
    assert_string_equal(f.told.at, "sts.GetCallerIdentity=200");
}

static void credentials_that_sts_refuses_halt(void **state) {
    (void)state;
    struct irsa_caller caller;
    ANSWER({.status = 403, .body = XML_ERROR("InvalidClientTokenId", "x")});
    assert_false(irsa_sts_caller(f.aws, &f.attempt, "us-west-2", &caller, &f.err));
    assert_code(f.err, CREDENTIALS);
    ANSWER({.status = 403, .body = XML_ERROR("AccessDenied", "x")});
    assert_false(irsa_sts_caller(f.aws, &f.attempt, "us-west-2", &caller, &f.err));
    assert_code(f.err, CREDENTIALS);
    assert_string_equal(f.err.service, "sts");
}

static void an_identity_that_is_not_whole_is_no_answer(void **state) {
    (void)state;
    struct irsa_caller caller;
    ANSWER({.status = 200,
            .body = "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult>"
                    "</GetCallerIdentityResponse>"});
    assert_false(irsa_sts_caller(f.aws, &f.attempt, "us-west-2", &caller, &f.err));
    assert_code(f.err, UNAVAILABLE);
}

static void the_proof_for_a_cluster_is_the_url_that_botocore_presigns(void **state) {
    (void)state;
    const char *url;
    assert_ok(irsa_sts_presign_for_cluster(f.aws, f.arena, "us-west-2", "cluster-13", &url, &f.err), f.err);
    assert_string_equal(
        url,
        "https://sts.us-west-2.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
        "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261124%2Fus-west-2%2Fsts%2Faws4_request"
        "&X-Amz-Date=20261124T100331Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id"
        "&X-Amz-Signature=21a24bbc180049e91199883e360c0cf231004652b954ea3666802118fe09cc17");
    strcpy(f.credentials.session_token, "tok/en+=");
    irsa_aws_credentials_forget(f.aws);
    assert_ok(irsa_sts_presign_for_cluster(f.aws, f.arena, "cn-north-1", "cluster-13", &url, &f.err), f.err);
    assert_string_equal(
        url,
        "https://sts.cn-north-1.amazonaws.com.cn/?Action=GetCallerIdentity&Version=2011-06-15"
        "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261124%2Fcn-north-1%2Fsts%2Faws4_request"
        "&X-Amz-Date=20261124T100331Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id"
        "&X-Amz-Security-Token=tok%2Fen%2B%3D"
        "&X-Amz-Signature=c6ab73522a8ef6240393c286437ebe68707c30ac4666c23e8df709bc3e3c38da");
    assert_int_equal(f.transport.call_count, 0);
}

static void the_proof_names_the_regions_own_host_whatever_the_settings_say(void **state) {
    (void)state;
    const char *url;
    f.options.endpoints = (struct irsa_aws_endpoints){
        {[IRSA_AWS_STS] = "http://127.0.0.1:4566"}, .use_fips = true, .use_dual_stack = true};
    aws_fixture_renew();
    assert_ok(irsa_sts_presign_for_cluster(f.aws, f.arena, "us-west-2", "c", &url, &f.err), f.err);
    assert_true(irsa_text_starts_with(url, "https://sts.us-west-2.amazonaws.com/?"));
}

static void without_credentials_there_is_no_proof(void **state) {
    (void)state;
    const char *url;
    f.fetch_fails = true;
    assert_false(irsa_sts_presign_for_cluster(f.aws, f.arena, "us-west-2", "c", &url, &f.err));
    assert_code(f.err, CREDENTIALS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(the_caller_is_told_with_its_partition),
        CASE(credentials_that_sts_refuses_halt),
        CASE(an_identity_that_is_not_whole_is_no_answer),
        CASE(the_proof_for_a_cluster_is_the_url_that_botocore_presigns),
        CASE(the_proof_names_the_regions_own_host_whatever_the_settings_say),
        CASE(without_credentials_there_is_no_proof),
    };
    return RUN_TESTS("STS tells who we are, and its URL proves it");
}
