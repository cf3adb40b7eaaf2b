/*
 * What was left half done: a failed request's result says what is there, and the same request again does the rest.
 */
#include "core/base/arena.h"
#include "core/base/json.h"
#include "tests/support/repair_scene.h"
#include "tests/support/test.h"

/* From now on one kind of call is denied, which is final; ended by DELETE /faults. */
static void deny(struct stage *stage, const char *service, const char *action) {
    stage_control(
        stage, "POST", "/faults",
        irsa_arena_format(stage->arena,
                          "[{\"service\":\"%s\",\"action\":\"%s\",\"times\":0,\"kind\":\"status\",\"status\":403,"
                          "\"code\":\"%s\"}]",
                          service, action, strcmp(service, "iam") == 0 ? "AccessDenied" : "Forbidden"));
}

/* One attempt that fails for good, and what it says. The log of calls begins with it. */
static struct irsa_result denied(struct stage *stage, const char *request, int64_t offset) {
    struct irsa_result result;
    struct irsa_error err;
    stage_control(stage, "DELETE", "/calls", NULL);
    assert_false(stage_deliver(stage, repair_json(stage, request), offset, &result, &err));
    assert_code(err, ACCESS_DENIED);
    assert_int_equal(result.outcome, IRSA_OUTCOME_FAILED);
    return result;
}

static const struct irsa_json *the_role(struct stage *stage) {
    const struct irsa_json *roles = irsa_json_at(repair_world(stage), "/accounts/" REPAIR_ACCOUNT "/roles");
    return roles->first;
}

/* A step at which a create is stopped, and what is there by then; the rest is what the repeat does. */
static const struct stop {
    const char *service, *action;
    const char *left;
    const char *rest;
    bool has_role;
} CREATE_STOPS[] = {
    {"iam", "CreateOpenIDConnectProvider", "",
     "create-oidc-provider, create-namespace apps, create-role, attach-policy AmazonS3ReadOnlyAccess, attach-policy "
     "AmazonSQSReadOnlyAccess, put-inline-policy irsa-inline, put-inline-policy irsa-externalDNS, "
     "apply-service-account",
     false},
    {"kubernetes", "create-namespace", "create-oidc-provider",
     "create-namespace apps, create-role, attach-policy AmazonS3ReadOnlyAccess, attach-policy AmazonSQSReadOnlyAccess, "
     "put-inline-policy irsa-inline, put-inline-policy irsa-externalDNS, apply-service-account",
     false},
    {"iam", "CreateRole", "create-oidc-provider, create-namespace apps",
     "create-role, attach-policy AmazonS3ReadOnlyAccess, attach-policy AmazonSQSReadOnlyAccess, put-inline-policy "
     "irsa-inline, put-inline-policy irsa-externalDNS, apply-service-account",
     false},
    {"iam", "AttachRolePolicy", "create-oidc-provider, create-namespace apps, create-role",
     "tag-role, attach-policy AmazonS3ReadOnlyAccess, attach-policy AmazonSQSReadOnlyAccess, put-inline-policy "
     "irsa-inline, put-inline-policy irsa-externalDNS, apply-service-account",
     true},
    {"iam", "PutRolePolicy",
     "create-oidc-provider, create-namespace apps, create-role, attach-policy AmazonS3ReadOnlyAccess, attach-policy "
     "AmazonSQSReadOnlyAccess",
     "tag-role, put-inline-policy irsa-inline, put-inline-policy irsa-externalDNS, apply-service-account", true},
    {"kubernetes", "apply",
     "create-oidc-provider, create-namespace apps, create-role, attach-policy AmazonS3ReadOnlyAccess, attach-policy "
     "AmazonSQSReadOnlyAccess, put-inline-policy irsa-inline, put-inline-policy irsa-externalDNS",
     "apply-service-account", true},
};

/* The world of a create that nothing stopped. */
static const char *undisturbed(struct irsa_arena *arena) {
    struct stage stage;
    stage_open(&stage);
    repair_deliver(&stage, REPAIR_CREATE, 1);
    const char *world = irsa_arena_copy(arena, stage_world(&stage));
    stage_close(&stage);
    return world;
}

static void check_stopped_create(struct stage *stage, const struct stop *stop) {
    deny(stage, stop->service, stop->action);
    struct irsa_result left = denied(stage, REPAIR_CREATE, 1);
    assert_string_equal(repair_steps(stage, &left), stop->left);
    assert_string_equal(repair_writes(stage), repair_calls(stage, &left)); /* it says what it left, all of it */
    assert_int_equal(the_role(stage) != NULL, stop->has_role);
    if (stop->has_role) {
        assert_string_equal(left.role_arn, irsa_json_get_text(the_role(stage), "arn"));
        assert_string_equal(left.role_id, irsa_json_get_text(the_role(stage), "roleId"));
    } else {
        assert_null(left.role_arn);
    }
    assert_null(left.service_account_uid);
    stage_control(stage, "DELETE", "/faults", NULL);
    stage_restart(stage);
    struct irsa_result rest = repair_deliver(stage, REPAIR_CREATE, 1);
    assert_string_equal(repair_steps(stage, &rest), stop->rest);
    repair_check_facts(stage, &rest);
}

static void a_create_that_failed_says_what_it_left_and_the_same_again_does_the_rest(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CREATE_STOPS); i++) {
        struct stage stage;
        stage_open(&stage);
        check_stopped_create(&stage, &CREATE_STOPS[i]);
        assert_string_equal(stage_world(&stage), undisturbed(stage.arena));
        stage_close(&stage);
    }
}

static const struct stop DELETE_STOPS[] = {
    {"kubernetes", "delete", "",
     "delete-service-account, detach-policy AmazonS3ReadOnlyAccess, detach-policy AmazonSQSReadOnlyAccess, "
     "delete-inline-policy irsa-externalDNS, delete-inline-policy irsa-inline, delete-role",
     true},
    {"iam", "DetachRolePolicy", "delete-service-account",
     "detach-policy AmazonS3ReadOnlyAccess, detach-policy AmazonSQSReadOnlyAccess, delete-inline-policy "
     "irsa-externalDNS, "
     "delete-inline-policy irsa-inline, delete-role",
     true},
    {"iam", "DeleteRolePolicy",
     "delete-service-account, detach-policy AmazonS3ReadOnlyAccess, detach-policy AmazonSQSReadOnlyAccess",
     "delete-inline-policy irsa-externalDNS, delete-inline-policy irsa-inline, delete-role", true},
    {"iam", "DeleteRole",
     "delete-service-account, detach-policy AmazonS3ReadOnlyAccess, detach-policy AmazonSQSReadOnlyAccess, "
     "delete-inline-policy irsa-externalDNS, delete-inline-policy irsa-inline",
     "delete-role", true},
};

static void check_stopped_delete(struct stage *stage, const struct stop *stop) {
    deny(stage, stop->service, stop->action);
    struct irsa_result left = denied(stage, REPAIR_DELETE, 3);
    assert_string_equal(repair_steps(stage, &left), stop->left);
    assert_string_equal(repair_writes(stage), repair_calls(stage, &left));
    stage_control(stage, "DELETE", "/faults", NULL);
    stage_restart(stage);
    struct irsa_result rest = repair_deliver(stage, REPAIR_DELETE, 3);
    assert_string_equal(repair_steps(stage, &rest), stop->rest);
    assert_int_equal(rest.observed, IRSA_STATE_ABSENT);
    struct irsa_result again = repair_deliver(stage, REPAIR_DELETE, 4);
    assert_int_equal(again.outcome, IRSA_OUTCOME_UNCHANGED);
}

static void a_delete_that_failed_says_how_far_it_came_and_the_same_again_does_the_rest(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(DELETE_STOPS); i++) {
        struct stage stage;
        stage_open(&stage);
        const struct irsa_json *before = repair_set_the_scene(&stage);
        check_stopped_delete(&stage, &DELETE_STOPS[i]);
        assert_string_equal(repair_diff(&stage, before), "-role, -cluster/serviceAccounts/apps/s3-reader");
        stage_close(&stage);
    }
}

/* A create after it makes the pair whole again, whatever the delete had taken. */
static void a_create_after_a_delete_that_failed_makes_the_pair_whole(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(DELETE_STOPS); i++) {
        struct stage stage;
        stage_open(&stage);
        const struct irsa_json *before = repair_set_the_scene(&stage);
        deny(&stage, DELETE_STOPS[i].service, DELETE_STOPS[i].action);
        struct irsa_result left = denied(&stage, REPAIR_DELETE, 3);
        stage_control(&stage, "DELETE", "/faults", NULL);
        struct irsa_result whole = repair_deliver(&stage, REPAIR_CREATE, 4);
        repair_check_facts(&stage, &whole);
        const char *leaves = left.step_count == 0   ? ""
                             : left.step_count == 1 ? "~account/uid, ~account/annotations/irsa.dev/request"
                                                    : "~role/tags/irsa.dev/request, ~account/uid, "
                                                      "~account/annotations/irsa.dev/request";
        assert_string_equal(repair_diff(&stage, before), leaves);
        stage_close(&stage);
    }
}

/* The effect happens and the answer is lost: the call that is sent in its place finds all done. */
static void lose_answer(struct stage *stage, const char *service, const char *action) {
    stage_control(stage, "POST", "/faults",
                  irsa_arena_format(stage->arena,
                                    "[{\"service\":\"%s\",\"action\":\"%s\",\"kind\":\"drop\",\"when\":\"after\"}]",
                                    service, action));
}

static void expect_one_step(const struct irsa_result *result, const char *name) {
    assert_string_equal(irsa_outcome_name(result->outcome), "succeeded");
    assert_int_equal(result->step_count, 1);
    assert_string_equal(result->steps[0].name, name);
    assert_true(result->steps[0].changed);
}

static void a_write_whose_answer_was_lost_is_told_as_done_by_its_request(void **state) {
    struct stage *stage = *state;
    lose_answer(stage, "iam", "CreateOpenIDConnectProvider");
    struct irsa_result result =
        repair_deliver(stage, "{'action':'associate-oidc','cluster':{'name':'cluster-13','region':'us-west-2'}}", 1);
    expect_one_step(&result, "create-oidc-provider");
    repair_deliver(stage, REPAIR_CREATE, 2);
    deny(stage, "iam", "DeleteRole");
    denied(stage, REPAIR_DELETE, 3);
    stage_control(stage, "DELETE", "/faults", NULL);
    lose_answer(stage, "iam", "DeleteRole");
    result = repair_deliver(stage, REPAIR_DELETE, 3);
    expect_one_step(&result, "delete-role");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_create_that_failed_says_what_it_left_and_the_same_again_does_the_rest),
        cmocka_unit_test(a_delete_that_failed_says_how_far_it_came_and_the_same_again_does_the_rest),
        cmocka_unit_test(a_create_after_a_delete_that_failed_makes_the_pair_whole),
        cmocka_unit_test_setup_teardown(a_write_whose_answer_was_lost_is_told_as_done_by_its_request, stage_set_up,
                                        stage_tear_down),
    };
    return RUN_TESTS("what was left half done is finished");
}
