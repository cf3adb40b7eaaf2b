/*
 * Server-side apply (KEP-555): conflicts in the API server's words.
 */
#include <string.h>

#include "core/base/arena.h"
#include "sandbox/inside.h"
#include "sandbox/kube/objects.h"
#include "sandbox/kube/tree.h"
#include "sandbox/kube/write.h"

static bool fail_no_manager(struct irsa_sandbox_kube *kube) {
    static const struct irsa_sandbox_cause cause = {.reason = "FieldValueRequired",
                                                    .message = "Required value: is required for apply patch",
                                                    .field = "fieldManager"};
    return irsa_sandbox_status(
        kube->call,
        &(struct irsa_sandbox_status){
            .code = 422,
            .reason = "Invalid",
            .message =
                "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch",
            .group = "meta.k8s.io",
            .kind = "PatchOptions",
            .causes = &cause,
            .cause_count = 1});
}

static const char *owner_text(struct irsa_arena *arena, const struct irsa_sandbox_manager *owner) {
    bool is_update = strcmp(owner->operation, "Update") == 0;
    return irsa_arena_format(arena, "\"%s\"%s", owner->name, is_update ? " using v1" : "");
}

/* "conflict with …: path", or a list under each owner when there are several. */
static const char *conflict_text(struct irsa_arena *arena, const struct irsa_sandbox_conflict *conflicts,
                                 size_t count) {
    struct irsa_text text;
    irsa_text_init(&text, arena, (size_t)256 * 1024);
    if (count == 1) {
        irsa_text_addf(&text, "Apply failed with 1 conflict: conflict with %s: %s",
                       owner_text(arena, conflicts[0].owner), irsa_sandbox_path_text(arena, conflicts[0].path));
        return text.at;
    }
    irsa_text_addf(&text, "Apply failed with %zu conflicts: ", count);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || conflicts[i].owner != conflicts[i - 1].owner)
            irsa_text_addf(&text, "%sconflicts with %s:", i == 0 ? "" : "\n", owner_text(arena, conflicts[i].owner));
        irsa_text_addf(&text, "\n- %s", irsa_sandbox_path_text(arena, conflicts[i].path));
    }
    return text.at;
}

static bool fail_conflicts(struct irsa_sandbox_kube *kube, const struct irsa_sandbox_applied *applied) {
    size_t count = applied->conflict_count;
    struct irsa_sandbox_cause *causes = IRSA_NEW_ARRAY(kube->arena, struct irsa_sandbox_cause, count);
    for (size_t i = 0; i < count; i++)
        causes[i] = (struct irsa_sandbox_cause){
            .reason = "FieldManagerConflict",
            .message = irsa_arena_format(kube->arena, "conflict with %s",
                                         owner_text(kube->arena, applied->conflicts[i].owner)),
            .field = irsa_sandbox_path_text(kube->arena, applied->conflicts[i].path)};
    return irsa_sandbox_status(
        kube->call, &(struct irsa_sandbox_status){.code = 409,
                                                  .reason = "Conflict",
                                                  .message = conflict_text(kube->arena, applied->conflicts, count),
                                                  .causes = causes,
                                                  .cause_count = count});
}

/* Server-side apply is stricter than the rest: what the schema lacks is an error, whatever the caller wants. */
static struct irsa_json *decode_applied(struct irsa_sandbox_kube *kube, const struct irsa_json *body) {
    const char *unknown;
    const char *wrong;
    if (!irsa_sandbox_write_check_kind(kube, body) || !irsa_sandbox_write_check_name(kube, body))
        return NULL;
    const struct irsa_json *managed = irsa_json_get(irsa_json_get(body, "metadata"), "managedFields");
    if (managed != NULL && managed->kind != IRSA_JSON_NULL) {
        irsa_sandbox_kube_bad_request(kube, "metadata.managedFields must be nil");
        return NULL;
    }
    struct irsa_json *object =
        irsa_sandbox_schema_normalise(kube->arena, kube->resource->schema, body, &unknown, &wrong);
    if (unknown == NULL && wrong == NULL)
        return object;
    const char *message = irsa_arena_format(
        kube->arena, "failed to create typed patch object (%s/%s; /v1, Kind=%s): %s: %s",
        irsa_sandbox_write_metadata(body, "namespace") == NULL ? "" : irsa_sandbox_write_metadata(body, "namespace"),
        kube->name, kube->resource->kind, unknown != NULL ? unknown : wrong,
        unknown != NULL ? "field not declared in schema" : "the value is of the wrong type");
    irsa_sandbox_status(kube->call, &(struct irsa_sandbox_status){.code = 500, .message = message});
    return NULL;
}

static void apply_new(struct irsa_sandbox_kube *kube, const struct irsa_json *config) {
    const char *uid = irsa_sandbox_write_metadata(config, "uid");
    if (!irsa_sandbox_write_check_namespace(kube, kube->name))
        return;
    if (uid != NULL) {
        irsa_sandbox_kube_conflict(
            kube, kube->resource->plural, kube->name,
            irsa_arena_format(kube->arena,
                              "uid mismatch: the provided object specified uid %s, and no existing object was found",
                              uid));
        return;
    }
    const struct irsa_sandbox_writer writer = irsa_sandbox_write_writer(kube);
    struct irsa_sandbox_applied applied = irsa_sandbox_apply(&writer, NULL, config);
    if (!irsa_sandbox_write_name(kube, applied.object))
        return;
    irsa_sandbox_object_complete(kube->arena, kube->resource, applied.object, kube->call->moment.now_ms);
    (void)irsa_sandbox_write_finish(kube, applied.object, NULL, &applied.managers);
}

void irsa_sandbox_write_apply(struct irsa_sandbox_kube *kube, const struct irsa_json *body) {
    struct irsa_json *config = decode_applied(kube, body);
    if (config == NULL)
        return;
    const struct irsa_json *live = irsa_sandbox_write_live(kube);
    if (live == NULL) {
        const char *name = kube->name;
        irsa_sandbox_tree_set_text(kube->arena, irsa_sandbox_tree_object(kube->arena, config, "metadata"), "name",
                                   name);
        apply_new(kube, config);
        return;
    }
    if (!irsa_sandbox_write_check_preconditions(kube, config, live))
        return;
    const struct irsa_sandbox_writer writer = irsa_sandbox_write_writer(kube);
    struct irsa_sandbox_applied applied = irsa_sandbox_apply(&writer, live, config);
    if (applied.conflict_count > 0) {
        (void)fail_conflicts(kube, &applied);
        return;
    }
    irsa_sandbox_write_keep_identity(kube, applied.object, live);
    (void)irsa_sandbox_write_finish(kube, applied.object, live, &applied.managers);
}

void irsa_sandbox_kube_apply(struct irsa_sandbox_kube *kube) {
    const struct irsa_json *body;
    const char *manager = irsa_sandbox_kube_parameter(kube, "fieldManager");
    if (manager == NULL || *manager == '\0')
        (void)fail_no_manager(kube);
    else if (irsa_sandbox_kube_body(kube, kube->resource->kind, &body))
        irsa_sandbox_write_apply(kube, body);
}
