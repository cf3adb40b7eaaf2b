/*
 * UUIDs (RFC 9562): version 7 for requests, version 8 for results.
 */
#include "core/contract/ids.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/crypto.h"

static void format_uuid(uint8_t bytes[16], unsigned version, char out_text[IRSA_UUID_BYTES]) {
    bytes[6] = (uint8_t)(version << 4 | (bytes[6] & 0x0Fu));
    bytes[8] = (uint8_t)(0x80u | (bytes[8] & 0x3Fu));
    char hex[2 * 16 + 1];
    irsa_hex_encode(bytes, 16, hex);
    snprintf(out_text, IRSA_UUID_BYTES, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

void irsa_uuid7(int64_t epoch_ms, char out_text[IRSA_UUID_BYTES]) {
    uint8_t bytes[16];
    for (int i = 0; i < 6; i++)
        bytes[i] = (uint8_t)((uint64_t)epoch_ms >> (40 - 8 * i));
    irsa_random_bytes(bytes + 6, sizeof bytes - 6);
    format_uuid(bytes, 7, out_text);
}

/* Version 8 of the fields, each with a NUL behind it, so that no two lists of fields are the same bytes. */
static void hash_fields(const char *const *fields, char out_text[IRSA_UUID_BYTES]) {
    size_t length = 0;
    for (size_t i = 0; fields[i] != NULL; i++)
        length += strlen(fields[i]) + 1;
    char *bytes = irsa_new(length);
    size_t at = 0;
    for (size_t i = 0; fields[i] != NULL; i++) {
        size_t size = strlen(fields[i]) + 1;
        memcpy(bytes + at, fields[i], size);
        at += size;
    }
    uint8_t digest[IRSA_SHA256_BYTES];
    irsa_sha256(bytes, length, digest);
    free(bytes);
    format_uuid(digest, 8, out_text);
}

void irsa_final_id(const char *source, const char *id, unsigned replays, char out_text[IRSA_UUID_BYTES]) {
    char number[16];
    snprintf(number, sizeof number, "%u", replays);
    hash_fields((const char *const[]){"final", source, id, number, NULL}, out_text);
}

void irsa_retrying_id(const char *source, const char *id, unsigned replays, unsigned attempt,
                      char out_text[IRSA_UUID_BYTES]) {
    char number[16], attempt_number[16];
    snprintf(number, sizeof number, "%u", replays);
    snprintf(attempt_number, sizeof attempt_number, "%u", attempt);
    hash_fields((const char *const[]){"retrying", source, id, number, attempt_number, NULL}, out_text);
}
