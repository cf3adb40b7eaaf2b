/*
 * The table of the worker's settings, and the reading of its command line.
 */
#include "worker/settings.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/glob.h"
#include "core/base/text.h"
#include "core/contract/names.h"
#include "core/contract/topics.h"
#include "core/kafka/settings.h"

extern char **environ;

#define AT(member)    offsetof(struct irsa_worker_settings, member)
#define MAX_PROTECTED 64

/* clang-format off */
static const struct irsa_setting ROWS[] = {
    {"guardrails", "IRSA_GUARDRAILS", "--guardrails", IRSA_SETTING_TEXT, AT(guardrails), 0, 0, NULL, "off",
     "who may ask for what; `off` does everything that it is asked to and is for clusters where all who can write to the "
     "request topic are trusted with IAM. There is no default: the worker does not start without it"},
    {"topics.prefix", "IRSA_TOPICS_PREFIX", "--topics-prefix", IRSA_SETTING_TEXT, AT(topics_prefix), 0, 0,
     IRSA_DEFAULT_TOPICS_PREFIX, "NAME", "prefix of the five topics; one group of workers per prefix"},
    {"executors", "IRSA_EXECUTORS", "--executors", IRSA_SETTING_INTEGER, AT(executors), 1, 1024, "64", "N",
     "requests that are worked on at the same time"},
    {"executors.per_cluster", "IRSA_EXECUTORS_PER_CLUSTER", "--executors-per-cluster", IRSA_SETTING_INTEGER,
     AT(executors_per_cluster), 1, 1024, "8", "N", "of them, at most so many for one cluster"},
    {"attempt.deadline", "IRSA_ATTEMPT_DEADLINE", "--attempt-deadline", IRSA_SETTING_DURATION, AT(attempt_deadline_ms),
     1000, 3600000, "120s", "DURATION", "how long one attempt at a request may take"},
    {"attempts", "IRSA_ATTEMPTS", "--attempts", IRSA_SETTING_INTEGER, AT(max_attempts), 1, 100, "5", "N",
     "attempts at a request before it becomes a dead letter"},
    {"drain", "IRSA_DRAIN", "--drain", IRSA_SETTING_DURATION, AT(drain_ms), 0, 3600000, "45s", "DURATION",
     "after SIGTERM, how long requests that run may take to finish"},
    {"owner", "IRSA_OWNER", "--owner", IRSA_SETTING_TEXT, AT(owner), 0, 0, "irsa", "NAME",
     "value of the role tag irsa.dev/owner: tells one installation's roles from another's"},
    {"role_path", "IRSA_ROLE_PATH", "--role-path", IRSA_SETTING_TEXT, AT(role_path), 0, 0, "/irsa/{region}/{cluster}/",
     "PATH", "IAM path of the roles; {region} and {cluster} are filled in"},
    {"policies.protected", "IRSA_POLICIES_PROTECTED", "--policies-protected", IRSA_SETTING_TEXT, AT(protected_policies),
     0, 0, "AWSCompromisedKeyQuarantine*,AWSDenyAll", "PATTERNS",
     "names of policies that are never removed from a role, separated by commas"},
    {"max_requests", "IRSA_MAX_REQUESTS", "--max-requests", IRSA_SETTING_INTEGER, AT(max_requests), 0, INT64_MAX, "0",
     "N", "end after so many settled requests; 0: never"},
    {"until_idle", "IRSA_UNTIL_IDLE", "--until-idle", IRSA_SETTING_BOOLEAN, AT(until_idle), 0, 0, "false", NULL,
     "end when every request that is there has been settled"},
    {"instance_id", "IRSA_INSTANCE_ID", "--instance-id", IRSA_SETTING_TEXT, AT(instance_id), 0, 0, NULL, "ID",
     "name of this worker in results and logs, and its static membership of the group (KIP-345): it keeps its "
     "partitions when it ends, for the time of a session"},
    {"leave", "IRSA_LEAVE", "--leave", IRSA_SETTING_BOOLEAN, AT(leave), 0, 0, "false", NULL,
     "with an instance id, give the membership up at the end, so that others have the partitions at once"},
    {"listen", "IRSA_LISTEN", "--listen", IRSA_SETTING_TEXT, AT(listen), 0, 0, NULL, "ADDRESS:PORT",
     "serve /healthz, /readyz and /metrics there, without TLS; port 0: any that is free. Without it nothing listens"},
    {"supervise", "IRSA_SUPERVISE", "--supervise", IRSA_SETTING_BOOLEAN, AT(supervise), 0, 0, "true", NULL,
     "a small parent starts the worker anew when it has crashed, and a request that it crashed with three times becomes a "
     "dead letter; --supervise=false: one process, which ends with the crash"},
    {"log.level", "IRSA_LOG_LEVEL", "--log-level", IRSA_SETTING_TEXT, AT(log_level), 0, 0, "info", "LEVEL",
     "debug, info, warn or error"},
    {"log.format", "IRSA_LOG_FORMAT", "--log-format", IRSA_SETTING_TEXT, AT(log_format), 0, 0, "auto", "FORMAT",
     "logfmt, json, or auto: logfmt on a terminal, JSON otherwise"},
};
/* clang-format on */

const struct irsa_setting_table irsa_worker_setting_table = {.at = ROWS, .count = sizeof ROWS / sizeof *ROWS};

/* --- the command line ------------------------------------------------------------------------------------------------ */

struct reading {
    struct irsa_arena *arena;
    struct irsa_pair *flags, *kafka;
    struct irsa_setting_inputs inputs;
    enum irsa_worker_wish wish;
};

static const struct irsa_setting *find_flag(const char *name, size_t length) {
    for (size_t i = 0; i < irsa_worker_setting_table.count; i++)
        if (strlen(ROWS[i].flag) == length && strncmp(ROWS[i].flag, name, length) == 0)
            return &ROWS[i];
    return NULL;
}

static bool refuse_flag(const char *argument, struct irsa_error *err) {
    const char *names[sizeof ROWS / sizeof *ROWS];
    for (size_t i = 0; i < irsa_worker_setting_table.count; i++)
        names[i] = ROWS[i].flag;
    const char *nearest = irsa_text_nearest(argument, names, irsa_worker_setting_table.count);
    return nearest == NULL ? IRSA_FAIL(err, CONFIG, "unknown argument %s: see irsa-worker --help", argument)
                           : IRSA_FAIL(err, CONFIG, "unknown argument %s: did you mean %s?", argument, nearest);
}

static bool take_kafka(struct reading *reading, const char *pair, struct irsa_error *err) {
    const char *equals = strchr(pair, '=');
    if (equals == NULL || equals == pair)
        return IRSA_FAIL(err, CONFIG, "-X %s: write -X name=value, as -X bootstrap.servers=localhost:9092", pair);
    reading->kafka[reading->inputs.kafka.count++] =
        (struct irsa_pair){irsa_arena_copy_bytes(reading->arena, pair, (size_t)(equals - pair)), equals + 1};
    return true;
}

/* The value of an argument: behind '=', or the next argument, which `index` then passes over. */
static const char *value_of(int argc, char **argv, int *index) {
    const char *equals = strchr(argv[*index], '=');
    if (equals != NULL)
        return equals + 1;
    return *index + 1 < argc ? argv[++*index] : NULL;
}

static bool take_setting(struct reading *reading, int argc, char **argv, int *index, struct irsa_error *err) {
    const char *argument = argv[*index];
    const struct irsa_setting *row = find_flag(argument, strcspn(argument, "="));
    if (row == NULL)
        return refuse_flag(argument, err);
    const char *value =
        row->kind == IRSA_SETTING_BOOLEAN && strchr(argument, '=') == NULL ? "true" : value_of(argc, argv, index);
    if (value == NULL)
        return IRSA_FAIL(err, CONFIG, "%s needs a value: %s %s", row->flag, row->flag, row->value_name);
    reading->flags[reading->inputs.flags.count++] = (struct irsa_pair){row->flag, value};
    return true;
}

static bool take(struct reading *reading, int argc, char **argv, int *index, struct irsa_error *err) {
    const char *argument = argv[*index];
    if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0) {
        reading->wish = IRSA_WORKER_HELP;
        return true;
    }
    if (strcmp(argument, "--version") == 0) {
        reading->wish = IRSA_WORKER_VERSION;
        return true;
    }
    if (strncmp(argument, "-X", 2) == 0) {
        const char *pair = argument[2] != '\0' ? argument + 2 : *index + 1 < argc ? argv[++*index] : "";
        return take_kafka(reading, pair, err);
    }
    if (strncmp(argument, "--settings", strlen("--settings")) == 0 && strchr("=", argument[10]) != NULL) {
        reading->inputs.file = value_of(argc, argv, index);
        return reading->inputs.file != NULL || IRSA_FAIL(err, CONFIG, "--settings needs a value: --settings FILE");
    }
    return take_setting(reading, argc, argv, index, err);
}

/* The group is ours unless the user names another; a static member's name goes to librdkafka as well. */
static struct irsa_pairs complete_kafka(struct irsa_arena *arena, struct irsa_pairs given,
                                        const struct irsa_worker_settings *settings) {
    struct irsa_pair *at = IRSA_NEW_ARRAY(arena, struct irsa_pair, given.count + 2);
    struct irsa_pairs all = {.at = at};
    if (irsa_kafka_setting(given, "group.id") == NULL)
        at[all.count++] = (struct irsa_pair){"group.id", IRSA_DEFAULT_GROUP};
    if (settings->instance_id != NULL)
        at[all.count++] = (struct irsa_pair){"group.instance.id", settings->instance_id};
    for (size_t i = 0; i < given.count; i++)
        at[all.count++] = given.at[i];
    return all;
}

/* A pattern that was cut off would be a policy that is not protected: all of them are taken, or none. */
static bool read_protected(struct irsa_arena *arena, struct irsa_worker_settings *settings, struct irsa_error *err) {
    const char **at = IRSA_NEW_ARRAY(arena, const char *, MAX_PROTECTED);
    size_t count = 0;
    for (const char *from = settings->protected_policies; *from != '\0';) {
        from += strspn(from, ", ");
        size_t length = strcspn(from, ", ");
        if (length == 0)
            break;
        if (count == MAX_PROTECTED)
            return IRSA_FAIL(err, CONFIG, "policies.protected: there may be at most %d patterns", MAX_PROTECTED);
        at[count] = irsa_arena_copy_bytes(arena, from, length);
        if (!irsa_glob_check(at[count++], err)) {
            err->code = IRSA_CODE_CONFIG;
            return irsa_error_wrap(err, "policies.protected");
        }
        from += length;
    }
    settings->protected_patterns = (struct irsa_strings){at, count};
    return true;
}

static bool check_prefix(const struct irsa_worker_settings *settings, struct irsa_error *err) {
    const char *problem = irsa_rule_topic_prefix(settings->topics_prefix);
    return problem == NULL || IRSA_FAIL(err, CONFIG, "topics.prefix: \"%s\" %s", settings->topics_prefix, problem);
}

/* What IAM would refuse of every role, with every request that comes, is refused once. */
static bool check_role_settings(const struct irsa_worker_settings *settings, struct irsa_error *err) {
    const char *path = settings->role_path;
    const char *problem = irsa_rule_tag_value(settings->owner);
    size_t length = strlen(path);
    if (problem != NULL)
        return IRSA_FAIL(err, CONFIG, "owner: \"%s\" %s", settings->owner, problem);
    for (const char *c = path; *c != '\0'; c++)
        if (*c <= ' ' || *c > '~')
            length = 0;
    return (length > 0 && path[0] == '/' && path[length - 1] == '/') ||
           IRSA_FAIL(err, CONFIG,
                     "role_path: \"%s\" must begin and end with / and have printable ASCII characters without spaces "
                     "between, such as /irsa/{region}/{cluster}/",
                     path);
}

bool irsa_worker_settings_read(struct irsa_arena *arena, int argc, char **argv,
                               struct irsa_worker_settings *out_settings, struct irsa_pairs *out_kafka,
                               enum irsa_worker_wish *out_wish, struct irsa_error *err) {
    struct reading reading = {.arena = arena,
                              .flags = IRSA_NEW_ARRAY(arena, struct irsa_pair, (size_t)argc),
                              .kafka = IRSA_NEW_ARRAY(arena, struct irsa_pair, (size_t)argc)};
    reading.inputs = (struct irsa_setting_inputs){.flags = {.at = reading.flags},
                                                  .kafka = {.at = reading.kafka},
                                                  .file = getenv("IRSA_SETTINGS"),
                                                  .environment = environ};
    for (int i = 1; i < argc; i++)
        if (!take(&reading, argc, argv, &i, err))
            return false;
    *out_wish = reading.wish;
    if (reading.wish != IRSA_WORKER_RUN)
        return true;
    struct irsa_pairs kafka;
    if (!irsa_settings_read(&irsa_worker_setting_table, arena, &reading.inputs, out_settings, &kafka, err) ||
        !check_prefix(out_settings, err) || !check_role_settings(out_settings, err) ||
        !read_protected(arena, out_settings, err))
        return false;
    *out_kafka = complete_kafka(arena, kafka, out_settings);
    return true;
}

const char *irsa_worker_help(struct irsa_arena *arena) {
    return irsa_arena_format(
        arena,
        "Usage: irsa-worker --guardrails off [-X bootstrap.servers=HOST:PORT] [SETTINGS]\n"
        "\n"
        "Takes iamserviceaccount requests from Kafka, makes the IAM roles and the annotated Kubernetes service "
        "accounts,\n"
        "and publishes every outcome. SIGTERM drains it; a second SIGTERM abandons what runs, which is safe. It runs "
        "as a small\n"
        "supervisor and a process that works, which is started anew when it crashes.\n"
        "\n"
        "Settings (flag, then environment, then the file of --settings FILE or IRSA_SETTINGS, in this order of "
        "weight):\n"
        "%s"
        "\n"
        "  -X NAME=VALUE              any setting of librdkafka; IRSA_KAFKA_<NAME> in the environment, `kafka:` in the "
        "file\n"
        "\n"
        "AWS: AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, "
        "AWS_ENDPOINT_URL[_IAM|_STS|_EKS],\n"
        "AWS_CA_BUNDLE, as in the SDKs.\n",
        irsa_settings_help(&irsa_worker_setting_table, arena));
}
