/*
 * Repeated keys and merge keys (YAML 1.1, "Merge Key Language-Independent Type").
 */
#include "core/config/yaml_mapping.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/map.h"

#define FEW_KEYS 16 /* up to here keys are compared one by one, beyond it sorted or hashed */

/* By key; equal ones in the order of the file. */
static int compare_keys(const void *left, const void *right) {
    const struct irsa_json *a = *(const struct irsa_json *const *)left;
    const struct irsa_json *b = *(const struct irsa_json *const *)right;
    int order = strcmp(a->key, b->key);
    if (order != 0)
        return order;
    if (a->key_line != b->key_line)
        return a->key_line < b->key_line ? -1 : 1;
    return a->key_column < b->key_column ? -1 : a->key_column > b->key_column;
}

static bool fail_repeated(const struct irsa_json *first, const struct irsa_json *second, struct irsa_error *err) {
    IRSA_FAIL(err, SCHEMA, "the key \"%s\" is repeated; it is in line %u already", second->key, first->key_line);
    err->line = second->key_line;
    err->column = second->key_column;
    return irsa_error_at_key(err, second->key);
}

static bool are_few_unique(const struct irsa_json *mapping, struct irsa_error *err) {
    for (const struct irsa_json *b = mapping->first; b != NULL; b = b->next)
        for (const struct irsa_json *a = mapping->first; a != b; a = a->next)
            if (strcmp(a->key, b->key) == 0)
                return fail_repeated(a, b, err);
    return true;
}

static bool are_many_unique(const struct irsa_json *mapping, struct irsa_error *err) {
    const struct irsa_json **sorted = irsa_grow(NULL, mapping->count, sizeof(void *));
    size_t count = 0;
    for (const struct irsa_json *member = mapping->first; member != NULL; member = member->next)
        sorted[count++] = member;
    qsort(sorted, count, sizeof(void *), compare_keys);
    size_t i = 1;
    while (i < count && strcmp(sorted[i - 1]->key, sorted[i]->key) != 0)
        i++;
    bool are_unique = i >= count || fail_repeated(sorted[i - 1], sorted[i], err);
    free(sorted);
    return are_unique;
}

bool irsa_yaml_are_keys_unique(const struct irsa_json *mapping, struct irsa_error *err) {
    return mapping->count <= FEW_KEYS ? are_few_unique(mapping, err) : are_many_unique(mapping, err);
}

static void push(struct irsa_yaml_merges *merges, struct irsa_arena *arena, const struct irsa_json *mapping) {
    if (merges->count == merges->capacity) {
        size_t capacity = merges->capacity == 0 ? 4 : merges->capacity * 2;
        merges->at = irsa_arena_extend(arena, merges->at, merges->capacity * sizeof(void *), capacity * sizeof(void *));
        merges->capacity = capacity;
    }
    merges->at[merges->count++] = mapping;
}

bool irsa_yaml_merges_add(struct irsa_yaml_merges *merges, struct irsa_arena *arena, const struct irsa_json *value,
                          struct irsa_error *err) {
    if (value->kind == IRSA_JSON_OBJECT) {
        push(merges, arena, value);
        return true;
    }
    bool is_fine = value->kind == IRSA_JSON_ARRAY;
    for (const struct irsa_json *item = value->first; is_fine && item != NULL; item = item->next) {
        is_fine = item->kind == IRSA_JSON_OBJECT;
        push(merges, arena, item);
    }
    return is_fine || IRSA_FAIL(err, SCHEMA,
                                "the merge key << takes a mapping or a list of mappings; put it in quotes "
                                "if it is an ordinary key");
}

static bool is_there(const struct irsa_json *mapping, const struct irsa_map *keys, const char *key) {
    return keys == NULL ? irsa_json_get(mapping, key) != NULL : irsa_map_find(keys, key, strlen(key)) != NULL;
}

static void remember(struct irsa_map *keys, struct irsa_json *member) {
    if (keys != NULL)
        irsa_map_put(keys, member->key, strlen(member->key), member);
}

/* The member itself belongs to its own mapping's chain; what is below it is shared. */
static struct irsa_json *copy_member(struct irsa_arena *arena, const struct irsa_json *member) {
    struct irsa_json *copy = irsa_json_new(arena, member->kind);
    *copy = *member;
    copy->next = NULL;
    return copy;
}

void irsa_yaml_merge(struct irsa_arena *arena, struct irsa_json *mapping, struct irsa_json *tail,
                     const struct irsa_yaml_merges *merges) {
    size_t most = mapping->count;
    for (size_t i = 0; i < merges->count; i++)
        most += merges->at[i]->count;
    struct irsa_map *keys = most > FEW_KEYS ? irsa_map_new() : NULL;
    for (struct irsa_json *member = mapping->first; member != NULL; member = member->next)
        remember(keys, member);
    for (size_t i = 0; i < merges->count; i++) {
        for (const struct irsa_json *member = merges->at[i]->first; member != NULL; member = member->next) {
            if (is_there(mapping, keys, member->key))
                continue;
            struct irsa_json *copy = copy_member(arena, member);
            irsa_json_append(mapping, &tail, member->key, copy);
            remember(keys, copy);
        }
    }
    irsa_map_free(keys, NULL);
}
