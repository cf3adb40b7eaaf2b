/*
 * What a request to the API server is about: the parts of its path, and the handlers behind them.
 */
#ifndef IRSA_SANDBOX_KUBE_TARGET_H
#define IRSA_SANDBOX_KUBE_TARGET_H

#include "sandbox/call.h"

struct irsa_sandbox_target {
    const char *namespace_name; /* NULL: the path names none */
    const char *name;           /* of the object; NULL: the collection */
    const char *verb;           /* for what RBAC says: "get", "patch", … */
    const char *resource;       /* "serviceaccounts", "namespaces"; NULL: no resource */
};

/* With the lock; the caller may do it. */
typedef void irsa_sandbox_kube_fn(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target);

irsa_sandbox_kube_fn irsa_sandbox_namespace_get, irsa_sandbox_namespace_list, irsa_sandbox_namespace_create,
    irsa_sandbox_namespace_delete, irsa_sandbox_namespace_finalize;
irsa_sandbox_kube_fn irsa_sandbox_account_get, irsa_sandbox_account_list, irsa_sandbox_account_create,
    irsa_sandbox_account_update, irsa_sandbox_account_patch, irsa_sandbox_account_delete;

/* Answer with JSON. */
void irsa_sandbox_kube_answer(struct irsa_sandbox_call *call, int status, const char *json);

/* A parameter of the query, or NULL. */
const char *irsa_sandbox_kube_parameter(const struct irsa_sandbox_call *call, const char *name);

/* fieldManager, or the first word of the user agent as the API server takes it. */
const char *irsa_sandbox_kube_manager(const struct irsa_sandbox_call *call);

#endif
