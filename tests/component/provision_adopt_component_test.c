/*
 * Adoption and update: in what order a role becomes ours, and when the cluster's OIDC provider matters to it.
 */
#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "tests/support/stage.h"
#include "tests/support/test.h"

#define CLUSTER "\"cluster\":{\"name\":\"cluster-13\",\"region\":\"us-west-2\"}"
#define NAMES   "\"metadata\":{\"name\":\"s3-reader\",\"namespace\":\"apps\"}"
#define POLICY  "arn:aws:iam::aws:policy/"
#define UPDATE(more, options)                                                                                          \
    "{\"action\":\"update\"," CLUSTER ",\"serviceAccount\":{" NAMES ",\"attachPolicyARNs\":[\"" POLICY                 \
    "AmazonS3ReadOnlyAccess\"]" more "},\"options\":{" options "}}"
#define ADOPT                                                                                                          \
    "{\"action\":\"create\"," CLUSTER ",\"serviceAccount\":{" NAMES                                                    \
    ",\"roleName\":\"reader\",\"tags\":{\"team\":\"x\"},"                                                              \
    "\"permissionsBoundary\":\"" POLICY "PowerUserAccess\",\"attachPolicyARNs\":[\"" POLICY                            \
    "AmazonS3ReadOnlyAccess\"]},\"options\":{\"withOIDC\":true,\"adopt\":true}}"
#define CREATE                                                                                                         \
    "{\"action\":\"create\"," CLUSTER ",\"serviceAccount\":{" NAMES ",\"attachPolicyARNs\":[\"" POLICY                 \
    "AmazonDynamoDBFullAccess\"]},\"options\":{\"withOIDC\":true}}"
#define ACCOUNT "111122223333"

static void put_offered_role(struct stage *stage) {
    stage_control(stage, "PUT", "/world",
                  "{\"accounts\":{\"" ACCOUNT "\":{\"roles\":[{\"roleName\":\"reader\",\"tags\":{\"irsa.dev/adopt\":"
                  "\"arn:aws:eks:us-west-2:" ACCOUNT
                  ":cluster/cluster-13/apps/s3-reader\"},\"attachedPolicies\":[\"" POLICY
                  "AmazonDynamoDBFullAccess\"]}]}}}");
}

static void delete_provider(struct stage *stage) {
    const struct irsa_json *provider =
        irsa_json_at(stage_control(stage, "GET", "/world", NULL), "/accounts/" ACCOUNT "/oidcProviders/0");
    stage_control(stage, "PUT", "/world",
                  irsa_arena_format(stage->arena,
                                    "{\"accounts\":{\"" ACCOUNT "\":{\"delete\":{\"oidcProviders\":[\"%s\"]}}}}",
                                    irsa_json_get_text(provider, "arn")));
    stage_restart(stage); /* a worker that does not remember it */
}

static void an_adopted_role_gets_its_boundary_policies_and_tags_before_its_trust(void **state) {
    struct stage *stage = *state;
    put_offered_role(stage);
    struct irsa_result result = stage_must_deliver(stage, ADOPT, 1);
    struct irsa_text steps;
    irsa_text_init(&steps, stage->arena, 1024);
    for (size_t i = 0; i < result.step_count; i++)
        irsa_text_addf(&steps, "%s%s", i == 0 ? "" : ", ", result.steps[i].name);
    assert_string_equal(steps.at, "create-oidc-provider, create-namespace, put-permissions-boundary, attach-policy, "
                                  "detach-policy, tag-role, update-trust-policy, apply-service-account");
}

/* Just before the next TagRole somebody deletes the role "reader". */
static bool (*real_exchange)(void *self, const struct irsa_http_call *call, struct irsa_arena *arena,
                             struct irsa_http_reply *out_reply, struct irsa_error *err);

static bool deleting_exchange(void *self, const struct irsa_http_call *call, struct irsa_arena *arena,
                              struct irsa_http_reply *out_reply, struct irsa_error *err) {
    struct stage *stage = self;
    bool is_tag_role =
        call->body != NULL && strstr(irsa_arena_copy_bytes(arena, call->body, call->body_length), "Action=TagRole");
    if (is_tag_role) {
        stage->transport.exchange = real_exchange;
        stage_control(stage, "PUT", "/world", "{\"accounts\":{\"" ACCOUNT "\":{\"delete\":{\"roles\":[\"reader\"]}}}}");
    }
    return real_exchange(self, call, arena, out_reply, err);
}

static void an_adopted_role_that_goes_in_the_middle_of_a_create_leaves_neither_its_name_nor_its_path(void **state) {
    struct stage *stage = *state;
    put_offered_role(stage);
    stage_must_deliver(stage, ADOPT, 1);
    real_exchange = stage->transport.exchange;
    stage->transport.exchange = deleting_exchange;
    struct irsa_result result = stage_must_deliver(stage, CREATE, 2);
    const struct irsa_json *world = stage_control(stage, "GET", "/world", NULL);
    const char *role_arn = irsa_json_get_text(irsa_json_at(world, "/accounts/" ACCOUNT "/roles/0"), "arn");
    assert_non_null(strstr(role_arn, ":role/irsa/us-west-2/cluster-13/cluster-13-apps-s3-reader-"));
    assert_string_equal(result.role_arn, role_arn);
    assert_string_equal(
        irsa_json_get_text(
            irsa_json_at(world, "/clusters/us-west-2~1cluster-13/serviceAccounts/0/metadata/annotations"),
            "eks.amazonaws.com/role-arn"),
        role_arn);
}

static void an_adoption_needs_the_provider_that_it_will_trust(void **state) {
    struct stage *stage = *state;
    struct irsa_result result;
    struct irsa_error err;
    put_offered_role(stage);
    const char *before = stage_world(stage);
    assert_false(stage_attempt(stage, UPDATE(",\"roleName\":\"reader\"", "\"adopt\":true"), 1, &result, &err));
    assert_code(err, OIDC_PROVIDER_MISSING);
    assert_string_equal(stage_world(stage), before);
}

static void an_update_makes_the_provider_when_it_is_asked_to(void **state) {
    struct stage *stage = *state;
    stage_must_deliver(stage, CREATE, 1);
    delete_provider(stage);
    stage_must_deliver(stage, UPDATE("", "\"withOIDC\":true"), 2);
    stage_forget_calls(stage);
    struct irsa_result again = stage_must_deliver(stage, UPDATE("", "\"withOIDC\":true"), 3);
    assert_int_equal(again.outcome, IRSA_OUTCOME_UNCHANGED);
    assert_null(strstr(stage_calls(stage), "ClientID")); /* one that is there is not written to */
    const struct irsa_json *world = stage_control(stage, "GET", "/world", NULL);
    assert_int_equal(irsa_json_at(world, "/accounts/" ACCOUNT "/oidcProviders")->count, 1);
}

static void an_update_of_policies_alone_does_not_look_at_the_provider(void **state) {
    struct stage *stage = *state;
    stage_must_deliver(stage, CREATE, 1);
    stage_restart(stage);
    stage_forget_calls(stage);
    stage_must_deliver(stage, UPDATE("", ""), 2);
    assert_null(strstr(stage_calls(stage), "OpenIDConnectProvider"));
}

static void an_update_of_the_subject_needs_the_provider(void **state) {
    struct stage *stage = *state;
    struct irsa_result result;
    struct irsa_error err;
    stage_must_deliver(stage, CREATE, 1);
    delete_provider(stage);
    assert_false(stage_attempt(stage, UPDATE(",\"subjectPattern\":\"s3-*\"", ""), 2, &result, &err));
    assert_code(err, OIDC_PROVIDER_MISSING);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        STAGED(an_adopted_role_gets_its_boundary_policies_and_tags_before_its_trust),
        STAGED(an_adopted_role_that_goes_in_the_middle_of_a_create_leaves_neither_its_name_nor_its_path),
        STAGED(an_adoption_needs_the_provider_that_it_will_trust),
        STAGED(an_update_makes_the_provider_when_it_is_asked_to),
        STAGED(an_update_of_policies_alone_does_not_look_at_the_provider),
        STAGED(an_update_of_the_subject_needs_the_provider),
    };
    return RUN_TESTS("a role becomes ours in an order that lets nobody in too early");
}
