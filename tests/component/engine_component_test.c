/*
 * The engine on the mock broker: order, concurrency and offsets, how runs end, and how it stops.
 */
#include <stdatomic.h>
#include <stdio.h>

#include "core/base/arena.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "tests/support/engine_scene.h"
#include "tests/support/seed.h"

/* --- order, concurrency, offsets ----------------------------------------------------------------------------------------- */

static void jobs_of_a_key_run_one_after_the_other_and_all_are_told_and_committed(void **state) {
    (void)state;
    enum { JOBS = 3000, KEYS = 40 };
    uint64_t random = test_seed();
    int64_t ends[PARTITIONS] = {0};
    struct irsa_producer *producer = open_producer();
    for (unsigned i = 0; i < JOBS; i++) {
        char key[] = {(char)('0' + i % KEYS), '\0'}, value[16];
        int32_t partition = (int32_t)(i % KEYS % PARTITIONS);
        snprintf(value, sizeof value, "%u", test_below(&random, 1500));
        put(producer, partition, key, value);
        ends[partition]++;
    }
    close_producer(producer);
    struct irsa_engine_options options = default_options();
    options.executors = 64;
    options.until_idle = true;
    struct running running;
    start(&running, &options);
    const struct irsa_engine_figures figures = join(&running);
    assert_true(running.is_fine);
    assert_int_equal(figures.taken, JOBS);
    assert_int_equal(figures.settled, JOBS);
    assert_int_equal(seen.disorder, 0);
    assert_true(seen.most_running > 20);
    for (size_t partition = 0; partition < PARTITIONS; partition++)
        for (int64_t offset = 0; offset < ends[partition]; offset++)
            assert_int_equal(seen.runs[partition][offset], 1);

    struct listing results = list_topic("results");
    assert_int_equal(results.count, JOBS);
    int64_t last[256];
    memset(last, -1, sizeof last);
    for (size_t i = 0; i < results.count; i++) { // results of a key come in the order of its requests
        long long offset = 0;
        long partition = 0;
        unsigned key = *(const unsigned char *)results.at[i].key;
        assert_true(read_success(text_of(&results, i), &partition, &offset));
        assert_true(offset > last[key]);
        last[key] = offset;
    }
    free_listing(&results);

    struct standing standing = {0};
    read_standing(&standing);
    for (size_t partition = 0; partition < PARTITIONS; partition++) {
        assert_int_equal(standing.at[partition].offset, ends[partition]);
        assert_null(standing.at[partition].metadata);
    }
    irsa_arena_free(standing.arena);
}

static void what_is_settled_out_of_order_is_not_run_again(void **state) {
    (void)state;
    struct irsa_producer *producer = open_producer();
    put(producer, 0, "a", "0");
    put(producer, 0, "b", "0 stuck");
    for (int i = 0; i < 20; i++)
        put(producer, 0, "c", "0");
    put(producer, 0, "d", "0 stuck");
    close_producer(producer);
    struct irsa_engine_options options = default_options();
    options.drain_ms = 30;
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).settled == 21 && read_seen(&seen.stuck) == 2);
    request_stop(&running);
    join(&running);
    assert_int_equal(seen.cancelled, 2);

    release_stuck();
    const struct irsa_engine_figures figures = run_until_idle();
    assert_int_equal(figures.duplicates_dropped, 20);
    assert_int_equal(figures.settled, 2);
    for (int offset = 0; offset < 23; offset++)
        assert_int_equal(seen.runs[0][offset], offset == 1 || offset == 22 ? 2 : 1);
}

static void offsets_that_are_gone_begin_with_the_earliest_there_is(void **state) {
    (void)state;
    put_many(40);
    struct standing standing = {.commit = {.partition = 2, .offset = 1000000}};
    read_standing(&standing);
    irsa_arena_free(standing.arena);
    assert_true(standing.has_committed);
    const struct irsa_engine_figures figures = run_until_idle();
    assert_int_equal(figures.settled, 40);
    expect_all_told(40);
}

static void damaged_metadata_means_replay(void **state) {
    (void)state;
    put_many(40);
    struct standing standing = {.commit = {.partition = 2, .offset = 3, .metadata = "irsa1 3 00000000 gQ=="}};
    read_standing(&standing);
    irsa_arena_free(standing.arena);
    assert_true(standing.has_committed);
    const struct irsa_engine_figures figures = run_until_idle();
    assert_int_equal(figures.duplicates_dropped, 0);
    assert_int_equal(figures.settled, 37);
}

/* --- how runs end -------------------------------------------------------------------------------------------------------- */

static void a_failed_run_is_tried_again_in_place_and_holds_back_its_own_key_only(void **state) {
    (void)state;
    struct irsa_producer *producer = open_producer();
    put(producer, 0, "a", "0 unavailable 2");
    put(producer, 0, "a", "0");
    put(producer, 0, "b", "0");
    close_producer(producer);
    const struct irsa_engine_figures figures = run_until_idle();
    assert_int_equal(figures.settled, 3);
    assert_int_equal(figures.retried, 2);
    assert_int_equal(seen.disorder, 0);
    assert_int_equal(seen.runs[0][0], 3);
    struct listing results = list_topic("results");
    const char *const expected[] = {"retrying 0 0 1", "retrying 0 0 2", "succeeded 0 0 3", "succeeded 0 1 1"};
    size_t found = 0;
    for (size_t i = 0; i < results.count; i++)
        if (strcmp(text_of(&results, i), "succeeded 0 2 1") != 0)
            assert_string_equal(text_of(&results, i), expected[found++]);
    assert_int_equal(found, 4);
    free_listing(&results);
}

static void attempts_are_bounded_and_throttles_do_not_count(void **state) {
    (void)state;
    struct irsa_producer *producer = open_producer();
    put(producer, 0, "a", "0 unavailable");
    put(producer, 0, "b", "0 throttled 8");
    close_producer(producer);
    run_until_idle();
    assert_int_equal(seen.runs[0][0], 5);
    assert_int_equal(seen.runs[0][1], 9);
    assert_int_equal(count_results("failed 0 0 5"), 1);
    assert_int_equal(count_results("succeeded 0 1 1"), 1);
    struct listing letters = list_topic("dead");
    assert_int_equal(letters.count, 1);
    free_listing(&letters);
}

static void a_dead_letter_is_the_record_as_it_came(void **state) {
    (void)state;
    struct irsa_error err;
    struct irsa_producer *producer = open_producer();
    const struct irsa_header headers[] = {{"x", "\0\xff", 2}, {"x", NULL, 0}, {"", "", 0}};
    const struct irsa_record odd = {.topic = "work",
                                    .partition = 1,
                                    .key = "k\0\xfe",
                                    .key_length = 3,
                                    .value = "0 garbage \0\xff",
                                    .value_length = 12,
                                    .headers = headers,
                                    .header_count = 3};
    assert_true(irsa_producer_send(producer, &odd, NULL, &err));
    put(producer, 1, NULL, NULL); // a tombstone
    put(producer, 1, "", "");
    put(producer, 1, "a", "0 conflict");
    put(producer, 1, "a", "0");
    close_producer(producer);
    const struct irsa_engine_figures figures = run_until_idle();
    assert_int_equal(figures.settled, 5);
    assert_int_equal(seen.runs[1][0] + seen.runs[1][1] + seen.runs[1][2], 0);
    assert_int_equal(count_results("failed"), 4);
    assert_int_equal(count_results("succeeded 1 4"), 1);
    struct listing letters = list_topic("dead");
    assert_int_equal(letters.count, 4);
    const struct irsa_record *letter = &letters.at[0];
    assert_int_equal(letter->key_length, 3);
    assert_memory_equal(letter->key, odd.key, 3);
    assert_int_equal(letter->value_length, 12);
    assert_memory_equal(letter->value, odd.value, 12);
    assert_int_equal(letter->header_count, 3);
    assert_memory_equal(letter->headers[0].value, "\0\xff", 2);
    assert_null(letter->headers[1].value);
    assert_string_equal(letter->headers[2].name, "");
    assert_null(letters.at[1].key);
    assert_null(letters.at[1].value);
    assert_non_null(letters.at[2].key);
    assert_non_null(letters.at[2].value);
    assert_int_equal(letters.at[2].value_length, 0);
    free_listing(&letters);
}

static void what_has_expired_is_told_and_not_run(void **state) {
    (void)state;
    put_one(0, "a", "0 expired");
    run_until_idle();
    assert_int_equal(seen.runs[0][0], 0);
    assert_int_equal(count_results("expired 0 0"), 1);
}

static void what_no_rule_allows_is_denied(void **state) {
    (void)state;
    put_one(0, "a", "0 guardrail");
    run_until_idle();
    assert_int_equal(count_results("denied 0 0 1"), 1);
}

static void a_halted_worker_loses_nothing_and_goes_on_when_it_is_cured(void **state) {
    (void)state;
    struct irsa_producer *producer = open_producer();
    put(producer, 0, "a", "0 credentials 3");
    for (int i = 0; i < 50; i++)
        put(producer, 0, "b", "0");
    put(producer, 0, "a", "0");
    close_producer(producer);
    struct irsa_engine_options options = default_options();
    options.until_idle = true;
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).taken > 0 && !figures_of(&running).is_ready);
    const struct irsa_engine_figures figures = join(&running);
    assert_true(running.is_fine);
    assert_int_equal(figures.settled, 52);
    assert_int_equal(seen.disorder, 0);
    assert_int_equal(seen.runs[0][0], 4);
    assert_int_equal(count_results("succeeded 0 0 1"), 1);
    struct listing letters = list_topic("dead");
    assert_int_equal(letters.count, 0);
    free_listing(&letters);
}

static void a_halted_worker_starts_nothing_and_says_why_when_it_is_stopped(void **state) {
    (void)state;
    put_one(0, "a", "0 credentials");
    struct irsa_engine_options options = default_options();
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).taken == 1 && !figures_of(&running).is_ready);
    put_one(1, "b", "0");
    AWAIT(figures_of(&running).taken == 2 && figures_of(&running).waiting == 2);
    request_stop(&running);
    join(&running);
    assert_false(running.is_fine);
    assert_code(running.err, CREDENTIALS);
    assert_int_equal(seen.runs[1][0], 0);
    assert_int_equal(count_results(""), 0);
}

/* --- health -------------------------------------------------------------------------------------------------------------- */

static atomic_int_fast64_t clock_ahead_ms;

static int64_t shifted_now_ms(void *self) {
    (void)self;
    return irsa_clock_now_ms(irsa_clock_system()) + clock_ahead_ms;
}

static int64_t shifted_monotonic_ms(void *self) {
    (void)self;
    return irsa_clock_monotonic_ms(irsa_clock_system()) + clock_ahead_ms;
}

static struct irsa_partition_figures figures_of_partition(const struct running *running, int32_t number) {
    struct irsa_arena *arena = irsa_arena_new();
    const struct irsa_partition_figures *partitions;
    struct irsa_partition_figures found = {.partition = -1};
    size_t count;
    irsa_engine_read_partitions(running->engine, arena, &partitions, &count);
    for (size_t i = 0; i < count; i++)
        if (partitions[i].partition == number)
            found = partitions[i];
    irsa_arena_free(arena);
    return found;
}

static bool is_healthy(const struct running *running, struct irsa_error *err) {
    struct irsa_arena *arena = irsa_arena_new();
    bool is_healthy = irsa_engine_is_healthy(running->engine, arena, err);
    irsa_arena_free(arena);
    return is_healthy;
}

static void a_watermark_that_stands_longer_than_a_request_may_take_is_told(void **state) {
    (void)state;
    const struct irsa_clock clock = {.now_ms = shifted_now_ms, .monotonic_ms = shifted_monotonic_ms};
    struct irsa_engine_options options = default_options();
    struct running running;
    struct irsa_error err;
    options.clock = &clock;
    options.retry_window_ms = 900000;
    options.attempt_deadline_ms = 120000;
    put_one(0, "a", "0 stuck");
    put_one(0, "b", "0");
    put_one(1, "c", "0");
    start(&running, &options);
    AWAIT(read_seen(&seen.stuck) == 1 && figures_of_partition(&running, 0).highest == 1 &&
          figures_of_partition(&running, 0).incomplete == 1 && figures_of_partition(&running, 1).watermark == 1);
    assert_int_equal(figures_of_partition(&running, 0).watermark, 0);
    assert_true(is_healthy(&running, &err));
    clock_ahead_ms += options.retry_window_ms + options.attempt_deadline_ms + 120000;
    AWAIT(!is_healthy(&running, &err) && strstr(err.message, "watermark of partition 0 has stood at 0") != NULL);
    release_stuck();
    AWAIT(is_healthy(&running, &err) && figures_of_partition(&running, 0).watermark == 2);
    request_stop(&running);
    join(&running);
    clock_ahead_ms = 0;
}

/* --- stopping ------------------------------------------------------------------------------------------------------------ */

static void a_drain_finishes_what_runs_and_leaves_the_rest_to_the_next_worker(void **state) {
    (void)state;
    struct irsa_producer *producer = open_producer();
    for (int i = 0; i < PARTITIONS; i++)
        put(producer, i, "a", "0 stuck");
    for (int i = 0; i < 200; i++)
        put(producer, i % PARTITIONS, i % 3 == 0 ? "a" : "b", "0");
    close_producer(producer);
    struct irsa_engine_options options = default_options();
    options.executors = 1;
    struct running running;
    start(&running, &options);
    AWAIT(read_seen(&seen.stuck) == 1 && figures_of(&running).taken == 204);
    unsigned begun = read_seen(&seen.begun);
    request_stop(&running);
    AWAIT(!figures_of(&running).is_ready);
    release_stuck();
    const struct irsa_engine_figures first = join(&running);
    assert_true(running.is_fine);
    assert_int_equal(first.settled, begun); // and not what was handed over behind it
    const struct irsa_engine_figures second = run_until_idle();
    assert_int_equal(first.settled + second.settled, 204);
    for (size_t partition = 0; partition < PARTITIONS; partition++)
        for (size_t offset = 0; offset < 51; offset++)
            assert_int_equal(seen.runs[partition][offset], 1);
}

static void what_does_not_end_within_the_drain_is_cancelled_and_settles_nothing(void **state) {
    (void)state;
    put_one(0, "a", "0 stuck 1");
    struct irsa_engine_options options = default_options();
    options.drain_ms = 30;
    struct running running;
    start(&running, &options);
    AWAIT(read_seen(&seen.stuck) == 1);
    request_stop(&running);
    const struct irsa_engine_figures figures = join(&running);
    assert_true(running.is_fine);
    assert_int_equal(seen.cancelled, 1);
    assert_int_equal(figures.settled, 0);
    assert_int_equal(count_results(""), 0);
    release_stuck();
    assert_int_equal(run_until_idle().settled, 1);
    assert_int_equal(seen.runs[0][0], 2);
}

static void a_second_stop_abandons_what_runs(void **state) {
    (void)state;
    put_one(0, "a", "0 stuck");
    struct irsa_engine_options options = default_options();
    struct running running;
    start(&running, &options);
    AWAIT(read_seen(&seen.stuck) == 1);
    request_stop(&running);
    request_stop(&running); // else the drain would last 45 s, and ctest's patience ends before that
    const struct irsa_engine_figures figures = join(&running);
    assert_true(running.is_fine);
    assert_int_equal(seen.cancelled, 1);
    assert_int_equal(figures.settled, 0);
    release_stuck();
    assert_int_equal(run_until_idle().settled, 1);
}

static void a_worker_ends_by_itself_after_so_many_requests(void **state) {
    (void)state;
    struct irsa_producer *producer = open_producer();
    for (int i = 0; i < 100; i++)
        put(producer, i % PARTITIONS, "a", "100");
    close_producer(producer);
    struct irsa_engine_options options = default_options();
    options.max_requests = 30;
    struct running running;
    start(&running, &options);
    const struct irsa_engine_figures first = join(&running);
    assert_int_equal(first.settled, 30);
    assert_int_equal(run_until_idle().settled, 70);
}

int main(void) {
    irsa_log_setup(IRSA_LOG_WARN, IRSA_LOG_LOGFMT);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(jobs_of_a_key_run_one_after_the_other_and_all_are_told_and_committed),
        TEST(what_is_settled_out_of_order_is_not_run_again),
        TEST(offsets_that_are_gone_begin_with_the_earliest_there_is),
        TEST(damaged_metadata_means_replay),
        TEST(a_failed_run_is_tried_again_in_place_and_holds_back_its_own_key_only),
        TEST(attempts_are_bounded_and_throttles_do_not_count),
        TEST(a_dead_letter_is_the_record_as_it_came),
        TEST(what_has_expired_is_told_and_not_run),
        TEST(what_no_rule_allows_is_denied),
        TEST(a_halted_worker_loses_nothing_and_goes_on_when_it_is_cured),
        TEST(a_halted_worker_starts_nothing_and_says_why_when_it_is_stopped),
        TEST(a_watermark_that_stands_longer_than_a_request_may_take_is_told),
        TEST(a_drain_finishes_what_runs_and_leaves_the_rest_to_the_next_worker),
        TEST(what_does_not_end_within_the_drain_is_cancelled_and_settles_nothing),
        TEST(a_second_stop_abandons_what_runs),
        TEST(a_worker_ends_by_itself_after_so_many_requests),
    };
    return RUN_TESTS("engine");
}
