/*
 * The worker's settings: one table, from flags, the environment and a file.
 */
#ifndef IRSA_WORKER_SETTINGS_H
#define IRSA_WORKER_SETTINGS_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/config/settings.h"

struct irsa_worker_settings {
    const char *guardrails; /* "off" */
    const char *topics_prefix;
    const char *owner;
    const char *role_path;
    const char *protected_policies; /* as given: patterns, separated by commas */
    const char *instance_id;
    bool leave;
    const char *listen; /* "ADDRESS:PORT"; NULL: nowhere */
    const char *log_level;
    const char *log_format;
    int64_t executors;
    int64_t executors_per_cluster;
    int64_t attempt_deadline_ms;
    int64_t drain_ms;
    int64_t max_attempts;
    int64_t max_requests;
    bool until_idle;
    bool supervise;
    struct irsa_strings protected_patterns; /* the same, one by one */
};

extern const struct irsa_setting_table irsa_worker_setting_table;

enum irsa_worker_wish { IRSA_WORKER_RUN, IRSA_WORKER_HELP, IRSA_WORKER_VERSION };

/*
 * Read argv, the environment and the settings file.
 *
 * out_kafka  librdkafka's names and values, group.id among them
 * fails      CONFIG: the message names flag, variable or file and line
 */
IRSA_MUST_CHECK bool irsa_worker_settings_read(struct irsa_arena *arena, int argc, char **argv,
                                               struct irsa_worker_settings *out_settings, struct irsa_pairs *out_kafka,
                                               enum irsa_worker_wish *out_wish, struct irsa_error *err);

/* What --help prints. */
const char *irsa_worker_help(struct irsa_arena *arena);

#endif
