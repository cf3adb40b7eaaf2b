/*
 * Limits: how much of what is shared a job may take. Asked at dispatch; a job that may not start is parked here and handed
 * back when there is room. One thread.
 *
 * Now: a number of jobs per cluster at a time.
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

/* A counted task has run. Gives back a parked one that may be asked for again, in no queue now, or NULL. */
struct irsa_task *irsa_limits_relieve(struct irsa_limits *limits, struct irsa_task *task);

/* A task that is not counted goes. Gives back a parked one as above. */
struct irsa_task *irsa_limits_leave(struct irsa_limits *limits, struct irsa_task *task);

#endif
