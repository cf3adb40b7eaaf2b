/*
 * The topics and their settings. The replication factor is left to the broker's default.
 */
#include "core/contract/topics.h"

#define PAIRS(pairs)                                                                                                   \
    { pairs, sizeof(pairs) / sizeof(pairs)[0] }

#define WEEK_MS        "604800000"
#define LARGEST_RECORD "16777216" /* the worker's message.max.bytes: a dead letter goes through as it came */

static const struct irsa_pair requests[] = {
    {"cleanup.policy", "delete"},
    {"retention.ms", WEEK_MS}, /* no longer than the offsets of a group that is not running are kept */
};
static const struct irsa_pair results[] = {
    {"cleanup.policy", "delete"}, {"retention.ms", "7776000000"}, /* 90 days */
};
static const struct irsa_pair state[] = {
    {"cleanup.policy", "compact"},
    {"delete.retention.ms", WEEK_MS}, /* how long a reader may take to see that something is gone */
};
static const struct irsa_pair dead_letters[] = {
    {"cleanup.policy", "delete"},
    {"retention.ms", "2592000000"}, /* 30 days */
    {"max.message.bytes", LARGEST_RECORD},
};
static const struct irsa_pair control[] = {
    {"cleanup.policy", "delete"}, {"retention.ms", "86400000"}, /* a day */
};

const struct irsa_topic_plan irsa_topic_plans[IRSA_TOPIC_COUNT] = {
    [IRSA_TOPIC_REQUESTS] = {"requests", 24, PAIRS(requests), "what is to be done"},
    [IRSA_TOPIC_RESULTS] = {"results", 24, PAIRS(results), "every outcome, append-only: the audit stream"},
    [IRSA_TOPIC_STATE] = {"state", 24, PAIRS(state), "compacted: the latest truth per service account"},
    [IRSA_TOPIC_DEAD_LETTERS] = {"dead-letters", 24, PAIRS(dead_letters), "what could not be done, for replay"},
    [IRSA_TOPIC_CONTROL] = {"control", 1, PAIRS(control), "a word to all workers"},
};

const char *irsa_topic_name(struct irsa_arena *arena, const char *prefix, enum irsa_topic topic) {
    return irsa_arena_format(arena, "%s.%s", prefix, irsa_topic_plans[topic].suffix);
}
