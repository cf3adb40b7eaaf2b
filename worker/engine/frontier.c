/*
 * A watermark and a ring of bits above it.
 */
#include "worker/engine/frontier.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/contract/checkpoint.h"

#define WORD_BITS 64

void irsa_frontier_init(struct irsa_frontier *frontier, int64_t offset, size_t window) {
    size_t words = (window + WORD_BITS - 1) / WORD_BITS;
    *frontier = (struct irsa_frontier){.watermark = offset,
                                       .next = offset,
                                       .restored = offset,
                                       .window = words * WORD_BITS,
                                       .room = words * WORD_BITS,
                                       .bits = irsa_new(words * sizeof(uint64_t))};
}

void irsa_frontier_done(struct irsa_frontier *frontier) {
    free(frontier->bits);
    frontier->bits = NULL;
}

static bool is_settled(const struct irsa_frontier *frontier, int64_t offset) {
    size_t bit = (size_t)offset % frontier->window;
    return (frontier->bits[bit / WORD_BITS] >> bit % WORD_BITS & 1) != 0;
}

static void set(struct irsa_frontier *frontier, int64_t offset) {
    size_t bit = (size_t)offset % frontier->window;
    uint64_t mask = UINT64_C(1) << bit % WORD_BITS;
    frontier->settled += (frontier->bits[bit / WORD_BITS] & mask) == 0;
    frontier->bits[bit / WORD_BITS] |= mask;
}

static void clear(struct irsa_frontier *frontier, int64_t offset) {
    size_t bit = (size_t)offset % frontier->window;
    frontier->bits[bit / WORD_BITS] &= ~(UINT64_C(1) << bit % WORD_BITS);
    frontier->settled--;
}

static bool advance(struct irsa_frontier *frontier) {
    int64_t before = frontier->watermark;
    while (frontier->settled > 0 && is_settled(frontier, frontier->watermark))
        clear(frontier, frontier->watermark++);
    if (frontier->next < frontier->watermark)
        frontier->next = frontier->watermark; // a checkpoint knew more than we have read
    return frontier->watermark > before;
}

/* Offsets from `next` up to `offset` do not exist. False when the window ends before it. */
static bool skip_to(struct irsa_frontier *frontier, int64_t offset) {
    while (frontier->next < offset) {
        if (frontier->watermark == frontier->next && frontier->settled == 0) {
            frontier->watermark = frontier->next = offset; // nothing in hand: a gap of any size fits
            return true;
        }
        if (!irsa_frontier_has_room(frontier))
            return false;
        set(frontier, frontier->next++);
        advance(frontier);
    }
    return true;
}

static bool is_known(const struct irsa_frontier *frontier, int64_t offset) {
    if (offset < frontier->next)
        return true;
    return offset < frontier->restored && offset < frontier->watermark + (int64_t)frontier->window &&
           is_settled(frontier, offset);
}

/* A settled offset out of a checkpoint has been met: it is as if it had been taken and settled. */
static enum irsa_take pass_known(struct irsa_frontier *frontier, int64_t offset) {
    if (offset >= frontier->next && skip_to(frontier, offset)) {
        if (frontier->next == offset)
            frontier->next++;
        advance(frontier);
    }
    return IRSA_TAKE_KNOWN;
}

enum irsa_take irsa_frontier_take(struct irsa_frontier *frontier, int64_t offset) {
    if (frontier->watermark < 0)
        frontier->watermark = frontier->next = frontier->restored = offset;
    if (is_known(frontier, offset))
        return pass_known(frontier, offset);
    if (!skip_to(frontier, offset) || offset - frontier->watermark >= (int64_t)frontier->room)
        return IRSA_TAKE_FULL;
    frontier->next = offset + 1;
    return IRSA_TAKE_OK;
}

void irsa_frontier_narrow(struct irsa_frontier *frontier) {
    if (frontier->room > WORD_BITS)
        frontier->room /= 2;
}

bool irsa_frontier_has_room(const struct irsa_frontier *frontier) {
    return frontier->next - frontier->watermark < (int64_t)frontier->room;
}

bool irsa_frontier_end(struct irsa_frontier *frontier, int64_t offset) {
    if (frontier->watermark < 0)
        frontier->watermark = frontier->next = frontier->restored = offset;
    return offset <= frontier->next || skip_to(frontier, offset);
}

bool irsa_frontier_settle(struct irsa_frontier *frontier, int64_t offset) {
    assert(offset >= frontier->watermark && offset < frontier->next);
    set(frontier, offset);
    return advance(frontier);
}

bool irsa_frontier_is_clean(const struct irsa_frontier *frontier) {
    return frontier->watermark == frontier->next;
}

void irsa_frontier_restore(struct irsa_frontier *frontier, const uint8_t *bits, size_t length) {
    assert(frontier->watermark == frontier->next && frontier->settled == 0);
    for (size_t i = 0; i < length * 8 && i + 1 < frontier->window; i++) {
        if ((bits[i / 8] >> i % 8 & 1) == 0)
            continue;
        set(frontier, frontier->watermark + 1 + (int64_t)i);
        frontier->restored = frontier->watermark + 2 + (int64_t)i;
    }
}

const char *irsa_frontier_checkpoint(const struct irsa_frontier *frontier, struct irsa_arena *arena) {
    if (frontier->settled == 0)
        return NULL;
    size_t length = (frontier->window + 7) / 8;
    uint8_t *bits = IRSA_NEW_ARRAY(arena, uint8_t, length);
    for (size_t i = 0; i + 1 < frontier->window; i++)
        if (is_settled(frontier, frontier->watermark + 1 + (int64_t)i))
            bits[i / 8] |= (uint8_t)(1u << i % 8);
    return irsa_checkpoint_encode(arena, frontier->watermark, bits, length);
}
