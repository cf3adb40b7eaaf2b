/*
 * Reading bodies, and the server's words for what is none.
 */
#include "sandbox/kube/body.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "sandbox/kube/status.h"

#define BODY_MAX_BYTES ((size_t)3 * 1024 * 1024)
#define BODY_MAX_DEPTH 32

const struct irsa_json *irsa_sandbox_body_read(struct irsa_sandbox_call *call, const char *kind) {
    const struct irsa_json_limits limits = {.max_bytes = BODY_MAX_BYTES, .max_depth = BODY_MAX_DEPTH};
    const struct irsa_json *body;
    struct irsa_error err;
    if (irsa_json_parse(call->arena, call->request->body, call->request->body_length, limits, &body, &err) &&
        body->kind == IRSA_JSON_OBJECT)
        return body;
    irsa_sandbox_status_bad_request(
        call, irsa_arena_format(call->arena,
                                "the object provided is unrecognized (must be of type %s): couldn't get version/kind; json "
                                "parse error: unexpected end of JSON input (%.200s)",
                                kind, call->request->body));
    return NULL;
}

const struct irsa_json *irsa_sandbox_body_object(struct irsa_sandbox_call *call, const char *kind) {
    const struct irsa_json *body = irsa_sandbox_body_read(call, kind);
    if (body == NULL)
        return NULL;
    const char *found = irsa_json_get_text(body, "kind");
    if (found == NULL || strcmp(found, kind) == 0)
        return body;
    irsa_sandbox_status_bad_request(
        call, irsa_arena_format(call->arena,
                                "%s in version \"v1\" cannot be handled as a %s: converting (v1.%s) to (core.%s): unknown "
                                "conversion",
                                found, kind, found, kind));
    return NULL;
}
