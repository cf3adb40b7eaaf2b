/*
 * The sandbox behind real sockets on loopback: one origin for AWS, one for control, one with TLS per cluster.
 */
#ifndef IRSA_SANDBOX_SERVER_H
#define IRSA_SANDBOX_SERVER_H

#include "sandbox/sandbox.h"

struct irsa_sandbox_server;

/* with_tls: AWS speaks TLS too. The clusters' endpoints become those of the sockets. fails CONFIG */
IRSA_MUST_CHECK struct irsa_sandbox_server *irsa_sandbox_server_open(struct irsa_sandbox *sandbox, bool with_tls,
                                                                     struct irsa_error *err);
void irsa_sandbox_server_close(struct irsa_sandbox_server *server);

/* Borrowed: "http://127.0.0.1:4566". */
const char *irsa_sandbox_server_aws_url(const struct irsa_sandbox_server *server);
const char *irsa_sandbox_server_control_url(const struct irsa_sandbox_server *server);

#endif
