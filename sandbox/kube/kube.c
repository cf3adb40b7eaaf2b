/*
 * Routes: from method and path to a handler, past the token and what it may do.
 */
#include "sandbox/kube/kube.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/base/url.h"
#include "sandbox/inside.h"
#include "sandbox/kube/status.h"
#include "sandbox/kube/target.h"
#include "sandbox/kube/token.h"

#define MAX_PARTS 8

static const char *const action_names[] = {
    "get",           "list",           "create",           "apply",            "update",
    "patch",         "delete",         "get-namespace",    "list-namespaces",  "create-namespace",
    "delete-namespace", "finalize-namespace", "version", "health", "other",
};

const char *const *irsa_sandbox_kube_action_names(size_t *out_count) {
    *out_count = sizeof(action_names) / sizeof(action_names[0]);
    return action_names;
}

/* A path pattern: "*" is a namespace's or an object's name. */
static const struct route {
    const char *method;
    const char *path[MAX_PARTS];
    const char *action;
    const char *verb;
    const char *resource;
    bool is_write;
    irsa_sandbox_kube_fn *run;
} routes[] = {
    {"GET", {"api", "v1", "namespaces"}, "list-namespaces", "list", "namespaces", false, irsa_sandbox_namespace_list},
    {"POST", {"api", "v1", "namespaces"}, "create-namespace", "create", "namespaces", true,
     irsa_sandbox_namespace_create},
    {"GET", {"api", "v1", "namespaces", "*"}, "get-namespace", "get", "namespaces", false, irsa_sandbox_namespace_get},
    {"DELETE", {"api", "v1", "namespaces", "*"}, "delete-namespace", "delete", "namespaces", true,
     irsa_sandbox_namespace_delete},
    {"PUT", {"api", "v1", "namespaces", "*", "finalize"}, "finalize-namespace", "update", "namespaces", true,
     irsa_sandbox_namespace_finalize},
    {"GET", {"api", "v1", "namespaces", "*", "serviceaccounts"}, "list", "list", "serviceaccounts", false,
     irsa_sandbox_account_list},
    {"GET", {"api", "v1", "serviceaccounts"}, "list", "list", "serviceaccounts", false, irsa_sandbox_account_list},
    {"POST", {"api", "v1", "namespaces", "*", "serviceaccounts"}, "create", "create", "serviceaccounts", true,
     irsa_sandbox_account_create},
    {"GET", {"api", "v1", "namespaces", "*", "serviceaccounts", "*"}, "get", "get", "serviceaccounts", false,
     irsa_sandbox_account_get},
    {"PUT", {"api", "v1", "namespaces", "*", "serviceaccounts", "*"}, "update", "update", "serviceaccounts", true,
     irsa_sandbox_account_update},
    {"PATCH", {"api", "v1", "namespaces", "*", "serviceaccounts", "*"}, "patch", "patch", "serviceaccounts", true,
     irsa_sandbox_account_patch},
    {"DELETE", {"api", "v1", "namespaces", "*", "serviceaccounts", "*"}, "delete", "delete", "serviceaccounts", true,
     irsa_sandbox_account_delete},
};

#define ROUTE_COUNT (sizeof(routes) / sizeof(routes[0]))

struct errand {
    const struct route *route; /* NULL: there is nothing there */
    struct irsa_sandbox_target target;
    bool has_path; /* the path exists, though not for this method */
};

/* --- small answers ---------------------------------------------------------------------------------------------------------------- */

void irsa_sandbox_kube_answer(struct irsa_sandbox_call *call, int status, const char *json) {
    call->reply->status = status;
    call->reply->content_type = "application/json";
    call->reply->body = json;
    call->reply->body_length = strlen(json);
}

static void answer_text(struct irsa_sandbox_call *call, int status, const char *text) {
    call->reply->status = status;
    call->reply->content_type = "text/plain; charset=utf-8";
    call->reply->body = text;
    call->reply->body_length = strlen(text);
}

const char *irsa_sandbox_kube_parameter(const struct irsa_sandbox_call *call, const char *name) {
    return irsa_httpd_parameter(call->request, call->request->query, name);
}

const char *irsa_sandbox_kube_manager(const struct irsa_sandbox_call *call) {
    const char *manager = irsa_sandbox_kube_parameter(call, "fieldManager");
    const char *agent = irsa_httpd_header(call->request, "user-agent");
    if (!irsa_text_is_empty(manager))
        return manager;
    return agent == NULL ? "unknown" : irsa_arena_copy_bytes(call->arena, agent, strcspn(agent, "/ "));
}

/* --- finding ------------------------------------------------------------------------------------------------------------------------- */

static size_t split_path(struct irsa_sandbox_call *call, const char *out_parts[MAX_PARTS]) {
    size_t count = 0;
    for (const char *at = call->request->path; *at == '/';) {
        size_t length = strcspn(at + 1, "/");
        if (count == MAX_PARTS || !irsa_url_decode(call->arena, at + 1, length, false, &out_parts[count]))
            return 0;
        count++;
        at += 1 + length;
    }
    return count;
}

static bool matches(const struct route *route, const char *const *parts, size_t count) {
    for (size_t i = 0; i < MAX_PARTS; i++) {
        if (route->path[i] == NULL)
            return i == count;
        if (i == count || (strcmp(route->path[i], "*") != 0 && strcmp(route->path[i], parts[i]) != 0))
            return false;
    }
    return count == MAX_PARTS;
}

static void find_route(struct irsa_sandbox_call *call, struct errand *errand) {
    const char *parts[MAX_PARTS] = {NULL};
    size_t count = split_path(call, parts);
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        if (!matches(&routes[i], parts, count))
            continue;
        errand->has_path = true;
        errand->target.resource = routes[i].resource;
        bool is_account = strcmp(routes[i].resource, "serviceaccounts") == 0;
        errand->target.namespace_name = count > 3 ? parts[3] : NULL;
        errand->target.name = is_account ? (count > 5 ? parts[5] : NULL) : errand->target.namespace_name;
        if (strcmp(routes[i].method, call->request->method) == 0) {
            errand->route = &routes[i];
            errand->target.verb = routes[i].verb;
            return;
        }
    }
    /* a path below a namespace names some resource, though none that is here */
    if (!errand->has_path && count >= 2 && strcmp(parts[0], "api") == 0)
        errand->target.resource = "";
}

/* --- who may ---------------------------------------------------------------------------------------------------------------------------- */

/* The administrator and the identity of the cluster's account may do all; others nothing. */
static bool may_do(const struct irsa_sandbox_call *call) {
    return strcmp(call->user, "admin") == 0 || irsa_text_starts_with(call->user, "arn:");
}

static void refuse(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target) {
    const char *where = target->namespace_name == NULL || strcmp(target->resource, "namespaces") == 0
                            ? " at the cluster scope"
                            : irsa_arena_format(call->arena, " in the namespace \"%s\"", target->namespace_name);
    const char *what = target->name == NULL ? target->resource
                                            : irsa_arena_format(call->arena, "%s \"%s\"", target->resource, target->name);
    const struct irsa_sandbox_status status = {
        .code = 403,
        .reason = "Forbidden",
        .message = irsa_arena_format(call->arena, "%s is forbidden: User \"%s\" cannot %s resource \"%s\" in API group \"\"%s",
                                     what, call->user, target->verb, target->resource, where),
        .has_details = true,
        .name = target->name,
        .kind = target->resource,
    };
    irsa_sandbox_status(call, &status);
}

static void answer_absent(struct irsa_sandbox_call *call, const struct errand *errand) {
    if (errand->has_path)
        irsa_sandbox_status(call, &(struct irsa_sandbox_status){
                                      .code = 405,
                                      .reason = "MethodNotAllowed",
                                      .message = "the server does not allow this method on the requested resource",
                                      .has_details = true});
    else if (errand->target.resource != NULL)
        irsa_sandbox_status(call, &(struct irsa_sandbox_status){
                                      .code = 404,
                                      .reason = "NotFound",
                                      .message = "the server could not find the requested resource",
                                      .has_details = true});
    else
        answer_text(call, 404, "404 page not found\n");
}

/* With the lock. */
static void run_errand(struct irsa_sandbox_call *call, void *self) {
    const struct errand *errand = self;
    if (call->user == NULL)
        irsa_sandbox_status(
            call, &(struct irsa_sandbox_status){.code = 401, .reason = "Unauthorized", .message = "Unauthorized"});
    else if (strcmp(call->action, "health") == 0)
        answer_text(call, 200, "ok");
    else if (strcmp(call->action, "version") == 0)
        irsa_sandbox_kube_answer(call, 200, "{\"major\":\"1\",\"minor\":\"35\",\"gitVersion\":\"v1.35.4\"}");
    else if (errand->route == NULL)
        answer_absent(call, errand);
    else if (!may_do(call))
        refuse(call, &errand->target);
    else
        errand->route->run(call, &errand->target);
}

/* An apply is a patch of its own media type, and is counted apart. */
static const char *action_of(const struct irsa_sandbox_call *call, const struct errand *errand) {
    const char *path = call->request->path;
    if (strcmp(path, "/healthz") == 0 || strcmp(path, "/readyz") == 0 || strcmp(path, "/livez") == 0)
        return "health";
    if (strcmp(path, "/version") == 0)
        return "version";
    if (errand->route == NULL)
        return "other";
    const char *type = irsa_httpd_header(call->request, "content-type");
    bool is_apply = errand->route->run == irsa_sandbox_account_patch && type != NULL &&
                    irsa_text_starts_with(type, "application/apply-patch+yaml");
    return is_apply ? "apply" : errand->route->action;
}

void irsa_sandbox_kubernetes(struct irsa_sandbox_call *call) {
    struct errand errand = {.route = NULL};
    call->service = IRSA_SANDBOX_KUBE;
    find_route(call, &errand);
    call->action = action_of(call, &errand);
    call->is_write = errand.route != NULL && errand.route->is_write;
    pthread_mutex_lock(&call->sandbox->mutex); /* a reset changes the tokens */
    call->user = irsa_sandbox_token_user(call);
    pthread_mutex_unlock(&call->sandbox->mutex);
    irsa_sandbox_perform(call, run_errand, &errand);
}
