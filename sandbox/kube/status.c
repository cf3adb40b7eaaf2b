/*
 * Writing Status objects; the texts are those of a real API server (v1.35).
 */
#include "sandbox/kube/status.h"

#include "core/base/arena.h"
#include "core/base/json.h"

#define STATUS_MAX_BYTES 65536

static void write_causes(const struct irsa_sandbox_status *status, struct irsa_json_writer *w) {
    irsa_json_open_array(w, "causes");
    for (size_t i = 0; i < status->cause_count; i++) {
        irsa_json_open_object(w, NULL);
        irsa_json_add_text(w, "reason", status->causes[i].reason);
        irsa_json_add_text(w, "message", status->causes[i].message);
        irsa_json_add_text(w, "field", status->causes[i].field);
        irsa_json_close_object(w);
    }
    irsa_json_close_array(w);
}

static void write_details(const struct irsa_sandbox_status *status, struct irsa_json_writer *w) {
    irsa_json_open_object(w, "details");
    irsa_json_add_text(w, "name", status->name);
    irsa_json_add_text(w, "group", status->group);
    irsa_json_add_text(w, "kind", status->kind);
    if (status->cause_count > 0)
        write_causes(status, w);
    irsa_json_close_object(w);
}

bool irsa_sandbox_status(struct irsa_sandbox_call *call, const struct irsa_sandbox_status *status) {
    struct irsa_text out;
    struct irsa_json_writer w;
    irsa_text_init(&out, call->arena, STATUS_MAX_BYTES);
    irsa_json_begin(&w, &out);
    irsa_json_open_object(&w, NULL);
    irsa_json_add_text(&w, "kind", "Status");
    irsa_json_add_text(&w, "apiVersion", "v1");
    irsa_json_open_object(&w, "metadata");
    irsa_json_close_object(&w);
    irsa_json_add_text(&w, "status", "Failure");
    irsa_json_add_text(&w, "message", status->message);
    irsa_json_add_text(&w, "reason", status->reason);
    if (status->has_details)
        write_details(status, &w);
    irsa_json_add_integer(&w, "code", status->code);
    irsa_json_close_object(&w);
    call->reply->status = status->code;
    call->reply->content_type = "application/json";
    call->reply->body = out.at;
    call->reply->body_length = out.length;
    return false;
}

bool irsa_sandbox_status_not_found(struct irsa_sandbox_call *call, const char *kind, const char *name) {
    const struct irsa_sandbox_status status = {
        .code = 404,
        .reason = "NotFound",
        .message = irsa_arena_format(call->arena, "%s \"%s\" not found", kind, name),
        .has_details = true,
        .name = name,
        .kind = kind,
    };
    return irsa_sandbox_status(call, &status);
}

bool irsa_sandbox_status_conflict(struct irsa_sandbox_call *call, const char *kind, const char *name,
                                  const char *why) {
    const struct irsa_sandbox_status status = {
        .code = 409,
        .reason = "Conflict",
        .message = irsa_arena_format(call->arena, "Operation cannot be fulfilled on %s \"%s\": %s", kind, name, why),
        .has_details = true,
        .name = name,
        .kind = kind,
    };
    return irsa_sandbox_status(call, &status);
}

bool irsa_sandbox_status_invalid(struct irsa_sandbox_call *call, const char *kind, const char *name,
                                 const struct irsa_sandbox_cause *cause) {
    const struct irsa_sandbox_status status = {
        .code = 422,
        .reason = "Invalid",
        .message = irsa_arena_format(call->arena, "%s \"%s\" is invalid: %s: %s", kind, name, cause->field,
                                     cause->message),
        .has_details = true,
        .name = name,
        .kind = kind,
        .causes = cause,
        .cause_count = 1,
    };
    return irsa_sandbox_status(call, &status);
}

bool irsa_sandbox_status_bad_request(struct irsa_sandbox_call *call, const char *message) {
    return irsa_sandbox_status(call, &(struct irsa_sandbox_status){.code = 400, .reason = "BadRequest", .message = message});
}
