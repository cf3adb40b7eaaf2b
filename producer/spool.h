/*
 * Spool: entries of bytes, kept in the order they were added, so that what was validated is what is sent.
 *
 * A first megabyte stays in memory; beyond it entries go to an unlinked temporary file in TMPDIR, so that memory does not
 * grow with their number. One thread.
 */
#ifndef IRSA_PRODUCER_SPOOL_H
#define IRSA_PRODUCER_SPOOL_H

#include "core/base/error.h"

#define IRSA_SPOOL_ENTRY_MAX_BYTES ((size_t)1024 * 1024)

struct irsa_spool;

struct irsa_spool *irsa_spool_new(void);
void irsa_spool_free(struct irsa_spool *spool);

/*
 * out_position  where the entry can be read from; positions grow from 0
 * fails         TOO_LARGE, UNAVAILABLE (no temporary file, no space)
 */
IRSA_MUST_CHECK bool irsa_spool_add(struct irsa_spool *spool, const void *bytes, size_t length, uint64_t *out_position,
                                    struct irsa_error *err);

/*
 * Read the entry at a position.
 *
 * out_bytes  borrowed until the next call
 * out_next   the position behind it: the next entry's, or irsa_spool_end()
 * fails      UNAVAILABLE
 */
IRSA_MUST_CHECK bool irsa_spool_read(struct irsa_spool *spool, uint64_t position, const void **out_bytes,
                                     size_t *out_length, uint64_t *out_next, struct irsa_error *err);

/* The position behind the last entry. */
uint64_t irsa_spool_end(const struct irsa_spool *spool);

#endif
