/*
 * The topics and their settings, one table.
 */
#ifndef IRSA_CONTRACT_TOPICS_H
#define IRSA_CONTRACT_TOPICS_H

#include "core/base/arena.h"

enum irsa_topic {
    IRSA_TOPIC_REQUESTS,
    IRSA_TOPIC_RESULTS,
    IRSA_TOPIC_STATE,
    IRSA_TOPIC_DEAD_LETTERS,
    IRSA_TOPIC_CONTROL,
    IRSA_TOPIC_COUNT,
};

struct irsa_topic_plan {
    const char *suffix;        /* "requests" */
    int partitions;            /* what `topics create` makes by default */
    struct irsa_pairs configs; /* Kafka's topic settings: cleanup.policy, retention.ms, … */
    const char *purpose;
};

extern const struct irsa_topic_plan irsa_topic_plans[IRSA_TOPIC_COUNT];

/* "<prefix>.<suffix>". */
const char *irsa_topic_name(struct irsa_arena *arena, const char *prefix, enum irsa_topic topic);

#define IRSA_DEFAULT_TOPICS_PREFIX "irsa"
#define IRSA_DEFAULT_GROUP         "irsa-workers" /* group.id of the workers */

#endif
