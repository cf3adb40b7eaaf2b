/*
 * Reading a topic once, from a time on to the end that it has now, or on and on.
 */
#ifndef IRSA_PRODUCER_TOPIC_READ_H
#define IRSA_PRODUCER_TOPIC_READ_H

#include <irsa/event.h>

#include "core/contract/topics.h"
#include "producer/session.h"

/* One record, in an arena that is cleared before the next one. False with an error ends the reading. */
typedef bool irsa_topic_take_fn(void *self, struct irsa_arena *arena, const struct irsa_record *record,
                                struct irsa_error *err);

struct irsa_topic_reading {
    enum irsa_topic topic;
    int64_t since_ms;           /* IRSA_NO_TIME: from the beginning */
    bool follow;                /* go on at the end, and however long the brokers say nothing: until Ctrl-C */
    void (*opened)(void *self); /* the topic is there, nothing is read yet; NULL: need not be told */
    irsa_topic_take_fn *take;
    void *self;
};

/*
 * Hand over every record. Ctrl-C ends it too, without an error: ask irsa_interrupted().
 *
 * fails    in words for people, as irsa_reader_open and irsa_reader_next for what does not pass by itself; UNAVAILABLE when
 *          nothing was heard for the session's timeout and the end is not reached; as `take`
 */
IRSA_MUST_CHECK bool irsa_topic_read(const struct irsa_session *session, const struct irsa_topic_reading *reading,
                                     struct irsa_error *err);

#endif
