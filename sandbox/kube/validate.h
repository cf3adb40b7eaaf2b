/*
 * What the API server checks of an object's metadata.
 */
#ifndef IRSA_SANDBOX_KUBE_VALIDATE_H
#define IRSA_SANDBOX_KUBE_VALIDATE_H

#include "core/base/json.h"
#include "sandbox/kube/schema.h"
#include "sandbox/kube/status.h"

/* The faults in the API server's words; *out_count 0 when the object is fine. */
const struct irsa_sandbox_cause *irsa_sandbox_validate(struct irsa_arena *arena,
                                                       const struct irsa_sandbox_resource *resource,
                                                       const struct irsa_json *object, size_t *out_count);

/* 422 of an object with such faults. Always false. */
bool irsa_sandbox_invalid(struct irsa_sandbox_call *call, const char *kind, const char *name,
                          const struct irsa_sandbox_cause *causes, size_t count);

#endif
