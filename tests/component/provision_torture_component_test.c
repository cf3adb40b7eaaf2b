/*
 * The torture test: each outgoing call is lost once, before its effect and after it; the process dies there, or goes on.
 * The request is delivered again until it is done. The world must be the undisturbed one.
 */
#include <stdlib.h>

#include "core/base/arena.h"
#include "tests/support/stage.h"
#include "tests/support/test.h"

#define CLUSTER "\"cluster\":{\"name\":\"cluster-13\",\"region\":\"us-west-2\"}"
#define NAMES   "\"metadata\":{\"name\":\"s3-reader\",\"namespace\":\"apps\"}"
#define POLICY  "arn:aws:iam::aws:policy/"
#define INLINE                                                                                                         \
    "\"attachPolicy\":{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:"               \
    "ListAllMyBuckets\","                                                                                              \
    "\"Resource\":\"*\"}]}"
#define FULL                                                                                                           \
    "{\"action\":\"create\"," CLUSTER                                                                                  \
    ",\"serviceAccount\":{\"metadata\":{\"name\":\"s3-reader\",\"namespace\":\"apps\","                                \
    "\"labels\":{\"team\":\"storage\"}},\"attachPolicyARNs\":[\"" POLICY "AmazonS3ReadOnlyAccess\",\"" POLICY          \
    "AmazonSQSReadOnlyAccess\"]," INLINE ",\"tags\":{\"team\":\"storage\"}},\"options\":{\"withOIDC\":true}}"
#define OTHER                                                                                                          \
    "{\"action\":\"create\"," CLUSTER ",\"serviceAccount\":{" NAMES ",\"attachPolicyARNs\":[\"" POLICY                 \
    "AmazonDynamoDBReadOnlyAccess\"]},\"options\":{\"withOIDC\":true}}"
#define UPDATE                                                                                                         \
    "{\"action\":\"update\"," CLUSTER                                                                                  \
    ",\"serviceAccount\":{\"metadata\":{\"name\":\"s3-reader\",\"namespace\":\"apps\","                                \
    "\"annotations\":{\"note\":\"x\"}},\"attachPolicyARNs\":[\"" POLICY "AmazonSQSFullAccess\"]}}"
#define DELETE    "{\"action\":\"delete\"," CLUSTER ",\"serviceAccount\":{" NAMES "}}"
#define ASSOCIATE "{\"action\":\"associate-oidc\"," CLUSTER "}"
#define ROLE_ONLY                                                                                                      \
    "{\"action\":\"create\"," CLUSTER ",\"serviceAccount\":{" NAMES ",\"roleOnly\":true,\"roleName\":\"reader\","      \
    "\"attachPolicyARNs\":[\"" POLICY "AmazonS3ReadOnlyAccess\"]},\"options\":{\"withOIDC\":true}}"
#define TAKE_OVER                                                                                                      \
    "{\"action\":\"create\"," CLUSTER ",\"serviceAccount\":{" NAMES ",\"attachPolicyARNs\":[\"" POLICY                 \
    "AmazonS3ReadOnlyAccess\"]},\"options\":{\"withOIDC\":true,\"overrideExistingServiceAccounts\":true}}"
#define NAMED                                                                                                          \
    "{\"action\":\"create\"," CLUSTER ",\"serviceAccount\":{" NAMES                                                    \
    ",\"roleName\":\"reader\",\"attachPolicyARNs\":[\"" POLICY                                                         \
    "AmazonS3ReadOnlyAccess\"]},\"options\":{\"withOIDC\":true}}"
#define PERSONS_ACCOUNT                                                                                                \
    "{\"clusters\":{\"us-west-2/cluster-13\":{\"namespaces\":[\"apps\"],\"serviceAccounts\":[{\"metadata\":{\"name\":" \
    "\"s3-reader\",\"namespace\":\"apps\",\"labels\":{\"owner\":\"somebody\"}}}]}}}"
#define OFFERED_ROLE                                                                                                   \
    "{\"accounts\":{\"111122223333\":{\"roles\":[{\"roleName\":\"reader\",\"tags\":{\"irsa.dev/"                       \
    "adopt\":\"arn:aws:eks:us-west-2:"                                                                                 \
    "111122223333:cluster/cluster-13/apps/s3-reader\"},\"attachedPolicies\":[\"" POLICY "AmazonDynamoDBFullAccess\"]," \
    "\"inlinePolicies\":{\"by-hand\":{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":"     \
    "\"s3:*\","                                                                                                        \
    "\"Resource\":\"*\"}]}}}]}}}"
#define ADOPT(action)                                                                                                  \
    "{\"action\":\"" action "\"," CLUSTER ",\"serviceAccount\":{" NAMES                                                \
    ",\"roleName\":\"reader\",\"permissionsBoundary\":\"" POLICY "PowerUserAccess\",\"attachPolicyARNs\":[\"" POLICY   \
    "AmazonS3ReadOnlyAccess\"]},\"options\":{\"withOIDC\":true,\"adopt\":true}}"
#define LEFT_ROLE                                                                                                      \
    "{\"accounts\":{\"111122223333\":{\"roles\":[{\"roleName\":\"reader\",\"tags\":{\"irsa.dev/"                       \
    "cluster\":\"arn:aws:eks:us-west-2:"                                                                               \
    "111122223333:cluster/old\",\"irsa.dev/service-account\":\"apps/s3-reader\",\"irsa.dev/owner\":\"irsa\"},"         \
    "\"attachedPolicies\":[\"" POLICY "AmazonDynamoDBFullAccess\"]}]}}}"
#define DELETE_LEFT                                                                                                    \
    "{\"action\":\"delete\",\"cluster\":{\"name\":\"old\",\"region\":\"us-west-2\"},\"serviceAccount\":{" NAMES        \
    ",\"roleName\":\"reader\"},\"options\":{\"clusterGone\":true}}"

/* A shape: what is there before (a world to put, requests to deliver), and the request under torture. */
static const struct shape {
    const char *name;
    const char *world;
    const char *before[2];
    const char *request;
} SHAPES[] = {
    {"create in an empty world", NULL, {NULL}, FULL},
    {"create again", NULL, {FULL}, FULL},
    {"create with other policies", NULL, {FULL}, OTHER},
    {"create of a role alone", NULL, {NULL}, ROLE_ONLY},
    {"create on a person's account", PERSONS_ACCOUNT, {NULL}, TAKE_OVER},
    {"update", NULL, {FULL}, UPDATE},
    {"delete", NULL, {FULL}, DELETE},
    {"delete of what a person owned", PERSONS_ACCOUNT, {TAKE_OVER}, DELETE},
    {"delete of a role that only the account's annotation names", NULL, {NAMED}, DELETE},
    {"delete after an update", NULL, {FULL, UPDATE}, DELETE},
    {"associate", NULL, {NULL}, ASSOCIATE},
    {"create that adopts a role", OFFERED_ROLE, {NULL}, ADOPT("create")},
    {"update that adopts a role", OFFERED_ROLE, {NULL}, ADOPT("update")},
    {"delete of what a cluster left", LEFT_ROLE, {NULL}, DELETE_LEFT},
};

static const char *const FAULT_NAMES[] = {
    [STAGE_LOSE_BEFORE] = "lost before its effect",
    [STAGE_LOSE_AFTER] = "lost after its effect",
    [STAGE_CUT_SHORT] = "cut short",
    [STAGE_SEND_TWICE] = "sent twice",
};

static void set_the_stage(struct stage *stage, const struct shape *shape) {
    struct irsa_result result;
    struct irsa_error err;
    stage_open(stage);
    if (shape->world != NULL)
        stage_control(stage, "PUT", "/world", shape->world);
    for (size_t i = 0; i < COUNT_OF(shape->before) && shape->before[i] != NULL; i++)
        assert_ok(stage_deliver(stage, shape->before[i], (int64_t)i + 1, &result, &err), err);
    stage->now_ms += 60000; /* owners of fields are listed by the second of their last write */
    stage_restart(stage);   /* with cold caches, so that every call there can be is among those that are lost */
}

/* Undisturbed: the world that must come out, and how many calls there are. */
static char *play_undisturbed(const struct shape *shape, unsigned *out_calls) {
    struct stage stage;
    struct irsa_result result;
    struct irsa_error err;
    set_the_stage(&stage, shape);
    stage_fault(&stage, STAGE_NO_FAULT, 0, false);
    assert_ok(stage_deliver(&stage, shape->request, 9, &result, &err), err);
    *out_calls = stage.calls;
    char *world = strdup(stage_world(&stage));
    stage_close(&stage);
    return world;
}

static void play_disturbed(const struct shape *shape, enum stage_fault fault, unsigned at, bool dies,
                           const char *expected) {
    struct stage stage;
    struct irsa_result result;
    struct irsa_error err = {.code = IRSA_CODE_NONE};
    set_the_stage(&stage, shape);
    stage_fault(&stage, fault, at, dies);
    bool is_done = stage_deliver(&stage, shape->request, 9, &result, &err);
    const char *world = stage_world(&stage);
    if (!is_done || strcmp(world, expected) != 0)
        fail_msg("%s: call %u %s, the process %s: %s\n%s\ninstead of\n%s", shape->name, at, FAULT_NAMES[fault],
                 dies ? "dies" : "goes on", is_done ? "another world" : err.message, world, expected);
    stage_close(&stage);
}

static void every_call_may_be_lost_once_at_any_point(void **state) {
    (void)state;
    for (size_t s = 0; s < COUNT_OF(SHAPES); s++) {
        unsigned calls;
        char *expected = play_undisturbed(&SHAPES[s], &calls);
        assert_true(calls > 0);
        for (unsigned at = 1; at <= calls; at++)
            for (int fault = STAGE_LOSE_BEFORE; fault <= STAGE_SEND_TWICE; fault++)
                for (int dies = 0; dies <= (fault == STAGE_SEND_TWICE ? 0 : 1); dies++)
                    play_disturbed(&SHAPES[s], (enum stage_fault)fault, at, dies != 0, expected);
        free(expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_call_may_be_lost_once_at_any_point)};
    return RUN_TESTS("a request that is delivered again ends in the undisturbed world");
}
