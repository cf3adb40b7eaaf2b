/*
 * Records in a hash map, each with its present state and a chain of past ones, newest first.
 */
#include "sandbox/shelf.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/map.h"

struct past {
    void *thing; /* NULL: it was absent */
    int64_t replaced_ms;
    struct past *older;
};

struct record {
    void *thing; /* NULL: absent */
    struct past *past;
};

struct irsa_sandbox_shelf {
    const struct irsa_sandbox_shelf_kind *kind;
    struct irsa_map *records;
    size_t count;
};

struct irsa_sandbox_shelf *irsa_sandbox_shelf_new(const struct irsa_sandbox_shelf_kind *kind) {
    struct irsa_sandbox_shelf *shelf = irsa_new(sizeof(*shelf));
    shelf->kind = kind;
    shelf->records = irsa_map_new();
    return shelf;
}

static void free_past(const struct irsa_sandbox_shelf *shelf, struct past *past) {
    while (past != NULL) {
        struct past *older = past->older;
        if (past->thing != NULL)
            shelf->kind->free(past->thing);
        free(past);
        past = older;
    }
}

void irsa_sandbox_shelf_free(struct irsa_sandbox_shelf *shelf) {
    size_t cursor = 0;
    const void *key;
    size_t length;
    void *value;
    while (irsa_map_next(shelf->records, &cursor, &key, &length, &value)) {
        struct record *record = value;
        free_past(shelf, record->past);
        if (record->thing != NULL)
            shelf->kind->free(record->thing);
        free(record);
    }
    irsa_map_free(shelf->records, NULL);
    free(shelf);
}

size_t irsa_sandbox_shelf_count(const struct irsa_sandbox_shelf *shelf) {
    return shelf->count;
}

static struct record *find(const struct irsa_sandbox_shelf *shelf, const char *key) {
    return irsa_map_find(shelf->records, key, strlen(key));
}

const void *irsa_sandbox_shelf_now(const struct irsa_sandbox_shelf *shelf, const char *key) {
    const struct record *record = find(shelf, key);
    return record == NULL ? NULL : record->thing;
}

/* Does a reader still find what was replaced then? */
static bool is_in_sight(const struct past *past, struct irsa_sandbox_moment moment) {
    return moment.lag_ms > 0 && past->replaced_ms > moment.now_ms - moment.lag_ms;
}

static const void *seen(const struct record *record, struct irsa_sandbox_moment moment) {
    const void *thing = record->thing;
    for (const struct past *past = record->past; past != NULL; past = past->older)
        if (is_in_sight(past, moment))
            thing = past->thing;
    return thing;
}

const void *irsa_sandbox_shelf_seen(const struct irsa_sandbox_shelf *shelf, const char *key,
                                    struct irsa_sandbox_moment moment) {
    const struct record *record = find(shelf, key);
    return record == NULL ? NULL : seen(record, moment);
}

/* Remember `thing` (taken) as what was until now, and forget what no reader can see any more. */
static void keep_past(struct irsa_sandbox_shelf *shelf, struct record *record, void *thing,
                      struct irsa_sandbox_moment moment) {
    struct past **link = &record->past;
    while (*link != NULL && is_in_sight(*link, moment))
        link = &(*link)->older;
    free_past(shelf, *link);
    *link = NULL;
    if (moment.lag_ms == 0) {
        if (thing != NULL)
            shelf->kind->free(thing);
        return;
    }
    struct past *past = irsa_new(sizeof(*past));
    *past = (struct past){.thing = thing, .replaced_ms = moment.now_ms, .older = record->past};
    record->past = past;
}

void *irsa_sandbox_shelf_edit(struct irsa_sandbox_shelf *shelf, const char *key, struct irsa_sandbox_moment moment) {
    struct record *record = find(shelf, key);
    keep_past(shelf, record, moment.lag_ms == 0 ? NULL : shelf->kind->copy(record->thing), moment);
    return record->thing;
}

void irsa_sandbox_shelf_put(struct irsa_sandbox_shelf *shelf, const char *key, void *thing,
                            struct irsa_sandbox_moment moment) {
    struct record *record = find(shelf, key);
    if (record == NULL) {
        record = irsa_new(sizeof(*record));
        (void)irsa_map_put(shelf->records, key, strlen(key), record);
    }
    keep_past(shelf, record, NULL, moment);
    record->thing = thing;
    shelf->count++;
}

void irsa_sandbox_shelf_remove(struct irsa_sandbox_shelf *shelf, const char *key, struct irsa_sandbox_moment moment) {
    struct record *record = find(shelf, key);
    keep_past(shelf, record, record->thing, moment);
    record->thing = NULL;
    shelf->count--;
    if (record->past == NULL)
        free(irsa_map_remove(shelf->records, key, strlen(key)));
}

struct listed {
    const char *key;
    size_t length;
    const void *thing;
};

static int by_key(const void *a, const void *b) {
    const struct listed *left = a;
    const struct listed *right = b;
    size_t shorter = left->length < right->length ? left->length : right->length;
    int order = memcmp(left->key, right->key, shorter);
    return order != 0 ? order : (left->length > right->length) - (left->length < right->length);
}

size_t irsa_sandbox_shelf_list(const struct irsa_sandbox_shelf *shelf, struct irsa_arena *arena,
                               struct irsa_sandbox_moment moment, const void *const **out_things) {
    size_t count = 0;
    struct listed *listed = IRSA_NEW_ARRAY(arena, struct listed, irsa_map_count(shelf->records));
    size_t cursor = 0;
    const void *key;
    size_t length;
    void *value;
    while (irsa_map_next(shelf->records, &cursor, &key, &length, &value)) {
        const void *thing = seen(value, moment);
        if (thing != NULL)
            listed[count++] = (struct listed){.key = key, .length = length, .thing = thing};
    }
    if (count > 1)
        qsort(listed, count, sizeof(*listed), by_key);
    const void **things = IRSA_NEW_ARRAY(arena, const void *, count);
    for (size_t i = 0; i < count; i++)
        things[i] = listed[i].thing;
    *out_things = things;
    return count;
}
