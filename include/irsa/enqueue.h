/*
 * Enqueue requests on Kafka.
 *
 *     struct irsa_enqueuer_options options = {.kafka = {settings, 1}, .acknowledged = on_ack};
 *     struct irsa_enqueuer *enqueuer = irsa_enqueuer_open(&options, &err);
 *     if (irsa_enqueue(enqueuer, &request, NULL, &err) && irsa_enqueuer_flush(enqueuer, 30000, &err))
 *         …every request is on the broker
 *     irsa_enqueuer_close(enqueuer);
 *
 * An enqueuer may be used by several threads at once, except for irsa_enqueuer_close. Requests that one thread enqueues
 * for the same service account keep their order.
 */
#ifndef IRSA_ENQUEUE_H
#define IRSA_ENQUEUE_H

#include <irsa/request.h>

#ifdef __cplusplus
extern "C" {
#endif

struct irsa_enqueuer;

/* What the broker said of one request. Borrowed until the callback returns. */
struct irsa_receipt {
    const char *id;                 /* the event's id */
    void *tag;                      /* as given to irsa_enqueue */
    int32_t partition;              /* of the record; -1 if it was refused */
    int64_t offset;                 /* -1 if it was refused */
    const struct irsa_error *error; /* NULL: acknowledged */
};

struct irsa_enqueuer_options {
    struct irsa_pairs kafka;   /* librdkafka's own names and values; needs at least bootstrap.servers */
    const char *topics_prefix; /* NULL: "irsa", so that requests go to "irsa.requests" */
    const char *source;        /* CloudEvents source of requests that bring none; NULL: "urn:irsa:libirsa" */
    /*
     * Called once per request that irsa_enqueue has taken, from within irsa_enqueue, irsa_enqueuer_flush or
     * irsa_enqueuer_close of any thread, never by two at a time. It must not call functions of the enqueuer. NULL: not told.
     */
    void (*acknowledged)(void *self, const struct irsa_receipt *receipt);
    void *self;
};

/*
 * Connect lazily: success does not yet mean that a broker answers.
 *
 * options  borrowed until the call returns
 * returns  the enqueuer, owned by the caller until irsa_enqueuer_close, or NULL
 * fails    CONFIG (an unknown or impossible setting)
 */
IRSA_API IRSA_MUST_CHECK struct irsa_enqueuer *irsa_enqueuer_open(const struct irsa_enqueuer_options *options,
                                                                  struct irsa_error *err);

/*
 * Validate, encode and hand one request to the producer. Blocks while the producer's queue is full.
 *
 * request  borrowed until the call returns; id (UUIDv7), source and time are made up where absent (NULL; a time of 0 or
 *          IRSA_NO_TIME)
 * tag      comes back in the receipt
 * fails    INVALID, TOO_LARGE, UNAVAILABLE (the producer is broken)
 */
IRSA_API IRSA_MUST_CHECK bool irsa_enqueue(struct irsa_enqueuer *enqueuer, const struct irsa_request *request,
                                           void *tag, struct irsa_error *err);

/*
 * Wait until the broker has acknowledged or refused everything.
 *
 * fails    TIMEOUT (some are still under way), UNAVAILABLE (some were refused since the last flush)
 */
IRSA_API IRSA_MUST_CHECK bool irsa_enqueuer_flush(struct irsa_enqueuer *enqueuer, int timeout_ms,
                                                  struct irsa_error *err);

/* Give up what is not acknowledged, release everything. NULL is nothing to do. */
IRSA_API void irsa_enqueuer_close(struct irsa_enqueuer *enqueuer);

#ifdef __cplusplus
}
#endif
#endif
