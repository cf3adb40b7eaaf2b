/*
 * Kubernetes Status objects: how the API server says that something did not work.
 */
#ifndef IRSA_SANDBOX_KUBE_STATUS_H
#define IRSA_SANDBOX_KUBE_STATUS_H

#include <stdbool.h>
#include <stddef.h>

struct irsa_sandbox_call;

struct irsa_sandbox_cause {
    const char *reason;
    const char *message;
    const char *field;
};

/* Absent texts are NULL. */
struct irsa_sandbox_status {
    int code;
    const char *reason;
    const char *message;
    bool has_details; /* also when all of them are absent */
    const char *name;
    const char *group;
    const char *kind;
    const struct irsa_sandbox_cause *causes;
    size_t cause_count;
};

/* Fill the reply. Always false. */
bool irsa_sandbox_status(struct irsa_sandbox_call *call, const struct irsa_sandbox_status *status);

#endif
