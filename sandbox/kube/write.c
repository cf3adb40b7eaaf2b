/*
 * What all writes of objects have in common: the checks before, and the one tail that keeps and answers.
 */
#include "sandbox/kube/write.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/crypto.h"
#include "sandbox/inside.h"
#include "sandbox/kube/objects.h"
#include "sandbox/kube/tree.h"
#include "sandbox/kube/validate.h"

#define MODIFIED        "the object has been modified; please apply your changes to the latest version and try again"
#define WRONG_NAMESPACE "the namespace of the provided object does not match the namespace sent on the request"

const char *irsa_sandbox_write_metadata(const struct irsa_json *object, const char *key) {
    return irsa_json_get_text(irsa_json_get(object, "metadata"), key);
}

struct irsa_sandbox_writer irsa_sandbox_write_writer(const struct irsa_sandbox_kube *kube) {
    return (struct irsa_sandbox_writer){.arena = kube->arena,
                                        .schema = kube->resource->schema,
                                        .manager = kube->manager,
                                        .time = kube->time,
                                        .force = kube->force};
}

/* A namespace that is absent or going away takes nothing new. */
bool irsa_sandbox_write_check_namespace(struct irsa_sandbox_kube *kube, const char *name) {
    bool is_terminating = false;
    if (kube->namespace_name == NULL)
        return true;
    if (!irsa_sandbox_namespace_find(kube->arena, kube->cluster, kube->namespace_name, &is_terminating))
        return irsa_sandbox_kube_absent(kube, "namespaces", kube->namespace_name);
    if (!is_terminating)
        return true;
    const struct irsa_sandbox_cause cause = {
        .reason = "NamespaceTerminating",
        .message = irsa_arena_format(kube->arena, "namespace %s is being terminated", kube->namespace_name),
        .field = "metadata.namespace"};
    const char *message = irsa_arena_format(
        kube->arena,
        "%s \"%s\" is forbidden: unable to create new content in namespace %s because it is being terminated",
        kube->resource->plural, name, kube->namespace_name);
    return irsa_sandbox_status(kube->call, &(struct irsa_sandbox_status){.code = 403,
                                                                         .reason = "Forbidden",
                                                                         .message = message,
                                                                         .name = name,
                                                                         .kind = kube->resource->plural,
                                                                         .causes = &cause,
                                                                         .cause_count = 1});
}

struct irsa_json *irsa_sandbox_write_live(struct irsa_sandbox_kube *kube) {
    return irsa_sandbox_object_read(kube->arena, kube->cluster, kube->resource, kube->key);
}

static bool is_deleted_now(const struct irsa_json *object) {
    const struct irsa_json *metadata = irsa_json_get(object, "metadata");
    const struct irsa_json *finalizers = irsa_json_get(metadata, "finalizers");
    return irsa_json_get(metadata, "deletionTimestamp") != NULL && (finalizers == NULL || finalizers->first == NULL);
}

static void keep(struct irsa_sandbox_kube *kube, struct irsa_json *object, const struct irsa_json *live) {
    if (kube->is_dry_run || (live != NULL && irsa_json_equal(live, object)))
        return;
    if (live != NULL && kube->resource->is_namespaced && is_deleted_now(object))
        irsa_sandbox_object_remove(kube->cluster, kube->resource, kube->key);
    else
        irsa_sandbox_object_store(kube->arena, kube->cluster, kube->resource, kube->key, object);
}

bool irsa_sandbox_write_check(struct irsa_sandbox_kube *kube, const struct irsa_json *object,
                              const struct irsa_json *live) {
    size_t count;
    const struct irsa_sandbox_cause *faults = irsa_sandbox_validate(kube->arena, kube->resource, object, live, &count);
    const struct irsa_sandbox_subject subject = {.kind = kube->resource->kind, .name = kube->name};
    return count == 0 || irsa_sandbox_invalid(kube->call, subject, faults, count);
}

/* Of the secrets that an account names the server keeps the names. It does so after it has looked who owns what. */
static void clean_references(struct irsa_sandbox_kube *kube, struct irsa_json *object) {
    static const char *const lists[] = {"secrets", "imagePullSecrets"};
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        const struct irsa_json *list = irsa_json_get(object, lists[i]);
        if (!kube->resource->is_namespaced || list == NULL || list->kind != IRSA_JSON_ARRAY)
            continue;
        struct irsa_json *cleaned = irsa_json_new(kube->arena, IRSA_JSON_ARRAY);
        struct irsa_json *tail = NULL;
        for (const struct irsa_json *item = list->first; item != NULL; item = item->next) {
            struct irsa_json *reference = irsa_json_new(kube->arena, IRSA_JSON_OBJECT);
            if (irsa_json_get_text(item, "name") != NULL)
                irsa_sandbox_tree_set_text(kube->arena, reference, "name", irsa_json_get_text(item, "name"));
            irsa_json_append(cleaned, &tail, NULL, reference);
        }
        irsa_sandbox_tree_set(object, lists[i], cleaned);
    }
}

bool irsa_sandbox_write_fail_plainly(struct irsa_sandbox_kube *kube, const char *message) {
    return irsa_sandbox_status(kube->call, &(struct irsa_sandbox_status){.code = 500, .message = message});
}

static bool fail_size(struct irsa_sandbox_kube *kube) {
    return irsa_sandbox_write_fail_plainly(kube, "etcdserver: request is too large");
}

bool irsa_sandbox_write_finish(struct irsa_sandbox_kube *kube, struct irsa_json *object, const struct irsa_json *live,
                               struct irsa_sandbox_managers *managers) {
    const struct irsa_sandbox_schema *schema = kube->resource->schema;
    if (!irsa_sandbox_object_fits(object))
        return fail_size(kube);
    irsa_sandbox_managers_write(kube->arena, managers, object);
    clean_references(kube, object);
    struct irsa_json *ordered = irsa_sandbox_schema_normalise(kube->arena, schema, object);
    if (!irsa_sandbox_object_fits(ordered))
        return fail_size(kube);
    keep(kube, ordered, live);
    irsa_sandbox_kube_answer(kube, live == NULL ? 201 : 200,
                             irsa_sandbox_schema_normalise(kube->arena, schema, ordered));
    return true;
}

/* generateName and five characters, as the server picks them. */
static const char *generate_name(struct irsa_arena *arena, const char *prefix) {
    static const char alphabet[] = "bcdfghjklmnpqrstvwxz2456789";
    uint8_t bytes[5];
    char suffix[6] = "";
    irsa_random_bytes(bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++)
        suffix[i] = alphabet[bytes[i] % (sizeof(alphabet) - 1)];
    return irsa_arena_format(arena, "%s%s", prefix, suffix);
}

bool irsa_sandbox_write_name(struct irsa_sandbox_kube *kube, struct irsa_json *object) {
    struct irsa_json *metadata = irsa_sandbox_tree_object(kube->arena, object, "metadata");
    const char *name = irsa_json_get_text(metadata, "name");
    const char *prefix = irsa_json_get_text(metadata, "generateName");
    const char *namespace_name = irsa_json_get_text(metadata, "namespace");
    if (irsa_text_is_empty(name) && !irsa_text_is_empty(prefix))
        name = generate_name(kube->arena, prefix);
    if (namespace_name != NULL && kube->namespace_name != NULL && strcmp(namespace_name, kube->namespace_name) != 0)
        return irsa_sandbox_kube_bad_request(kube, WRONG_NAMESPACE);
    if (name != NULL)
        irsa_sandbox_tree_set_text(kube->arena, metadata, "name", name);
    if (kube->namespace_name != NULL)
        irsa_sandbox_tree_set_text(kube->arena, metadata, "namespace", kube->namespace_name);
    kube->name = name == NULL ? "" : name;
    kube->key = irsa_sandbox_object_key(kube->arena, kube->namespace_name, kube->name);
    return true;
}

bool irsa_sandbox_write_check_version(struct irsa_sandbox_kube *kube, const struct irsa_json *object,
                                      const struct irsa_json *live) {
    const char *version = irsa_sandbox_write_metadata(object, "resourceVersion");
    int64_t number = 0; /* which names none */
    if (irsa_text_is_empty(version))
        return true;
    if (!irsa_text_to_integer(version, 0, INT64_MAX, &number))
        return irsa_sandbox_write_fail_plainly(kube, irsa_arena_format(kube->arena,
                                                                       "strconv.ParseUint: parsing %s: invalid syntax",
                                                                       irsa_sandbox_quote(kube->arena, version)));
    if (live == NULL || number == 0 || strcmp(version, irsa_sandbox_write_metadata(live, "resourceVersion")) == 0)
        return true;
    return irsa_sandbox_kube_conflict(kube, kube->resource->plural, kube->name, MODIFIED);
}

void irsa_sandbox_write_keep_identity(struct irsa_sandbox_kube *kube, struct irsa_json *object,
                                      const struct irsa_json *live) {
    static const char *const kept[] = {"name",
                                       "namespace",
                                       "uid",
                                       "resourceVersion",
                                       "creationTimestamp",
                                       "deletionTimestamp",
                                       "deletionGracePeriodSeconds",
                                       "managedFields"};
    struct irsa_json *metadata = irsa_sandbox_tree_object(kube->arena, object, "metadata");
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        const struct irsa_json *value = irsa_json_get(irsa_json_get(live, "metadata"), kept[i]);
        irsa_sandbox_tree_remove(metadata, kept[i]);
        if (value != NULL)
            irsa_sandbox_tree_set(metadata, kept[i], irsa_sandbox_tree_copy(kube->arena, value));
    }
    irsa_sandbox_tree_set_text(kube->arena, object, "kind", kube->resource->kind);
    irsa_sandbox_tree_set_text(kube->arena, object, "apiVersion", "v1");
    if (kube->resource->is_namespaced)
        return;
    irsa_sandbox_tree_set(object, "spec", irsa_sandbox_tree_copy(kube->arena, irsa_json_get(live, "spec")));
    irsa_sandbox_tree_set(object, "status", irsa_sandbox_tree_copy(kube->arena, irsa_json_get(live, "status")));
    irsa_sandbox_object_default(kube->arena, kube->resource, object);
}

bool irsa_sandbox_write_check_names(struct irsa_sandbox_kube *kube, const struct irsa_json *object, bool is_needed) {
    const char *name = irsa_sandbox_write_metadata(object, "name");
    const char *namespace_name = irsa_sandbox_write_metadata(object, "namespace");
    if (is_needed && irsa_text_is_empty(name))
        return irsa_sandbox_kube_bad_request(
            kube, irsa_arena_format(
                      kube->arena, "the name of the object (%s based on URL) was undeterminable: name must be provided",
                      kube->name));
    if (name != NULL && strcmp(name, kube->name) != 0)
        return irsa_sandbox_kube_bad_request(
            kube, irsa_arena_format(kube->arena, "the name of the object (%s) does not match the name on the URL (%s)",
                                    name, kube->name));
    if (!irsa_text_is_empty(namespace_name) && kube->namespace_name != NULL &&
        strcmp(namespace_name, kube->namespace_name) != 0)
        return irsa_sandbox_kube_bad_request(kube, WRONG_NAMESPACE);
    return true;
}
