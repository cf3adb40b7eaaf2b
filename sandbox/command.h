/*
 * Running a command beside the sandbox, and waiting for signals.
 */
#ifndef IRSA_SANDBOX_COMMAND_H
#define IRSA_SANDBOX_COMMAND_H

#include "core/base/error.h"
#include "sandbox/environment.h"

/* Before any thread starts: SIGINT, SIGTERM and SIGCHLD wait for the functions below. */
void irsa_sandbox_signals_hold(void);

/*
 * Run a command with the environment set until it ends; SIGINT and SIGTERM are passed on to it.
 *
 * out_status  its exit status, or 128 + signal
 * fails       CONFIG (it cannot be started)
 */
IRSA_MUST_CHECK bool irsa_sandbox_command_run(char **command, const struct irsa_sandbox_environment *environment,
                                              int *out_status, struct irsa_error *err);

/* Wait for SIGINT or SIGTERM. */
void irsa_sandbox_signals_wait(void);

#endif
