/*
 * IAM's readers lag behind its writers: what GetRole and the lists show is what was a moment ago. A worker knows better what
 * it has just written.
 */
#include "core/base/arena.h"
#include "core/base/json.h"
#include "tests/support/stage.h"
#include "tests/support/test.h"

#define CLUSTER "\"cluster\":{\"name\":\"cluster-13\",\"region\":\"us-west-2\"}"
#define POLICY  "arn:aws:iam::aws:policy/"
#define READ    "\"attachPolicyARNs\":[\"" POLICY "AmazonS3ReadOnlyAccess\"]"
#define WRITE   "\"attachPolicyARNs\":[\"" POLICY "AmazonDynamoDBFullAccess\"]"
#define INLINE(action)                                                                                                 \
    "\"attachPolicy\":{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"" action           \
    "\",\"Resource\":\"*\"}]}"
#define REQUEST(action, fields, options)                                                                               \
    "{\"action\":\"" action "\"," CLUSTER                                                                              \
    ",\"serviceAccount\":{\"metadata\":{\"name\":\"s3-reader\",\"namespace\":\"apps\"}" fields                         \
    "},\"options\":{" options "}}"
#define CREATE(fields) REQUEST("create", "," fields, "\"withOIDC\":true")
#define DELETE         REQUEST("delete", "", "")
#define LABEL                                                                                                          \
    "{\"action\":\"update\"," CLUSTER                                                                                  \
    ",\"serviceAccount\":{\"metadata\":{\"name\":\"s3-reader\",\"namespace\":\"apps\","                                \
    "\"labels\":{\"team\":\"red\"}}}}"
#define LAG "{\"propagationMs\":5000}"

static const struct irsa_json *the_role(struct stage *stage) {
    const struct irsa_json *roles =
        irsa_json_at(stage_control(stage, "GET", "/world", NULL), "/accounts/111122223333/roles");
    return roles->first;
}

static const char *member(struct stage *stage, const char *pointer) {
    const struct irsa_json *value = irsa_json_at(the_role(stage), pointer);
    return value == NULL ? "(absent)" : irsa_json_to_text(stage->arena, value);
}

/* The first long ago, the others while IAM still shows what the first has left. */
static void deliver_three(struct stage *stage, const char *first, const char *second, const char *third) {
    stage_must_deliver(stage, first, 1);
    stage->now_ms += 120000;
    stage_control(stage, "POST", "/model", LAG);
    stage_must_deliver(stage, second, 2);
    stage_must_deliver(stage, third, 3);
}

static void a_policy_that_was_just_attached_is_removed_though_no_list_shows_it(void **state) {
    deliver_three(*state, CREATE(INLINE("s3:Get*")), CREATE(READ), CREATE(WRITE));
    assert_string_equal(member(*state, "/attachedPolicies"), "[\"" POLICY "AmazonDynamoDBFullAccess\"]");
    assert_string_equal(member(*state, "/inlinePolicies"), "{}");
}

static void a_policy_that_was_just_detached_is_put_back_though_the_list_shows_it(void **state) {
    deliver_three(*state, CREATE(READ), CREATE(WRITE), CREATE(READ));
    assert_string_equal(member(*state, "/attachedPolicies"), "[\"" POLICY "AmazonS3ReadOnlyAccess\"]");
}

static void an_inline_policy_that_was_just_replaced_is_replaced_again(void **state) {
    deliver_three(*state, CREATE(INLINE("s3:Get*")), CREATE(INLINE("s3:List*")), CREATE(INLINE("s3:Get*")));
    assert_string_equal(member(*state, "/inlinePolicies/irsa-inline/Statement/0/Action"), "\"s3:Get*\"");
}

static void an_inline_policy_that_was_just_deleted_is_put_back(void **state) {
    deliver_three(*state, CREATE(INLINE("s3:Get*")), CREATE(READ), CREATE(INLINE("s3:Get*")));
    assert_string_equal(member(*state, "/inlinePolicies/irsa-inline/Statement/0/Action"), "\"s3:Get*\"");
}

static void a_trust_that_was_just_widened_is_narrowed_again(void **state) {
    struct stage *stage = *state;
    stage_must_deliver(stage, CREATE(READ), 1);
    const char *narrow = member(stage, "/assumeRolePolicyDocument");
    deliver_three(stage, CREATE(READ), REQUEST("update", ",\"subjectPattern\":\"*\"", ""), CREATE(READ));
    assert_string_equal(member(stage, "/assumeRolePolicyDocument"), narrow);
}

static void a_boundary_that_was_just_replaced_is_replaced_again(void **state) {
    const char *tight = CREATE(READ ",\"permissionsBoundary\":\"" POLICY "ReadOnlyAccess\"");
    deliver_three(*state, tight, CREATE(READ ",\"permissionsBoundary\":\"" POLICY "PowerUserAccess\""), tight);
    assert_string_equal(member(*state, "/permissionsBoundary"), "\"" POLICY "ReadOnlyAccess\"");
}

static void a_tag_that_was_just_changed_is_changed_back(void **state) {
    const char *red = CREATE(READ ",\"tags\":{\"team\":\"red\"}");
    deliver_three(*state, red, CREATE(READ ",\"tags\":{\"team\":\"blue\"}"), red);
    assert_string_equal(member(*state, "/tags/team"), "\"red\"");
}

static void a_repeat_of_what_was_just_written_and_is_shown_writes_nothing(void **state) {
    struct stage *stage = *state;
    deliver_three(stage, CREATE(READ), CREATE(WRITE "," INLINE("s3:Get*")), CREATE(READ "," INLINE("s3:List*")));
    stage->now_ms += 5000;
    struct irsa_result result = stage_must_deliver(stage, CREATE(READ "," INLINE("s3:List*")), 4);
    assert_int_equal(result.outcome, IRSA_OUTCOME_UNCHANGED);
}

static void an_older_request_is_superseded_by_a_mark_that_is_not_shown_yet(void **state) {
    struct stage *stage = *state;
    stage_must_deliver(stage, CREATE(READ), 1);
    stage->now_ms += 120000;
    stage_control(stage, "POST", "/model", LAG);
    stage_must_deliver(stage, CREATE(WRITE), 3);
    struct irsa_result result = stage_must_deliver(stage, CREATE(READ), 2);
    assert_int_equal(result.outcome, IRSA_OUTCOME_SUPERSEDED);
    assert_string_equal(member(stage, "/attachedPolicies"), "[\"" POLICY "AmazonDynamoDBFullAccess\"]");
}

static void a_role_that_was_just_deleted_is_absent_though_it_is_shown(void **state) {
    struct stage *stage = *state;
    struct irsa_result result;
    struct irsa_error err;
    stage_must_deliver(stage, CREATE(READ), 1);
    stage_control(stage, "POST", "/model", LAG);
    stage_must_deliver(stage, DELETE, 2);
    const char *before = stage_world(stage);
    assert_false(stage_deliver(stage, LABEL, 3, &result, &err));
    assert_code(err, NOT_FOUND);
    assert_string_equal(stage_world(stage), before);
}

static void a_role_that_was_just_made_anew_is_waited_for_while_the_one_before_it_is_shown(void **state) {
    struct stage *stage = *state;
    stage_must_deliver(stage, CREATE(READ), 1);
    stage->now_ms += 120000;
    stage_control(stage, "POST", "/model", LAG);
    stage_must_deliver(stage, DELETE, 2);
    stage_must_deliver(stage, CREATE(READ), 3);
    stage_must_deliver(stage, DELETE, 4);
    assert_null(the_role(stage));
}

static void a_role_that_is_made_anew_has_no_past(void **state) {
    struct stage *stage = *state;
    const char *blue = CREATE(READ ",\"tags\":{\"team\":\"blue\"}");
    stage_must_deliver(stage, CREATE(READ), 1);
    stage_must_deliver(stage, REQUEST("update", ",\"tags\":{\"team\":\"red\"}", ""), 2);
    stage_must_deliver(stage, DELETE, 3);
    stage_must_deliver(stage, blue, 4);
    struct irsa_result result = stage_must_deliver(stage, blue, 5);
    assert_int_equal(result.outcome, IRSA_OUTCOME_UNCHANGED);
}

static void a_role_that_only_the_annotation_names_goes_first_in_every_round(void **state) {
    struct stage *stage = *state;
    stage_must_deliver(stage, CREATE(READ ",\"roleName\":\"reader\""), 1);
    stage->now_ms += 120000;
    stage_control(stage, "POST", "/model", LAG);
    stage_must_deliver(stage, DELETE, 2);
    assert_null(the_role(stage));
}

static void an_audience_that_was_just_added_is_there_though_it_is_not_shown(void **state) {
    struct stage *stage = *state;
    stage_must_deliver(stage, CREATE(READ), 1);
    const struct irsa_json *providers =
        irsa_json_at(stage_control(stage, "GET", "/world", NULL), "/accounts/111122223333/oidcProviders");
    stage_control(stage, "PUT", "/world",
                  irsa_arena_format(stage->arena,
                                    "{\"accounts\":{\"111122223333\":{\"oidcProviders\":[{\"arn\":\"%s\",\"clientIDs\":"
                                    "[\"other\"]}]}}}",
                                    irsa_json_get_text(providers->first, "arn")));
    stage_restart(stage);
    stage_control(stage, "POST", "/model", LAG);
    stage_must_deliver(stage, CREATE(READ), 2);
    stage_must_deliver(stage, REQUEST("create", "," WRITE, ""), 3);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        STAGED(a_policy_that_was_just_attached_is_removed_though_no_list_shows_it),
        STAGED(a_policy_that_was_just_detached_is_put_back_though_the_list_shows_it),
        STAGED(an_inline_policy_that_was_just_replaced_is_replaced_again),
        STAGED(an_inline_policy_that_was_just_deleted_is_put_back),
        STAGED(a_trust_that_was_just_widened_is_narrowed_again),
        STAGED(a_boundary_that_was_just_replaced_is_replaced_again),
        STAGED(a_tag_that_was_just_changed_is_changed_back),
        STAGED(a_repeat_of_what_was_just_written_and_is_shown_writes_nothing),
        STAGED(an_older_request_is_superseded_by_a_mark_that_is_not_shown_yet),
        STAGED(a_role_that_was_just_deleted_is_absent_though_it_is_shown),
        STAGED(a_role_that_was_just_made_anew_is_waited_for_while_the_one_before_it_is_shown),
        STAGED(a_role_that_is_made_anew_has_no_past),
        STAGED(a_role_that_only_the_annotation_names_goes_first_in_every_round),
        STAGED(an_audience_that_was_just_added_is_there_though_it_is_not_shown),
    };
    return RUN_TESTS("a worker knows what it has just written, whatever IAM shows");
}
