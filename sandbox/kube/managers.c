/*
 * Ownership as structured-merge-diff keeps it: an apply claims its fields and gives up those it no longer names, every
 * other write takes what it changes.
 */
#include "sandbox/kube/managers.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "sandbox/kube/tree.h"

#define API_VERSION        "v1"
#define BEFORE_FIRST_APPLY "before-first-apply"

static const char *text_or_empty(const struct irsa_json *object, const char *key) {
    const char *text = irsa_json_get_text(object, key);
    return text == NULL ? "" : text;
}

/* Of an object, which may be NULL. */
static struct irsa_sandbox_managers read_managers(struct irsa_arena *arena, const struct irsa_json *object) {
    const struct irsa_json *list = irsa_json_get(irsa_json_get(object, "metadata"), "managedFields");
    struct irsa_sandbox_managers managers = {0};
    if (list == NULL)
        return managers;
    managers.at = IRSA_NEW_ARRAY(arena, struct irsa_sandbox_manager, list->count);
    for (const struct irsa_json *entry = list->first; entry != NULL; entry = entry->next)
        managers.at[managers.count++] = (struct irsa_sandbox_manager){
            .name = text_or_empty(entry, "manager"),
            .operation = text_or_empty(entry, "operation"),
            .subresource = text_or_empty(entry, "subresource"),
            .time = text_or_empty(entry, "time"),
            .set = irsa_sandbox_set_read(arena, irsa_json_get(entry, "fieldsV1")),
        };
    return managers;
}

static int by_order(const void *a, const void *b) {
    const struct irsa_sandbox_manager *left = a;
    const struct irsa_sandbox_manager *right = b;
    int order = strcmp(left->operation, right->operation);
    if (order == 0)
        order = strcmp(left->time, right->time);
    if (order == 0)
        order = strcmp(left->name, right->name);
    return order != 0 ? order : strcmp(left->subresource, right->subresource);
}

void irsa_sandbox_managers_write(struct irsa_arena *arena, const struct irsa_sandbox_managers *managers,
                                 struct irsa_json *object) {
    struct irsa_json *metadata = irsa_sandbox_tree_object(arena, object, "metadata");
    struct irsa_json *list = irsa_json_new(arena, IRSA_JSON_ARRAY);
    struct irsa_json *tail = NULL;
    if (managers->count > 1)
        qsort(managers->at, managers->count, sizeof(managers->at[0]), by_order);
    for (size_t i = 0; i < managers->count; i++) {
        const struct irsa_sandbox_manager *manager = &managers->at[i];
        if (manager->set.count == 0)
            continue;
        struct irsa_json *entry = irsa_json_new(arena, IRSA_JSON_OBJECT);
        struct irsa_json *fields = irsa_json_new(arena, IRSA_JSON_OBJECT);
        irsa_sandbox_set_write(arena, &manager->set, fields);
        irsa_sandbox_tree_set_text(arena, entry, "manager", manager->name);
        irsa_sandbox_tree_set_text(arena, entry, "operation", manager->operation);
        irsa_sandbox_tree_set_text(arena, entry, "apiVersion", API_VERSION);
        if (manager->time[0] != '\0')
            irsa_sandbox_tree_set_text(arena, entry, "time", manager->time);
        irsa_sandbox_tree_set_text(arena, entry, "fieldsType", "FieldsV1");
        irsa_sandbox_tree_set(entry, "fieldsV1", fields);
        if (manager->subresource[0] != '\0')
            irsa_sandbox_tree_set_text(arena, entry, "subresource", manager->subresource);
        irsa_json_append(list, &tail, NULL, entry);
    }
    irsa_sandbox_tree_remove(metadata, "managedFields");
    if (list->first != NULL)
        irsa_sandbox_tree_set(metadata, "managedFields", list);
}

/* The writer's own entry, made when it is absent. There is room for one more. */
static struct irsa_sandbox_manager *own_entry(struct irsa_sandbox_managers *managers, const char *name,
                                              const char *operation) {
    for (size_t i = 0; i < managers->count; i++) {
        struct irsa_sandbox_manager *manager = &managers->at[i];
        if (strcmp(manager->name, name) == 0 && strcmp(manager->operation, operation) == 0 &&
            manager->subresource[0] == '\0')
            return manager;
    }
    managers->at[managers->count] =
        (struct irsa_sandbox_manager){.name = name, .operation = operation, .subresource = "", .time = ""};
    return &managers->at[managers->count++];
}

static struct irsa_sandbox_managers with_room(struct irsa_arena *arena, struct irsa_sandbox_managers managers) {
    struct irsa_sandbox_managers copy = {.at = IRSA_NEW_ARRAY(arena, struct irsa_sandbox_manager, managers.count + 1),
                                         .count = managers.count};
    for (size_t i = 0; i < managers.count; i++)
        copy.at[i] = managers.at[i];
    return copy;
}

/* What the writer applied before, names no more, and nobody else owns. */
static struct irsa_sandbox_fields_set abandoned(struct irsa_arena *arena, const struct irsa_sandbox_managers *managers,
                                                const struct irsa_sandbox_manager *own,
                                                const struct irsa_sandbox_fields_set *claimed) {
    struct irsa_sandbox_fields_set left = irsa_sandbox_set_minus(arena, &own->set, claimed);
    for (size_t i = 0; i < managers->count; i++)
        if (&managers->at[i] != own)
            left = irsa_sandbox_set_minus(arena, &left, &managers->at[i].set);
    return left;
}

static void find_conflicts(const struct irsa_sandbox_writer *writer, struct irsa_sandbox_applied *applied,
                           const struct irsa_sandbox_manager *own, const struct irsa_sandbox_fields_set *changed) {
    size_t most = changed->count * applied->managers.count;
    applied->conflicts = IRSA_NEW_ARRAY(writer->arena, struct irsa_sandbox_conflict, most);
    for (size_t m = 0; m < applied->managers.count; m++) {
        const struct irsa_sandbox_manager *manager = &applied->managers.at[m];
        for (size_t i = 0; manager != own && i < changed->count; i++)
            if (irsa_sandbox_set_has(&manager->set, changed->at[i]))
                applied->conflicts[applied->conflict_count++] =
                    (struct irsa_sandbox_conflict){.owner = manager, .path = changed->at[i]};
    }
}

static void take_from_others(struct irsa_arena *arena, struct irsa_sandbox_managers *managers,
                             const struct irsa_sandbox_manager *own, const struct irsa_sandbox_fields_set *fields) {
    for (size_t i = 0; i < managers->count; i++)
        if (&managers->at[i] != own)
            managers->at[i].set = irsa_sandbox_set_minus(arena, &managers->at[i].set, fields);
}

/* What an update changed is its own and nobody else's; what it removed is nobody's. */
static struct irsa_sandbox_managers own_changes(const struct irsa_sandbox_writer *writer,
                                                struct irsa_sandbox_managers managers,
                                                const struct irsa_sandbox_difference *difference) {
    struct irsa_arena *arena = writer->arena;
    struct irsa_sandbox_manager *own = own_entry(&managers, writer->manager, "Update");
    if (difference->changed.count > 0)
        own->time = writer->time;
    own->set = irsa_sandbox_set_plus(arena, &own->set, &difference->changed);
    own->set = irsa_sandbox_set_minus(arena, &own->set, &difference->removed);
    take_from_others(arena, &managers, own, &difference->changed);
    take_from_others(arena, &managers, own, &difference->removed);
    return managers;
}

/* The managers as an apply finds them, with room for one more. */
static struct irsa_sandbox_managers managers_before(const struct irsa_sandbox_writer *writer,
                                                    const struct irsa_json *live,
                                                    const struct irsa_sandbox_leaves *before) {
    static const struct irsa_sandbox_leaves nothing = {0};
    struct irsa_sandbox_managers managers = read_managers(writer->arena, live);
    if (live == NULL || managers.count > 0)
        return with_room(writer->arena, managers);
    const struct irsa_sandbox_difference all = irsa_sandbox_difference(writer->arena, &nothing, before);
    struct irsa_sandbox_writer first = *writer;
    first.manager = BEFORE_FIRST_APPLY;
    return with_room(writer->arena, own_changes(&first, with_room(writer->arena, managers), &all));
}

struct irsa_sandbox_applied irsa_sandbox_apply(const struct irsa_sandbox_writer *writer, const struct irsa_json *live,
                                               const struct irsa_json *config) {
    struct irsa_arena *arena = writer->arena;
    struct irsa_sandbox_leaves before = irsa_sandbox_leaves_of(arena, writer->schema, live);
    struct irsa_sandbox_leaves wanted = irsa_sandbox_leaves_of(arena, writer->schema, config);
    struct irsa_sandbox_applied applied = {.managers = managers_before(writer, live, &before)};
    struct irsa_sandbox_manager *own = own_entry(&applied.managers, writer->manager, "Apply");
    struct irsa_sandbox_fields_set claimed = irsa_sandbox_set_of_applied(arena, &wanted);
    struct irsa_sandbox_fields_set left = abandoned(arena, &applied.managers, own, &claimed);
    struct irsa_json *merged = irsa_sandbox_schema_merge(arena, writer->schema, live, config);
    applied.object = irsa_sandbox_schema_without(arena, writer->schema, merged, &left);
    struct irsa_sandbox_leaves after = irsa_sandbox_leaves_of(arena, writer->schema, applied.object);
    struct irsa_sandbox_difference difference = irsa_sandbox_difference(arena, &before, &after);
    if (!writer->force)
        find_conflicts(writer, &applied, own, &difference.changed);
    if (applied.conflict_count > 0)
        return applied;
    if (live == NULL || !irsa_json_equal(live, applied.object)) /* or only another order in a list */
        own->time = writer->time;
    own->set = claimed;
    take_from_others(arena, &applied.managers, own, &difference.changed);
    take_from_others(arena, &applied.managers, own, &difference.removed);
    return applied;
}

struct irsa_sandbox_managers irsa_sandbox_update(const struct irsa_sandbox_writer *writer, const struct irsa_json *live,
                                                 const struct irsa_json *object) {
    struct irsa_arena *arena = writer->arena;
    struct irsa_sandbox_managers managers = read_managers(arena, live);
    if (live != NULL && managers.count == 0)
        return managers;
    struct irsa_sandbox_leaves before = irsa_sandbox_leaves_of(arena, writer->schema, live);
    struct irsa_sandbox_leaves after = irsa_sandbox_leaves_of(arena, writer->schema, object);
    struct irsa_sandbox_difference difference = irsa_sandbox_difference(arena, &before, &after);
    return own_changes(writer, with_room(arena, managers), &difference);
}
