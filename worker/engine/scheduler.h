/*
 * Scheduler: which job starts next. First in, first out per key, any number of keys at once, at most so many of a
 * cluster at a time.
 *
 * A job holds its key from the moment it is added until irsa_scheduler_finish(): also while it runs, waits to be tried
 * again, or is halted. It costs an executor only while it runs. Of the jobs that may start, those with the longest queue
 * behind them go first, since a long queue is what everything ends up waiting for; every fourth start goes to the oldest, so
 * that nobody starves. One thread.
 */
#ifndef IRSA_ENGINE_SCHEDULER_H
#define IRSA_ENGINE_SCHEDULER_H

#include "worker/engine/task.h"

struct irsa_scheduler;

struct irsa_scheduler *irsa_scheduler_new(unsigned per_cluster);
/* Everything has been removed. */
void irsa_scheduler_free(struct irsa_scheduler *scheduler);

/* Take a NEW task in, behind those of its key. Borrowed until it is finished or removed. */
void irsa_scheduler_add(struct irsa_scheduler *scheduler, struct irsa_task *task);

/* A task that may start, now RUNNING and counted for its cluster; NULL when there is none. */
struct irsa_task *irsa_scheduler_next(struct irsa_scheduler *scheduler);

/* The executor is done with a RUNNING task: its cluster is relieved. Its key stays held. */
void irsa_scheduler_relieve(struct irsa_scheduler *scheduler, struct irsa_task *task);

/* A relieved task, or one that waits, is not to run again: its key is free for the next one. It becomes SETTLED. */
void irsa_scheduler_finish(struct irsa_scheduler *scheduler, struct irsa_task *task);

/* A relieved task is to be tried again, not before `due_ms`. */
void irsa_scheduler_postpone(struct irsa_scheduler *scheduler, struct irsa_task *task, int64_t due_ms);

/* A relieved task is set aside until irsa_scheduler_resume(). */
void irsa_scheduler_halt(struct irsa_scheduler *scheduler, struct irsa_task *task);

/* The oldest halted task starts, now RUNNING, to see whether it can; NULL when there is none, or its cluster is busy. */
struct irsa_task *irsa_scheduler_probe(struct irsa_scheduler *scheduler);

/* Make all halted ones ready. */
void irsa_scheduler_resume(struct irsa_scheduler *scheduler);

/* A RUNNING task that has not begun is ready again. */
void irsa_scheduler_return(struct irsa_scheduler *scheduler, struct irsa_task *task);

/* Make ready what is due. */
void irsa_scheduler_tick(struct irsa_scheduler *scheduler, int64_t now_ms);

/* When the next postponed task is due; INT64_MAX: never. */
int64_t irsa_scheduler_next_due_ms(const struct irsa_scheduler *scheduler);

/* How many tasks there are that neither run nor are settled, and how many could start at once but for their clusters. */
size_t irsa_scheduler_waiting(const struct irsa_scheduler *scheduler);
size_t irsa_scheduler_ready(const struct irsa_scheduler *scheduler);

/*
 * Does everything end up waiting for the jobs of this one's key? So if they are at least half of what each of so many
 * executors would have to do if all that waits were shared out evenly. The task is RUNNING.
 */
bool irsa_scheduler_is_critical(const struct irsa_scheduler *scheduler, const struct irsa_task *task,
                                unsigned executors);

/* Is there such a one among those that are ready? */
bool irsa_scheduler_has_critical(const struct irsa_scheduler *scheduler, unsigned executors);

#endif
