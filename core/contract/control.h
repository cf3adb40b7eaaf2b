/*
 * Words to all workers: the records of irsa.control. There is one kind, which cancels requests.
 */
#ifndef IRSA_CONTRACT_CONTROL_H
#define IRSA_CONTRACT_CONTROL_H

#include <irsa/event.h>

#define IRSA_CONTROL_MAX_BYTES ((size_t)16 * 1024)

/*
 * Which requests are cancelled: one by its identity, or a whole batch. Either id and source are there, or the batch.
 *
 * sender  who wants it, in their own words: nothing vouches for it
 */
struct irsa_control {
    const char *id, *source;
    const char *batch; /* the requests' correlationid */
    const char *sender;
};

/*
 * Read the value of a record. Its headers and its key say nothing.
 *
 * arena  owns what `out_control` points to
 * fails  SCHEMA, INVALID with the place, TOO_LARGE
 */
IRSA_MUST_CHECK bool irsa_control_decode(struct irsa_arena *arena, const struct irsa_record *record,
                                         struct irsa_control *out_control, struct irsa_error *err);

/*
 * The record that says it, for `topic`. Its time is that of sending: requests that are enqueued later are not meant.
 *
 * fails  INVALID: a name breaks its rule, or it does not say which requests
 */
IRSA_MUST_CHECK bool irsa_control_encode(struct irsa_arena *arena, const struct irsa_control *control,
                                         const char *topic, struct irsa_record *out_record, struct irsa_error *err);

/* The value alone, compact JSON; for what is valid. */
const char *irsa_control_value(struct irsa_arena *arena, const struct irsa_control *control);

#endif
