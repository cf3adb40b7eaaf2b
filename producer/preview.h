/*
 * What would be sent, for eyes and for other programs.
 */
#ifndef IRSA_PRODUCER_PREVIEW_H
#define IRSA_PRODUCER_PREVIEW_H

#include "producer/batch.h"
#include "producer/session.h"

/* The events as structured CloudEvents: a JSON array, lines or YAML; a table of names when -o table was given. */
IRSA_MUST_CHECK bool irsa_preview_events(const struct irsa_session *session, struct irsa_batch *batch,
                                         struct irsa_error *err);

/* The plan of a deletion: a table of names, or the events when -o asks for data. */
IRSA_MUST_CHECK bool irsa_preview_plan(const struct irsa_session *session, struct irsa_batch *batch,
                                       struct irsa_error *err);

#endif
