/*
 * The engine and the requests that a process died with: written down while they are in hand, run alone, not tried for ever.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/log.h"
#include "tests/support/engine_scene.h"
#include "worker/engine/hands.h"

static struct irsa_hands *hands;
static struct listing work; /* what is in the topic, after put_work() */

static int set_up_hands(void **state) {
    struct irsa_error err;
    hands = irsa_hands_new(IRSA_EXECUTORS_MAX, &err);
    work = (struct listing){0};
    return hands == NULL || set_up(state) != 0;
}

static int tear_down_hands(void **state) {
    irsa_hands_free(hands);
    if (work.at != NULL)
        free_listing(&work);
    return tear_down(state);
}

/* All in partition 0, each with a key of its own. */
static void put_work(const char *const *values, size_t count) {
    struct irsa_producer *producer = open_producer();
    for (size_t i = 0; i < count; i++)
        put(producer, 0, (const char[]){(char)('0' + i), '\0'}, values[i]);
    close_producer(producer);
    work = list_topic("work");
    assert_int_equal(work.count, count);
}

static void die_with(size_t offset, enum irsa_hand_use use, unsigned deaths) {
    for (unsigned i = 0; i < deaths; i++) {
        irsa_hands_take(hands, 1, &work.at[offset], use);
        irsa_hands_bury(hands, true);
    }
}

static void start_watched(struct running *running) {
    struct irsa_engine_options options = default_options();
    options.until_idle = true;
    options.drain_ms = 30;
    options.hands = hands;
    start(running, &options);
}

static struct irsa_engine_figures run_watched(void) {
    struct running running;
    start_watched(&running);
    return join(&running);
}

/* As if the process had died now: what a process that watches would find, which has the suspects for itself. */
static int count_in_hand(void) {
    int status = -1;
    pid_t watcher = fork();
    if (watcher == 0)
        _exit((int)irsa_hands_bury(hands, true));
    assert_int_equal(waitpid(watcher, &status, 0), watcher);
    return WEXITSTATUS(status);
}

static void what_runs_is_in_hand(void **state) {
    (void)state;
    put_work((const char *const[]){"0", "0 stuck", "0 stuck", "0 garbage", "0 stuck"}, 5);
    struct running running;
    start_watched(&running);
    AWAIT(read_seen(&seen.stuck) == 3 && figures_of(&running).settled == 2);
    assert_int_equal(count_in_hand(), 3);
    release_stuck();
    join(&running);
}

static void what_has_run_is_not_in_hand(void **state) {
    (void)state;
    put_work((const char *const[]){"0", "0 garbage", "0 unavailable 1"}, 3);
    assert_int_equal(run_watched().settled, 3);
    assert_int_equal(count_in_hand(), 0);
}

static void what_too_many_died_with_is_a_dead_letter_and_the_others_are_done(void **state) {
    (void)state;
    put_work((const char *const[]){"0", "0", "0"}, 3);
    die_with(1, IRSA_HAND_RUNS, 3);
    const struct irsa_engine_figures figures = run_watched();
    assert_int_equal(figures.settled, 3);
    assert_int_equal(seen.runs[0][1], 0);
    assert_int_equal(count_results("failed 0 1 3"), 1);
    assert_int_equal(count_results("succeeded"), 2);
    struct listing dead = list_topic("dead");
    assert_int_equal(dead.count, 1);
    assert_memory_equal(dead.at[0].key, "1", 1);
    free_listing(&dead);
    assert_int_equal(figures.suspects, 1); // it may come again: its offset might not have been committed
    assert_int_equal(figures.restarts, 3);
}

static void what_died_while_it_was_read_is_not_read_again(void **state) {
    (void)state;
    put_work((const char *const[]){"0", "0"}, 2);
    die_with(0, IRSA_HAND_ACCEPTS, 3);
    run_watched();
    assert_int_equal(seen.accepts, 1);
    assert_int_equal(count_results("failed 0 0 3"), 1);
    assert_int_equal(count_results("succeeded 0 1"), 1);
}

static void run_suspect_among_others(const char *suspect) {
    enum { JOBS = 12, SUSPECT = 5 };
    const char *values[JOBS];
    for (size_t i = 0; i < JOBS; i++)
        values[i] = i == SUSPECT ? suspect : "3000";
    put_work(values, JOBS);
    die_with(SUSPECT, IRSA_HAND_RUNS, 2);
    seen.watched_partition = 0;
    seen.watched_offset = SUSPECT;
    const struct irsa_engine_figures figures = run_watched();
    assert_int_equal(figures.settled, JOBS);
    expect_all_told(JOBS);
    assert_true(seen.most_running > 1);
    assert_int_equal(seen.company, 1);
    assert_int_equal(figures.suspects, 0);
}

static void a_suspect_runs_alone_and_is_none_when_it_is_settled(void **state) {
    (void)state;
    run_suspect_among_others("20000");
}

static void a_suspect_that_halts_the_worker_shows_by_itself_that_it_is_fit_again(void **state) {
    (void)state;
    run_suspect_among_others("1000 credentials 1");
}

static void a_suspect_that_is_tried_again_is_alone_each_time(void **state) {
    (void)state;
    put_work((const char *const[]){"3000", "3000", "3000", "9000 unavailable 2", "3000", "3000"}, 6);
    die_with(3, IRSA_HAND_RUNS, 1);
    seen.watched_offset = 3;
    const struct irsa_engine_figures figures = run_watched();
    assert_int_equal(figures.settled, 6);
    assert_int_equal(seen.runs[0][3], 3);
    assert_int_equal(seen.company, 1);
    assert_int_equal(figures.suspects, 0);
}

static void what_becomes_due_while_a_suspect_runs_waits_for_its_end(void **state) {
    (void)state;
    put_work((const char *const[]){"0 unavailable 1", "300000", "1000"}, 3);
    die_with(1, IRSA_HAND_RUNS, 1);
    die_with(2, IRSA_HAND_RUNS, 1);
    seen.watched_offset = 1;
    assert_int_equal(run_watched().settled, 3);
    assert_int_equal(seen.runs[0][0], 2);
    assert_int_equal(seen.company, 1);
}

/* Reading kills as well: then the suspect, which is in hand, would be blamed for it. */
static void nothing_is_read_while_a_suspect_runs(void **state) {
    (void)state;
    put_work((const char *const[]){"300000"}, 1);
    die_with(0, IRSA_HAND_RUNS, 1);
    struct running running;
    start_watched(&running);
    AWAIT(figures_of(&running).in_flight == 1);
    put_one(1, "x", "0");
    AWAIT(figures_of(&running).settled == 2);
    join(&running);
    assert_int_equal(seen.accepts_meanwhile, 0);
}

static void a_suspect_that_waits_to_be_alone_is_left_to_the_next_by_a_drain(void **state) {
    (void)state;
    put_work((const char *const[]){"0 stuck", "0"}, 2);
    die_with(1, IRSA_HAND_RUNS, 1);
    struct running running;
    start_watched(&running);
    AWAIT(read_seen(&seen.stuck) == 1 && figures_of(&running).in_flight == 2);
    request_stop(&running);
    join(&running);
    assert_int_equal(seen.runs[0][1], 0);
    assert_int_equal(irsa_hands_suspects(hands), 1);
    release_stuck();
    assert_int_equal(run_watched().settled, 2);
    assert_int_equal(count_results("succeeded 0 1"), 1);
}

int main(void) {
    irsa_log_setup(IRSA_LOG_ERROR, IRSA_LOG_LOGFMT);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_hands, tear_down_hands)
    const struct CMUnitTest tests[] = {
        TEST(what_runs_is_in_hand),
        TEST(what_has_run_is_not_in_hand),
        TEST(what_too_many_died_with_is_a_dead_letter_and_the_others_are_done),
        TEST(what_died_while_it_was_read_is_not_read_again),
        TEST(a_suspect_runs_alone_and_is_none_when_it_is_settled),
        TEST(a_suspect_that_halts_the_worker_shows_by_itself_that_it_is_fit_again),
        TEST(a_suspect_that_is_tried_again_is_alone_each_time),
        TEST(what_becomes_due_while_a_suspect_runs_waits_for_its_end),
        TEST(nothing_is_read_while_a_suspect_runs),
        TEST(a_suspect_that_waits_to_be_alone_is_left_to_the_next_by_a_drain),
    };
    return RUN_TESTS("engine_suspects");
}
