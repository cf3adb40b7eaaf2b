/*
 * What the broker said of each request of a batch, in the batch's order.
 */
#ifndef IRSA_PRODUCER_RECEIPTS_H
#define IRSA_PRODUCER_RECEIPTS_H

#include "producer/batch.h"
#include "producer/session.h"

#define IRSA_REASONS_MAX 16 /* different reasons for refusals that are told apart */

/* Small, since there is one for each request. */
struct irsa_slot {
    int64_t offset;
    int32_t partition; /* -1: not acknowledged */
    uint32_t reason;   /* why not: 0: nobody said, else reasons[reason - 1] */
};

struct irsa_receipts {
    struct irsa_slot *slots;
    size_t count;
    size_t acknowledged;
    struct irsa_error reasons[IRSA_REASONS_MAX];
    size_t reason_count;
};

void irsa_receipts_init(struct irsa_receipts *receipts, size_t count);
void irsa_receipts_done(struct irsa_receipts *receipts);

/* Note why a request was refused. Beyond IRSA_REASONS_MAX different ones the last reason stands for all. */
void irsa_receipts_refuse(struct irsa_receipts *receipts, struct irsa_slot *slot, const struct irsa_error *err);

/*
 * Print where each request went, on standard output, in the form that -o asks for; and, on standard error, those that
 * were not enqueued and why.
 *
 * fails    UNAVAILABLE (the temporary file)
 */
IRSA_MUST_CHECK bool irsa_receipts_print(const struct irsa_receipts *receipts, const struct irsa_session *session,
                                         struct irsa_batch *batch, struct irsa_error *err);

/* Only those that were not enqueued, on standard error; nothing when all were. fails as above */
IRSA_MUST_CHECK bool irsa_receipts_tell_refused(const struct irsa_receipts *receipts, struct irsa_batch *batch,
                                                struct irsa_error *err);

#endif
