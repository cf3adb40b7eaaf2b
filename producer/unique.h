/*
 * A set that finds repeats among millions of keys in a dozen bytes each: it remembers where an entry is, not what it
 * says, and asks its user to compare.
 */
#ifndef IRSA_PRODUCER_UNIQUE_H
#define IRSA_PRODUCER_UNIQUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct irsa_unique;

/* Is the entry at `position` the same as the one that is being added? */
typedef bool irsa_unique_same_fn(void *self, uint64_t position);

struct irsa_unique *irsa_unique_new(void);
void irsa_unique_free(struct irsa_unique *unique);

/*
 * Remember an entry. False when an equal one is there already, with its position.
 *
 * hash      of its key
 * position  below 2^40 - 1
 */
bool irsa_unique_add(struct irsa_unique *unique, uint64_t hash, uint64_t position, irsa_unique_same_fn *is_same,
                     void *self, uint64_t *out_earlier);

/* A hash that is good enough for the purpose (FNV-1a, finished as in MurmurHash3). */
uint64_t irsa_unique_hash(const void *bytes, size_t length);

#endif
