/*
 * Two schemas and the one walk that brings an object into their form.
 */
#include "sandbox/kube/schema.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "sandbox/kube/tree.h"

#define GO_MAP "map[string]string"
#define GO_SET "[]string"

/* clang-format off */
#define LEAF(name, holds, type)     {name, IRSA_SANDBOX_LEAF,   IRSA_SANDBOX_##holds,   type, NULL, NULL, NULL}
#define MAP(name)                   {name, IRSA_SANDBOX_MAP,    IRSA_SANDBOX_TEXT,      GO_MAP, "string", NULL, NULL}
#define SET(name)                   {name, IRSA_SANDBOX_SET,    IRSA_SANDBOX_TEXT,      GO_SET, "string", NULL, NULL}
#define KEYED(name, type, key)      {name, IRSA_SANDBOX_KEYED,  IRSA_SANDBOX_ANYTHING,  "[]" type, type, key, NULL}
#define STRUCT(name, type, members) {name, IRSA_SANDBOX_STRUCT, IRSA_SANDBOX_ANYTHING,  type, NULL, NULL, members}
#define TEXT(name)                  LEAF(name, TEXT, "string")
#define TIME(name)                  LEAF(name, TEXT, "string")
#define NUMBER(name)                LEAF(name, NUMBER, "int64")
#define END                         {NULL, IRSA_SANDBOX_LEAF,   IRSA_SANDBOX_ANYTHING,  NULL, NULL, NULL, NULL}

static const struct irsa_sandbox_schema metadata[] = {
    TEXT("name"), TEXT("generateName"), TEXT("namespace"), TEXT("selfLink"), LEAF("uid", TEXT, "types.UID"),
    TEXT("resourceVersion"), NUMBER("generation"), TIME("creationTimestamp"), TIME("deletionTimestamp"),
    NUMBER("deletionGracePeriodSeconds"), MAP("labels"), MAP("annotations"),
    KEYED("ownerReferences", "v1.OwnerReference", "uid"), SET("finalizers"),
    LEAF("managedFields", LIST, "[]v1.ManagedFieldsEntry"), END,
};

static const struct irsa_sandbox_schema service_account[] = {
    TEXT("kind"), TEXT("apiVersion"), STRUCT("metadata", "v1.ObjectMeta", metadata),
    KEYED("secrets", "v1.ObjectReference", "name"), LEAF("imagePullSecrets", LIST, "[]v1.LocalObjectReference"),
    LEAF("automountServiceAccountToken", BOOLEAN, "bool"), END,
};

static const struct irsa_sandbox_schema namespace_spec[] = {
    LEAF("finalizers", LIST, "[]v1.FinalizerName"), END,
};
static const struct irsa_sandbox_schema namespace_status[] = {
    LEAF("phase", TEXT, "v1.NamespacePhase"), KEYED("conditions", "v1.NamespaceCondition", "type"), END,
};
static const struct irsa_sandbox_schema namespace_members[] = {
    TEXT("kind"), TEXT("apiVersion"), STRUCT("metadata", "v1.ObjectMeta", metadata),
    STRUCT("spec", "v1.NamespaceSpec", namespace_spec), STRUCT("status", "v1.NamespaceStatus", namespace_status), END,
};

static const struct irsa_sandbox_schema service_account_root = STRUCT("", "v1.ServiceAccount", service_account);
static const struct irsa_sandbox_schema namespace_root = STRUCT("", "v1.Namespace", namespace_members);
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
    bool keeps_empty;
};

static int by_key(const void *a, const void *b) {
    return strcmp((*(const struct irsa_json *const *)a)->key, (*(const struct irsa_json *const *)b)->key);
}

/* Go writes maps sorted by key, and reads null as the empty text. */
static struct irsa_json *normalise_map(const struct walk *walk, const struct irsa_json *value) {
    const struct irsa_json **members = IRSA_NEW_ARRAY(walk->arena, const struct irsa_json *, value->count);
    size_t count = 0;
    for (const struct irsa_json *member = value->first; member != NULL; member = member->next)
        members[count++] = member;
    if (count > 1)
        qsort(members, count, sizeof(members[0]), by_key);
    struct irsa_json *sorted = irsa_json_new(walk->arena, IRSA_JSON_OBJECT);
    struct irsa_json *tail = NULL;
    for (size_t i = 0; i < count; i++)
        irsa_json_append(sorted, &tail, members[i]->key,
                         irsa_json_new_text(walk->arena, members[i]->text == NULL ? "" : members[i]->text));
    return sorted;
}

/* Here too null is what is empty. */
static struct irsa_json *normalise_list(const struct walk *walk, const struct irsa_sandbox_schema *schema,
                                        const struct irsa_json *value) {
    struct irsa_json *list = irsa_json_new(walk->arena, IRSA_JSON_ARRAY);
    struct irsa_json *tail = NULL;
    for (const struct irsa_json *item = value->first; item != NULL; item = item->next) {
        struct irsa_json *made = NULL;
        if (item->kind != IRSA_JSON_NULL)
            made = irsa_sandbox_tree_copy(walk->arena, item);
        else if (schema->shape == IRSA_SANDBOX_SET)
            made = irsa_json_new_text(walk->arena, "");
        else
            made = irsa_json_new(walk->arena, IRSA_JSON_OBJECT);
        irsa_json_append(list, &tail, NULL, made);
    }
    return list;
}

static struct irsa_json *normalise(const struct walk *walk, const struct irsa_sandbox_schema *schema,
                                   const struct irsa_json *value);

static bool is_kept(const struct walk *walk, const struct irsa_sandbox_schema *schema, const struct irsa_json *value) {
    bool is_container = value->kind == IRSA_JSON_OBJECT || value->kind == IRSA_JSON_ARRAY;
    return !is_container || value->first != NULL || schema->shape == IRSA_SANDBOX_STRUCT || walk->keeps_empty;
}

static struct irsa_json *normalise_struct(const struct walk *walk, const struct irsa_sandbox_schema *schema,
                                          const struct irsa_json *value) {
    struct irsa_json *ordered = irsa_json_new(walk->arena, IRSA_JSON_OBJECT);
    struct irsa_json *tail = NULL;
    for (const struct irsa_sandbox_schema *member = schema->members; member->name != NULL; member++) {
        const struct irsa_json *found = irsa_json_get(value, member->name);
        if (found == NULL || (found->kind == IRSA_JSON_NULL && !walk->keeps_empty))
            continue;
        struct irsa_json *made = normalise(walk, member, found);
        if (is_kept(walk, member, made))
            irsa_json_append(ordered, &tail, member->name, made);
    }
    return ordered;
}

static struct irsa_json *normalise(const struct walk *walk, const struct irsa_sandbox_schema *schema,
                                   const struct irsa_json *value) {
    if (schema->shape == IRSA_SANDBOX_STRUCT)
        return normalise_struct(walk, schema, value);
    if (schema->shape == IRSA_SANDBOX_MAP)
        return normalise_map(walk, value);
    if (schema->shape == IRSA_SANDBOX_LEAF || value->kind == IRSA_JSON_NULL)
        return irsa_sandbox_tree_copy(walk->arena, value);
    return normalise_list(walk, schema, value);
}

struct irsa_json *irsa_sandbox_schema_normalise(struct irsa_arena *arena, const struct irsa_sandbox_schema *schema,
                                                const struct irsa_json *value) {
    const struct walk walk = {.arena = arena};
    return normalise(&walk, schema, value);
}

struct irsa_json *irsa_sandbox_schema_normalise_applied(struct irsa_arena *arena,
                                                        const struct irsa_sandbox_schema *schema,
                                                        const struct irsa_json *value) {
    const struct walk walk = {.arena = arena, .keeps_empty = true};
    return normalise(&walk, schema, value);
}
