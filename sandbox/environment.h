/*
 * The environment that irsactl, irsa-worker and AWS's tools need to reach the sandbox.
 */
#ifndef IRSA_SANDBOX_ENVIRONMENT_H
#define IRSA_SANDBOX_ENVIRONMENT_H

#include "sandbox/broker.h"
#include "sandbox/options.h"
#include "sandbox/server.h"

struct irsa_sandbox_environment {
    const struct irsa_sandbox_arguments *arguments;
    const struct irsa_sandbox_broker *broker; /* NULL: none */
    const struct irsa_sandbox_server *server; /* NULL: none */
    const char *ca_file;                      /* NULL: AWS speaks plain http */
};

/* Variables and values, in the arena. */
struct irsa_pairs irsa_sandbox_environment_pairs(struct irsa_arena *arena,
                                                 const struct irsa_sandbox_environment *environment);

/* Write "export NAME='value'" lines to a file, whole or not at all. fails CONFIG */
IRSA_MUST_CHECK bool irsa_sandbox_environment_save(struct irsa_arena *arena, struct irsa_pairs pairs, const char *path,
                                                   struct irsa_error *err);

/* Set them in this process, and take away what would lead AWS's tools elsewhere. */
void irsa_sandbox_environment_set(struct irsa_pairs pairs);

#endif
