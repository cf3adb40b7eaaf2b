/*
 * IAM policy documents: the trust policy that we write, and comparison by meaning.
 */
#ifndef IRSA_PROVISION_DOCUMENT_H
#define IRSA_PROVISION_DOCUMENT_H

#include "core/base/arena.h"
#include "core/base/error.h"

struct irsa_trust_subject {
    const char *provider_arn;
    const char *issuer; /* without the scheme */
    const char *namespace_name;
    const char *name;
    const char *pattern; /* NULL: exactly `name`; else it stands in its place, under StringLike */
};

/*
 * Who may assume the role: sts:AssumeRoleWithWebIdentity for exactly this subject and the audience sts.amazonaws.com.
 * The form is that of the IAM user guide's example for EKS.
 */
const char *irsa_trust_document(struct irsa_arena *arena, const struct irsa_trust_subject *subject);

/*
 * The same policy by meaning: order of keys, statements' lists and white space do not matter, a text equals a list of
 * just it. Documents that cannot be read are equal only when their bytes are.
 */
bool irsa_documents_equal(struct irsa_arena *arena, const char *a, const char *b);

#endif
