/*
 * One request as it lies in the spool: its record, ready to be sent, and the place in a file that it came from.
 */
#ifndef IRSA_PRODUCER_ENTRY_H
#define IRSA_PRODUCER_ENTRY_H

#include <irsa/event.h>

#include "core/base/text.h"

struct irsa_entry {
    uint32_t path; /* number of the file in its batch */
    uint32_t line; /* 0: not from a file */
    const char *id;
    const char *subject;
    struct irsa_record record;
    struct irsa_header headers[IRSA_HEADERS_MAX]; /* what record.headers points to after unpacking */
};

/* Append to `out`. */
void irsa_entry_pack(const struct irsa_entry *entry, struct irsa_text *out);

/* The texts are borrowed from `bytes`; topic, partition, offset and time are not kept. */
void irsa_entry_unpack(const void *bytes, struct irsa_entry *out_entry);

#endif
