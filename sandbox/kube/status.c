/*
 * Writing a Status in the API server's order of members.
 */
#include "sandbox/kube/status.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "sandbox/call.h"

#define STATUS_MAX_BYTES ((size_t)32 * 1024 * 1024) /* it quotes what it refuses */

/* Texts that are empty are left out, as Go does. */
static void add_text(struct irsa_json_writer *w, const char *key, const char *text) {
    if (!irsa_text_is_empty(text))
        irsa_json_add_text(w, key, text);
}

static void write_details(const struct irsa_sandbox_status *status, struct irsa_json_writer *w) {
    irsa_json_open_object(w, "details");
    add_text(w, "name", status->name);
    add_text(w, "group", status->group);
    add_text(w, "kind", status->kind);
    if (status->cause_count > 0) {
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
    irsa_json_close_object(w);
}

bool irsa_sandbox_status(struct irsa_sandbox_call *call, const struct irsa_sandbox_status *status) {
    struct irsa_text json;
    struct irsa_json_writer w;
    irsa_text_init(&json, call->arena, STATUS_MAX_BYTES);
    irsa_json_begin(&w, &json);
    irsa_json_open_object(&w, NULL);
    irsa_json_add_text(&w, "kind", "Status");
    irsa_json_add_text(&w, "apiVersion", "v1");
    irsa_json_open_object(&w, "metadata");
    irsa_json_close_object(&w);
    irsa_json_add_text(&w, "status", "Failure");
    irsa_json_add_text(&w, "message", status->message);
    irsa_json_add_text(&w, "reason", status->reason);
    if (status->has_details || status->name != NULL || status->kind != NULL || status->cause_count > 0)
        write_details(status, &w);
    irsa_json_add_integer(&w, "code", status->code);
    irsa_json_close_object(&w);
    *call->reply = (struct irsa_httpd_reply){
        .status = status->code, .content_type = "application/json", .body = json.at, .body_length = json.length};
    return false;
}
