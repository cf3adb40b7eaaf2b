/*
 * Writing CloudEvents, and the parts of reading them that others need too.
 */
#ifndef IRSA_CONTRACT_EVENT_H
#define IRSA_CONTRACT_EVENT_H

#include <irsa/event.h>

#include "core/base/json.h"

/* Headers of an event in binary mode: content-type, ce_specversion, ce_id, …, traceparent. In the arena. */
const struct irsa_header *irsa_event_headers(struct irsa_arena *arena, const struct irsa_event *event,
                                             size_t *out_count);

/* The structured form as JSON text, `data_json` in place of event->data: for irsactl's dry run and other tools. */
const char *irsa_event_structured(struct irsa_arena *arena, const struct irsa_event *event, const char *data_json);

/* The last header of that name, or NULL. */
const struct irsa_header *irsa_record_header(const struct irsa_record *record, const char *name);

/* Its value as terminated text in the arena; NULL when absent or not UTF-8 text without NUL. */
const char *irsa_record_header_text(struct irsa_arena *arena, const struct irsa_record *record, const char *name);

/* Judge headers and value by the bounds of a request's record. fails TOO_LARGE */
IRSA_MUST_CHECK bool irsa_record_is_bounded(const struct irsa_record *record, struct irsa_error *err);

#endif
