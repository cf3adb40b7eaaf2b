/*
 * The engine and its control topic on the mock broker: what is cancelled is not begun, and nothing is begun before it is known
 * what is cancelled.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/log.h"
#include "core/contract/control.h"
#include "tests/support/engine_scene.h"

/* Kafka's error codes. */
#define REQUEST_TIMED_OUT          7
#define TOPIC_AUTHORIZATION_FAILED 29

#define HOUR_MS INT64_C(3600000)

static void send_to(const char *topic, const char *key, const char *value, int64_t timestamp_ms) {
    struct irsa_error err;
    struct irsa_producer *producer = open_producer();
    const struct irsa_record record = {.topic = topic,
                                       .partition = 0,
                                       .key = key,
                                       .key_length = key == NULL ? 0 : strlen(key),
                                       .value = value,
                                       .value_length = strlen(value),
                                       .timestamp_ms = timestamp_ms};
    if (!irsa_producer_send(producer, &record, NULL, &err))
        fail_msg("%s", err.message);
    close_producer(producer);
}

static void say_at(struct irsa_control word, int64_t timestamp_ms) {
    struct irsa_arena *arena = irsa_arena_new();
    word.sender = "ops";
    send_to("control", NULL, irsa_control_value(arena, &word), timestamp_ms);
    irsa_arena_free(arena);
}

static void cancel_batch(const char *key) {
    say_at((struct irsa_control){.batch = key}, IRSA_NO_TIME);
}

static void cancel_job(const char *id) {
    say_at((struct irsa_control){.id = id, .source = "urn:work"}, IRSA_NO_TIME);
}

static struct irsa_engine_options listening_options(void) {
    struct irsa_engine_options options = default_options();
    options.control_topic = "control";
    options.probe_ms = 200;
    return options;
}

static struct irsa_engine_figures listen_until_idle(void) {
    struct irsa_engine_options options = listening_options();
    options.until_idle = true;
    struct running running;
    start(&running, &options);
    const struct irsa_engine_figures figures = join(&running);
    if (!running.is_fine)
        fail_msg("%s", running.err.message);
    return figures;
}

/* Without a commit the broker is asked where the partition begins, by the same kind of call as of the control topic. */
static void commit_first_offsets(void) {
    put_many(PARTITIONS);
    assert_int_equal(run_until_idle().settled, PARTITIONS);
}

static void fail_list_offsets(int code) {
    enum { TIMES = 20000 };
    static int codes[TIMES];
    struct irsa_error err;
    for (size_t i = 0; i < TIMES; i++)
        codes[i] = code;
    assert_true(irsa_mock_push_errors(mock, "ListOffsets", codes, TIMES, &err));
}

/* --- before the start ----------------------------------------------------------------------------------------------------- */

static void what_was_cancelled_before_the_start_is_told_and_committed_and_never_runs(void **state) {
    (void)state;
    struct irsa_producer *producer = open_producer();
    put(producer, 0, "a", "0");
    put(producer, 0, "b", "0");
    put(producer, 0, "a", "0");
    put(producer, 1, "c", "0");
    put(producer, 1, "c", "0");
    close_producer(producer);
    cancel_batch("a");
    cancel_job("1-0");
    const struct irsa_engine_figures figures = listen_until_idle();
    assert_int_equal(figures.settled, 5);
    assert_int_equal(seen.runs[0][0] + seen.runs[0][2] + seen.runs[1][0], 0);
    assert_int_equal(count_results("cancelled 0 0"), 1);
    assert_int_equal(count_results("cancelled 0 2"), 1);
    assert_int_equal(count_results("cancelled 1 0"), 1);
    assert_int_equal(count_results("succeeded"), 2);
    struct listing letters = list_topic("dead");
    assert_int_equal(letters.count, 0);
    free_listing(&letters);
    struct standing standing = {0};
    read_standing(&standing);
    assert_int_equal(standing.at[0].offset, 3);
    assert_int_equal(standing.at[1].offset, 2);
    irsa_arena_free(standing.arena);
}

static void what_is_enqueued_after_the_word_runs(void **state) {
    (void)state;
    int64_t now_ms = irsa_clock_now_ms(irsa_clock_system());
    send_to("work", "a", "0", now_ms - 10);
    send_to("work", "a", "0", now_ms - 9);
    say_at((struct irsa_control){.batch = "a"}, now_ms - 10);
    listen_until_idle();
    assert_int_equal(count_results("cancelled 0 0"), 1);
    assert_int_equal(count_results("succeeded 0 1"), 1);
}

static void a_word_counts_for_a_day(void **state) {
    (void)state;
    int64_t now_ms = irsa_clock_now_ms(irsa_clock_system());
    send_to("work", "a", "0", now_ms - 26 * HOUR_MS);
    send_to("work", "b", "0", now_ms - 26 * HOUR_MS);
    say_at((struct irsa_control){.batch = "a"}, now_ms - 25 * HOUR_MS);
    say_at((struct irsa_control){.batch = "b"}, now_ms - 23 * HOUR_MS);
    listen_until_idle();
    assert_int_equal(count_results("succeeded 0 0"), 1);
    assert_int_equal(count_results("cancelled 0 1"), 1);
}

static void what_is_no_word_is_passed_over(void **state) {
    (void)state;
    put_one(0, "a", "0");
    send_to("control", NULL, "stop everything", IRSA_NO_TIME);
    send_to("control", NULL, "{\"cancel\":{\"batch\":\"a\"}}", IRSA_NO_TIME);
    cancel_job("0-0");
    listen_until_idle();
    assert_int_equal(count_results("cancelled 0 0"), 1);
}

static void nothing_is_begun_before_it_is_known_what_is_cancelled(void **state) {
    (void)state;
    commit_first_offsets();
    put_one(0, "a", "0");
    put_one(0, "b", "0");
    cancel_batch("a");
    fail_list_offsets(REQUEST_TIMED_OUT);
    struct irsa_engine_options options = listening_options();
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).taken == 2);
    assert_false(figures_of(&running).is_ready);
    assert_false(figures_of(&running).is_halted);
    assert_int_equal(figures_of(&running).in_flight + figures_of(&running).settled, 0);
    irsa_mock_clear_errors(mock, "ListOffsets");
    AWAIT(figures_of(&running).settled == 2 && figures_of(&running).is_ready);
    request_stop(&running);
    join(&running);
    assert_int_equal(count_results("cancelled 0 1"), 1);
    assert_int_equal(count_results("succeeded 0 2"), 1);
}

static void without_the_right_to_read_it_the_worker_halts_until_it_is_given(void **state) {
    (void)state;
    commit_first_offsets();
    put_one(0, "a", "0");
    cancel_batch("a");
    fail_list_offsets(TOPIC_AUTHORIZATION_FAILED);
    struct irsa_engine_options options = listening_options();
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).taken == 1 && figures_of(&running).is_halted);
    put_one(0, "b", "0");
    AWAIT(figures_of(&running).taken == 2);
    assert_false(figures_of(&running).is_ready);
    assert_int_equal(figures_of(&running).in_flight + figures_of(&running).settled, 0);
    irsa_mock_clear_errors(mock, "ListOffsets");
    AWAIT(figures_of(&running).settled == 2 && figures_of(&running).is_ready);
    request_stop(&running);
    join(&running);
    assert_true(running.is_fine);
    assert_int_equal(count_results("cancelled 0 1"), 1);
    assert_int_equal(count_results("succeeded 0 2"), 1);
}

/* A probe would be a request that may be cancelled. */
static void between_its_tries_to_read_it_the_worker_stays_halted(void **state) {
    (void)state;
    commit_first_offsets();
    put_one(0, "a", "0");
    fail_list_offsets(TOPIC_AUTHORIZATION_FAILED);
    struct irsa_engine_options options = listening_options();
    options.probe_ms = 20;
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).taken == 1 && figures_of(&running).is_halted);
    for (int64_t until_ms = now_ms() + 50 * options.probe_ms; now_ms() < until_ms; pause_ms(1))
        assert_true(figures_of(&running).is_halted);
    request_stop(&running);
    join(&running);
    assert_false(running.is_fine);
    assert_int_equal(seen.runs[0][1], 0);
}

static void a_worker_that_is_stopped_while_it_must_not_read_it_says_why(void **state) {
    (void)state;
    commit_first_offsets();
    fail_list_offsets(TOPIC_AUTHORIZATION_FAILED);
    struct irsa_engine_options options = listening_options();
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).is_halted);
    request_stop(&running);
    join(&running);
    assert_false(running.is_fine);
    assert_code(running.err, CONFIG);
    assert_non_null(strstr(running.err.message, "topic control"));
}

/* --- while it works ------------------------------------------------------------------------------------------------------- */

static void what_runs_goes_on_and_what_waits_behind_it_is_cancelled_in_its_turn(void **state) {
    (void)state;
    put_one(0, "a", "0 stuck");
    put_one(0, "a", "0");
    struct irsa_engine_options options = listening_options();
    struct running running;
    start(&running, &options);
    AWAIT(read_seen(&seen.stuck) == 1 && figures_of(&running).taken == 2);
    cancel_batch("a");
    put_one(0, "z", "0"); // is done when the word was heard, or before
    cancel_job("0-2");
    AWAIT(figures_of(&running).settled == 1);
    assert_int_equal(read_seen(&seen.stuck), 1);
    release_stuck();
    AWAIT(figures_of(&running).settled == 3);
    request_stop(&running);
    join(&running);
    assert_int_equal(seen.cancelled, 0);
    assert_int_equal(count_results("succeeded 0 0"), 1);
    assert_int_equal(count_results("cancelled 0 1"), 1);
    assert_int_equal(seen.runs[0][1], 0);
}

static void what_waits_for_its_retry_is_cancelled_at_once(void **state) {
    (void)state;
    struct irsa_engine_options options = listening_options();
    options.retry_base_ms = options.retry_cap_ms = 24 * HOUR_MS;
    options.retry_window_ms = 1000 * HOUR_MS;
    put_one(0, "a", "0 unavailable");
    put_one(0, "a", "0");
    put_one(0, "b", "0 unavailable");
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).retried == 2 && figures_of(&running).in_flight == 0);
    cancel_job("0-0");
    AWAIT(figures_of(&running).settled == 2);
    request_stop(&running);
    join(&running);
    assert_int_equal(count_results("cancelled 0 0 1"), 1);
    assert_int_equal(count_results("succeeded 0 1"), 1);
    assert_int_equal(count_results("retrying 0 2"), 1);
    assert_int_equal(count_results(""), 4);
}

static void what_is_handed_over_and_not_begun_is_cancelled_while_all_executors_are_busy(void **state) {
    (void)state;
    enum { JOBS = 40 };
    struct irsa_engine_options options = listening_options();
    options.executors = 1;
    struct running running;
    put_one(0, "a", "0 stuck");
    start(&running, &options);
    AWAIT(read_seen(&seen.stuck) == 1);
    struct irsa_producer *producer = open_producer();
    for (int i = 0; i < JOBS; i++)
        put(producer, 1, i % 2 == 0 ? "b" : "c", "0");
    close_producer(producer);
    AWAIT(figures_of(&running).taken == JOBS + 1 && figures_of(&running).in_flight > 1);
    cancel_batch("b");
    cancel_batch("c");
    AWAIT(figures_of(&running).settled == JOBS);
    assert_int_equal(read_seen(&seen.begun), 1);
    release_stuck();
    AWAIT(figures_of(&running).settled == JOBS + 1);
    request_stop(&running);
    join(&running);
    assert_int_equal(count_results("cancelled 1"), JOBS);
    assert_int_equal(seen.disorder, 0);
}

/* In the order of its key: what was asked for before is told before. */
static void results_of_a_key_come_in_the_order_of_its_requests(void **state) {
    (void)state;
    enum { JOBS = 400 };
    struct irsa_engine_options options = listening_options();
    struct irsa_producer *producer = open_producer();
    for (int i = 0; i < JOBS; i++)
        put(producer, 0, i % 2 == 0 ? "a" : "b", "300");
    close_producer(producer);
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).settled > 10);
    for (int i = 20; i < JOBS; i += 7) {
        char id[16];
        snprintf(id, sizeof id, "0-%d", i);
        cancel_job(id);
    }
    cancel_batch("b");
    AWAIT(figures_of(&running).settled == JOBS);
    request_stop(&running);
    join(&running);
    struct listing results = list_topic("results");
    long long last[2] = {-1, -1};
    assert_int_equal(results.count, JOBS);
    for (size_t i = 0; i < results.count; i++) {
        const char *place = strstr(text_of(&results, i), " 0 ");
        assert_non_null(place);
        long long offset = strtoll(place + 3, NULL, 10);
        assert_true(offset > last[offset % 2]);
        last[offset % 2] = offset;
    }
    free_listing(&results);
}

int main(void) {
    irsa_log_setup(IRSA_LOG_ERROR, IRSA_LOG_LOGFMT);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_was_cancelled_before_the_start_is_told_and_committed_and_never_runs),
        TEST(what_is_enqueued_after_the_word_runs),
        TEST(a_word_counts_for_a_day),
        TEST(what_is_no_word_is_passed_over),
        TEST(nothing_is_begun_before_it_is_known_what_is_cancelled),
        TEST(without_the_right_to_read_it_the_worker_halts_until_it_is_given),
        TEST(between_its_tries_to_read_it_the_worker_stays_halted),
        TEST(a_worker_that_is_stopped_while_it_must_not_read_it_says_why),
        TEST(what_runs_goes_on_and_what_waits_behind_it_is_cancelled_in_its_turn),
        TEST(what_waits_for_its_retry_is_cancelled_at_once),
        TEST(what_is_handed_over_and_not_begun_is_cancelled_while_all_executors_are_busy),
        TEST(results_of_a_key_come_in_the_order_of_its_requests),
    };
    return RUN_TESTS("engine and control topic");
}
