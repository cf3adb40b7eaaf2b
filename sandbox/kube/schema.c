/*
 * Two schemas and the one walk that brings an object into their form.
 */
#include "sandbox/kube/schema.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "sandbox/kube/tree.h"

/* clang-format off */
#define LEAF(name)            {name, IRSA_SANDBOX_LEAF,   NULL, NULL}
#define MAP(name)             {name, IRSA_SANDBOX_MAP,    NULL, NULL}
#define SET(name)             {name, IRSA_SANDBOX_SET,    NULL, NULL}
#define KEYED(name, key)      {name, IRSA_SANDBOX_KEYED,  key,  NULL}
#define STRUCT(name, members) {name, IRSA_SANDBOX_STRUCT, NULL, members}
#define END                   {NULL, IRSA_SANDBOX_LEAF,   NULL, NULL}

static const struct irsa_sandbox_schema metadata[] = {
    LEAF("name"), LEAF("generateName"), LEAF("namespace"), LEAF("selfLink"), LEAF("uid"), LEAF("resourceVersion"),
    LEAF("generation"), LEAF("creationTimestamp"), LEAF("deletionTimestamp"), LEAF("deletionGracePeriodSeconds"),
    MAP("labels"), MAP("annotations"), KEYED("ownerReferences", "uid"), SET("finalizers"), LEAF("managedFields"), END,
};

static const struct irsa_sandbox_schema service_account[] = {
    LEAF("kind"), LEAF("apiVersion"), STRUCT("metadata", metadata), KEYED("secrets", "name"), LEAF("imagePullSecrets"),
    LEAF("automountServiceAccountToken"), END,
};

static const struct irsa_sandbox_schema namespace_spec[] = {LEAF("finalizers"), END};
static const struct irsa_sandbox_schema namespace_status[] = {LEAF("phase"), KEYED("conditions", "type"), END};
static const struct irsa_sandbox_schema namespace_members[] = {
    LEAF("kind"), LEAF("apiVersion"), STRUCT("metadata", metadata), STRUCT("spec", namespace_spec),
    STRUCT("status", namespace_status), END,
};

static const struct irsa_sandbox_schema service_account_root = STRUCT("", service_account);
static const struct irsa_sandbox_schema namespace_root = STRUCT("", namespace_members);
/* clang-format on */

const struct irsa_sandbox_resource irsa_sandbox_service_accounts = {"serviceaccounts", "ServiceAccount", true,
                                                                    &service_account_root};
const struct irsa_sandbox_resource irsa_sandbox_namespaces = {"namespaces", "Namespace", false, &namespace_root};

const struct irsa_sandbox_schema *irsa_sandbox_schema_member(const struct irsa_sandbox_schema *schema,
                                                             const char *name) {
    for (const struct irsa_sandbox_schema *member = schema->members; member != NULL && member->name != NULL; member++)
        if (strcmp(member->name, name) == 0)
            return member;
    return NULL;
}

struct walk {
    struct irsa_arena *arena;
    const char *unknown;
    const char *wrong;
};

static int by_key(const void *a, const void *b) {
    return strcmp((*(const struct irsa_json *const *)a)->key, (*(const struct irsa_json *const *)b)->key);
}

/* Go writes maps sorted by key. */
static struct irsa_json *normalise_map(struct walk *walk, const struct irsa_json *value, const char *path) {
    const struct irsa_json **members = IRSA_NEW_ARRAY(walk->arena, const struct irsa_json *, value->count);
    size_t count = 0;
    for (const struct irsa_json *member = value->first; member != NULL; member = member->next) {
        if (member->kind == IRSA_JSON_STRING)
            members[count++] = member;
        else if (member->kind != IRSA_JSON_NULL)
            walk->wrong = irsa_arena_format(walk->arena, "%s.%s", path, member->key);
    }
    if (count > 1)
        qsort(members, count, sizeof(members[0]), by_key);
    struct irsa_json *sorted = irsa_json_new(walk->arena, IRSA_JSON_OBJECT);
    struct irsa_json *tail = NULL;
    for (size_t i = 0; i < count; i++)
        irsa_json_append(sorted, &tail, members[i]->key, irsa_sandbox_tree_copy(walk->arena, members[i]));
    return sorted;
}

static bool is_kind_right(enum irsa_sandbox_shape shape, enum irsa_json_kind kind) {
    switch (shape) {
    case IRSA_SANDBOX_STRUCT:
    case IRSA_SANDBOX_MAP:
        return kind == IRSA_JSON_OBJECT;
    case IRSA_SANDBOX_SET:
    case IRSA_SANDBOX_KEYED:
        return kind == IRSA_JSON_ARRAY;
    case IRSA_SANDBOX_LEAF:
        break;
    }
    return true;
}

static struct irsa_json *normalise(struct walk *walk, const struct irsa_sandbox_schema *schema,
                                   const struct irsa_json *value, const char *path);

static bool is_empty(const struct irsa_json *value) {
    return (value->kind == IRSA_JSON_OBJECT || value->kind == IRSA_JSON_ARRAY) && value->first == NULL;
}

static struct irsa_json *normalise_struct(struct walk *walk, const struct irsa_sandbox_schema *schema,
                                          const struct irsa_json *value, const char *path) {
    for (const struct irsa_json *member = value->first; member != NULL; member = member->next)
        if (walk->unknown == NULL && irsa_sandbox_schema_member(schema, member->key) == NULL)
            walk->unknown = irsa_arena_format(walk->arena, "%s.%s", path, member->key);
    struct irsa_json *ordered = irsa_json_new(walk->arena, IRSA_JSON_OBJECT);
    struct irsa_json *tail = NULL;
    for (const struct irsa_sandbox_schema *member = schema->members; member->name != NULL; member++) {
        const struct irsa_json *found = irsa_json_get(value, member->name);
        if (found == NULL || found->kind == IRSA_JSON_NULL)
            continue;
        struct irsa_json *made =
            normalise(walk, member, found, irsa_arena_format(walk->arena, "%s.%s", path, member->name));
        if (!is_empty(made) || member->shape == IRSA_SANDBOX_STRUCT)
            irsa_json_append(ordered, &tail, member->name, made);
    }
    return ordered;
}

static struct irsa_json *normalise(struct walk *walk, const struct irsa_sandbox_schema *schema,
                                   const struct irsa_json *value, const char *path) {
    if (!is_kind_right(schema->shape, value->kind)) {
        walk->wrong = path;
        return irsa_json_new(walk->arena, IRSA_JSON_OBJECT);
    }
    if (schema->shape == IRSA_SANDBOX_STRUCT)
        return normalise_struct(walk, schema, value, path);
    if (schema->shape == IRSA_SANDBOX_MAP)
        return normalise_map(walk, value, path);
    return irsa_sandbox_tree_copy(walk->arena, value);
}

struct irsa_json *irsa_sandbox_schema_normalise(struct irsa_arena *arena, const struct irsa_sandbox_schema *schema,
                                                const struct irsa_json *value, const char **out_unknown,
                                                const char **out_wrong) {
    struct walk walk = {.arena = arena};
    struct irsa_json *made = normalise(&walk, schema, value, "");
    *out_unknown = walk.unknown;
    *out_wrong = walk.wrong;
    return made;
}
