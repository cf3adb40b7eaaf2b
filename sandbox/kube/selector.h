/*
 * What a list selects: labelSelector and fieldSelector, as far as they compare for equality.
 */
#ifndef IRSA_SANDBOX_KUBE_SELECTOR_H
#define IRSA_SANDBOX_KUBE_SELECTOR_H

#include "sandbox/kube/kube.h"

/* Borrowed from the request. */
struct irsa_sandbox_selector {
    const char *labels; /* "" selects all */
    const char *fields;
};

/* Read both from the query. False when one cannot be read, or says more than this knows: 400 has been answered. */
IRSA_MUST_CHECK bool irsa_sandbox_selector_read(struct irsa_sandbox_kube *kube,
                                                struct irsa_sandbox_selector *out_selector);

bool irsa_sandbox_selector_matches(struct irsa_arena *arena, const struct irsa_sandbox_selector *selector,
                                   const struct irsa_json *object);

#endif
