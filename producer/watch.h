/*
 * A watch over the results topic for a set of requests: which have their final result, and what it says.
 *
 * It is opened before the requests are sent, so that no result is missed. Of several final results of one request the
 * first counts, as the contract has it. Results and names lie in a spool, so that a request costs some 50 bytes of memory.
 */
#ifndef IRSA_PRODUCER_WATCH_H
#define IRSA_PRODUCER_WATCH_H

#include "core/kafka/reader.h"
#include "producer/output.h"
#include "producer/progress.h"

struct irsa_watch;

/*
 * kafka           borrowed while the watch is open
 * correlation_id  NULL: any; else only results that carry it are looked at
 * start, since    where in the topic to begin
 * settled         called for each request's final result, with its data; may be NULL
 */
struct irsa_watch_options {
    struct irsa_pairs kafka;
    const char *topic;
    const char *correlation_id;
    enum irsa_reader_start start;
    int64_t since_ms;
    int timeout_ms;
    void (*settled)(void *self, const struct irsa_json *data);
    void *self;
};

/* fails as irsa_reader_open */
IRSA_MUST_CHECK struct irsa_watch *irsa_watch_open(const struct irsa_watch_options *options, struct irsa_error *err);
void irsa_watch_close(struct irsa_watch *watch);

/* Wait for this request too. `subject` is NULL when it is not known. fails UNAVAILABLE (the temporary file) */
IRSA_MUST_CHECK bool irsa_watch_expect(struct irsa_watch *watch, const char *id, const char *subject,
                                       struct irsa_error *err);

/*
 * Take what is there; wait for the first at most `timeout_ms`.
 *
 * fails    the reader's error when it is not one that passes by itself; UNAVAILABLE (the temporary file)
 */
IRSA_MUST_CHECK bool irsa_watch_poll(struct irsa_watch *watch, int timeout_ms, struct irsa_error *err);

const struct irsa_tally *irsa_watch_tally(const struct irsa_watch *watch);

/*
 * The table of outcomes, in the order of irsa_watch_expect; of what is not settled: the last attempt, or "pending".
 *
 * fails    UNAVAILABLE (the temporary file)
 */
IRSA_MUST_CHECK bool irsa_watch_print(struct irsa_watch *watch, FILE *out, struct irsa_error *err);

#endif
