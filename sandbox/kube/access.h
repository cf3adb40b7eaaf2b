/*
 * Who may do what: the one place that is asked before anything is looked up.
 */
#ifndef IRSA_SANDBOX_KUBE_ACCESS_H
#define IRSA_SANDBOX_KUBE_ACCESS_H

#include "sandbox/call.h"

#define IRSA_SANDBOX_ANONYMOUS "system:anonymous"

/*
 * May call->user make this request? Nobody without a token may do more than ask for health and version, and the plain
 * users of the cluster may also ask what it serves; the identity of AWS may do what PUT /permissions says; all others may
 * do everything. When not, 403 has been answered.
 *
 * segments  of the path, decoded
 */
IRSA_MUST_CHECK bool irsa_sandbox_kube_may(struct irsa_sandbox_call *call, const char *const *segments, size_t count);

/*
 * May call->user make this object too? A patch that creates is asked twice (withAuthorization of k8s.io/apiserver), and
 * refused without words the second time.
 */
IRSA_MUST_CHECK bool irsa_sandbox_kube_may_create(struct irsa_sandbox_call *call, const char *namespace_name,
                                                  const char *resource, const char *name);

#endif
