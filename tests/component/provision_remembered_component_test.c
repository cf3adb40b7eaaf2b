/*
 * A worker remembers what it has seen of a cluster's OIDC provider. When others delete it meanwhile, IAM's refusal of a trust
 * policy is what tells, and the provider is looked at anew.
 */
#include "core/base/arena.h"
#include "core/base/json.h"
#include "tests/support/repair_scene.h"
#include "tests/support/test.h"

#define NOT_ASKED_FOR REPAIR_REQUEST("create", REPAIR_FIELDS, "")
#define TRUST                                                                                                          \
    "{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Principal':{'Service':'ec2.amazonaws.com'},'Action':'"    \
    "sts:AssumeRole'}]}"

static const struct irsa_json *first_of(struct stage *stage, const char *list) {
    return irsa_json_at(repair_world(stage),
                        irsa_arena_format(stage->arena, "/accounts/" REPAIR_ACCOUNT "/%s/0", list));
}

static void delete_first_of(struct stage *stage, const char *list) {
    repair_put(stage, irsa_arena_format(stage->arena, "{'accounts':{'" REPAIR_ACCOUNT "':{'delete':{'%s':['%s']}}}}",
                                        list, irsa_json_get_text(first_of(stage, list), "arn")));
}

/* A minute after a provider was made the worker no longer takes a refusal for IAM's slowness; it remembers it all the same. */
static void make_pair_and_wait(struct stage *stage, int64_t wait_ms) {
    repair_deliver(stage, REPAIR_CREATE, 1);
    stage->now_ms += wait_ms;
    if (wait_ms > 0)
        repair_deliver(stage, REPAIR_CREATE, 1);
    stage_control(stage, "DELETE", "/calls", NULL);
}

static void a_role_is_made_although_its_provider_was_deleted(struct stage *stage, int64_t wait_ms) {
    make_pair_and_wait(stage, wait_ms);
    const struct irsa_json *before = repair_world(stage);
    delete_first_of(stage, "roles");
    delete_first_of(stage, "oidcProviders");
    struct irsa_result result = repair_deliver(stage, REPAIR_CREATE, 2);
    assert_string_equal(repair_steps(stage, &result),
                        "create-oidc-provider, create-role, attach-policy AmazonS3ReadOnlyAccess, attach-policy "
                        "AmazonSQSReadOnlyAccess, put-inline-policy irsa-inline, put-inline-policy irsa-externalDNS");
    assert_string_equal(repair_writes(stage), repair_calls(stage, &result));
    assert_string_equal(repair_diff(stage, before), "~role/roleId, ~role/tags/irsa.dev/request");
    repair_check_facts(stage, &result);
}

static void a_provider_that_others_deleted_is_made_anew_when_a_role_needs_it(void **state) {
    a_role_is_made_although_its_provider_was_deleted(*state, 120000);
}

static void also_when_this_worker_had_only_just_made_it(void **state) {
    a_role_is_made_although_its_provider_was_deleted(*state, 0);
}

static void a_provider_that_others_deleted_is_made_anew_when_a_trust_is_mended(void **state) {
    struct stage *stage = *state;
    make_pair_and_wait(stage, 120000);
    const struct irsa_json *before = repair_world(stage);
    repair_put(stage, irsa_arena_format(stage->arena,
                                        "{'accounts':{'" REPAIR_ACCOUNT
                                        "':{'roles':[{'roleName':'%s','assumeRolePolicyDocument':" TRUST "}]}}}",
                                        irsa_json_get_text(first_of(stage, "roles"), "roleName")));
    delete_first_of(stage, "oidcProviders");
    struct irsa_result result = repair_deliver(stage, REPAIR_CREATE, 2);
    assert_string_equal(repair_steps(stage, &result), "create-oidc-provider, update-trust-policy, tag-role");
    assert_string_equal(repair_diff(stage, before), "~role/tags/irsa.dev/request");
}

static void a_provider_that_others_deleted_is_said_to_be_missing_where_it_may_not_be_made(void **state) {
    struct stage *stage = *state;
    struct irsa_result result;
    struct irsa_error err;
    make_pair_and_wait(stage, 120000);
    delete_first_of(stage, "roles");
    delete_first_of(stage, "oidcProviders");
    assert_false(stage_deliver(stage, repair_json(stage, NOT_ASKED_FOR), 2, &result, &err));
    assert_code(err, OIDC_PROVIDER_MISSING);
    assert_string_equal(repair_writes(stage), "");
    assert_int_equal(result.step_count, 0);
}

/* What IAM refuses of a trust whose provider is there is no riddle: it is looked at once, and the refusal stands. */
static void a_refusal_that_the_provider_does_not_explain_stands(void **state) {
    struct stage *stage = *state;
    struct irsa_result result;
    struct irsa_error err;
    make_pair_and_wait(stage, 120000);
    delete_first_of(stage, "roles");
    stage_control(stage, "POST", "/faults",
                  "[{\"service\":\"iam\",\"action\":\"CreateRole\",\"times\":0,\"kind\":\"status\",\"status\":400,"
                  "\"code\":\"MalformedPolicyDocument\"}]");
    assert_false(stage_deliver(stage, repair_json(stage, REPAIR_CREATE), 2, &result, &err));
    assert_code(err, INVALID);
    assert_string_equal(err.upstream, "MalformedPolicyDocument");
    assert_non_null(strstr(stage_calls(stage), "iam.CreateRole 2, iam.GetOpenIDConnectProvider 1,"));
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        STAGED(a_provider_that_others_deleted_is_made_anew_when_a_role_needs_it),
        STAGED(also_when_this_worker_had_only_just_made_it),
        STAGED(a_provider_that_others_deleted_is_made_anew_when_a_trust_is_mended),
        STAGED(a_provider_that_others_deleted_is_said_to_be_missing_where_it_may_not_be_made),
        STAGED(a_refusal_that_the_provider_does_not_explain_stands),
    };
    return RUN_TESTS("what is remembered of a provider is doubted when IAM says otherwise");
}
