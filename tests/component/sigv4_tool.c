/*
 * irsa-sigv4: sign requests stage by stage, for test_sigv4.py, which holds each stage against botocore's.
 *
 * Reads one JSON object per line from standard input and writes one per line: {"canonicalRequest", "stringToSign",
 * "signature"} and "authorization" (mode "header") or "query" (mode "presign").
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/aws/sigv4.h"
#include "core/base/arena.h"
#include "core/base/json.h"

#define MAX_HEADERS 64

static const char *must_text(const struct irsa_json *object, const char *key) {
    const char *text = irsa_json_get_text(object, key);
    if (text == NULL) {
        fprintf(stderr, "irsa-sigv4: %s is missing\n", key);
        exit(EXIT_FAILURE);
    }
    return text;
}

static int64_t must_integer(const struct irsa_json *object, const char *key) {
    int64_t value;
    const struct irsa_json *member = irsa_json_get(object, key);
    if (member == NULL || !irsa_json_integer(member, &value)) {
        fprintf(stderr, "irsa-sigv4: %s is missing\n", key);
        exit(EXIT_FAILURE);
    }
    return value;
}

/* [["name", "value"], …] */
static size_t read_headers(const struct irsa_json *list, struct irsa_sigv4_header *out_headers) {
    size_t count = 0;
    for (const struct irsa_json *pair = list->first; pair != NULL && count < MAX_HEADERS; pair = pair->next)
        out_headers[count++] = (struct irsa_sigv4_header){pair->first->text, pair->first->next->text};
    return count;
}

/* The first two stages of what goes out in the end, and the third. */
static void add_stages(struct irsa_arena *arena, struct irsa_json_writer *w, const struct irsa_sigv4_request *request,
                       const struct irsa_sigv4_scope *scope, const struct irsa_sigv4_keys *keys) {
    char signature[IRSA_SIGV4_HEX_BYTES];
    const char *signed_headers;
    const char *canonical = irsa_sigv4_canonical_request(arena, request, &signed_headers);
    const char *string_to_sign = irsa_sigv4_string_to_sign(arena, scope, canonical);
    irsa_sigv4_signature(keys->secret_access_key, scope, string_to_sign, signature);
    irsa_json_add_text(w, "canonicalRequest", canonical);
    irsa_json_add_text(w, "stringToSign", string_to_sign);
    irsa_json_add_text(w, "signature", signature);
}

static void sign_by_header(struct irsa_arena *arena, struct irsa_json_writer *w, struct irsa_sigv4_request request,
                           struct irsa_sigv4_header *headers, const struct irsa_sigv4_scope *scope,
                           const struct irsa_sigv4_keys *keys) {
    const char *authorization, *date;
    irsa_sigv4_sign(arena, &request, scope, keys, &authorization, &date);
    headers[request.header_count++] = (struct irsa_sigv4_header){"X-Amz-Date", date};
    if (keys->session_token != NULL)
        headers[request.header_count++] = (struct irsa_sigv4_header){"X-Amz-Security-Token", keys->session_token};
    add_stages(arena, w, &request, scope, keys);
    irsa_json_add_text(w, "authorization", authorization);
}

static void sign_by_query(struct irsa_arena *arena, struct irsa_json_writer *w, struct irsa_sigv4_request request,
                          const struct irsa_sigv4_scope *scope, const struct irsa_sigv4_keys *keys, int expires_s) {
    const char *query = irsa_sigv4_presign(arena, &request, scope, keys, expires_s);
    const char *signature = strstr(query, "&X-Amz-Signature=");
    request.query = irsa_arena_copy_bytes(arena, query, (size_t)(signature - query));
    add_stages(arena, w, &request, scope, keys);
    irsa_json_add_text(w, "query", query);
}

static const char *sign(struct irsa_arena *arena, const struct irsa_json *input) {
    struct irsa_text out;
    struct irsa_json_writer w;
    struct irsa_sigv4_header headers[MAX_HEADERS + 2];
    struct irsa_sigv4_request request = {
        .method = must_text(input, "method"),
        .path = must_text(input, "path"),
        .query = must_text(input, "query"),
        .headers = headers,
        .header_count = read_headers(irsa_json_get(input, "headers"), headers),
        .payload_sha256_hex = must_text(input, "payload"),
    };
    struct irsa_sigv4_scope scope = {must_text(input, "region"), must_text(input, "service"),
                                     must_integer(input, "epochMs")};
    struct irsa_sigv4_keys keys = {must_text(input, "accessKey"), must_text(input, "secretKey"),
                                   irsa_json_get_text(input, "token")};
    irsa_text_init(&out, arena, (size_t)1 << 20);
    irsa_json_begin(&w, &out);
    irsa_json_open_object(&w, NULL);
    if (strcmp(must_text(input, "mode"), "presign") == 0)
        sign_by_query(arena, &w, request, &scope, &keys, (int)must_integer(input, "expires"));
    else
        sign_by_header(arena, &w, request, headers, &scope, &keys);
    irsa_json_close_object(&w);
    return out.at;
}

int main(void) {
    const struct irsa_json_limits limits = {(size_t)1 << 20, 8};
    struct irsa_arena *arena = irsa_arena_new();
    struct irsa_error err;
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    while ((length = getline(&line, &size, stdin)) > 0) {
        const struct irsa_json *input;
        if (!irsa_json_parse(arena, line, (size_t)length, limits, &input, &err)) {
            fprintf(stderr, "irsa-sigv4: %s\n", err.message);
            return EXIT_FAILURE;
        }
        puts(sign(arena, input));
        irsa_arena_clear(arena);
    }
    free(line);
    irsa_arena_free(arena);
    return EXIT_SUCCESS;
}
