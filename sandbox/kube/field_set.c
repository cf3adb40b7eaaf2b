/*
 * Sorted arrays of paths, and the walks that relate them to objects.
 *
 * Source: KEP-555 and the behaviour of kube-apiserver 1.35 (structured-merge-diff), see docs/sandbox.md.
 */
#include "sandbox/kube/field_set.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "sandbox/kube/tree.h"

#define SEPARATOR_CHAR IRSA_SANDBOX_PATH_SEPARATOR[0]

/* What the server sets, and what names the object, with all below it: nobody owns it. */
static const char *const unowned[] = {"f:apiVersion",
                                      "f:kind",
                                      "f:spec", /* of a namespace: its finalizers */
                                      "f:status",
                                      "f:metadata" IRSA_SANDBOX_PATH_SEPARATOR "f:name",
                                      "f:metadata" IRSA_SANDBOX_PATH_SEPARATOR "f:namespace",
                                      "f:metadata" IRSA_SANDBOX_PATH_SEPARATOR "f:selfLink",
                                      "f:metadata" IRSA_SANDBOX_PATH_SEPARATOR "f:uid",
                                      "f:metadata" IRSA_SANDBOX_PATH_SEPARATOR "f:resourceVersion",
                                      "f:metadata" IRSA_SANDBOX_PATH_SEPARATOR "f:generation",
                                      "f:metadata" IRSA_SANDBOX_PATH_SEPARATOR "f:creationTimestamp",
                                      "f:metadata" IRSA_SANDBOX_PATH_SEPARATOR "f:managedFields"};

static bool is_below(const char *path, const char *above) {
    size_t length = strlen(above);
    return strncmp(path, above, length) == 0 && path[length] == SEPARATOR_CHAR;
}

static bool is_owned(const char *path) {
    for (size_t i = 0; i < sizeof(unowned) / sizeof(unowned[0]); i++)
        if (strcmp(unowned[i], path) == 0 || is_below(path, unowned[i]))
            return false;
    return true;
}

static const char *step(struct irsa_arena *arena, const char *path, const char *kind, const char *name) {
    return irsa_arena_format(arena, "%s%s%s%s", path, *path == '\0' ? "" : IRSA_SANDBOX_PATH_SEPARATOR, kind, name);
}

/* The path element of an item in a list. */
static const char *item_element(struct irsa_arena *arena, const struct irsa_sandbox_schema *schema,
                                const struct irsa_json *item) {
    if (schema->shape == IRSA_SANDBOX_SET)
        return irsa_arena_format(arena, "v:%s", irsa_json_to_text(arena, item));
    struct irsa_json *key = irsa_json_new(arena, IRSA_JSON_OBJECT);
    struct irsa_json *tail = NULL;
    const struct irsa_json *value = irsa_json_get(item, schema->key);
    irsa_json_append(key, &tail, schema->key,
                     value == NULL ? irsa_json_new_text(arena, "") : irsa_sandbox_tree_copy(arena, value));
    return irsa_arena_format(arena, "k:%s", irsa_json_to_text(arena, key));
}

struct collector {
    struct irsa_arena *arena;
    struct irsa_sandbox_leaf *at;
    size_t count;
    size_t capacity;
};

static void add_leaf(struct collector *all, const char *path, const struct irsa_json *value, bool is_container) {
    if (!is_owned(path))
        return;
    if (all->count == all->capacity) {
        size_t size = sizeof(all->at[0]);
        size_t capacity = all->capacity == 0 ? 32 : all->capacity * 2;
        all->at = irsa_arena_extend(all->arena, all->at, all->capacity * size, capacity * size);
        all->capacity = capacity;
    }
    all->at[all->count++] = (struct irsa_sandbox_leaf){.path = path, .value = value, .is_container = is_container};
}

static void collect(struct collector *all, const struct irsa_sandbox_schema *schema, const struct irsa_json *value,
                    const char *path) {
    switch (schema->shape) {
    case IRSA_SANDBOX_LEAF:
        add_leaf(all, path, value, false);
        break;
    case IRSA_SANDBOX_STRUCT:
        for (const struct irsa_json *member = value->first; member != NULL; member = member->next) {
            const struct irsa_sandbox_schema *known = irsa_sandbox_schema_member(schema, member->key);
            if (known != NULL)
                collect(all, known, member, step(all->arena, path, "f:", member->key));
        }
        break;
    case IRSA_SANDBOX_MAP:
        add_leaf(all, path, value, true);
        for (const struct irsa_json *member = value->first; member != NULL; member = member->next)
            add_leaf(all, step(all->arena, path, "f:", member->key), member, false);
        break;
    case IRSA_SANDBOX_SET:
    case IRSA_SANDBOX_KEYED:
        add_leaf(all, path, value, true);
        for (const struct irsa_json *item = value->first; item != NULL; item = item->next)
            add_leaf(all, step(all->arena, path, "", item_element(all->arena, schema, item)), item, false);
        break;
    }
}

static int by_path(const void *a, const void *b) {
    return strcmp(((const struct irsa_sandbox_leaf *)a)->path, ((const struct irsa_sandbox_leaf *)b)->path);
}

struct irsa_sandbox_leaves irsa_sandbox_leaves_of(struct irsa_arena *arena, const struct irsa_sandbox_schema *schema,
                                                  const struct irsa_json *object) {
    struct collector all = {.arena = arena};
    if (object != NULL)
        collect(&all, schema, object, "");
    if (all.count > 1)
        qsort(all.at, all.count, sizeof(all.at[0]), by_path);
    return (struct irsa_sandbox_leaves){.at = all.at, .count = all.count};
}

static struct irsa_sandbox_fields_set new_set(struct irsa_arena *arena, size_t capacity) {
    return (struct irsa_sandbox_fields_set){.at = IRSA_NEW_ARRAY(arena, const char *, capacity)};
}

struct irsa_sandbox_fields_set irsa_sandbox_set_of_applied(struct irsa_arena *arena,
                                                           const struct irsa_sandbox_leaves *leaves) {
    struct irsa_sandbox_fields_set set = new_set(arena, leaves->count);
    for (size_t i = 0; i < leaves->count; i++) {
        const struct irsa_json *value = leaves->at[i].value;
        bool is_empty = value->first == NULL && value->kind != IRSA_JSON_ARRAY;
        if (!leaves->at[i].is_container || is_empty)
            set.at[set.count++] = leaves->at[i].path;
    }
    return set;
}

bool irsa_sandbox_set_has(const struct irsa_sandbox_fields_set *set, const char *path) {
    size_t low = 0;
    size_t high = set->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(set->at[middle], path);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

struct irsa_sandbox_fields_set irsa_sandbox_set_minus(struct irsa_arena *arena, const struct irsa_sandbox_fields_set *a,
                                                      const struct irsa_sandbox_fields_set *b) {
    struct irsa_sandbox_fields_set set = new_set(arena, a->count);
    for (size_t i = 0; i < a->count; i++)
        if (!irsa_sandbox_set_has(b, a->at[i]))
            set.at[set.count++] = a->at[i];
    return set;
}

struct irsa_sandbox_fields_set irsa_sandbox_set_plus(struct irsa_arena *arena, const struct irsa_sandbox_fields_set *a,
                                                     const struct irsa_sandbox_fields_set *b) {
    struct irsa_sandbox_fields_set set = new_set(arena, a->count + b->count);
    size_t i = 0;
    size_t j = 0;
    while (i < a->count || j < b->count) {
        int order = i == a->count ? 1 : j == b->count ? -1 : strcmp(a->at[i], b->at[j]);
        set.at[set.count++] = order <= 0 ? a->at[i] : b->at[j];
        i += order <= 0 ? 1 : 0;
        j += order >= 0 ? 1 : 0;
    }
    return set;
}

struct irsa_sandbox_difference irsa_sandbox_difference(struct irsa_arena *arena,
                                                       const struct irsa_sandbox_leaves *before,
                                                       const struct irsa_sandbox_leaves *after) {
    struct irsa_sandbox_difference found = {.changed = new_set(arena, after->count),
                                            .removed = new_set(arena, before->count)};
    size_t i = 0;
    size_t j = 0;
    while (i < before->count || j < after->count) {
        int order = i == before->count ? 1 : j == after->count ? -1 : strcmp(before->at[i].path, after->at[j].path);
        if (order < 0)
            found.removed.at[found.removed.count++] = before->at[i].path;
        else if (order > 0 || (!after->at[j].is_container && !irsa_json_equal(before->at[i].value, after->at[j].value)))
            found.changed.at[found.changed.count++] = after->at[j].path;
        i += order <= 0 ? 1 : 0;
        j += order >= 0 ? 1 : 0;
    }
    return found;
}

static void read_fields(struct collector *all, const struct irsa_json *fields, const char *path) {
    for (const struct irsa_json *member = fields->first; member != NULL; member = member->next) {
        if (strcmp(member->key, ".") == 0) {
            add_leaf(all, path, member, true);
            continue;
        }
        const char *inner = step(all->arena, path, "", member->key);
        if (member->first == NULL)
            add_leaf(all, inner, member, false);
        else
            read_fields(all, member, inner);
    }
}

struct irsa_sandbox_fields_set irsa_sandbox_set_read(struct irsa_arena *arena, const struct irsa_json *fields) {
    struct collector all = {.arena = arena};
    if (fields != NULL)
        read_fields(&all, fields, "");
    if (all.count > 1)
        qsort(all.at, all.count, sizeof(all.at[0]), by_path);
    struct irsa_sandbox_fields_set set = new_set(arena, all.count);
    for (size_t i = 0; i < all.count; i++)
        if (i == 0 || strcmp(all.at[i - 1].path, all.at[i].path) != 0)
            set.at[set.count++] = all.at[i].path;
    return set;
}

/* Add one path to the tree of fields; a field that has others below it is marked by ".". */
static void write_path(struct irsa_arena *arena, const char *path, bool has_inner, struct irsa_json *object) {
    while (*path != '\0') {
        size_t length = strcspn(path, IRSA_SANDBOX_PATH_SEPARATOR);
        object = irsa_sandbox_tree_object(arena, object, irsa_arena_copy_bytes(arena, path, length));
        path += length + (path[length] == '\0' ? 0 : 1);
    }
    if (has_inner)
        (void)irsa_sandbox_tree_object(arena, object, ".");
}

void irsa_sandbox_set_write(struct irsa_arena *arena, const struct irsa_sandbox_fields_set *set,
                            struct irsa_json *out_object) {
    for (size_t i = 0; i < set->count; i++)
        write_path(arena, set->at[i], i + 1 < set->count && is_below(set->at[i + 1], set->at[i]), out_object);
}

/* "k:{"name":"x"}" is [name="x"] */
static void add_key_text(struct irsa_text *text, const char *element, size_t length) {
    size_t skipped = strlen("k:{\"");
    size_t name = strcspn(element + skipped, "\"");
    size_t value = skipped + name + strlen("\":");
    irsa_text_addf(text, "[%.*s=%.*s]", (int)name, element + skipped, (int)(length - value - 1), element + value);
}

static void add_element_text(struct irsa_text *text, const char *element, size_t length) {
    if (strncmp(element, "k:", 2) == 0)
        add_key_text(text, element, length);
    else if (strncmp(element, "v:", 2) == 0)
        irsa_text_addf(text, "[=%.*s]", (int)(length - 2), element + 2);
    else
        irsa_text_addf(text, ".%.*s", (int)(length - 2), element + 2);
}

const char *irsa_sandbox_path_text(struct irsa_arena *arena, const char *path) {
    struct irsa_text text;
    irsa_text_init(&text, arena, strlen(path) * 2 + 16);
    while (*path != '\0') {
        size_t length = strcspn(path, IRSA_SANDBOX_PATH_SEPARATOR);
        add_element_text(&text, path, length);
        path += length + (path[length] == '\0' ? 0 : 1);
    }
    return text.length == 0 ? "" : text.at;
}

/* The items of a list with their path elements. */
struct items {
    const struct irsa_json **at;
    const char **elements;
    size_t count;
};

static struct items read_items(struct irsa_arena *arena, const struct irsa_sandbox_schema *schema,
                               const struct irsa_json *list) {
    struct items items = {.at = IRSA_NEW_ARRAY(arena, const struct irsa_json *, list->count),
                          .elements = IRSA_NEW_ARRAY(arena, const char *, list->count)};
    for (const struct irsa_json *item = list->first; item != NULL; item = item->next) {
        items.at[items.count] = item;
        items.elements[items.count++] = item_element(arena, schema, item);
    }
    return items;
}

/* The place of an element from `start` on, or the count. */
static size_t place_of(const struct items *items, size_t start, const char *element) {
    while (start < items->count && strcmp(items->elements[start], element) != 0)
        start++;
    return start;
}

static bool has_item(const struct items *items, const char *element) {
    return place_of(items, 0, element) < items->count;
}

/*
 * Items of both lists come in the order in which they are applied, those of one list only around them, what is live
 * first. An item that both have is the applied one.
 */
static struct irsa_json *merge_lists(struct irsa_arena *arena, const struct irsa_sandbox_schema *schema,
                                     const struct irsa_json *live, const struct irsa_json *applied) {
    struct items left = read_items(arena, schema, live);
    struct items right = read_items(arena, schema, applied);
    struct irsa_json *merged = irsa_json_new(arena, IRSA_JSON_ARRAY);
    struct irsa_json *tail = NULL;
    size_t l = 0;
    size_t r = 0;
    while (l < left.count || r < right.count) {
        bool is_shared = l < left.count && has_item(&right, left.elements[l]);
        size_t next_shared = r;
        while (next_shared < right.count && !has_item(&left, right.elements[next_shared]))
            next_shared++;
        bool is_next =
            is_shared && next_shared < right.count && strcmp(left.elements[l], right.elements[next_shared]) == 0;
        if (is_shared && !is_next) {
            l++; /* it was taken already, or is later */
        } else if (l < left.count && !is_shared) {
            irsa_json_append(merged, &tail, NULL, irsa_sandbox_tree_copy(arena, left.at[l++]));
        } else {
            l += is_next && next_shared == r ? 1 : 0;
            irsa_json_append(merged, &tail, NULL, irsa_sandbox_tree_copy(arena, right.at[r++]));
        }
    }
    return merged;
}

struct irsa_json *irsa_sandbox_schema_merge(struct irsa_arena *arena, const struct irsa_sandbox_schema *schema,
                                            const struct irsa_json *live, const struct irsa_json *applied) {
    if (live == NULL || schema->shape == IRSA_SANDBOX_LEAF)
        return irsa_sandbox_tree_copy(arena, applied);
    if (schema->shape == IRSA_SANDBOX_SET || schema->shape == IRSA_SANDBOX_KEYED)
        return merge_lists(arena, schema, live, applied);
    struct irsa_json *merged = irsa_sandbox_tree_copy(arena, live);
    for (const struct irsa_json *member = applied->first; member != NULL; member = member->next) {
        const struct irsa_sandbox_schema *inner =
            schema->shape == IRSA_SANDBOX_STRUCT ? irsa_sandbox_schema_member(schema, member->key) : NULL;
        struct irsa_json *value =
            inner == NULL ? irsa_sandbox_tree_copy(arena, member)
                          : irsa_sandbox_schema_merge(arena, inner, irsa_json_get(live, member->key), member);
        irsa_sandbox_tree_set(merged, member->key, value);
    }
    return merged;
}

struct removal {
    struct irsa_arena *arena;
    const struct irsa_sandbox_fields_set *removed;
};

static struct irsa_json *without(const struct removal *removal, const struct irsa_sandbox_schema *schema,
                                 const struct irsa_json *value, const char *path) {
    struct irsa_arena *arena = removal->arena;
    if (schema->shape == IRSA_SANDBOX_LEAF)
        return irsa_sandbox_tree_copy(arena, value);
    struct irsa_json *kept = irsa_json_new(arena, value->kind);
    struct irsa_json *tail = NULL;
    for (const struct irsa_json *child = value->first; child != NULL; child = child->next) {
        bool is_list = value->kind == IRSA_JSON_ARRAY;
        const char *inner_path =
            is_list ? step(arena, path, "", item_element(arena, schema, child)) : step(arena, path, "f:", child->key);
        const struct irsa_sandbox_schema *inner =
            schema->shape == IRSA_SANDBOX_STRUCT ? irsa_sandbox_schema_member(schema, child->key) : NULL;
        bool is_container = inner != NULL && inner->shape != IRSA_SANDBOX_LEAF;
        if (!is_container && irsa_sandbox_set_has(removal->removed, inner_path))
            continue;
        irsa_json_append(kept, &tail, child->key,
                         inner == NULL ? irsa_sandbox_tree_copy(arena, child)
                                       : without(removal, inner, child, inner_path));
    }
    return kept;
}

struct irsa_json *irsa_sandbox_schema_without(struct irsa_arena *arena, const struct irsa_sandbox_schema *schema,
                                              const struct irsa_json *object,
                                              const struct irsa_sandbox_fields_set *removed) {
    const struct removal removal = {.arena = arena, .removed = removed};
    return without(&removal, schema, object, "");
}
