/*
 * One table of flags drives getopt_long and the help text.
 */
#include "sandbox/options.h"

#include <getopt.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/contract/names.h"
#include "core/contract/topics.h"

#define DEFAULT_CLUSTER "cluster-13"
#define DEFAULT_REGION  "us-west-2"
#define DEFAULT_ACCOUNT "111122223333"
#define MAX_CLUSTERS    1024

enum flag {
    FLAG_CLUSTER = 256,
    FLAG_NO_BROKER,
    FLAG_NO_CLOUD,
    FLAG_TLS,
    FLAG_SETTINGS,
    FLAG_ENV_FILE,
    FLAG_TOPICS_PREFIX,
    FLAG_PARTITIONS,
    FLAG_AWS_PORT,
    FLAG_CONTROL_PORT,
    FLAG_LOG_LEVEL,
    FLAG_HELP,
    FLAG_VERSION,
};

static const struct {
    enum flag flag;
    const char *name;
    const char *value; /* NULL: takes none */
    const char *prose;
} flags[] = {
    {FLAG_CLUSTER, "cluster", "NAME[:REGION[:ACCOUNT]]",
     "an EKS cluster, as often as wanted (default: " DEFAULT_CLUSTER ":" DEFAULT_REGION ":" DEFAULT_ACCOUNT ")"},
    {FLAG_NO_BROKER, "no-broker", NULL, "AWS and Kubernetes only, for use with a Kafka of yours"},
    {FLAG_NO_CLOUD, "no-cloud", NULL, "the broker only, for use with a real AWS account"},
    {FLAG_TLS, "tls", NULL, "TLS on the AWS origin too (AWS_CA_BUNDLE says whom to trust)"},
    {FLAG_SETTINGS, "settings", "FILE",
     "JSON: {\"model\": {…}, \"permissions\": {…}, \"world\": {…}, \"faults\": […]}, as the control API takes them"},
    {FLAG_ENV_FILE, "env-file", "FILE", "write the environment there, to be sourced, once it is ready"},
    {FLAG_TOPICS_PREFIX, "topics-prefix", "PREFIX",
     "of the topics that are made (default: " IRSA_DEFAULT_TOPICS_PREFIX ")"},
    {FLAG_PARTITIONS, "partitions", "N", "of the topic of requests (default: as irsactl topics create makes it)"},
    {FLAG_AWS_PORT, "aws-port", "PORT", "of the AWS origin (default: any that is free)"},
    {FLAG_CONTROL_PORT, "control-port", "PORT", "of the control API (default: any that is free)"},
    {FLAG_LOG_LEVEL, "log-level", "LEVEL", "debug, info, warn or error (default: warn)"},
    {FLAG_HELP, "help", NULL, "this text"},
    {FLAG_VERSION, "version", NULL, "the version"},
};

#define FLAG_COUNT (sizeof(flags) / sizeof(flags[0]))

void irsa_sandbox_options_help(FILE *out) {
    fputs("Usage: irsa-sandbox [FLAGS] [-- COMMAND...]\n\n"
          "A local Kafka broker, AWS (IAM, STS, EKS) and the Kubernetes API of each cluster, in one process, in "
          "memory, on\n"
          "127.0.0.1. With a COMMAND it runs it with the environment set and exits with its status; without one it "
          "prints the\n"
          "environment and runs until SIGTERM or SIGINT.\n\nFlags:\n",
          out);
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        char left[64];
        (void)snprintf(left, sizeof(left), "--%s%s%s", flags[i].name, flags[i].value == NULL ? "" : " ",
                       flags[i].value == NULL ? "" : flags[i].value);
        fprintf(out, "  %-34s %s\n", left, flags[i].prose);
    }
    fputs("\nExamples:\n"
          "  irsa-sandbox -- sh -c 'irsa-worker & irsactl create iamserviceaccount -f cluster.yaml --wait'\n"
          "  irsa-sandbox --cluster blue --cluster green:eu-west-1:444455556666 --env-file sandbox.env\n"
          "\nThe control API and what is simulated: docs/sandbox.md\n",
          out);
}

static bool take_field(struct irsa_arena *arena, const char **text, const char **out_field) {
    size_t length = strcspn(*text, ":");
    if (length > 0)
        *out_field = irsa_arena_copy_bytes(arena, *text, length);
    *text += length;
    if (**text != ':')
        return false;
    (*text)++;
    return true;
}

static bool add_cluster(struct irsa_arena *arena, struct irsa_sandbox_command_line *options, const char *text,
                        struct irsa_error *err) {
    struct irsa_sandbox_cluster_options cluster = {.name = "", .region = DEFAULT_REGION, .account_id = DEFAULT_ACCOUNT};
    const char *rest = text;
    bool has_more = take_field(arena, &rest, &cluster.name) && take_field(arena, &rest, &cluster.region) &&
                    take_field(arena, &rest, &cluster.account_id);
    const char *why = irsa_rule_cluster_name(cluster.name);
    if (has_more)
        return IRSA_FAIL(err, CONFIG, "--cluster %s: it is NAME[:REGION[:ACCOUNT]]", text);
    if (why != NULL)
        return IRSA_FAIL(err, CONFIG, "--cluster %s: the name %s", text, why);
    if ((why = irsa_rule_region(cluster.region)) != NULL)
        return IRSA_FAIL(err, CONFIG, "--cluster %s: the region %s", text, why);
    if ((why = irsa_rule_account_id(cluster.account_id)) != NULL)
        return IRSA_FAIL(err, CONFIG, "--cluster %s: the account %s", text, why);
    for (size_t i = 0; i < options->cluster_count; i++)
        if (strcmp(options->clusters[i].name, cluster.name) == 0 &&
            strcmp(options->clusters[i].region, cluster.region) == 0)
            return IRSA_FAIL(err, CONFIG, "--cluster %s: there is one of that name in that region already", text);
    if (options->cluster_count == MAX_CLUSTERS)
        return IRSA_FAIL(err, CONFIG, "more than %d clusters", MAX_CLUSTERS);
    options->clusters[options->cluster_count++] = cluster;
    return true;
}

static bool take_number(const char *name, const char *text, int64_t max, int64_t *out_value, struct irsa_error *err) {
    if (irsa_text_to_integer(text, 1, max, out_value))
        return true;
    return IRSA_FAIL(err, CONFIG, "--%s %s: it must be a number from 1 to %lld", name, text, (long long)max);
}

static bool take_flag(struct irsa_arena *arena, struct irsa_sandbox_command_line *options, int flag, const char *value,
                      struct irsa_error *err) {
    int64_t number = 0;
    switch (flag) {
    case FLAG_CLUSTER:
        return add_cluster(arena, options, value, err);
    case FLAG_NO_BROKER:
        options->has_broker = false;
        return true;
    case FLAG_NO_CLOUD:
        options->has_cloud = false;
        return true;
    case FLAG_TLS:
        options->has_tls = true;
        return true;
    case FLAG_SETTINGS:
        options->settings_file = value;
        return true;
    case FLAG_ENV_FILE:
        options->env_file = value;
        return true;
    case FLAG_TOPICS_PREFIX:
        options->topics_prefix = value;
        if (irsa_rule_topic_prefix(value) != NULL)
            return IRSA_FAIL(err, CONFIG, "--topics-prefix %s: it %s", value, irsa_rule_topic_prefix(value));
        return true;
    case FLAG_PARTITIONS:
        if (!take_number("partitions", value, 1000, &number, err))
            return false;
        options->partitions = (int)number;
        return true;
    case FLAG_AWS_PORT:
        if (!take_number("aws-port", value, 65535, &number, err))
            return false;
        options->aws_port = (uint16_t)number;
        return true;
    case FLAG_CONTROL_PORT:
        if (!take_number("control-port", value, 65535, &number, err))
            return false;
        options->control_port = (uint16_t)number;
        return true;
    case FLAG_LOG_LEVEL:
        options->log_level = value;
        return true;
    case FLAG_HELP:
        options->wants_help = true;
        return true;
    case FLAG_VERSION:
        options->wants_version = true;
        return true;
    default:
        return false;
    }
}

static bool fail_flag(char **argv, int flag, struct irsa_error *err) {
    const char *names[FLAG_COUNT];
    const char *word = optind > 0 && argv[optind - 1] != NULL ? argv[optind - 1] : "";
    if (flag == ':')
        return IRSA_FAIL(err, CONFIG, "%s needs a value", word);
    for (size_t i = 0; i < FLAG_COUNT; i++)
        names[i] = flags[i].name;
    const char *bare = word + strspn(word, "-");
    const char *nearest = irsa_text_nearest(bare, names, FLAG_COUNT);
    return IRSA_FAIL(err, CONFIG, "there is no flag %s%s%s%s", word, nearest == NULL ? "" : "; did you mean --",
                     nearest == NULL ? "" : nearest, nearest == NULL ? "" : "?");
}

static bool check_together(const struct irsa_sandbox_command_line *options, struct irsa_error *err) {
    if (!options->has_broker && !options->has_cloud)
        return IRSA_FAIL(err, CONFIG, "--no-broker and --no-cloud leave nothing to run");
    if (options->has_tls && !options->has_cloud)
        return IRSA_FAIL(err, CONFIG, "--tls is of the AWS origin, which --no-cloud leaves out");
    return true;
}

bool irsa_sandbox_options_read(struct irsa_arena *arena, int argc, char **argv,
                               struct irsa_sandbox_command_line *out_options, struct irsa_error *err) {
    struct option known[FLAG_COUNT + 1] = {{0}};
    for (size_t i = 0; i < FLAG_COUNT; i++)
        known[i] = (struct option){.name = flags[i].name,
                                   .has_arg = flags[i].value == NULL ? no_argument : required_argument,
                                   .val = (int)flags[i].flag};
    struct irsa_sandbox_command_line options = {
        .clusters = IRSA_NEW_ARRAY(arena, struct irsa_sandbox_cluster_options, MAX_CLUSTERS),
        .has_broker = true,
        .has_cloud = true,
        .topics_prefix = IRSA_DEFAULT_TOPICS_PREFIX,
        .log_level = "warn"};
    int flag;
    optind = 1;
    while ((flag = getopt_long(argc, argv, "+:h", known, NULL)) != -1) {
        if (flag == 'h')
            flag = FLAG_HELP;
        if (flag == '?' || flag == ':')
            return fail_flag(argv, flag, err);
        if (!take_flag(arena, &options, flag, optarg, err))
            return false;
    }
    if (optind < argc)
        options.command = argv + optind;
    if (options.cluster_count == 0 && !add_cluster(arena, &options, DEFAULT_CLUSTER, err))
        return false;
    *out_options = options;
    return check_together(&options, err);
}
