/*
 * Errors of the API server: the Status object's reason and causes decide, its code only when there is no reason.
 */
#include "core/kube/status.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/text.h"

#define MESSAGE_BYTES 1024

static const struct irsa_json_limits limits = {IRSA_HTTP_DEFAULT_REPLY_BYTES, 32};

/* k8s.io/apimachinery/pkg/apis/meta/v1/types.go, StatusReason. */
static const struct {
    const char *reason;
    enum irsa_code code;
} reasons[] = {
    {"Unauthorized", IRSA_CODE_ACCESS_DENIED},
    {"Forbidden", IRSA_CODE_ACCESS_DENIED},
    {"NotFound", IRSA_CODE_NOT_FOUND},
    {"AlreadyExists", IRSA_CODE_CONFLICT},
    {"Conflict", IRSA_CODE_CONFLICT},
    {"Invalid", IRSA_CODE_INVALID},
    {"BadRequest", IRSA_CODE_INVALID},
    {"MethodNotAllowed", IRSA_CODE_INVALID},
    {"NotAcceptable", IRSA_CODE_INVALID},
    {"RequestEntityTooLarge", IRSA_CODE_TOO_LARGE},
    {"UnsupportedMediaType", IRSA_CODE_INVALID},
    {"TooManyRequests", IRSA_CODE_THROTTLED},
    {"Gone", IRSA_CODE_UNAVAILABLE}, /* what was asked for has moved on: ask again */
    {"Expired", IRSA_CODE_UNAVAILABLE},
    {"ServerTimeout", IRSA_CODE_UNAVAILABLE},
    {"Timeout", IRSA_CODE_UNAVAILABLE},
    {"StoreReadError", IRSA_CODE_UNAVAILABLE},
    {"InternalError", IRSA_CODE_UNAVAILABLE},
    {"ServiceUnavailable", IRSA_CODE_UNAVAILABLE},
};

/*
 * The status of an answer without a known reason. 404 and 409 are not among them: without the API server's own word they say
 * nothing about what exists. Without a Status object something on the way has answered, and what it refuses is no fault of
 * the request.
 */
static enum irsa_code code_of_status(int status, bool is_status_object) {
    switch (status) {
    case 401:
    case 403:
        return IRSA_CODE_ACCESS_DENIED;
    case 429:
        return IRSA_CODE_THROTTLED;
    case 404:
    case 409:
        return IRSA_CODE_UNAVAILABLE;
    default:
        return is_status_object && status >= 400 && status < 500 ? IRSA_CODE_INVALID : IRSA_CODE_UNAVAILABLE;
    }
}

static enum irsa_code code_of(const struct irsa_json *object, int status, const char *reason) {
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (irsa_text_equal(reasons[i].reason, reason))
            return reasons[i].code;
    return code_of_status(status, object != NULL);
}

/* A cause whose `member`, "reason" or "field", is `value`. */
static bool has_cause(const struct irsa_json *status, const char *member, const char *value) {
    const struct irsa_json *causes = irsa_json_get(irsa_json_get(status, "details"), "causes");
    for (const struct irsa_json *cause = causes == NULL ? NULL : causes->first; cause != NULL; cause = cause->next)
        if (irsa_text_equal(irsa_json_get_text(cause, member), value))
            return true;
    return false;
}

/*
 * Causes that tell more than the reason. An apply with a uid that is not the object's any more is answered as an attempt
 * to change the uid.
 */
static const struct {
    const char *member, *value;
    const char *upstream;
    enum irsa_code code;
} telling[] = {
    {"reason", "NamespaceTerminating", "NamespaceTerminating", IRSA_CODE_CLUSTER_NOT_READY},
    {"reason", "FieldManagerConflict", "FieldManagerConflict", IRSA_CODE_CONFLICT},
    {"field", "metadata.uid", "Conflict", IRSA_CODE_CONFLICT},
};

/* Forbidden is also what admission plugins say; their words tell them from a missing right. */
static enum irsa_code code_of_forbidden(const char *message) {
    static const struct {
        const char *words;
        enum irsa_code code;
    } plugins[] = {
        {"is forbidden: exceeded quota", IRSA_CODE_QUOTA},
        {"admission webhook \"", IRSA_CODE_INVALID},
        {"ValidatingAdmissionPolicy '", IRSA_CODE_INVALID},
    };
    for (size_t i = 0; message != NULL && i < sizeof plugins / sizeof *plugins; i++)
        if (strstr(message, plugins[i].words) != NULL)
            return plugins[i].code;
    return IRSA_CODE_ACCESS_DENIED;
}

bool irsa_kube_failure(struct irsa_arena *arena, const struct irsa_http_reply *reply, struct irsa_error *err) {
    const struct irsa_json *status = NULL;
    char buffer[MESSAGE_BYTES + 1];
    struct irsa_text words;
    irsa_text_init_fixed(&words, buffer, sizeof buffer);
    if (!irsa_json_parse(arena, reply->body, reply->body_length, limits, &status, err) ||
        !irsa_text_equal(irsa_json_get_text(status, "kind"), "Status"))
        status = NULL;
    const char *reason = irsa_json_get_text(status, "reason");
    const char *message = irsa_json_get_text(status, "message");
    enum irsa_code code = code_of(status, reply->status, reason);
    for (size_t i = 0; i < sizeof telling / sizeof *telling; i++) {
        if (has_cause(status, telling[i].member, telling[i].value)) {
            reason = telling[i].upstream;
            code = telling[i].code;
        }
    }
    if (code == IRSA_CODE_ACCESS_DENIED)
        code = code_of_forbidden(message);
    if (irsa_text_is_empty(message))
        irsa_text_addf(&words, "the API server answered with status %d and no words of its own", reply->status);
    else
        irsa_text_add_printable(&words, message, MESSAGE_BYTES);
    irsa_error_set(err, code, "%s", words.at);
    return irsa_error_from(err, "kubernetes", reason == NULL && reply->status == 401 ? "Unauthorized" : reason);
}
