/*
 * The command line: its grammar as tables, and what one command line said by them.
 *
 * One row per command and one per flag. They drive parsing, --help, completion and docs/irsactl.md.
 */
#ifndef IRSA_PRODUCER_ARGUMENTS_H
#define IRSA_PRODUCER_ARGUMENTS_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/config/settings.h"
#include "producer/exit.h"

struct irsa_session;

/* What flags are about. A flag is of some groups, a command takes some groups; help texts are ordered by them. */
enum irsa_flag_group {
    IRSA_GROUP_CLUSTER = 1u << 0,   /* which cluster, in place of a file */
    IRSA_GROUP_ACCOUNT = 1u << 1,   /* which service account, in place of a file */
    IRSA_GROUP_CREATE = 1u << 2,    /* what the role may do, and how, in place of a file */
    IRSA_GROUP_UPDATE = 1u << 3,    /* what to change, in place of a file */
    IRSA_GROUP_DELETE = 1u << 4,    /* which role, in place of a file */
    IRSA_GROUP_ASSOCIATE = 1u << 5, /* eksctl's other name for the cluster */
    IRSA_GROUP_FILE = 1u << 6,
    IRSA_GROUP_FILTER = 1u << 7, /* of a file's service accounts */
    IRSA_GROUP_OVERRIDE = 1u << 8,
    IRSA_GROUP_SEND = 1u << 9,
    IRSA_GROUP_READ = 1u << 10, /* results and waiting for them */
    IRSA_GROUP_FOLLOW = 1u << 11,
    IRSA_GROUP_WAIT = 1u << 12,
    IRSA_GROUP_GET = 1u << 13,
    IRSA_GROUP_CREATE_TOPICS = 1u << 14,
    IRSA_GROUP_OUTPUT = 1u << 15,
    IRSA_GROUP_BROKER = 1u << 16, /* Kafka and the settings */
    IRSA_GROUP_EVERY = 1u << 17,  /* of every command */
    IRSA_GROUP_LAG = 1u << 18,
    IRSA_GROUP_RETRY = 1u << 19, /* which dead letters */
    IRSA_GROUP_CANCEL = 1u << 20,
};

/* What a file says; refused beside -f. */
#define IRSA_GROUPS_IN_PLACE_OF_FILE                                                                                   \
    (IRSA_GROUP_CLUSTER | IRSA_GROUP_ACCOUNT | IRSA_GROUP_CREATE | IRSA_GROUP_UPDATE | IRSA_GROUP_DELETE |             \
     IRSA_GROUP_ASSOCIATE)

struct irsa_group_heading {
    unsigned groups;
    const char *heading;
};

enum irsa_flag_kind {
    IRSA_FLAG_SWITCH,          /* bool; =true and =false are understood */
    IRSA_FLAG_TEXT,            /* const char *; the last one counts */
    IRSA_FLAG_OPTIONAL,        /* const char *; "" without a value, which is only ever given by '=' */
    IRSA_FLAG_CHOICE,          /* int: index in `choices` */
    IRSA_FLAG_OPTIONAL_CHOICE, /* the same; the first without a value, which is only ever given by '=' */
    IRSA_FLAG_LIST,            /* struct irsa_strings; repeated, or separated by commas */
    IRSA_FLAG_GLOBS,           /* the same; commas within braces and brackets belong to the pattern */
    IRSA_FLAG_PAIRS,           /* struct irsa_pairs; KEY=VALUE, repeated, or separated by commas */
    IRSA_FLAG_PAIR,            /* struct irsa_pairs; one KEY=VALUE each time */
    IRSA_FLAG_TEXTS,           /* struct irsa_strings; one each time */
};

struct irsa_flag {
    const char *name; /* "--cluster" */
    char letter;      /* 'c' for "-c"; 0: there is none */
    enum irsa_flag_kind kind;
    unsigned groups;
    size_t offset;              /* in struct irsa_arguments */
    const char *value_name;     /* "NAME", for help texts; NULL for switches and choices */
    const char *pointer;        /* JSON pointer of the place in a request's data that it fills; NULL: none */
    const char *const *choices; /* ended by NULL */
    const char *prose;
};

struct irsa_command {
    const char *words;    /* "create iamserviceaccount" */
    const char *operands; /* "[NAME]"; "" if it takes none */
    unsigned max_operands;
    unsigned groups;
    const char *summary;  /* one line */
    const char *prose;    /* paragraphs for its own help text */
    const char *examples; /* lines */
    enum irsa_exit (*run)(struct irsa_session *session);
};

/* Another spelling of one word of a command. */
struct irsa_alias {
    const char *word;
    const char *stands_for;
};

/* Each table is ended by an empty row. */
struct irsa_grammar {
    const struct irsa_command *commands;
    const struct irsa_alias *aliases;
    const struct irsa_flag *flags; /* at most 64 */
    const struct irsa_group_heading *headings;
    const struct irsa_setting_table *settings; /* their flags go with IRSA_GROUP_BROKER */
};

#define IRSA_FLAGS_MAX    64
#define IRSA_COMMANDS_MAX 64

enum irsa_output_format { IRSA_OUTPUT_TABLE, IRSA_OUTPUT_JSON, IRSA_OUTPUT_JSONL, IRSA_OUTPUT_YAML };
enum irsa_dry_run { IRSA_DRY_RUN_CLIENT, IRSA_DRY_RUN_SERVER };

/* What the command line said. Absent texts are NULL, absent lists empty; texts are borrowed from argv. */
struct irsa_arguments {
    const struct irsa_command *command; /* NULL: none was named (with is_help only) */
    const char *words;                  /* those that were given of a command, as far as they are known */
    uint64_t given;                     /* bit n: flags[n] was given */
    struct irsa_strings operands;

    const char *cluster;
    const char *region;
    const char *profile;
    const char *account_id;
    const char *name;
    const char *namespace_name;
    struct irsa_strings attach_policy_arns;
    const char *attach_role_arn;
    const char *role_name;
    struct irsa_pairs tags;
    const char *subject_pattern;

    struct irsa_strings files;
    struct irsa_strings include;
    struct irsa_strings exclude;

    const char *wait;
    const char *batch;
    const char *since;
    struct irsa_strings outcomes;
    const char *timeout;

    const char *partitions;
    const char *replication_factor;

    const char *group;

    const char *sender;

    struct irsa_strings codes;
    struct irsa_strings keys;

    struct irsa_pairs kafka;
    const char *settings_file;
    struct irsa_pairs settings;

    int dry_run; /* enum irsa_dry_run */
    int output;  /* enum irsa_output_format */
    bool is_help;
    bool role_only;
    bool with_oidc;
    bool override_existing;
    bool approve;
    bool follow;
    bool is_dry_run; /* of a command that has one kind only */
    bool force;
};

/*
 * Read a command line. A flag may stand anywhere, also before the command's words; "--" ends the flags.
 *
 * arena        owns the lists
 * out          filled as far as it was read when it fails, so that the caller can point at the right help text
 * fails        INVALID: for people, in one line, with the nearest match where there is one
 */
IRSA_MUST_CHECK bool irsa_arguments_parse(const struct irsa_grammar *grammar, struct irsa_arena *arena, int argc,
                                          char *const *argv, struct irsa_arguments *out, struct irsa_error *err);

/* Was this flag given? `name` as in the table. */
bool irsa_arguments_has(const struct irsa_grammar *grammar, const struct irsa_arguments *arguments, const char *name);

/* The first given flag of these groups, or NULL. */
const struct irsa_flag *irsa_arguments_first_of(const struct irsa_grammar *grammar,
                                                const struct irsa_arguments *arguments, unsigned groups);

#endif
