/*
 * The checks before a write, and the tail behind it.
 */
#include "sandbox/kube/write.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/crypto.h"
#include "sandbox/inside.h"
#include "sandbox/kube/objects.h"
#include "sandbox/kube/tree.h"
#include "sandbox/kube/validate.h"

#define MODIFIED "the object has been modified; please apply your changes to the latest version and try again"

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

bool irsa_sandbox_write_check_kind(struct irsa_sandbox_kube *kube, const struct irsa_json *object) {
    const char *kind = irsa_json_get_text(object, "kind");
    const char *version = irsa_json_get_text(object, "apiVersion");
    const char *wanted = kube->resource->kind;
    if (object->kind != IRSA_JSON_OBJECT)
        return irsa_sandbox_kube_bad_request(kube, "the body is no JSON object");
    if ((kind != NULL && strcmp(kind, wanted) != 0) || (version != NULL && strcmp(version, "v1") != 0)) {
        const char *seen =
            irsa_arena_format(kube->arena, "%s.%s", version == NULL ? "v1" : version, kind == NULL ? wanted : kind);
        return irsa_sandbox_kube_bad_request(
            kube,
            irsa_arena_format(kube->arena,
                              "%s in version \"%s\" cannot be handled as a %s: converting (%s) to (core.%s): unknown "
                              "conversion",
                              kind == NULL ? wanted : kind, version == NULL ? "v1" : version, wanted, seen, wanted));
    }
    return true;
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

bool irsa_sandbox_write_finish(struct irsa_sandbox_kube *kube, struct irsa_json *object, const struct irsa_json *live,
                               struct irsa_sandbox_managers *managers) {
    size_t fault_count;
    const struct irsa_sandbox_cause *faults = irsa_sandbox_validate(kube->arena, kube->resource, object, &fault_count);
    if (fault_count > 0)
        return irsa_sandbox_invalid(kube->call, kube->resource->kind, kube->name, faults, fault_count);
    irsa_sandbox_managers_write(kube->arena, managers, object);
    const char *unknown;
    const char *wrong;
    struct irsa_json *ordered =
        irsa_sandbox_schema_normalise(kube->arena, kube->resource->schema, object, &unknown, &wrong);
    keep(kube, ordered, live);
    irsa_sandbox_kube_answer(
        kube, live == NULL ? 201 : 200,
        irsa_sandbox_schema_normalise(kube->arena, kube->resource->schema, ordered, &unknown, &wrong));
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
    if (name == NULL && prefix != NULL)
        name = generate_name(kube->arena, prefix);
    if (namespace_name != NULL && kube->namespace_name != NULL && strcmp(namespace_name, kube->namespace_name) != 0)
        return irsa_sandbox_kube_bad_request(
            kube,
            irsa_arena_format(kube->arena,
                              "the namespace of the provided object does not match the namespace sent on the request"));
    if (name != NULL)
        irsa_sandbox_tree_set_text(kube->arena, metadata, "name", name);
    if (kube->namespace_name != NULL)
        irsa_sandbox_tree_set_text(kube->arena, metadata, "namespace", kube->namespace_name);
    kube->name = name == NULL ? "" : name;
    kube->key = irsa_sandbox_object_key(kube->arena, kube->namespace_name, kube->name);
    return true;
}

bool irsa_sandbox_write_check_preconditions(struct irsa_sandbox_kube *kube, const struct irsa_json *object,
                                            const struct irsa_json *live) {
    const char *version = irsa_sandbox_write_metadata(object, "resourceVersion");
    const char *uid = irsa_sandbox_write_metadata(object, "uid");
    if (version != NULL && *version != '\0' &&
        strcmp(version, irsa_sandbox_write_metadata(live, "resourceVersion")) != 0)
        return irsa_sandbox_kube_conflict(kube, kube->resource->plural, kube->name, MODIFIED);
    if (uid == NULL || strcmp(uid, irsa_sandbox_write_metadata(live, "uid")) == 0)
        return true;
    const struct irsa_sandbox_cause cause = {
        .reason = "FieldValueInvalid",
        .message = irsa_arena_format(kube->arena, "Invalid value: \"%s\": field is immutable", uid),
        .field = "metadata.uid"};
    const struct irsa_sandbox_cause twice[2] = {cause, cause}; /* the real one says it twice */
    return irsa_sandbox_invalid(kube->call, kube->resource->kind, kube->name, twice, 2);
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
    irsa_sandbox_tree_set_text(kube->arena, irsa_sandbox_tree_object(kube->arena, metadata, "labels"),
                               "kubernetes.io/metadata.name", kube->name);
}

bool irsa_sandbox_write_check_name(struct irsa_sandbox_kube *kube, const struct irsa_json *object) {
    const char *name = irsa_sandbox_write_metadata(object, "name");
    const char *namespace_name = irsa_sandbox_write_metadata(object, "namespace");
    if (name != NULL && strcmp(name, kube->name) != 0)
        return irsa_sandbox_kube_bad_request(
            kube, irsa_arena_format(kube->arena, "the name of the object (%s) does not match the name on the URL (%s)",
                                    name, kube->name));
    if (namespace_name != NULL && kube->namespace_name != NULL && strcmp(namespace_name, kube->namespace_name) != 0)
        return irsa_sandbox_kube_bad_request(
            kube, "the namespace of the provided object does not match the namespace sent on the request");
    return true;
}
