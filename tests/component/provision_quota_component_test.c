/*
 * A quota of IAM that is used up: which errors carry how much is used and what the limit is.
 */
#include "tests/support/stage.h"
#include "tests/support/test.h"

#define READ  "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
#define WRITE "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"
#define CREATE                                                                                                         \
    "{\"action\":\"create\",\"cluster\":{\"name\":\"cluster-13\",\"region\":\"us-west-2\"},\"serviceAccount\":{"       \
    "\"metadata\":{\"name\":\"s3-reader\",\"namespace\":\"apps\"},\"attachPolicyARNs\":[\"" READ "\",\"" WRITE         \
    "\"]},\"options\":{\"withOIDC\":true}}"

static struct irsa_error refused_for_quota(struct stage *stage) {
    struct irsa_result result;
    struct irsa_error err;
    assert_false(stage_attempt(stage, CREATE, 1, &result, &err));
    assert_code(err, QUOTA);
    assert_string_equal(err.service, "iam");
    assert_string_equal(err.upstream, "LimitExceeded");
    return err;
}

static void put_two_roles(struct stage *stage) {
    stage_control(stage, "POST", "/model", "{\"quotas\":{\"rolesPerAccount\":2}}");
    stage_control(stage, "PUT", "/world",
                  "{\"accounts\":{\"111122223333\":{\"roles\":[{\"roleName\":\"one\"},{\"roleName\":\"two\"}]}}}");
}

static void an_account_full_of_roles_is_told_with_its_numbers(void **state) {
    struct stage *stage = *state;
    put_two_roles(stage);
    struct irsa_error err = refused_for_quota(stage);
    assert_non_null(strstr(err.message, "account 111122223333 has 2 of 2 roles"));
    assert_non_null(strstr(err.message, "RolesPerAccount"));
    assert_non_null(strstr(stage_calls(stage), "iam.GetAccountSummary 1"));
}

static void a_worker_that_may_not_count_still_says_which_quota_it_is(void **state) {
    struct stage *stage = *state;
    put_two_roles(stage);
    stage_control(stage, "POST", "/faults",
                  "[{\"service\":\"iam\",\"action\":\"GetAccountSummary\",\"kind\":\"status\",\"status\":403,\"code\":"
                  "\"AccessDenied\"}]");
    struct irsa_error err = refused_for_quota(stage);
    assert_non_null(strstr(err.message, "RolesPerAccount"));
    assert_non_null(strstr(err.message, "GetAccountSummary: access_denied"));
}

/* Its message has the limit, and the summary knows nothing of one role. */
static void a_quota_of_one_role_asks_for_no_summary(void **state) {
    struct stage *stage = *state;
    stage_control(stage, "POST", "/model", "{\"quotas\":{\"policiesPerRole\":1}}");
    struct irsa_error err = refused_for_quota(stage);
    assert_non_null(strstr(err.message, "PoliciesPerRole: 1"));
    assert_null(strstr(stage_calls(stage), "GetAccountSummary"));
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        STAGED(an_account_full_of_roles_is_told_with_its_numbers),
        STAGED(a_worker_that_may_not_count_still_says_which_quota_it_is),
        STAGED(a_quota_of_one_role_asks_for_no_summary),
    };
    return RUN_TESTS("a quota that is used up is told with its numbers");
}
