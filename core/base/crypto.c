/*
 * Digests and MACs by OpenSSL; hex, base64 and CRC-32C by hand.
 *
 * Algorithms are fetched once per process and contexts kept per thread: for the short texts of this program, looking
 * them up would cost several times the work itself. HMAC is made of two digests for the same reason (RFC 2104).
 */
#include "core/base/crypto.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/base/arena.h"

#define SHA256_BLOCK_BYTES 64

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t context_key;
static EVP_MD *sha256;
static EVP_MD *sha1;
static _Thread_local EVP_MD_CTX *thread_context;

/* Only memory and the installation can fail here. */
static void must(bool is_done, const char *what) {
    if (is_done)
        return;
    fprintf(stderr, "irsa: OpenSSL cannot %s\n", what);
    abort();
}

static void free_context(void *context) {
    EVP_MD_CTX_free(context);
}

static void fetch_algorithms(void) {
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
    must(sha256 != NULL && sha1 != NULL, "make digests");
    must(pthread_key_create(&context_key, free_context) == 0, "keep contexts per thread");
}

static EVP_MD_CTX *context(void) {
    if (thread_context == NULL) {
        pthread_once(&once, fetch_algorithms);
        thread_context = EVP_MD_CTX_new();
        must(thread_context != NULL, "make a digest context");
        pthread_setspecific(context_key, thread_context);
    }
    return thread_context;
}

void irsa_sha256(const void *bytes, size_t length, uint8_t out_digest[IRSA_SHA256_BYTES]) {
    EVP_MD_CTX *c = context();
    must(EVP_DigestInit_ex2(c, sha256, NULL) && EVP_DigestUpdate(c, bytes, length) &&
             EVP_DigestFinal_ex(c, out_digest, NULL),
         "make a SHA-256");
}

void irsa_sha1(const void *bytes, size_t length, uint8_t out_digest[IRSA_SHA1_BYTES]) {
    EVP_MD_CTX *c = context();
    must(EVP_DigestInit_ex2(c, sha1, NULL) && EVP_DigestUpdate(c, bytes, length) &&
             EVP_DigestFinal_ex(c, out_digest, NULL),
         "make a SHA-1");
}

/* The digest of a padded key and of what follows it. */
static void digest_padded(uint8_t pad[SHA256_BLOCK_BYTES], const void *bytes, size_t length,
                          uint8_t out_digest[IRSA_SHA256_BYTES]) {
    EVP_MD_CTX *c = context();
    must(EVP_DigestInit_ex2(c, sha256, NULL) && EVP_DigestUpdate(c, pad, SHA256_BLOCK_BYTES) &&
             EVP_DigestUpdate(c, bytes, length) && EVP_DigestFinal_ex(c, out_digest, NULL),
         "make an HMAC");
}

void irsa_hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
                      uint8_t out_mac[IRSA_SHA256_BYTES]) {
    uint8_t block[SHA256_BLOCK_BYTES] = {0};
    uint8_t pad[SHA256_BLOCK_BYTES];
    uint8_t inner[IRSA_SHA256_BYTES];
    if (key_length > sizeof block)
        irsa_sha256(key, key_length, block);
    else if (key_length > 0)
        memcpy(block, key, key_length);
    for (size_t i = 0; i < sizeof pad; i++)
        pad[i] = block[i] ^ 0x36;
    digest_padded(pad, bytes, length, inner);
    for (size_t i = 0; i < sizeof pad; i++)
        pad[i] = block[i] ^ 0x5C;
    digest_padded(pad, inner, sizeof inner, out_mac);
    irsa_wipe(block, sizeof block);
    irsa_wipe(pad, sizeof pad);
    irsa_wipe(inner, sizeof inner);
}

void irsa_hex_encode(const void *bytes, size_t length, char *out_text) {
    static const char digits[] = "0123456789abcdef";
    const uint8_t *at = bytes;
    for (size_t i = 0; i < length; i++) {
        *out_text++ = digits[at[i] >> 4];
        *out_text++ = digits[at[i] & 15];
    }
    *out_text = '\0';
}

void irsa_sha256_hex(const void *bytes, size_t length, char out_text[IRSA_SHA256_HEX_BYTES]) {
    uint8_t digest[IRSA_SHA256_BYTES];
    irsa_sha256(bytes, length, digest);
    irsa_hex_encode(digest, sizeof digest, out_text);
}

void irsa_random_bytes(void *out_bytes, size_t length) {
    uint8_t *at = out_bytes;
    while (length > 0) {
        ssize_t got = getrandom(at, length, 0);
        if (got < 0 && errno != EINTR) {
            perror("irsa: getrandom");
            abort();
        }
        if (got > 0) {
            at += got;
            length -= (size_t)got;
        }
    }
}

bool irsa_bytes_equal_constant_time(const void *a, const void *b, size_t length) {
    return CRYPTO_memcmp(a, b, length) == 0;
}

void irsa_wipe(void *bytes, size_t length) {
    OPENSSL_cleanse(bytes, length);
}

static const char *const alphabets[] = {
    [IRSA_BASE64_STANDARD] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    [IRSA_BASE64_URL] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

/* Four characters of up to three bytes. */
static void encode_group(const char *digits, const uint8_t *bytes, size_t count, char out[4]) {
    uint32_t group = (uint32_t)bytes[0] << 16;
    if (count > 1)
        group |= (uint32_t)bytes[1] << 8;
    if (count > 2)
        group |= bytes[2];
    for (int i = 0; i < 4; i++)
        out[i] = digits[group >> (18 - 6 * i) & 63];
}

char *irsa_base64_encode(struct irsa_arena *arena, enum irsa_base64 alphabet, const void *bytes, size_t length) {
    const uint8_t *at = bytes;
    char *text = irsa_arena_alloc(arena, (length / 3 + 1) * 4 + 1);
    char *out = text;
    for (; length >= 3; length -= 3, at += 3, out += 4)
        encode_group(alphabets[alphabet], at, 3, out);
    if (length > 0) {
        encode_group(alphabets[alphabet], at, length, out);
        out += length + 1;
        for (size_t i = length; alphabet == IRSA_BASE64_STANDARD && i < 3; i++)
            *out++ = '=';
    }
    *out = '\0';
    return text;
}

/* What a character stands for, or -1. */
static int sextet(enum irsa_base64 alphabet, char c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == alphabets[alphabet][62])
        return 62;
    return c == alphabets[alphabet][63] ? 63 : -1;
}

/* The bytes of up to four characters, or -1: a wrong character, bits left over. */
static int decode_group(enum irsa_base64 alphabet, const char *text, size_t count, uint8_t out[3]) {
    uint32_t group = 0;
    for (size_t i = 0; i < count; i++) {
        int bits = sextet(alphabet, text[i]);
        if (bits < 0)
            return -1;
        group |= (uint32_t)bits << (18 - 6 * i);
    }
    size_t bytes = count - 1;
    if (bytes == 0 || (group & (0xFFFFFFU >> 8 * bytes)) != 0)
        return -1;
    for (size_t i = 0; i < bytes; i++)
        out[i] = (uint8_t)(group >> (16 - 8 * i));
    return (int)bytes;
}

bool irsa_base64_decode(struct irsa_arena *arena, enum irsa_base64 alphabet, const char *text, size_t length,
                        uint8_t **out_bytes, size_t *out_length, struct irsa_error *err) {
    if (alphabet == IRSA_BASE64_STANDARD) {
        if (length % 4 != 0)
            return IRSA_FAIL(err, SCHEMA, "base64 text comes in groups of four characters");
        for (int i = 0; i < 2 && length > 0 && text[length - 1] == '='; i++)
            length--;
    }
    uint8_t *bytes = irsa_arena_alloc(arena, length / 4 * 3 + 3);
    size_t filled = 0;
    for (size_t at = 0; at < length; at += 4) {
        int count = decode_group(alphabet, text + at, length - at < 4 ? length - at : 4, bytes + filled);
        if (count < 0)
            return IRSA_FAIL(err, SCHEMA, "a character at %zu is no base64", at + 1);
        filled += (size_t)count;
    }
    *out_bytes = bytes;
    *out_length = filled;
    return true;
}

/*
 * Reflected polynomial 0x82F63B78. The table of a byte is the sum of those of its halves, and these are small enough
 * to be written down.
 */
uint32_t irsa_crc32c(const void *bytes, size_t length) {
    static const uint32_t low[16] = {
        0x00000000, 0xF26B8303, 0xE13B70F7, 0x1350F3F4, 0xC79A971F, 0x35F1141C, 0x26A1E7E8, 0xD4CA64EB,
        0x8AD958CF, 0x78B2DBCC, 0x6BE22838, 0x9989AB3B, 0x4D43CFD0, 0xBF284CD3, 0xAC78BF27, 0x5E133C24,
    };
    static const uint32_t high[16] = {
        0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3, 0x61C69362, 0x7198540D,
        0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9, 0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75,
    };
    const uint8_t *at = bytes;
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < length; i++) {
        uint32_t index = (crc ^ at[i]) & 0xFF;
        crc = crc >> 8 ^ low[index & 15] ^ high[index >> 4];
    }
    return ~crc;
}
