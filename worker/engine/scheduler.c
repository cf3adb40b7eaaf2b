/*
 * Ready queues by the length of the key's queue, in powers of two.
 */
#include "worker/engine/scheduler.h"

#include <assert.h>
#include <stdlib.h>

#include "core/base/arena.h"
#include "worker/engine/keys.h"
#include "worker/engine/limits.h"

#define RANKS            16 /* rank r: at least 2^r tasks in the key's queue */
#define OLDEST_GOES_EACH 4

struct irsa_scheduler {
    struct irsa_keys *keys;
    struct irsa_limits *limits;
    struct irsa_link ready[RANKS];
    uint32_t filled; /* bit r: ready[r] is not empty */
    size_t ready_count;
    struct irsa_link halted;
    struct irsa_timers timers;
    size_t waiting;
    uint64_t added;
    unsigned starts;
};

struct irsa_scheduler *irsa_scheduler_new(unsigned per_cluster) {
    struct irsa_scheduler *scheduler = irsa_new(sizeof *scheduler);
    scheduler->keys = irsa_keys_new();
    scheduler->limits = irsa_limits_new(per_cluster);
    for (size_t i = 0; i < RANKS; i++)
        irsa_link_init(&scheduler->ready[i]);
    irsa_link_init(&scheduler->halted);
    return scheduler;
}

void irsa_scheduler_free(struct irsa_scheduler *scheduler) {
    if (scheduler == NULL)
        return;
    irsa_keys_free(scheduler->keys);
    irsa_limits_free(scheduler->limits);
    irsa_timers_done(&scheduler->timers);
    free(scheduler);
}

static struct irsa_task *task_of(struct irsa_link *of_queue) {
    return IRSA_OBJECT(of_queue, struct irsa_task, of_queue);
}

/* --- ready queues -------------------------------------------------------------------------------------------------------- */

static unsigned rank_of(const struct irsa_task *task) {
    if (task->key == NULL)
        return 0;
    unsigned rank = 63 - (unsigned)__builtin_clzll(task->key->count);
    return rank < RANKS ? rank : RANKS - 1;
}

/* Within a rank by the order of adding; a task that comes back (from a park, a back-off) is mostly the oldest. */
static void make_ready(struct irsa_scheduler *scheduler, struct irsa_task *task) {
    task->state = IRSA_TASK_READY;
    task->rank = rank_of(task);
    struct irsa_link *queue = &scheduler->ready[task->rank];
    if (!irsa_list_is_empty(queue) && task->order < task_of(queue->next)->order)
        irsa_list_prepend(queue, &task->of_queue);
    else
        irsa_list_append(queue, &task->of_queue);
    scheduler->filled |= UINT32_C(1) << task->rank;
    scheduler->ready_count++;
}

static void take_from_ready(struct irsa_scheduler *scheduler, struct irsa_task *task) {
    irsa_list_remove(&task->of_queue);
    if (irsa_list_is_empty(&scheduler->ready[task->rank]))
        scheduler->filled &= ~(UINT32_C(1) << task->rank);
    scheduler->ready_count--;
}

/* Of those that are filled; one is. */
static unsigned highest_rank(const struct irsa_scheduler *scheduler) {
    return 31 - (unsigned)__builtin_clz(scheduler->filled);
}

static struct irsa_task *oldest_ready(const struct irsa_scheduler *scheduler) {
    struct irsa_task *oldest = NULL;
    for (unsigned rank = 0; rank < RANKS; rank++) {
        if ((scheduler->filled >> rank & 1) == 0)
            continue;
        struct irsa_task *first = task_of(scheduler->ready[rank].next);
        if (oldest == NULL || first->order < oldest->order)
            oldest = first;
    }
    return oldest;
}

static struct irsa_task *pick(struct irsa_scheduler *scheduler) {
    if (scheduler->filled == 0)
        return NULL;
    struct irsa_task *task;
    if (++scheduler->starts % OLDEST_GOES_EACH == 0) {
        task = oldest_ready(scheduler);
    } else {
        task = task_of(scheduler->ready[highest_rank(scheduler)].next);
    }
    take_from_ready(scheduler, task);
    return task;
}

/* --- the life of a task -------------------------------------------------------------------------------------------------- */

/* The first one of a key has a longer queue behind it now. */
static void raise_first(struct irsa_scheduler *scheduler, const struct irsa_key *key) {
    struct irsa_task *first = irsa_key_first(key);
    if (first->state != IRSA_TASK_READY || rank_of(first) == first->rank)
        return;
    take_from_ready(scheduler, first);
    make_ready(scheduler, first);
}

void irsa_scheduler_add(struct irsa_scheduler *scheduler, struct irsa_task *task) {
    assert(task->state == IRSA_TASK_NEW);
    task->order = scheduler->added++;
    scheduler->waiting++;
    irsa_limits_enrol(scheduler->limits, task);
    if (task->job.key != NULL)
        irsa_keys_add(scheduler->keys, task);
    task->state = IRSA_TASK_WAITING;
    if (task->key == NULL || irsa_key_first(task->key) == task)
        make_ready(scheduler, task);
    else
        raise_first(scheduler, task->key);
}

struct irsa_task *irsa_scheduler_next(struct irsa_scheduler *scheduler) {
    struct irsa_task *task;
    while ((task = pick(scheduler)) != NULL) {
        if (!irsa_limits_admit(scheduler->limits, task))
            continue;
        task->state = IRSA_TASK_RUNNING;
        scheduler->waiting--;
        return task;
    }
    return NULL;
}

static void ready_again(struct irsa_scheduler *scheduler, struct irsa_task *parked) {
    if (parked != NULL)
        make_ready(scheduler, parked);
}

void irsa_scheduler_relieve(struct irsa_scheduler *scheduler, struct irsa_task *task) {
    assert(task->state == IRSA_TASK_RUNNING);
    ready_again(scheduler, irsa_limits_relieve(scheduler->limits, task));
    scheduler->waiting++;
    task->state = IRSA_TASK_WAITING;
}

/* Out of whatever it waits in. */
static void unlink_waiting(struct irsa_scheduler *scheduler, struct irsa_task *task) {
    if (task->state == IRSA_TASK_READY)
        take_from_ready(scheduler, task);
    irsa_list_remove(&task->of_queue);
    irsa_timers_clear(&scheduler->timers, &task->timer);
}

void irsa_scheduler_finish(struct irsa_scheduler *scheduler, struct irsa_task *task) {
    assert(task->state != IRSA_TASK_RUNNING && task->state != IRSA_TASK_SETTLED && task->state != IRSA_TASK_NEW);
    unlink_waiting(scheduler, task);
    ready_again(scheduler, irsa_limits_leave(scheduler->limits, task));
    scheduler->waiting--;
    task->state = IRSA_TASK_SETTLED;
    struct irsa_key *key = task->key;
    if (key == NULL)
        return;
    bool is_next_free = irsa_key_first(key) == task && key->count > 1;
    irsa_keys_remove(scheduler->keys, task);
    if (is_next_free)
        make_ready(scheduler, irsa_key_first(key));
}

void irsa_scheduler_postpone(struct irsa_scheduler *scheduler, struct irsa_task *task, int64_t due_ms) {
    assert(task->state == IRSA_TASK_WAITING);
    task->state = IRSA_TASK_POSTPONED;
    irsa_timers_set(&scheduler->timers, &task->timer, due_ms);
}

void irsa_scheduler_halt(struct irsa_scheduler *scheduler, struct irsa_task *task) {
    assert(task->state == IRSA_TASK_WAITING);
    task->state = IRSA_TASK_HALTED;
    irsa_list_append(&scheduler->halted, &task->of_queue);
}

struct irsa_task *irsa_scheduler_probe(struct irsa_scheduler *scheduler) {
    struct irsa_link *first = irsa_list_take_first(&scheduler->halted);
    if (first == NULL || !irsa_limits_admit(scheduler->limits, task_of(first)))
        return NULL;
    struct irsa_task *task = task_of(first);
    task->state = IRSA_TASK_RUNNING;
    scheduler->waiting--;
    return task;
}

void irsa_scheduler_resume(struct irsa_scheduler *scheduler) {
    struct irsa_link *first;
    while ((first = irsa_list_take_first(&scheduler->halted)) != NULL)
        make_ready(scheduler, task_of(first));
}

void irsa_scheduler_return(struct irsa_scheduler *scheduler, struct irsa_task *task) {
    irsa_scheduler_relieve(scheduler, task);
    make_ready(scheduler, task);
}

void irsa_scheduler_tick(struct irsa_scheduler *scheduler, int64_t now_ms) {
    struct irsa_timer *timer;
    while ((timer = irsa_timers_take_due(&scheduler->timers, now_ms)) != NULL)
        make_ready(scheduler, IRSA_OBJECT(timer, struct irsa_task, timer));
}

int64_t irsa_scheduler_next_due_ms(const struct irsa_scheduler *scheduler) {
    return irsa_timers_next_ms(&scheduler->timers);
}

size_t irsa_scheduler_waiting(const struct irsa_scheduler *scheduler) {
    return scheduler->waiting;
}

size_t irsa_scheduler_ready(const struct irsa_scheduler *scheduler) {
    return scheduler->ready_count;
}

bool irsa_scheduler_is_critical(const struct irsa_scheduler *scheduler, const struct irsa_task *task,
                                unsigned executors) {
    return task->key != NULL && task->key->count > 1 && task->key->count * executors * 2 >= scheduler->waiting;
}

bool irsa_scheduler_has_critical(const struct irsa_scheduler *scheduler, unsigned executors) {
    return scheduler->filled != 0 &&
           irsa_scheduler_is_critical(scheduler, task_of(scheduler->ready[highest_rank(scheduler)].next), executors);
}
