/*
 * The consumer's inside, shared by consumer.c (membership and records) and offsets.c.
 */
#ifndef IRSA_KAFKA_CONSUMER_PRIVATE_H
#define IRSA_KAFKA_CONSUMER_PRIVATE_H

#include "core/kafka/client.h"
#include "core/kafka/consumer.h"

struct irsa_consumer_partition {
    rd_kafka_queue_t *queue; /* NULL: not started */
    int64_t next_offset;     /* behind the last record taken */
};

struct irsa_consumer {
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue; /* everything but records */
    int fd;
    char *topic;
    struct irsa_consumer_events events;
    struct irsa_consumer_partition *partitions; /* by number */
    size_t partition_count;
    rd_kafka_topic_partition_list_t *starting; /* within `assigned` only */
    struct irsa_client_headers headers;
};

#endif
