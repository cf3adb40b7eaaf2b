/*
 * Create, update and patch: each makes a new object of the old one.
 */
#include <string.h>

#include "core/base/arena.h"
#include "sandbox/inside.h"
#include "sandbox/kube/objects.h"
#include "sandbox/kube/tree.h"
#include "sandbox/kube/write.h"

/* Bring a body into the schema's form; unknown members are dropped with a warning, or refused when the caller wants. */
static struct irsa_json *decode(struct irsa_sandbox_kube *kube, const struct irsa_json *body) {
    const char *unknown;
    const char *wrong;
    if (!irsa_sandbox_write_check_kind(kube, body))
        return NULL;
    struct irsa_json *object =
        irsa_sandbox_schema_normalise(kube->arena, kube->resource->schema, body, &unknown, &wrong);
    if (wrong != NULL) {
        irsa_sandbox_kube_bad_request(
            kube,
            irsa_arena_format(kube->arena,
                              "%s in version \"v1\" cannot be handled as a %s: json: cannot unmarshal the value of "
                              "field %s",
                              kube->resource->kind, kube->resource->kind, wrong + 1));
        return NULL;
    }
    if (unknown != NULL && kube->is_strict) {
        irsa_sandbox_kube_bad_request(
            kube,
            irsa_arena_format(kube->arena,
                              "%s in version \"v1\" cannot be handled as a %s: strict decoding error: unknown field "
                              "\"%s\"",
                              kube->resource->kind, kube->resource->kind, unknown + 1));
        return NULL;
    }
    if (unknown != NULL)
        irsa_sandbox_add_header(kube->call, "Warning",
                                irsa_arena_format(kube->arena, "299 - \"unknown field \\\"%s\\\"\"", unknown + 1));
    return object;
}

static bool fail_exists(struct irsa_sandbox_kube *kube) {
    const char *message =
        irsa_arena_format(kube->arena, "%s \"%s\" already exists", kube->resource->plural, kube->name);
    return irsa_sandbox_status(kube->call, &(struct irsa_sandbox_status){.code = 409,
                                                                         .reason = "AlreadyExists",
                                                                         .message = message,
                                                                         .name = kube->name,
                                                                         .kind = kube->resource->plural});
}

void irsa_sandbox_kube_create(struct irsa_sandbox_kube *kube) {
    const struct irsa_json *body;
    if (!irsa_sandbox_kube_body(kube, kube->resource->kind, &body))
        return;
    struct irsa_json *object = decode(kube, body);
    if (object == NULL || !irsa_sandbox_write_name(kube, object) ||
        !irsa_sandbox_write_check_namespace(kube, kube->name))
        return;
    if (irsa_sandbox_shelf_now(irsa_sandbox_objects_shelf(kube->cluster, kube->resource), kube->key) != NULL) {
        fail_exists(kube);
        return;
    }
    const struct irsa_sandbox_writer writer = irsa_sandbox_write_writer(kube);
    irsa_sandbox_object_complete(kube->arena, kube->resource, object, kube->call->moment.now_ms);
    struct irsa_sandbox_managers managers = irsa_sandbox_update(&writer, NULL, object);
    (void)irsa_sandbox_write_finish(kube, object, NULL, &managers);
}

/* Replace `live` by what a PUT or a patch made of it. */
static bool replace(struct irsa_sandbox_kube *kube, const struct irsa_json *wanted, const struct irsa_json *live) {
    struct irsa_json *object = decode(kube, wanted);
    if (object == NULL || !irsa_sandbox_write_check_name(kube, object) ||
        !irsa_sandbox_write_check_preconditions(kube, object, live))
        return false;
    const struct irsa_sandbox_writer writer = irsa_sandbox_write_writer(kube);
    irsa_sandbox_write_keep_identity(kube, object, live);
    struct irsa_sandbox_managers managers = irsa_sandbox_update(&writer, live, object);
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
        (void)replace(kube, body, live);
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
        return replace(kube, patched, live);
    if (err.code == IRSA_CODE_SCHEMA)
        return irsa_sandbox_kube_bad_request(kube, irsa_arena_copy(kube->arena, err.message));
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
    if (!irsa_sandbox_kube_body(kube, kube->resource->kind, &patch))
        return;
    const struct irsa_json *live = irsa_sandbox_write_live(kube);
    if (live == NULL)
        irsa_sandbox_kube_absent(kube, kube->resource->plural, kube->name);
    else if (is_merge)
        (void)replace(kube, irsa_sandbox_tree_merge(kube->arena, live, patch), live);
    else
        (void)patch_json(kube, patch, live);
}

bool irsa_sandbox_kube_put(struct irsa_sandbox_kube *kube, const struct irsa_json *object, bool is_apply) {
    const struct irsa_json *live = irsa_sandbox_write_live(kube);
    if (is_apply) {
        irsa_sandbox_write_apply(kube, object);
    } else if (live != NULL) {
        (void)replace(kube, irsa_sandbox_tree_merge(kube->arena, live, object), live);
    } else {
        const struct irsa_sandbox_writer writer = irsa_sandbox_write_writer(kube);
        struct irsa_json *made = decode(kube, object);
        if (made == NULL || !irsa_sandbox_write_name(kube, made) ||
            !irsa_sandbox_write_check_namespace(kube, kube->name))
            return false;
        irsa_sandbox_object_complete(kube->arena, kube->resource, made, kube->call->moment.now_ms);
        struct irsa_sandbox_managers managers = irsa_sandbox_update(&writer, NULL, made);
        (void)irsa_sandbox_write_finish(kube, made, NULL, &managers);
    }
    return kube->call->reply->status < 300;
}
