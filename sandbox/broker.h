/*
 * The sandbox's broker: librdkafka's mock cluster and our topics on it.
 */
#ifndef IRSA_SANDBOX_BROKER_H
#define IRSA_SANDBOX_BROKER_H

#include "core/base/error.h"

struct irsa_json;

struct irsa_sandbox_broker;

/*
 * There is no way to close it: librdkafka takes up to a second to take its mock apart, and the process is at its end.
 *
 * partitions  of the topic of requests; 0: what `irsactl topics create` makes by default
 *
 * fails    CONFIG
 */
IRSA_MUST_CHECK struct irsa_sandbox_broker *irsa_sandbox_broker_open(const char *topics_prefix, int partitions,
                                                                     struct irsa_error *err);

/* Borrowed: "127.0.0.1:41234". */
const char *irsa_sandbox_broker_bootstrap_servers(const struct irsa_sandbox_broker *broker);

/*
 * POST /broker: {"down": true|false, "topics": ["prefix", …], "errors": {"api": "Produce", "codes": [7, 7]}}, each
 * optional. Of each prefix our five topics are made.
 *
 * fails    INVALID
 */
IRSA_MUST_CHECK bool irsa_sandbox_broker_change(struct irsa_sandbox_broker *broker, const struct irsa_json *document,
                                                struct irsa_error *err);

#endif
