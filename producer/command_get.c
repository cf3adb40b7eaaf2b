/*
 * get: the latest state of every service account, read from the compacted topic.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/map.h"
#include "core/base/text.h"
#include "producer/commands.h"
#include "producer/interrupt.h"
#include "producer/outcome_row.h"
#include "producer/output.h"
#include "producer/terminal.h"
#include "producer/topic_read.h"

#define VALUE_MAX      ((size_t)1024 * 1024)
#define SUBJECT_PARTS  5 /* account, region, cluster, namespace, name */
#define PART_MAX_BYTES 256

static const char *const headings[] = {"SERVICE ACCOUNT", "CLUSTER", "STATE", "LAST", "ROLE ARN", "DETAIL", NULL};

struct state {
    const struct irsa_session *session;
    struct irsa_map *values; /* by subject: the JSON text, ours to free */
    const char **subjects;   /* in order */
};

static bool is_part(const char *wanted, const char *part, size_t length) {
    return wanted == NULL || (strlen(wanted) == length && memcmp(wanted, part, length) == 0);
}

/* By --region, --cluster, --namespace and name. A whole cluster's provider has no service account and is passed over. */
static bool is_wanted(const struct irsa_session *session, const char *subject, size_t length) {
    const struct irsa_arguments *arguments = session->arguments;
    const char *operand = arguments->operands.count > 0 ? arguments->operands.at[0] : NULL;
    const char *wanted[SUBJECT_PARTS] = {NULL, arguments->region, arguments->cluster, arguments->namespace_name,
                                         arguments->name != NULL ? arguments->name : operand};
    const char *at = subject;
    const char *end = subject + length;
    for (size_t i = 0; i < SUBJECT_PARTS; i++) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        bool is_last = i + 1 == SUBJECT_PARTS;
        if (is_last != (slash == NULL))
            return false;
        if (!is_part(wanted[i], at, (size_t)((is_last ? end : slash) - at)))
            return false;
        at = is_last ? end : slash + 1;
    }
    return true;
}

static bool take(void *self, struct irsa_arena *arena, const struct irsa_record *record, struct irsa_error *err) {
    (void)arena;
    (void)err;
    struct state *state = self;
    if (record->key == NULL || !is_wanted(state->session, record->key, record->key_length))
        return true;
    if (record->value == NULL) {
        free(irsa_map_remove(state->values, record->key, record->key_length));
        return true;
    }
    char *copy = irsa_new(record->value_length + 1);
    memcpy(copy, record->value, record->value_length);
    free(irsa_map_put(state->values, record->key, record->key_length, copy));
    return true;
}

static int compare_subjects(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort_subjects(struct state *state) {
    size_t cursor = 0, count = 0, length;
    const void *key;
    void *value;
    state->subjects = IRSA_NEW_ARRAY(state->session->arena, const char *, irsa_map_count(state->values));
    while (irsa_map_next(state->values, &cursor, &key, &length, &value))
        state->subjects[count++] = irsa_arena_copy_bytes(state->session->arena, key, length);
    qsort(state->subjects, count, sizeof *state->subjects, compare_subjects);
}

static const char *value_of(const struct state *state, size_t i) {
    return irsa_map_find(state->values, state->subjects[i], strlen(state->subjects[i]));
}

static void print_items(const struct state *state) {
    struct irsa_output output;
    irsa_output_begin(&output, (enum irsa_output_format)state->session->arguments->output, stdout);
    for (size_t i = 0; i < irsa_map_count(state->values); i++)
        irsa_output_add(&output, value_of(state, i), strlen(value_of(state, i)));
    irsa_output_end(&output);
}

/* What a row shows, in memory that is used again for the next one. */
struct rows {
    const struct state *state;
    struct irsa_arena *arena;
};

static enum irsa_colour fill_row(void *self, size_t index, const char **out_cells) {
    const struct irsa_json_limits limits = {VALUE_MAX, 64};
    const struct rows *rows = self;
    const char *value = value_of(rows->state, index);
    const struct irsa_json *data;
    struct irsa_outcome_row row;
    struct irsa_error err;
    irsa_arena_clear(rows->arena);
    if (!irsa_json_parse(rows->arena, value, strlen(value), limits, &data, &err))
        data = NULL;
    irsa_outcome_row_fill(&row, rows->arena, data, rows->state->subjects[index], NULL);
    const char *observed = irsa_json_get_text(data, "observed");
    out_cells[0] = row.cells[IRSA_ROW_ACCOUNT];
    out_cells[1] = row.cells[IRSA_ROW_CLUSTER];
    out_cells[2] = observed != NULL ? observed : "unknown";
    out_cells[3] = row.cells[IRSA_ROW_OUTCOME];
    out_cells[4] = row.cells[IRSA_ROW_ROLE];
    out_cells[5] = row.cells[IRSA_ROW_DETAIL];
    return row.colour;
}

static void print_table(const struct state *state) {
    struct irsa_table table;
    if (irsa_map_count(state->values) == 0) {
        irsa_say("no iamserviceaccounts found");
        return;
    }
    struct rows rows = {.state = state, .arena = irsa_arena_new()};
    irsa_table_init(&table, headings, stdout);
    table.coloured = 3;
    irsa_table_print_all(&table, irsa_map_count(state->values), fill_row, &rows);
    irsa_arena_free(rows.arena);
}

static enum irsa_exit show(struct state *state) {
    const struct irsa_session *session = state->session;
    struct irsa_error err;
    const struct irsa_topic_reading reading = {
        .topic = IRSA_TOPIC_STATE, .since_ms = IRSA_NO_TIME, .take = take, .self = state};
    if (!irsa_topic_read(session, &reading, &err)) {
        irsa_complain("%s", err.message);
        return IRSA_EXIT_BROKER;
    }
    if (irsa_interrupted())
        return IRSA_EXIT_INTERRUPTED;
    sort_subjects(state);
    if (session->arguments->output == IRSA_OUTPUT_TABLE)
        print_table(state);
    else
        print_items(state);
    return IRSA_EXIT_DONE;
}

enum irsa_exit irsa_run_get(struct irsa_session *session) {
    struct state state = {.session = session};
    struct irsa_error err;
    if (session->arguments->name != NULL && session->arguments->operands.count > 0) {
        irsa_complain("--name=%s and argument %s cannot be used at the same time", session->arguments->name,
                      session->arguments->operands.at[0]);
        return IRSA_EXIT_USAGE;
    }
    if (!irsa_session_has_broker(session, &err)) {
        irsa_complain("%s", err.message);
        return IRSA_EXIT_USAGE;
    }
    state.values = irsa_map_new();
    enum irsa_exit exit = show(&state);
    irsa_map_free(state.values, free);
    return exit;
}
