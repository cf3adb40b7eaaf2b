/*
 * Executors: the threads that run jobs, and the two queues between them and the engine's thread.
 *
 * One mutex guards both queues and who runs what; it is held for a few pointers at a time. Handing over and fetching take
 * any number of tasks in one go. The descriptor is written to when a task finishes while the engine sleeps.
 */
#ifndef IRSA_ENGINE_EXECUTORS_H
#define IRSA_ENGINE_EXECUTORS_H

#include "core/base/cancel.h"
#include "core/base/error.h"
#include "worker/engine/task.h"

struct irsa_executors;

/* Runs on an executor's thread; writes the task's outcome. */
typedef void irsa_executor_run_fn(void *self, struct irsa_task *task, const struct irsa_cancel *cancel);

/* Which tasks are meant? Called on the engine's thread with the lock held. */
typedef bool irsa_task_test_fn(void *self, const struct irsa_task *task);

/* fails INTERNAL (no more threads) */
IRSA_MUST_CHECK struct irsa_executors *irsa_executors_new(unsigned count, irsa_executor_run_fn *run, void *self,
                                                          struct irsa_error *err);

/* Waits for those that run. Gives back what was not begun, or not collected. */
void irsa_executors_free(struct irsa_executors *executors, struct irsa_link *out_left);

/* The rest is for the engine's thread. */

int irsa_executors_fd(const struct irsa_executors *executors);

/* Before the engine sleeps: false when there are finished tasks already. */
bool irsa_executors_sleep(struct irsa_executors *executors);

/* The descriptor was readable. */
void irsa_executors_woken(struct irsa_executors *executors);

/* Hand over all of two lists of tasks (of_queue). Three of four urgent ones are begun before those that wait already. */
void irsa_executors_submit(struct irsa_executors *executors, struct irsa_link *urgent, struct irsa_link *others);

/* Fetch the finished ones, in the order in which they finished. */
void irsa_executors_collect(struct irsa_executors *executors, struct irsa_link *out_finished);

/* Take back what is meant and not begun. */
void irsa_executors_withdraw(struct irsa_executors *executors, irsa_task_test_fn *is_meant, void *self,
                             struct irsa_link *out_tasks);

/* Set the cancel flag of those that run what is meant. It is reset before they begin another one. */
void irsa_executors_cancel(struct irsa_executors *executors, irsa_task_test_fn *is_meant, void *self);

#endif
