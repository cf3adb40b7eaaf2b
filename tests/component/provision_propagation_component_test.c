/*
 * IAM replicates. What this attempt has just made may be unknown elsewhere for a while: it is asked again within the attempt,
 * and not for ever. And what a refusal says of a role that may not be there is told from what it says of one that is.
 */
#include "core/base/arena.h"
#include "core/base/json.h"
#include "tests/support/repair_scene.h"
#include "tests/support/test.h"

#define BOUND_MS INT64_C(30000)
#define FOREVER  0
#define UNKNOWN  "NoSuchEntity\",\"message\":\"The role with name x cannot be found."
#define ONE_POLICY                                                                                                     \
    REPAIR_REQUEST("create", "},'attachPolicyARNs':['" REPAIR_POLICY "AmazonS3ReadOnlyAccess']", "'withOIDC':true")
#define OTHER_POLICY                                                                                                   \
    REPAIR_REQUEST("create", "},'attachPolicyARNs':['" REPAIR_POLICY "AmazonSQSReadOnlyAccess']", "'withOIDC':true")

/* The next `times` calls of IAM's action are refused with that code. */
static void refuse(struct stage *stage, const char *action, int times, int status, const char *code) {
    stage_control(
        stage, "POST", "/faults",
        irsa_arena_format(stage->arena,
                          "[{\"service\":\"iam\",\"action\":\"%s\",\"times\":%d,\"kind\":\"status\",\"status\":"
                          "%d,\"code\":\"%s\"}]",
                          action, times, status, code));
}

struct answer {
    bool is_done;
    struct irsa_result result;
    struct irsa_error err;
    int64_t took_ms;
};

/* One attempt and no other. */
static struct answer attempt(struct stage *stage, const char *request, int64_t offset) {
    struct answer answer = {.took_ms = 0};
    int64_t began_ms = stage->now_ms;
    stage_forget_calls(stage);
    answer.is_done = stage_attempt(stage, repair_json(stage, request), offset, &answer.result, &answer.err);
    answer.took_ms = stage->now_ms - began_ms;
    return answer;
}

static void check_done(struct stage *stage, const struct answer *answer, const char *call) {
    if (!answer->is_done)
        fail_msg("%s: %s", irsa_code_name(answer->err.code), answer->err.message);
    assert_true(answer->took_ms > 0 && answer->took_ms <= BOUND_MS);
    if (strstr(stage_calls(stage), call) == NULL)
        fail_msg("%s are not %s", stage_calls(stage), call);
}

static void a_role_that_was_just_made_and_is_not_known_yet_is_asked_for_again(void **state) {
    struct stage *stage = *state;
    refuse(stage, "AttachRolePolicy", 4, 404, UNKNOWN);
    struct answer answer = attempt(stage, ONE_POLICY, 1);
    check_done(stage, &answer, "iam.AttachRolePolicy 5,");
}

static void a_denial_of_a_role_that_was_just_made_is_asked_about_again(void **state) {
    struct stage *stage = *state;
    refuse(stage, "AttachRolePolicy", 4, 403, "AccessDenied");
    struct answer answer = attempt(stage, ONE_POLICY, 1);
    check_done(stage, &answer, "iam.AttachRolePolicy 5,");
}

static void a_trust_in_a_provider_that_was_just_made_is_asked_for_again(void **state) {
    struct stage *stage = *state;
    refuse(stage, "CreateRole", 4, 400, "MalformedPolicyDocument");
    struct answer answer = attempt(stage, ONE_POLICY, 1);
    check_done(stage, &answer, "iam.CreateRole 5,");
}

static void a_lag_of_seconds_is_waited_for_within_the_attempt(void **state) {
    struct stage *stage = *state;
    stage_control(stage, "POST", "/model", "{\"propagationMs\":5000}");
    struct answer answer = attempt(stage, REPAIR_CREATE, 1);
    check_done(stage, &answer, "iam.CreateRole");
}

static void none_of_it_is_asked_for_longer_than_half_a_minute(void **state) {
    static const struct {
        const char *action, *code;
        int status;
        enum irsa_code told;
    } ROWS[] = {{"AttachRolePolicy", UNKNOWN, 404, IRSA_CODE_UNAVAILABLE},
                {"AttachRolePolicy", "AccessDenied", 403, IRSA_CODE_ACCESS_DENIED},
                {"CreateRole", "MalformedPolicyDocument", 400, IRSA_CODE_INVALID}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
        struct stage stage;
        stage_open(&stage);
        refuse(&stage, ROWS[i].action, FOREVER, ROWS[i].status, ROWS[i].code);
        struct answer answer = attempt(&stage, ONE_POLICY, 1);
        assert_false(answer.is_done);
        assert_string_equal(irsa_code_name(answer.err.code), irsa_code_name(ROWS[i].told));
        assert_true(answer.took_ms > BOUND_MS / 2 && answer.took_ms <= BOUND_MS);
        stage_close(&stage);
    }
}

/* Of what was there before there is nothing to wait for. */
static void a_denial_of_a_role_that_was_there_is_a_denial_at_once(void **state) {
    struct stage *stage = *state;
    repair_deliver(stage, ONE_POLICY, 1);
    refuse(stage, "AttachRolePolicy", FOREVER, 403, "AccessDenied");
    struct answer answer = attempt(stage, OTHER_POLICY, 2);
    assert_false(answer.is_done);
    assert_code(answer.err, ACCESS_DENIED);
    assert_int_equal(answer.took_ms, 0);
    assert_non_null(strstr(stage_calls(stage), "iam.AttachRolePolicy 1,"));
}

/* --- what CreateRole's refusal says ---------------------------------------------------------------------------------------- */

static void a_role_that_exists_and_then_does_not_is_made(void **state) {
    struct stage *stage = *state;
    refuse(stage, "CreateRole", 1, 409, "EntityAlreadyExists");
    struct answer answer = attempt(stage, ONE_POLICY, 1);
    assert_true(answer.is_done);
    assert_non_null(strstr(stage_calls(stage), "iam.CreateRole 2,"));
    repair_check_facts(stage, &answer.result);
}

/* A role of ours is there, its account is not: CreateRole is asked first, and may be refused for any of these reasons. */
static void no_refusal_of_create_role_proves_that_the_role_is_absent(void **state) {
    static const struct {
        const char *code;
        int status;
    } ROWS[] = {
        {"EntityAlreadyExists", 409}, {"AccessDenied", 403}, {"LimitExceeded", 409}, {"MalformedPolicyDocument", 400}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
        struct stage stage;
        stage_open(&stage);
        repair_deliver(&stage, ONE_POLICY, 1);
        stage.now_ms += 120000; /* the provider is no longer new */
        repair_put(&stage, "{'clusters':{'us-west-2/cluster-13':{'delete':{'serviceAccounts':['apps/s3-reader']}}}}");
        refuse(&stage, "CreateRole", FOREVER, ROWS[i].status, ROWS[i].code);
        struct answer answer = attempt(&stage, ONE_POLICY, 2);
        if (!answer.is_done)
            fail_msg("%s: %s", ROWS[i].code, answer.err.message);
        assert_string_equal(repair_steps(&stage, &answer.result), "apply-service-account");
        repair_check_facts(&stage, &answer.result);
        stage_close(&stage);
    }
}

static void where_the_role_is_absent_the_refusal_stands(void **state) {
    struct stage *stage = *state;
    refuse(stage, "CreateRole", FOREVER, 403, "AccessDenied");
    struct answer answer = attempt(stage, ONE_POLICY, 1);
    assert_false(answer.is_done);
    assert_code(answer.err, ACCESS_DENIED);
    assert_int_equal(answer.took_ms, 0);
    assert_non_null(strstr(stage_calls(stage), "iam.CreateRole 1,"));
    assert_non_null(strstr(stage_calls(stage), "iam.GetRole 1,"));
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        STAGED(a_role_that_was_just_made_and_is_not_known_yet_is_asked_for_again),
        STAGED(a_denial_of_a_role_that_was_just_made_is_asked_about_again),
        STAGED(a_trust_in_a_provider_that_was_just_made_is_asked_for_again),
        STAGED(a_lag_of_seconds_is_waited_for_within_the_attempt),
        cmocka_unit_test(none_of_it_is_asked_for_longer_than_half_a_minute),
        STAGED(a_denial_of_a_role_that_was_there_is_a_denial_at_once),
        STAGED(a_role_that_exists_and_then_does_not_is_made),
        cmocka_unit_test(no_refusal_of_create_role_proves_that_the_role_is_absent),
        STAGED(where_the_role_is_absent_the_refusal_stands),
    };
    return RUN_TESTS("what was just made is waited for, and not for ever");
}
