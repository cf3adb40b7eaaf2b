/*
 * A map from names to the time of the last word, and a list in the order of hearing, whose head is forgotten first.
 */
#include "worker/engine/cancels.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/map.h"
#include "core/base/text.h"
#include "worker/engine/list.h"

#define NAME_BYTES     3072 /* an id of 256 characters of four bytes, a source of 1,024, and what is between */
#define OVERHEAD_BYTES 160  /* of one entry, here and in the map */

struct entry {
    struct irsa_link of_age;
    int64_t at_ms;
    size_t length;
    char name[]; /* as the map has it */
};

struct irsa_cancels {
    struct irsa_cancels_limits limits;
    struct irsa_map *by_name;
    struct irsa_link by_age; /* heard last at the end */
    size_t bytes;
    uint64_t lost;
};

struct irsa_cancels *irsa_cancels_new(struct irsa_cancels_limits limits) {
    struct irsa_cancels *cancels = irsa_new(sizeof *cancels);
    cancels->limits = limits;
    cancels->by_name = irsa_map_new();
    irsa_link_init(&cancels->by_age);
    return cancels;
}

void irsa_cancels_free(struct irsa_cancels *cancels) {
    if (cancels == NULL)
        return;
    irsa_map_free(cancels->by_name, free);
    free(cancels);
}

/* --- names ---------------------------------------------------------------------------------------------------------------- */

struct name {
    char at[NAME_BYTES];
    size_t length;
};

/* False: there is none, or it is longer than any that a word may have. */
static bool make_name(struct name *name, char kind, const char *first, const char *second) {
    struct irsa_text text;
    if (first == NULL || second == NULL)
        return false;
    irsa_text_init_fixed(&text, name->at, sizeof name->at);
    irsa_text_add_char(&text, kind);
    irsa_text_add(&text, first);
    irsa_text_add_char(&text, '\n'); // which is in neither of them
    irsa_text_add(&text, second);
    name->length = text.length;
    return !text.is_over;
}

static bool name_request(struct name *name, const char *id, const char *source) {
    return make_name(name, 'r', id, source);
}

static bool name_batch(struct name *name, const char *batch) {
    return make_name(name, 'b', batch, "");
}

/* --- taking in ------------------------------------------------------------------------------------------------------------ */

static size_t weigh(const struct entry *entry) {
    return OVERHEAD_BYTES + 2 * entry->length; // the map has a copy of its own
}

static struct entry *oldest(const struct irsa_cancels *cancels) {
    // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it is not followed that an entry has left the list before it is freed
    return irsa_list_is_empty(&cancels->by_age) ? NULL : IRSA_OBJECT(cancels->by_age.next, struct entry, of_age);
}

static void forget(struct irsa_cancels *cancels, struct entry *entry) {
    irsa_map_remove(cancels->by_name, entry->name, entry->length);
    irsa_list_remove(&entry->of_age);
    cancels->bytes -= weigh(entry);
    free(entry);
}

static bool is_old(const struct irsa_cancels *cancels, const struct entry *entry, int64_t now_ms) {
    return now_ms - entry->at_ms > cancels->limits.keep_ms;
}

static bool is_over(const struct irsa_cancels *cancels) {
    return irsa_map_count(cancels->by_name) > cancels->limits.count || cancels->bytes > cancels->limits.bytes;
}

static void make_room(struct irsa_cancels *cancels, int64_t now_ms) {
    struct entry *entry;
    while ((entry = oldest(cancels)) != NULL && (is_old(cancels, entry, now_ms) || is_over(cancels))) {
        cancels->lost += !is_old(cancels, entry, now_ms);
        forget(cancels, entry);
    }
}

static struct entry *make_entry(struct irsa_cancels *cancels, const struct name *name) {
    struct entry *entry = irsa_new(sizeof *entry + name->length);
    irsa_link_init(&entry->of_age);
    entry->at_ms = 0; // earlier than any word
    entry->length = name->length;
    memcpy(entry->name, name->at, name->length);
    irsa_map_put(cancels->by_name, name->at, name->length, entry);
    cancels->bytes += weigh(entry);
    return entry;
}

void irsa_cancels_note(struct irsa_cancels *cancels, const struct irsa_control *control, int64_t at_ms,
                       int64_t now_ms) {
    struct name name;
    int64_t latest_ms = now_ms + cancels->limits.keep_ms;
    if (!name_batch(&name, control->batch) && !name_request(&name, control->id, control->source))
        return;
    struct entry *entry = irsa_map_find(cancels->by_name, name.at, name.length);
    if (entry == NULL)
        entry = make_entry(cancels, &name);
    irsa_list_remove(&entry->of_age);
    irsa_list_append(&cancels->by_age, &entry->of_age);
    if (at_ms > latest_ms)
        at_ms = latest_ms;
    if (at_ms > entry->at_ms)
        entry->at_ms = at_ms;
    make_room(cancels, now_ms);
}

/* --- looking up ----------------------------------------------------------------------------------------------------------- */

static bool has_word(const struct irsa_cancels *cancels, const struct name *name, int64_t enqueued_ms, int64_t now_ms) {
    const struct entry *entry = irsa_map_find(cancels->by_name, name->at, name->length);
    return entry != NULL && !is_old(cancels, entry, now_ms) &&
           (enqueued_ms == IRSA_NO_TIME || enqueued_ms <= entry->at_ms);
}

bool irsa_cancels_cover(const struct irsa_cancels *cancels, const struct irsa_cancel_names *names, int64_t now_ms) {
    struct name name;
    if (irsa_map_count(cancels->by_name) == 0)
        return false;
    return (name_request(&name, names->id, names->source) && has_word(cancels, &name, names->enqueued_ms, now_ms)) ||
           (name_batch(&name, names->batch) && has_word(cancels, &name, names->enqueued_ms, now_ms));
}

size_t irsa_cancels_count(const struct irsa_cancels *cancels) {
    return irsa_map_count(cancels->by_name);
}

uint64_t irsa_cancels_lost(const struct irsa_cancels *cancels) {
    return cancels->lost;
}
