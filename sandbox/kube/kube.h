/*
 * The Kubernetes API server of one cluster as the sandbox plays it.
 */
#ifndef IRSA_SANDBOX_KUBE_H
#define IRSA_SANDBOX_KUBE_H

#include "core/base/json.h"
#include "sandbox/call.h"

/* The names of all actions: "get", "apply", "delete", "get-namespace", … Static. */
const char *const *irsa_sandbox_kube_action_names(size_t *out_count);

/* Members "namespaces" and "serviceAccounts" of a cluster in GET /world, into an open object. */
void irsa_sandbox_kube_write(const struct irsa_sandbox_cluster *cluster, struct irsa_json_writer *w);

/*
 * Merge a cluster's document of PUT /world: "namespaces": [names], "serviceAccounts": [{"metadata": {…},
 * "fieldManager"?: "kubectl", "operation"?: "Apply" | "Update"}], written as that manager would (an Apply with force).
 * "delete": {"namespaces": [names], "serviceAccounts": ["namespace/name"]} removes at once. "status": the cluster's in
 * EKS.
 *
 * fails    INVALID with the place
 */
IRSA_MUST_CHECK bool irsa_sandbox_kube_merge(struct irsa_sandbox_cluster *cluster, const struct irsa_json *document,
                                             int64_t now_ms, struct irsa_error *err);

#endif
