/*
 * A sandbox behind real sockets on 127.0.0.1: one origin for AWS, one for control, one with TLS per cluster.
 */
#ifndef IRSA_SANDBOX_SERVER_H
#define IRSA_SANDBOX_SERVER_H

#include "sandbox/sandbox.h"

struct irsa_sandbox_server;

struct irsa_sandbox_server_options {
    bool has_cloud;    /* AWS and the clusters; control is always there */
    bool aws_tls;      /* AWS speaks https too */
    uint16_t aws_port; /* 0: any that is free */
    uint16_t control_port;
};

/* `sandbox` is borrowed until the server is closed; the clusters' endpoints are set. fails CONFIG */
IRSA_MUST_CHECK struct irsa_sandbox_server *irsa_sandbox_server_open(struct irsa_sandbox *sandbox,
                                                                     const struct irsa_sandbox_server_options *options,
                                                                     struct irsa_error *err);
void irsa_sandbox_server_close(struct irsa_sandbox_server *server);

/* Borrowed; AWS is NULL without a cloud. */
const char *irsa_sandbox_server_aws_url(const struct irsa_sandbox_server *server);
const char *irsa_sandbox_server_control_url(const struct irsa_sandbox_server *server);

#endif
