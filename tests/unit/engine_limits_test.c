/*
 * What is learned from throttles, and that one account or cluster does not delay others. The clock is the test's.
 */
#include "core/base/log.h"
#include "tests/support/seed.h"
#include "worker/engine/accounts.h"
#include "worker/engine/pace.h"
#include "worker/engine/scheduler.h"

#define EXECUTORS 16

/* --- a pace -------------------------------------------------------------------------------------------------------------- */

/* A service that gives so many calls per second to a pace's jobs, each of which makes `calls` and takes 100 ms. */
struct service {
    struct irsa_pace pace;
    double rate, level;
    int64_t now_ms;
    unsigned long sent, throttled;
};

#define JOB_CALLS 4
#define JOB_MS    100

struct pace_job {
    int64_t started_ms;
    float price;
};

static void pass(struct service *service, int64_t duration_ms) {
    service->now_ms += duration_ms;
    service->level += service->rate * (double)duration_ms / 1000;
    if (service->level > service->rate)
        service->level = service->rate;
    irsa_pace_move(&service->pace, EXECUTORS, service->now_ms);
}

static void end_job(struct service *service, const struct pace_job *job, unsigned running) {
    struct irsa_pace_report report = {
        .price = job->price, .has_run = true, .started_ms = job->started_ms, .running = running};
    while (report.usage.calls < JOB_CALLS && report.usage.throttled == 0) {
        report.usage.calls++;
        service->sent++;
        if (service->level >= 1) {
            service->level--;
        } else {
            report.usage.throttled++;
            service->throttled++;
        }
    }
    irsa_pace_report(&service->pace, &report, service->now_ms);
}

/* As many jobs as may be at a time, for so long. */
static void work(struct service *service, int64_t duration_ms) {
    struct pace_job jobs[EXECUTORS];
    unsigned running = 0;
    for (int64_t end_ms = service->now_ms + duration_ms; service->now_ms < end_ms; pass(service, 10)) {
        while (running > 0 && jobs[0].started_ms + JOB_MS <= service->now_ms) {
            end_job(service, &jobs[0], running);
            memmove(jobs, jobs + 1, --running * sizeof *jobs);
        }
        while (running < EXECUTORS && irsa_pace_start_ms(&service->pace, running) <= service->now_ms)
            jobs[running++] =
                (struct pace_job){.started_ms = service->now_ms, .price = irsa_pace_charge(&service->pace)};
    }
}

static void there_is_no_limit_until_the_first_throttle(void **state) {
    (void)state;
    struct service service = {.rate = 1e6, .level = 1e6};
    work(&service, 60000);
    assert_false(service.pace.is_limited);
    assert_in_range(service.sent, 16 * 4 * 9 * 59, 16 * 4 * 10 * 60);
}

static struct irsa_pace_report throttled_at(int64_t started_ms) {
    return (struct irsa_pace_report){.usage = {.calls = 1, .throttled = 1},
                                     .price = IRSA_PACE_FREE,
                                     .has_run = true,
                                     .started_ms = started_ms,
                                     .running = 12};
}

/* 100 calls a second got through before. */
static struct irsa_pace pace_that_was_throttled(void) {
    struct irsa_pace pace = {.is_limited = false};
    const struct irsa_pace_report good = {
        .usage = {.calls = 10}, .price = IRSA_PACE_FREE, .has_run = true, .running = 12};
    for (int64_t now_ms = 1000; now_ms < 3000; now_ms += 100)
        irsa_pace_report(&pace, &good, now_ms);
    const struct irsa_pace_report throttled = throttled_at(2900);
    irsa_pace_report(&pace, &throttled, 3000);
    return pace;
}

static void the_first_throttle_halves_what_got_through_and_what_ran(void **state) {
    (void)state;
    struct irsa_pace pace = pace_that_was_throttled();
    assert_true(pace.is_limited);
    assert_in_range((long)(pace.rate * 10), 490, 510);
    assert_in_range((long)(pace.window * 10), 60, 60);
}

static void jobs_that_had_begun_by_then_do_not_halve_again_and_later_ones_do(void **state) {
    (void)state;
    struct irsa_pace pace = pace_that_was_throttled();
    struct irsa_pace_report report = throttled_at(3000);
    double rate = pace.rate;
    irsa_pace_report(&pace, &report, 3000);
    assert_true(pace.rate == rate && pace.window == 6);
    report = throttled_at(3001);
    irsa_pace_report(&pace, &report, 3002);
    assert_true(pace.rate == rate / 2 && pace.window == 3);
    irsa_pace_report(&pace, &report, 3003); // began before the second one
    assert_true(pace.rate == rate / 2 && pace.window == 3);
    for (int64_t now_ms = 3004; now_ms < 3100; now_ms += 2) {
        report = throttled_at(now_ms);
        irsa_pace_report(&pace, &report, now_ms + 1);
    }
    assert_true(pace.rate == IRSA_PACE_MIN_RATE && pace.window == IRSA_PACE_MIN_WINDOW);
}

static void rate_and_window_grow_in_a_straight_line_until_they_have_no_effect(void **state) {
    (void)state;
    struct irsa_pace pace = pace_that_was_throttled();
    double rate = pace.rate;
    int64_t half_way_ms = 3000 + (int64_t)(IRSA_PACE_BACK_S * 500);
    irsa_pace_move(&pace, EXECUTORS, half_way_ms);
    assert_in_range((long)(pace.rate / rate * 1000), 1499, 1501);
    assert_in_range((long)(pace.window * 1000), 10999, 11001);
    irsa_pace_move(&pace, EXECUTORS, 3000 + (int64_t)(IRSA_PACE_BACK_S * 1000));
    assert_in_range((long)(pace.rate / rate * 1000), 1999, 2001);
    assert_true(pace.is_limited); // more than that was sent when it was throttled
    irsa_pace_move(&pace, EXECUTORS, 3000 + 120000);
    assert_false(pace.is_limited);
    assert_true(irsa_pace_start_ms(&pace, 1000) <= 3000 + 120000);
}

/* What runs at that moment takes what the service gives anyhow. */
static void after_a_throttle_nobody_starts_for_a_second(void **state) {
    (void)state;
    struct irsa_pace pace = pace_that_was_throttled();
    assert_in_range(irsa_pace_start_ms(&pace, 0), 3000 + 990, 3000 + 1010);
    irsa_pace_move(&pace, EXECUTORS, 10000);
    assert_true(irsa_pace_start_ms(&pace, 0) <= 10000);
    const struct irsa_pace_report report = throttled_at(9000);
    irsa_pace_report(&pace, &report, 10000);
    assert_in_range(irsa_pace_start_ms(&pace, 0), 10000 + 990, 10000 + 1010);
}

static void a_bucket_in_debt_lets_nobody_start_until_it_is_filled(void **state) {
    (void)state;
    struct irsa_pace pace = pace_that_was_throttled();
    irsa_pace_move(&pace, EXECUTORS, 4000);
    float price = irsa_pace_charge(&pace);
    assert_true(price > 0);
    const struct irsa_pace_report costly = {
        .usage = {.calls = 100}, .price = price, .has_run = true, .started_ms = 3500, .running = 1};
    irsa_pace_report(&pace, &costly, 4000);
    int64_t start_ms = irsa_pace_start_ms(&pace, 0);
    assert_in_range(start_ms, 4000 + 1800, 4000 + 2000); // some 50 calls a second, and growing
    irsa_pace_move(&pace, EXECUTORS, start_ms - 200);
    assert_true(irsa_pace_start_ms(&pace, 0) > start_ms - 200);
    irsa_pace_move(&pace, EXECUTORS, start_ms);
    assert_true(irsa_pace_start_ms(&pace, 0) <= start_ms);
}

static void the_price_of_a_job_that_has_not_run_is_given_back(void **state) {
    (void)state;
    struct irsa_pace pace = pace_that_was_throttled();
    irsa_pace_move(&pace, EXECUTORS, 4000);
    assert_true(irsa_pace_start_ms(&pace, 0) <= 4000);
    float price = irsa_pace_charge(&pace);
    assert_true(irsa_pace_start_ms(&pace, 0) > 4000);
    const struct irsa_pace_report spared = {.price = price};
    irsa_pace_report(&pace, &spared, 4000);
    assert_true(irsa_pace_start_ms(&pace, 0) <= 4000);
}

static void it_comes_near_to_what_a_service_gives_and_is_seldom_throttled(void **state) {
    (void)state;
    static const double rates[] = {5, 20, 100, 400};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        struct service service = {.rate = rates[i], .level = rates[i]};
        work(&service, 600000);
        double share = (double)(service.sent - service.throttled) / (rates[i] * 600);
        if (share < 0.6 || service.throttled > 200)
            fail_msg("of %g calls a second it used %.2f and was throttled %lu times", rates[i], share,
                     service.throttled);
    }
}

static void when_a_service_gives_all_again_the_limit_goes(void **state) {
    (void)state;
    struct service service = {.rate = 100, .level = 100};
    work(&service, 30000);
    assert_true(service.pace.is_limited);
    service.rate = 1e6;
    work(&service, 600000);
    assert_false(service.pace.is_limited);
}

/* --- accounts and clusters in the scheduler ------------------------------------------------------------------------------ */

static struct irsa_task *make(struct irsa_task *task, const char *account, const char *cluster) {
    *task = (struct irsa_task){.job = {.account = account, .cluster = cluster}};
    irsa_link_init(&task->of_key);
    irsa_link_init(&task->of_queue);
    return task;
}

static void run_through(struct irsa_scheduler *scheduler, struct irsa_task *task) {
    irsa_scheduler_relieve(scheduler, task);
    irsa_scheduler_finish(scheduler, task);
}

static bool is_of(const struct irsa_task *task, const char *account) {
    return task != NULL && strcmp(task->job.account, account) == 0;
}

static unsigned start_all(struct irsa_scheduler *scheduler, unsigned most, struct irsa_task **out_tasks) {
    unsigned count = 0;
    while (count < most && (out_tasks[count] = irsa_scheduler_next(scheduler)) != NULL)
        count++;
    return count;
}

static void finish_waiting(struct irsa_scheduler *scheduler, struct irsa_task *tasks, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (tasks[i].state != IRSA_TASK_SETTLED)
            irsa_scheduler_finish(scheduler, &tasks[i]);
}

static void a_bulk_of_one_account_has_all_executors_until_somebody_else_waits(void **state) {
    (void)state;
    enum { BULK = 10000 };
    static struct irsa_task bulk[BULK], few[EXECUTORS];
    struct irsa_task *running[EXECUTORS];
    struct irsa_scheduler *scheduler = irsa_scheduler_new(EXECUTORS, 1024);
    for (size_t i = 0; i < BULK; i++)
        irsa_scheduler_add(scheduler, make(&bulk[i], "bulk", NULL));
    assert_int_equal(start_all(scheduler, EXECUTORS, running), EXECUTORS);
    for (size_t i = 0; i < EXECUTORS; i++)
        irsa_scheduler_add(scheduler, make(&few[i], "few", NULL));
    for (unsigned i = 0; i < EXECUTORS / 2; i++) { // each executor that gets free goes to who has less than his half
        run_through(scheduler, running[i]);
        running[i] = irsa_scheduler_next(scheduler);
        assert_true(is_of(running[i], "few"));
    }
    assert_null(irsa_scheduler_next(scheduler)); // both have half, and both wait
    for (unsigned i = 0; i < EXECUTORS; i++)
        run_through(scheduler, running[i]);
    finish_waiting(scheduler, few, EXECUTORS);
    assert_int_equal(start_all(scheduler, EXECUTORS, running), EXECUTORS);
    for (unsigned i = 0; i < EXECUTORS; i++)
        run_through(scheduler, running[i]);
    finish_waiting(scheduler, bulk, BULK);
    irsa_scheduler_free(scheduler);
}

static void accounts_take_turns_whoever_has_been_there_longer(void **state) {
    (void)state;
    static struct irsa_task bulk[2][100], one;
    struct irsa_scheduler *scheduler = irsa_scheduler_new(4, 1024);
    for (size_t i = 0; i < 200; i++)
        irsa_scheduler_add(scheduler, make(&bulk[i % 2][i / 2], i % 2 == 0 ? "a" : "b", NULL));
    irsa_scheduler_add(scheduler, make(&one, "c", NULL));
    assert_true(is_of(irsa_scheduler_next(scheduler), "a"));
    assert_true(is_of(irsa_scheduler_next(scheduler), "b"));
    assert_ptr_equal(irsa_scheduler_next(scheduler), &one);
    run_through(scheduler, &bulk[0][0]);
    run_through(scheduler, &bulk[1][0]);
    run_through(scheduler, &one);
    finish_waiting(scheduler, bulk[0], 200);
    irsa_scheduler_free(scheduler);
}

static void a_cluster_that_hangs_delays_nobody_else_of_its_account_either(void **state) {
    (void)state;
    static struct irsa_task hanging[1000], others[50];
    struct irsa_task *running[EXECUTORS];
    struct irsa_scheduler *scheduler = irsa_scheduler_new(EXECUTORS, 4);
    for (size_t i = 0; i < 1000; i++)
        irsa_scheduler_add(scheduler, make(&hanging[i], "a", "hangs"));
    assert_int_equal(start_all(scheduler, EXECUTORS, running), 4);
    for (size_t i = 0; i < 50; i++) {
        irsa_scheduler_add(scheduler, make(&others[i], i % 2 == 0 ? "a" : "b", i % 2 == 0 ? "works" : "works too"));
        struct irsa_task *task = irsa_scheduler_next(scheduler);
        assert_ptr_equal(task, &others[i]);
        run_through(scheduler, task);
    }
    for (unsigned i = 0; i < 4; i++)
        run_through(scheduler, running[i]);
    finish_waiting(scheduler, hanging, 1000);
    irsa_scheduler_free(scheduler);
}

/* A run that was refused after so many calls. */
static void end_throttled(struct irsa_scheduler *scheduler, struct irsa_task *task, enum irsa_burden burden) {
    task->job.usage[burden] = (struct irsa_usage){.calls = 3, .throttled = 1};
    irsa_scheduler_relieve(scheduler, task);
}

/* None may start now, and one when it is due. */
static struct irsa_task *next_when_due(struct irsa_scheduler *scheduler) {
    int64_t due_ms = irsa_scheduler_next_due_ms(scheduler);
    assert_null(irsa_scheduler_next(scheduler));
    irsa_scheduler_tick(scheduler, due_ms - 1);
    assert_null(irsa_scheduler_next(scheduler));
    irsa_scheduler_tick(scheduler, due_ms);
    struct irsa_task *task = irsa_scheduler_next(scheduler);
    assert_non_null(task);
    return task;
}

static void a_throttled_account_waits_for_its_bucket_and_delays_nobody_else(void **state) {
    (void)state;
    static struct irsa_task bulk[100], other;
    struct irsa_scheduler *scheduler = irsa_scheduler_new(EXECUTORS, 1024);
    irsa_scheduler_tick(scheduler, 5000);
    for (size_t i = 0; i < 100; i++)
        irsa_scheduler_add(scheduler, make(&bulk[i], "bulk", NULL));
    assert_ptr_equal(irsa_scheduler_next(scheduler), &bulk[0]);
    bulk[0].run_started_ms = 5000;
    end_throttled(scheduler, &bulk[0], IRSA_BURDEN_WRITES);
    irsa_scheduler_finish(scheduler, &bulk[0]);
    struct irsa_task *next = next_when_due(scheduler);
    assert_null(irsa_scheduler_next(scheduler)); // what a job usually costs was taken out of it
    next->job.usage[IRSA_BURDEN_WRITES].calls = 3;
    run_through(scheduler, next);
    assert_null(irsa_scheduler_next(scheduler));
    irsa_scheduler_add(scheduler, make(&other, "other", NULL));
    assert_ptr_equal(irsa_scheduler_next(scheduler), &other);
    run_through(scheduler, &other);
    finish_waiting(scheduler, bulk, 100);
    irsa_scheduler_free(scheduler);
}

static void a_throttled_account_starts_again_when_it_is_due(void **state) {
    (void)state;
    static struct irsa_task tasks[10];
    struct irsa_scheduler *scheduler = irsa_scheduler_new(EXECUTORS, 1024);
    irsa_scheduler_tick(scheduler, 5000);
    for (size_t i = 0; i < 10; i++)
        irsa_scheduler_add(scheduler, make(&tasks[i], "a", NULL));
    struct irsa_task *task = irsa_scheduler_next(scheduler);
    end_throttled(scheduler, task, IRSA_BURDEN_READS);
    irsa_scheduler_postpone(scheduler, task, 100000);
    for (int i = 0; i < 3; i++) {
        task = next_when_due(scheduler);
        task->job.usage[IRSA_BURDEN_READS].calls = 4;
        irsa_scheduler_relieve(scheduler, task);
        irsa_scheduler_postpone(scheduler, task, 100000);
    }
    task = next_when_due(scheduler);
    run_through(scheduler, task);
    finish_waiting(scheduler, tasks, 10);
    irsa_scheduler_free(scheduler);
}

static struct irsa_account_figures read_one(struct irsa_scheduler *scheduler, const char *account) {
    struct irsa_accounts_figures figures;
    irsa_scheduler_read_accounts(scheduler, &figures);
    for (size_t i = 0; i < figures.count; i++)
        if (strcmp(figures.at[i].account, account) == 0)
            return figures.at[i];
    return (struct irsa_account_figures){.account = ""};
}

static void throttle_once(struct irsa_scheduler *scheduler, const char *account) {
    struct irsa_task task;
    irsa_scheduler_add(scheduler, make(&task, account, NULL));
    assert_ptr_equal(irsa_scheduler_next(scheduler), &task);
    end_throttled(scheduler, &task, IRSA_BURDEN_WRITES);
    irsa_scheduler_finish(scheduler, &task);
}

static void limits_are_remembered_for_some_minutes_after_the_last_job(void **state) {
    (void)state;
    struct irsa_scheduler *scheduler = irsa_scheduler_new(1024, 1024);
    irsa_scheduler_tick(scheduler, 5000);
    throttle_once(scheduler, "a");
    struct irsa_account_figures figures = read_one(scheduler, "a");
    assert_true(figures.limits[IRSA_BURDEN_WRITES].is_set);
    assert_false(figures.limits[IRSA_BURDEN_READS].is_set);
    assert_int_equal(figures.limits[IRSA_BURDEN_WRITES].throttled, 1);
    irsa_scheduler_tick(scheduler, 5000 + IRSA_ACCOUNT_KEPT_MS - 1);
    assert_string_equal(read_one(scheduler, "a").account, "a");
    irsa_scheduler_tick(scheduler, 5000 + IRSA_ACCOUNT_KEPT_MS);
    assert_string_equal(read_one(scheduler, "a").account, "");
    irsa_scheduler_free(scheduler);
}

static void so_many_accounts_are_remembered_and_no_more(void **state) {
    (void)state;
    struct irsa_accounts *accounts = irsa_accounts_new(1024);
    char name[16];
    for (unsigned i = 0; i < IRSA_ACCOUNTS_KEPT + 5; i++) {
        struct irsa_task task;
        snprintf(name, sizeof name, "%u", i);
        irsa_accounts_enrol(accounts, make(&task, name, NULL));
        irsa_accounts_ready(accounts, &task);
        assert_ptr_equal(irsa_accounts_next(accounts), &task);
        irsa_accounts_start(accounts, &task);
        task.job.usage[IRSA_BURDEN_READS] = (struct irsa_usage){.calls = 1, .throttled = 1};
        irsa_accounts_relieve(accounts, &task, true);
        irsa_accounts_leave(accounts, &task);
        assert_int_equal(irsa_accounts_known(accounts), i < IRSA_ACCOUNTS_KEPT ? i + 1 : IRSA_ACCOUNTS_KEPT);
    }
    irsa_accounts_free(accounts);
}

static void figures_name_the_limited_and_the_busiest_and_add_up_the_others(void **state) {
    (void)state;
    enum { MANY = IRSA_ACCOUNTS_SHOWN + 3 };
    static struct irsa_task tasks[MANY][MANY];
    static char names[MANY][16];
    struct irsa_scheduler *scheduler = irsa_scheduler_new(EXECUTORS, 1024);
    struct irsa_accounts_figures figures;
    irsa_scheduler_tick(scheduler, 5000);
    throttle_once(scheduler, "limited");
    for (size_t i = 0; i < MANY; i++) { // number i has i + 1 requests
        snprintf(names[i], sizeof names[i], "%zu", i);
        for (size_t j = 0; j <= i; j++)
            irsa_scheduler_add(scheduler, make(&tasks[i][j], names[i], NULL));
    }
    irsa_scheduler_read_accounts(scheduler, &figures);
    assert_int_equal(figures.count, IRSA_ACCOUNTS_SHOWN);
    assert_string_equal(figures.at[0].account, "limited");
    for (size_t i = 1; i < IRSA_ACCOUNTS_SHOWN; i++) {
        assert_string_equal(figures.at[i].account, names[MANY - i]);
        assert_int_equal(figures.at[i].waiting, MANY - i + 1);
    }
    assert_int_equal(figures.rest.waiting, 1 + 2 + 3 + 4);
    for (size_t i = 0; i < MANY; i++)
        finish_waiting(scheduler, tasks[i], i + 1);
    irsa_scheduler_free(scheduler);
}

static void a_cluster_that_says_too_many_requests_is_asked_more_slowly_and_no_other(void **state) {
    (void)state;
    static struct irsa_task tasks[20], others[4];
    struct irsa_task *running[8];
    struct irsa_scheduler *scheduler = irsa_scheduler_new(EXECUTORS, 4);
    irsa_scheduler_tick(scheduler, 5000);
    for (size_t i = 0; i < 20; i++)
        irsa_scheduler_add(scheduler, make(&tasks[i], "a", "busy"));
    assert_int_equal(start_all(scheduler, 8, running), 4);
    for (size_t i = 0; i < 4; i++) {
        end_throttled(scheduler, running[i], IRSA_BURDEN_CLUSTER);
        irsa_scheduler_postpone(scheduler, running[i], 60000);
    }
    assert_int_equal(start_all(scheduler, 8, running), 0);
    for (size_t i = 0; i < 4; i++)
        irsa_scheduler_add(scheduler, make(&others[i], "a", "calm"));
    assert_int_equal(start_all(scheduler, 8, running), 4);
    for (size_t i = 0; i < 4; i++)
        run_through(scheduler, running[i]);
    assert_false(read_one(scheduler, "a").limits[IRSA_BURDEN_READS].is_set);
    struct irsa_task *next = next_when_due(scheduler);
    assert_string_equal(next->job.cluster, "busy");
    run_through(scheduler, next);
    finish_waiting(scheduler, tasks, 20);
    irsa_scheduler_free(scheduler);
}

static void a_probe_is_one_that_its_cluster_lets_in_and_else_there_is_none(void **state) {
    (void)state;
    struct irsa_task tasks[4];
    struct irsa_scheduler *scheduler = irsa_scheduler_new(EXECUTORS, 1);
    irsa_scheduler_add(scheduler, make(&tasks[0], "a", "one"));
    assert_ptr_equal(irsa_scheduler_next(scheduler), &tasks[0]);
    irsa_scheduler_relieve(scheduler, &tasks[0]);
    irsa_scheduler_halt(scheduler, &tasks[0]);
    irsa_scheduler_add(scheduler, make(&tasks[1], "a", "one"));
    assert_ptr_equal(irsa_scheduler_next(scheduler), &tasks[1]);
    assert_null(irsa_scheduler_probe(scheduler));
    assert_true(irsa_scheduler_has_halted(scheduler)); // it is still there
    irsa_scheduler_add(scheduler, make(&tasks[2], "a", "two"));
    assert_ptr_equal(irsa_scheduler_next(scheduler), &tasks[2]);
    irsa_scheduler_relieve(scheduler, &tasks[2]);
    irsa_scheduler_halt(scheduler, &tasks[2]);
    assert_ptr_equal(irsa_scheduler_probe(scheduler), &tasks[2]); // the oldest has no room
    run_through(scheduler, &tasks[2]);
    run_through(scheduler, &tasks[1]);
    assert_ptr_equal(irsa_scheduler_probe(scheduler), &tasks[0]);
    assert_false(irsa_scheduler_has_halted(scheduler));
    run_through(scheduler, &tasks[0]);
    irsa_scheduler_free(scheduler);
}

/* Nothing else starts while there are halted ones: who waits for that would wait for ever. */
static void a_probe_does_not_wait_for_one_that_was_given_the_room_before_the_halt(void **state) {
    (void)state;
    struct irsa_task tasks[2];
    struct irsa_scheduler *scheduler = irsa_scheduler_new(EXECUTORS, 1);
    for (int i = 0; i < 2; i++)
        irsa_scheduler_add(scheduler, make(&tasks[i], "a", "one"));
    assert_ptr_equal(irsa_scheduler_next(scheduler), &tasks[0]);
    assert_null(irsa_scheduler_next(scheduler)); // the other one is parked, and then it is next
    irsa_scheduler_relieve(scheduler, &tasks[0]);
    irsa_scheduler_halt(scheduler, &tasks[0]);
    assert_ptr_equal(irsa_scheduler_probe(scheduler), &tasks[0]);
    assert_null(irsa_scheduler_next(scheduler));
    run_through(scheduler, &tasks[0]);
    assert_ptr_equal(irsa_scheduler_next(scheduler), &tasks[1]);
    run_through(scheduler, &tasks[1]);
    irsa_scheduler_free(scheduler);
}

/* --- random throttles ---------------------------------------------------------------------------------------------------- */

#define TASKS 120

struct play {
    struct irsa_scheduler *scheduler;
    struct irsa_task tasks[TASKS];
    struct irsa_task *running[EXECUTORS];
    unsigned running_count, per_cluster;
    int64_t now_ms;
    size_t started_of_key[3]; /* the order in which tasks of a key first started */
    uint64_t random;
};

static void draw_usage(struct play *play, struct irsa_task *task) {
    for (size_t i = 0; i < IRSA_BURDENS; i++) {
        struct irsa_usage *usage = &task->job.usage[i];
        usage->calls = test_below(&play->random, 6);
        usage->throttled = usage->calls > 0 && test_below(&play->random, 8) == 0;
    }
}

static void check_caps(const struct play *play) {
    for (unsigned i = 0; i < play->running_count; i++) {
        unsigned of_cluster = 0, of_key = 0;
        for (unsigned j = 0; j < play->running_count; j++) {
            of_cluster += play->running[j]->job.cluster == play->running[i]->job.cluster;
            of_key += play->running[j]->job.key != NULL && play->running[j]->job.key == play->running[i]->job.key;
        }
        assert_true(of_cluster <= play->per_cluster);
        assert_true(of_key <= 1);
    }
}

static void start_some(struct play *play) {
    struct irsa_task *task;
    while (play->running_count < EXECUTORS && (task = irsa_scheduler_next(play->scheduler)) != NULL) {
        task->run_started_ms = play->now_ms;
        play->running[play->running_count++] = task;
        if (task->job.key != NULL && task->runs++ == 0) { // first in, first out
            size_t *last = &play->started_of_key[task->job.key[0] - 'x'];
            assert_true((size_t)(task - play->tasks) + 1 > *last);
            *last = (size_t)(task - play->tasks) + 1;
        }
    }
    check_caps(play);
}

static void end_one(struct play *play) {
    unsigned at = test_below(&play->random, play->running_count);
    struct irsa_task *task = play->running[at];
    play->running[at] = play->running[--play->running_count];
    draw_usage(play, task);
    irsa_scheduler_relieve(play->scheduler, task);
    if (test_below(&play->random, 4) == 0)
        irsa_scheduler_postpone(play->scheduler, task, play->now_ms + test_below(&play->random, 3000));
    else
        irsa_scheduler_finish(play->scheduler, task);
}

/* Nothing runs: then there is a moment at which something will. */
static void wait_for_due(struct play *play) {
    int64_t due_ms = irsa_scheduler_next_due_ms(play->scheduler);
    if (due_ms == INT64_MAX)
        fail_msg("%zu tasks wait for nothing", irsa_scheduler_waiting(play->scheduler));
    play->now_ms = due_ms > play->now_ms ? due_ms : play->now_ms;
    irsa_scheduler_tick(play->scheduler, play->now_ms);
}

static void add_all(struct play *play) {
    static const struct {
        const char *account, *cluster;
    } places[] = {{"a", "a1"}, {"a", "a2"}, {"b", "b1"}, {"c", "c1"}, {NULL, "n1"}};
    static const char *const keys[] = {"x", "y", "z", NULL, NULL, NULL};
    for (size_t i = 0; i < TASKS; i++) {
        unsigned place = test_below(&play->random, 5);
        make(&play->tasks[i], places[place].account, places[place].cluster);
        play->tasks[i].job.key = keys[test_below(&play->random, 6)];
        irsa_scheduler_add(play->scheduler, &play->tasks[i]);
    }
}

static void whatever_is_throttled_caps_hold_keys_are_in_order_and_everything_ends(void **state) {
    (void)state;
    static struct play play;
    uint64_t random = test_seed();
    for (int round = 0; round < 2000; round++) {
        memset(&play, 0, sizeof play);
        play.random = random + (uint64_t)round;
        play.per_cluster = 1 + test_below(&play.random, 4);
        play.scheduler = irsa_scheduler_new(EXECUTORS, play.per_cluster);
        play.now_ms = 1000;
        irsa_scheduler_tick(play.scheduler, play.now_ms);
        add_all(&play);
        for (int steps = 0; irsa_scheduler_waiting(play.scheduler) + play.running_count > 0; steps++) {
            assert_true(steps < 100000);
            start_some(&play);
            if (play.running_count == 0) {
                wait_for_due(&play);
                continue;
            }
            play.now_ms += test_below(&play.random, 50);
            irsa_scheduler_tick(play.scheduler, play.now_ms);
            end_one(&play);
        }
        irsa_scheduler_free(play.scheduler);
    }
}

int main(void) {
    irsa_log_setup(IRSA_LOG_ERROR, IRSA_LOG_AUTO); // thousands of throttles
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_no_limit_until_the_first_throttle),
        cmocka_unit_test(the_first_throttle_halves_what_got_through_and_what_ran),
        cmocka_unit_test(jobs_that_had_begun_by_then_do_not_halve_again_and_later_ones_do),
        cmocka_unit_test(rate_and_window_grow_in_a_straight_line_until_they_have_no_effect),
        cmocka_unit_test(after_a_throttle_nobody_starts_for_a_second),
        cmocka_unit_test(a_bucket_in_debt_lets_nobody_start_until_it_is_filled),
        cmocka_unit_test(the_price_of_a_job_that_has_not_run_is_given_back),
        cmocka_unit_test(it_comes_near_to_what_a_service_gives_and_is_seldom_throttled),
        cmocka_unit_test(when_a_service_gives_all_again_the_limit_goes),
        cmocka_unit_test(a_bulk_of_one_account_has_all_executors_until_somebody_else_waits),
        cmocka_unit_test(accounts_take_turns_whoever_has_been_there_longer),
        cmocka_unit_test(a_cluster_that_hangs_delays_nobody_else_of_its_account_either),
        cmocka_unit_test(a_throttled_account_waits_for_its_bucket_and_delays_nobody_else),
        cmocka_unit_test(a_throttled_account_starts_again_when_it_is_due),
        cmocka_unit_test(limits_are_remembered_for_some_minutes_after_the_last_job),
        cmocka_unit_test(so_many_accounts_are_remembered_and_no_more),
        cmocka_unit_test(figures_name_the_limited_and_the_busiest_and_add_up_the_others),
        cmocka_unit_test(a_cluster_that_says_too_many_requests_is_asked_more_slowly_and_no_other),
        cmocka_unit_test(a_probe_is_one_that_its_cluster_lets_in_and_else_there_is_none),
        cmocka_unit_test(a_probe_does_not_wait_for_one_that_was_given_the_room_before_the_halt),
        cmocka_unit_test(whatever_is_throttled_caps_hold_keys_are_in_order_and_everything_ends),
    };
    return RUN_TESTS("limits");
}
