/*
 * Delete with clusterGone: what a cluster has left in IAM is removed when EKS says that there is no such cluster, judged
 * by the tags of the role alone.
 */
#include "core/base/arena.h"
#include "core/base/json.h"
#include "tests/support/stage.h"
#include "tests/support/test.h"

#define CLUSTER "\"cluster\":{\"name\":\"cluster-13\",\"region\":\"us-west-2\"}"
#define NAMES   "\"metadata\":{\"name\":\"s3-reader\",\"namespace\":\"apps\"}"
#define READ    "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
#define CREATE                                                                                                         \
    "{\"action\":\"create\"," CLUSTER ",\"serviceAccount\":{" NAMES ",\"attachPolicyARNs\":[\"" READ                   \
    "\"]},\"options\":{\"withOIDC\":true}}"
#define GONE(more)                                                                                                     \
    "{\"action\":\"delete\"," CLUSTER ",\"serviceAccount\":{" NAMES "},\"options\":{\"clusterGone\":true" more "}}"

/* One attempt that fails, having written nothing. */
static struct irsa_error refused(struct stage *stage, const char *data, int64_t offset) {
    struct irsa_result result;
    struct irsa_error err;
    const char *before = stage_world(stage);
    if (stage_attempt(stage, data, offset, &result, &err))
        fail_msg("it was done, and should have been refused: %s", data);
    assert_string_equal(stage_world(stage), before);
    return err;
}

/* From now on EKS knows no cluster. */
static void remove_clusters(struct stage *stage) {
    stage_control(stage, "POST", "/faults",
                  "[{\"service\":\"eks\",\"action\":\"DescribeCluster\",\"times\":0,\"kind\":\"status\",\"status\":404,"
                  "\"code\":\"ResourceNotFoundException\"}]");
}

static size_t role_count(struct stage *stage) {
    return irsa_json_at(stage_control(stage, "GET", "/world", NULL), "/accounts/111122223333/roles")->count;
}

static void a_role_of_a_cluster_that_is_gone_is_deleted_without_a_call_to_kubernetes(void **state) {
    struct stage *stage = *state;
    stage_must_deliver(stage, CREATE, 1);
    remove_clusters(stage);
    stage_forget_calls(stage);
    struct irsa_result result = stage_must_deliver(stage, GONE(""), 2);
    assert_int_equal(result.outcome, IRSA_OUTCOME_SUCCEEDED);
    assert_int_equal(result.observed, IRSA_STATE_ABSENT);
    assert_string_equal(result.account_id, "111122223333");
    assert_null(result.issuer);
    assert_int_equal(role_count(stage), 0);
    assert_string_equal(stage_calls(stage),
                        "eks.DescribeCluster 1, iam.DeleteRole 1, iam.DetachRolePolicy 1, iam.GetRole 1, "
                        "iam.ListAttachedRolePolicies 1, iam.ListRolePolicies 1, sts.GetCallerIdentity 1");
}

static void a_cluster_that_is_there_is_an_error_that_says_so(void **state) {
    struct stage *stage = *state;
    stage_must_deliver(stage, CREATE, 1);
    stage_forget_calls(stage);
    struct irsa_error err = refused(stage, GONE(""), 2);
    assert_code(err, CONFLICT);
    assert_non_null(strstr(err.message, "cluster cluster-13 is there"));
    /* not what was remembered of it counts, but what EKS says now */
    assert_string_equal(stage_calls(stage), "eks.DescribeCluster 1, sts.GetCallerIdentity 1");
}

static void a_cluster_that_is_still_being_deleted_is_waited_for(void **state) {
    struct stage *stage = *state;
    stage_must_deliver(stage, CREATE, 1);
    stage_control(stage, "PUT", "/world", "{\"clusters\":{\"us-west-2/cluster-13\":{\"status\":\"DELETING\"}}}");
    struct irsa_error err = refused(stage, GONE(""), 2);
    assert_code(err, CLUSTER_NOT_READY);
    remove_clusters(stage);
    stage_must_deliver(stage, GONE(""), 2);
    assert_int_equal(role_count(stage), 0);
}

static void only_eks_own_word_makes_a_cluster_gone(void **state) {
    static const char *const FAULTS[] = {
        "[{\"service\":\"eks\",\"kind\":\"status\",\"status\":404,\"code\":\"UnknownOperationException\"}]",
        "[{\"service\":\"eks\",\"kind\":\"status\",\"status\":403,\"code\":\"AccessDeniedException\"}]",
        "[{\"service\":\"eks\",\"kind\":\"status\",\"status\":400,\"code\":\"InvalidParameterException\"}]",
    };
    struct stage *stage = *state;
    stage_must_deliver(stage, CREATE, 1);
    for (size_t i = 0; i < COUNT_OF(FAULTS); i++) {
        stage_control(stage, "POST", "/faults", FAULTS[i]);
        struct irsa_error err = refused(stage, GONE(""), 2);
        assert_int_not_equal(err.code, IRSA_CODE_NONE);
    }
    assert_int_equal(role_count(stage), 1);
}

static void a_role_that_is_not_ours_stays(void **state) {
    struct stage *stage = *state;
    stage_must_deliver(stage, CREATE, 1);
    const char *name = irsa_json_get_text(
        irsa_json_at(stage_control(stage, "GET", "/world", NULL), "/accounts/111122223333/roles/0"), "roleName");
    const char *change = irsa_arena_format(
        stage->arena, "{\"accounts\":{\"111122223333\":{\"roles\":[{\"roleName\":\"%s\",\"tags\":{%s}}]}}}", name,
        "\"irsa.dev/cluster\":\"arn:aws:eks:us-west-2:111122223333:cluster/cluster-14\","
        "\"irsa.dev/service-account\":\"apps/s3-reader\",\"irsa.dev/owner\":\"irsa\"");
    stage_control(stage, "PUT", "/world", change);
    remove_clusters(stage);
    struct irsa_error err = refused(stage, GONE(""), 2);
    assert_code(err, CONFLICT);
    assert_non_null(strstr(err.message, "cluster-14"));
}

static void the_expected_role_is_insisted_on(void **state) {
    struct stage *stage = *state;
    struct irsa_result made = stage_must_deliver(stage, CREATE, 1);
    remove_clusters(stage);
    struct irsa_error err = refused(stage, GONE(",\"expect\":{\"roleID\":\"AROAANOTHERROLE12345\"}"), 2);
    assert_code(err, CONFLICT);
    stage_must_deliver(stage,
                       irsa_arena_format(stage->arena,
                                         "{\"action\":\"delete\"," CLUSTER ",\"serviceAccount\":{" NAMES
                                         "},\"options\":{\"clusterGone\":true,\"expect\":{\"roleID\":\"%s\"}}}",
                                         made.role_id),
                       3);
    assert_int_equal(role_count(stage), 0);
}

static void an_older_request_changes_nothing(void **state) {
    struct stage *stage = *state;
    stage_must_deliver(stage, CREATE, 7);
    remove_clusters(stage);
    struct irsa_result result = stage_must_deliver(stage, GONE(""), 6);
    assert_int_equal(result.outcome, IRSA_OUTCOME_SUPERSEDED);
    assert_int_equal(role_count(stage), 1);
}

static void what_is_gone_too_is_unchanged(void **state) {
    remove_clusters(*state);
    struct irsa_result result = stage_must_deliver(*state, GONE(""), 1);
    assert_int_equal(result.outcome, IRSA_OUTCOME_UNCHANGED);
    assert_int_equal(result.observed, IRSA_STATE_ABSENT);
}

static void another_account_than_the_workers_is_refused(void **state) {
    struct irsa_error err =
        refused(*state,
                "{\"action\":\"delete\",\"cluster\":{\"name\":\"cluster-13\",\"region\":\"us-west-2\",\"accountID\":"
                "\"444455556666\"},\"serviceAccount\":{" NAMES "},\"options\":{\"clusterGone\":true}}",
                1);
    assert_code(err, INVALID);
    assert_string_equal(err.at, "/cluster/accountID");
}

static void a_cluster_that_came_back_is_looked_up_anew(void **state) {
    struct stage *stage = *state;
    stage_must_deliver(stage, CREATE, 1);
    remove_clusters(stage);
    stage_must_deliver(stage, GONE(""), 2);
    stage_control(stage, "DELETE", "/faults", NULL);
    stage_control(stage, "PUT", "/world",
                  "{\"clusters\":{\"us-west-2/cluster-13\":{\"issuer\":\"https://oidc.example.com/id/NEW\"}}}");
    struct irsa_result result = stage_must_deliver(stage, CREATE, 3);
    assert_string_equal(result.issuer, "https://oidc.example.com/id/NEW");
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        STAGED(a_role_of_a_cluster_that_is_gone_is_deleted_without_a_call_to_kubernetes),
        STAGED(a_cluster_that_is_there_is_an_error_that_says_so),
        STAGED(a_cluster_that_is_still_being_deleted_is_waited_for),
        STAGED(only_eks_own_word_makes_a_cluster_gone),
        STAGED(a_role_that_is_not_ours_stays),
        STAGED(the_expected_role_is_insisted_on),
        STAGED(an_older_request_changes_nothing),
        STAGED(what_is_gone_too_is_unchanged),
        STAGED(another_account_than_the_workers_is_refused),
        STAGED(a_cluster_that_came_back_is_looked_up_anew),
    };
    return RUN_TESTS("what a cluster that is gone has left is removed, on EKS's word");
}
