/*
 * What the worker's job tells the engine: whom its calls burden, and what a run has cost.
 */
#include "worker/job.h"

#include <string.h>

#include "core/base/arena.h"
#include "tests/support/stage.h"
#include "tests/support/test.h"

#define CREATE(more)                                                                                                   \
    "{\"action\":\"create\",\"cluster\":{\"name\":\"cluster-13\",\"region\":\"us-west-2\"" more                        \
    "},\"serviceAccount\":{\"metadata\":{\"name\":\"reader\",\"namespace\":\"apps\"},\"attachPolicyARNs\":["           \
    "\"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess\"]},\"options\":{\"withOIDC\":true}}"

struct scene {
    struct stage *stage;
    struct irsa_metrics *metrics;
    struct irsa_worker_job self;
    struct irsa_job_kind kind;
};

static struct scene begin(struct stage *stage) {
    struct scene scene = {.stage = stage, .metrics = irsa_metrics_new()};
    scene.self = (struct irsa_worker_job){
        .provisioner = stage->provisioner, .account_id = "111122223333", .worker = "w", .metrics = scene.metrics};
    return scene;
}

static struct irsa_job accept(struct scene *scene, const char *data) {
    struct irsa_error err;
    struct irsa_job job = {
        .arena = scene->stage->arena,
        .record = {
            .topic = "irsa.requests", .offset = 1, .timestamp_ms = 1000, .value = data, .value_length = strlen(data)}};
    scene->kind = irsa_worker_job_kind(&scene->self);
    assert_ok(scene->kind.accept(scene->kind.self, &job, &err), err);
    return job;
}

static bool run(struct scene *scene, struct irsa_job *job, struct irsa_error *err) {
    const struct irsa_clock *clock = &scene->stage->clock;
    const struct irsa_run bounds = {.clock = clock, .deadline_ms = irsa_clock_monotonic_ms(clock) + 120000};
    memset(job->usage, 0, sizeof job->usage);
    return scene->kind.run(scene->kind.self, job, &bounds, err);
}

static void clusters_of_one_name_in_two_accounts_are_two(void **state) {
    struct scene scene = begin(*state);
    struct irsa_job ours = accept(&scene, CREATE(""));
    struct irsa_job theirs = accept(&scene, CREATE(",\"accountID\":\"444455556666\""));
    assert_string_equal(ours.account, "111122223333");
    assert_string_equal(theirs.account, "444455556666");
    assert_string_not_equal(ours.cluster, theirs.cluster);
    irsa_metrics_free(scene.metrics);
}

static void a_run_tells_reads_and_writes_of_its_account_and_calls_of_its_cluster(void **state) {
    struct scene scene = begin(*state);
    struct irsa_error err;
    struct irsa_job job = accept(&scene, CREATE(""));
    assert_ok(run(&scene, &job, &err), err);
    assert_string_equal(stage_calls(scene.stage),
                        "eks.DescribeCluster 1, iam.AttachRolePolicy 1, iam.CreateOpenIDConnectProvider 1, "
                        "iam.CreateRole 1, iam.GetOpenIDConnectProvider 1, kubernetes.apply 1, "
                        "kubernetes.create-namespace 1, kubernetes.get 1, kubernetes.get-namespace 1");
    assert_int_equal(job.usage[IRSA_BURDEN_READS].calls, 2);
    assert_int_equal(job.usage[IRSA_BURDEN_WRITES].calls, 3);
    assert_int_equal(job.usage[IRSA_BURDEN_CLUSTER].calls, 4);
    for (size_t i = 0; i < IRSA_BURDENS; i++)
        assert_int_equal(job.usage[i].throttled, 0);
    irsa_metrics_free(scene.metrics);
}

/* IAM says 400 `Throttling`, EKS and Kubernetes say 429. */
static void a_throttle_is_told_in_the_class_of_the_call(void **state) {
    static const struct {
        const char *service, *action, *status, *code;
        enum irsa_burden burden;
    } rows[] = {{"eks", "DescribeCluster", "429", ",\"code\":\"ThrottlingException\"", IRSA_BURDEN_READS},
                {"kubernetes", "get", "429", "", IRSA_BURDEN_CLUSTER},
                {"iam", "CreateRole", "400", ",\"code\":\"Throttling\"", IRSA_BURDEN_WRITES}};
    struct scene scene = begin(*state);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct irsa_error err;
        struct irsa_job job = accept(&scene, CREATE(""));
        stage_control(scene.stage, "DELETE", "/faults", NULL);
        stage_control(scene.stage, "POST", "/faults",
                      irsa_arena_format(scene.stage->arena,
                                        "[{\"service\":\"%s\",\"action\":\"%s\",\"kind\":\"status\",\"status\":%s%s}]",
                                        rows[i].service, rows[i].action, rows[i].status, rows[i].code));
        assert_false(run(&scene, &job, &err));
        assert_code(err, THROTTLED);
        for (size_t burden = 0; burden < IRSA_BURDENS; burden++)
            assert_int_equal(job.usage[burden].throttled, burden == rows[i].burden);
    }
    const char *metrics = irsa_metrics_text(scene.metrics, NULL, scene.stage->arena);
    assert_non_null(strstr(metrics, "irsa_calls_throttled_total{service=\"iam\",action=\"CreateRole\"} 1\n"));
    irsa_metrics_free(scene.metrics);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        STAGED(clusters_of_one_name_in_two_accounts_are_two),
        STAGED(a_run_tells_reads_and_writes_of_its_account_and_calls_of_its_cluster),
        STAGED(a_throttle_is_told_in_the_class_of_the_call),
    };
    return RUN_TESTS("worker job");
}
