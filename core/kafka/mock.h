/*
 * librdkafka's mock cluster: the sandbox's broker. In memory, loopback, plaintext; serves other processes too.
 */
#ifndef IRSA_KAFKA_MOCK_H
#define IRSA_KAFKA_MOCK_H

#include "core/base/error.h"

struct irsa_mock;

/* fails CONFIG */
IRSA_MUST_CHECK struct irsa_mock *irsa_mock_open(struct irsa_error *err);
void irsa_mock_close(struct irsa_mock *mock);

/* Borrowed: "127.0.0.1:41234". */
const char *irsa_mock_bootstrap_servers(const struct irsa_mock *mock);

IRSA_MUST_CHECK bool irsa_mock_create_topic(struct irsa_mock *mock, const char *topic, int partitions,
                                            struct irsa_error *err);

/* Fail the next requests of a kind ("Produce", "OffsetCommit", …) with Kafka's error code, one per entry. fails INVALID */
IRSA_MUST_CHECK bool irsa_mock_push_errors(struct irsa_mock *mock, const char *api, const int *codes, size_t count,
                                           struct irsa_error *err);

/* Answer the next request of a kind so much later; its connection hears nothing else meanwhile. fails INVALID */
IRSA_MUST_CHECK bool irsa_mock_delay_one(struct irsa_mock *mock, const char *api, int delay_ms, struct irsa_error *err);

/* Forget the errors that are left. An unknown kind has none. */
void irsa_mock_clear_errors(struct irsa_mock *mock, const char *api);

/* Take the broker away, bring it back. */
void irsa_mock_set_down(struct irsa_mock *mock, bool is_down);

#endif
