#include "worker/engine/scheduler.h"

#include <stdio.h>

#include "tests/support/seed.h"

#define TASKS  400
#define KEYS   6
#define PLACES 7

static const char *const keys[KEYS] = {"a", "b", "c", "d", "e", NULL};
static const struct {
    const char *account, *cluster;
} places[PLACES] = {{"A", "one"}, {"A", "two"},   {"B", "three"}, {"C", "four"},
                    {"A", NULL},  {NULL, "five"}, {NULL, NULL}};

static struct irsa_task *make(struct irsa_task *task, const char *key, const char *cluster) {
    *task = (struct irsa_task){.job = {.key = key, .cluster = cluster}};
    irsa_link_init(&task->of_key);
    irsa_link_init(&task->of_queue);
    return task;
}

static void run_through(struct irsa_scheduler *scheduler, struct irsa_task *task) {
    irsa_scheduler_relieve(scheduler, task);
    irsa_scheduler_finish(scheduler, task);
}

static void tasks_of_a_key_run_one_after_the_other_and_others_beside_them(void **state) {
    (void)state;
    struct irsa_scheduler *scheduler = irsa_scheduler_new(64, 8);
    struct irsa_task tasks[3];
    irsa_scheduler_add(scheduler, make(&tasks[0], "a", NULL));
    irsa_scheduler_add(scheduler, make(&tasks[1], "a", NULL));
    irsa_scheduler_add(scheduler, make(&tasks[2], "b", NULL));
    assert_ptr_equal(irsa_scheduler_next(scheduler), &tasks[0]);
    assert_ptr_equal(irsa_scheduler_next(scheduler), &tasks[2]);
    assert_null(irsa_scheduler_next(scheduler));
    run_through(scheduler, &tasks[0]);
    assert_ptr_equal(irsa_scheduler_next(scheduler), &tasks[1]);
    run_through(scheduler, &tasks[1]);
    run_through(scheduler, &tasks[2]);
    irsa_scheduler_free(scheduler);
}

static void a_task_in_back_off_holds_its_key_and_no_other(void **state) {
    (void)state;
    struct irsa_scheduler *scheduler = irsa_scheduler_new(64, 8);
    struct irsa_task tasks[3];
    irsa_scheduler_add(scheduler, make(&tasks[0], "a", NULL));
    irsa_scheduler_add(scheduler, make(&tasks[1], "a", NULL));
    assert_ptr_equal(irsa_scheduler_next(scheduler), &tasks[0]);
    irsa_scheduler_relieve(scheduler, &tasks[0]);
    irsa_scheduler_postpone(scheduler, &tasks[0], 100);
    assert_null(irsa_scheduler_next(scheduler));
    irsa_scheduler_add(scheduler, make(&tasks[2], "b", NULL));
    assert_ptr_equal(irsa_scheduler_next(scheduler), &tasks[2]);
    assert_int_equal(irsa_scheduler_next_due_ms(scheduler), 100);
    irsa_scheduler_tick(scheduler, 99);
    assert_null(irsa_scheduler_next(scheduler));
    irsa_scheduler_tick(scheduler, 100);
    assert_ptr_equal(irsa_scheduler_next(scheduler), &tasks[0]);
    run_through(scheduler, &tasks[0]);
    assert_ptr_equal(irsa_scheduler_next(scheduler), &tasks[1]);
    run_through(scheduler, &tasks[1]);
    run_through(scheduler, &tasks[2]);
    irsa_scheduler_free(scheduler);
}

static void a_cluster_holds_so_many_executors_and_delays_nobody_else(void **state) {
    (void)state;
    struct irsa_scheduler *scheduler = irsa_scheduler_new(64, 2);
    struct irsa_task tasks[5];
    for (int i = 0; i < 4; i++)
        irsa_scheduler_add(scheduler, make(&tasks[i], NULL, "slow"));
    irsa_scheduler_add(scheduler, make(&tasks[4], NULL, "quick"));
    struct irsa_task *first = irsa_scheduler_next(scheduler);
    struct irsa_task *second = irsa_scheduler_next(scheduler);
    assert_ptr_equal(first, &tasks[0]);
    assert_ptr_equal(second, &tasks[1]);
    assert_ptr_equal(irsa_scheduler_next(scheduler), &tasks[4]);
    assert_null(irsa_scheduler_next(scheduler));
    run_through(scheduler, first);
    assert_ptr_equal(irsa_scheduler_next(scheduler), &tasks[2]); // the longest waiting one
    assert_null(irsa_scheduler_next(scheduler));
    run_through(scheduler, second);
    assert_ptr_equal(irsa_scheduler_next(scheduler), &tasks[3]);
    for (int i = 2; i < 5; i++)
        run_through(scheduler, &tasks[i]);
    irsa_scheduler_free(scheduler);
}

static void the_longest_queue_goes_first_and_the_oldest_is_not_starved(void **state) {
    (void)state;
    struct irsa_scheduler *scheduler = irsa_scheduler_new(64, 8);
    static struct irsa_task single, chains[2][200];
    irsa_scheduler_add(scheduler, make(&single, "single", NULL));
    for (int i = 0; i < 200; i++)
        for (int chain = 0; chain < 2; chain++)
            irsa_scheduler_add(scheduler, make(&chains[chain][i], chain == 0 ? "x" : "y", NULL));
    int before = 0;
    struct irsa_task *task;
    for (; (task = irsa_scheduler_next(scheduler)) != &single; before++)
        run_through(scheduler, task);
    assert_in_range(before, 1, 4);
    run_through(scheduler, &single);
    while ((task = irsa_scheduler_next(scheduler)) != NULL)
        run_through(scheduler, task);
    irsa_scheduler_free(scheduler);
}

static void a_chain_is_critical_when_everything_ends_up_waiting_for_it(void **state) {
    (void)state;
    struct irsa_scheduler *scheduler = irsa_scheduler_new(64, 8);
    static struct irsa_task chain[100], singles[100];
    static char names[100][8];
    for (int i = 0; i < 100; i++)
        irsa_scheduler_add(scheduler, make(&chain[i], "chain", NULL));
    for (int i = 0; i < 100; i++) {
        snprintf(names[i], sizeof names[i], "k%d", i);
        irsa_scheduler_add(scheduler, make(&singles[i], names[i], NULL));
    }
    struct irsa_task *task = irsa_scheduler_next(scheduler);
    assert_ptr_equal(task, &chain[0]);
    assert_true(irsa_scheduler_is_critical(scheduler, task, 4));
    assert_false(irsa_scheduler_is_critical(scheduler, &singles[0], 4));
    run_through(scheduler, task);
    while ((task = irsa_scheduler_next(scheduler)) != NULL)
        run_through(scheduler, task);
    irsa_scheduler_free(scheduler);
}

static void halted_tasks_keep_their_keys_until_one_has_shown_the_way(void **state) {
    (void)state;
    struct irsa_scheduler *scheduler = irsa_scheduler_new(64, 8);
    struct irsa_task tasks[3];
    irsa_scheduler_add(scheduler, make(&tasks[0], "a", NULL));
    irsa_scheduler_add(scheduler, make(&tasks[1], "b", NULL));
    irsa_scheduler_add(scheduler, make(&tasks[2], "a", NULL));
    for (int i = 0; i < 2; i++) {
        assert_ptr_equal(irsa_scheduler_next(scheduler), &tasks[i]);
        irsa_scheduler_relieve(scheduler, &tasks[i]);
        irsa_scheduler_halt(scheduler, &tasks[i]);
    }
    assert_null(irsa_scheduler_next(scheduler));
    assert_ptr_equal(irsa_scheduler_probe(scheduler), &tasks[0]); // the oldest
    run_through(scheduler, &tasks[0]);
    irsa_scheduler_resume(scheduler);
    assert_null(irsa_scheduler_probe(scheduler));
    assert_non_null(irsa_scheduler_next(scheduler));
    assert_non_null(irsa_scheduler_next(scheduler));
    run_through(scheduler, &tasks[1]);
    run_through(scheduler, &tasks[2]);
    irsa_scheduler_free(scheduler);
}

/* --- against a model ----------------------------------------------------------------------------------------------------- */

enum model_state { ABSENT, WAITS, RUNS, POSTPONED, HALTED, FINISHED };

struct model {
    struct irsa_scheduler *scheduler;
    unsigned executors, per_cluster;
    struct irsa_task tasks[TASKS]; /* in the order of adding */
    enum model_state states[TASKS];
    int64_t due[TASKS];
    size_t added;
    int64_t now_ms;
    bool may_drop; /* finish tasks that wait, as a revoked partition's are */
};

static bool is_same(const char *a, const char *b) {
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static unsigned running_of(const struct model *model, const char *cluster) {
    unsigned running = 0;
    for (size_t i = 0; i < model->added; i++)
        running += model->states[i] == RUNS && is_same(model->tasks[i].job.cluster, cluster);
    return running;
}

static unsigned held_by(const struct model *model, const char *account) {
    unsigned held = 0;
    for (size_t i = 0; i < model->added; i++)
        held += model->states[i] == RUNS && is_same(model->tasks[i].job.account, account);
    return held;
}

/* Nobody before it in its key, and not held back. */
static bool is_first(const struct model *model, size_t at) {
    const struct irsa_job *job = &model->tasks[at].job;
    if (model->states[at] != WAITS)
        return false;
    for (size_t i = 0; i < at && job->key != NULL; i++)
        if (model->tasks[i].job.key == job->key && model->states[i] != FINISHED)
            return false;
    return true;
}

static bool has_room(const struct model *model, size_t at) {
    const char *cluster = model->tasks[at].job.cluster;
    return cluster == NULL || running_of(model, cluster) < model->per_cluster;
}

static bool has_half(const struct model *model, const char *account) {
    return account != NULL && held_by(model, account) >= (model->executors + 1) / 2;
}

/* Is there a job of another account that waits, and, if that is asked, that its cluster would let in? */
static bool do_others_wait(const struct model *model, size_t at, bool with_room) {
    for (size_t i = 0; i < model->added; i++)
        if (!is_same(model->tasks[i].job.account, model->tasks[at].job.account) && is_first(model, i) &&
            (!with_room || has_room(model, i)))
            return true;
    return false;
}

/* By the words of the promise: in the order of its key, its cluster lets it in, and no more than half while others wait. */
static bool may_start(const struct model *model, size_t at) {
    return is_first(model, at) && has_room(model, at) &&
           (!has_half(model, model->tasks[at].job.account) || !do_others_wait(model, at, true));
}

/* Then it does, if there is an executor. */
static bool has_to_start(const struct model *model, size_t at) {
    return is_first(model, at) && has_room(model, at) &&
           (!has_half(model, model->tasks[at].job.account) || !do_others_wait(model, at, false));
}

static size_t index_of(const struct model *model, const struct irsa_task *task) {
    return (size_t)(task - model->tasks);
}

static void start_one(struct model *model) {
    struct irsa_task *task = irsa_scheduler_next(model->scheduler);
    if (task != NULL) {
        if (!may_start(model, index_of(model, task)))
            fail_msg("task %zu must not start", index_of(model, task));
        model->states[index_of(model, task)] = RUNS;
        return;
    }
    for (size_t i = 0; i < model->added; i++)
        if (has_to_start(model, i))
            fail_msg("task %zu could start", i);
}

static int pick(const struct model *model, enum model_state wanted, uint64_t *random) {
    unsigned skip = test_below(random, TASKS);
    for (size_t i = 0; i < model->added; i++) {
        size_t at = (i + skip) % model->added;
        if (model->states[at] == wanted)
            return (int)at;
    }
    return -1;
}

static void end_run(struct model *model, uint64_t *random) {
    int at = pick(model, RUNS, random);
    if (at < 0)
        return;
    struct irsa_task *task = &model->tasks[at];
    unsigned how = test_below(random, 10);
    if (how == 0) {
        irsa_scheduler_return(model->scheduler, task);
        model->states[at] = WAITS;
        return;
    }
    irsa_scheduler_relieve(model->scheduler, task);
    if (how < 3) {
        model->due[at] = model->now_ms + test_below(random, 40);
        irsa_scheduler_postpone(model->scheduler, task, model->due[at]);
        model->states[at] = POSTPONED;
    } else if (how == 3) {
        irsa_scheduler_halt(model->scheduler, task);
        model->states[at] = HALTED;
    } else {
        irsa_scheduler_finish(model->scheduler, task);
        model->states[at] = FINISHED;
    }
}

static void tick(struct model *model, uint64_t *random) {
    model->now_ms += test_below(random, 15);
    irsa_scheduler_tick(model->scheduler, model->now_ms);
    int64_t next_due = INT64_MAX;
    for (size_t i = 0; i < model->added; i++) {
        if (model->states[i] != POSTPONED)
            continue;
        if (model->due[i] <= model->now_ms)
            model->states[i] = WAITS;
        else if (model->due[i] < next_due)
            next_due = model->due[i];
    }
    assert_true(irsa_scheduler_next_due_ms(model->scheduler) == next_due);
}

static void resume(struct model *model) {
    irsa_scheduler_resume(model->scheduler);
    for (size_t i = 0; i < model->added; i++)
        if (model->states[i] == HALTED)
            model->states[i] = WAITS;
}

static void drop(struct model *model, uint64_t *random) {
    static const enum model_state states[] = {WAITS, POSTPONED, HALTED};
    int at = pick(model, states[test_below(random, 3)], random);
    if (at < 0)
        return;
    irsa_scheduler_finish(model->scheduler, &model->tasks[at]);
    model->states[at] = FINISHED;
}

static void add(struct model *model, uint64_t *random) {
    if (model->added == TASKS)
        return;
    struct irsa_task *task = &model->tasks[model->added];
    model->states[model->added++] = WAITS;
    unsigned place = test_below(random, PLACES);
    make(task, keys[test_below(random, KEYS)], places[place].cluster);
    task->job.account = places[place].account;
    irsa_scheduler_add(model->scheduler, task);
}

static void step(struct model *model, uint64_t *random) {
    unsigned what = test_below(random, 20);
    if (what < 6)
        add(model, random);
    else if (what < 12)
        start_one(model);
    else if (what < 17)
        end_run(model, random);
    else if (what == 17)
        tick(model, random);
    else if (what == 18)
        resume(model);
    else if (model->may_drop)
        drop(model, random);
}

static void check_counts(const struct model *model) {
    size_t waiting = 0;
    for (size_t i = 0; i < model->added; i++)
        waiting += model->states[i] == WAITS || model->states[i] == POSTPONED || model->states[i] == HALTED;
    assert_int_equal(irsa_scheduler_waiting(model->scheduler), waiting);
}

static void finish_all(struct model *model) {
    for (size_t i = 0; i < model->added; i++) {
        if (model->states[i] == RUNS)
            irsa_scheduler_relieve(model->scheduler, &model->tasks[i]);
        if (model->states[i] != FINISHED)
            irsa_scheduler_finish(model->scheduler, &model->tasks[i]);
    }
}

static void begin(struct model *model, unsigned most_per_cluster, uint64_t *random) {
    memset(model, 0, sizeof *model);
    model->per_cluster = 1 + test_below(random, most_per_cluster);
    model->executors = 1 + test_below(random, 8);
    model->scheduler = irsa_scheduler_new(model->executors, model->per_cluster);
}

static void the_scheduler_agrees_with_a_model_over_random_schedules(void **state) {
    (void)state;
    uint64_t random = test_seed();
    static struct model model;
    for (int round = 0; round < 1500; round++) {
        begin(&model, 3, &random);
        model.may_drop = round % 2 == 0;
        unsigned steps = test_below(&random, 300);
        for (unsigned i = 0; i < steps; i++)
            step(&model, &random);
        check_counts(&model);
        finish_all(&model);
        assert_int_equal(irsa_scheduler_waiting(model.scheduler), 0);
        assert_int_equal(irsa_scheduler_ready(model.scheduler), 0);
        irsa_scheduler_free(model.scheduler);
    }
}

/* Whatever the schedule, everything that was added is run in the end. */
static void nothing_is_forgotten(void **state) {
    (void)state;
    uint64_t random = test_seed();
    static struct model model;
    for (int round = 0; round < 300; round++) {
        begin(&model, 2, &random);
        for (unsigned i = 0; i < 200; i++)
            step(&model, &random);
        for (int i = 0; i < 100000 && irsa_scheduler_waiting(model.scheduler) > 0; i++) {
            start_one(&model);
            end_run(&model, &random);
            tick(&model, &random);
            resume(&model);
        }
        assert_int_equal(irsa_scheduler_waiting(model.scheduler), 0);
        finish_all(&model);
        irsa_scheduler_free(model.scheduler);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tasks_of_a_key_run_one_after_the_other_and_others_beside_them),
        cmocka_unit_test(a_task_in_back_off_holds_its_key_and_no_other),
        cmocka_unit_test(a_cluster_holds_so_many_executors_and_delays_nobody_else),
        cmocka_unit_test(the_longest_queue_goes_first_and_the_oldest_is_not_starved),
        cmocka_unit_test(a_chain_is_critical_when_everything_ends_up_waiting_for_it),
        cmocka_unit_test(halted_tasks_keep_their_keys_until_one_has_shown_the_way),
        cmocka_unit_test(the_scheduler_agrees_with_a_model_over_random_schedules),
        cmocka_unit_test(nothing_is_forgotten),
    };
    return RUN_TESTS("scheduler");
}
