/*
 * What becomes of jobs at the moments that a whole worker meets rarely: partitions that are given up while one fails, a halt
 * that outlasts its jobs. The test's own thread is the engine's, so that those moments can be chosen.
 */
#include "core/base/log.h"
#include "tests/support/engine_scene.h"
#include "worker/engine/engine_state.h"

#define TURN_MS 5

static struct irsa_engine *engine;

static bool is_never(const struct irsa_engine *self) {
    (void)self;
    return false;
}

static void turn(void) {
    irsa_consumer_serve(engine->consumer);
    irsa_intake_wake(engine);
    irsa_intake_run(engine);
    irsa_engine_pump(engine, is_never, irsa_engine_now_ms(engine) + TURN_MS);
}

static void open_engine(const struct irsa_engine_options *options) {
    struct irsa_error err;
    engine = irsa_engine_new(options, &err);
    if (engine == NULL)
        fail_msg("%s", err.message);
}

static void revoke(int32_t partition) {
    const struct irsa_consumer_events events = irsa_rebalance_events(engine);
    events.revoked(events.self, &(struct irsa_assignment){&partition, 1}, false);
    assert_null(irsa_engine_find_partition(engine, partition));
}

/* Begin a job that fails after 300 ms, and take its partition away meanwhile. */
static void revoke_while_it_runs(const char *value) {
    struct irsa_engine_options options = default_options();
    options.retry_base_ms = options.retry_cap_ms = 3600000;
    options.retry_window_ms = 2 * options.retry_cap_ms;
    options.probe_ms = 3600000;
    put_one(0, "a", value);
    open_engine(&options);
    AWAIT((turn(), read_seen(&seen.begun) == 1));
    revoke(0);
    assert_int_equal(engine->task_count, 0);
    assert_int_equal(read_seen(&seen.cancelled), 0);
    irsa_engine_free(engine);
    assert_int_equal(count_results(""), 0);
    assert_int_equal(run_until_idle().taken, 1); // it has come again
}

static void a_job_that_would_be_tried_again_goes_with_its_partition(void **state) {
    (void)state;
    revoke_while_it_runs("300000 unavailable 1");
}

static void a_job_that_halts_the_worker_goes_with_its_partition(void **state) {
    (void)state;
    revoke_while_it_runs("300000 credentials 1");
}

static void a_job_that_expires_while_the_worker_is_halted_does_not_keep_it_halted(void **state) {
    (void)state;
    struct irsa_engine_options options = default_options();
    put_one(0, "a", "0 credentials 1");
    open_engine(&options);
    AWAIT((turn(), engine->is_halted));
    IRSA_OBJECT(engine->all_tasks.next, struct irsa_task, of_engine)->job.expiry_ms = 1;
    put_one(1, "b", "0");
    AWAIT((turn(), engine->totals.settled == 2));
    assert_false(engine->is_halted);
    irsa_engine_free(engine);
    assert_int_equal(count_results("expired 0 0"), 1);
    assert_int_equal(count_results("succeeded 1 0"), 1);
}

#define STALL_MS          300 /* longer than the job */
#define UNKNOWN_MEMBER_ID 25  /* Kafka's error code */

/* The engine's thread stands still while a job ends. */
static void stall_while_it_ends(void) {
    struct irsa_engine_options options = default_options();
    put_one(0, "a", "100000");
    open_engine(&options);
    AWAIT((turn(), read_seen(&seen.begun) == 1));
    engine->fence.limit_ms = STALL_MS / 2;
    pause_ms(STALL_MS);
    assert_int_equal(read_seen(&seen.running), 0);
    assert_false(
        irsa_fence_is_open(&engine->fence, irsa_engine_now_ms(engine))); // executors see it before the loop does
    irsa_engine_pump(engine, is_never, irsa_engine_now_ms(engine) + TURN_MS);
    assert_true(irsa_stall_is_on(engine));
    assert_int_equal(engine->in_flight, 1); // and nobody has collected it
}

static void after_a_stall_nothing_is_told_before_a_commit_has_shown_that_the_worker_is_still_a_member(void **state) {
    (void)state;
    stall_while_it_ends();
    engine->fence.limit_ms = PATIENCE_MS;
    irsa_stall_serve(engine);
    assert_false(irsa_stall_is_on(engine));
    AWAIT((turn(), engine->totals.settled == 1));
    irsa_engine_free(engine);
    assert_int_equal(count_results("succeeded 0 0"), 1);
}

static void after_a_stall_that_cost_the_membership_nothing_is_told(void **state) {
    (void)state;
    struct irsa_error err;
    stall_while_it_ends();
    engine->fence.limit_ms = PATIENCE_MS;
    assert_true(irsa_mock_push_errors(mock, "OffsetCommit", (const int[]){UNKNOWN_MEMBER_ID}, 1, &err));
    irsa_stall_serve(engine);
    assert_true(irsa_stall_is_on(engine));
    AWAIT((turn(), engine->partition_count == 0));
    assert_false(irsa_stall_is_on(engine));
    irsa_engine_free(engine);
    assert_int_equal(count_results(""), 0);
    assert_int_equal(run_until_idle().taken, 1); // it has come again
}

int main(void) {
    irsa_log_setup(IRSA_LOG_ERROR, IRSA_LOG_LOGFMT);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_job_that_would_be_tried_again_goes_with_its_partition),
        TEST(a_job_that_halts_the_worker_goes_with_its_partition),
        TEST(after_a_stall_nothing_is_told_before_a_commit_has_shown_that_the_worker_is_still_a_member),
        TEST(after_a_stall_that_cost_the_membership_nothing_is_told),
        TEST(a_job_that_expires_while_the_worker_is_halted_does_not_keep_it_halted),
    };
    return RUN_TESTS("engine_revoke");
}
