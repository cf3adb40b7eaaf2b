/*
 * The sandbox's broker: librdkafka's mock cluster with the topics of one prefix.
 */
#ifndef IRSA_SANDBOX_BROKER_H
#define IRSA_SANDBOX_BROKER_H

#include "core/base/error.h"

struct irsa_json;
struct irsa_sandbox_broker;

/* Opens the broker and makes the five topics. fails CONFIG */
IRSA_MUST_CHECK struct irsa_sandbox_broker *irsa_sandbox_broker_open(const char *topics_prefix, struct irsa_error *err);
void irsa_sandbox_broker_close(struct irsa_sandbox_broker *broker);

/* Borrowed: "127.0.0.1:41234". */
const char *irsa_sandbox_broker_servers(const struct irsa_sandbox_broker *broker);

/*
 * POST /broker: {"down": true | false, "errors": {"api": "Produce", "codes": [19, …]}, "topics": ["prefix", …]}.
 *
 * fails    INVALID
 */
IRSA_MUST_CHECK bool irsa_sandbox_broker_control(struct irsa_sandbox_broker *broker, const struct irsa_json *document,
                                                 struct irsa_error *err);

#endif
