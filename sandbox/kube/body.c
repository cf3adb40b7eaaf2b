/*
 * Reading bodies. The texts are those of kube-apiserver 1.35, as far as they can be told without being Go's decoder.
 */
#include "sandbox/kube/body.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/crypto.h"
#include "sandbox/kube/misfit.h"
#include "sandbox/kube/tree.h"
#include "sandbox/kube/validate.h"

#define BODY_MAX_BYTES ((size_t)3 * 1024 * 1024)
#define SHOWN_BYTES    30
#define VERSION        "v1"
#define SCHEME         "in scheme \"pkg/runtime/scheme.go:111\""
#define TYPE_OF_HEAD                                                                                                   \
    "struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }"

/* Kinds that the server has; one of another kind is told apart from what is no kind. */
static const char *const kinds[] = {"ConfigMap", "Endpoints", "Event",   "Namespace",     "Node",
                                    "Pod",       "Secret",    "Service", "ServiceAccount"};

/* --- parsing ----------------------------------------------------------------------------------------------------- */

/* The place of an error in the text. */
static const char *place_of(const char *text, const struct irsa_error *err) {
    for (unsigned line = 1; line < err->line && strchr(text, '\n') != NULL; line++)
        text = strchr(text, '\n') + 1;
    size_t column = err->column == 0 ? 0 : err->column - 1;
    size_t left = strlen(text);
    return text + (column < left ? column : left);
}

/* What Go's decoder would say; where that cannot be told, what ours says. */
static const char *parse_fault(struct irsa_arena *arena, const char *text, const struct irsa_error *err) {
    const char *at = place_of(text, err);
    if (*at == '\0')
        return "unexpected end of JSON input";
    if (strchr("{[\"-0123456789tfn", *at) == NULL)
        return irsa_arena_format(arena, "invalid character '%c' looking for beginning of value", *at);
    return irsa_arena_copy(arena, err->message);
}

/* NULL and why when the body is no JSON. */
static const struct irsa_json *parse(struct irsa_sandbox_kube *kube, const char **out_why) {
    const struct irsa_httpd_request *request = kube->call->request;
    const struct irsa_json_limits limits = {.max_bytes = BODY_MAX_BYTES, .max_depth = IRSA_SANDBOX_TREE_MAX_DEPTH};
    const struct irsa_json *body;
    struct irsa_error err;
    if (irsa_json_parse(kube->arena, request->body, request->body_length, limits, &body, &err))
        return body;
    *out_why = parse_fault(kube->arena, request->body, &err);
    return NULL;
}

static const char *wrong_type(struct irsa_arena *arena, const struct irsa_json *value, const char *wanted) {
    return irsa_arena_format(arena, "json: cannot unmarshal %s into Go value of type %s",
                             irsa_sandbox_go_kind(value->kind), wanted);
}

static bool check_size(struct irsa_sandbox_kube *kube) {
    if (kube->call->request->body_length <= BODY_MAX_BYTES)
        return true;
    return irsa_sandbox_status(
        kube->call,
        &(struct irsa_sandbox_status){
            .code = 413,
            .reason = "RequestEntityTooLarge",
            .message = irsa_arena_format(kube->arena, "Request entity too large: limit is %zu", BODY_MAX_BYTES)});
}

static bool is_media_type_known(const struct irsa_sandbox_kube *kube) {
    const char *type = irsa_httpd_header(kube->call->request, "content-type");
    return irsa_text_is_empty(type) || irsa_text_starts_with(type, "application/json");
}

static bool check_media_type(struct irsa_sandbox_kube *kube) {
    if (is_media_type_known(kube))
        return true;
    return irsa_sandbox_status(kube->call,
                               &(struct irsa_sandbox_status){
                                   .code = 415,
                                   .reason = "UnsupportedMediaType",
                                   .message = "the body of the request was in an unknown format - accepted media types "
                                              "include: application/json, application/yaml, "
                                              "application/vnd.kubernetes.protobuf"});
}

/* An object whose kind is not known yet. */
static const struct irsa_json *parse_head(struct irsa_sandbox_kube *kube, const char **out_why) {
    const char *why = NULL;
    const struct irsa_json *body = parse(kube, &why);
    if (body != NULL && body->kind != IRSA_JSON_OBJECT && body->kind != IRSA_JSON_NULL)
        why = wrong_type(kube->arena, body, TYPE_OF_HEAD);
    if (why != NULL)
        *out_why = irsa_arena_format(kube->arena, "couldn't get version/kind; json parse error: %s", why);
    return why == NULL ? body : NULL;
}

/* The start of a body: an object as it is, all else in hex. */
static const char *shown(struct irsa_arena *arena, const char *body) {
    size_t length = strlen(body);
    size_t part = length > SHOWN_BYTES ? SHOWN_BYTES : length;
    if (length == 0)
        return "<empty>";
    char *text = irsa_arena_alloc(arena, 2 * SHOWN_BYTES + 1);
    if (*body == '{')
        memcpy(text, body, part);
    else
        irsa_hex_encode(body, part, text);
    return irsa_arena_format(arena, "%s%s", text, part < length ? " ..." : "");
}

bool irsa_sandbox_kube_body(struct irsa_sandbox_kube *kube, const char *kind, const struct irsa_json **out_body) {
    const char *why = NULL;
    if (!check_size(kube) || !check_media_type(kube))
        return false;
    *out_body = parse_head(kube, &why);
    if (*out_body != NULL)
        return true;
    return irsa_sandbox_kube_bad_request(
        kube, irsa_arena_format(kube->arena, "the object provided is unrecognized (must be of type %s): %s (%s)", kind,
                                why, shown(kube->arena, kube->call->request->body)));
}

static const char *unknown_kind(struct irsa_arena *arena, const char *kind, const char *version) {
    return irsa_arena_format(arena, "no kind \"%s\" is registered for version \"%s\" " SCHEME, kind, version);
}

bool irsa_sandbox_kube_delete_options(struct irsa_sandbox_kube *kube, const struct irsa_json **out_options) {
    const char *why = NULL;
    *out_options = NULL;
    if (kube->call->request->body_length == 0)
        return true;
    if (!check_size(kube) || !check_media_type(kube))
        return false;
    const struct irsa_json *options = parse_head(kube, &why);
    if (options == NULL)
        return irsa_sandbox_kube_bad_request(kube, why);
    const char *kind = irsa_json_get_text(options, "kind");
    const char *version = irsa_json_get_text(options, "apiVersion");
    if (kind != NULL && strcmp(kind, "DeleteOptions") != 0)
        return irsa_sandbox_kube_bad_request(kube,
                                             unknown_kind(kube->arena, kind, version == NULL ? VERSION : version));
    const struct irsa_json *uid = irsa_json_get(irsa_json_get(options, "preconditions"), "uid");
    if (uid != NULL && uid->kind == IRSA_JSON_NUMBER)
        return irsa_sandbox_kube_bad_request(
            kube,
            "json: cannot unmarshal number into Go struct field Preconditions.preconditions.uid of type types.UID");
    *out_options = options;
    return true;
}

bool irsa_sandbox_kube_patch_body(struct irsa_sandbox_kube *kube, bool is_list, const struct irsa_json **out_patch) {
    const char *why = NULL;
    if (!check_size(kube))
        return false;
    const struct irsa_json *patch = parse(kube, &why);
    if (patch != NULL && patch->kind != (is_list ? IRSA_JSON_ARRAY : IRSA_JSON_OBJECT))
        why = wrong_type(kube->arena, patch, is_list ? "[]handlers.jsonPatchOp" : "map[string]interface {}");
    if (why != NULL)
        return irsa_sandbox_kube_bad_request(kube, irsa_arena_format(kube->arena, "error decoding patch: %s", why));
    *out_patch = patch;
    return true;
}

bool irsa_sandbox_kube_applied_body(struct irsa_sandbox_kube *kube, const struct irsa_json **out_body) {
    const char *why = NULL;
    if (!check_size(kube))
        return false;
    bool is_empty = kube->call->request->body_length == 0;
    const struct irsa_json *body = is_empty ? irsa_json_new(kube->arena, IRSA_JSON_NULL) : parse(kube, &why);
    if (body == NULL)
        return irsa_sandbox_kube_bad_request(
            kube, irsa_arena_format(kube->arena, "error decoding YAML: error converting YAML to JSON: yaml: %s",
                                    *kube->call->request->body == '{' ? "line 1: did not find expected node content"
                                                                      : "the sandbox reads JSON only"));
    if (body->kind != IRSA_JSON_OBJECT && body->kind != IRSA_JSON_NULL)
        return irsa_sandbox_kube_bad_request(
            kube,
            irsa_arena_format(kube->arena, "error decoding YAML: error unmarshaling JSON: while decoding JSON: %s",
                              wrong_type(kube->arena, body, "map[string]interface {}")));
    *out_body = body;
    return true;
}

/* --- decoding ---------------------------------------------------------------------------------------------------- */

/* What stands for the kind and version of a body that names none is that of the path. */
static const char *text_or(const struct irsa_json *object, const char *key, const char *otherwise) {
    const char *text = irsa_json_get_text(object, key);
    return irsa_text_is_empty(text) ? otherwise : text;
}

static bool is_registered(const char *kind) {
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i], kind) == 0)
            return true;
    return false;
}

/* Why a body of that kind and version is none of the path's; NULL when it is one. */
static const char *kind_fault(struct irsa_sandbox_kube *kube, const char *kind, const char *version) {
    const char *wanted = kube->resource->kind;
    if (strcmp(version, VERSION) != 0 || !is_registered(kind))
        return unknown_kind(kube->arena, kind, version);
    return strcmp(kind, wanted) == 0
               ? NULL
               : irsa_arena_format(kube->arena, "converting (v1.%s) to (core.%s): unknown conversion", kind, wanted);
}

static const char *strict_fault(struct irsa_arena *arena, const struct irsa_sandbox_misfits *misfits) {
    struct irsa_text text;
    irsa_text_init(&text, arena, (size_t)64 * 1024);
    for (size_t i = 0; i < misfits->count; i++)
        if (misfits->at[i].kind == IRSA_SANDBOX_MISFIT_UNKNOWN)
            irsa_text_addf(&text, "%sunknown field \"%s\"", text.length == 0 ? "strict decoding error: " : ", ",
                           misfits->at[i].path + 1);
    return text.length == 0 ? NULL : text.at;
}

static void warn(struct irsa_sandbox_kube *kube, const struct irsa_sandbox_misfits *misfits) {
    for (size_t i = 0; i < misfits->count; i++)
        if (misfits->at[i].kind == IRSA_SANDBOX_MISFIT_UNKNOWN)
            irsa_sandbox_add_header(
                kube->call, "Warning",
                irsa_arena_format(kube->arena, "299 - \"unknown field \\\"%s\\\"\"", misfits->at[i].path + 1));
}

static void refuse_patched(struct irsa_sandbox_kube *kube, const struct irsa_json *patched, const char *why) {
    const char *json = irsa_json_to_text(kube->arena, patched);
    const struct irsa_sandbox_cause cause = {
        .reason = "FieldValueInvalid",
        .message = irsa_arena_format(kube->arena, "Invalid value: %s: %s", irsa_sandbox_quote(kube->arena, json), why),
        .field = "patch"};
    irsa_sandbox_invalid(kube->call, (struct irsa_sandbox_subject){.kind = "", .name = ""}, &cause, 1);
}

struct irsa_json *irsa_sandbox_kube_decode(struct irsa_sandbox_kube *kube, const struct irsa_json *body,
                                           bool is_patched) {
    const char *wanted = kube->resource->kind;
    const char *kind = text_or(body, "kind", wanted);
    const char *version = text_or(body, "apiVersion", VERSION);
    struct irsa_sandbox_misfits misfits = irsa_sandbox_misfits_find(kube->arena, kube->resource->schema, body);
    const char *why = kind_fault(kube, kind, version);
    if (why == NULL)
        why = irsa_sandbox_misfits_go(kube->arena, &misfits, wanted);
    if (why == NULL && kube->is_strict)
        why = strict_fault(kube->arena, &misfits);
    if (why == NULL) {
        if (kube->warns)
            warn(kube, &misfits);
        return irsa_sandbox_schema_normalise(kube->arena, kube->resource->schema, body);
    }
    if (is_patched)
        refuse_patched(kube, body, why);
    else
        irsa_sandbox_kube_bad_request(kube, irsa_arena_format(kube->arena,
                                                              "%s in version \"%s\" cannot be handled as a %s: %s",
                                                              kind, version, wanted, why));
    return NULL;
}

static bool check_applied_kind(struct irsa_sandbox_kube *kube, const struct irsa_json *body) {
    const char *kind = text_or(body, "kind", "");
    const char *version = text_or(body, "apiVersion", "");
    if (strcmp(kind, kube->resource->kind) == 0 && strcmp(version, VERSION) == 0)
        return true;
    bool has_group = strchr(version, '/') != NULL;
    return irsa_sandbox_kube_bad_request(kube, irsa_arena_format(kube->arena, "invalid object type: %s%s, Kind=%s",
                                                                 has_group ? "" : "/", version, kind));
}

struct irsa_json *irsa_sandbox_kube_decode_applied(struct irsa_sandbox_kube *kube, const struct irsa_json *body) {
    const struct irsa_json *metadata = irsa_json_get(body, "metadata");
    const struct irsa_json *managed = irsa_json_get(metadata, "managedFields");
    if (!check_applied_kind(kube, body))
        return NULL;
    if (managed != NULL && managed->kind != IRSA_JSON_NULL) {
        irsa_sandbox_kube_bad_request(kube, "metadata.managedFields must be nil");
        return NULL;
    }
    struct irsa_sandbox_misfits misfits = irsa_sandbox_misfits_find(kube->arena, kube->resource->schema, body);
    const char *why = irsa_sandbox_misfits_typed(kube->arena, &misfits);
    if (why == NULL)
        return irsa_sandbox_schema_normalise_applied(kube->arena, kube->resource->schema, body);
    const char *message =
        irsa_arena_format(kube->arena, "failed to create typed patch object (%s/%s; /v1, Kind=%s): %s",
                          text_or(metadata, "namespace", ""), text_or(metadata, "name", ""), kube->resource->kind, why);
    irsa_sandbox_status(kube->call, &(struct irsa_sandbox_status){.code = 500, .message = message});
    return NULL;
}
