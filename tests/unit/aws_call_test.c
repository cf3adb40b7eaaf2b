#include "core/aws/call.h"

#include "core/aws/iam.h"
#include "core/aws/sts.h"
#include "core/base/arena.h"
#include "tests/support/test.h"
#include "tests/unit/aws_fixture.h"

#define DELETED "<DeleteRoleResponse/>"
#define FORM    "Action=DeleteRole&Version=2010-05-08&RoleName=r1"
#define MINUTES (INT64_C(60) * 1000)

/* Signatures made by botocore for this form at FAKE_NOW_MS, and a quarter of an hour later. */
#define PREFIX                                                                                                         \
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261124/us-east-1/iam/aws4_request, "                                    \
    "SignedHeaders=content-type;host;x-amz-date, Signature="
#define SIGNATURE       PREFIX "14e27b960bd167657ec43d4ec394d00c4032ef8cf1b469a00a2e7ca6056f84a1"
#define LATER_SIGNATURE PREFIX "21b24f5bc3ae2dbc8ace376f6ef24af920d5a9aaf433f84d9b6f8e5dae7473fe"
#define TOKEN_SIGNATURE                                                                                                \
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261124/us-east-1/iam/aws4_request, "                                    \
    "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "                                                \
    "Signature=fd2af382ed1ecd9155915b124ff0cec35d9ac743fdf9e055114a1b1e3540b435"

static bool delete_role(void) {
    struct irsa_iam iam = {f.aws, "aws"};
    return irsa_iam_delete_role(iam, &f.attempt, "r1", &f.err);
}

static const char *header(size_t number, const char *name) {
    return fake_header(f.arena, &f.transport.calls[number], name);
}

static void a_call_is_signed_as_botocore_would(void **state) {
    (void)state;
    ANSWER({.status = 200, .body = DELETED});
    assert_ok(delete_role(), f.err);
    assert_string_equal(f.transport.calls[0].method, "POST");
    assert_string_equal(f.transport.calls[0].url, "https://iam.amazonaws.com/");
    assert_string_equal(f.transport.calls[0].body, FORM);
    assert_string_equal(header(0, "Authorization"), SIGNATURE);
    assert_string_equal(header(0, "X-Amz-Date"), "20261124T100331Z");
    assert_string_equal(header(0, "Content-Type"), "application/x-www-form-urlencoded; charset=utf-8");
    assert_string_equal(header(0, "User-Agent"), "irsa/" IRSA_VERSION);
    assert_null(header(0, "X-Amz-Security-Token"));
    assert_null(f.transport.calls[0].trust);
    assert_string_equal(f.told.at, "iam.DeleteRole=200");
}

static void temporary_keys_and_an_endpoint_with_a_path_are_signed_too(void **state) {
    (void)state;
    strcpy(f.credentials.session_token, "tok/en+=");
    f.options.endpoints.url[IRSA_AWS_IAM] = "http://127.0.0.1:8080/aws";
    f.options.user_agent_extra = "team-1";
    aws_fixture_renew();
    ANSWER({.status = 200, .body = DELETED});
    assert_ok(delete_role(), f.err);
    assert_string_equal(f.transport.calls[0].url, "http://127.0.0.1:8080/aws/");
    assert_string_equal(header(0, "Authorization"), TOKEN_SIGNATURE);
    assert_string_equal(header(0, "X-Amz-Security-Token"), "tok/en+=");
    assert_string_equal(header(0, "User-Agent"), "irsa/" IRSA_VERSION " app/team-1");
}

static void without_credentials_nothing_is_sent(void **state) {
    (void)state;
    f.fetch_fails = true;
    assert_false(delete_role());
    assert_code(f.err, CREDENTIALS);
    assert_string_equal(f.err.service, "iam");
    assert_int_equal(f.transport.call_count, 0);
}

static void an_endpoint_that_cannot_be_used_is_a_fault_of_the_settings(void **state) {
    (void)state;
    f.options.endpoints.url[IRSA_AWS_IAM] = "http://iam.example/";
    aws_fixture_renew();
    assert_false(delete_role());
    assert_code(f.err, CONFIG);
    assert_int_equal(f.transport.call_count, 0);
}

static void expired_credentials_are_renewed_once(void **state) {
    (void)state;
    ANSWER({.status = 403, .body = XML_ERROR("ExpiredToken", "The security token included in the request is expired")},
           {.status = 200, .body = DELETED});
    assert_ok(delete_role(), f.err);
    assert_int_equal(f.fetches, 2);
    assert_string_equal(f.told.at, "iam.DeleteRole=403 iam.DeleteRole=200");
}

static void credentials_that_stay_expired_halt(void **state) {
    (void)state;
    ANSWER({.status = 403, .body = XML_ERROR("ExpiredToken", "x")},
           {.status = 403, .body = XML_ERROR("ExpiredToken", "x")});
    assert_false(delete_role());
    assert_code(f.err, CREDENTIALS);
    assert_string_equal(f.err.upstream, "ExpiredToken");
    assert_int_equal(f.transport.call_count, 2);
    assert_int_equal(irsa_code_fate(f.err.code), IRSA_FATE_HALT);
}

static void a_clock_that_is_off_is_corrected_by_the_services_own(void **state) {
    (void)state;
    ANSWER({.status = 403,
            .body = XML_ERROR("SignatureDoesNotMatch", "Signature expired: x is now earlier than y"),
            .headers = {{"date", "Tue, 24 Nov 2026 10:18:31 GMT"}}},
           {.status = 200, .body = DELETED}, {.status = 200, .body = DELETED});
    assert_ok(delete_role(), f.err);
    assert_string_equal(header(0, "Authorization"), SIGNATURE);
    assert_string_equal(header(1, "X-Amz-Date"), "20261124T101831Z");
    assert_string_equal(header(1, "Authorization"), LATER_SIGNATURE);
    assert_ok(delete_role(), f.err);
    assert_string_equal(header(2, "Authorization"), LATER_SIGNATURE);
    ANSWER({.status = 403,
            .body = XML_ERROR("RequestTimeTooSkewed", "x"),
            .headers = {{"date", "Tue, 24 Nov 2026 10:03:31 GMT"}}},
           {.status = 200, .body = DELETED});
    assert_ok(delete_role(), f.err);
    assert_string_equal(header(1, "Authorization"), SIGNATURE);
}

static void presigned_urls_follow_the_corrected_clock(void **state) {
    (void)state;
    const char *url;
    ANSWER({.status = 400,
            .body = XML_ERROR("RequestTimeTooSkewed", "x"),
            .headers = {{"date", "Tue, 24 Nov 2026 09:33:31 GMT"}}},
           {.status = 200, .body = DELETED});
    assert_ok(delete_role(), f.err);
    assert_ok(irsa_sts_presign_for_cluster(f.aws, f.arena, "us-west-2", "c", &url, &f.err), f.err);
    assert_non_null(strstr(url, "X-Amz-Date=20261124T093331Z"));
}

static void a_wrong_signature_under_a_right_clock_halts(void **state) {
    (void)state;
    ANSWER({.status = 403,
            .body = XML_ERROR("SignatureDoesNotMatch", "x"),
            .headers = {{"date", "Tue, 24 Nov 2026 10:07:31 GMT"}}}); /* four minutes and no more */
    assert_false(delete_role());
    assert_code(f.err, CREDENTIALS);
    ANSWER({.status = 403, .body = XML_ERROR("SignatureDoesNotMatch", "x")});
    assert_false(delete_role());
    assert_code(f.err, CREDENTIALS);
    ANSWER({.status = 403, .body = XML_ERROR("SignatureDoesNotMatch", "x"), .headers = {{"date", "yesterday"}}});
    assert_false(delete_role());
    assert_code(f.err, CREDENTIALS);
}

static void a_clock_is_corrected_once_per_call(void **state) {
    (void)state;
    ANSWER({.status = 403,
            .body = XML_ERROR("RequestTimeTooSkewed", "x"),
            .headers = {{"date", "Tue, 24 Nov 2026 10:18:31 GMT"}}},
           {.status = 403,
            .body = XML_ERROR("RequestTimeTooSkewed", "x"),
            .headers = {{"date", "Tue, 24 Nov 2026 11:18:31 GMT"}}});
    assert_false(delete_role());
    assert_code(f.err, CREDENTIALS);
    assert_int_equal(f.transport.call_count, 2);
}

static void an_access_denied_is_nothing_that_a_new_signature_cures(void **state) {
    (void)state;
    ANSWER({.status = 403,
            .body = XML_ERROR("AccessDenied", "User: x is not authorized to perform: iam:DeleteRole"),
            .headers = {{"date", "Tue, 24 Nov 2026 10:18:31 GMT"}, {"x-amzn-requestid", "id-9"}}});
    assert_false(delete_role());
    assert_code(f.err, ACCESS_DENIED);
    assert_string_equal(f.err.service, "iam");
    assert_string_equal(f.err.upstream, "AccessDenied");
    assert_string_equal(f.err.message, "User: x is not authorized to perform: iam:DeleteRole");
    assert_string_equal(f.attempt.last_request_id, "id-9");
    assert_int_equal(f.fetches, 1);
}

static void what_the_service_quotes_of_our_headers_stays_out_of_errors(void **state) {
    (void)state;
    strcpy(f.credentials.session_token, "s3cret-token");
    ANSWER({.status = 403,
            .body = XML_ERROR("SignatureDoesNotMatch",
                              "The request signature we calculated does not match the signature you provided.\n\n"
                              "The Canonical String for this request should have been\n'POST\n/\n\n"
                              "x-amz-security-token:s3cret-token'")});
    assert_false(delete_role());
    assert_null(strstr(f.err.message, "s3cret-token"));
    assert_non_null(strstr(f.err.message, "SignatureDoesNotMatch"));
}

static void dates_of_answers_are_read(void **state) {
    (void)state;
    assert_true(irsa_http_date_ms("Tue, 24 Nov 2026 10:03:31 GMT") == FAKE_NOW_MS);
    assert_true(irsa_http_date_ms("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
    static const char *const refused[] = {"",
                                          "now",
                                          "Tue, 24 Nov 2026 10:03:31",
                                          "Tue, 24 Foo 2026 10:03:31 GMT",
                                          "Tue, 24 Nov 2026 10:03:31 GMT+1",
                                          "2026-11-24T10:03:31Z"};
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        assert_true(irsa_http_date_ms(refused[i]) == IRSA_NO_TIME);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_call_is_signed_as_botocore_would),
        CASE(temporary_keys_and_an_endpoint_with_a_path_are_signed_too),
        CASE(without_credentials_nothing_is_sent),
        CASE(an_endpoint_that_cannot_be_used_is_a_fault_of_the_settings),
        CASE(expired_credentials_are_renewed_once),
        CASE(credentials_that_stay_expired_halt),
        CASE(a_clock_that_is_off_is_corrected_by_the_services_own),
        CASE(presigned_urls_follow_the_corrected_clock),
        CASE(a_wrong_signature_under_a_right_clock_halts),
        CASE(a_clock_is_corrected_once_per_call),
        CASE(an_access_denied_is_nothing_that_a_new_signature_cures),
        CASE(what_the_service_quotes_of_our_headers_stays_out_of_errors),
        CASE(dates_of_answers_are_read),
    };
    return RUN_TESTS("calls to AWS are signed, and signed anew when that helps");
}
