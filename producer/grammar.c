/*
 * The commands of irsactl: eksctl's words, so that habits carry over.
 */
#include "producer/grammar.h"

#include "producer/commands.h"
#include "producer/flags.h"
#include "producer/settings.h"

#define GROUP(name) IRSA_GROUP_##name
/* Those that enqueue, by flags or by a file. */
#define ENQUEUES    (GROUP(CLUSTER) | GROUP(FILE) | GROUP(SEND) | GROUP(OUTPUT) | GROUP(BROKER))

static const struct irsa_command commands[] = {
    {.words = "create iamserviceaccount",
     .operands = "[NAME]",
     .max_operands = 1,
     .groups = ENQUEUES | GROUP(ACCOUNT) | GROUP(CREATE) | GROUP(FILTER) | GROUP(OVERRIDE),
     .summary = "Give pods AWS permissions: an IAM role and the Kubernetes service account that may use it",
     .prose =
         "Enqueues one request per service account, from flags or from ClusterConfig files. Everything is checked "
         "before\n"
         "anything is sent. A request can be repeated at any time: what is as it should be stays unchanged, what has\n"
         "drifted is mended. A file needs iam.withOIDC: true, so that the cluster's OIDC provider is made when "
         "missing.",
     .examples = "irsactl create iamserviceaccount s3-reader --namespace backend-apps --cluster cluster-13 \\\n"
                 "    --region us-west-2 --attach-policy-arn arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess --wait\n"
                 "irsactl create iamserviceaccount -f clusters/ --include 'backend-apps/*' --wait=20m\n"
                 "generate-config | irsactl create iamserviceaccount -f - --dry-run=client",
     .run = irsa_run_create},
    {.words = "update iamserviceaccount",
     .operands = "[NAME]",
     .max_operands = 1,
     .groups = ENQUEUES | GROUP(ACCOUNT) | GROUP(UPDATE) | GROUP(FILTER) | GROUP(OVERRIDE),
     .summary = "Change roles in place: only the fields that are given, and the role keeps its id",
     .prose = "A role that is not there is an error (not_found); create makes it.",
     .examples = "irsactl update iamserviceaccount s3-reader --namespace backend-apps --cluster cluster-13 \\\n"
                 "    --region us-west-2 --attach-policy-arn arn:aws:iam::aws:policy/AmazonS3FullAccess\n"
                 "irsactl update iamserviceaccount -f cluster-13.yaml",
     .run = irsa_run_update},
    {.words = "delete iamserviceaccount",
     .operands = "[NAME]",
     .max_operands = 1,
     .groups = ENQUEUES | GROUP(ACCOUNT) | GROUP(DELETE) | GROUP(FILTER),
     .summary = "Remove service accounts and their roles",
     .prose = "By flags it acts at once; with a file it shows what it would delete until --approve is given. What irsa "
              "did not\n"
              "make is never deleted, and namespaces stay. What is already gone is unchanged, not an error.",
     .examples =
         "irsactl delete iamserviceaccount s3-reader --namespace backend-apps --cluster cluster-13 --region us-west-2\n"
         "irsactl delete iamserviceaccount -f cluster-13.yaml --include 'backend-apps/*' --approve --wait",
     .run = irsa_run_delete},
    {.words = "get iamserviceaccount",
     .operands = "[NAME]",
     .max_operands = 1,
     .groups = GROUP(GET) | GROUP(OUTPUT) | GROUP(BROKER),
     .summary = "Show the latest known state of every service account, as the state topic has it",
     .prose = "",
     .examples = "irsactl get iamserviceaccount --cluster cluster-13\n"
                 "irsactl get iamserviceaccount -o jsonl",
     .run = irsa_run_get},
    {.words = "utils associate-iam-oidc-provider",
     .operands = "[CLUSTER]",
     .max_operands = 1,
     .groups = ENQUEUES | GROUP(ASSOCIATE),
     .summary = "Make the OIDC provider of clusters in IAM, which roles for service accounts need",
     .prose = "",
     .examples = "irsactl utils associate-iam-oidc-provider --cluster cluster-13 --region us-west-2 --wait\n"
                 "irsactl utils associate-iam-oidc-provider -f clusters/",
     .run = irsa_run_associate},
    {.words = "results",
     .operands = "",
     .groups = GROUP(READ) | GROUP(FOLLOW) | GROUP(OUTPUT) | GROUP(BROKER),
     .summary = "Show the outcomes of requests, the ones that there are or, with --follow, those that come too",
     .prose = "",
     .examples = "irsactl results --since 1h --outcome failed,denied\n"
                 "irsactl results --follow -o jsonl",
     .run = irsa_run_results},
    {.words = "wait",
     .operands = "ID...",
     .max_operands = 100000,
     .groups = GROUP(READ) | GROUP(WAIT) | GROUP(OUTPUT) | GROUP(BROKER),
     .summary = "Wait for the outcome of requests that were enqueued before, by their ids or as a batch",
     .prose = "",
     .examples = "irsactl wait --batch nightly-2026-11-24\n"
                 "irsactl wait 0193a6c4-5d6e-7f80-9a1b-2c3d4e5f6071 --timeout 30m",
     .run = irsa_run_wait},
    {.words = "retry",
     .operands = "[ID...]",
     .max_operands = 100000,
     .groups = GROUP(READ) | GROUP(RETRY) | GROUP(OUTPUT) | GROUP(BROKER),
     .summary = "Enqueue dead letters again, once what made them fail is mended",
     .prose = "They keep their ids, keys, headers and bytes; irsa_replays counts how often. Left out is what a later "
              "request for the\n"
              "same service account has overtaken, what has succeeded since, what cannot be read, and what is there in "
              "part only.",
     .examples = "irsactl retry --code access_denied,quota --since 2h --dry-run\n"
                 "irsactl retry --batch nightly-2026-11-24\n"
                 "irsactl retry --key 'us-west-2/cluster-13/*'",
     .run = irsa_run_retry},
    {.words = "cancel",
     .operands = "[ID...]",
     .max_operands = 10000,
     .groups = GROUP(CANCEL) | GROUP(OUTPUT) | GROUP(BROKER),
     .summary = "Have requests end as cancelled that no worker has begun yet, or that wait to be tried again",
     .prose =
         "Ids are those of requests of the setting source. What runs goes on, and what is enqueued later under the "
         "same id or as\n"
         "the same batch is not meant. Workers remember it for a day. Who may write to the control topic may cancel.",
     .examples = "irsactl cancel --batch nightly-2026-11-24\n"
                 "irsactl cancel 0193a6c4-5d6e-7f80-9a1b-2c3d4e5f6071\n"
                 "irsactl cancel irsa.requests-3-4711 --source urn:irsa:kafka:irsa.requests",
     .run = irsa_run_cancel},
    {.words = "lag",
     .operands = "",
     .groups = GROUP(LAG) | GROUP(OUTPUT) | GROUP(BROKER),
     .summary = "Show how far the workers have come: what is left of each partition, and since when it waits",
     .prose = "LEFT counts the offsets that are not settled; what is settled behind an unsettled one is SETTLED AHEAD. "
              "Workers\n"
              "commit a moment after they settle, and gaps that nobody has read yet are counted.",
     .examples = "irsactl lag\n"
                 "irsactl lag -o json | jq 'map(.left) | add'",
     .run = irsa_run_lag},
    {.words = "validate",
     .operands = "",
     .groups = GROUP(FILE) | GROUP(FILTER) | GROUP(OUTPUT),
     .summary = "Check ClusterConfig files by every rule that can be checked without AWS, and send nothing",
     .prose =
         "The first problem of every service account and document is told, of one file at most 20. With -o json, jsonl "
         "or yaml\n"
         "the data are the problems.",
     .examples = "irsactl validate -f clusters/",
     .run = irsa_run_validate},
    {.words = "topics create",
     .operands = "",
     .groups = GROUP(CREATE_TOPICS) | GROUP(OUTPUT) | GROUP(BROKER),
     .summary = "Make the topics with the settings that irsa needs; those that exist stay as they are",
     .prose = "",
     .examples = "irsactl topics create --partitions 48 --replication-factor 3",
     .run = irsa_run_topics_create},
    {.words = "topics check",
     .operands = "",
     .groups = GROUP(OUTPUT) | GROUP(BROKER),
     .summary = "Compare the topics and their settings with what irsa needs",
     .prose = "",
     .examples = "irsactl topics check",
     .run = irsa_run_topics_check},
    {.words = "schema",
     .operands = "[NAME]",
     .max_operands = 1,
     .groups = 0,
     .summary = "Print the contract on the wire: JSON Schemas and AsyncAPI; without a name, which there are",
     .prose = "",
     .examples = "irsactl schema request.v1 > request.schema.json",
     .run = irsa_run_schema},
    {.words = "completion bash",
     .operands = "",
     .groups = 0,
     .summary = "Print a script that completes irsactl's commands and flags in bash",
     .prose = "",
     .examples = "source <(irsactl completion bash)",
     .run = irsa_run_completion},
    {.words = "version",
     .operands = "",
     .groups = 0,
     .summary = "Print the versions of irsactl and of librdkafka",
     .prose = "",
     .examples = "irsactl version",
     .run = irsa_run_version},
    {.words = "help",
     .operands = "[COMMAND...]",
     .max_operands = 4,
     .groups = 0,
     .summary = "Show what a command does and which flags it takes",
     .prose = "",
     .examples = "irsactl help create iamserviceaccount",
     .run = irsa_run_help},
    {0},
};

static const struct irsa_alias aliases[] = {
    {"iamserviceaccounts", "iamserviceaccount"},
    {0},
};

const struct irsa_grammar irsa_ctl_grammar = {
    .commands = commands,
    .aliases = aliases,
    .flags = irsa_ctl_flags,
    .headings = irsa_ctl_headings,
    .settings = &irsa_ctl_settings_table,
};
