/*
 * Topics: make them, look at them.
 */
#ifndef IRSA_KAFKA_ADMIN_H
#define IRSA_KAFKA_ADMIN_H

#include "core/base/arena.h"
#include "core/base/error.h"

struct irsa_admin;

/* fails CONFIG */
IRSA_MUST_CHECK struct irsa_admin *irsa_admin_open(struct irsa_pairs kafka, struct irsa_error *err);
void irsa_admin_close(struct irsa_admin *admin);

struct irsa_new_topic {
    const char *name;
    int partitions;
    int replication; /* -1: the broker's default */
    struct irsa_pairs configs;
};

/* One that exists is success with out_created false. fails UNAVAILABLE, TIMEOUT, ACCESS_DENIED, INVALID */
IRSA_MUST_CHECK bool irsa_admin_create_topic(struct irsa_admin *admin, const struct irsa_new_topic *topic,
                                             int timeout_ms, bool *out_created, struct irsa_error *err);

/* The number of partitions. Makes no topic. fails NOT_FOUND (also one that we may not see), UNAVAILABLE, TIMEOUT */
IRSA_MUST_CHECK bool irsa_admin_count_partitions(struct irsa_admin *admin, const char *topic, int timeout_ms,
                                                 int *out_partitions, struct irsa_error *err);

/* The topic's settings that are named in `names`, in the arena; absent ones are NULL. fails as above */
IRSA_MUST_CHECK bool irsa_admin_read_configs(struct irsa_admin *admin, struct irsa_arena *arena, const char *topic,
                                             struct irsa_strings names, int timeout_ms, const char **out_values,
                                             struct irsa_error *err);

#endif
