/*
 * What the API server checks of an object's metadata.
 */
#ifndef IRSA_SANDBOX_KUBE_VALIDATE_H
#define IRSA_SANDBOX_KUBE_VALIDATE_H

#include "core/base/json.h"
#include "sandbox/kube/schema.h"
#include "sandbox/kube/status.h"

/*
 * The faults in the API server's words; *out_count 0 when the object is fine.
 *
 * live  what an update changes, NULL of a new object. The server judges an update several times, and says so
 */
const struct irsa_sandbox_cause *irsa_sandbox_validate(struct irsa_arena *arena,
                                                       const struct irsa_sandbox_resource *resource,
                                                       const struct irsa_json *object, const struct irsa_json *live,
                                                       size_t *out_count);

/* What is invalid: "ServiceAccount" "x", or options, which have a group and no name. */
struct irsa_sandbox_subject {
    const char *group; /* NULL: none */
    const char *kind;
    const char *name;
};

/* 422 of what has such faults. Always false. */
bool irsa_sandbox_invalid(struct irsa_sandbox_call *call, struct irsa_sandbox_subject subject,
                          const struct irsa_sandbox_cause *causes, size_t count);

/* A text as Go quotes it. */
const char *irsa_sandbox_quote(struct irsa_arena *arena, const char *text);

#endif
