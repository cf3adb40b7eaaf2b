/*
 * The variables that make a program use the sandbox.
 */
#ifndef IRSA_SANDBOX_ENVIRONMENT_H
#define IRSA_SANDBOX_ENVIRONMENT_H

#include <stdio.h>

#include "core/base/error.h"

#define IRSA_SANDBOX_MAX_VARIABLES 24

/* All borrowed; `value` NULL means that the variable is taken away, so that nothing of the caller's own AWS is used. */
struct irsa_sandbox_variable {
    const char *name;
    const char *value;
};

struct irsa_sandbox_environment {
    struct irsa_sandbox_variable at[IRSA_SANDBOX_MAX_VARIABLES];
    size_t count;
};

/* NULL: the sandbox has none of it. */
struct irsa_sandbox_environment_inputs {
    const char *bootstrap_servers;
    const char *topics_prefix;
    const char *aws_url;
    const char *aws_ca_file;
    const char *access_key_id;
    const char *secret_access_key;
    const char *region;
    const char *control_url;
};

void irsa_sandbox_environment_fill(const struct irsa_sandbox_environment_inputs *inputs,
                                   struct irsa_sandbox_environment *out_environment);

/* As a shell reads it: "export NAME='VALUE'" and "unset NAME" lines. */
void irsa_sandbox_environment_print(const struct irsa_sandbox_environment *environment, FILE *out);

/* The same lines; whoever opens the file finds all of it or none. fails CONFIG */
IRSA_MUST_CHECK bool irsa_sandbox_environment_save(const struct irsa_sandbox_environment *environment, const char *path,
                                                   struct irsa_error *err);

/* Into this process's environment. */
void irsa_sandbox_environment_set(const struct irsa_sandbox_environment *environment);

#endif
