/*
 * Any bodies for the sandbox's doors. Each is answered, what is answered as JSON is JSON, and the world that they leave
 * can be read.
 *
 * Input: requests, each a byte that says which (of `doors`, as many as there are for the first) and its body, up to a
 * NUL. Each input has an empty world.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "sandbox/sandbox.h"

#define ACCOUNTS     "/api/v1/namespaces/default/serviceaccounts"
#define NAMESPACE    "/api/v1/namespaces/default"
#define JSON         "application/json"
#define APPLY        "application/apply-patch+yaml"
#define MERGE_PATCH  "application/merge-patch+json"
#define JSON_PATCH   "application/json-patch+json"
#define MAX_REQUESTS 8

static const struct {
    enum irsa_sandbox_door door;
    const char *method, *path, *query, *type;
} doors[] = {
    {IRSA_SANDBOX_CONTROL, "PUT", "/world", "", JSON},
    {IRSA_SANDBOX_CONTROL, "POST", "/faults", "", JSON},
    {IRSA_SANDBOX_CONTROL, "POST", "/model", "", JSON},
    {IRSA_SANDBOX_CONTROL, "PUT", "/permissions", "", JSON},
    {IRSA_SANDBOX_KUBERNETES, "POST", ACCOUNTS, "fieldManager=a", JSON},
    {IRSA_SANDBOX_KUBERNETES, "PUT", ACCOUNTS "/x", "fieldValidation=Strict", JSON},
    {IRSA_SANDBOX_KUBERNETES, "PATCH", ACCOUNTS "/x", "fieldManager=b", APPLY},
    {IRSA_SANDBOX_KUBERNETES, "PATCH", ACCOUNTS "/x", "fieldManager=c&force=true", APPLY},
    {IRSA_SANDBOX_KUBERNETES, "PATCH", ACCOUNTS "/x", "", MERGE_PATCH},
    {IRSA_SANDBOX_KUBERNETES, "PATCH", ACCOUNTS "/x", "", JSON_PATCH},
    {IRSA_SANDBOX_KUBERNETES, "DELETE", ACCOUNTS "/x", "", JSON},
    {IRSA_SANDBOX_KUBERNETES, "PATCH", NAMESPACE, "fieldManager=b", APPLY},
    {IRSA_SANDBOX_KUBERNETES, "PATCH", NAMESPACE, "", MERGE_PATCH},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

static void check_answer(struct irsa_arena *arena, const struct irsa_httpd_reply *reply) {
    const struct irsa_json_limits limits = {.max_bytes = SIZE_MAX, .max_depth = 64};
    const struct irsa_json *tree;
    struct irsa_error err;
    must(reply->status >= 200 && reply->status < 600);
    if (irsa_text_equal(reply->content_type, JSON))
        must(irsa_json_parse(arena, reply->body, reply->body_length, limits, &tree, &err));
}

static void ask(struct irsa_sandbox *sandbox, size_t door, const uint8_t *body, size_t length) {
    struct irsa_arena *arena = irsa_arena_new();
    const struct irsa_httpd_field headers[] = {{"authorization", "Bearer t"}, {"content-type", doors[door].type}};
    const struct irsa_httpd_request request = {.method = doors[door].method,
                                               .target = doors[door].path,
                                               .path = doors[door].path,
                                               .query = doors[door].query,
                                               .headers = headers,
                                               .header_count = 2,
                                               .body = irsa_arena_copy_bytes(arena, body, length),
                                               .body_length = length,
                                               .arena = arena};
    struct irsa_httpd_reply reply = {0};
    irsa_sandbox_handle(sandbox, (struct irsa_sandbox_origin){.door = doors[door].door}, &request, &reply);
    if (reply.fault == IRSA_HTTPD_NO_FAULT && reply.again_ms == 0)
        check_answer(arena, &reply);
    irsa_arena_free(arena);
}

static void control(struct irsa_sandbox *sandbox, const char *method, const char *path, const char *body) {
    struct irsa_arena *arena = irsa_arena_new();
    const struct irsa_httpd_request request = {
        .method = method, .path = path, .query = "", .body = body, .body_length = strlen(body), .arena = arena};
    struct irsa_httpd_reply reply = {0};
    irsa_sandbox_handle(sandbox, (struct irsa_sandbox_origin){.door = IRSA_SANDBOX_CONTROL}, &request, &reply);
    must(reply.status == 200);
    check_answer(arena, &reply);
    irsa_arena_free(arena);
}

static struct irsa_sandbox *the_sandbox(void) {
    static struct irsa_sandbox *sandbox; /* its authority takes longer to make than thousands of requests */
    static const struct irsa_sandbox_cluster_options cluster = {.name = "c"};
    const struct irsa_sandbox_options options = {.clusters = &cluster, .cluster_count = 1};
    if (sandbox == NULL)
        sandbox = irsa_sandbox_new(&options);
    return sandbox;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct irsa_sandbox *sandbox = the_sandbox();
    control(sandbox, "POST", "/reset", "");
    control(sandbox, "PUT", "/world",
            "{\"clusters\":{\"us-west-2/c\":{\"tokens\":{\"t\":{\"user\":\"u\",\"admin\":true}}}}}");
    for (size_t i = 0; size > 0 && i < MAX_REQUESTS; i++) {
        const uint8_t *end = memchr(data, '\0', size);
        size_t length = end == NULL ? size : (size_t)(end - data);
        if (length > 0)
            ask(sandbox, data[0] % (sizeof(doors) / sizeof(doors[0])), data + 1, length - 1);
        length += end != NULL;
        data += length;
        size -= length;
    }
    control(sandbox, "GET", "/world", "");
    return 0;
}
