/*
 * URLs: what is taken reads the same when it is put together and read again, and decoding undoes encoding.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must(bool is_so) {
    if (!is_so)
        abort();
}

static void read_twice(struct irsa_arena *arena, const char *text) {
    struct irsa_error err;
    struct irsa_url url, again;
    if (!irsa_url_parse(arena, text, &url, &err)) {
        must(err.code == IRSA_CODE_INVALID);
        return;
    }
    const char *whole = irsa_arena_format(arena, "%s://%s%s%s%s", url.scheme, url.authority, url.path,
                                          *url.query == '\0' ? "" : "?", url.query);
    must(irsa_url_parse(arena, whole, &again, &err));
    must(strcmp(url.scheme, again.scheme) == 0 && strcmp(url.host, again.host) == 0);
    must(strcmp(url.authority, again.authority) == 0 && strcmp(url.path, again.path) == 0);
    must(strcmp(url.query, again.query) == 0 && irsa_url_is_loopback(&url) == irsa_url_is_loopback(&again));
}

static void encode_and_decode(struct irsa_arena *arena, const char *text, size_t length) {
    struct irsa_text encoded;
    const char *decoded;
    irsa_text_init(&encoded, arena, 3 * length);
    irsa_url_encode(&encoded, text, length, false);
    must(!encoded.is_over);
    bool has_nul = memchr(text, '\0', length) != NULL;
    bool is_decoded = irsa_url_decode(arena, encoded.at, encoded.length, true, &decoded);
    must(is_decoded == !has_nul);
    if (is_decoded)
        must(strlen(decoded) == length && memcmp(decoded, text, length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    struct irsa_arena *arena = irsa_arena_new();
    const char *text = irsa_arena_copy_bytes(arena, bytes, length);
    const char *decoded;
    read_twice(arena, text);
    encode_and_decode(arena, text, length);
    if (irsa_url_decode(arena, text, length, false, &decoded))
        must(strlen(decoded) <= length);
    irsa_arena_free(arena);
    return 0;
}
