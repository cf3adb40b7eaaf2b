/*
 * Printing a batch that is not sent.
 */
#include "producer/preview.h"

#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/contract/event.h"
#include "producer/output.h"
#include "producer/table.h"

static const char *const headings[] = {"SERVICE ACCOUNT", "CLUSTER", NULL};

static bool walk_table(struct irsa_batch *batch, struct irsa_table *table, bool is_measuring, struct irsa_error *err) {
    struct irsa_arena *arena = irsa_arena_new();
    struct irsa_entry entry;
    uint64_t cursor = 0;
    while (irsa_batch_next(batch, &cursor, &entry, err)) {
        struct irsa_target target = irsa_target_of_subject(arena, entry.subject);
        const char *cells[] = {target.account[0] != '\0' ? target.account : "-", target.cluster};
        if (is_measuring)
            irsa_table_measure(table, cells);
        else
            irsa_table_print(table, cells, IRSA_COLOUR_NONE);
        irsa_arena_clear(arena);
    }
    irsa_arena_free(arena);
    return err->code == IRSA_CODE_NONE;
}

static bool print_table(struct irsa_batch *batch, struct irsa_error *err) {
    struct irsa_table table;
    irsa_table_init(&table, headings, stdout);
    if (!walk_table(batch, &table, true, err))
        return false;
    irsa_table_print_headings(&table);
    return walk_table(batch, &table, false, err);
}

/* The record is read back as a worker would read it, so that what is shown is what would be sent. */
static bool add_event(struct irsa_output *output, struct irsa_arena *arena, const struct irsa_entry *entry,
                      struct irsa_error *err) {
    struct irsa_event event;
    if (!irsa_event_decode(arena, &entry->record, &event, err))
        return false;
    const char *text = irsa_event_structured(arena, &event, irsa_json_to_text(arena, event.data));
    irsa_output_add(output, text, strlen(text));
    irsa_arena_clear(arena);
    return true;
}

static bool print_events(const struct irsa_session *session, struct irsa_batch *batch, struct irsa_error *err) {
    enum irsa_output_format format = (enum irsa_output_format)session->arguments->output;
    struct irsa_output output;
    struct irsa_entry entry;
    struct irsa_arena *arena = irsa_arena_new();
    uint64_t cursor = 0;
    bool is_fine = true;
    irsa_output_begin(&output, format == IRSA_OUTPUT_TABLE ? IRSA_OUTPUT_JSON : format, stdout);
    while (is_fine && irsa_batch_next(batch, &cursor, &entry, err))
        is_fine = add_event(&output, arena, &entry, err);
    irsa_output_end(&output);
    irsa_arena_free(arena);
    return is_fine && err->code == IRSA_CODE_NONE;
}

bool irsa_preview_events(const struct irsa_session *session, struct irsa_batch *batch, struct irsa_error *err) {
    bool wants_table = irsa_session_was_given(session, "--output") && session->arguments->output == IRSA_OUTPUT_TABLE;
    return wants_table ? print_table(batch, err) : print_events(session, batch, err);
}

bool irsa_preview_plan(const struct irsa_session *session, struct irsa_batch *batch, struct irsa_error *err) {
    bool wants_table = session->arguments->output == IRSA_OUTPUT_TABLE;
    return wants_table ? print_table(batch, err) : print_events(session, batch, err);
}
