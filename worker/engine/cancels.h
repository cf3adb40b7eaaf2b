/*
 * Cancels: which requests nobody wants any more, by id and source or by batch.
 *
 * Bounded in number, in bytes and in time: what is too old, or the oldest when there is no room, is forgotten. One thread,
 * or the lock of its owner.
 */
#ifndef IRSA_ENGINE_CANCELS_H
#define IRSA_ENGINE_CANCELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/contract/control.h"

struct irsa_cancels;

struct irsa_cancels_limits {
    size_t count;
    size_t bytes;
    int64_t keep_ms; /* since it was said */
};

struct irsa_cancels *irsa_cancels_new(struct irsa_cancels_limits limits);
void irsa_cancels_free(struct irsa_cancels *cancels);

/*
 * Take a word that was said at `at_ms` (wall clock). Said again, the later time counts. A time that is further ahead than a
 * word is kept is not believed.
 */
void irsa_cancels_note(struct irsa_cancels *cancels, const struct irsa_control *control, int64_t at_ms, int64_t now_ms);

/* What names one request, as the words do; NULL: nothing. */
struct irsa_cancel_names {
    const char *id, *source;
    const char *batch;
    int64_t enqueued_ms; /* wall clock; IRSA_NO_TIME: before any word */
};

/* Is it cancelled: is there a word for it that is not older than it? */
bool irsa_cancels_cover(const struct irsa_cancels *cancels, const struct irsa_cancel_names *names, int64_t now_ms);

size_t irsa_cancels_count(const struct irsa_cancels *cancels);

/* How many were forgotten before their time, since there was no room. */
uint64_t irsa_cancels_lost(const struct irsa_cancels *cancels);

#endif
