/*
 * The fence round OpenSSL's primitives: digests, MACs, random bytes; and base64, hex and wiping beside them.
 *
 * All functions may be called by any thread.
 */
#ifndef IRSA_BASE_CRYPTO_H
#define IRSA_BASE_CRYPTO_H

#include "core/base/error.h"
#include "core/base/text.h"

#define IRSA_SHA256_BYTES     32
#define IRSA_SHA256_HEX_BYTES (2 * IRSA_SHA256_BYTES + 1)

void irsa_sha256(const void *bytes, size_t length, uint8_t out_digest[IRSA_SHA256_BYTES]);

/* SHA-1 is needed for certificate thumbprints and nothing else. */
#define IRSA_SHA1_BYTES 20
void irsa_sha1(const void *bytes, size_t length, uint8_t out_digest[IRSA_SHA1_BYTES]);

void irsa_hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
                      uint8_t out_mac[IRSA_SHA256_BYTES]);

/* `out_text` takes 2 * length + 1 bytes; lower case. */
void irsa_hex_encode(const void *bytes, size_t length, char *out_text);

/* The digest as lower-case hex. */
void irsa_sha256_hex(const void *bytes, size_t length, char out_text[IRSA_SHA256_HEX_BYTES]);

/* From the system's generator; aborts when it has none. */
void irsa_random_bytes(void *out_bytes, size_t length);

/* Same bytes, in time that depends on the length only. */
bool irsa_bytes_equal_constant_time(const void *a, const void *b, size_t length);

/* Overwrite, never optimised away. */
void irsa_wipe(void *bytes, size_t length);

enum irsa_base64 { IRSA_BASE64_STANDARD, IRSA_BASE64_URL /* RFC 4648 section 5, without padding */ };

char *irsa_base64_encode(struct irsa_arena *arena, enum irsa_base64 alphabet, const void *bytes, size_t length);

/* Strict: no white space, canonical padding (STANDARD) or none (URL), zero trailing bits. fails SCHEMA */
IRSA_MUST_CHECK bool irsa_base64_decode(struct irsa_arena *arena, enum irsa_base64 alphabet, const char *text,
                                        size_t length, uint8_t **out_bytes, size_t *out_length, struct irsa_error *err);

/* Castagnoli CRC-32C (RFC 3720), for checksums of what we store ourselves. */
uint32_t irsa_crc32c(const void *bytes, size_t length);

#endif
