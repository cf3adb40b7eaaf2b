/*
 * Limits: how much of a cluster its jobs may take. Asked at dispatch; a job that may not start is parked here and handed back
 * when there is room.
 *
 * A cluster works on so many jobs at a time. One that answers "too many requests" has a pace of its own (pace.h) while
 * there are jobs for it. Accounts have theirs (accounts.h). One thread; the time is that of the last irsa_limits_tick().
 */
#ifndef IRSA_ENGINE_LIMITS_H
#define IRSA_ENGINE_LIMITS_H

#include "worker/engine/task.h"

struct irsa_limits;

struct irsa_limits *irsa_limits_new(unsigned per_cluster);
/* Nothing is enrolled any more. */
void irsa_limits_free(struct irsa_limits *limits);

/* From here to leaving, the task's cluster is known. */
void irsa_limits_enrol(struct irsa_limits *limits, struct irsa_task *task);

/* May it start? Then it is counted. Else it is PARKED, in a queue here, until it is given back by one of the others. */
bool irsa_limits_admit(struct irsa_limits *limits, struct irsa_task *task);

/* Out of turn: is there room for it beside those that run, whoever else waits? And if so, it is counted. */
bool irsa_limits_has_room(struct irsa_limits *limits, const struct irsa_task *task);
void irsa_limits_count(struct irsa_task *task);

/*
 * These give back parked tasks that may be asked for again: they are put at the end of out_tasks (of_queue).
 *
 * relieve  a counted task has run, or was taken back without having run
 * leave    a task that is not counted goes
 * tick     it is that late now
 */
void irsa_limits_relieve(struct irsa_limits *limits, struct irsa_task *task, bool has_run, struct irsa_link *out_tasks);
void irsa_limits_leave(struct irsa_limits *limits, struct irsa_task *task, struct irsa_link *out_tasks);
void irsa_limits_tick(struct irsa_limits *limits, int64_t now_ms, struct irsa_link *out_tasks);

/* When tick has something to give back; INT64_MAX: never. */
int64_t irsa_limits_next_due_ms(const struct irsa_limits *limits);

#endif
