/*
 * The life of a task: where it waits, and who is asked before it starts.
 */
#include "worker/engine/scheduler.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "worker/engine/accounts.h"
#include "worker/engine/keys.h"
#include "worker/engine/limits.h"
#include "worker/engine/ready.h"

struct irsa_scheduler {
    struct irsa_keys *keys;
    struct irsa_accounts *accounts;
    struct irsa_limits *limits;
    struct irsa_link halted;
    struct irsa_timers timers;
    size_t waiting;
    uint64_t added;
};

struct irsa_scheduler *irsa_scheduler_new(unsigned executors, unsigned per_cluster) {
    struct irsa_scheduler *scheduler = irsa_new(sizeof *scheduler);
    scheduler->keys = irsa_keys_new();
    scheduler->accounts = irsa_accounts_new(executors);
    scheduler->limits = irsa_limits_new(per_cluster);
    irsa_link_init(&scheduler->halted);
    return scheduler;
}

void irsa_scheduler_free(struct irsa_scheduler *scheduler) {
    if (scheduler == NULL)
        return;
    irsa_keys_free(scheduler->keys);
    irsa_accounts_free(scheduler->accounts);
    irsa_limits_free(scheduler->limits);
    irsa_timers_done(&scheduler->timers);
    free(scheduler);
}

static struct irsa_task *task_of(struct irsa_link *of_queue) {
    return IRSA_OBJECT(of_queue, struct irsa_task, of_queue);
}

static void make_ready(struct irsa_scheduler *scheduler, struct irsa_task *task) {
    task->state = IRSA_TASK_READY;
    irsa_accounts_ready(scheduler->accounts, task);
}

static void make_all_ready(struct irsa_scheduler *scheduler, struct irsa_link *tasks) {
    struct irsa_link *first;
    while ((first = irsa_list_take_first(tasks)) != NULL)
        make_ready(scheduler, task_of(first));
}

/* The first one of a key has a longer queue behind it now. */
static void raise_first(struct irsa_scheduler *scheduler, const struct irsa_key *key) {
    struct irsa_task *first = irsa_key_first(key);
    if (first->state != IRSA_TASK_READY || !irsa_ready_is_outranked(first))
        return;
    irsa_accounts_unready(scheduler->accounts, first);
    make_ready(scheduler, first);
}

void irsa_scheduler_add(struct irsa_scheduler *scheduler, struct irsa_task *task) {
    assert(task->state == IRSA_TASK_NEW);
    task->order = scheduler->added++;
    scheduler->waiting++;
    irsa_accounts_enrol(scheduler->accounts, task);
    irsa_limits_enrol(scheduler->limits, task);
    if (task->job.key != NULL)
        irsa_keys_add(scheduler->keys, task);
    task->state = IRSA_TASK_WAITING;
    if (task->key == NULL || irsa_key_first(task->key) == task)
        make_ready(scheduler, task);
    else
        raise_first(scheduler, task->key);
}

static void start(struct irsa_scheduler *scheduler, struct irsa_task *task) {
    irsa_accounts_start(scheduler->accounts, task);
    task->state = IRSA_TASK_RUNNING;
    scheduler->waiting--;
}

struct irsa_task *irsa_scheduler_next(struct irsa_scheduler *scheduler) {
    struct irsa_task *task;
    while ((task = irsa_accounts_next(scheduler->accounts)) != NULL) {
        if (!irsa_limits_admit(scheduler->limits, task))
            continue;
        start(scheduler, task);
        return task;
    }
    return NULL;
}

static void relieve(struct irsa_scheduler *scheduler, struct irsa_task *task, bool has_run) {
    struct irsa_link given_back;
    assert(task->state == IRSA_TASK_RUNNING);
    irsa_link_init(&given_back);
    irsa_accounts_relieve(scheduler->accounts, task, has_run);
    irsa_limits_relieve(scheduler->limits, task, has_run, &given_back);
    make_all_ready(scheduler, &given_back);
    memset(task->job.usage, 0, sizeof task->job.usage);
    scheduler->waiting++;
    task->state = IRSA_TASK_WAITING;
}

void irsa_scheduler_relieve(struct irsa_scheduler *scheduler, struct irsa_task *task) {
    relieve(scheduler, task, true);
}

void irsa_scheduler_spare(struct irsa_scheduler *scheduler, struct irsa_task *task) {
    relieve(scheduler, task, false);
}

/* Out of whatever it waits in. */
static void unlink_waiting(struct irsa_scheduler *scheduler, struct irsa_task *task) {
    if (task->state == IRSA_TASK_READY)
        irsa_accounts_unready(scheduler->accounts, task);
    irsa_list_remove(&task->of_queue);
    irsa_timers_clear(&scheduler->timers, &task->timer);
}

void irsa_scheduler_finish(struct irsa_scheduler *scheduler, struct irsa_task *task) {
    struct irsa_link given_back;
    assert(task->state != IRSA_TASK_RUNNING && task->state != IRSA_TASK_SETTLED && task->state != IRSA_TASK_NEW);
    irsa_link_init(&given_back);
    unlink_waiting(scheduler, task);
    irsa_limits_leave(scheduler->limits, task, &given_back);
    make_all_ready(scheduler, &given_back);
    irsa_accounts_leave(scheduler->accounts, task);
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

/* There are as many halted ones as ran at a time, at most. */
static struct irsa_task *first_with_room(struct irsa_scheduler *scheduler) {
    const struct irsa_link *end = &scheduler->halted;
    for (struct irsa_link *link = end->next; link != end; link = link->next)
        if (irsa_accounts_has_room(scheduler->accounts, task_of(link)) &&
            irsa_limits_has_room(scheduler->limits, task_of(link)))
            return task_of(link);
    return NULL;
}

bool irsa_scheduler_has_halted(const struct irsa_scheduler *scheduler) {
    return !irsa_list_is_empty(&scheduler->halted);
}

struct irsa_task *irsa_scheduler_probe(struct irsa_scheduler *scheduler) {
    struct irsa_task *task = first_with_room(scheduler);
    if (task == NULL)
        return NULL;
    irsa_list_remove(&task->of_queue);
    irsa_limits_count(task);
    start(scheduler, task);
    return task;
}

void irsa_scheduler_resume(struct irsa_scheduler *scheduler) {
    make_all_ready(scheduler, &scheduler->halted);
}

void irsa_scheduler_return(struct irsa_scheduler *scheduler, struct irsa_task *task) {
    relieve(scheduler, task, false);
    make_ready(scheduler, task);
}

void irsa_scheduler_tick(struct irsa_scheduler *scheduler, int64_t now_ms) {
    struct irsa_timer *timer;
    struct irsa_link given_back;
    irsa_link_init(&given_back);
    irsa_accounts_tick(scheduler->accounts, now_ms);
    irsa_limits_tick(scheduler->limits, now_ms, &given_back);
    make_all_ready(scheduler, &given_back);
    while ((timer = irsa_timers_take_due(&scheduler->timers, now_ms)) != NULL)
        make_ready(scheduler, IRSA_OBJECT(timer, struct irsa_task, timer));
}

static int64_t earlier(int64_t a_ms, int64_t b_ms) {
    return a_ms < b_ms ? a_ms : b_ms;
}

int64_t irsa_scheduler_next_due_ms(const struct irsa_scheduler *scheduler) {
    return earlier(irsa_timers_next_ms(&scheduler->timers),
                   earlier(irsa_accounts_next_due_ms(scheduler->accounts), irsa_limits_next_due_ms(scheduler->limits)));
}

size_t irsa_scheduler_waiting(const struct irsa_scheduler *scheduler) {
    return scheduler->waiting;
}

size_t irsa_scheduler_ready(const struct irsa_scheduler *scheduler) {
    return irsa_accounts_ready_count(scheduler->accounts);
}

bool irsa_scheduler_is_critical(const struct irsa_scheduler *scheduler, const struct irsa_task *task,
                                unsigned executors) {
    return task->key != NULL && task->key->count > 1 && task->key->count * executors * 2 >= scheduler->waiting;
}

bool irsa_scheduler_has_critical(const struct irsa_scheduler *scheduler, unsigned executors) {
    const struct irsa_task *next = irsa_accounts_peek(scheduler->accounts);
    return next != NULL && irsa_scheduler_is_critical(scheduler, next, executors);
}

void irsa_scheduler_read_accounts(struct irsa_scheduler *scheduler, struct irsa_accounts_figures *out_figures) {
    irsa_accounts_read(scheduler->accounts, out_figures);
}
