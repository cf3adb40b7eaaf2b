/*
 * One call to a simulated service, from its arrival to its answer, and what all services have in common: who calls,
 * scripted faults, rates, latency, counting.
 */
#ifndef IRSA_SANDBOX_CALL_H
#define IRSA_SANDBOX_CALL_H

#include "core/httpd/httpd.h"
#include "sandbox/service.h"
#include "sandbox/world.h"

struct irsa_sandbox;

struct irsa_sandbox_call {
    struct irsa_sandbox *sandbox;
    const struct irsa_httpd_request *request;
    struct irsa_httpd_reply *reply;
    struct irsa_arena *arena;
    struct irsa_sandbox_moment moment;
    const char *request_id;

    enum irsa_sandbox_service service;
    const char *action; /* static: "CreateRole", "apply" */
    bool is_write;

    const char *account_id;               /* AWS: of the key that is named; NULL: of none of ours */
    struct irsa_sandbox_account *account; /* AWS: whose identity signed; NULL until the signature is accepted */
    bool is_session;                      /* AWS: by a temporary key */
    const char *region;                   /* AWS: of the signature */
    struct irsa_sandbox_cluster *cluster; /* Kubernetes */
    const char *user;                     /* Kubernetes: who asks; NULL: the token is not accepted */
};

/* Do what the call asks for: fill call->reply. Runs with the sandbox's lock. */
typedef void irsa_sandbox_effect_fn(struct irsa_sandbox_call *call, void *self);

/* Carry out `effect` as the script of faults, the rates and the latency of the model have it. Takes the lock. */
void irsa_sandbox_perform(struct irsa_sandbox_call *call, irsa_sandbox_effect_fn *effect, void *self);

/* Fill the reply with an error as call->service says errors. Always false. */
bool irsa_sandbox_fail(struct irsa_sandbox_call *call, int status, const char *code, const char *format, ...)
    IRSA_PRINTF(4, 5);

/* Add a header to the reply. */
void irsa_sandbox_add_header(struct irsa_sandbox_call *call, const char *name, const char *value);

/* "2026-11-24T10:03:31Z" */
const char *irsa_sandbox_time_text(struct irsa_arena *arena, int64_t epoch_ms);

#endif
