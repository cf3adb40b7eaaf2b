/*
 * Reading a topic once, from a time on to the end that it has now.
 */
#ifndef IRSA_PRODUCER_TOPIC_READ_H
#define IRSA_PRODUCER_TOPIC_READ_H

#include <irsa/event.h>

#include "core/contract/topics.h"
#include "producer/session.h"

/* One record, in an arena that is cleared before the next one. False with an error ends the reading. */
typedef bool irsa_topic_take_fn(void *self, struct irsa_arena *arena, const struct irsa_record *record,
                                struct irsa_error *err);

/*
 * Hand over every record. Ctrl-C ends it too, without an error: ask irsa_interrupted().
 *
 * since_ms  IRSA_NO_TIME: from the beginning
 * fails     in words for people, as irsa_reader_open and irsa_reader_next for what does not pass by itself; as `take`
 */
IRSA_MUST_CHECK bool irsa_topic_read(const struct irsa_session *session, enum irsa_topic which, int64_t since_ms,
                                     irsa_topic_take_fn *take, void *self, struct irsa_error *err);

#endif
