/*
 * Reading events, piece by piece. Private to this room.
 */
#ifndef IRSA_CONTRACT_EVENT_READ_H
#define IRSA_CONTRACT_EVENT_READ_H

#include "core/contract/attributes.h"

/* As irsa_event_decode, for values that may be larger or deeper than a request's. */
IRSA_MUST_CHECK bool irsa_event_read(struct irsa_arena *arena, const struct irsa_record *record, size_t max_bytes,
                                     unsigned max_depth, struct irsa_event *out_event, struct irsa_error *err);

/* fails TOO_LARGE */
IRSA_MUST_CHECK bool irsa_headers_are_bounded(const struct irsa_record *record, struct irsa_error *err);

/* What reading one record goes by. */
struct irsa_event_reading {
    struct irsa_arena *arena;
    const struct irsa_record *record;
    size_t max_bytes;
    unsigned max_depth;
    struct irsa_error *err;
};

/* The headers that matter, of repeated ones the last. NULL: there is none. */
struct irsa_event_headers {
    const struct irsa_header *attributes[IRSA_ATTRIBUTES]; /* ce_* */
    const struct irsa_header *specversion;
    const struct irsa_header *data_type; /* ce_datacontenttype, which some producers write beside content-type */
    const struct irsa_header *content_type;
    const struct irsa_header *traces[2]; /* irsa_trace_names */
    size_t extensions;
    bool has_attributes;
};

/* "traceparent", "tracestate": headers without a prefix. */
extern const char *const irsa_trace_names[2];

void irsa_event_sort_headers(const struct irsa_record *record, struct irsa_event_headers *found);

/* Terminated text of a header; NULL when it has no value or one that is no text. */
const char *irsa_header_text(struct irsa_arena *arena, const struct irsa_header *header);

/* All of these fail with SCHEMA; parsing with TOO_LARGE too. `name` is as the producer wrote it. */
bool irsa_attribute_fail(const struct irsa_event_reading *r, const char *name, const char *problem);
IRSA_MUST_CHECK bool irsa_attribute_set(const struct irsa_event_reading *r, struct irsa_event *event,
                                        const struct irsa_attribute *attribute, const char *name, const char *text);
IRSA_MUST_CHECK bool irsa_attribute_is_supported(const struct irsa_event_reading *r, const char *name,
                                                 const char *version);
/* NULL is the default, which is JSON. */
IRSA_MUST_CHECK bool irsa_attribute_is_json(const struct irsa_event_reading *r, const char *name, const char *type);
IRSA_MUST_CHECK bool irsa_event_parse_value(const struct irsa_event_reading *r, const struct irsa_json **out_value);
IRSA_MUST_CHECK bool irsa_event_read_binary(const struct irsa_event_reading *r, const struct irsa_event_headers *found,
                                            struct irsa_event *event);
IRSA_MUST_CHECK bool irsa_event_read_structured(const struct irsa_event_reading *r, const struct irsa_json *root,
                                                struct irsa_event *event);

#endif
