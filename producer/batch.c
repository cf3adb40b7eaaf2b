/*
 * Batches: encoding, repeats, and the spool behind them.
 */
#include "producer/batch.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/contract/ids.h"
#include "producer/spool.h"
#include "producer/unique.h"

struct irsa_batch {
    struct irsa_batch_options options;
    struct irsa_spool *spool;
    struct irsa_unique *unique; /* by subject */
    const char **paths;
    size_t path_count, path_capacity;
    size_t count;
    struct irsa_arena *scratch; /* of one addition */
};

struct irsa_batch *irsa_batch_new(const struct irsa_batch_options *options) {
    struct irsa_batch *batch = irsa_new(sizeof *batch);
    batch->options = *options;
    batch->spool = irsa_spool_new();
    batch->unique = irsa_unique_new();
    batch->scratch = irsa_arena_new();
    return batch;
}

void irsa_batch_close(struct irsa_batch *batch) {
    irsa_unique_free(batch->unique);
    batch->unique = NULL;
}

void irsa_batch_free(struct irsa_batch *batch) {
    if (batch == NULL)
        return;
    irsa_batch_close(batch);
    irsa_spool_free(batch->spool);
    irsa_arena_free(batch->scratch);
    free(batch->paths);
    free(batch);
}

size_t irsa_batch_count(const struct irsa_batch *batch) {
    return batch->count;
}

/* Files come one after the other, so only the last one can be the same. */
static uint32_t number_of_path(struct irsa_batch *batch, const char *path) {
    if (batch->path_count == 0 || batch->paths[batch->path_count - 1] != path) {
        if (batch->path_count == batch->path_capacity) {
            batch->path_capacity = batch->path_capacity * 2 + 16;
            batch->paths = irsa_grow(batch->paths, batch->path_capacity, sizeof *batch->paths);
        }
        batch->paths[batch->path_count++] = path;
    }
    return (uint32_t)(batch->path_count - 1);
}

/* Is the subject of the entry at `position` the one that is being added? */
struct comparison {
    struct irsa_batch *batch;
    const char *subject;
    struct irsa_entry entry; /* of the last position that was looked at */
    bool is_broken;
    struct irsa_error *err;
};

static bool is_same_subject(void *self, uint64_t position) {
    struct comparison *comparison = self;
    const void *bytes;
    size_t length;
    uint64_t next;
    if (!irsa_spool_read(comparison->batch->spool, position, &bytes, &length, &next, comparison->err)) {
        comparison->is_broken = true;
        return false;
    }
    irsa_entry_unpack(bytes, &comparison->entry);
    return strcmp(comparison->entry.subject, comparison->subject) == 0;
}

static bool refuse_repeat(const struct comparison *comparison, struct irsa_error *err) {
    struct irsa_place place = irsa_batch_place(comparison->batch, &comparison->entry);
    const char *key = strchr(comparison->subject, '/') + 1;
    if (place.path == NULL)
        return IRSA_FAIL(err, INVALID, "%s is asked for twice", key);
    return IRSA_FAIL(err, INVALID, "%s is already in %s:%u; keep one of the two", key, place.path, place.line);
}

/* True: it is new. False with code NONE: it is there and that is fine. */
static bool is_new(struct irsa_batch *batch, const char *subject, struct irsa_error *err) {
    struct comparison comparison = {.batch = batch, .subject = subject, .err = err};
    uint64_t earlier;
    uint64_t hash = irsa_unique_hash(subject, strlen(subject));
    irsa_error_clear(err);
    bool is_added =
        irsa_unique_add(batch->unique, hash, irsa_spool_end(batch->spool), is_same_subject, &comparison, &earlier);
    if (comparison.is_broken)
        return false;
    if (!is_added && !batch->options.is_repeat_fine)
        return refuse_repeat(&comparison, err);
    return is_added;
}

/* The request as it will lie in the spool, in the scratch arena. */
static bool pack(struct irsa_batch *batch, const struct irsa_request *request, struct irsa_entry *entry,
                 struct irsa_text *out_packed, struct irsa_error *err) {
    if (!irsa_request_encode(batch->scratch, request, batch->options.topic, &entry->record, err))
        return false;
    irsa_text_init(out_packed, batch->scratch, IRSA_SPOOL_ENTRY_MAX_BYTES);
    irsa_entry_pack(entry, out_packed);
    if (out_packed->is_over)
        return IRSA_FAIL(err, TOO_LARGE, "the request is larger than %zu bytes", IRSA_SPOOL_ENTRY_MAX_BYTES);
    return true;
}

static void fill_event(const struct irsa_batch *batch, struct irsa_event *event, char id[IRSA_UUID_BYTES]) {
    *event = (struct irsa_event){
        .id = id,
        .source = batch->options.source,
        .time_ms = irsa_clock_now_ms(irsa_clock_system()),
        .expiry_ms = IRSA_NO_TIME,
        .correlation_id = batch->options.correlation_id,
    };
    irsa_uuid7(event->time_ms, id);
}

bool irsa_batch_add(struct irsa_batch *batch, const struct irsa_request *request, struct irsa_place place,
                    struct irsa_error *err) {
    char id[IRSA_UUID_BYTES];
    struct irsa_request sent = *request;
    struct irsa_text packed;
    uint64_t position;
    irsa_arena_clear(batch->scratch);
    fill_event(batch, &sent.event, id);
    struct irsa_entry entry = {
        .path = number_of_path(batch, place.path),
        .line = place.line,
        .id = id,
        .subject = irsa_request_subject(batch->scratch, request),
    };
    if (!pack(batch, &sent, &entry, &packed, err))
        return false;
    if (!is_new(batch, entry.subject, err))
        return err->code == IRSA_CODE_NONE;
    if (!irsa_spool_add(batch->spool, packed.at, packed.length, &position, err))
        return false;
    batch->count++;
    return true;
}

bool irsa_batch_next(struct irsa_batch *batch, uint64_t *cursor, struct irsa_entry *out_entry, struct irsa_error *err) {
    const void *bytes;
    size_t length;
    irsa_error_clear(err);
    if (*cursor == irsa_spool_end(batch->spool) ||
        !irsa_spool_read(batch->spool, *cursor, &bytes, &length, cursor, err))
        return false;
    irsa_entry_unpack(bytes, out_entry);
    out_entry->record.topic = batch->options.topic;
    return true;
}

struct irsa_place irsa_batch_place(const struct irsa_batch *batch, const struct irsa_entry *entry) {
    return (struct irsa_place){batch->paths[entry->path], entry->line};
}

/* Where the n-th '/' of the text is, from 1, or NULL. */
static const char *find_slash(const char *text, int n) {
    const char *at = text - 1;
    while (n-- > 0 && at != NULL)
        at = strchr(at + 1, '/');
    return at;
}

struct irsa_target irsa_target_of_subject(struct irsa_arena *arena, const char *subject) {
    const char *region = find_slash(subject, 1);
    if (region == NULL || find_slash(subject, 2) == NULL)
        return (struct irsa_target){subject, ""};
    const char *name = find_slash(subject, 3);
    if (name == NULL)
        return (struct irsa_target){"", region + 1};
    return (struct irsa_target){name + 1, irsa_arena_copy_bytes(arena, region + 1, (size_t)(name - region - 1))};
}
