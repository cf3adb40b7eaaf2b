/*
 * A group that does not answer: the worker joins anew, and says so when that does not help.
 */
#include "core/base/arena.h"
#include "core/base/log.h"
#include "tests/support/engine_scene.h"

#define REJOIN_MS 5000 /* longer than the mock broker lets the first member wait */
#define NEVER_MS  3600000

static bool is_healthy(const struct running *running, struct irsa_error *err) {
    struct irsa_arena *arena = irsa_arena_new();
    bool is_healthy = irsa_engine_is_healthy(running->engine, arena, err);
    irsa_arena_free(arena);
    return is_healthy;
}

static void start_impatient(struct running *running, int64_t rejoin_ms) {
    struct irsa_engine_options options = default_options();
    options.rejoin_ms = rejoin_ms;
    start(running, &options);
}

static void a_request_to_join_that_is_never_answered_is_made_anew(void **state) {
    (void)state;
    struct irsa_error err;
    struct running running;
    put_one(0, "a", "0");
    assert_true(irsa_mock_delay_one(mock, "JoinGroup", NEVER_MS, &err));
    start_impatient(&running, REJOIN_MS);
    AWAIT(figures_of(&running).renewals == 1);
    assert_true(is_healthy(&running, &err));
    AWAIT(figures_of(&running).settled == 1);
    assert_int_equal(figures_of(&running).renewals, 0);
    request_stop(&running);
    join(&running);
    assert_true(running.is_fine);
}

static void a_group_that_gives_no_partitions_though_brokers_answer_is_told_by_the_health(void **state) {
    (void)state;
    struct irsa_error err;
    struct running running;
    start_impatient(&running, 500); // the mock broker's first member waits for three seconds
    AWAIT(!is_healthy(&running, &err));
    assert_non_null(strstr(err.message, "gives no partitions although brokers answer"));
    request_stop(&running);
    join(&running);
    assert_true(running.is_fine);
}

static void a_broker_that_is_away_is_waited_for_without_joining_anew(void **state) {
    (void)state;
    struct irsa_error err;
    struct running running;
    put_one(0, "a", "0");
    irsa_mock_set_down(mock, true);
    start_impatient(&running, 200);
    int64_t begin_ms = now_ms();
    AWAIT(now_ms() > begin_ms + 12000); // two of its looks for a broker: that nothing happens has no state to wait for
    assert_int_equal(figures_of(&running).renewals, 0);
    assert_true(is_healthy(&running, &err));
    request_stop(&running);
    join(&running);
    irsa_mock_set_down(mock, false);
}

int main(void) {
    irsa_log_setup(IRSA_LOG_ERROR, IRSA_LOG_LOGFMT);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_request_to_join_that_is_never_answered_is_made_anew),
        TEST(a_group_that_gives_no_partitions_though_brokers_answer_is_told_by_the_health),
        TEST(a_broker_that_is_away_is_waited_for_without_joining_anew),
    };
    return RUN_TESTS("engine_membership");
}
