/*
 * The mark `irsa.dev/request` = "topic/partition/offset/timestamp-ms" of the request that last wrote a role or an account.
 */
#ifndef IRSA_CONTRACT_MARK_H
#define IRSA_CONTRACT_MARK_H

#include "core/base/arena.h"

struct irsa_mark {
    const char *topic;
    int32_t partition;
    int64_t offset;
    int64_t timestamp_ms;
};

const char *irsa_mark_format(struct irsa_arena *arena, const struct irsa_mark *mark);

/* False when the text is no mark. */
IRSA_MUST_CHECK bool irsa_mark_parse(struct irsa_arena *arena, const char *text, struct irsa_mark *out_mark);

/* Is `request` older than the one that wrote `found`: same topic and partition, lower offset, timestamp not later? */
bool irsa_mark_is_older(const struct irsa_mark *request, const struct irsa_mark *found);

#endif
