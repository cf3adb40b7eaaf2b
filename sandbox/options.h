/*
 * The command line of irsa-sandbox.
 */
#ifndef IRSA_SANDBOX_OPTIONS_H
#define IRSA_SANDBOX_OPTIONS_H

#include <stdio.h>

#include "core/base/error.h"
#include "sandbox/sandbox.h"

struct irsa_sandbox_command_line {
    struct irsa_sandbox_cluster_options *clusters; /* one at least */
    size_t cluster_count;
    bool has_broker;
    bool has_cloud;
    bool has_tls; /* on the AWS origin too */
    bool wants_help;
    bool wants_version;
    const char *settings_file;
    const char *env_file;
    const char *topics_prefix;
    int partitions; /* of the topic of requests; 0: the default */
    uint16_t aws_port;
    uint16_t control_port;
    const char *log_level;
    char **command; /* NULL-terminated; NULL: none */
};

/* Everything is in the arena or in argv. fails CONFIG */
IRSA_MUST_CHECK bool irsa_sandbox_options_read(struct irsa_arena *arena, int argc, char **argv,
                                               struct irsa_sandbox_command_line *out_options, struct irsa_error *err);

void irsa_sandbox_options_help(FILE *out);

#endif
