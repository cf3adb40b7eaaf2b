/*
 * DELETE with preconditions and finalizers, and the finalizing of namespaces.
 */
#include <string.h>

#include "core/base/arena.h"
#include "sandbox/inside.h"
#include "sandbox/kube/body.h"
#include "sandbox/kube/kube.h"
#include "sandbox/kube/objects.h"
#include "sandbox/kube/tree.h"

/* A namespace is judged by its storage, which says it in other words. */
static bool check_uid_of_namespace(struct irsa_sandbox_kube *kube, const char *uid, const char *live_uid) {
    return strcmp(uid, live_uid) == 0 ||
           irsa_sandbox_kube_conflict(
               kube, kube->resource->plural, kube->name,
               irsa_arena_format(kube->arena, "Precondition failed: UID in precondition: %s, UID in object meta: %s",
                                 uid, live_uid));
}

/* The preconditions of DeleteOptions; the kind stands where other conflicts have the plural. */
static bool check_preconditions(struct irsa_sandbox_kube *kube, const struct irsa_json *options,
                                const struct irsa_json *metadata) {
    const struct irsa_json *preconditions = irsa_json_get(options, "preconditions");
    const char *uid = irsa_json_get_text(preconditions, "uid");
    const char *version = irsa_json_get_text(preconditions, "resourceVersion");
    const char *live_uid = irsa_json_get_text(metadata, "uid");
    const char *live_version = irsa_json_get_text(metadata, "resourceVersion");
    if (uid != NULL && !kube->resource->is_namespaced && !check_uid_of_namespace(kube, uid, live_uid))
        return false;
    if (uid != NULL && strcmp(uid, live_uid) != 0)
        return irsa_sandbox_kube_conflict(
            kube, kube->resource->kind, kube->name,
            irsa_arena_format(
                kube->arena,
                "the UID in the precondition (%s) does not match the UID in record (%s). The object might "
                "have been deleted and then recreated",
                uid, live_uid));
    if (version != NULL && strcmp(version, live_version) != 0)
        return irsa_sandbox_kube_conflict(
            kube, kube->resource->kind, kube->name,
            irsa_arena_format(
                kube->arena,
                "the ResourceVersion in the precondition (%s) does not match the ResourceVersion in record "
                "(%s). The object might have been modified",
                version, live_version));
    return true;
}

static bool asks_for_dry_run(const struct irsa_json *options) {
    const struct irsa_json *list = irsa_json_get(options, "dryRun");
    return list != NULL && list->first != NULL && irsa_text_equal(list->first->text, "All");
}

/* It stays until its finalizers are gone. */
static void mark_deleted(struct irsa_sandbox_kube *kube, struct irsa_json *object) {
    struct irsa_json *metadata = irsa_sandbox_tree_object(kube->arena, object, "metadata");
    if (irsa_json_get(metadata, "deletionTimestamp") != NULL)
        return;
    irsa_sandbox_tree_set_text(kube->arena, metadata, "deletionTimestamp", kube->time);
    if (kube->resource->is_namespaced)
        irsa_sandbox_tree_set(metadata, "deletionGracePeriodSeconds", irsa_sandbox_tree_integer(kube->arena, 0));
    else
        irsa_sandbox_tree_set_text(kube->arena, irsa_sandbox_tree_object(kube->arena, object, "status"), "phase",
                                   "Terminating");
    if (!kube->is_dry_run)
        irsa_sandbox_object_store(kube->arena, kube->cluster, kube->resource, kube->key, object);
}

static void remove_object(struct irsa_sandbox_kube *kube, struct irsa_json *object) {
    if (kube->is_dry_run)
        return;
    kube->cluster->version++;
    irsa_sandbox_tree_set_text(kube->arena, irsa_sandbox_tree_object(kube->arena, object, "metadata"),
                               "resourceVersion",
                               irsa_arena_format(kube->arena, "%lld", (long long)kube->cluster->version));
    irsa_sandbox_object_remove(kube->cluster, kube->resource, kube->key);
}

static bool check_mortal(struct irsa_sandbox_kube *kube) {
    static const char *const immortal[] = {"default", "kube-public", "kube-system"};
    for (size_t i = 0; i < sizeof(immortal) / sizeof(immortal[0]); i++) {
        if (kube->resource->is_namespaced || strcmp(immortal[i], kube->name) != 0)
            continue;
        const char *message = irsa_arena_format(
            kube->arena, "namespaces \"%s\" is forbidden: this namespace may not be deleted", kube->name);
        return irsa_sandbox_status(kube->call, &(struct irsa_sandbox_status){.code = 403,
                                                                             .reason = "Forbidden",
                                                                             .message = message,
                                                                             .name = kube->name,
                                                                             .kind = kube->resource->plural});
    }
    return true;
}

/* Delete what is there; gives what is answered. */
static const struct irsa_json *delete_object(struct irsa_sandbox_kube *kube, struct irsa_json *object) {
    if (irsa_json_get(irsa_json_get(object, "metadata"), "finalizers") != NULL || !kube->resource->is_namespaced)
        mark_deleted(kube, object);
    else
        remove_object(kube, object);
    return irsa_sandbox_schema_normalise(kube->arena, kube->resource->schema, object);
}

void irsa_sandbox_kube_delete(struct irsa_sandbox_kube *kube) {
    const struct irsa_json *options;
    if (!irsa_sandbox_kube_delete_options(kube, &options) || !check_mortal(kube))
        return;
    kube->is_dry_run = kube->is_dry_run || asks_for_dry_run(options);
    struct irsa_json *object = irsa_sandbox_object_read(kube->arena, kube->cluster, kube->resource, kube->key);
    if (object == NULL)
        irsa_sandbox_kube_absent(kube, kube->resource->plural, kube->name);
    else if (check_preconditions(kube, options, irsa_json_get(object, "metadata")))
        irsa_sandbox_kube_answer(kube, 200, delete_object(kube, object));
}

/* All of a namespace: what a DELETE without a name does. */
void irsa_sandbox_kube_delete_collection(struct irsa_sandbox_kube *kube) {
    const struct irsa_json *options;
    if (!irsa_sandbox_kube_delete_options(kube, &options))
        return;
    kube->is_dry_run = kube->is_dry_run || asks_for_dry_run(options);
    irsa_sandbox_kube_list(kube); /* what is answered is what there was */
    const char *const *keys;
    size_t count = irsa_sandbox_kube_selected_keys(kube, &keys);
    for (size_t i = 0; kube->call->reply->status == 200 && i < count; i++) {
        kube->key = keys[i];
        (void)delete_object(kube, irsa_sandbox_object_read(kube->arena, kube->cluster, kube->resource, keys[i]));
    }
}

/*
 * PUT …/finalize: a namespace that is going away goes with its last finalizer. What is in it stays, as on a real server
 * without its controllers.
 */
void irsa_sandbox_kube_finalize(struct irsa_sandbox_kube *kube) {
    const struct irsa_json *body;
    if (!irsa_sandbox_kube_body(kube, kube->resource->kind, &body))
        return;
    struct irsa_json *object = irsa_sandbox_object_read(kube->arena, kube->cluster, kube->resource, kube->key);
    if (object == NULL) {
        irsa_sandbox_kube_absent(kube, kube->resource->plural, kube->name);
        return;
    }
    const struct irsa_json *finalizers = irsa_json_get(irsa_json_get(body, "spec"), "finalizers");
    bool is_free = finalizers == NULL || finalizers->first == NULL;
    if (is_free && irsa_json_get(irsa_json_get(object, "metadata"), "deletionTimestamp") != NULL) {
        irsa_sandbox_tree_remove(irsa_sandbox_tree_object(kube->arena, object, "spec"), "finalizers");
        irsa_sandbox_object_remove(kube->cluster, kube->resource, kube->key);
    }
    irsa_sandbox_kube_answer(kube, 200, object);
}
