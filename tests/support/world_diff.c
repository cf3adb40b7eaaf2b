/*
 * One walk over both trees at once. What stands in the first and not in the second is told first, in the first one's order.
 */
#include "tests/support/world_diff.h"

#include <string.h>

#include "core/base/arena.h"

#define DIFF_MAX_BYTES ((size_t)64 * 1024)

struct walk {
    struct irsa_arena *arena;
    const struct world_alias *aliases;
    struct irsa_text list;
};

static bool is_volatile(const char *key) {
    static const char *const KEYS[] = {"resourceVersion", "creationTimestamp", "time"};
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++)
        if (strcmp(KEYS[i], key) == 0)
            return true;
    return false;
}

static const char *shortened(const struct walk *walk, const char *path) {
    for (const struct world_alias *alias = walk->aliases; alias->path != NULL; alias++)
        if (irsa_text_starts_with(path, alias->path))
            return irsa_arena_format(walk->arena, "%s%s", alias->word, path + strlen(alias->path));
    return path;
}

static void tell(struct walk *walk, char sign, const char *path) {
    irsa_text_addf(&walk->list, "%s%c%s", walk->list.length == 0 ? "" : ", ", sign, shortened(walk, path));
}

/* What tells a child from its siblings: a member's key, a text itself, a thing's name; else its place. */
static const char *name_of(const struct walk *walk, const struct irsa_json *child, unsigned index) {
    static const char *const NAMES[] = {"roleName", "arn", "policyName"};
    if (child->key != NULL)
        return child->key;
    if (child->kind == IRSA_JSON_STRING)
        return child->text;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (irsa_json_get_text(child, NAMES[i]) != NULL)
            return irsa_json_get_text(child, NAMES[i]);
    const char *manager = irsa_json_get_text(child, "manager"); /* of fields */
    if (manager != NULL)
        return irsa_arena_format(walk->arena, "%s by %s", irsa_json_get_text(child, "operation"), manager);
    const struct irsa_json *metadata = irsa_json_get(child, "metadata");
    if (metadata != NULL)
        return irsa_arena_format(walk->arena, "%s/%s", irsa_json_get_text(metadata, "namespace"),
                                 irsa_json_get_text(metadata, "name"));
    return irsa_arena_format(walk->arena, "%u", index);
}

static const struct irsa_json *find(const struct walk *walk, const struct irsa_json *parent, const char *name) {
    unsigned index = 0;
    for (const struct irsa_json *child = parent->first; child != NULL; child = child->next)
        if (strcmp(name_of(walk, child, index++), name) == 0)
            return child;
    return NULL;
}

static bool is_nest(const struct irsa_json *value) {
    return value->kind == IRSA_JSON_OBJECT || value->kind == IRSA_JSON_ARRAY;
}

static void compare(struct walk *walk, const char *path, const struct irsa_json *before, const struct irsa_json *after);

/* Children of `before`: they went, or are compared; with `only_new` the other way round, those that came. */
static void compare_children(struct walk *walk, const char *path, const struct irsa_json *before,
                             const struct irsa_json *after, bool only_new) {
    unsigned index = 0;
    for (const struct irsa_json *child = before->first; child != NULL; child = child->next) {
        const char *name = name_of(walk, child, index++);
        if (is_volatile(name))
            continue;
        const char *inner = *path == '\0' ? name : irsa_arena_format(walk->arena, "%s/%s", path, name);
        const struct irsa_json *other = find(walk, after, name);
        if (other == NULL)
            tell(walk, only_new ? '+' : '-', inner);
        else if (!only_new)
            compare(walk, inner, child, other);
    }
}

static void compare(struct walk *walk, const char *path, const struct irsa_json *before,
                    const struct irsa_json *after) {
    if (before->kind != after->kind || !is_nest(before)) {
        if (!irsa_json_equal(before, after))
            tell(walk, '~', path);
        return;
    }
    compare_children(walk, path, before, after, false);
    compare_children(walk, path, after, before, true);
}

const char *world_diff(struct irsa_arena *arena, const struct irsa_json *before, const struct irsa_json *after,
                       const struct world_alias *aliases) {
    struct walk walk = {.arena = arena, .aliases = aliases};
    irsa_text_init(&walk.list, arena, DIFF_MAX_BYTES);
    compare(&walk, "", before, after);
    return walk.list.at;
}
