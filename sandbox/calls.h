/*
 * What was called: counts per action and a log, for GET /calls.
 */
#ifndef IRSA_SANDBOX_CALLS_H
#define IRSA_SANDBOX_CALLS_H

#include <stdint.h>

#include "sandbox/service.h"

struct irsa_json_writer;

#define IRSA_SANDBOX_LOG_MAX 65536 /* calls that the log keeps; older ones are only counted */

struct irsa_sandbox_calls;

struct irsa_sandbox_calls *irsa_sandbox_calls_new(void);
void irsa_sandbox_calls_free(struct irsa_sandbox_calls *calls);
void irsa_sandbox_calls_clear(struct irsa_sandbox_calls *calls);

/* One call and how it ended. */
struct irsa_sandbox_called {
    enum irsa_sandbox_service service;
    const char *action; /* static */
    const char *owner;  /* an account or a cluster's key, copied; NULL: not known */
    int status;         /* 0: no answer */
    const char *fault;  /* static; NULL: none */
};

/* Count it and note it. */
void irsa_sandbox_calls_add(struct irsa_sandbox_calls *calls, const struct irsa_sandbox_called *called);

/* {"counts": {…}, "log": […]} */
void irsa_sandbox_calls_write(const struct irsa_sandbox_calls *calls, struct irsa_json_writer *w);

#endif
