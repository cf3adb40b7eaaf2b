/*
 * What the files of this room share: clients, their settings, errors and records in librdkafka's terms. Private to it.
 */
#ifndef IRSA_KAFKA_CLIENT_H
#define IRSA_KAFKA_CLIENT_H

#include <irsa/event.h>
#include <librdkafka/rdkafka.h>

#include "core/base/error.h"

/* As librdkafka marks the scope of its properties. */
enum irsa_client_role { IRSA_CLIENT_PRODUCER = 'P', IRSA_CLIENT_CONSUMER = 'C' };

/*
 * The layers of a client's settings, lowest first: this room's defaults, the caller's, what people gave, what is fixed.
 * Of what people gave, properties that only clients of the other role have are judged and left out.
 */
struct irsa_client_settings {
    enum irsa_client_role role;
    struct irsa_pairs defaults;
    struct irsa_pairs given;
    struct irsa_pairs fixed; /* giving another value is an error */
    bool is_member;          /* of a group: else the group's names are left out too */
};

/* fails CONFIG */
IRSA_MUST_CHECK rd_kafka_conf_t *irsa_client_conf(const struct irsa_client_settings *settings, struct irsa_error *err);

/* A client that logs through irsa_log. Takes `conf`, also when it fails. fails CONFIG */
IRSA_MUST_CHECK rd_kafka_t *irsa_client_new(enum irsa_client_role role, rd_kafka_conf_t *conf, struct irsa_error *err);

/*
 * Why brokers cannot be reached, in librdkafka's words ("host:port: Connect to … failed: Connection refused …"). It says so
 * beside the call that waits in vain, which only knows that it waited.
 */
struct irsa_client_reason {
    char text[512];
};

/* Note reasons from now on: `reason` becomes the client's opaque, and lives as long as it. */
void irsa_client_watch(rd_kafka_conf_t *conf, struct irsa_client_reason *reason);

/* For clients with an opaque of their own: to be called by their error callback. */
void irsa_client_note(struct irsa_client_reason *reason, rd_kafka_resp_err_t code, const char *text);

/*
 * As irsa_client_fail; what was waited for in vain gets the reason, if one is known. What the broker itself refused has
 * nothing to do with it. Serves the client's callbacks. Always false.
 */
bool irsa_client_explain(rd_kafka_t *rk, const struct irsa_client_reason *reason, rd_kafka_resp_err_t code,
                         struct irsa_error *err);

/* Fill `err` from librdkafka's code; `detail` may be NULL. Always false. */
bool irsa_client_fail(struct irsa_error *err, rd_kafka_resp_err_t code, const char *detail);

/* Take the error of a newer API: fill `err`, destroy it. True when there is none. */
IRSA_MUST_CHECK bool irsa_client_take_error(rd_kafka_error_t *error, struct irsa_error *err);

/*
 * Write 1 to `fd`, an eventfd, when the queue turns from empty to filled. It is written at once too: the client may have put
 * something there already (that a broker cannot be reached), and a queue that is not empty never wakes anybody again.
 */
void irsa_client_wake(rd_kafka_queue_t *queue, int fd);

/* What is left until a monotonic moment, for librdkafka's timeouts: at least 1 ms. */
int irsa_client_remaining_ms(int64_t deadline_ms);

/* Of a topic, which is asked for by its name. fails NOT_FOUND, or with the reason as irsa_client_explain */
IRSA_MUST_CHECK bool irsa_client_count_partitions(rd_kafka_t *rk, const struct irsa_client_reason *reason,
                                                  rd_kafka_topic_t *topic, int timeout_ms, size_t *out_count,
                                                  struct irsa_error *err);

/* Headers of incoming messages, in a buffer that is used again. */
struct irsa_client_headers {
    struct irsa_header *at;
    size_t capacity;
};

/* The record in a message: borrows from the message, and from `headers` until its next use. */
void irsa_client_record(const rd_kafka_message_t *message, struct irsa_client_headers *headers,
                        struct irsa_record *out_record);

#endif
