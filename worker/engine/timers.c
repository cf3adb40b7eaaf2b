/*
 * A binary heap; each timer knows its place, so that it can be cleared from the middle.
 */
#include "worker/engine/timers.h"

#include <stdlib.h>

#include "core/base/arena.h"

void irsa_timers_done(struct irsa_timers *timers) {
    free(timers->at);
    *timers = (struct irsa_timers){0};
}

/* Places count from 1, so that 0 means none; at[0] is the timer of place 1. */
static void put(struct irsa_timers *timers, size_t place, struct irsa_timer *timer) {
    timers->at[place - 1] = timer;
    timer->place = place;
}

static int64_t due_at(const struct irsa_timers *timers, size_t place) {
    return timers->at[place - 1]->due_ms;
}

static void move_up(struct irsa_timers *timers, struct irsa_timer *timer) {
    size_t place = timer->place;
    while (place > 1 && timer->due_ms < due_at(timers, place / 2)) {
        put(timers, place, timers->at[place / 2 - 1]);
        place /= 2;
    }
    put(timers, place, timer);
}

static void move_down(struct irsa_timers *timers, struct irsa_timer *timer) {
    size_t place = timer->place;
    for (size_t child; (child = place * 2) <= timers->count; place = child) {
        if (child < timers->count && due_at(timers, child + 1) < due_at(timers, child))
            child++;
        if (timer->due_ms <= due_at(timers, child))
            break;
        put(timers, place, timers->at[child - 1]);
    }
    put(timers, place, timer);
}

void irsa_timers_set(struct irsa_timers *timers, struct irsa_timer *timer, int64_t due_ms) {
    irsa_timers_clear(timers, timer);
    if (timers->count == timers->capacity) {
        timers->capacity = timers->capacity > 0 ? timers->capacity * 2 : 64;
        timers->at = irsa_grow(timers->at, timers->capacity, sizeof(struct irsa_timer *));
    }
    timer->due_ms = due_ms;
    put(timers, ++timers->count, timer);
    move_up(timers, timer);
}

void irsa_timers_clear(struct irsa_timers *timers, struct irsa_timer *timer) {
    size_t place = timer->place;
    if (place == 0)
        return;
    struct irsa_timer *last = timers->at[--timers->count];
    timer->place = 0;
    if (last == timer)
        return;
    put(timers, place, last);
    move_up(timers, last);
    move_down(timers, last);
}

struct irsa_timer *irsa_timers_take_due(struct irsa_timers *timers, int64_t now_ms) {
    if (timers->count == 0 || timers->at[0]->due_ms > now_ms)
        return NULL;
    struct irsa_timer *timer = timers->at[0];
    irsa_timers_clear(timers, timer);
    return timer;
}

int64_t irsa_timers_next_ms(const struct irsa_timers *timers) {
    return timers->count > 0 ? timers->at[0]->due_ms : INT64_MAX;
}
