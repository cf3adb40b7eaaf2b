/*
 * Timers: a heap of moments, each within the object that waits for it. One thread.
 */
#ifndef IRSA_ENGINE_TIMERS_H
#define IRSA_ENGINE_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed: not set. */
struct irsa_timer {
    int64_t due_ms;
    size_t place; /* in the heap, from 1; 0: not set */
};

struct irsa_timers {
    struct irsa_timer **at;
    size_t count, capacity;
};

/* A zeroed struct is empty. Timers that are still set are forgotten. */
void irsa_timers_done(struct irsa_timers *timers);

/* Set, or set to another moment. */
void irsa_timers_set(struct irsa_timers *timers, struct irsa_timer *timer, int64_t due_ms);

/* Also when it is not set. */
void irsa_timers_clear(struct irsa_timers *timers, struct irsa_timer *timer);

/* The next one that is due, cleared; NULL when none is. Of equal moments any comes first. */
struct irsa_timer *irsa_timers_take_due(struct irsa_timers *timers, int64_t now_ms);

/* When the next one is due; INT64_MAX: none is set. */
int64_t irsa_timers_next_ms(const struct irsa_timers *timers);

static inline bool irsa_timer_is_set(const struct irsa_timer *timer) {
    return timer->place != 0;
}

#endif
