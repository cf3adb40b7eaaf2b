/*
 * The engine on the mock broker: accounts and clusters that are in the way of others, and how that is told.
 */
#include <stdio.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/log.h"
#include "tests/support/engine_scene.h"

/* --- what is logged meanwhile -------------------------------------------------------------------------------------------- */

struct capture {
    FILE *file;
    int saved;
};

static struct capture capture_log(void) {
    struct capture capture = {tmpfile(), dup(STDERR_FILENO)};
    irsa_log_setup(IRSA_LOG_INFO, IRSA_LOG_JSON);
    dup2(fileno(capture.file), STDERR_FILENO);
    return capture;
}

/* How many lines have all of this. */
static unsigned release_log(struct capture *capture, const char *event, const char *more) {
    char line[1024];
    unsigned count = 0;
    dup2(capture->saved, STDERR_FILENO);
    close(capture->saved);
    rewind(capture->file);
    while (fgets(line, sizeof line, capture->file) != NULL)
        count += strstr(line, event) != NULL && strstr(line, more) != NULL;
    return count;
}

static void read_first_partition(const struct running *running, struct irsa_partition_figures *out_figures) {
    const struct irsa_partition_figures *partitions;
    size_t count;
    struct irsa_arena *arena = irsa_arena_new();
    irsa_engine_read_partitions(running->engine, arena, &partitions, &count);
    *out_figures = (struct irsa_partition_figures){.partition = -1};
    for (size_t i = 0; i < count; i++)
        if (partitions[i].partition == 0)
            *out_figures = partitions[i];
    irsa_arena_free(arena);
}

static bool is_stopped(const struct running *running) {
    struct irsa_partition_figures figures;
    read_first_partition(running, &figures);
    return figures.stopped_by != NULL;
}

static void put_bulk(const char *account, unsigned jobs, const char *first) {
    char key[32];
    struct irsa_producer *producer = open_producer();
    snprintf(key, sizeof key, "%s/stuck", account);
    put(producer, 0, key, first);
    for (unsigned i = 0; i < jobs; i++) {
        snprintf(key, sizeof key, "%s/%u", account, i);
        put(producer, 0, key, "0");
    }
    close_producer(producer);
}

static void a_partition_that_stands_since_its_window_is_full_names_the_account(void **state) {
    (void)state;
    put_bulk("slow", 200, "0 stuck");
    struct irsa_engine_options options = default_options();
    options.window = 64;
    struct running running;
    struct capture capture = capture_log();
    start(&running, &options);
    AWAIT(is_stopped(&running));
    struct irsa_partition_figures figures;
    read_first_partition(&running, &figures);
    release_stuck();
    AWAIT(figures_of(&running).settled == 201 && !is_stopped(&running));
    request_stop(&running);
    join(&running);
    assert_int_equal(release_log(&capture, "intake.stopped", "\"account\":\"slow\""), 1);
    assert_string_equal(figures.stopped_by, IRSA_OBSTACLE_WINDOW);
    assert_string_equal(figures.stopped_for, "slow");
    assert_int_equal(figures.watermark, 0);
    fclose(capture.file);
}

static void intake_that_stands_since_memory_is_full_names_the_account_that_fills_it(void **state) {
    (void)state;
    put_bulk("slow", 3, "0 stuck");
    struct irsa_producer *producer = open_producer();
    for (unsigned i = 0; i < 200; i++)
        put(producer, 0, "big/one", i == 0 ? "0 stuck" : "0");
    close_producer(producer);
    struct irsa_engine_options options = default_options();
    options.max_jobs = 100;
    struct running running;
    struct capture capture = capture_log();
    start(&running, &options);
    AWAIT(is_stopped(&running));
    struct irsa_partition_figures figures;
    read_first_partition(&running, &figures);
    release_stuck();
    AWAIT(figures_of(&running).settled == 204);
    request_stop(&running);
    join(&running);
    assert_int_equal(release_log(&capture, "intake.stopped", "\"account\":\"big\""), 1);
    assert_string_equal(figures.stopped_by, IRSA_OBSTACLE_MEMORY);
    assert_string_equal(figures.stopped_for, "big");
    fclose(capture.file);
}

/* --- halted -------------------------------------------------------------------------------------------------------------- */

static void a_worker_that_is_still_unfit_does_not_resume_because_a_cluster_has_no_room(void **state) {
    (void)state;
    struct irsa_producer *producer = open_producer();
    put(producer, 0, "a/one/first", "0 credentials 3");
    put(producer, 0, "a/one/second", "0");
    put(producer, 0, "a/one/third", "0");
    close_producer(producer);
    struct irsa_engine_options options = default_options();
    options.per_cluster = 1;
    options.until_idle = true;
    struct running running;
    start(&running, &options);
    join(&running);
    assert_true(running.is_fine);
    assert_int_equal(seen.runs[0][0], 4);
    struct listing results = list_topic("results");
    assert_int_equal(results.count, 3);
    assert_string_equal(text_of(&results, 0), "succeeded 0 0 1"); // nothing else began before it was shown to be fit
    free_listing(&results);
}

/* --- fairness ------------------------------------------------------------------------------------------------------------ */

static void a_bulk_that_hangs_does_not_delay_another_account(void **state) {
    (void)state;
    char key[32];
    struct irsa_producer *producer = open_producer();
    for (unsigned i = 0; i < 300; i++) {
        snprintf(key, sizeof key, "bulk/%u/%u", i % 3, i);
        put(producer, (int32_t)(i % PARTITIONS), key, "0 stuck");
    }
    for (unsigned i = 0; i < 50; i++) {
        snprintf(key, sizeof key, "few/one/%u", i);
        put(producer, (int32_t)(i % PARTITIONS), key, "0");
    }
    close_producer(producer);
    struct irsa_engine_options options = default_options();
    options.per_cluster = 4; // three clusters that hang hold 12 of 16
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).settled == 50); // while the bulk is stuck
    assert_true(read_seen(&seen.stuck) <= 12);
    release_stuck();
    AWAIT(figures_of(&running).settled == 350);
    request_stop(&running);
    join(&running);
}

#define ON_BROKER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    irsa_log_setup(IRSA_LOG_ERROR, IRSA_LOG_LOGFMT);
    const struct CMUnitTest tests[] = {
        ON_BROKER(a_partition_that_stands_since_its_window_is_full_names_the_account),
        ON_BROKER(intake_that_stands_since_memory_is_full_names_the_account_that_fills_it),
        ON_BROKER(a_worker_that_is_still_unfit_does_not_resume_because_a_cluster_has_no_room),
        ON_BROKER(a_bulk_that_hangs_does_not_delay_another_account),
    };
    return RUN_TESTS("engine_limits");
}
