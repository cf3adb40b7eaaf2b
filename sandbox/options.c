/*
 * Reading the command line.
 */
#include "sandbox/options.h"

#include <getopt.h>
#include <string.h>

#include "core/contract/names.h"
#include "core/contract/topics.h"

#define DEFAULT_CLUSTER "cluster-13"
#define DEFAULT_REGION  "us-west-2"
#define DEFAULT_ACCOUNT "111122223333"

const char irsa_sandbox_help[] =
    "Usage: irsa-sandbox [OPTIONS] [-- COMMAND [ARGUMENT…]]\n"
    "\n"
    "A Kafka broker, AWS (IAM, STS, EKS) and Kubernetes in one process, in memory, on loopback: to try irsa, to develop\n"
    "a producer against it, and to test. With a COMMAND it runs it with the environment that irsactl and irsa-worker need\n"
    "and ends with its status; without one it prints that environment and runs until it is stopped.\n"
    "\n"
    "  --cluster NAME[:REGION[:ACCOUNT]]   a cluster that exists; may be repeated (default " DEFAULT_CLUSTER
    ":" DEFAULT_REGION ":" DEFAULT_ACCOUNT ")\n"
    "  --no-broker             AWS and Kubernetes alone, for use with a real Kafka\n"
    "  --no-cloud              the broker alone, for use with real AWS accounts\n"
    "  --tls                   TLS for AWS too; the clusters always have it\n"
    "  --topics-prefix NAME    prefix of the topics that are made (default " IRSA_DEFAULT_TOPICS_PREFIX ")\n"
    "  --settings FILE         JSON with \"model\", \"world\" and \"faults\" to begin with, as the control interface takes them\n"
    "  --env-file FILE         write the environment to FILE once everything is ready\n"
    "  --help, --version\n"
    "\n"
    "The control interface at IRSA_SANDBOX_URL shows and changes the world, scripts faults and sets latencies, rates and\n"
    "quotas: see docs/sandbox.md.\n";

enum { OPTION_CLUSTER = 256, OPTION_NO_BROKER, OPTION_NO_CLOUD, OPTION_TLS, OPTION_PREFIX, OPTION_SETTINGS,
       OPTION_ENV_FILE, OPTION_HELP, OPTION_VERSION };

static const struct option options[] = {
    {"cluster", required_argument, NULL, OPTION_CLUSTER},   {"no-broker", no_argument, NULL, OPTION_NO_BROKER},
    {"no-cloud", no_argument, NULL, OPTION_NO_CLOUD},       {"tls", no_argument, NULL, OPTION_TLS},
    {"topics-prefix", required_argument, NULL, OPTION_PREFIX}, {"settings", required_argument, NULL, OPTION_SETTINGS},
    {"env-file", required_argument, NULL, OPTION_ENV_FILE}, {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},         {NULL, 0, NULL, 0},
};

/* "NAME[:REGION[:ACCOUNT]]" */
static bool read_cluster(struct irsa_arena *arena, const char *text, struct irsa_sandbox_cluster_options *out,
                         struct irsa_error *err) {
    const char *parts[3] = {NULL, DEFAULT_REGION, DEFAULT_ACCOUNT};
    for (int i = 0; i < 3 && text != NULL; i++) {
        size_t length = strcspn(text, ":");
        parts[i] = irsa_arena_copy_bytes(arena, text, length);
        text = text[length] == ':' ? text + length + 1 : NULL;
    }
    const char *problem = irsa_rule_cluster_name(parts[0]);
    if (problem == NULL)
        problem = irsa_rule_region(parts[1]);
    if (problem == NULL)
        problem = irsa_rule_account_id(parts[2]);
    if (text != NULL || problem != NULL)
        return IRSA_FAIL(err, CONFIG, "--cluster %s:%s:%s: %s", parts[0], parts[1], parts[2],
                         problem != NULL ? problem : "is NAME[:REGION[:ACCOUNT]]");
    *out = (struct irsa_sandbox_cluster_options){.name = parts[0], .region = parts[1], .account_id = parts[2]};
    return true;
}

static bool check_unique(const struct irsa_sandbox_arguments *arguments, struct irsa_error *err) {
    for (size_t i = 1; i < arguments->cluster_count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(arguments->clusters[i].name, arguments->clusters[j].name) == 0 &&
                strcmp(arguments->clusters[i].region, arguments->clusters[j].region) == 0)
                return IRSA_FAIL(err, CONFIG, "--cluster %s:%s is there twice", arguments->clusters[i].name,
                                 arguments->clusters[i].region);
    return true;
}

static bool take(struct irsa_arena *arena, int option, struct irsa_sandbox_arguments *out, struct irsa_error *err) {
    switch (option) {
    case OPTION_CLUSTER:
        return read_cluster(arena, optarg, &out->clusters[out->cluster_count++], err);
    case OPTION_NO_BROKER:
        out->has_broker = false;
        return true;
    case OPTION_NO_CLOUD:
        out->has_cloud = false;
        return true;
    case OPTION_TLS:
        out->has_tls = true;
        return true;
    case OPTION_PREFIX:
        out->topics_prefix = optarg;
        return irsa_rule_topic_prefix(optarg) == NULL ||
               IRSA_FAIL(err, CONFIG, "--topics-prefix %s: %s", optarg, irsa_rule_topic_prefix(optarg));
    case OPTION_SETTINGS:
        out->settings = optarg;
        return true;
    case OPTION_ENV_FILE:
        out->env_file = optarg;
        return true;
    case OPTION_HELP:
        out->wants_help = true;
        return true;
    case OPTION_VERSION:
        out->wants_version = true;
        return true;
    default:
        return IRSA_FAIL(err, CONFIG, "see irsa-sandbox --help"); /* getopt has said what is wrong */
    }
}

bool irsa_sandbox_arguments_read(struct irsa_arena *arena, int argc, char **argv,
                                 struct irsa_sandbox_arguments *out_arguments, struct irsa_error *err) {
    struct irsa_sandbox_arguments arguments = {
        .clusters = IRSA_NEW_ARRAY(arena, struct irsa_sandbox_cluster_options, (size_t)argc + 1),
        .has_broker = true,
        .has_cloud = true,
        .topics_prefix = IRSA_DEFAULT_TOPICS_PREFIX,
    };
    for (int option; (option = getopt_long(argc, argv, "+h", options, NULL)) != -1;)
        if (!take(arena, option == 'h' ? OPTION_HELP : option, &arguments, err))
            return false;
    if (!arguments.has_broker && !arguments.has_cloud)
        return IRSA_FAIL(err, CONFIG, "--no-broker and --no-cloud together leave nothing");
    if (arguments.cluster_count == 0)
        arguments.clusters[arguments.cluster_count++] = (struct irsa_sandbox_cluster_options){
            .name = DEFAULT_CLUSTER, .region = DEFAULT_REGION, .account_id = DEFAULT_ACCOUNT};
    if (optind < argc)
        arguments.command = argv + optind;
    *out_arguments = arguments;
    return check_unique(&arguments, err);
}
