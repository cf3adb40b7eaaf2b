/*
 * Outbox: the records that tell outcomes, kept until the broker has acknowledged them.
 *
 * They are produced in the order in which they were put in. Whatever happens to the producer (its queue is full, the
 * broker refuses, a fatal error), they stay here, and all that is not acknowledged is sent again, in the same order, by
 * the same producer or a new one. One thread.
 */
#ifndef IRSA_ENGINE_OUTBOX_H
#define IRSA_ENGINE_OUTBOX_H

#include "worker/engine/task.h"

struct irsa_outbox;

/*
 * kafka         client settings
 * acknowledged  called from irsa_outbox_serve(), once per record
 */
struct irsa_outbox_options {
    struct irsa_pairs kafka;
    const struct irsa_clock *clock;
    void (*acknowledged)(void *self, struct irsa_task *task);
    void *self;
};

/* fails CONFIG */
IRSA_MUST_CHECK struct irsa_outbox *irsa_outbox_new(const struct irsa_outbox_options *options, struct irsa_error *err);

/* Forgets what is not acknowledged: `acknowledged` is not called for it. */
void irsa_outbox_free(struct irsa_outbox *outbox);

/* Readable when irsa_outbox_serve() has something to do. */
int irsa_outbox_fd(const struct irsa_outbox *outbox);

/* When irsa_outbox_serve() has to be called though the descriptor is silent; INT64_MAX: never. */
int64_t irsa_outbox_next_ms(const struct irsa_outbox *outbox);

/* Put in the records of a report; they stay in the job's arena. Adds to task->outstanding. */
void irsa_outbox_put(struct irsa_outbox *outbox, struct irsa_task *task, const struct irsa_report *report);

/* Take acknowledgements, send what could not be sent, mend the producer when it is time. */
void irsa_outbox_serve(struct irsa_outbox *outbox);

/* Records that are not acknowledged. */
size_t irsa_outbox_count(const struct irsa_outbox *outbox);

/* Why outcomes cannot be told at present, when it is a matter of rights or settings; NULL: all is well, as far as known. */
const struct irsa_error *irsa_outbox_trouble(const struct irsa_outbox *outbox);

#endif
