/*
 * Status: how an API server says an error (meta/v1 Status).
 */
#ifndef IRSA_SANDBOX_KUBE_STATUS_H
#define IRSA_SANDBOX_KUBE_STATUS_H

#include "sandbox/call.h"

struct irsa_sandbox_cause {
    const char *reason;
    const char *message;
    const char *field;
};

struct irsa_sandbox_status {
    int code;
    const char *reason; /* NULL: none */
    const char *message;
    bool has_details;
    const char *name, *group, *kind; /* of the details; NULL: left out */
    const struct irsa_sandbox_cause *causes;
    size_t cause_count;
};

/* Fill the reply. Always false. */
bool irsa_sandbox_status(struct irsa_sandbox_call *call, const struct irsa_sandbox_status *status);

/* 404 of an object of a kind ("serviceaccounts"). Always false. */
bool irsa_sandbox_status_not_found(struct irsa_sandbox_call *call, const char *kind, const char *name);

/* 409: somebody changed it, or the precondition does not hold. Always false. */
bool irsa_sandbox_status_conflict(struct irsa_sandbox_call *call, const char *kind, const char *name, const char *why);

/* 422: a field of a ServiceAccount or Namespace is invalid; `reason` such as FieldValueInvalid. Always false. */
bool irsa_sandbox_status_invalid(struct irsa_sandbox_call *call, const char *kind, const char *name,
                                 const struct irsa_sandbox_cause *cause);

/* 400 BadRequest. Always false. */
bool irsa_sandbox_status_bad_request(struct irsa_sandbox_call *call, const char *message);

#endif
