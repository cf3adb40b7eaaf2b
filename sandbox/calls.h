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

/* Count a call as it arrives. `action` is static. Gives its number, from 1. */
uint64_t irsa_sandbox_calls_begin(struct irsa_sandbox_calls *calls, enum irsa_sandbox_service service,
                                  const char *action);

/* Say how it ended. `owner` (an account or a cluster's key, copied) and `fault` (static) may be NULL. */
void irsa_sandbox_calls_end(struct irsa_sandbox_calls *calls, uint64_t number, const char *owner, int status,
                            const char *fault);

/* {"counts": {…}, "log": […]} */
void irsa_sandbox_calls_write(const struct irsa_sandbox_calls *calls, struct irsa_json_writer *w);

#endif
