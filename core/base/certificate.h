/*
 * A certificate authority in memory, for the sandbox and for tests: one root, leaf certificates for names and addresses.
 */
#ifndef IRSA_BASE_CERTIFICATE_H
#define IRSA_BASE_CERTIFICATE_H

#include "core/base/arena.h"
#include "core/base/error.h"

/* EC P-256 throughout, valid from an hour ago for ten days. */
struct irsa_authority;

struct irsa_authority *irsa_authority_new(const char *common_name);
void irsa_authority_free(struct irsa_authority *authority);

/* The root as PEM. Borrowed for as long as the authority lives. */
const char *irsa_authority_pem(const struct irsa_authority *authority);

/* A certificate with its private key, both PEM, in the arena, for DNS names or IP addresses (subjectAltName). */
struct irsa_certificate {
    const char *certificate_pem;
    const char *key_pem;
};

struct irsa_certificate irsa_authority_issue(struct irsa_authority *authority, struct irsa_arena *arena,
                                             const char *const *names, size_t name_count);

#endif
