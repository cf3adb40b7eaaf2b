/*
 * validate: every rule that needs no AWS, for people, editors and CI.
 */
#include <stdio.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/contract/topics.h"
#include "producer/commands.h"
#include "producer/load.h"
#include "producer/output.h"
#include "producer/table.h"
#include "producer/terminal.h"

#define PROBLEM_MAX_BYTES 8192

/* The file comes last, so that rows can be printed as they come. */
static const char *const headings[] = {"SERVICE ACCOUNTS", "CLUSTER", "FILE", NULL};
static const char *const widths[] = {"", "us-gov-west-1/cluster-13", "a file"};

struct report {
    bool is_table;
    bool has_headings;
    struct irsa_table table;
    struct irsa_output output;
};

static void on_document(void *self, const struct irsa_cluster_config *config, size_t count) {
    struct report *report = self;
    char accounts[24], cluster[256];
    if (!report->is_table)
        return;
    if (!report->has_headings)
        irsa_table_print_headings(&report->table);
    report->has_headings = true;
    snprintf(accounts, sizeof accounts, "%zu", count);
    snprintf(cluster, sizeof cluster, "%s/%s", config->cluster.region, config->cluster.name);
    const char *cells[] = {accounts, cluster, config->path};
    irsa_table_print(&report->table, cells, IRSA_COLOUR_NONE);
}

/* For programs, the problems are the data. */
static void on_problem(void *self, const struct irsa_problem *problem) {
    struct report *report = self;
    char room[PROBLEM_MAX_BYTES];
    struct irsa_text text;
    struct irsa_json_writer w;
    irsa_text_init_fixed(&text, room, sizeof room);
    irsa_json_begin(&w, &text);
    irsa_json_open_object(&w, NULL);
    irsa_json_add_text(&w, "file", problem->path);
    if (problem->line > 0)
        irsa_json_add_integer(&w, "line", problem->line);
    if (problem->column > 0)
        irsa_json_add_integer(&w, "column", problem->column);
    irsa_json_add_text(&w, "code", problem->code);
    irsa_json_add_text(&w, "message", problem->message);
    irsa_json_close_object(&w);
    irsa_output_add(&report->output, text.at, text.length);
}

static void begin(struct report *report, enum irsa_output_format format) {
    report->is_table = format == IRSA_OUTPUT_TABLE;
    if (!report->is_table) {
        irsa_output_begin(&report->output, format, stdout);
        return;
    }
    irsa_table_init(&report->table, headings, stdout);
    irsa_table_measure(&report->table, widths);
}

enum irsa_exit irsa_run_validate(struct irsa_session *session) {
    const struct irsa_arguments *arguments = session->arguments;
    struct report report = {0};
    if (arguments->files.count == 0) {
        irsa_complain("validate what? Give a ClusterConfig file or a directory of them with -f");
        return IRSA_EXIT_USAGE;
    }
    const struct irsa_batch_options options = {
        .topic = irsa_topic_name(session->arena, IRSA_DEFAULT_TOPICS_PREFIX, IRSA_TOPIC_REQUESTS),
        .source = "urn:irsa:irsactl",
        .correlation_id = "validate",
    };
    struct irsa_load load = {
        .session = session,
        .action = IRSA_ACTION_CREATE,
        .batch = irsa_batch_new(&options),
        .only_checks = true,
        .document = on_document,
        .self = &report,
    };
    begin(&report, (enum irsa_output_format)arguments->output);
    if (!report.is_table) {
        load.problems.tell = on_problem;
        load.problems.self = &report;
    }
    enum irsa_exit exit = irsa_load_requests(&load);
    if (!report.is_table)
        irsa_output_end(&report.output);
    irsa_batch_free(load.batch);
    return exit;
}
