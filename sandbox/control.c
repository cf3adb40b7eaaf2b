/*
 * The control interface: a table of methods and paths, answers in JSON (docs/sandbox.md).
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "sandbox/broker.h"
#include "sandbox/inside.h"

#define DOCUMENT_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define DOCUMENT_MAX_DEPTH 64
#define ANSWER_MAX_BYTES   ((size_t)64 * 1024 * 1024)

/* One request in hand. */
struct control {
    struct irsa_sandbox *sandbox;
    struct irsa_arena *arena;
    const struct irsa_json *document; /* the body; NULL where none is wanted */
    struct irsa_json_writer *w;       /* the answer */
};

/* With the lock. fails INVALID */
typedef bool control_fn(struct control *control, struct irsa_error *err);

static bool get_health(struct control *control, struct irsa_error *err) {
    (void)err;
    irsa_json_open_object(control->w, NULL);
    irsa_json_add_text(control->w, "status", "ok");
    irsa_json_close_object(control->w);
    return true;
}

static bool get_world(struct control *control, struct irsa_error *err) {
    (void)err;
    irsa_sandbox_world_write(&control->sandbox->world, control->arena, control->w);
    return true;
}

static bool put_world(struct control *control, struct irsa_error *err) {
    return irsa_sandbox_world_change(control->sandbox, control->arena, control->document, err) &&
           get_world(control, err);
}

static bool get_calls(struct control *control, struct irsa_error *err) {
    (void)err;
    irsa_sandbox_calls_write(control->sandbox->calls, control->w);
    return true;
}

static bool get_faults(struct control *control, struct irsa_error *err) {
    (void)err;
    irsa_sandbox_faults_write(control->sandbox->faults, control->w);
    return true;
}

static bool post_faults(struct control *control, struct irsa_error *err) {
    return irsa_sandbox_faults_add(control->sandbox->faults, control->document, err) && get_faults(control, err);
}

static bool delete_faults(struct control *control, struct irsa_error *err) {
    irsa_sandbox_faults_clear(control->sandbox->faults);
    return get_faults(control, err);
}

static bool get_model(struct control *control, struct irsa_error *err) {
    (void)err;
    irsa_sandbox_model_write(&control->sandbox->model, control->w);
    return true;
}

static bool post_model(struct control *control, struct irsa_error *err) {
    if (!irsa_sandbox_model_change(&control->sandbox->model, control->document, err))
        return false;
    irsa_sandbox_throttle_clear(control->sandbox->throttle);
    return get_model(control, err);
}

static bool post_reset(struct control *control, struct irsa_error *err) {
    struct irsa_sandbox *sandbox = control->sandbox;
    irsa_sandbox_world_reset(&sandbox->world);
    irsa_sandbox_calls_clear(sandbox->calls);
    irsa_sandbox_faults_clear(sandbox->faults);
    irsa_sandbox_throttle_clear(sandbox->throttle);
    sandbox->model = sandbox->model_at_start;
    return get_health(control, err);
}

static bool post_broker(struct control *control, struct irsa_error *err) {
    if (control->sandbox->broker == NULL)
        return IRSA_FAIL(err, INVALID, "this sandbox has no broker (--no-broker)");
    return irsa_sandbox_broker_control(control->sandbox->broker, control->document, err) && get_health(control, err);
}

static const struct route {
    const char *method;
    const char *path;
    bool has_document;
    control_fn *run;
} routes[] = {
    {"GET", "/healthz", false, get_health},     {"GET", "/world", false, get_world},
    {"PUT", "/world", true, put_world},         {"GET", "/calls", false, get_calls},
    {"GET", "/faults", false, get_faults},      {"POST", "/faults", true, post_faults},
    {"DELETE", "/faults", false, delete_faults}, {"GET", "/model", false, get_model},
    {"POST", "/model", true, post_model},       {"POST", "/reset", false, post_reset},
    {"POST", "/broker", true, post_broker},
};

static void answer(struct irsa_sandbox_call *call, int status, const struct irsa_text *body) {
    *call->reply = (struct irsa_httpd_reply){
        .status = status, .content_type = "application/json", .body = body->at, .body_length = body->length};
}

static void answer_error(struct irsa_sandbox_call *call, int status, const struct irsa_error *err) {
    struct irsa_text body;
    struct irsa_json_writer w;
    irsa_text_init(&body, call->arena, sizeof(*err) * 2);
    irsa_json_begin(&w, &body);
    irsa_json_open_object(&w, NULL);
    irsa_json_open_object(&w, "error");
    irsa_json_add_text(&w, "message", err->message);
    irsa_json_add_text(&w, "at", err->at);
    irsa_json_close_object(&w);
    irsa_json_close_object(&w);
    answer(call, status, &body);
}

static const struct route *find_route(const struct irsa_httpd_request *request, bool *out_has_path) {
    *out_has_path = false;
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (strcmp(routes[i].path, request->path) != 0)
            continue;
        *out_has_path = true;
        if (strcmp(routes[i].method, request->method) == 0)
            return &routes[i];
    }
    return NULL;
}

static bool read_document(const struct irsa_httpd_request *request, const struct irsa_json **out_document,
                          struct irsa_error *err) {
    const struct irsa_json_limits limits = {.max_bytes = DOCUMENT_MAX_BYTES, .max_depth = DOCUMENT_MAX_DEPTH};
    return irsa_json_parse(request->arena, request->body, request->body_length, limits, out_document, err);
}

static void run_route(struct irsa_sandbox_call *call, const struct route *route) {
    struct irsa_text body;
    struct irsa_json_writer w;
    struct irsa_error err;
    struct control control = {.sandbox = call->sandbox, .arena = call->arena, .w = &w};
    irsa_text_init(&body, call->arena, ANSWER_MAX_BYTES);
    irsa_json_begin(&w, &body);
    if (route->has_document && !read_document(call->request, &control.document, &err)) {
        answer_error(call, 400, &err);
        return;
    }
    pthread_mutex_lock(&call->sandbox->mutex);
    bool is_done = route->run(&control, &err);
    pthread_mutex_unlock(&call->sandbox->mutex);
    if (is_done)
        answer(call, 200, &body);
    else
        answer_error(call, 400, &err);
}

void irsa_sandbox_control(struct irsa_sandbox_call *call) {
    struct irsa_error err;
    bool has_path;
    const struct route *route = find_route(call->request, &has_path);
    if (route != NULL) {
        run_route(call, route);
        return;
    }
    if (has_path)
        IRSA_FAIL(&err, INVALID, "%s %s is not known: see docs/sandbox.md", call->request->method, call->request->path);
    else
        IRSA_FAIL(&err, INVALID,
                  "there is nothing at %s: /world, /calls, /faults, /model, /reset, /broker and /healthz are there",
                  call->request->path);
    answer_error(call, has_path ? 405 : 404, &err);
}
