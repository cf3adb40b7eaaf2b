/*
 * Acknowledgements: kept in 16 bytes each, printed beside the batch's entries.
 */
#include "producer/receipts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "producer/output.h"
#include "producer/table.h"

#define REFUSED_SHOWN 50

void irsa_receipts_init(struct irsa_receipts *receipts, size_t count) {
    *receipts = (struct irsa_receipts){.slots = irsa_new(count * sizeof *receipts->slots), .count = count};
    for (size_t i = 0; i < count; i++)
        receipts->slots[i] = (struct irsa_slot){.offset = -1, .partition = -1};
}

void irsa_receipts_done(struct irsa_receipts *receipts) {
    free(receipts->slots);
    receipts->slots = NULL;
}

void irsa_receipts_refuse(struct irsa_receipts *receipts, struct irsa_slot *slot, const struct irsa_error *err) {
    size_t i = 0;
    while (i < receipts->reason_count && strcmp(receipts->reasons[i].message, err->message) != 0)
        i++;
    if (i == IRSA_REASONS_MAX)
        i--;
    else if (i == receipts->reason_count)
        receipts->reasons[receipts->reason_count++] = *err;
    slot->reason = (uint32_t)(i + 1);
}

static const struct irsa_error *reason_of(const struct irsa_receipts *receipts, const struct irsa_slot *slot) {
    static const struct irsa_error unknown = {.code = IRSA_CODE_UNAVAILABLE, .message = "it was not sent"};
    return slot->reason == 0 ? &unknown : &receipts->reasons[slot->reason - 1];
}

static const char *const headings[] = {"SERVICE ACCOUNT", "CLUSTER", "ID", "PARTITION", "OFFSET", NULL};

struct row {
    char partition[16];
    char offset[24];
    const char *cells[5];
};

/* Cells of a request that was enqueued. */
static void fill_row(struct row *row, struct irsa_arena *arena, const struct irsa_entry *entry,
                     const struct irsa_slot *slot) {
    struct irsa_target target = irsa_target_of_subject(arena, entry->subject);
    snprintf(row->partition, sizeof row->partition, "%" PRId32, slot->partition);
    snprintf(row->offset, sizeof row->offset, "%" PRId64, slot->offset);
    row->cells[0] = target.account[0] != '\0' ? target.account : "-";
    row->cells[1] = target.cluster;
    row->cells[2] = entry->id;
    row->cells[3] = row->partition;
    row->cells[4] = row->offset;
}

/* One walk over what was enqueued: to measure the columns, or to print them. */
static bool walk_table(const struct irsa_receipts *receipts, struct irsa_batch *batch, struct irsa_table *table,
                       bool is_measuring, struct irsa_error *err) {
    struct irsa_arena *arena = irsa_arena_new();
    struct irsa_entry entry;
    struct row row;
    uint64_t cursor = 0;
    for (size_t i = 0; irsa_batch_next(batch, &cursor, &entry, err); i++) {
        if (receipts->slots[i].partition < 0)
            continue;
        fill_row(&row, arena, &entry, &receipts->slots[i]);
        if (is_measuring)
            irsa_table_measure(table, row.cells);
        else
            irsa_table_print(table, row.cells, IRSA_COLOUR_NONE);
        irsa_arena_clear(arena);
    }
    irsa_arena_free(arena);
    return err->code == IRSA_CODE_NONE;
}

static bool print_table(const struct irsa_receipts *receipts, struct irsa_batch *batch, struct irsa_error *err) {
    struct irsa_table table;
    irsa_table_init(&table, headings, stdout);
    if (!walk_table(receipts, batch, &table, true, err))
        return false;
    irsa_table_print_headings(&table);
    return walk_table(receipts, batch, &table, false, err);
}

static void write_receipt(struct irsa_text *out, const struct irsa_receipts *receipts, const struct irsa_entry *entry,
                          const struct irsa_slot *slot) {
    struct irsa_json_writer w;
    irsa_json_begin(&w, out);
    irsa_json_open_object(&w, NULL);
    irsa_json_add_text(&w, "id", entry->id);
    irsa_json_add_text(&w, "subject", entry->subject);
    irsa_json_add_text_bytes(&w, "key", entry->record.key, entry->record.key_length);
    irsa_json_add_text(&w, "topic", entry->record.topic);
    irsa_json_add_boolean(&w, "enqueued", slot->partition >= 0);
    if (slot->partition >= 0) {
        irsa_json_add_integer(&w, "partition", slot->partition);
        irsa_json_add_integer(&w, "offset", slot->offset);
    } else {
        const struct irsa_error *reason = reason_of(receipts, slot);
        irsa_json_open_object(&w, "error");
        irsa_json_add_text(&w, "code", irsa_code_name(reason->code));
        irsa_json_add_text(&w, "message", reason->message);
        irsa_json_close_object(&w);
    }
    irsa_json_close_object(&w);
}

static bool print_items(const struct irsa_receipts *receipts, const struct irsa_session *session,
                        struct irsa_batch *batch, struct irsa_error *err) {
    struct irsa_output output;
    struct irsa_arena *arena = irsa_arena_new();
    struct irsa_entry entry;
    uint64_t cursor = 0;
    irsa_output_begin(&output, (enum irsa_output_format)session->arguments->output, stdout);
    for (size_t i = 0; irsa_batch_next(batch, &cursor, &entry, err); i++) {
        struct irsa_text text;
        irsa_text_init(&text, arena, SIZE_MAX - 1);
        write_receipt(&text, receipts, &entry, &receipts->slots[i]);
        irsa_output_add(&output, text.at, text.length);
        irsa_arena_clear(arena);
    }
    irsa_output_end(&output);
    irsa_arena_free(arena);
    return err->code == IRSA_CODE_NONE;
}

bool irsa_receipts_tell_refused(const struct irsa_receipts *receipts, struct irsa_batch *batch,
                                struct irsa_error *err) {
    struct irsa_entry entry;
    uint64_t cursor = 0;
    size_t told = 0;
    if (receipts->acknowledged == receipts->count)
        return true;
    for (size_t i = 0; told < REFUSED_SHOWN && irsa_batch_next(batch, &cursor, &entry, err); i++) {
        if (receipts->slots[i].partition >= 0)
            continue;
        irsa_say("not enqueued: %.*s: %s", (int)entry.record.key_length, (const char *)entry.record.key,
                 reason_of(receipts, &receipts->slots[i])->message);
        told++;
    }
    if (told == REFUSED_SHOWN && receipts->count - receipts->acknowledged > told)
        irsa_say("… and %zu more", receipts->count - receipts->acknowledged - told);
    return told == REFUSED_SHOWN || err->code == IRSA_CODE_NONE;
}

bool irsa_receipts_print(const struct irsa_receipts *receipts, const struct irsa_session *session,
                         struct irsa_batch *batch, struct irsa_error *err) {
    bool is_table = session->arguments->output == IRSA_OUTPUT_TABLE;
    if (is_table && receipts->acknowledged > 0 && !print_table(receipts, batch, err))
        return false;
    if (!is_table && !print_items(receipts, session, batch, err))
        return false;
    return irsa_receipts_tell_refused(receipts, batch, err);
}
