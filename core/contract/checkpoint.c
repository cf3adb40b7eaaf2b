/*
 * Offsets settled out of order, as text.
 */
#include "core/contract/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/crypto.h"

#define VERSION      "irsa1 "
#define NUMBER_BYTES 24
#define SUM_DIGITS   8

static uint32_t checksum(struct irsa_arena *arena, int64_t base, const char *text) {
    const char *summed = irsa_arena_format(arena, "%lld %s", (long long)base, text);
    return irsa_crc32c(summed, strlen(summed));
}

const char *irsa_checkpoint_encode(struct irsa_arena *arena, int64_t base, const uint8_t *bits, size_t length) {
    if (length > IRSA_CHECKPOINT_MAX_BITS_BYTES)
        length = IRSA_CHECKPOINT_MAX_BITS_BYTES;
    while (length > 0 && bits[length - 1] == 0)
        length--;
    if (length == 0)
        return NULL;
    const char *text = irsa_base64_encode(arena, IRSA_BASE64_STANDARD, bits, length);
    return irsa_arena_format(arena, VERSION "%lld %08x %s", (long long)base, checksum(arena, base, text), text);
}

static bool fail(struct irsa_error *err, const char *why) {
    return IRSA_FAIL(err, SCHEMA, "the metadata of a committed offset %s", why);
}

bool irsa_checkpoint_decode(struct irsa_arena *arena, const char *metadata, int64_t offset, const uint8_t **out_bits,
                            size_t *out_length, struct irsa_error *err) {
    *out_bits = NULL;
    *out_length = 0;
    if (metadata == NULL || metadata[0] == '\0')
        return true;
    if (strncmp(metadata, VERSION, strlen(VERSION)) != 0)
        return fail(err, "is not of a version that we know");
    // what was written for this offset begins in one way only
    const char *head = irsa_arena_format(arena, VERSION "%lld ", (long long)offset);
    const char *sum = metadata + strlen(head);
    if (strncmp(metadata, head, strlen(head)) != 0)
        return fail(err, "was written for another offset");
    if (strspn(sum, "0123456789abcdef") != SUM_DIGITS || sum[SUM_DIGITS] != ' ')
        return fail(err, "is damaged");
    const char *text = sum + SUM_DIGITS + 1;
    if (strtoul(sum, NULL, 16) != checksum(arena, offset, text))
        return fail(err, "is damaged: its checksum is wrong");
    uint8_t *bits;
    if (!irsa_base64_decode(arena, IRSA_BASE64_STANDARD, text, strlen(text), &bits, out_length, err))
        return irsa_error_wrap(err, "metadata of a committed offset");
    *out_bits = bits;
    return true;
}
