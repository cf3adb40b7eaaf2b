/*
 * Group: how far a group of consumers has come in a topic, read from outside of it, for irsactl. One thread.
 */
#ifndef IRSA_KAFKA_GROUP_H
#define IRSA_KAFKA_GROUP_H

#include "core/base/arena.h"
#include "core/base/error.h"

/*
 * One partition as the group stands in it.
 *
 * begin, end  the first offset that there is, and the one behind the last
 * committed   -1: the group has committed nothing
 * metadata    committed with it; "" if there is none
 * first_ms    the timestamp of the first record that is left to the group; IRSA_NO_TIME: none is left, or it has none
 */
struct irsa_group_partition {
    int32_t partition;
    int64_t begin, end;
    int64_t committed;
    const char *metadata;
    int64_t first_ms;
};

/*
 * All partitions of a topic, in order; in the arena. The group is neither joined nor disturbed.
 *
 * fails    CONFIG, NOT_FOUND (no such topic), UNAVAILABLE, TIMEOUT, ACCESS_DENIED
 */
IRSA_MUST_CHECK bool irsa_group_read(struct irsa_pairs kafka, const char *group, const char *topic, int timeout_ms,
                                     struct irsa_arena *arena, const struct irsa_group_partition **out_partitions,
                                     size_t *out_count, struct irsa_error *err);

#endif
