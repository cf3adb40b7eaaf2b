/*
 * From a path to a verb of a table.
 */
#include "sandbox/kube/kube.h"

#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/url.h"
#include "sandbox/inside.h"
#include "sandbox/kube/access.h"
#include "sandbox/kube/objects.h"
#include "sandbox/kube/options.h"
#include "sandbox/kube/token.h"

#define MAX_SEGMENTS  9
#define APPLY_CONTENT "application/apply-patch+yaml"

/* A verb on a kind of path. `action` is what it is counted under, for service accounts and for namespaces. */
struct verb {
    const char *method;
    bool is_named;           /* one object, not the collection */
    const char *subresource; /* "" for none */
    bool is_apply;           /* PATCH with the content type of an apply, or not */
    bool is_write;
    const char *action[2];
    irsa_sandbox_kube_fn *handle;
};

static const struct verb verbs[] = {
    {"GET", true, "", false, false, {"get", "get-namespace"}, irsa_sandbox_kube_get},
    {"GET", false, "", false, false, {"list", "list-namespaces"}, irsa_sandbox_kube_list},
    {"POST", false, "", false, true, {"create", "create-namespace"}, irsa_sandbox_kube_create},
    {"PUT", true, "", false, true, {"update", "update-namespace"}, irsa_sandbox_kube_update},
    {"PATCH", true, "", true, true, {"apply", "apply-namespace"}, irsa_sandbox_kube_apply},
    {"PATCH", true, "", false, true, {"patch", "patch-namespace"}, irsa_sandbox_kube_patch},
    {"DELETE", true, "", false, true, {"delete", "delete-namespace"}, irsa_sandbox_kube_delete},
    {"DELETE", false, "", false, true, {"delete-collection", NULL}, irsa_sandbox_kube_delete_collection},
    {"PUT", true, "finalize", false, true, {NULL, "finalize-namespace"}, irsa_sandbox_kube_finalize},
    {"POST", true, "token", false, true, {"create-token", NULL}, irsa_sandbox_kube_create_token},
};

#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

size_t irsa_sandbox_kube_action_names(const char *out_names[IRSA_SANDBOX_MAX_ACTIONS]) {
    static const char *const others[] = {"version", "healthz", "discovery", "unknown"};
    size_t count = 0;
    for (size_t i = 0; i < VERB_COUNT; i++)
        for (size_t k = 0; k < 2; k++)
            if (verbs[i].action[k] != NULL)
                out_names[count++] = verbs[i].action[k];
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        out_names[count++] = others[i];
    return count;
}

/* A path taken apart. */
struct route {
    enum { ROUTE_OBJECTS, ROUTE_VERSION, ROUTE_HEALTH, ROUTE_DISCOVERY, ROUTE_NO_RESOURCE, ROUTE_NO_PATH } kind;
    const struct irsa_sandbox_resource *resource;
    const char *namespace_name;
    const char *name;
    const char *subresource;
    const struct verb *verb; /* NULL: the method is not allowed */
    const char *segments[MAX_SEGMENTS];
    size_t segment_count;
};

/* Decoded first, as Go's router does: an encoded slash is one. */
static size_t split(struct irsa_arena *arena, const char *path, const char *out_segments[MAX_SEGMENTS]) {
    size_t count = 0;
    if (!irsa_url_decode(arena, path, strlen(path), false, &path))
        return 0;
    while (*path == '/' && path[1] != '\0' && count < MAX_SEGMENTS) {
        size_t length = strcspn(path + 1, "/");
        out_segments[count++] = irsa_arena_copy_bytes(arena, path + 1, length);
        path += 1 + length;
    }
    return count;
}

/* /api/v1/namespaces…: the rest of the segments, behind "api", "v1". */
static bool route_objects(const char *const *rest, size_t count, struct route *route) {
    if (count >= 3 && strcmp(rest[0], "namespaces") == 0 && strcmp(rest[2], "serviceaccounts") == 0) {
        route->resource = &irsa_sandbox_service_accounts;
        route->namespace_name = rest[1];
        route->name = count > 3 ? rest[3] : NULL;
        route->subresource = count > 4 ? rest[4] : "";
        return count <= 4 || (count == 5 && strcmp(rest[4], "token") == 0);
    }
    if (count >= 1 && strcmp(rest[0], "namespaces") == 0) {
        route->resource = &irsa_sandbox_namespaces;
        route->name = count > 1 ? rest[1] : NULL;
        route->subresource = count > 2 ? rest[2] : "";
        return count <= 3 && (count < 3 || strcmp(rest[2], "finalize") == 0);
    }
    if (count == 1 && strcmp(rest[0], "serviceaccounts") == 0) {
        route->resource = &irsa_sandbox_service_accounts;
        route->subresource = "";
        return true;
    }
    return false;
}

static bool is_apply(const struct irsa_httpd_request *request) {
    const char *type = irsa_httpd_header(request, "content-type");
    return type != NULL && irsa_text_starts_with(type, APPLY_CONTENT);
}

static const struct verb *find_verb(const struct irsa_httpd_request *request, const struct route *route) {
    bool is_patch = strcmp(request->method, "PATCH") == 0;
    bool is_everywhere = route->resource->is_namespaced && route->namespace_name == NULL; /* may only be listed */
    for (size_t i = 0; i < VERB_COUNT; i++) {
        const struct verb *verb = &verbs[i];
        bool is_it =
            strcmp(verb->method, request->method) == 0 && verb->is_named == (route->name != NULL) &&
            strcmp(verb->subresource, route->subresource) == 0 && (!is_patch || verb->is_apply == is_apply(request)) &&
            verb->action[route->resource->is_namespaced ? 0 : 1] != NULL && (!is_everywhere || !verb->is_write);
        if (is_it)
            return verb;
    }
    return NULL;
}

static struct route find_route(struct irsa_arena *arena, const struct irsa_httpd_request *request) {
    struct route route = {.kind = ROUTE_NO_PATH, .subresource = ""};
    const char *const *segments = route.segments;
    size_t count = split(arena, request->path, route.segments);
    route.segment_count = count;
    bool is_core = count >= 2 && strcmp(segments[0], "api") == 0 && strcmp(segments[1], "v1") == 0;
    if (is_core && count > 2) {
        route.kind = route_objects(segments + 2, count - 2, &route) ? ROUTE_OBJECTS : ROUTE_NO_RESOURCE;
        if (route.kind == ROUTE_OBJECTS)
            route.verb = find_verb(request, &route);
    } else if (is_core || (count == 1 && (strcmp(segments[0], "api") == 0 || strcmp(segments[0], "apis") == 0))) {
        route.kind = ROUTE_DISCOVERY;
    } else if (count == 1 && strcmp(segments[0], "version") == 0) {
        route.kind = ROUTE_VERSION;
    } else if (count >= 1 && (strcmp(segments[0], "healthz") == 0 || strcmp(segments[0], "readyz") == 0 ||
                              strcmp(segments[0], "livez") == 0)) {
        route.kind = ROUTE_HEALTH;
    }
    return route;
}

static const char *action_of(const struct route *route) {
    switch (route->kind) {
    case ROUTE_OBJECTS:
        return route->verb == NULL ? "unknown" : route->verb->action[route->resource->is_namespaced ? 0 : 1];
    case ROUTE_VERSION:
        return "version";
    case ROUTE_HEALTH:
        return "healthz";
    case ROUTE_DISCOVERY:
        return "discovery";
    case ROUTE_NO_RESOURCE:
    case ROUTE_NO_PATH:
        break;
    }
    return "unknown";
}

const char *irsa_sandbox_kube_parameter(const struct irsa_sandbox_kube *kube, const char *name) {
    return irsa_httpd_parameter(kube->call->request, kube->call->request->query, name);
}

void irsa_sandbox_kube_answer(struct irsa_sandbox_kube *kube, int status, const struct irsa_json *object) {
    const char *json = irsa_json_to_text(kube->arena, object);
    kube->call->reply->status = status;
    kube->call->reply->content_type = "application/json";
    kube->call->reply->body = json;
    kube->call->reply->body_length = strlen(json);
}

bool irsa_sandbox_kube_absent(struct irsa_sandbox_kube *kube, const char *plural, const char *name) {
    const char *message = irsa_arena_format(kube->arena, "%s \"%s\" not found", plural, name);
    return irsa_sandbox_status(
        kube->call, &(struct irsa_sandbox_status){
                        .code = 404, .reason = "NotFound", .message = message, .name = name, .kind = plural});
}

bool irsa_sandbox_kube_conflict(struct irsa_sandbox_kube *kube, const char *kind, const char *name, const char *why) {
    const char *message =
        irsa_arena_format(kube->arena, "Operation cannot be fulfilled on %s \"%s\": %s", kind, name, why);
    return irsa_sandbox_status(kube->call,
                               &(struct irsa_sandbox_status){
                                   .code = 409, .reason = "Conflict", .message = message, .name = name, .kind = kind});
}

bool irsa_sandbox_kube_bad_request(struct irsa_sandbox_kube *kube, const char *message) {
    return irsa_sandbox_status(kube->call,
                               &(struct irsa_sandbox_status){.code = 400, .reason = "BadRequest", .message = message});
}

static bool fail_no_resource(struct irsa_sandbox_call *call) {
    return irsa_sandbox_status(
        call, &(struct irsa_sandbox_status){.code = 404,
                                            .reason = "NotFound",
                                            .message = "the server could not find the requested resource",
                                            .has_details = true});
}

static bool fail_no_method(struct irsa_sandbox_call *call) {
    return irsa_sandbox_status(call, &(struct irsa_sandbox_status){
                                         .code = 405,
                                         .reason = "MethodNotAllowed",
                                         .message = "the server does not allow this method on the requested resource",
                                         .has_details = true});
}

static void answer_text(struct irsa_sandbox_call *call, int status, const char *type, const char *text) {
    call->reply->status = status;
    call->reply->content_type = type;
    call->reply->body = text;
    call->reply->body_length = strlen(text);
}

static void answer_version(struct irsa_sandbox_call *call) {
    answer_text(call, 200, "application/json",
                "{\"major\":\"1\",\"minor\":\"35\",\"emulationMajor\":\"1\",\"emulationMinor\":\"35\","
                "\"minCompatibilityMajor\":\"1\",\"minCompatibilityMinor\":\"34\",\"gitVersion\":\"v1.35.4\","
                "\"gitTreeState\":\"clean\",\"buildDate\":\"1970-01-01T00:00:00Z\",\"goVersion\":\"go1.26.8\","
                "\"compiler\":\"gc\",\"platform\":\"linux/amd64\"}");
}

static void answer_discovery(struct irsa_sandbox_call *call) {
    if (strcmp(call->request->path, "/apis") == 0)
        answer_text(call, 200, "application/json", "{\"kind\":\"APIGroupList\",\"apiVersion\":\"v1\",\"groups\":[]}");
    else if (strcmp(call->request->path, "/api") == 0)
        answer_text(call, 200, "application/json",
                    "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"],\"serverAddressByClientCIDRs\":[]}");
    else
        answer_text(
            call, 200, "application/json",
            "{\"kind\":\"APIResourceList\",\"groupVersion\":\"v1\",\"resources\":["
            "{\"name\":\"namespaces\",\"singularName\":\"namespace\",\"namespaced\":false,\"kind\":\"Namespace\","
            "\"verbs\":[\"create\",\"delete\",\"get\",\"list\",\"patch\",\"update\"]},"
            "{\"name\":\"serviceaccounts\",\"singularName\":\"serviceaccount\",\"namespaced\":true,"
            "\"kind\":\"ServiceAccount\",\"verbs\":[\"create\",\"delete\",\"get\",\"list\",\"patch\",\"update\"]}]}");
}

static void answer_objects(struct irsa_sandbox_call *call, const struct route *route) {
    struct irsa_sandbox_kube kube = {
        .call = call,
        .cluster = call->cluster,
        .arena = call->arena,
        .resource = route->resource,
        .namespace_name = route->namespace_name,
        .name = route->name,
        .key = route->name == NULL ? NULL : irsa_sandbox_object_key(call->arena, route->namespace_name, route->name),
        .time = irsa_sandbox_time_text(call->arena, call->moment.now_ms)};
    bool is_write = route->verb->is_write;
    if (!is_write || irsa_sandbox_kube_options(&kube, is_apply(call->request)))
        route->verb->handle(&kube);
}

/* Behind authentication and authorization. */
static void answer_route(struct irsa_sandbox_call *call, const struct route *route) {
    bool is_get = strcmp(call->request->method, "GET") == 0;
    switch (route->kind) {
    case ROUTE_VERSION:
        if (is_get)
            answer_version(call);
        else
            fail_no_method(call);
        break;
    case ROUTE_HEALTH:
        answer_text(call, 200, "text/plain; charset=utf-8", "ok");
        break;
    case ROUTE_DISCOVERY:
        answer_discovery(call);
        break;
    case ROUTE_NO_PATH:
        answer_text(call, 404, "text/plain; charset=utf-8", "404 page not found\n");
        break;
    case ROUTE_NO_RESOURCE:
        fail_no_resource(call);
        break;
    case ROUTE_OBJECTS:
        if (route->verb == NULL)
            fail_no_method(call);
        else
            answer_objects(call, route);
        break;
    }
}

static void answer(struct irsa_sandbox_call *call, void *self) {
    const struct route *route = self;
    call->user = irsa_sandbox_kube_user(call);
    if (call->user == NULL)
        irsa_sandbox_status(
            call, &(struct irsa_sandbox_status){.code = 401, .reason = "Unauthorized", .message = "Unauthorized"});
    else if (irsa_sandbox_kube_may(call, route->segments, route->segment_count))
        answer_route(call, route);
}

void irsa_sandbox_kubernetes(struct irsa_sandbox_call *call) {
    struct route route = find_route(call->arena, call->request);
    call->service = IRSA_SANDBOX_KUBE;
    call->action = action_of(&route);
    call->is_write = route.verb != NULL && route.verb->is_write;
    irsa_sandbox_perform(call, answer, &route);
    irsa_sandbox_add_header(call, "Audit-Id", call->request_id);
    irsa_sandbox_add_header(call, "Cache-Control", "no-cache, private");
}
