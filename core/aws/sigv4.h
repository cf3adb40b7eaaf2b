/*
 * AWS Signature Version 4 in three checkable stages: canonical request, string to sign, signature.
 *
 * Source: "Signature Version 4 signing process", IAM user guide. One canonicaliser serves signing by header, signing by
 * query (presigned URLs) and, in the sandbox, verifying. Paths are normalised and encoded twice, as every service but S3
 * wants it. No I/O, no state: any thread.
 */
#ifndef IRSA_AWS_SIGV4_H
#define IRSA_AWS_SIGV4_H

#include "core/base/error.h"
#include "core/base/text.h"

struct irsa_sigv4_header {
    const char *name; /* any case */
    const char *value;
};

/* What is signed. All borrowed. */
struct irsa_sigv4_request {
    const char *method;
    const char *path;  /* as it goes on the wire, percent-encoded once; "" counts as "/" */
    const char *query; /* as it goes on the wire, percent-encoded; keys without '=' count as empty */
    const struct irsa_sigv4_header *headers; /* those to be signed; "host" is among them */
    size_t header_count;
    const char *payload_sha256_hex;
};

struct irsa_sigv4_scope {
    const char *region;
    const char *service;
    int64_t epoch_ms;
};

struct irsa_sigv4_keys {
    const char *access_key_id;
    const char *secret_access_key;
    const char *session_token; /* NULL: long-term keys */
};

#define IRSA_SIGV4_DATE_BYTES 17 /* "20261124T100331Z" */
#define IRSA_SIGV4_HEX_BYTES  65

void irsa_sigv4_date(int64_t epoch_ms, char out_date[IRSA_SIGV4_DATE_BYTES]);

/* Stage 1. `out_signed_headers` gets "host;x-amz-date". */
const char *irsa_sigv4_canonical_request(struct irsa_arena *arena, const struct irsa_sigv4_request *request,
                                         const char **out_signed_headers);

/* Stage 2. */
const char *irsa_sigv4_string_to_sign(struct irsa_arena *arena, const struct irsa_sigv4_scope *scope,
                                      const char *canonical_request);

/* Stage 3: lower-case hex. The derived key of the day is computed anew each time: four HMACs, 1.5 µs. */
void irsa_sigv4_signature(const char *secret_access_key, const struct irsa_sigv4_scope *scope,
                          const char *string_to_sign, char out_hex[IRSA_SIGV4_HEX_BYTES]);

/*
 * Headers for a signed call. The request's headers hold host and what else is to be signed, without x-amz-date and
 * x-amz-security-token, which are made here.
 *
 * out_authorization, out_date   in the arena; the security token's header is the keys' own, sent when it is not NULL
 */
void irsa_sigv4_sign(struct irsa_arena *arena, const struct irsa_sigv4_request *request,
                     const struct irsa_sigv4_scope *scope, const struct irsa_sigv4_keys *keys,
                     const char **out_authorization, const char **out_date);

/*
 * The query of a presigned URL: the request's query with X-Amz-Algorithm … X-Amz-Signature added.
 *
 * expires_s   1 to 604,800
 */
const char *irsa_sigv4_presign(struct irsa_arena *arena, const struct irsa_sigv4_request *request,
                               const struct irsa_sigv4_scope *scope, const struct irsa_sigv4_keys *keys, int expires_s);

#endif
