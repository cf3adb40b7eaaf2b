/*
 * Ready: the jobs of one account of which each could be the next to start, by the length of the queue behind them.
 *
 * Those with the longest queue behind them go first, since a long queue is what everything ends up waiting for; every
 * fourth start goes to the oldest, so that nobody starves. One thread.
 */
#ifndef IRSA_ENGINE_READY_H
#define IRSA_ENGINE_READY_H

#include "worker/engine/task.h"

#define IRSA_READY_RANKS 16 /* rank r: at least 2^r tasks in the key's queue */

struct irsa_ready {
    struct irsa_link ranks[IRSA_READY_RANKS];
    uint32_t filled; /* bit r: ranks[r] is not empty */
    unsigned starts;
    size_t count;
};

void irsa_ready_init(struct irsa_ready *ready);

/* Within a rank by the order of adding; a task that comes back (from a park, a back-off) is mostly the oldest. */
void irsa_ready_add(struct irsa_ready *ready, struct irsa_task *task);

void irsa_ready_remove(struct irsa_ready *ready, struct irsa_task *task);

/* The next one, taken out. There is one. */
struct irsa_task *irsa_ready_take(struct irsa_ready *ready);

/* The one with the longest queue, left where it is. There is one. */
struct irsa_task *irsa_ready_top(const struct irsa_ready *ready);

/* Is the queue behind a READY task so long by now that it belongs into another rank? */
bool irsa_ready_is_outranked(const struct irsa_task *task);

#endif
