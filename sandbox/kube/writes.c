/*
 * Create, update and patch: each makes a new object of the old one.
 */
#include <string.h>

#include "core/base/arena.h"
#include "sandbox/inside.h"
#include "sandbox/kube/body.h"
#include "sandbox/kube/objects.h"
#include "sandbox/kube/tree.h"
#include "sandbox/kube/write.h"

static bool fail_exists(struct irsa_sandbox_kube *kube, const struct irsa_json *live) {
    bool is_going = irsa_sandbox_write_metadata(live, "deletionTimestamp") != NULL;
    const char *message =
        irsa_arena_format(kube->arena, "%s%s \"%s\" already exists", is_going ? "object is being deleted: " : "",
                          kube->resource->plural, kube->name);
    return irsa_sandbox_status(kube->call, &(struct irsa_sandbox_status){.code = 409,
                                                                         .reason = "AlreadyExists",
                                                                         .message = message,
                                                                         .name = kube->name,
                                                                         .kind = kube->resource->plural});
}

static bool create(struct irsa_sandbox_kube *kube, const struct irsa_json *body) {
    struct irsa_json *object = irsa_sandbox_kube_decode(kube, body, false);
    if (object == NULL || !irsa_sandbox_write_name(kube, object) ||
        !irsa_sandbox_write_check_namespace(kube, kube->name))
        return false;
    bool has_version = !irsa_text_is_empty(irsa_sandbox_write_metadata(object, "resourceVersion"));
    const struct irsa_sandbox_writer writer = irsa_sandbox_write_writer(kube);
    irsa_sandbox_object_complete(kube->arena, kube->resource, object, kube->call->moment.now_ms);
    if (!irsa_sandbox_write_check(kube, object, NULL))
        return false;
    if (has_version)
        return irsa_sandbox_write_fail_plainly(kube, "resourceVersion should not be set on objects to be created");
    const struct irsa_json *live = irsa_sandbox_write_live(kube);
    if (live != NULL)
        return fail_exists(kube, live);
    struct irsa_sandbox_managers managers = irsa_sandbox_update(&writer, NULL, object);
    return irsa_sandbox_write_finish(kube, object, NULL, &managers);
}

void irsa_sandbox_kube_create(struct irsa_sandbox_kube *kube) {
    const struct irsa_json *body;
    if (irsa_sandbox_kube_body(kube, kube->resource->kind, &body))
        (void)create(kube, body);
}

/* A PUT says with its uid which object it is meant for. */
static bool check_uid_of_put(struct irsa_sandbox_kube *kube, const struct irsa_json *object,
                             const struct irsa_json *live) {
    const char *uid = irsa_sandbox_write_metadata(object, "uid");
    const char *live_uid = irsa_sandbox_write_metadata(live, "uid");
    if (irsa_text_is_empty(uid) || strcmp(uid, live_uid) == 0)
        return true;
    return irsa_sandbox_kube_conflict(
        kube, kube->resource->plural, kube->name,
        irsa_arena_format(kube->arena,
                          "StorageError: invalid object, Code: 4, Key: /registry/%s/%s, ResourceVersion: 0, "
                          "AdditionalErrorMsg: Precondition failed: UID in precondition: %s, UID in object meta: %s",
                          kube->resource->plural, kube->key, uid, live_uid));
}

/* [] and [{}] wipe the list of managers. */
static bool wipes_managers(const struct irsa_json *object) {
    const struct irsa_json *list = irsa_json_get(irsa_json_get(object, "metadata"), "managedFields");
    if (list == NULL || list->kind != IRSA_JSON_ARRAY)
        return false;
    return list->first == NULL || (list->count == 1 && list->first->first == NULL);
}

/* Replace `live` by what a PUT or a patch made of it. */
static bool replace(struct irsa_sandbox_kube *kube, const struct irsa_json *wanted, const struct irsa_json *live,
                    bool is_put) {
    struct irsa_json *object = irsa_sandbox_kube_decode(kube, wanted, !is_put);
    if (object == NULL || !irsa_sandbox_write_check_names(kube, object, is_put) ||
        (is_put && !check_uid_of_put(kube, object, live)) || !irsa_sandbox_write_check_version(kube, object, live) ||
        !irsa_sandbox_write_check(kube, object, live))
        return false;
    const struct irsa_sandbox_writer writer = irsa_sandbox_write_writer(kube);
    irsa_sandbox_object_default(kube->arena, kube->resource, object);
    struct irsa_sandbox_managers managers = irsa_sandbox_update(&writer, live, object); /* of what was sent */
    irsa_sandbox_write_keep_identity(kube, object, live);
    if (wipes_managers(wanted))
        managers.count = 0;
    return irsa_sandbox_write_finish(kube, object, live, &managers);
}

void irsa_sandbox_kube_update(struct irsa_sandbox_kube *kube) {
    const struct irsa_json *body;
    if (!irsa_sandbox_kube_body(kube, kube->resource->kind, &body))
        return;
    const struct irsa_json *live = irsa_sandbox_write_live(kube);
    if (live == NULL)
        irsa_sandbox_kube_absent(kube, kube->resource->plural, kube->name);
    else
        (void)replace(kube, body, live, true);
}

static bool has_type(const struct irsa_sandbox_kube *kube, const char *type) {
    const char *sent = irsa_httpd_header(kube->call->request, "content-type");
    return sent != NULL && irsa_text_starts_with(sent, type);
}

static void fail_media_type(struct irsa_sandbox_kube *kube) {
    irsa_sandbox_status(kube->call, &(struct irsa_sandbox_status){.code = 415,
                                                                  .reason = "UnsupportedMediaType",
                                                                  .message = "415: Unsupported Media Type",
                                                                  .has_details = true});
}

static bool patch_json(struct irsa_sandbox_kube *kube, const struct irsa_json *patch, const struct irsa_json *live) {
    struct irsa_error err;
    struct irsa_json *patched = irsa_sandbox_tree_copy(kube->arena, live);
    if (irsa_sandbox_tree_patch(kube->arena, &patched, patch, &err))
        return replace(kube, patched, live, false);
    return irsa_sandbox_status(
        kube->call,
        &(struct irsa_sandbox_status){.code = 422,
                                      .reason = "Invalid",
                                      .message = "the server rejected our request due to an error in our request",
                                      .has_details = true});
}

/* Merge patches, JSON patches, and strategic merge patches, of which only what a merge patch does too is done. */
void irsa_sandbox_kube_patch(struct irsa_sandbox_kube *kube) {
    bool is_merge =
        has_type(kube, "application/merge-patch+json") || has_type(kube, "application/strategic-merge-patch+json");
    bool is_json = has_type(kube, "application/json-patch+json");
    const struct irsa_json *patch;
    if (!is_merge && !is_json) {
        fail_media_type(kube);
        return;
    }
    if (!irsa_sandbox_kube_patch_body(kube, is_json, &patch))
        return;
    const struct irsa_json *live = irsa_sandbox_write_live(kube);
    if (live == NULL)
        irsa_sandbox_kube_absent(kube, kube->resource->plural, kube->name);
    else if (is_merge)
        (void)replace(kube, irsa_sandbox_tree_merge(kube->arena, live, patch), live, false);
    else
        (void)patch_json(kube, patch, live);
}

static bool put_as_apply(struct irsa_sandbox_kube *kube, const struct irsa_json *object) {
    struct irsa_json *config = irsa_sandbox_tree_copy(kube->arena, object);
    irsa_sandbox_tree_set_text(kube->arena, config, "kind", kube->resource->kind);
    irsa_sandbox_tree_set_text(kube->arena, config, "apiVersion", "v1");
    return irsa_sandbox_write_apply(kube, config);
}

bool irsa_sandbox_kube_put(struct irsa_sandbox_kube *kube, const struct irsa_json *object, bool is_apply) {
    const struct irsa_json *live = irsa_sandbox_write_live(kube);
    if (is_apply)
        return put_as_apply(kube, object);
    if (live == NULL)
        return create(kube, object);
    return replace(kube, irsa_sandbox_tree_merge(kube->arena, live, object), live, false);
}
