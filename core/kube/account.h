/*
 * Service accounts as JSON: read from answers, written for server-side apply.
 */
#ifndef IRSA_KUBE_ACCOUNT_H
#define IRSA_KUBE_ACCOUNT_H

#include "core/kube/kube.h"

/* False when it is no service account with name, namespace and uid. */
IRSA_MUST_CHECK bool irsa_kube_read_account(struct irsa_arena *arena, const struct irsa_json *object,
                                            struct irsa_kube_account *out_account);

/* The body of an apply. */
void irsa_kube_write_apply(const struct irsa_kube_apply *apply, struct irsa_text *out);

#endif
