/*
 * Watching for results: a hash table of digests of ids over an array in the order of the requests.
 */
#include "producer/watch.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/crypto.h"
#include "core/contract/event.h"
#include "producer/outcome_row.h"
#include "producer/spool.h"

#define DIGEST_BYTES   16
#define FIRST_SLOTS    64
#define NO_POSITION    UINT64_MAX
#define DATA_MAX_BYTES (IRSA_SPOOL_ENTRY_MAX_BYTES - 1)

struct item {
    uint8_t digest[DIGEST_BYTES]; /* of the id */
    uint64_t name;                /* position of "id NUL subject" in the spool */
    uint64_t result;              /* of the latest result's data, or NO_POSITION */
    bool is_settled;
    bool is_retrying;
};

struct irsa_watch {
    struct irsa_watch_options options;
    struct irsa_reader *reader;
    struct irsa_spool *spool;
    struct irsa_arena *arena; /* of one record */
    struct item *items;
    size_t count, capacity;
    uint32_t *slots; /* index + 1 of an item; 0: free */
    size_t slot_count;
    struct irsa_tally tally;
    struct irsa_table table; /* widths of what has come */
};

struct irsa_watch *irsa_watch_open(const struct irsa_watch_options *options, struct irsa_error *err) {
    struct irsa_reader *reader =
        irsa_reader_open(options->kafka, options->topic, options->start, options->since_ms, options->timeout_ms, err);
    if (reader == NULL)
        return NULL;
    struct irsa_watch *watch = irsa_new(sizeof *watch);
    watch->options = *options;
    watch->reader = reader;
    watch->spool = irsa_spool_new();
    watch->arena = irsa_arena_new();
    watch->slot_count = FIRST_SLOTS;
    watch->slots = irsa_new(watch->slot_count * sizeof *watch->slots);
    irsa_table_init(&watch->table, irsa_outcome_headings, stdout);
    watch->table.coloured = IRSA_ROW_OUTCOME;
    return watch;
}

void irsa_watch_close(struct irsa_watch *watch) {
    if (watch == NULL)
        return;
    irsa_reader_close(watch->reader);
    irsa_spool_free(watch->spool);
    irsa_arena_free(watch->arena);
    free(watch->items);
    free(watch->slots);
    free(watch);
}

const struct irsa_tally *irsa_watch_tally(const struct irsa_watch *watch) {
    return &watch->tally;
}

static void digest_of(const char *id, uint8_t out_digest[DIGEST_BYTES]) {
    uint8_t whole[IRSA_SHA256_BYTES];
    irsa_sha256(id, strlen(id), whole);
    memcpy(out_digest, whole, DIGEST_BYTES);
}

/* The slot of a digest: its item's, or the free one where it belongs. */
static uint32_t *find_slot(const struct irsa_watch *watch, const uint8_t digest[DIGEST_BYTES]) {
    uint64_t hash;
    memcpy(&hash, digest, sizeof hash);
    size_t slot = hash & (watch->slot_count - 1);
    while (watch->slots[slot] != 0 && memcmp(watch->items[watch->slots[slot] - 1].digest, digest, DIGEST_BYTES) != 0)
        slot = (slot + 1) & (watch->slot_count - 1);
    return &watch->slots[slot];
}

static void make_room(struct irsa_watch *watch) {
    if (watch->count == watch->capacity) {
        watch->capacity = watch->capacity == 0 ? FIRST_SLOTS : watch->capacity * 2;
        watch->items = irsa_grow(watch->items, watch->capacity, sizeof *watch->items);
    }
    if (watch->count * 4 < watch->slot_count * 3)
        return;
    free(watch->slots);
    watch->slot_count *= 2;
    watch->slots = irsa_new(watch->slot_count * sizeof *watch->slots);
    for (size_t i = 0; i < watch->count; i++)
        *find_slot(watch, watch->items[i].digest) = (uint32_t)(i + 1);
}

static void measure(struct irsa_watch *watch, const struct irsa_json *data, const char *subject, const char *id) {
    struct irsa_outcome_row row;
    irsa_outcome_row_fill(&row, watch->arena, data, subject, id);
    irsa_table_measure(&watch->table, row.cells);
}

bool irsa_watch_expect(struct irsa_watch *watch, const char *id, const char *subject, struct irsa_error *err) {
    struct item item = {.result = NO_POSITION};
    struct irsa_text name;
    digest_of(id, item.digest);
    make_room(watch);
    uint32_t *slot = find_slot(watch, item.digest);
    if (*slot != 0)
        return true;
    irsa_text_init(&name, watch->arena, SIZE_MAX - 1);
    irsa_text_add_bytes(&name, id, strlen(id) + 1);
    irsa_text_add(&name, subject != NULL ? subject : "");
    if (!irsa_spool_add(watch->spool, name.at, name.length + 1, &item.name, err))
        return false;
    if (subject != NULL)
        measure(watch, NULL, subject, id);
    irsa_arena_clear(watch->arena);
    watch->items[watch->count++] = item;
    *slot = (uint32_t)watch->count;
    watch->tally.expected++;
    return true;
}

/* Does the record carry another batch's name, as far as its headers tell? Saves reading what is not ours. */
static bool is_of_other_batch(const struct irsa_watch *watch, const struct irsa_record *record) {
    const char *wanted = watch->options.correlation_id;
    if (wanted == NULL)
        return false;
    const struct irsa_header *header = irsa_record_header(record, "ce_correlationid");
    return header != NULL && header->value != NULL &&
           (header->length != strlen(wanted) || memcmp(header->value, wanted, header->length) != 0);
}

static void count(struct irsa_watch *watch, struct item *item, enum irsa_outcome outcome) {
    bool is_final = irsa_outcome_is_final(outcome);
    watch->tally.retrying += (size_t)!is_final - item->is_retrying;
    item->is_retrying = !is_final;
    item->is_settled = is_final;
    if (!is_final)
        return;
    watch->tally.settled++;
    watch->tally.outcomes[outcome]++;
    watch->tally.failed += !irsa_outcome_is_good(outcome);
}

/* The item that a result speaks of, when it still waits for one; NULL otherwise. */
static struct item *find_item(struct irsa_watch *watch, const struct irsa_json *data, const char **out_id) {
    uint8_t digest[DIGEST_BYTES];
    *out_id = irsa_json_get_text(irsa_json_get(data, "request"), "id");
    if (*out_id == NULL)
        return NULL;
    digest_of(*out_id, digest);
    uint32_t index = *find_slot(watch, digest);
    struct item *item = index == 0 ? NULL : &watch->items[index - 1];
    return item != NULL && !item->is_settled ? item : NULL;
}

static bool take(struct irsa_watch *watch, const struct irsa_record *record, struct irsa_error *err) {
    struct irsa_event event;
    struct irsa_error unread;
    enum irsa_outcome outcome;
    const char *id;
    const char *wanted = watch->options.correlation_id;
    /* what cannot be read is not a result of ours */
    if (is_of_other_batch(watch, record) || !irsa_event_decode(watch->arena, record, &event, &unread))
        return true;
    if (wanted != NULL && !irsa_text_equal(wanted, event.correlation_id))
        return true;
    struct item *item = find_item(watch, event.data, &id);
    const char *name = irsa_json_get_text(event.data, "outcome");
    if (item == NULL || name == NULL || !irsa_outcome_find(name, &outcome))
        return true;
    const char *text = irsa_json_to_text(watch->arena, event.data);
    if (!irsa_spool_add(watch->spool, text, strlen(text), &item->result, err))
        return false;
    count(watch, item, outcome);
    measure(watch, event.data, NULL, id);
    if (item->is_settled && watch->options.settled != NULL)
        watch->options.settled(watch->options.self, event.data);
    return true;
}

bool irsa_watch_poll(struct irsa_watch *watch, int timeout_ms, struct irsa_error *err) {
    struct irsa_record record;
    for (;;) {
        irsa_arena_clear(watch->arena);
        switch (irsa_reader_next(watch->reader, watch->arena, timeout_ms, &record, err)) {
        case IRSA_READER_RECORD:
            if (!take(watch, &record, err))
                return false;
            break;
        case IRSA_READER_CAUGHT_UP:
            break;
        case IRSA_READER_NOTHING:
            return true;
        case IRSA_READER_FAILED:
            return irsa_code_fate(err->code) == IRSA_FATE_RETRY;
        }
        if (watch->tally.settled == watch->tally.expected)
            return true;
        timeout_ms = 0;
    }
}

static bool read_data(struct irsa_watch *watch, const struct item *item, const struct irsa_json **out_data,
                      struct irsa_error *err) {
    const struct irsa_json_limits limits = {DATA_MAX_BYTES, 64};
    const void *bytes;
    size_t length;
    uint64_t next;
    *out_data = NULL;
    if (item->result == NO_POSITION)
        return true;
    return irsa_spool_read(watch->spool, item->result, &bytes, &length, &next, err) &&
           irsa_json_parse(watch->arena, bytes, length, limits, out_data, err);
}

static bool print_item(struct irsa_watch *watch, const struct item *item, struct irsa_error *err) {
    const struct irsa_json *data;
    const void *bytes;
    size_t length;
    uint64_t next;
    struct irsa_outcome_row row;
    if (!read_data(watch, item, &data, err) || !irsa_spool_read(watch->spool, item->name, &bytes, &length, &next, err))
        return false;
    const char *id = bytes;
    const char *subject = id + strlen(id) + 1;
    irsa_outcome_row_fill(&row, watch->arena, data, subject[0] != '\0' ? subject : NULL, id);
    irsa_table_print(&watch->table, row.cells, row.colour);
    if (irsa_text_equal(row.cells[IRSA_ROW_OUTCOME], "planned"))
        irsa_outcome_print_steps(data, watch->table.out);
    return true;
}

bool irsa_watch_print(struct irsa_watch *watch, FILE *out, struct irsa_error *err) {
    watch->table.out = out;
    irsa_table_print_headings(&watch->table);
    for (size_t i = 0; i < watch->count; i++) {
        irsa_arena_clear(watch->arena);
        if (!print_item(watch, &watch->items[i], err))
            return false;
    }
    return true;
}
