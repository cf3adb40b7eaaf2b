/*
 * AWS Signature Version 4: canonical request, string to sign, signature.
 */
#include "core/aws/sigv4.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/arena.h"
#include "core/base/crypto.h"
#include "core/base/url.h"

#define ALGORITHM  "AWS4-HMAC-SHA256"
#define TERMINATOR "aws4_request"
#define MS_PER_S   1000
#define DAY_BYTES  9 /* "20261124" */
#define ANY_LENGTH (SIZE_MAX / 4)

/* A stretch of somebody else's text. */
struct span {
    const char *at;
    size_t length;
};

struct parameter {
    struct span key, value;
};

void irsa_sigv4_date(int64_t epoch_ms, char out_date[IRSA_SIGV4_DATE_BYTES]) {
    struct tm utc;
    time_t seconds = (time_t)(epoch_ms / MS_PER_S);
    if (gmtime_r(&seconds, &utc) == NULL || strftime(out_date, IRSA_SIGV4_DATE_BYTES, "%Y%m%dT%H%M%SZ", &utc) == 0)
        snprintf(out_date, IRSA_SIGV4_DATE_BYTES, "19700101T000000Z");
}

static void add_span(struct irsa_text *out, struct span span) {
    irsa_text_add_bytes(out, span.at, span.length);
}

static int compare_spans(struct span a, struct span b) {
    int order = memcmp(a.at, b.at, a.length < b.length ? a.length : b.length);
    if (order != 0)
        return order;
    return (a.length > b.length) - (a.length < b.length);
}

/*
 * The segments of a path that stay: "." and empty ones go, ".." takes the one before it along (RFC 3986, 5.2.4, and
 * AWS's rule that neighbouring slashes are one).
 */
static size_t normalise_path(const char *path, struct span *out_segments) {
    size_t count = 0;
    while (*path != '\0') {
        struct span segment = {path, strcspn(path, "/")};
        path += segment.length + (path[segment.length] == '/');
        if (segment.length == 0 || (segment.length == 1 && *segment.at == '.'))
            continue;
        if (segment.length == 2 && memcmp(segment.at, "..", 2) == 0)
            count -= count > 0;
        else
            out_segments[count++] = segment;
    }
    return count;
}

/* Encoded once more: the wire's "%20" becomes "%2520". */
static void add_path(struct irsa_text *out, const char *path) {
    size_t length = strlen(path);
    struct span *segments = IRSA_NEW_ARRAY(out->arena, struct span, length / 2 + 1);
    size_t count = normalise_path(path, segments);
    if (length == 0 || *path == '/')
        irsa_text_add_char(out, '/');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            irsa_text_add_char(out, '/');
        irsa_url_encode(out, segments[i].at, segments[i].length, false);
    }
    if (count > 0 && path[length - 1] == '/')
        irsa_text_add_char(out, '/');
}

static int compare_parameters(const void *a, const void *b) {
    const struct parameter *left = a;
    const struct parameter *right = b;
    int order = compare_spans(left->key, right->key);
    return order != 0 ? order : compare_spans(left->value, right->value);
}

static struct parameter read_parameter(const char *pair, size_t length) {
    const char *equals = memchr(pair, '=', length);
    if (equals == NULL)
        return (struct parameter){{pair, length}, {"", 0}};
    size_t key_length = (size_t)(equals - pair);
    return (struct parameter){{pair, key_length}, {equals + 1, length - key_length - 1}};
}

/* Sorted by key, then by value, as bytes. */
static void add_query(struct irsa_text *out, const char *query) {
    size_t count = 1;
    if (*query == '\0')
        return;
    for (const char *at = query; *at != '\0'; at++)
        count += *at == '&';
    struct parameter *parameters = IRSA_NEW_ARRAY(out->arena, struct parameter, count);
    for (size_t i = 0; i < count; i++) {
        size_t length = strcspn(query, "&");
        parameters[i] = read_parameter(query, length);
        query += length + 1;
    }
    qsort(parameters, count, sizeof *parameters, compare_parameters);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            irsa_text_add_char(out, '&');
        add_span(out, parameters[i].key);
        irsa_text_add_char(out, '=');
        add_span(out, parameters[i].value);
    }
}

/* A header on its way into the canonical request. `place` keeps repeated ones in their order. */
struct signed_header {
    const char *name; /* lower case */
    const char *value;
    size_t place;
};

static int compare_headers(const void *a, const void *b) {
    const struct signed_header *left = a;
    const struct signed_header *right = b;
    int order = strcmp(left->name, right->name);
    return order != 0 ? order : (left->place > right->place) - (left->place < right->place);
}

static const char *lower_case(struct irsa_arena *arena, const char *name) {
    char *lower = irsa_arena_copy(arena, name);
    for (char *at = lower; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return lower;
}

static struct signed_header *sort_headers(struct irsa_arena *arena, const struct irsa_sigv4_request *request) {
    struct signed_header *headers = IRSA_NEW_ARRAY(arena, struct signed_header, request->header_count);
    for (size_t i = 0; i < request->header_count; i++)
        headers[i] = (struct signed_header){lower_case(arena, request->headers[i].name), request->headers[i].value, i};
    qsort(headers, request->header_count, sizeof *headers, compare_headers);
    return headers;
}

/* Without white space at the ends, with one space for each stretch of it within. */
static void add_trimmed(struct irsa_text *out, const char *value) {
    static const char white[] = " \t\n\r\f\v";
    bool is_first = true;
    while (*(value += strspn(value, white)) != '\0') {
        size_t length = strcspn(value, white);
        if (!is_first)
            irsa_text_add_char(out, ' ');
        irsa_text_add_bytes(out, value, length);
        is_first = false;
        value += length;
    }
}

/* "name:value" lines, a line for each name: values of repeated headers are joined by commas. */
static void add_headers(struct irsa_text *out, struct irsa_text *names, const struct signed_header *headers,
                        size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && strcmp(headers[i].name, headers[i - 1].name) == 0) {
            out->length--; /* the line goes on */
            irsa_text_add_char(out, ',');
        } else {
            if (i > 0)
                irsa_text_add_char(names, ';');
            irsa_text_add(names, headers[i].name);
            irsa_text_add(out, headers[i].name);
            irsa_text_add_char(out, ':');
        }
        add_trimmed(out, headers[i].value);
        irsa_text_add_char(out, '\n');
    }
}

const char *irsa_sigv4_canonical_request(struct irsa_arena *arena, const struct irsa_sigv4_request *request,
                                         const char **out_signed_headers) {
    struct irsa_text out, names;
    irsa_text_init(&names, arena, ANY_LENGTH);
    irsa_text_init(&out, arena, ANY_LENGTH);
    struct signed_header *headers = sort_headers(arena, request);
    irsa_text_add(&out, request->method);
    irsa_text_add_char(&out, '\n');
    add_path(&out, request->path);
    irsa_text_add_char(&out, '\n');
    add_query(&out, request->query);
    irsa_text_add_char(&out, '\n');
    add_headers(&out, &names, headers, request->header_count);
    irsa_text_add_char(&out, '\n');
    irsa_text_add(&out, names.at);
    irsa_text_add_char(&out, '\n');
    irsa_text_add(&out, request->payload_sha256_hex);
    *out_signed_headers = names.at;
    return out.at;
}

/* "20261124/us-east-1/iam/aws4_request" */
static const char *credential_scope(struct irsa_arena *arena, const struct irsa_sigv4_scope *scope) {
    char date[IRSA_SIGV4_DATE_BYTES];
    irsa_sigv4_date(scope->epoch_ms, date);
    return irsa_arena_format(arena, "%.8s/%s/%s/" TERMINATOR, date, scope->region, scope->service);
}

const char *irsa_sigv4_string_to_sign(struct irsa_arena *arena, const struct irsa_sigv4_scope *scope,
                                      const char *canonical_request) {
    char date[IRSA_SIGV4_DATE_BYTES];
    char digest[IRSA_SHA256_HEX_BYTES];
    irsa_sigv4_date(scope->epoch_ms, date);
    irsa_sha256_hex(canonical_request, strlen(canonical_request), digest);
    return irsa_arena_format(arena, ALGORITHM "\n%s\n%s\n%s", date, credential_scope(arena, scope), digest);
}

static void chain(uint8_t key[IRSA_SHA256_BYTES], const char *text) {
    uint8_t next[IRSA_SHA256_BYTES];
    irsa_hmac_sha256(key, IRSA_SHA256_BYTES, text, strlen(text), next);
    memcpy(key, next, sizeof next);
    irsa_wipe(next, sizeof next);
}

static void derive_key(const char *secret, const struct irsa_sigv4_scope *scope, uint8_t out_key[IRSA_SHA256_BYTES]) {
    char date[IRSA_SIGV4_DATE_BYTES];
    char first[256];
    irsa_sigv4_date(scope->epoch_ms, date);
    int length = snprintf(first, sizeof first, "AWS4%s", secret);
    assert(length > 0 && (size_t)length < sizeof first);
    irsa_hmac_sha256(first, (size_t)length, date, DAY_BYTES - 1, out_key);
    irsa_wipe(first, sizeof first);
    chain(out_key, scope->region);
    chain(out_key, scope->service);
    chain(out_key, TERMINATOR);
}

void irsa_sigv4_signature(const char *secret_access_key, const struct irsa_sigv4_scope *scope,
                          const char *string_to_sign, char out_hex[IRSA_SIGV4_HEX_BYTES]) {
    uint8_t key[IRSA_SHA256_BYTES];
    uint8_t mac[IRSA_SHA256_BYTES];
    derive_key(secret_access_key, scope, key);
    irsa_hmac_sha256(key, sizeof key, string_to_sign, strlen(string_to_sign), mac);
    irsa_hex_encode(mac, sizeof mac, out_hex);
    irsa_wipe(key, sizeof key);
}

/* The three stages in a row. */
static void sign(struct irsa_arena *arena, const struct irsa_sigv4_request *request,
                 const struct irsa_sigv4_scope *scope, const struct irsa_sigv4_keys *keys,
                 const char **out_signed_headers, char out_hex[IRSA_SIGV4_HEX_BYTES]) {
    const char *canonical = irsa_sigv4_canonical_request(arena, request, out_signed_headers);
    const char *string_to_sign = irsa_sigv4_string_to_sign(arena, scope, canonical);
    irsa_sigv4_signature(keys->secret_access_key, scope, string_to_sign, out_hex);
}

void irsa_sigv4_sign(struct irsa_arena *arena, const struct irsa_sigv4_request *request,
                     const struct irsa_sigv4_scope *scope, const struct irsa_sigv4_keys *keys,
                     const char **out_authorization, const char **out_date) {
    char *date = irsa_arena_alloc(arena, IRSA_SIGV4_DATE_BYTES);
    char signature[IRSA_SIGV4_HEX_BYTES];
    const char *signed_headers;
    size_t count = request->header_count;
    struct irsa_sigv4_header *headers = IRSA_NEW_ARRAY(arena, struct irsa_sigv4_header, count + 2);
    struct irsa_sigv4_request whole = *request;
    irsa_sigv4_date(scope->epoch_ms, date);
    if (count > 0)
        memcpy(headers, request->headers, count * sizeof *headers);
    headers[count++] = (struct irsa_sigv4_header){"x-amz-date", date};
    if (keys->session_token != NULL)
        headers[count++] = (struct irsa_sigv4_header){"x-amz-security-token", keys->session_token};
    whole.headers = headers;
    whole.header_count = count;
    sign(arena, &whole, scope, keys, &signed_headers, signature);
    *out_authorization =
        irsa_arena_format(arena, ALGORITHM " Credential=%s/%s, SignedHeaders=%s, Signature=%s", keys->access_key_id,
                          credential_scope(arena, scope), signed_headers, signature);
    *out_date = date;
}

/* "host;x-k8s-aws-id", known before there is a query to be signed. */
static const char *names_of(struct irsa_arena *arena, const struct irsa_sigv4_request *request) {
    struct irsa_text lines, names;
    irsa_text_init(&names, arena, ANY_LENGTH);
    irsa_text_init(&lines, arena, ANY_LENGTH);
    add_headers(&lines, &names, sort_headers(arena, request), request->header_count);
    return names.at;
}

const char *irsa_sigv4_presign(struct irsa_arena *arena, const struct irsa_sigv4_request *request,
                               const struct irsa_sigv4_scope *scope, const struct irsa_sigv4_keys *keys,
                               int expires_s) {
    struct irsa_text query;
    char date[IRSA_SIGV4_DATE_BYTES];
    char signature[IRSA_SIGV4_HEX_BYTES];
    const char *signed_headers;
    irsa_sigv4_date(scope->epoch_ms, date);
    irsa_text_init(&query, arena, ANY_LENGTH);
    irsa_text_add(&query, request->query);
    irsa_form_add(&query, "X-Amz-Algorithm", ALGORITHM);
    irsa_form_add(&query, "X-Amz-Credential",
                  irsa_arena_format(arena, "%s/%s", keys->access_key_id, credential_scope(arena, scope)));
    irsa_form_add(&query, "X-Amz-Date", date);
    irsa_form_add(&query, "X-Amz-Expires", irsa_arena_format(arena, "%d", expires_s));
    irsa_form_add(&query, "X-Amz-SignedHeaders", names_of(arena, request));
    if (keys->session_token != NULL)
        irsa_form_add(&query, "X-Amz-Security-Token", keys->session_token);
    struct irsa_sigv4_request whole = *request;
    whole.query = query.at;
    sign(arena, &whole, scope, keys, &signed_headers, signature);
    irsa_form_add(&query, "X-Amz-Signature", signature);
    return query.at;
}
