/*
 * Open addressing with linear probing over two arrays: 32 bits of the hash, and 24 more of them beside the position.
 */
#include "producer/unique.h"

#include <assert.h>
#include <stdlib.h>

#include "core/base/arena.h"

#define FIRST_SLOTS   1024
#define POSITION_BITS 40
#define POSITION_MASK ((UINT64_C(1) << POSITION_BITS) - 1)

/* places[i] 0: free; else position + 1 in the low 40 bits, the hash's low 24 bits above them */
struct irsa_unique {
    uint32_t *hashes; /* the hash's high 32 bits; they choose the first slot */
    uint64_t *places;
    size_t capacity; /* a power of two */
    size_t count;
};

static void make_slots(struct irsa_unique *unique, size_t capacity) {
    unique->capacity = capacity;
    unique->hashes = irsa_new(capacity * sizeof *unique->hashes);
    unique->places = irsa_new(capacity * sizeof *unique->places);
}

struct irsa_unique *irsa_unique_new(void) {
    struct irsa_unique *unique = irsa_new(sizeof *unique);
    make_slots(unique, FIRST_SLOTS);
    return unique;
}

void irsa_unique_free(struct irsa_unique *unique) {
    if (unique == NULL)
        return;
    free(unique->hashes);
    free(unique->places);
    free(unique);
}

static size_t free_slot(const struct irsa_unique *unique, uint32_t hash) {
    size_t slot = hash & (unique->capacity - 1);
    while (unique->places[slot] != 0)
        slot = (slot + 1) & (unique->capacity - 1);
    return slot;
}

static void grow(struct irsa_unique *unique) {
    struct irsa_unique old = *unique;
    make_slots(unique, old.capacity * 2);
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.places[i] == 0)
            continue;
        size_t slot = free_slot(unique, old.hashes[i]);
        unique->hashes[slot] = old.hashes[i];
        unique->places[slot] = old.places[i];
    }
    free(old.hashes);
    free(old.places);
}

bool irsa_unique_add(struct irsa_unique *unique, uint64_t hash, uint64_t position, irsa_unique_same_fn *is_same,
                     void *self, uint64_t *out_earlier) {
    assert(position < POSITION_MASK);
    if (unique->count * 4 >= unique->capacity * 3)
        grow(unique);
    uint32_t high = (uint32_t)(hash >> 32);
    uint64_t low = hash << POSITION_BITS; /* its low 24 bits, in their place */
    size_t slot = high & (unique->capacity - 1);
    for (; unique->places[slot] != 0; slot = (slot + 1) & (unique->capacity - 1)) {
        uint64_t place = unique->places[slot];
        uint64_t earlier = (place & POSITION_MASK) - 1;
        if (unique->hashes[slot] == high && (place & ~POSITION_MASK) == low && is_same(self, earlier)) {
            *out_earlier = earlier;
            return false;
        }
    }
    unique->hashes[slot] = high;
    unique->places[slot] = low | (position + 1);
    unique->count++;
    return true;
}

uint64_t irsa_unique_hash(const void *bytes, size_t length) {
    const unsigned char *at = bytes;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
    hash = (hash ^ hash >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return hash ^ hash >> 33;
}
