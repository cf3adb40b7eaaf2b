/*
 * Settings of our programs: one table row each, from flags, the environment and a file, in that order of weight.
 *
 * The table drives parsing, --help, errors (with file and line) and the reference page. Unknown keys are errors with a
 * nearest match. Everything under `kafka.` is librdkafka's own: -X name=value, IRSA_KAFKA_<NAME>, or the file's `kafka:`.
 */
#ifndef IRSA_CONFIG_SETTINGS_H
#define IRSA_CONFIG_SETTINGS_H

#include "core/base/arena.h"
#include "core/base/error.h"

enum irsa_setting_kind {
    IRSA_SETTING_TEXT,     /* const char * */
    IRSA_SETTING_INTEGER,  /* int64_t within min and max */
    IRSA_SETTING_BOOLEAN,  /* bool */
    IRSA_SETTING_DURATION, /* int64_t, ms, within min and max */
};

struct irsa_setting {
    const char *key;         /* in the file: "topics.prefix" (nested or dotted) */
    const char *environment; /* "IRSA_TOPICS_PREFIX" */
    const char *flag;        /* "--topics-prefix", or NULL */
    enum irsa_setting_kind kind;
    size_t offset; /* in the program's settings struct */
    int64_t min, max;
    const char *fallback;   /* default as text, or NULL */
    const char *value_name; /* for --help: "FILE" */
    const char *prose;
};

struct irsa_setting_table {
    const struct irsa_setting *at;
    size_t count;
};

/* What the command line brought: flags of the table in order, and -X pairs. */
struct irsa_setting_inputs {
    struct irsa_pairs flags; /* flag and value; booleans "true" */
    struct irsa_pairs kafka; /* from -X */
    const char *file;        /* --settings or IRSA_SETTINGS; NULL: none */
    char **environment;      /* environ */
};

/*
 * Fill `out_settings` and the Kafka pairs.
 *
 * fails    CONFIG: unknown key (nearest match), wrong type, out of range; names file and line, variable or flag
 */
IRSA_MUST_CHECK bool irsa_settings_read(const struct irsa_setting_table *table, struct irsa_arena *arena,
                                        const struct irsa_setting_inputs *inputs, void *out_settings,
                                        struct irsa_pairs *out_kafka, struct irsa_error *err);

/* Help text of the table, as for --help: flag, environment name, default, prose. */
const char *irsa_settings_help(const struct irsa_setting_table *table, struct irsa_arena *arena);

#endif
