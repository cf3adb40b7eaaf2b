/*
 * Policy documents as IAM judges them: trust policies of roles, and policies of permissions.
 */
#ifndef IRSA_SANDBOX_IAM_DOCUMENT_H
#define IRSA_SANDBOX_IAM_DOCUMENT_H

#include <irsa/memory.h>

#include "sandbox/shelf.h"

struct irsa_json;
struct irsa_sandbox_world;
struct irsa_sandbox_account;

/* Where a document is to be valid. */
struct irsa_sandbox_document_place {
    const struct irsa_sandbox_world *world;
    const struct irsa_sandbox_account *account;
    struct irsa_sandbox_moment moment;
    struct irsa_arena *arena;
};

/* NULL when it is fine, else IAM's text for MalformedPolicyDocument. Principals must exist as readers see them. */
const char *irsa_sandbox_trust_fault(const struct irsa_sandbox_document_place *place, const char *document);

/* The same for inline and managed policies; a managed one must say its Version. */
const char *irsa_sandbox_policy_fault(const struct irsa_sandbox_document_place *place, const char *document,
                                      bool is_managed);

/* The same of a Principal or NotPrincipal alone (principals.c). */
const char *irsa_sandbox_principal_fault(const struct irsa_sandbox_document_place *place,
                                         const struct irsa_json *value);

/* What IAM says of most that is wrong. */
#define IRSA_SANDBOX_SYNTAX "Syntax errors in policy."

/* Judge a string, or each of a list, which may be empty; the first fault, or NULL. */
typedef const char *irsa_sandbox_string_fn(const struct irsa_sandbox_document_place *place, const char *value);
const char *irsa_sandbox_each_string(const struct irsa_sandbox_document_place *place, const struct irsa_json *value,
                                     irsa_sandbox_string_fn *check);

/* The resource of an ARN, after its fifth colon, or NULL. */
const char *irsa_sandbox_arn_resource(const char *arn);

/* Characters that are not white space: what IAM counts against its quotas. */
size_t irsa_sandbox_document_length(const char *document);

#endif
