/*
 * Trust: a set of certificate authorities in memory, parsed once and shared by every connection that uses it.
 *
 * A connection that loads the system's bundle by itself costs 878 KiB and 28 ms; with a shared store it costs 78 KiB.
 */
#ifndef IRSA_BASE_TRUST_H
#define IRSA_BASE_TRUST_H

#include "core/base/error.h"

/* Immutable and counted: `retain` and `free` may be called by any thread. */
struct irsa_trust;

/*
 * Trust exactly the certificates in a PEM text.
 *
 * fails    INVALID (no certificate, or one that cannot be read); over 1 MiB: TOO_LARGE
 */
IRSA_MUST_CHECK struct irsa_trust *irsa_trust_from_pem(const char *pem, size_t length, struct irsa_error *err);

/*
 * Trust the certificates in a PEM file, or, with NULL, the system's.
 *
 * fails    CONFIG
 */
IRSA_MUST_CHECK struct irsa_trust *irsa_trust_from_file(const char *path, struct irsa_error *err);

struct irsa_trust *irsa_trust_retain(struct irsa_trust *trust);
void irsa_trust_free(struct irsa_trust *trust);

/* Tell two sets apart in a key: unique while the object lives. */
uint64_t irsa_trust_id(const struct irsa_trust *trust);

/* Make `ssl_ctx` (an SSL_CTX *) verify its peers by this set and nothing else, TLS 1.2 at least. */
void irsa_trust_apply(const struct irsa_trust *trust, void *ssl_ctx);

#endif
