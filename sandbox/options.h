/*
 * The command line of irsa-sandbox.
 */
#ifndef IRSA_SANDBOX_OPTIONS_H
#define IRSA_SANDBOX_OPTIONS_H

#include "core/base/arena.h"
#include "sandbox/sandbox.h"

struct irsa_sandbox_arguments {
    struct irsa_sandbox_cluster_options *clusters;
    size_t cluster_count;
    bool has_broker;
    bool has_cloud;
    bool has_tls;
    bool wants_help;
    bool wants_version;
    const char *topics_prefix;
    const char *settings; /* file; NULL: none */
    const char *env_file; /* NULL: none */
    char **command;       /* NULL-ended; NULL: none */
};

/* fails CONFIG */
IRSA_MUST_CHECK bool irsa_sandbox_arguments_read(struct irsa_arena *arena, int argc, char **argv,
                                                 struct irsa_sandbox_arguments *out_arguments, struct irsa_error *err);

/* What --help prints. Static. */
extern const char irsa_sandbox_help[];

#endif
