/*
 * Reading events with bounds of one's own. Private to this room.
 */
#ifndef IRSA_CONTRACT_EVENT_READ_H
#define IRSA_CONTRACT_EVENT_READ_H

#include "core/contract/event.h"

/* As irsa_event_decode, for values that may be larger or deeper than a request's. */
IRSA_MUST_CHECK bool irsa_event_read(struct irsa_arena *arena, const struct irsa_record *record, size_t max_bytes,
                                     unsigned max_depth, struct irsa_event *out_event, struct irsa_error *err);

/* fails TOO_LARGE */
IRSA_MUST_CHECK bool irsa_headers_are_bounded(const struct irsa_record *record, struct irsa_error *err);

#endif
