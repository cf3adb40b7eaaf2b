/*
 * Server-side apply, and the words in which its conflicts are told.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "sandbox/inside.h"
#include "sandbox/kube/access.h"
#include "sandbox/kube/body.h"
#include "sandbox/kube/objects.h"
#include "sandbox/kube/write.h"

static const char *owner_text(struct irsa_arena *arena, const struct irsa_sandbox_manager *owner) {
    bool is_update = strcmp(owner->operation, "Update") == 0;
    return irsa_arena_format(arena, "\"%s\"%s", owner->name, is_update ? " using v1" : "");
}

/* Where two paths part, what ends there comes before what goes deeper. */
static int compare_paths(const char *left, const char *right) {
    for (;;) {
        size_t left_length = strcspn(left, IRSA_SANDBOX_PATH_SEPARATOR);
        size_t right_length = strcspn(right, IRSA_SANDBOX_PATH_SEPARATOR);
        bool is_left_last = left[left_length] == '\0';
        bool is_right_last = right[right_length] == '\0';
        if (left_length != right_length || memcmp(left, right, left_length) != 0 || is_left_last || is_right_last)
            return is_left_last == is_right_last ? strcmp(left, right) : is_left_last ? -1 : 1;
        left += left_length + 1;
        right += right_length + 1;
    }
}

static int by_owner(const void *a, const void *b) {
    const struct irsa_sandbox_conflict *left = a;
    const struct irsa_sandbox_conflict *right = b;
    int order = strcmp(left->owner->name, right->owner->name);
    if (order == 0)
        order = strcmp(left->owner->operation, right->owner->operation);
    return order != 0 ? order : compare_paths(left->path, right->path);
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
    qsort(applied->conflicts, count, sizeof(applied->conflicts[0]), by_owner);
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

static bool apply_new(struct irsa_sandbox_kube *kube, const struct irsa_json *config) {
    const char *uid = irsa_sandbox_write_metadata(config, "uid");
    if (!irsa_sandbox_write_check_names(kube, config, true))
        return false;
    if (!irsa_text_is_empty(uid))
        return irsa_sandbox_kube_conflict(
            kube, kube->resource->plural, kube->name,
            irsa_arena_format(kube->arena,
                              "uid mismatch: the provided object specified uid %s, and no existing object was found",
                              uid));
    if (!irsa_sandbox_write_check_namespace(kube, kube->name))
        return false;
    const struct irsa_sandbox_writer writer = irsa_sandbox_write_writer(kube);
    struct irsa_sandbox_applied applied = irsa_sandbox_apply(&writer, NULL, config);
    if (!irsa_sandbox_write_name(kube, applied.object))
        return false;
    irsa_sandbox_object_complete(kube->arena, kube->resource, applied.object, kube->call->moment.now_ms);
    return irsa_sandbox_write_check(kube, applied.object, NULL) &&
           irsa_sandbox_write_check_version(kube, config, NULL) &&
           irsa_sandbox_kube_may_create(kube->call, kube->namespace_name, kube->resource->plural, kube->name) &&
           irsa_sandbox_write_finish(kube, applied.object, NULL, &applied.managers);
}

bool irsa_sandbox_write_apply(struct irsa_sandbox_kube *kube, const struct irsa_json *body) {
    struct irsa_json *config = irsa_sandbox_kube_decode_applied(kube, body);
    if (config == NULL)
        return false;
    const struct irsa_json *live = irsa_sandbox_write_live(kube);
    if (live == NULL)
        return apply_new(kube, config);
    const struct irsa_sandbox_writer writer = irsa_sandbox_write_writer(kube);
    struct irsa_sandbox_applied applied = irsa_sandbox_apply(&writer, live, config);
    if (applied.conflict_count > 0)
        return fail_conflicts(kube, &applied);
    if (!irsa_sandbox_write_check_names(kube, config, true) || !irsa_sandbox_write_check_version(kube, config, live) ||
        !irsa_sandbox_write_check(kube, applied.object, live))
        return false;
    irsa_sandbox_write_keep_identity(kube, applied.object, live);
    return irsa_sandbox_write_finish(kube, applied.object, live, &applied.managers);
}

void irsa_sandbox_kube_apply(struct irsa_sandbox_kube *kube) {
    const struct irsa_json *body;
    if (irsa_sandbox_kube_applied_body(kube, &body))
        (void)irsa_sandbox_write_apply(kube, body);
}
