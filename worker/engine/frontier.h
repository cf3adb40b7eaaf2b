/*
 * Frontier: which offsets of one partition are settled.
 *
 * Everything below the watermark is settled; above it a bitmap tells, so that what finished out of order is not run again
 * after a restart. Offsets that the partition does not have (compaction, transaction markers) count as settled once a
 * later one, or the partition's end, has been seen. One thread.
 *
 *            watermark              next                    watermark + window
 *     settled    |  taken, some settled  |   not seen yet           |   does not fit
 */
#ifndef IRSA_ENGINE_FRONTIER_H
#define IRSA_ENGINE_FRONTIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <irsa/memory.h>

struct irsa_frontier {
    int64_t watermark; /* the first offset that is not settled; -1: unknown until the first record or end */
    int64_t next;      /* behind the last offset taken or known not to exist */
    int64_t restored;  /* offsets below it may be settled though never taken: they come from a checkpoint */
    size_t window;     /* bits in the ring, a multiple of 64 */
    size_t room;       /* how far behind the watermark offsets are taken: the window, or less */
    uint64_t *bits;    /* of offset o at o % window: settled, for watermark <= o < watermark + window */
    size_t settled;    /* bits that are set */
};

/* `offset` is the first to be read, -1 when the partition's beginning is not known. */
void irsa_frontier_init(struct irsa_frontier *frontier, int64_t offset, size_t window);
void irsa_frontier_done(struct irsa_frontier *frontier);

/* Take over what a checkpoint says of the offsets behind the watermark. Before anything is taken. */
void irsa_frontier_restore(struct irsa_frontier *frontier, const uint8_t *bits, size_t length);

/* The same as metadata, in the arena; NULL when nothing above the watermark is settled. */
const char *irsa_frontier_checkpoint(const struct irsa_frontier *frontier, struct irsa_arena *arena);

enum irsa_take {
    IRSA_TAKE_OK,    /* to be run */
    IRSA_TAKE_KNOWN, /* settled, or in hand already: drop it */
    IRSA_TAKE_FULL,  /* does not fit into the window: hold it until the watermark has moved */
};

/* A record has come. Offsets between the last one and it do not exist. */
enum irsa_take irsa_frontier_take(struct irsa_frontier *frontier, int64_t offset);

/* Take no more than half as far ahead from now on, so that checkpoints become shorter. */
void irsa_frontier_narrow(struct irsa_frontier *frontier);

/* Is there room for the offset that comes next, if none is missing? */
bool irsa_frontier_has_room(const struct irsa_frontier *frontier);

/* The partition ends before `offset` as seen by the broker. False when that does not fit: tell it again later. */
bool irsa_frontier_end(struct irsa_frontier *frontier, int64_t offset);

/* An offset that was taken is settled. True when the watermark has moved. */
bool irsa_frontier_settle(struct irsa_frontier *frontier, int64_t offset);

/* Nothing that was taken is unsettled. */
bool irsa_frontier_is_clean(const struct irsa_frontier *frontier);

#endif
