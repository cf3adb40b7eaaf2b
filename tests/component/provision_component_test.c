/*
 * Provisioning against the sandbox in this process: what is called, what is left, what is refused.
 * What is repaired: provision_repair_component_test.c.
 */
#include "core/base/arena.h"
#include "core/base/json.h"
#include "tests/support/stage.h"
#include "tests/support/test.h"

#define CLUSTER "\"cluster\":{\"name\":\"cluster-13\",\"region\":\"us-west-2\"}"
#define NAMES   "\"metadata\":{\"name\":\"s3-reader\",\"namespace\":\"apps\"}"
#define READ    "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
#define WRITE   "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"
#define CREATE(more)                                                                                                   \
    "{\"action\":\"create\"," CLUSTER ",\"serviceAccount\":{" NAMES ",\"attachPolicyARNs\":[\"" READ "\",\"" WRITE     \
    "\"]" more "},\"options\":{\"withOIDC\":true}}"
#define DELETE "{\"action\":\"delete\"," CLUSTER ",\"serviceAccount\":{" NAMES "}}"

static struct irsa_error refused(struct stage *stage, const char *data, int64_t offset) {
    struct irsa_result result;
    struct irsa_error err;
    if (stage_deliver(stage, data, offset, &result, &err))
        fail_msg("it was done, and should have been refused: %s", data);
    return err;
}

static void expect_outcome(const struct irsa_result *result, enum irsa_outcome outcome) {
    assert_string_equal(irsa_outcome_name(result->outcome), irsa_outcome_name(outcome));
}

static const struct irsa_json *first_role(struct stage *stage) {
    const struct irsa_json *world = stage_control(stage, "GET", "/world", NULL);
    const struct irsa_json *roles = irsa_json_at(world, "/accounts/111122223333/roles");
    return roles != NULL ? roles->first : NULL;
}

/* --- calls --------------------------------------------------------------------------------------------------------------------- */

static void a_first_create_in_a_cold_cluster_looks_everything_up_once(void **state) {
    struct stage *stage = *state;
    struct irsa_result result = stage_must_deliver(stage, CREATE(""), 1);
    expect_outcome(&result, IRSA_OUTCOME_SUCCEEDED);
    assert_string_equal(
        stage_calls(stage),
        "eks.DescribeCluster 1, iam.AttachRolePolicy 2, iam.CreateOpenIDConnectProvider 1, iam.CreateRole 1, "
        "iam.GetOpenIDConnectProvider 1, kubernetes.apply 1, kubernetes.create-namespace 1, kubernetes.get "
        "1, kubernetes.get-namespace 1");
}

static void a_create_in_a_warm_cluster_is_three_calls_and_one_per_policy(void **state) {
    struct stage *stage = *state;
    stage_must_deliver(stage, CREATE(""), 1);
    stage_must_deliver(stage, DELETE, 2);
    stage_forget_calls(stage);
    stage_must_deliver(stage, CREATE(""), 3);
    assert_string_equal(stage_calls(stage),
                        "iam.AttachRolePolicy 2, iam.CreateRole 1, kubernetes.apply 1, kubernetes.get 1");
}

static void a_repeat_reads_four_times_and_once_per_inline_policy_and_writes_nothing(void **state) {
    struct stage *stage = *state;
    const char *data =
        CREATE(",\"attachPolicy\":{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":"
               "\"s3:ListAllMyBuckets\",\"Resource\":\"*\"}]}");
    stage_must_deliver(stage, data, 1);
    stage_must_deliver(stage, data, 2);
    const char *before = stage_world(stage);
    stage_forget_calls(stage);
    struct irsa_result result = stage_must_deliver(stage, data, 3);
    expect_outcome(&result, IRSA_OUTCOME_UNCHANGED);
    assert_string_equal(stage_calls(stage), "iam.GetRole 1, iam.GetRolePolicy 1, iam.ListAttachedRolePolicies 1, "
                                            "iam.ListRolePolicies 1, kubernetes.get 1");
    assert_string_equal(stage_world(stage), before);
    assert_int_equal(result.step_count, 0);
}

static void a_delete_is_six_calls_and_one_per_policy(void **state) {
    struct stage *stage = *state;
    stage_must_deliver(stage, CREATE(""), 1);
    stage_forget_calls(stage);
    struct irsa_result result = stage_must_deliver(stage, DELETE, 2);
    expect_outcome(&result, IRSA_OUTCOME_SUCCEEDED);
    assert_int_equal(result.observed, IRSA_STATE_ABSENT);
    assert_string_equal(stage_calls(stage),
                        "iam.DeleteRole 1, iam.DetachRolePolicy 2, iam.GetRole 1, iam.ListAttachedRolePolicies 1, "
                        "iam.ListRolePolicies 1, kubernetes.delete 1, kubernetes.get 1");
    assert_null(first_role(stage));
}

static void role_only_creates_first_and_reads_nothing_of_kubernetes(void **state) {
    struct stage *stage = *state;
    stage_must_deliver(stage, CREATE(",\"roleOnly\":true"), 1);
    assert_null(strstr(stage_calls(stage), "kubernetes."));
}

static void attach_role_arn_calls_no_iam(void **state) {
    struct stage *stage = *state;
    struct irsa_result result = stage_must_deliver(stage,
                                                   "{\"action\":\"create\"," CLUSTER ",\"serviceAccount\":{" NAMES
                                                   ",\"attachRoleARN\":\"arn:aws:iam::111122223333:role/shared\"}}",
                                                   1);
    expect_outcome(&result, IRSA_OUTCOME_SUCCEEDED);
    assert_string_equal(result.role_arn, "arn:aws:iam::111122223333:role/shared");
    assert_null(strstr(stage_calls(stage), "iam."));
}

static void a_delete_of_what_is_gone_is_unchanged(void **state) {
    struct irsa_result result = stage_must_deliver(*state, DELETE, 1);
    expect_outcome(&result, IRSA_OUTCOME_UNCHANGED);
}

static void a_dry_run_plans_and_writes_nothing(void **state) {
    struct stage *stage = *state;
    const char *before = stage_world(stage);
    struct irsa_result result =
        stage_must_deliver(stage,
                           "{\"action\":\"create\"," CLUSTER ",\"serviceAccount\":{" NAMES
                           ",\"attachPolicyARNs\":[\"" READ "\"]},\"options\":{\"withOIDC\":true,\"dryRun\":true}}",
                           1);
    expect_outcome(&result, IRSA_OUTCOME_PLANNED);
    assert_int_equal(result.step_count, 5); /* provider, namespace, role, policy, account */
    assert_string_equal(stage_world(stage), before);
}

/* --- replay ------------------------------------------------------------------------------------------------------------------------ */

static void an_older_request_changes_nothing(void **state) {
    struct stage *stage = *state;
    stage_must_deliver(stage, CREATE(",\"tags\":{\"team\":\"new\"}"), 7);
    const char *before = stage_world(stage);
    struct irsa_result result = stage_must_deliver(stage, CREATE(",\"tags\":{\"team\":\"old\"}"), 6);
    expect_outcome(&result, IRSA_OUTCOME_SUPERSEDED);
    result = stage_must_deliver(stage, DELETE, 5);
    expect_outcome(&result, IRSA_OUTCOME_SUPERSEDED);
    assert_string_equal(stage_world(stage), before);
}

/* --- ownership ---------------------------------------------------------------------------------------------------------------------- */

static void a_persons_account_is_taken_only_with_override_and_given_back_on_delete(void **state) {
    struct stage *stage = *state;
    stage_control(
        stage, "PUT", "/world",
        "{\"clusters\":{\"us-west-2/cluster-13\":{\"namespaces\":[\"apps\"],\"serviceAccounts\":[{\"metadata\":{"
        "\"name\":\"s3-reader\",\"namespace\":\"apps\",\"labels\":{\"team\":\"storage\"}}}]}}}");
    const char *before = stage_world(stage);
    struct irsa_error err = refused(stage, CREATE(""), 1);
    assert_code(err, CONFLICT);
    assert_non_null(strstr(err.message, "overrideExistingServiceAccounts"));
    struct irsa_result result = stage_must_deliver(
        stage,
        "{\"action\":\"create\"," CLUSTER ",\"serviceAccount\":{" NAMES ",\"attachPolicyARNs\":[\"" READ
        "\"]},\"options\":{\"withOIDC\":true,\"overrideExistingServiceAccounts\":true}}",
        2);
    expect_outcome(&result, IRSA_OUTCOME_SUCCEEDED);
    stage_must_deliver(stage, DELETE, 3);
    const struct irsa_json *accounts =
        irsa_json_at(stage_control(stage, "GET", "/world", NULL), "/clusters/us-west-2~1cluster-13/serviceAccounts");
    assert_int_equal(accounts->count, 1);
    assert_null(irsa_json_at(accounts->first, "/metadata/annotations"));
    assert_string_equal(irsa_json_get_text(irsa_json_at(accounts->first, "/metadata/labels"), "team"), "storage");
    assert_null(first_role(stage));
    assert_non_null(before);
}

static void a_persons_role_of_the_same_name_is_not_touched(void **state) {
    struct stage *stage = *state;
    stage_control(stage, "PUT", "/world",
                  "{\"accounts\":{\"111122223333\":{\"roles\":[{\"roleName\":\"Reader\",\"assumeRolePolicyDocument\":{"
                  "\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":"
                  "\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}}]}}}");
    const struct irsa_json *role = first_role(stage);
    const char *before = irsa_json_to_text(stage->arena, role);
    struct irsa_error err = refused(stage, CREATE(",\"roleName\":\"reader\""), 1);
    assert_code(err, CONFLICT);
    assert_string_equal(irsa_json_to_text(stage->arena, first_role(stage)), before);
}

/* --- errors ------------------------------------------------------------------------------------------------------------------------- */

static void a_missing_provider_is_said_and_not_made_unless_asked(void **state) {
    struct irsa_error err = refused(
        *state,
        "{\"action\":\"create\"," CLUSTER ",\"serviceAccount\":{" NAMES ",\"attachPolicyARNs\":[\"" READ "\"]}}", 1);
    assert_code(err, OIDC_PROVIDER_MISSING);
    assert_non_null(strstr(err.message, "associate-iam-oidc-provider --cluster cluster-13 --region us-west-2"));
    assert_null(strstr(stage_calls(*state), "CreateRole"));
}

static void an_unknown_cluster_is_said(void **state) {
    struct irsa_error err =
        refused(*state,
                "{\"action\":\"delete\",\"cluster\":{\"name\":\"nowhere\",\"region\":\"us-west-2\"},"
                "\"serviceAccount\":{" NAMES "}}",
                1);
    assert_code(err, CLUSTER_NOT_FOUND);
}

static void a_policy_that_does_not_exist_is_the_requests_fault_and_the_result_says_what_is_left(void **state) {
    struct stage *stage = *state;
    struct irsa_result result;
    struct irsa_error err;
    assert_false(stage_attempt(stage,
                               "{\"action\":\"create\"," CLUSTER ",\"serviceAccount\":{" NAMES
                               ",\"attachPolicyARNs\":[\"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAcess\"]},"
                               "\"options\":{\"withOIDC\":true}}",
                               1, &result, &err));
    assert_code(err, INVALID);
    assert_int_equal(result.step_count, 3); /* provider, namespace and role are there */
    assert_string_equal(result.steps[2].name, "create-role");
}

static void a_boundary_that_does_not_exist_is_the_requests_fault_for_a_new_role_and_for_an_old_one(void **state) {
    static const char *const WITH_BOUNDARY =
        CREATE(",\"permissionsBoundary\":\"arn:aws:iam::111122223333:policy/nowhere\"");
    struct stage *stage = *state;
    struct irsa_error err = refused(stage, WITH_BOUNDARY, 1);
    assert_code(err, INVALID);
    assert_non_null(strstr(err.message, "policy/nowhere"));
    assert_null(first_role(stage));
    stage_must_deliver(stage, CREATE(""), 2);
    err = refused(stage, WITH_BOUNDARY, 3);
    assert_code(err, INVALID);
    assert_non_null(strstr(err.message, "policy/nowhere"));
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        STAGED(a_first_create_in_a_cold_cluster_looks_everything_up_once),
        STAGED(a_create_in_a_warm_cluster_is_three_calls_and_one_per_policy),
        STAGED(a_repeat_reads_four_times_and_once_per_inline_policy_and_writes_nothing),
        STAGED(a_delete_is_six_calls_and_one_per_policy),
        STAGED(role_only_creates_first_and_reads_nothing_of_kubernetes),
        STAGED(attach_role_arn_calls_no_iam),
        STAGED(a_delete_of_what_is_gone_is_unchanged),
        STAGED(a_dry_run_plans_and_writes_nothing),
        STAGED(an_older_request_changes_nothing),
        STAGED(a_persons_account_is_taken_only_with_override_and_given_back_on_delete),
        STAGED(a_persons_role_of_the_same_name_is_not_touched),
        STAGED(a_missing_provider_is_said_and_not_made_unless_asked),
        STAGED(an_unknown_cluster_is_said),
        STAGED(a_policy_that_does_not_exist_is_the_requests_fault_and_the_result_says_what_is_left),
        STAGED(a_boundary_that_does_not_exist_is_the_requests_fault_for_a_new_role_and_for_an_old_one),
    };
    return RUN_TESTS("provisioning makes the world match the request, and nothing else");
}
