/*
 * Records of Kafka and the CloudEvents in them (CloudEvents 1.0, Kafka protocol binding).
 *
 * Three forms are read: binary (attributes in `ce_*` headers), structured (`application/cloudevents+json`, or a bare
 * object with `specversion`), and bare data, which gets its id and source from the coordinates of its record. Binary is
 * what we write.
 */
#ifndef IRSA_EVENT_H
#define IRSA_EVENT_H

#include <irsa/error.h>
#include <irsa/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bounds of a request's record. */
#define IRSA_REQUEST_MAX_BYTES ((size_t)256 * 1024)
#define IRSA_HEADERS_MAX       64
#define IRSA_HEADERS_MAX_BYTES ((size_t)16 * 1024)
#define IRSA_JSON_MAX_DEPTH    32

struct irsa_json; /* a parsed JSON value; opaque to users of the library */

/* A name as Kafka has it: terminated, any text. */
struct irsa_header {
    const char *name;
    const void *value; /* NULL: the header has no value */
    size_t length;
};

/* One record, read or to be written. All memory is borrowed. */
struct irsa_record {
    const char *topic;
    int32_t partition; /* -1: let the partitioner choose by the key */
    int64_t offset;
    int64_t timestamp_ms; /* IRSA_NO_TIME in a record to be written: now */
    const void *key;      /* NULL: no key */
    size_t key_length;
    const void *value; /* NULL: a tombstone */
    size_t value_length;
    const struct irsa_header *headers;
    size_t header_count;
};

/* The attributes of one CloudEvent and its data. Absent texts are NULL, absent times IRSA_NO_TIME (of bare data the time is
 * that of its record, and there is no type). */
struct irsa_event {
    const char *id;     /* with `source` the identity of the event */
    const char *source; /* URI reference */
    const char *type;   /* "dev.irsa.iamserviceaccount.create.requested.v1" */
    const char *subject;
    int64_t time_ms;
    int64_t expiry_ms;            /* extension expirytime */
    const char *correlation_id;   /* extension correlationid: the batch */
    const char *causation_id;     /* extension causationid: the request of a result */
    const char *partition_key;    /* extension partitionkey: the key of the record */
    const char *traceparent;      /* W3C trace context; the plain header wins over ce_traceparent */
    const char *tracestate;       /* as above */
    struct irsa_pairs extensions; /* other ce_ attributes, kept as they came */
    const struct irsa_json *data; /* parsed data; NULL for a tombstone */
};

/*
 * Read the event in a record, of whichever of the three forms.
 *
 * arena      owns what `out_event` points to, except what it borrows from the record
 * record     borrowed for as long as the event is used
 * out_event  also after a failure it has an id and a source, so that a result can name it: the event's own where both could
 *            be read, else those of the record's coordinates
 * fails      SCHEMA (not JSON, attributes missing or of the wrong form), TOO_LARGE
 * thread     any
 */
IRSA_API IRSA_MUST_CHECK bool irsa_event_decode(struct irsa_arena *arena, const struct irsa_record *record,
                                                struct irsa_event *out_event, struct irsa_error *err);

#ifdef __cplusplus
}
#endif
#endif
