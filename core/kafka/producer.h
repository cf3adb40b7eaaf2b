/*
 * Producer: records in, acknowledgements out, in the order of delivery. Idempotent, acks=all, murmur2_random.
 *
 * The caller keeps a record's tag until its acknowledgement. Acknowledgements are served by irsa_producer_serve() on the
 * calling thread; irsa_producer_fd() tells when there are some. One thread at a time.
 */
#ifndef IRSA_KAFKA_PRODUCER_H
#define IRSA_KAFKA_PRODUCER_H

#include <irsa/event.h>

struct irsa_producer;

/* One record's fate. err NULL: acknowledged. Borrowed until the callback returns. */
struct irsa_delivery {
    void *tag;
    int32_t partition; /* -1 when it never got one */
    int64_t offset;    /* -1 when it was refused */
    /* TOO_LARGE, ACCESS_DENIED, CREDENTIALS, UNAVAILABLE (also purged or after a fatal error), TIMEOUT, CONFIG (no topic) */
    const struct irsa_error *err;
};

/*
 * kafka      what people gave
 * defaults   the caller's own, below what people gave
 * delivered  called from irsa_producer_serve() and irsa_producer_close(), once per record; may call irsa_producer_send()
 */
struct irsa_producer_options {
    struct irsa_pairs kafka;
    struct irsa_pairs defaults;
    void (*delivered)(void *self, const struct irsa_delivery *delivery);
    void *self;
};

/* fails CONFIG */
IRSA_MUST_CHECK struct irsa_producer *irsa_producer_open(const struct irsa_producer_options *options,
                                                         struct irsa_error *err);

/* Gives up what is not acknowledged (each is delivered with an error first). NULL is nothing to do. */
void irsa_producer_close(struct irsa_producer *producer);

/*
 * Hand over one record; key, value and headers are copied. A record's timestamp of 0 or IRSA_NO_TIME means now.
 *
 * fails    UNAVAILABLE with upstream "_QUEUE_FULL" (serve and try again), TOO_LARGE, CONFIG (a fatal error: see below)
 */
IRSA_MUST_CHECK bool irsa_producer_send(struct irsa_producer *producer, const struct irsa_record *record, void *tag,
                                        struct irsa_error *err);

/* Was this send refused only because the queue is full? */
bool irsa_producer_is_full(const struct irsa_error *err);

/* Readable when there is something to serve. -1 is never returned. */
int irsa_producer_fd(const struct irsa_producer *producer);

/* Serve acknowledgements: wait for the first at most `timeout_ms`, then take what is there. Returns how many. */
size_t irsa_producer_serve(struct irsa_producer *producer, int timeout_ms);

/* Records handed over and not yet served. */
size_t irsa_producer_outstanding(const struct irsa_producer *producer);

/* Has it met a fatal error (fenced, sequence lost)? Then close it, open another one and send again, in order. */
bool irsa_producer_is_fatal(struct irsa_producer *producer, struct irsa_error *err);

#endif
