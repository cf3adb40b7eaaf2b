/*
 * The sandbox's IAM in process: what depends on time, and what only a caller without a client library can send.
 */
#include <string.h>

#include "tests/unit/sandbox_fixture.h"

#define CREATE "Action=CreateRole&RoleName=r&AssumeRolePolicyDocument=" TRUST
#define ATTACH "Action=AttachRolePolicy&RoleName=r&PolicyArn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FAmazonS3ReadOnlyAccess"
#define DETACH "Action=DetachRolePolicy&RoleName=r&PolicyArn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FAmazonS3ReadOnlyAccess"
#define LIST   "Action=ListAttachedRolePolicies&RoleName=r"
#define TRUST_ROLE                                                                                                     \
    "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22" \
    "AWS%22%3A%22arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fr%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D"

static void a_new_role_is_seen_when_it_has_spread_and_not_before(void **state) {
    struct box *box = *state;
    (void)box_control(box, "POST", "/model", "{\"propagationMs\":2000}");
    assert_reply(box_iam(box, CREATE), 200, "<RoleName>r</RoleName>");
    box->now_ms += 1999;
    assert_reply(box_iam(box, "Action=GetRole&RoleName=r"), 404, "NoSuchEntity");
    assert_reply(box_iam(box, CREATE), 409, "EntityAlreadyExists");
    box->now_ms += 1;
    assert_reply(box_iam(box, "Action=GetRole&RoleName=r"), 200, "<RoleName>r</RoleName>");
}

static void a_new_principal_is_invalid_until_it_has_spread(void **state) {
    struct box *box = *state;
    (void)box_control(box, "POST", "/model", "{\"propagationMs\":2000}");
    assert_reply(box_iam(box, CREATE), 200, "");
    const char *other = "Action=CreateRole&RoleName=s&AssumeRolePolicyDocument=" TRUST_ROLE;
    assert_reply(box_iam(box, other), 400, "Invalid principal in policy");
    box->now_ms += 2000;
    assert_reply(box_iam(box, other), 200, "<RoleName>s</RoleName>");
}

static void lists_lag_behind_every_write_by_the_same_time(void **state) {
    struct box *box = *state;
    assert_reply(box_iam(box, CREATE), 200, "");
    (void)box_control(box, "POST", "/model", "{\"propagationMs\":1000}");
    assert_reply(box_iam(box, ATTACH), 200, "");
    box->now_ms += 600;
    assert_reply(box_iam(box, DETACH), 200, "");
    assert_reply(box_iam(box, LIST), 200, "<AttachedPolicies></AttachedPolicies>");
    box->now_ms += 400; /* a second after the attachment */
    assert_reply(box_iam(box, LIST), 200, "AmazonS3ReadOnlyAccess");
    assert_reply(box_iam(box, "Action=DeleteRole&RoleName=r"), 409, "must detach all policies first");
    box->now_ms += 600; /* a second after the detachment */
    assert_reply(box_iam(box, LIST), 200, "<AttachedPolicies></AttachedPolicies>");
    assert_reply(box_iam(box, "Action=DeleteRole&RoleName=r"), 200, "");
    assert_reply(box_iam(box, "Action=GetRole&RoleName=r"), 200, "<RoleName>r</RoleName>");
    box->now_ms += 1000;
    assert_reply(box_iam(box, "Action=GetRole&RoleName=r"), 404, "NoSuchEntity");
}

static void a_bucket_fills_again_with_time(void **state) {
    struct box *box = *state;
    (void)box_control(box, "POST", "/model", "{\"rates\":{\"iam.read\":2}}");
    for (int i = 0; i < 2; i++)
        assert_reply(box_iam(box, "Action=ListRoles"), 200, "");
    assert_reply(box_iam(box, "Action=ListRoles"), 400, "<Code>Throttling</Code>");
    assert_reply(box_iam(box, CREATE), 200, ""); /* writes have no limit */
    box->now_ms += 499;
    assert_reply(box_iam(box, "Action=ListRoles"), 400, "Rate exceeded");
    box->now_ms += 1;
    assert_reply(box_iam(box, "Action=ListRoles"), 200, "");
    box->now_ms += 3600000; /* it holds a second's worth and no more */
    for (int i = 0; i < 2; i++)
        assert_reply(box_iam(box, "Action=ListRoles"), 200, "");
    assert_reply(box_iam(box, "Action=ListRoles"), 400, "Throttling");
}

static void latency_is_the_transports_to_act_out(void **state) {
    struct box *box = *state;
    (void)box_control(box, "POST", "/model", "{\"latencyMs\":{\"iam\":80}}");
    assert_int_equal(box_iam(box, "Action=ListRoles").delay_ms, 80);
}

static void a_delayed_effect_happens_at_the_second_call(void **state) {
    struct box *box = *state;
    (void)box_control(box, "POST", "/faults",
                      "{\"service\":\"iam\",\"action\":\"CreateRole\",\"kind\":\"delay\",\"delayMs\":700}");
    assert_int_equal(box_iam(box, CREATE).again_ms, 700);
    assert_reply(box_iam(box, "Action=GetRole&RoleName=r"), 404, "");
}

static void a_signature_is_good_for_five_minutes(void **state) {
    struct box *box = *state;
    static const int64_t good_s[] = {0, 300, -300};
    for (size_t i = 0; i < COUNT_OF(good_s); i++) {
        box->skew_ms = good_s[i] * 1000;
        assert_reply(box_iam(box, "Action=ListRoles"), 200, "");
    }
    box->skew_ms = -301000;
    assert_reply(
        box_iam(box, "Action=ListRoles"), 403,
        "Signature expired: 20261124T095830Z is now earlier than 20261124T095831Z (20261124T100331Z - 5 min.)");
    box->skew_ms = 301000;
    assert_reply(
        box_iam(box, "Action=ListRoles"), 403,
        "Signature not yet current: 20261124T100832Z is still later than 20261124T100831Z (20261124T100331Z + 5 min.)");
}

static void parts_of_a_signature_that_are_missing_are_named(void **state) {
    struct box *box = *state;
    const struct irsa_httpd_field headers[] = {{"host", "h"},
                                               {"authorization", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e"}};
    const struct irsa_httpd_request request = {.method = "POST", .target = "/", .headers = headers, .header_count = 2};
    struct irsa_httpd_reply reply = box_call(box, (struct irsa_sandbox_origin){.door = IRSA_SANDBOX_AWS}, &request);
    assert_reply(reply, 403, "<Code>IncompleteSignature</Code>");
    assert_reply(reply, 403, "X-Amz-Date");
}

static void a_form_that_cannot_be_read_is_refused(void **state) {
    struct box *box = *state;
    assert_reply(box_iam(box, "Action=GetRole&RoleName=%zz"), 400, "MalformedQueryString");
    assert_reply(box_iam(box, "Action=GetRole&RoleName=a%00b"), 400, "MalformedQueryString");
}

static void a_page_ends_where_the_next_begins_although_things_went_meanwhile(void **state) {
    struct box *box = *state;
    static const char *const names[] = {"a", "b", "c", "d"};
    for (size_t i = 0; i < 4; i++)
        assert_reply(
            box_iam(box, irsa_arena_format(box->arena, "Action=CreateRole&RoleName=%s&AssumeRolePolicyDocument=%s",
                                           names[i], TRUST)),
            200, "");
    struct irsa_httpd_reply first = box_iam(box, "Action=ListRoles&MaxItems=2");
    assert_reply(first, 200, "<RoleName>b</RoleName>");
    const char *marker = strstr(first.body, "<Marker>") + strlen("<Marker>");
    marker = irsa_arena_copy_bytes(box->arena, marker, strcspn(marker, "<"));
    assert_reply(box_iam(box, "Action=DeleteRole&RoleName=b"), 200, "");
    struct irsa_httpd_reply second =
        box_iam(box, irsa_arena_format(box->arena, "Action=ListRoles&MaxItems=2&Marker=%s", marker));
    assert_reply(second, 200, "<RoleName>c</RoleName>");
    assert_reply(second, 200, "<RoleName>d</RoleName>");
    assert_reply(second, 200, "<IsTruncated>false</IsTruncated>");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, box_open, box_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_new_role_is_seen_when_it_has_spread_and_not_before),
        CASE(a_new_principal_is_invalid_until_it_has_spread),
        CASE(lists_lag_behind_every_write_by_the_same_time),
        CASE(a_bucket_fills_again_with_time),
        CASE(latency_is_the_transports_to_act_out),
        CASE(a_delayed_effect_happens_at_the_second_call),
        CASE(a_signature_is_good_for_five_minutes),
        CASE(parts_of_a_signature_that_are_missing_are_named),
        CASE(a_form_that_cannot_be_read_is_refused),
        CASE(a_page_ends_where_the_next_begins_although_things_went_meanwhile),
    };
    return cmocka_run_group_tests_name("sandbox_iam", tests, NULL, NULL);
}
