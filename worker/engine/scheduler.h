/*
 * Scheduler: which job starts next. First in, first out per key (keys.h), any number of keys at once; accounts take
 * turns and are held to what they can take (accounts.h), clusters as well (limits.h); of the jobs of an account those go
 * first that most is waiting for (ready.h).
 *
 * A job holds its key from the moment it is added until irsa_scheduler_finish(): also while it runs, waits to be tried
 * again, or is halted. It costs an executor only while it runs. One thread; the time is that of the last
 * irsa_scheduler_tick().
 */
#ifndef IRSA_ENGINE_SCHEDULER_H
#define IRSA_ENGINE_SCHEDULER_H

#include "worker/engine/task.h"

struct irsa_scheduler;

struct irsa_scheduler *irsa_scheduler_new(unsigned executors, unsigned per_cluster);
/* Everything has been removed. */
void irsa_scheduler_free(struct irsa_scheduler *scheduler);

/* Take a NEW task in, behind those of its key. Borrowed until it is finished or removed. */
void irsa_scheduler_add(struct irsa_scheduler *scheduler, struct irsa_task *task);

/* A task that may start, now RUNNING and counted for its account and cluster; NULL when there is none. */
struct irsa_task *irsa_scheduler_next(struct irsa_scheduler *scheduler);

/*
 * The executor is done with a RUNNING task: account and cluster are relieved, what it has cost is learned from and set
 * to zero. Its key stays held.
 */
void irsa_scheduler_relieve(struct irsa_scheduler *scheduler, struct irsa_task *task);
/* The same for a task that will not be run after all. */
void irsa_scheduler_spare(struct irsa_scheduler *scheduler, struct irsa_task *task);

/* A relieved task, or one that waits, is not to run again: its key is free for the next one. It becomes SETTLED. */
void irsa_scheduler_finish(struct irsa_scheduler *scheduler, struct irsa_task *task);

/* A relieved task is to be tried again, not before `due_ms`. */
void irsa_scheduler_postpone(struct irsa_scheduler *scheduler, struct irsa_task *task, int64_t due_ms);

/* A relieved task is set aside until irsa_scheduler_resume(). */
void irsa_scheduler_halt(struct irsa_scheduler *scheduler, struct irsa_task *task);

/*
 * The oldest halted task that its account and its cluster let in starts, now RUNNING, to see whether it can. NULL: none
 * is let in, or there is none.
 */
struct irsa_task *irsa_scheduler_probe(struct irsa_scheduler *scheduler);
bool irsa_scheduler_has_halted(const struct irsa_scheduler *scheduler);

/* Make all halted ones ready. */
void irsa_scheduler_resume(struct irsa_scheduler *scheduler);

/* A RUNNING task that has not begun is ready again. */
void irsa_scheduler_return(struct irsa_scheduler *scheduler, struct irsa_task *task);

/* Make ready what is due. */
void irsa_scheduler_tick(struct irsa_scheduler *scheduler, int64_t now_ms);

/* When a task may start that may not now, if nothing else happens; INT64_MAX: never. */
int64_t irsa_scheduler_next_due_ms(const struct irsa_scheduler *scheduler);

/* How many tasks there are that neither run nor are settled, and how many could start at once but for accounts and clusters. */
size_t irsa_scheduler_waiting(const struct irsa_scheduler *scheduler);
size_t irsa_scheduler_ready(const struct irsa_scheduler *scheduler);

/*
 * Does everything end up waiting for the jobs of this one's key? So if they are at least half of what each of so many
 * executors would have to do if all that waits were shared out evenly. The task is RUNNING.
 */
bool irsa_scheduler_is_critical(const struct irsa_scheduler *scheduler, const struct irsa_task *task,
                                unsigned executors);

/* Is there such a one of the account whose turn it is? */
bool irsa_scheduler_has_critical(const struct irsa_scheduler *scheduler, unsigned executors);

/* For figures: looks at all accounts. */
void irsa_scheduler_read_accounts(struct irsa_scheduler *scheduler, struct irsa_accounts_figures *out_figures);

#endif
