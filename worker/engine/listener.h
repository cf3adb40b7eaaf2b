/*
 * Listener: reads the whole control topic on a thread of its own, without a group, and knows what is cancelled.
 *
 * Attaching to a topic takes calls that wait for brokers, which the engine's thread must not. One mutex guards what was
 * heard; the descriptor is written to when there is something new for the engine.
 */
#ifndef IRSA_ENGINE_LISTENER_H
#define IRSA_ENGINE_LISTENER_H

#include "core/base/clock.h"
#include "core/base/error.h"
#include "worker/engine/cancels.h"

/* What is kept in memory; design.md section 3 gives a word a day. */
#define IRSA_CANCELS_KEEP_MS   INT64_C(86400000)
#define IRSA_CANCELS_MAX       ((size_t)100000)
#define IRSA_CANCELS_MAX_BYTES ((size_t)24 * 1024 * 1024)

struct irsa_listener;

struct irsa_listener_options {
    struct irsa_pairs kafka; /* borrowed, as all of it */
    const char *topic;
    const struct irsa_clock *clock;
    int64_t retry_ms; /* when the topic cannot be read: between tries */
};

enum irsa_listener_state {
    IRSA_LISTENER_BEGINNING, /* not read to its end yet */
    IRSA_LISTENER_HEARING,   /* everything that was there is known, and what comes is heard */
    IRSA_LISTENER_DEAF,      /* the topic is missing, or must not be read; it is tried again */
};

/* fails INTERNAL (no more threads) */
IRSA_MUST_CHECK struct irsa_listener *irsa_listener_open(const struct irsa_listener_options *options,
                                                         struct irsa_error *err);

/* Waits for the thread: a tenth of a second, or the call that waits for brokers, which is bounded by five. */
void irsa_listener_close(struct irsa_listener *listener);

/* The rest is for the engine's thread. */

int irsa_listener_fd(const struct irsa_listener *listener);

/* The descriptor was readable: how do things stand? Of DEAF `out_why` tells the reason. */
enum irsa_listener_state irsa_listener_look(struct irsa_listener *listener, struct irsa_error *out_why);

/* Has anything been cancelled at all? */
bool irsa_listener_has_words(struct irsa_listener *listener);

bool irsa_listener_covers(struct irsa_listener *listener, const struct irsa_cancel_names *names);

#endif
