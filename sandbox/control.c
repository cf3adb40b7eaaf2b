/*
 * The control API: what a test or a person asks of the sandbox itself.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "sandbox/broker.h"
#include "sandbox/inside.h"

#define ANSWER_MAX_BYTES ((size_t)256 * 1024 * 1024)
#define BODY_MAX_BYTES   ((size_t)64 * 1024 * 1024)
#define BODY_MAX_DEPTH   64

/* Write the answer, or fill `err`. With the lock. */
typedef bool control_fn(struct irsa_sandbox_call *call, const struct irsa_json *body, struct irsa_json_writer *w,
                        struct irsa_error *err);

static bool answer_ok(struct irsa_json_writer *w) {
    irsa_json_open_object(w, NULL);
    irsa_json_close_object(w);
    return true;
}

static bool get_world(struct irsa_sandbox_call *call, const struct irsa_json *body, struct irsa_json_writer *w,
                      struct irsa_error *err) {
    (void)body, (void)err;
    irsa_sandbox_world_write(&call->sandbox->world, call->arena, w);
    return true;
}

static bool put_world(struct irsa_sandbox_call *call, const struct irsa_json *body, struct irsa_json_writer *w,
                      struct irsa_error *err) {
    return irsa_sandbox_world_change(call->sandbox, call->arena, body, err) && get_world(call, body, w, err);
}

static bool get_calls(struct irsa_sandbox_call *call, const struct irsa_json *body, struct irsa_json_writer *w,
                      struct irsa_error *err) {
    (void)body, (void)err;
    irsa_sandbox_calls_write(call->sandbox->calls, w);
    return true;
}

static bool delete_calls(struct irsa_sandbox_call *call, const struct irsa_json *body, struct irsa_json_writer *w,
                         struct irsa_error *err) {
    (void)body, (void)err;
    irsa_sandbox_calls_clear(call->sandbox->calls);
    return answer_ok(w);
}

static bool get_faults(struct irsa_sandbox_call *call, const struct irsa_json *body, struct irsa_json_writer *w,
                       struct irsa_error *err) {
    (void)body, (void)err;
    irsa_sandbox_faults_write(call->sandbox->faults, w);
    return true;
}

static bool post_faults(struct irsa_sandbox_call *call, const struct irsa_json *body, struct irsa_json_writer *w,
                        struct irsa_error *err) {
    return irsa_sandbox_faults_add(call->sandbox->faults, body, err) && get_faults(call, body, w, err);
}

static bool delete_faults(struct irsa_sandbox_call *call, const struct irsa_json *body, struct irsa_json_writer *w,
                          struct irsa_error *err) {
    irsa_sandbox_faults_clear(call->sandbox->faults);
    return get_faults(call, body, w, err);
}

static bool get_model(struct irsa_sandbox_call *call, const struct irsa_json *body, struct irsa_json_writer *w,
                      struct irsa_error *err) {
    (void)body, (void)err;
    irsa_sandbox_model_write(&call->sandbox->model, w);
    return true;
}

static bool post_model(struct irsa_sandbox_call *call, const struct irsa_json *body, struct irsa_json_writer *w,
                       struct irsa_error *err) {
    if (!irsa_sandbox_model_change(&call->sandbox->model, body, err))
        return false;
    irsa_sandbox_throttle_clear(call->sandbox->throttle);
    return get_model(call, body, w, err);
}

static bool get_permissions(struct irsa_sandbox_call *call, const struct irsa_json *body, struct irsa_json_writer *w,
                            struct irsa_error *err) {
    (void)body, (void)err;
    irsa_sandbox_permissions_write(call->sandbox->permissions, w);
    return true;
}

static bool put_permissions(struct irsa_sandbox_call *call, const struct irsa_json *body, struct irsa_json_writer *w,
                            struct irsa_error *err) {
    struct irsa_sandbox_permissions *permissions = irsa_sandbox_permissions_new(body, err);
    if (permissions == NULL)
        return false;
    irsa_sandbox_set_permissions(call->sandbox, permissions);
    return get_permissions(call, body, w, err);
}

static bool post_reset(struct irsa_sandbox_call *call, const struct irsa_json *body, struct irsa_json_writer *w,
                       struct irsa_error *err) {
    (void)body, (void)err;
    struct irsa_sandbox *sandbox = call->sandbox;
    irsa_sandbox_world_reset(&sandbox->world);
    irsa_sandbox_faults_clear(sandbox->faults);
    irsa_sandbox_calls_clear(sandbox->calls);
    irsa_sandbox_throttle_clear(sandbox->throttle);
    sandbox->model = sandbox->model_at_start;
    irsa_sandbox_set_permissions(sandbox, sandbox->permissions_at_start);
    return answer_ok(w);
}

static bool post_broker(struct irsa_sandbox_call *call, const struct irsa_json *body, struct irsa_json_writer *w,
                        struct irsa_error *err) {
    if (call->sandbox->broker == NULL)
        return IRSA_FAIL(err, INVALID, "this sandbox has no broker");
    return irsa_sandbox_broker_change(call->sandbox->broker, body, err) && answer_ok(w);
}

static bool get_health(struct irsa_sandbox_call *call, const struct irsa_json *body, struct irsa_json_writer *w,
                       struct irsa_error *err) {
    (void)call, (void)body, (void)err;
    irsa_json_open_object(w, NULL);
    irsa_json_add_text(w, "status", "ok");
    irsa_json_add_text(w, "version", IRSA_VERSION);
    irsa_json_close_object(w);
    return true;
}

static const struct {
    const char *method;
    const char *path;
    bool needs_body;
    control_fn *handle;
} routes[] = {
    {"GET", "/world", false, get_world},
    {"PUT", "/world", true, put_world},
    {"GET", "/calls", false, get_calls},
    {"DELETE", "/calls", false, delete_calls},
    {"GET", "/faults", false, get_faults},
    {"POST", "/faults", true, post_faults},
    {"DELETE", "/faults", false, delete_faults},
    {"GET", "/model", false, get_model},
    {"POST", "/model", true, post_model},
    {"POST", "/reset", false, post_reset},
    {"GET", "/permissions", false, get_permissions},
    {"PUT", "/permissions", true, put_permissions},
    {"POST", "/broker", true, post_broker},
    {"GET", "/healthz", false, get_health},
};

#define ROUTE_COUNT (sizeof(routes) / sizeof(routes[0]))

static void reply_with(struct irsa_sandbox_call *call, int status, const struct irsa_text *json) {
    *call->reply = (struct irsa_httpd_reply){
        .status = status, .content_type = "application/json", .body = json->at, .body_length = json->length};
}

static void reply_error(struct irsa_sandbox_call *call, int status, const char *message, const char *at) {
    struct irsa_text json;
    struct irsa_json_writer w;
    irsa_text_init(&json, call->arena, ANSWER_MAX_BYTES);
    irsa_json_begin(&w, &json);
    irsa_json_open_object(&w, NULL);
    irsa_json_open_object(&w, "error");
    irsa_json_add_text(&w, "message", message);
    irsa_json_add_text(&w, "at", *at == '\0' ? NULL : at);
    irsa_json_close_object(&w);
    irsa_json_close_object(&w);
    reply_with(call, status, &json);
}

static bool parse_body(struct irsa_sandbox_call *call, const struct irsa_json **out_body, struct irsa_error *err) {
    struct irsa_json_limits limits = {.max_bytes = BODY_MAX_BYTES, .max_depth = BODY_MAX_DEPTH};
    return irsa_json_parse(call->arena, call->request->body, call->request->body_length, limits, out_body, err);
}

static void handle_route(struct irsa_sandbox_call *call, size_t i) {
    const struct irsa_json *body = NULL;
    struct irsa_error err;
    struct irsa_text json;
    struct irsa_json_writer w;
    irsa_error_clear(&err);
    irsa_text_init(&json, call->arena, ANSWER_MAX_BYTES);
    irsa_json_begin(&w, &json);
    bool is_good = !routes[i].needs_body || parse_body(call, &body, &err);
    if (is_good) {
        pthread_mutex_lock(&call->sandbox->mutex);
        is_good = routes[i].handle(call, body, &w, &err);
        pthread_mutex_unlock(&call->sandbox->mutex);
    }
    if (is_good)
        reply_with(call, 200, &json);
    else
        reply_error(call, 400, err.message, err.at);
}

void irsa_sandbox_control(struct irsa_sandbox_call *call) {
    bool has_path = false;
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        if (strcmp(routes[i].path, call->request->path) != 0)
            continue;
        has_path = true;
        if (strcmp(routes[i].method, call->request->method) == 0) {
            handle_route(call, i);
            return;
        }
    }
    if (has_path)
        reply_error(call, 405, "this path has other methods; see docs/sandbox.md", "");
    else
        reply_error(call, 404, "no such path: /world, /calls, /faults, /model, /permissions, /reset, /broker, /healthz",
                    "");
}
