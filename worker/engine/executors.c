/*
 * Threads, two lists and one mutex.
 *
 * At most one thread is on its way from sleep to its task at a time; it wakes the next one if more is there. So a burst of
 * long jobs spreads within a few context switches, and no-op jobs are done by the first few threads, with few of them. The
 * engine is told of finished tasks only while it sleeps.
 *
 * The longest chain of jobs of one key is what everything ends up waiting for, so its steps are kept short: a thread that
 * has run an urgent job of some length stays awake for a moment, for the next one of that chain.
 */
#include "worker/engine/executors.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "worker/engine/thread.h"

#define STACK_BYTES   ((size_t)1024 * 1024)
#define OVERTAKES_MAX 4
#define LINGER_US     100 /* about twice what the engine takes to hand the next one over */
#define LINGER_RUN_US 500 /* so that it costs a fifth of the time at most */

struct executor {
    struct irsa_executors *all;
    pthread_t thread;
    struct irsa_task *task; /* in hand; under the lock */
    struct irsa_cancel cancel;
};

struct irsa_executors {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct irsa_link waiting;  /* under the lock */
    struct irsa_link finished; /* under the lock */
    unsigned idle;             /* under the lock */
    unsigned overtakes;        /* under the lock: by urgent tasks */
    unsigned lingering;        /* under the lock: awake, and about to look for a task */
    atomic_uint urgent;        /* tasks in `waiting` that are; changed under the lock, looked at without */
    bool is_one_waking;        /* under the lock: signalled, and not there yet */
    bool is_engine_asleep;     /* under the lock: tell it of the next finished task */
    bool is_ending;            /* under the lock */
    int fd;
    irsa_executor_run_fn *run;
    void *self;
    unsigned count;
    struct executor executors[];
};

/* With the lock held. True: signal `filled`. */
static bool wake_one(struct irsa_executors *all) {
    if (all->idle == 0 || all->is_one_waking || irsa_list_is_empty(&all->waiting))
        return false;
    if (all->lingering > 0 && all->waiting.next->next == &all->waiting)
        return false; // there is one task, and somebody who is awake
    return all->is_one_waking = true;
}

static struct irsa_task *take_first(struct irsa_executors *all) {
    struct irsa_link *first = irsa_list_take_first(&all->waiting);
    if (first == NULL)
        return NULL;
    struct irsa_task *task = IRSA_OBJECT(first, struct irsa_task, of_queue);
    if (task->is_urgent)
        atomic_fetch_sub_explicit(&all->urgent, 1, memory_order_relaxed);
    return task;
}

/* With the lock held. NULL: this is the end. */
static struct irsa_task *await_task(struct irsa_executors *all, bool is_from_sleep) {
    while (irsa_list_is_empty(&all->waiting) && !all->is_ending) {
        all->idle++;
        pthread_cond_wait(&all->filled, &all->lock);
        all->idle--;
        all->is_one_waking = false;
        is_from_sleep = true;
    }
    struct irsa_task *task = all->is_ending ? NULL : take_first(all);
    if (is_from_sleep && wake_one(all))
        pthread_cond_signal(&all->filled);
    return task;
}

/* With the lock held. True: the engine has to be told. */
static bool put_back(struct executor *executor, struct irsa_task *task) {
    struct irsa_executors *all = executor->all;
    bool is_engine_asleep = all->is_engine_asleep;
    all->is_engine_asleep = false;
    irsa_list_append(&all->finished, &task->of_queue);
    executor->task = NULL;
    if (irsa_cancel_is_set(&executor->cancel))
        irsa_cancel_reset(&executor->cancel);
    return is_engine_asleep;
}

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void linger(struct irsa_executors *all) {
    int64_t until_us = now_us() + LINGER_US;
    while (atomic_load_explicit(&all->urgent, memory_order_relaxed) == 0 && now_us() < until_us)
        sched_yield();
}

/* Without the lock. True: the task was one of a long chain. */
static bool run_task(struct executor *executor, struct irsa_task *task) {
    struct irsa_executors *all = executor->all;
    bool is_urgent = task->is_urgent;
    task->executor = (unsigned)(executor - all->executors);
    int64_t started_us = is_urgent ? now_us() : 0;
    all->run(all->self, task, &executor->cancel);
    return is_urgent && now_us() - started_us >= LINGER_RUN_US;
}

static void *work(void *argument) {
    struct executor *executor = argument;
    struct irsa_executors *all = executor->all;
    struct irsa_task *task;
    bool has_lingered = false;
    pthread_mutex_lock(&all->lock);
    while ((task = await_task(all, has_lingered)) != NULL) {
        executor->task = task;
        pthread_mutex_unlock(&all->lock);
        has_lingered = run_task(executor, task);
        pthread_mutex_lock(&all->lock);
        bool is_engine_to_know = put_back(executor, task);
        if (!is_engine_to_know && !has_lingered)
            continue;
        all->lingering += has_lingered;
        pthread_mutex_unlock(&all->lock);
        if (is_engine_to_know)
            irsa_thread_wake(all->fd);
        if (has_lingered)
            linger(all);
        pthread_mutex_lock(&all->lock);
        all->lingering -= has_lingered;
    }
    pthread_mutex_unlock(&all->lock);
    return NULL;
}

struct irsa_executors *irsa_executors_new(unsigned count, irsa_executor_run_fn *run, void *self,
                                          struct irsa_error *err) {
    struct irsa_executors *all = irsa_new(sizeof *all + count * sizeof(struct executor));
    pthread_mutex_init(&all->lock, NULL);
    pthread_cond_init(&all->filled, NULL);
    irsa_link_init(&all->waiting);
    irsa_link_init(&all->finished);
    all->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    all->run = run;
    all->self = self;
    while (all->count < count) {
        struct executor *executor = &all->executors[all->count];
        executor->all = all;
        irsa_cancel_init(&executor->cancel);
        int error = irsa_thread_start(&executor->thread, STACK_BYTES, work, executor);
        if (error != 0) {
            irsa_cancel_done(&executor->cancel);
            IRSA_FAIL(err, INTERNAL, "only %u of %u executors could be started: %s", all->count, count,
                      strerror(error));
            struct irsa_link none;
            irsa_link_init(&none);
            irsa_executors_free(all, &none);
            return NULL;
        }
        all->count++;
    }
    return all;
}

void irsa_executors_free(struct irsa_executors *executors, struct irsa_link *out_left) {
    if (executors == NULL)
        return;
    pthread_mutex_lock(&executors->lock);
    executors->is_ending = true;
    pthread_cond_broadcast(&executors->filled);
    pthread_mutex_unlock(&executors->lock);
    for (unsigned i = 0; i < executors->count; i++) {
        pthread_join(executors->executors[i].thread, NULL);
        irsa_cancel_done(&executors->executors[i].cancel);
    }
    irsa_list_append_all(out_left, &executors->waiting);
    irsa_list_append_all(out_left, &executors->finished);
    close(executors->fd);
    pthread_cond_destroy(&executors->filled);
    pthread_mutex_destroy(&executors->lock);
    free(executors);
}

int irsa_executors_fd(const struct irsa_executors *executors) {
    return executors->fd;
}

/* With the lock held. In front of what waits, but not always: then the one that waits longest stays before it. */
static void put_urgent(struct irsa_executors *all, struct irsa_link *urgent) {
    struct irsa_link *link;
    while ((link = irsa_list_take_first(urgent)) != NULL) {
        struct irsa_link *place = all->waiting.next;
        if (place != &all->waiting && ++all->overtakes % OVERTAKES_MAX == 0)
            place = place->next;
        irsa_list_insert_before(place, link);
        atomic_fetch_add_explicit(&all->urgent, 1, memory_order_relaxed);
    }
}

void irsa_executors_submit(struct irsa_executors *executors, struct irsa_link *urgent, struct irsa_link *others) {
    pthread_mutex_lock(&executors->lock);
    put_urgent(executors, urgent);
    irsa_list_append_all(&executors->waiting, others);
    bool is_to_wake = wake_one(executors);
    pthread_mutex_unlock(&executors->lock);
    if (is_to_wake)
        pthread_cond_signal(&executors->filled);
}

void irsa_executors_collect(struct irsa_executors *executors, struct irsa_link *out_finished) {
    pthread_mutex_lock(&executors->lock);
    irsa_list_append_all(out_finished, &executors->finished);
    executors->is_engine_asleep = false;
    pthread_mutex_unlock(&executors->lock);
}

bool irsa_executors_sleep(struct irsa_executors *executors) {
    pthread_mutex_lock(&executors->lock);
    executors->is_engine_asleep = irsa_list_is_empty(&executors->finished);
    bool may_sleep = executors->is_engine_asleep;
    pthread_mutex_unlock(&executors->lock);
    return may_sleep;
}

void irsa_executors_woken(struct irsa_executors *executors) {
    uint64_t wakes;
    ssize_t emptied = read(executors->fd, &wakes, sizeof wakes);
    (void)emptied; // cannot fail: it was readable
}

void irsa_executors_withdraw(struct irsa_executors *executors, irsa_task_test_fn *is_meant, void *self,
                             struct irsa_link *out_tasks) {
    pthread_mutex_lock(&executors->lock);
    struct irsa_link *next;
    for (struct irsa_link *link = executors->waiting.next; link != &executors->waiting; link = next) {
        next = link->next;
        if (!is_meant(self, IRSA_OBJECT(link, struct irsa_task, of_queue)))
            continue;
        irsa_list_remove(link);
        irsa_list_append(out_tasks, link);
        if (IRSA_OBJECT(link, struct irsa_task, of_queue)->is_urgent)
            atomic_fetch_sub_explicit(&executors->urgent, 1, memory_order_relaxed);
    }
    pthread_mutex_unlock(&executors->lock);
}

void irsa_executors_cancel(struct irsa_executors *executors, irsa_task_test_fn *is_meant, void *self) {
    pthread_mutex_lock(&executors->lock);
    for (unsigned i = 0; i < executors->count; i++) {
        struct executor *executor = &executors->executors[i];
        if (executor->task != NULL && is_meant(self, executor->task))
            irsa_cancel_set(&executor->cancel);
    }
    pthread_mutex_unlock(&executors->lock);
}
