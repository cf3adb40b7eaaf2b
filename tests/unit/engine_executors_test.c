#include "worker/engine/executors.h"

#include <poll.h>
#include <stdatomic.h>

#include "core/base/clock.h"
#include "tests/support/seed.h"

#define TASKS       500
#define PATIENCE_MS 30000

/* What tasks do: the number of milliseconds in `runs`; `is_refused` ones wait until they are cancelled. */
static atomic_uint begun, cancelled, wrongly_cancelled;

static void run(void *self, struct irsa_task *task, const struct irsa_cancel *cancel) {
    (void)self;
    const struct irsa_clock *clock = irsa_clock_system();
    atomic_fetch_add(&begun, 1);
    if (irsa_cancel_is_set(cancel))
        atomic_fetch_add(&wrongly_cancelled, 1);
    if (task->is_refused) {
        clock->sleep_ms(clock->self, PATIENCE_MS, cancel);
        atomic_fetch_add(&cancelled, irsa_cancel_is_set(cancel));
    } else if (task->runs > 0) {
        clock->sleep_ms(clock->self, task->runs, NULL);
    }
    task->has_succeeded = true;
}

static struct irsa_executors *start(unsigned count) {
    struct irsa_error err;
    struct irsa_executors *executors = irsa_executors_new(count, run, NULL, &err);
    if (executors == NULL)
        fail_msg("%s", err.message);
    atomic_store(&begun, 0);
    atomic_store(&cancelled, 0);
    atomic_store(&wrongly_cancelled, 0);
    return executors;
}

static struct irsa_task *make(struct irsa_task *task) {
    *task = (struct irsa_task){0};
    irsa_link_init(&task->of_queue);
    return task;
}

static void submit(struct irsa_executors *executors, struct irsa_task *task) {
    struct irsa_link urgent, others;
    irsa_link_init(&urgent);
    irsa_link_init(&others);
    irsa_list_append(task->is_urgent ? &urgent : &others, &task->of_queue);
    irsa_executors_submit(executors, &urgent, &others);
}

/* As the engine does it: sleep only after having said so. Returns how many have come back. */
static size_t collect(struct irsa_executors *executors, size_t wanted) {
    struct pollfd wake = {.fd = irsa_executors_fd(executors), .events = POLLIN};
    struct irsa_link finished, *link;
    size_t count = 0;
    irsa_link_init(&finished);
    while (count < wanted) {
        if (irsa_executors_sleep(executors)) {
            if (poll(&wake, 1, PATIENCE_MS) != 1)
                fail_msg("the engine was not woken: %zu of %zu", count, wanted);
            irsa_executors_woken(executors);
        }
        irsa_executors_collect(executors, &finished);
        while ((link = irsa_list_take_first(&finished)) != NULL) {
            assert_true(IRSA_OBJECT(link, struct irsa_task, of_queue)->has_succeeded);
            count++;
        }
    }
    return count;
}

static void end(struct irsa_executors *executors, size_t left) {
    struct irsa_link rest;
    size_t count = 0;
    irsa_link_init(&rest);
    irsa_executors_free(executors, &rest);
    while (irsa_list_take_first(&rest) != NULL)
        count++;
    assert_int_equal(count, left);
}

static void everything_that_is_handed_over_comes_back_once(void **state) {
    (void)state;
    uint64_t random = test_seed();
    static struct irsa_task tasks[TASKS];
    struct irsa_executors *executors = start(8);
    for (int round = 0; round < 20; round++) {
        size_t given = 0, back = 0;
        while (back < TASKS) {
            for (unsigned n = test_below(&random, 40); n > 0 && given < TASKS; n--) {
                make(&tasks[given])->runs = test_below(&random, 50) == 0;
                tasks[given].is_urgent = test_below(&random, 4) == 0;
                submit(executors, &tasks[given++]);
            }
            size_t wanted = given > back ? 1 + test_below(&random, (unsigned)(given - back)) : 0;
            back += collect(executors, wanted);
        }
        assert_int_equal(back, TASKS);
    }
    assert_int_equal(atomic_load(&begun), 20 * TASKS);
    end(executors, 0);
}

static bool is_even(void *self, const struct irsa_task *task) {
    const struct irsa_task *first = self;
    return (task - first) % 2 == 0;
}

static bool is_any(void *self, const struct irsa_task *task) {
    (void)self;
    (void)task;
    return true;
}

static void await_begun(unsigned count) {
    for (int i = 0; i < PATIENCE_MS && atomic_load(&begun) < count; i++)
        irsa_clock_system()->sleep_ms(irsa_clock_system()->self, 1, NULL);
    assert_int_equal(atomic_load(&begun), count);
}

/* One hand-over, as many sleepers as tasks: the wake-ups must reach all of them. */
static void a_burst_of_long_tasks_reaches_every_executor(void **state) {
    (void)state;
    static struct irsa_task tasks[64];
    struct irsa_executors *executors = start(64);
    struct irsa_link urgent, others;
    irsa_link_init(&urgent);
    irsa_link_init(&others);
    for (size_t i = 0; i < 64; i++) {
        make(&tasks[i])->is_refused = true;
        irsa_list_append(&others, &tasks[i].of_queue);
    }
    irsa_executors_submit(executors, &urgent, &others);
    await_begun(64);
    irsa_executors_cancel(executors, is_any, NULL);
    assert_int_equal(collect(executors, 64), 64);
    end(executors, 0);
}

static void cancelling_reaches_those_that_are_meant_and_not_the_next_to_run(void **state) {
    (void)state;
    static struct irsa_task tasks[8];
    struct irsa_executors *executors = start(4);
    for (size_t i = 0; i < 4; i++) {
        make(&tasks[i])->is_refused = true;
        submit(executors, &tasks[i]);
    }
    await_begun(4);
    irsa_executors_cancel(executors, is_even, tasks);
    assert_int_equal(collect(executors, 2), 2);
    assert_int_equal(atomic_load(&cancelled), 2);
    for (size_t i = 4; i < 8; i++) // on the executors that were cancelled
        submit(executors, make(&tasks[i]));
    assert_int_equal(collect(executors, 4), 4);
    assert_int_equal(atomic_load(&wrongly_cancelled), 0);
    irsa_executors_cancel(executors, is_any, NULL);
    assert_int_equal(collect(executors, 2), 2);
    end(executors, 0);
}

static void what_has_not_begun_is_taken_back(void **state) {
    (void)state;
    static struct irsa_task tasks[10];
    struct irsa_executors *executors = start(2);
    struct irsa_link taken;
    irsa_link_init(&taken);
    for (size_t i = 0; i < 2; i++) {
        make(&tasks[i])->is_refused = true;
        submit(executors, &tasks[i]);
    }
    await_begun(2);
    for (size_t i = 2; i < 10; i++) {
        make(&tasks[i])->is_urgent = i > 5;
        submit(executors, &tasks[i]);
    }
    irsa_executors_withdraw(executors, is_even, tasks, &taken);
    size_t count = 0;
    struct irsa_link *link;
    while ((link = irsa_list_take_first(&taken)) != NULL) {
        assert_true(is_even(tasks, IRSA_OBJECT(link, struct irsa_task, of_queue)));
        count++;
    }
    assert_int_equal(count, 4);
    assert_int_equal(atomic_load(&begun), 2);
    irsa_executors_cancel(executors, is_any, NULL);
    assert_int_equal(collect(executors, 6), 6);
    end(executors, 0);
}

static void what_is_left_at_the_end_is_given_back(void **state) {
    (void)state;
    static struct irsa_task tasks[6];
    struct irsa_executors *executors = start(2);
    for (size_t i = 0; i < 6; i++) {
        make(&tasks[i])->runs = 20;
        submit(executors, &tasks[i]);
    }
    await_begun(2);
    end(executors, 6); // two have run, four were not begun
    assert_int_equal(atomic_load(&begun), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_that_is_handed_over_comes_back_once),
        cmocka_unit_test(a_burst_of_long_tasks_reaches_every_executor),
        cmocka_unit_test(cancelling_reaches_those_that_are_meant_and_not_the_next_to_run),
        cmocka_unit_test(what_has_not_begun_is_taken_back),
        cmocka_unit_test(what_is_left_at_the_end_is_given_back),
    };
    return RUN_TESTS("executors");
}
