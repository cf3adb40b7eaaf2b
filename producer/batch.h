/*
 * A batch: requests that are valid, encoded and spooled, ready to be printed or sent in the order they were added.
 */
#ifndef IRSA_PRODUCER_BATCH_H
#define IRSA_PRODUCER_BATCH_H

#include <irsa/request.h>

#include "producer/entry.h"

/* Where a request comes from. */
struct irsa_place {
    const char *path; /* NULL: the command line; lives as long as the batch */
    unsigned line;
};

struct irsa_batch_options {
    const char *topic;
    const char *source;
    const char *correlation_id;
    bool is_repeat_fine; /* a request for the same key again is passed over in place of refused */
};

struct irsa_batch;

/* The options' texts are borrowed for as long as the batch lives. */
struct irsa_batch *irsa_batch_new(const struct irsa_batch_options *options);
void irsa_batch_free(struct irsa_batch *batch);

/*
 * Give the request its id, source, time and correlation id, encode it and keep it.
 *
 * request  valid (irsa_request_validate); its event is not looked at
 * fails    INVALID (the same service account is in the batch already; the message names its place), TOO_LARGE,
 *          UNAVAILABLE (the temporary file)
 */
IRSA_MUST_CHECK bool irsa_batch_add(struct irsa_batch *batch, const struct irsa_request *request,
                                    struct irsa_place place, struct irsa_error *err);

size_t irsa_batch_count(const struct irsa_batch *batch);

/* No more will be added: give back the memory that finding repeats took. */
void irsa_batch_close(struct irsa_batch *batch);

/*
 * Walk: start with *cursor = 0. The entry is borrowed until the next call.
 *
 * returns  false at the end, and with err->code set when the temporary file cannot be read
 */
IRSA_MUST_CHECK bool irsa_batch_next(struct irsa_batch *batch, uint64_t *cursor, struct irsa_entry *out_entry,
                                     struct irsa_error *err);

/* Of an entry of this batch. */
struct irsa_place irsa_batch_place(const struct irsa_batch *batch, const struct irsa_entry *entry);

/* What a subject names, for tables. */
struct irsa_target {
    const char *account; /* "namespace/name", or "" for a whole cluster */
    const char *cluster; /* "region/cluster" */
};

/* `subject` is "account/region/cluster[/namespace/name]"; what has another form comes back as the account. */
struct irsa_target irsa_target_of_subject(struct irsa_arena *arena, const char *subject);

#endif
