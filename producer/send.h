/*
 * Sending a batch: every request handed to the producer in order, acknowledgements noted, nothing waited for longer than
 * the broker may take.
 */
#ifndef IRSA_PRODUCER_SEND_H
#define IRSA_PRODUCER_SEND_H

#include "producer/receipts.h"
#include "producer/watch.h"

/*
 * Is the broker there and does it have the topic? Costs one round trip and tells at once what sending would find out late.
 *
 * fails    NOT_FOUND (no such topic: the text says how to make it), UNAVAILABLE, TIMEOUT, ACCESS_DENIED, CREDENTIALS
 */
IRSA_MUST_CHECK bool irsa_broker_check(const struct irsa_session *session, const char *topic, struct irsa_error *err);

/* Put into words what went wrong with a topic. Always false. */
bool irsa_broker_explain(const struct irsa_session *session, const char *topic, struct irsa_error *err);

/*
 * Send a batch. Nothing is printed but the status line.
 *
 * watch     polled meanwhile, so that results do not pile up; may be NULL
 * receipts  made by irsa_receipts_init for the batch
 * returns   DONE, PARTLY, BROKER (nothing was acknowledged) or INTERRUPTED
 */
enum irsa_exit irsa_send(const struct irsa_session *session, struct irsa_batch *batch, struct irsa_watch *watch,
                         struct irsa_receipts *receipts);

#endif
