/*
 * Namespaces: get, list, create, delete, finalize.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "sandbox/kube/body.h"
#include "sandbox/kube/objects.h"
#include "sandbox/kube/status.h"
#include "sandbox/kube/target.h"
#include "sandbox/kube/validate.h"

#define LIST_MAX_BYTES ((size_t)16 * 1024 * 1024)

static const struct irsa_sandbox_moment now = {.now_ms = INT64_MAX, .lag_ms = 0};

static const struct irsa_sandbox_object *find(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target) {
    const struct irsa_sandbox_object *object = irsa_sandbox_namespace_find(call->cluster, target->name);
    if (object == NULL)
        irsa_sandbox_status_not_found(call, "namespaces", target->name);
    return object;
}

void irsa_sandbox_namespace_get(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target) {
    const struct irsa_sandbox_object *object = find(call, target);
    if (object != NULL)
        irsa_sandbox_kube_answer(call, 200, irsa_arena_copy(call->arena, object->json));
}

/* A page begins after the name that `continue` holds. */
void irsa_sandbox_namespace_list(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target) {
    (void)target;
    const void *const *things;
    size_t count = irsa_sandbox_shelf_list(call->cluster->namespaces, call->arena, now, &things);
    const char *limit_text = irsa_sandbox_kube_parameter(call, "limit");
    int64_t limit = 0;
    if (limit_text != NULL && !irsa_text_to_integer(limit_text, 0, INT32_MAX, &limit)) {
        irsa_sandbox_status_bad_request(call, "limit must be an integer");
        return;
    }
    size_t most = limit > 0 && (size_t)limit < count ? (size_t)limit : count;
    struct irsa_text out;
    irsa_text_init(&out, call->arena, LIST_MAX_BYTES);
    irsa_text_addf(&out, "{\"kind\":\"NamespaceList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"%lld\"},\"items\":[",
                   (long long)call->cluster->version);
    for (size_t i = 0; i < most; i++)
        irsa_text_addf(&out, "%s%s", i == 0 ? "" : ",", ((const struct irsa_sandbox_object *)things[i])->json);
    irsa_text_add(&out, "]}");
    irsa_sandbox_kube_answer(call, 200, out.at);
}

void irsa_sandbox_namespace_create(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target) {
    (void)target;
    const struct irsa_json *body = irsa_sandbox_body_object(call, "Namespace");
    if (body == NULL)
        return;
    const char *name = irsa_json_get_text(irsa_json_get(body, "metadata"), "name");
    if (!irsa_sandbox_validate_name(call, "Namespace", name == NULL ? "" : name))
        return;
    if (irsa_sandbox_namespace_find(call->cluster, name) != NULL) {
        irsa_sandbox_status(call, &(struct irsa_sandbox_status){
                                      .code = 409,
                                      .reason = "AlreadyExists",
                                      .message = irsa_arena_format(call->arena, "namespaces \"%s\" already exists", name),
                                      .has_details = true,
                                      .name = name,
                                      .kind = "namespaces"});
        return;
    }
    irsa_sandbox_namespace_add(call->cluster, name, call->moment.now_ms);
    irsa_sandbox_kube_answer(call, 201,
                             irsa_arena_copy(call->arena, irsa_sandbox_namespace_find(call->cluster, name)->json));
}

/* Without a controller manager it stays Terminating until its finalizer is taken away. */
void irsa_sandbox_namespace_delete(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target) {
    if (find(call, target) == NULL)
        return;
    struct irsa_sandbox_object *object = irsa_sandbox_shelf_edit(call->cluster->namespaces, target->name, now);
    if (!irsa_sandbox_namespace_is_terminating(object)) {
        const char *status = strstr(object->json, ",\"labels\"");
        const char *json = irsa_arena_format(
            call->arena, "%.*s,\"deletionTimestamp\":\"%s\"%s", (int)(status - object->json), object->json,
            irsa_sandbox_time_text(call->arena, call->moment.now_ms), status);
        const char *phase = strstr(json, "\"phase\":\"Active\"");
        irsa_sandbox_set_text(&object->json, irsa_arena_format(call->arena, "%.*s\"phase\":\"Terminating\"%s",
                                                               (int)(phase - json), json,
                                                               phase + strlen("\"phase\":\"Active\"")));
        object->version = ++call->cluster->version;
    }
    irsa_sandbox_kube_answer(call, 200, irsa_arena_copy(call->arena, object->json));
}

void irsa_sandbox_namespace_finalize(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target) {
    const struct irsa_sandbox_object *object = find(call, target);
    const struct irsa_json *body = object == NULL ? NULL : irsa_sandbox_body_object(call, "Namespace");
    if (body == NULL)
        return;
    const struct irsa_json *finalizers = irsa_json_get(irsa_json_get(body, "spec"), "finalizers");
    const char *json = irsa_arena_copy(call->arena, object->json);
    if (irsa_sandbox_namespace_is_terminating(object) && (finalizers == NULL || finalizers->count == 0))
        irsa_sandbox_namespace_remove(call->cluster, target->name);
    irsa_sandbox_kube_answer(call, 200, json);
}
