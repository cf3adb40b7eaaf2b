/*
 * The text in a committed offset's metadata that says which later offsets are settled too.
 *
 *     irsa1 <base> <checksum> <bits>
 *
 * base      decimal: the committed offset, the first one that is not settled
 * checksum  CRC-32C over "<base> <bits>", 8 hex digits, lower case
 * bits      base64 (RFC 4648 section 4); bit i of the bytes (least significant first) stands for offset base + 1 + i
 *
 * Text, since librdkafka before 2.6.1 damages metadata that contains NULs. 16,384 offsets take 2,775 bytes of Kafka's
 * default limit of 4,096.
 */
#ifndef IRSA_CONTRACT_CHECKPOINT_H
#define IRSA_CONTRACT_CHECKPOINT_H

#include "core/base/arena.h"
#include "core/base/error.h"

/* What fits into 4,096 bytes of metadata, with room to spare. */
#define IRSA_CHECKPOINT_MAX_BITS_BYTES 3000

/*
 * The metadata of an offset, in the arena; NULL when no bit is set: then none is needed.
 *
 * bits    trailing zero bytes are left out; at most IRSA_CHECKPOINT_MAX_BITS_BYTES of them count
 */
const char *irsa_checkpoint_encode(struct irsa_arena *arena, int64_t base, const uint8_t *bits, size_t length);

/*
 * Read the metadata that was committed with `offset`. Empty or absent metadata is a checkpoint without bits.
 *
 * fails    SCHEMA: damaged, of another version or of another offset. Then replay from `offset`.
 */
IRSA_MUST_CHECK bool irsa_checkpoint_decode(struct irsa_arena *arena, const char *metadata, int64_t offset,
                                            const uint8_t **out_bits, size_t *out_length, struct irsa_error *err);

#endif
