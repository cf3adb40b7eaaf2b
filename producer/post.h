/*
 * Sending a few records that are there already, each with what became of it. For batches of any length there is send.h.
 */
#ifndef IRSA_PRODUCER_POST_H
#define IRSA_PRODUCER_POST_H

#include <irsa/event.h>

#include "producer/session.h"

enum irsa_post_state {
    IRSA_POST_LEFT,    /* not sent: it ended before, or nobody knows what became of it */
    IRSA_POST_SENT,    /* acknowledged */
    IRSA_POST_REFUSED, /* `why` says the reason */
};

struct irsa_post {
    struct irsa_record record; /* borrowed */
    enum irsa_post_state state;
    const char *why; /* in the session's arena */
};

/*
 * Send them in their order. Ends when all are acknowledged or refused, when the broker is silent for the session's timeout,
 * or at Ctrl-C.
 *
 * fails  CONFIG: no client can be made; else what is in `posts` tells
 */
IRSA_MUST_CHECK bool irsa_post_all(const struct irsa_session *session, struct irsa_post *posts, size_t count,
                                   struct irsa_error *err);

#endif
