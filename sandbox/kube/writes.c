/*
 * Create, update, patch and apply: each makes a new object of the old one, and one tail checks and keeps it.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/crypto.h"
#include "sandbox/inside.h"
#include "sandbox/kube/kube.h"
#include "sandbox/kube/managers.h"
#include "sandbox/kube/objects.h"
#include "sandbox/kube/tree.h"
#include "sandbox/kube/validate.h"

#define MODIFIED "the object has been modified; please apply your changes to the latest version and try again"

static const char *metadata_text(const struct irsa_json *object, const char *key) {
    return irsa_json_get_text(irsa_json_get(object, "metadata"), key);
}

static struct irsa_sandbox_writer writer_of(const struct irsa_sandbox_kube *kube) {
    return (struct irsa_sandbox_writer){.arena = kube->arena,
                                        .schema = kube->resource->schema,
                                        .manager = kube->manager,
                                        .time = kube->time,
                                        .force = kube->force};
}

/* A namespace that is absent or going away takes nothing new. */
static bool check_namespace(struct irsa_sandbox_kube *kube, const char *name) {
    bool is_terminating = false;
    if (kube->namespace_name == NULL)
        return true;
    if (!irsa_sandbox_namespace_find(kube->arena, kube->cluster, kube->namespace_name, &is_terminating))
        return irsa_sandbox_kube_absent(kube, "namespaces", kube->namespace_name);
    if (!is_terminating)
        return true;
    const struct irsa_sandbox_cause cause = {
        .reason = "NamespaceTerminating",
        .message = irsa_arena_format(kube->arena, "namespace %s is being terminated", kube->namespace_name),
        .field = "metadata.namespace"};
    const char *message = irsa_arena_format(
        kube->arena,
        "%s \"%s\" is forbidden: unable to create new content in namespace %s because it is being terminated",
        kube->resource->plural, name, kube->namespace_name);
    return irsa_sandbox_status(kube->call, &(struct irsa_sandbox_status){.code = 403,
                                                                         .reason = "Forbidden",
                                                                         .message = message,
                                                                         .name = name,
                                                                         .kind = kube->resource->plural,
                                                                         .causes = &cause,
                                                                         .cause_count = 1});
}

/* kind and apiVersion, when they are there, are those of the path. */
static bool check_kind(struct irsa_sandbox_kube *kube, const struct irsa_json *object) {
    const char *kind = irsa_json_get_text(object, "kind");
    const char *version = irsa_json_get_text(object, "apiVersion");
    const char *wanted = kube->resource->kind;
    if (object->kind != IRSA_JSON_OBJECT)
        return irsa_sandbox_kube_bad_request(kube, "the body is no JSON object");
    if ((kind != NULL && strcmp(kind, wanted) != 0) || (version != NULL && strcmp(version, "v1") != 0)) {
        const char *seen =
            irsa_arena_format(kube->arena, "%s.%s", version == NULL ? "v1" : version, kind == NULL ? wanted : kind);
        return irsa_sandbox_kube_bad_request(
            kube,
            irsa_arena_format(kube->arena,
                              "%s in version \"%s\" cannot be handled as a %s: converting (%s) to (core.%s): unknown "
                              "conversion",
                              kind == NULL ? wanted : kind, version == NULL ? "v1" : version, wanted, seen, wanted));
    }
    return true;
}

/* Bring a body into the schema's form; unknown members are dropped with a warning, or refused when the caller wants. */
static struct irsa_json *decode(struct irsa_sandbox_kube *kube, const struct irsa_json *body) {
    const char *unknown;
    const char *wrong;
    if (!check_kind(kube, body))
        return NULL;
    struct irsa_json *object =
        irsa_sandbox_schema_normalise(kube->arena, kube->resource->schema, body, &unknown, &wrong);
    if (wrong != NULL) {
        irsa_sandbox_kube_bad_request(
            kube,
            irsa_arena_format(kube->arena,
                              "%s in version \"v1\" cannot be handled as a %s: json: cannot unmarshal the value of "
                              "field %s",
                              kube->resource->kind, kube->resource->kind, wrong + 1));
        return NULL;
    }
    if (unknown != NULL && kube->is_strict) {
        irsa_sandbox_kube_bad_request(
            kube,
            irsa_arena_format(kube->arena,
                              "%s in version \"v1\" cannot be handled as a %s: strict decoding error: unknown field "
                              "\"%s\"",
                              kube->resource->kind, kube->resource->kind, unknown + 1));
        return NULL;
    }
    if (unknown != NULL)
        irsa_sandbox_add_header(kube->call, "Warning",
                                irsa_arena_format(kube->arena, "299 - \"unknown field \\\"%s\\\"\"", unknown + 1));
    return object;
}

static struct irsa_json *live_object(struct irsa_sandbox_kube *kube) {
    return irsa_sandbox_object_read(kube->arena, kube->cluster, kube->resource, kube->key);
}

static bool is_deleted_now(const struct irsa_json *object) {
    const struct irsa_json *metadata = irsa_json_get(object, "metadata");
    const struct irsa_json *finalizers = irsa_json_get(metadata, "finalizers");
    return irsa_json_get(metadata, "deletionTimestamp") != NULL && (finalizers == NULL || finalizers->first == NULL);
}

static void keep(struct irsa_sandbox_kube *kube, struct irsa_json *object, const struct irsa_json *live) {
    if (kube->is_dry_run || (live != NULL && irsa_json_equal(live, object)))
        return;
    if (live != NULL && kube->resource->is_namespaced && is_deleted_now(object))
        irsa_sandbox_object_remove(kube->cluster, kube->resource, kube->key);
    else
        irsa_sandbox_object_store(kube->arena, kube->cluster, kube->resource, kube->key, object);
}

/* The common tail: validate, keep, answer. `live` NULL: it is made anew. */
static bool finish(struct irsa_sandbox_kube *kube, struct irsa_json *object, const struct irsa_json *live,
                   struct irsa_sandbox_managers *managers) {
    size_t fault_count;
    const struct irsa_sandbox_cause *faults = irsa_sandbox_validate(kube->arena, kube->resource, object, &fault_count);
    if (fault_count > 0)
        return irsa_sandbox_invalid(kube->call, kube->resource->kind, kube->name, faults, fault_count);
    irsa_sandbox_managers_write(kube->arena, managers, object);
    const char *unknown;
    const char *wrong;
    struct irsa_json *ordered =
        irsa_sandbox_schema_normalise(kube->arena, kube->resource->schema, object, &unknown, &wrong);
    keep(kube, ordered, live);
    irsa_sandbox_kube_answer(
        kube, live == NULL ? 201 : 200,
        irsa_sandbox_schema_normalise(kube->arena, kube->resource->schema, ordered, &unknown, &wrong));
    return true;
}

/* generateName and five characters, as the server picks them. */
static const char *generate_name(struct irsa_arena *arena, const char *prefix) {
    static const char alphabet[] = "bcdfghjklmnpqrstvwxz2456789";
    uint8_t bytes[5];
    char suffix[6] = "";
    irsa_random_bytes(bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++)
        suffix[i] = alphabet[bytes[i] % (sizeof(alphabet) - 1)];
    return irsa_arena_format(arena, "%s%s", prefix, suffix);
}

static bool name_object(struct irsa_sandbox_kube *kube, struct irsa_json *object) {
    struct irsa_json *metadata = irsa_sandbox_tree_object(kube->arena, object, "metadata");
    const char *name = irsa_json_get_text(metadata, "name");
    const char *prefix = irsa_json_get_text(metadata, "generateName");
    const char *namespace_name = irsa_json_get_text(metadata, "namespace");
    if (name == NULL && prefix != NULL)
        name = generate_name(kube->arena, prefix);
    if (namespace_name != NULL && kube->namespace_name != NULL && strcmp(namespace_name, kube->namespace_name) != 0)
        return irsa_sandbox_kube_bad_request(
            kube,
            irsa_arena_format(kube->arena,
                              "the namespace of the provided object does not match the namespace sent on the request"));
    if (name != NULL)
        irsa_sandbox_tree_set_text(kube->arena, metadata, "name", name);
    if (kube->namespace_name != NULL)
        irsa_sandbox_tree_set_text(kube->arena, metadata, "namespace", kube->namespace_name);
    kube->name = name == NULL ? "" : name;
    kube->key = irsa_sandbox_object_key(kube->arena, kube->namespace_name, kube->name);
    return true;
}

static bool fail_exists(struct irsa_sandbox_kube *kube) {
    const char *message =
        irsa_arena_format(kube->arena, "%s \"%s\" already exists", kube->resource->plural, kube->name);
    return irsa_sandbox_status(kube->call, &(struct irsa_sandbox_status){.code = 409,
                                                                         .reason = "AlreadyExists",
                                                                         .message = message,
                                                                         .name = kube->name,
                                                                         .kind = kube->resource->plural});
}

void irsa_sandbox_kube_create(struct irsa_sandbox_kube *kube) {
    const struct irsa_json *body;
    if (!irsa_sandbox_kube_body(kube, kube->resource->kind, &body))
        return;
    struct irsa_json *object = decode(kube, body);
    if (object == NULL || !name_object(kube, object) || !check_namespace(kube, kube->name))
        return;
    if (irsa_sandbox_shelf_now(irsa_sandbox_objects_shelf(kube->cluster, kube->resource), kube->key) != NULL) {
        fail_exists(kube);
        return;
    }
    const struct irsa_sandbox_writer writer = writer_of(kube);
    irsa_sandbox_object_complete(kube->arena, kube->resource, object, kube->call->moment.now_ms);
    struct irsa_sandbox_managers managers = irsa_sandbox_update(&writer, NULL, object);
    (void)finish(kube, object, NULL, &managers);
}

/* resourceVersion and uid that a writer names must be those of the object. */
static bool check_preconditions(struct irsa_sandbox_kube *kube, const struct irsa_json *object,
                                const struct irsa_json *live) {
    const char *version = metadata_text(object, "resourceVersion");
    const char *uid = metadata_text(object, "uid");
    if (version != NULL && *version != '\0' && strcmp(version, metadata_text(live, "resourceVersion")) != 0)
        return irsa_sandbox_kube_conflict(kube, kube->resource->plural, kube->name, MODIFIED);
    if (uid == NULL || strcmp(uid, metadata_text(live, "uid")) == 0)
        return true;
    const struct irsa_sandbox_cause cause = {
        .reason = "FieldValueInvalid",
        .message = irsa_arena_format(kube->arena, "Invalid value: \"%s\": field is immutable", uid),
        .field = "metadata.uid"};
    const struct irsa_sandbox_cause twice[2] = {cause, cause}; /* the real one says it twice */
    return irsa_sandbox_invalid(kube->call, kube->resource->kind, kube->name, twice, 2);
}

/* What a writer cannot change is as it was. */
static void keep_identity(struct irsa_sandbox_kube *kube, struct irsa_json *object, const struct irsa_json *live) {
    static const char *const kept[] = {"name",
                                       "namespace",
                                       "uid",
                                       "resourceVersion",
                                       "creationTimestamp",
                                       "deletionTimestamp",
                                       "deletionGracePeriodSeconds",
                                       "managedFields"};
    struct irsa_json *metadata = irsa_sandbox_tree_object(kube->arena, object, "metadata");
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        const struct irsa_json *value = irsa_json_get(irsa_json_get(live, "metadata"), kept[i]);
        irsa_sandbox_tree_remove(metadata, kept[i]);
        if (value != NULL)
            irsa_sandbox_tree_set(metadata, kept[i], irsa_sandbox_tree_copy(kube->arena, value));
    }
    irsa_sandbox_tree_set_text(kube->arena, object, "kind", kube->resource->kind);
    irsa_sandbox_tree_set_text(kube->arena, object, "apiVersion", "v1");
    if (kube->resource->is_namespaced)
        return;
    irsa_sandbox_tree_set(object, "spec", irsa_sandbox_tree_copy(kube->arena, irsa_json_get(live, "spec")));
    irsa_sandbox_tree_set(object, "status", irsa_sandbox_tree_copy(kube->arena, irsa_json_get(live, "status")));
    irsa_sandbox_tree_set_text(kube->arena, irsa_sandbox_tree_object(kube->arena, metadata, "labels"),
                               "kubernetes.io/metadata.name", kube->name);
}

static bool check_name(struct irsa_sandbox_kube *kube, const struct irsa_json *object) {
    const char *name = metadata_text(object, "name");
    const char *namespace_name = metadata_text(object, "namespace");
    if (name != NULL && strcmp(name, kube->name) != 0)
        return irsa_sandbox_kube_bad_request(
            kube, irsa_arena_format(kube->arena, "the name of the object (%s) does not match the name on the URL (%s)",
                                    name, kube->name));
    if (namespace_name != NULL && kube->namespace_name != NULL && strcmp(namespace_name, kube->namespace_name) != 0)
        return irsa_sandbox_kube_bad_request(
            kube, "the namespace of the provided object does not match the namespace sent on the request");
    return true;
}

/* Replace `live` by what a PUT or a patch made of it. */
static bool replace(struct irsa_sandbox_kube *kube, const struct irsa_json *wanted, const struct irsa_json *live) {
    struct irsa_json *object = decode(kube, wanted);
    if (object == NULL || !check_name(kube, object) || !check_preconditions(kube, object, live))
        return false;
    const struct irsa_sandbox_writer writer = writer_of(kube);
    keep_identity(kube, object, live);
    struct irsa_sandbox_managers managers = irsa_sandbox_update(&writer, live, object);
    return finish(kube, object, live, &managers);
}

void irsa_sandbox_kube_update(struct irsa_sandbox_kube *kube) {
    const struct irsa_json *body;
    if (!irsa_sandbox_kube_body(kube, kube->resource->kind, &body))
        return;
    const struct irsa_json *live = live_object(kube);
    if (live == NULL)
        irsa_sandbox_kube_absent(kube, kube->resource->plural, kube->name);
    else
        (void)replace(kube, body, live);
}

static bool has_type(const struct irsa_sandbox_kube *kube, const char *type) {
    const char *sent = irsa_httpd_header(kube->call->request, "content-type");
    return sent != NULL && irsa_text_starts_with(sent, type);
}

static void fail_media_type(struct irsa_sandbox_kube *kube) {
    irsa_sandbox_status(kube->call, &(struct irsa_sandbox_status){.code = 415,
                                                                  .reason = "UnsupportedMediaType",
                                                                  .message = "415: Unsupported Media Type",
                                                                  .has_details = true});
}

static bool patch_json(struct irsa_sandbox_kube *kube, const struct irsa_json *patch, const struct irsa_json *live) {
    struct irsa_error err;
    struct irsa_json *patched = irsa_sandbox_tree_copy(kube->arena, live);
    if (irsa_sandbox_tree_patch(kube->arena, &patched, patch, &err))
        return replace(kube, patched, live);
    if (err.code == IRSA_CODE_SCHEMA)
        return irsa_sandbox_kube_bad_request(kube, irsa_arena_copy(kube->arena, err.message));
    return irsa_sandbox_status(
        kube->call,
        &(struct irsa_sandbox_status){.code = 422,
                                      .reason = "Invalid",
                                      .message = "the server rejected our request due to an error in our request",
                                      .has_details = true});
}

/* Merge patches, JSON patches, and strategic merge patches, of which only what a merge patch does too is done. */
void irsa_sandbox_kube_patch(struct irsa_sandbox_kube *kube) {
    bool is_merge =
        has_type(kube, "application/merge-patch+json") || has_type(kube, "application/strategic-merge-patch+json");
    bool is_json = has_type(kube, "application/json-patch+json");
    const struct irsa_json *patch;
    if (!is_merge && !is_json) {
        fail_media_type(kube);
        return;
    }
    if (!irsa_sandbox_kube_body(kube, kube->resource->kind, &patch))
        return;
    const struct irsa_json *live = live_object(kube);
    if (live == NULL)
        irsa_sandbox_kube_absent(kube, kube->resource->plural, kube->name);
    else if (is_merge)
        (void)replace(kube, irsa_sandbox_tree_merge(kube->arena, live, patch), live);
    else
        (void)patch_json(kube, patch, live);
}

static bool fail_no_manager(struct irsa_sandbox_kube *kube) {
    static const struct irsa_sandbox_cause cause = {.reason = "FieldValueRequired",
                                                    .message = "Required value: is required for apply patch",
                                                    .field = "fieldManager"};
    return irsa_sandbox_status(
        kube->call,
        &(struct irsa_sandbox_status){
            .code = 422,
            .reason = "Invalid",
            .message =
                "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch",
            .group = "meta.k8s.io",
            .kind = "PatchOptions",
            .causes = &cause,
            .cause_count = 1});
}

static const char *owner_text(struct irsa_arena *arena, const struct irsa_sandbox_manager *owner) {
    bool is_update = strcmp(owner->operation, "Update") == 0;
    return irsa_arena_format(arena, "\"%s\"%s", owner->name, is_update ? " using v1" : "");
}

/* "conflict with …: path", or a list under each owner when there are several. */
static const char *conflict_text(struct irsa_arena *arena, const struct irsa_sandbox_conflict *conflicts,
                                 size_t count) {
    struct irsa_text text;
    irsa_text_init(&text, arena, (size_t)256 * 1024);
    if (count == 1) {
        irsa_text_addf(&text, "Apply failed with 1 conflict: conflict with %s: %s",
                       owner_text(arena, conflicts[0].owner), irsa_sandbox_path_text(arena, conflicts[0].path));
        return text.at;
    }
    irsa_text_addf(&text, "Apply failed with %zu conflicts: ", count);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || conflicts[i].owner != conflicts[i - 1].owner)
            irsa_text_addf(&text, "%sconflicts with %s:", i == 0 ? "" : "\n", owner_text(arena, conflicts[i].owner));
        irsa_text_addf(&text, "\n- %s", irsa_sandbox_path_text(arena, conflicts[i].path));
    }
    return text.at;
}

static bool fail_conflicts(struct irsa_sandbox_kube *kube, const struct irsa_sandbox_applied *applied) {
    size_t count = applied->conflict_count;
    struct irsa_sandbox_cause *causes = IRSA_NEW_ARRAY(kube->arena, struct irsa_sandbox_cause, count);
    for (size_t i = 0; i < count; i++)
        causes[i] = (struct irsa_sandbox_cause){
            .reason = "FieldManagerConflict",
            .message = irsa_arena_format(kube->arena, "conflict with %s",
                                         owner_text(kube->arena, applied->conflicts[i].owner)),
            .field = irsa_sandbox_path_text(kube->arena, applied->conflicts[i].path)};
    return irsa_sandbox_status(
        kube->call, &(struct irsa_sandbox_status){.code = 409,
                                                  .reason = "Conflict",
                                                  .message = conflict_text(kube->arena, applied->conflicts, count),
                                                  .causes = causes,
                                                  .cause_count = count});
}

/* Server-side apply is stricter than the rest: what the schema lacks is an error, whatever the caller wants. */
static struct irsa_json *decode_applied(struct irsa_sandbox_kube *kube, const struct irsa_json *body) {
    const char *unknown;
    const char *wrong;
    if (!check_kind(kube, body) || !check_name(kube, body))
        return NULL;
    const struct irsa_json *managed = irsa_json_get(irsa_json_get(body, "metadata"), "managedFields");
    if (managed != NULL && managed->kind != IRSA_JSON_NULL) {
        irsa_sandbox_kube_bad_request(kube, "metadata.managedFields must be nil");
        return NULL;
    }
    struct irsa_json *object =
        irsa_sandbox_schema_normalise(kube->arena, kube->resource->schema, body, &unknown, &wrong);
    if (unknown == NULL && wrong == NULL)
        return object;
    const char *message =
        irsa_arena_format(kube->arena, "failed to create typed patch object (%s/%s; /v1, Kind=%s): %s: %s",
                          metadata_text(body, "namespace") == NULL ? "" : metadata_text(body, "namespace"), kube->name,
                          kube->resource->kind, unknown != NULL ? unknown : wrong,
                          unknown != NULL ? "field not declared in schema" : "the value is of the wrong type");
    irsa_sandbox_status(kube->call, &(struct irsa_sandbox_status){.code = 500, .message = message});
    return NULL;
}

static void apply_new(struct irsa_sandbox_kube *kube, const struct irsa_json *config) {
    const char *uid = metadata_text(config, "uid");
    if (!check_namespace(kube, kube->name))
        return;
    if (uid != NULL) {
        irsa_sandbox_kube_conflict(
            kube, kube->resource->plural, kube->name,
            irsa_arena_format(kube->arena,
                              "uid mismatch: the provided object specified uid %s, and no existing object was found",
                              uid));
        return;
    }
    const struct irsa_sandbox_writer writer = writer_of(kube);
    struct irsa_sandbox_applied applied = irsa_sandbox_apply(&writer, NULL, config);
    if (!name_object(kube, applied.object))
        return;
    irsa_sandbox_object_complete(kube->arena, kube->resource, applied.object, kube->call->moment.now_ms);
    (void)finish(kube, applied.object, NULL, &applied.managers);
}

static void apply_tree(struct irsa_sandbox_kube *kube, const struct irsa_json *body) {
    struct irsa_json *config = decode_applied(kube, body);
    if (config == NULL)
        return;
    const struct irsa_json *live = live_object(kube);
    if (live == NULL) {
        const char *name = kube->name;
        irsa_sandbox_tree_set_text(kube->arena, irsa_sandbox_tree_object(kube->arena, config, "metadata"), "name",
                                   name);
        apply_new(kube, config);
        return;
    }
    if (!check_preconditions(kube, config, live))
        return;
    const struct irsa_sandbox_writer writer = writer_of(kube);
    struct irsa_sandbox_applied applied = irsa_sandbox_apply(&writer, live, config);
    if (applied.conflict_count > 0) {
        (void)fail_conflicts(kube, &applied);
        return;
    }
    keep_identity(kube, applied.object, live);
    (void)finish(kube, applied.object, live, &applied.managers);
}

void irsa_sandbox_kube_apply(struct irsa_sandbox_kube *kube) {
    const struct irsa_json *body;
    const char *manager = irsa_sandbox_kube_parameter(kube, "fieldManager");
    if (manager == NULL || *manager == '\0')
        (void)fail_no_manager(kube);
    else if (irsa_sandbox_kube_body(kube, kube->resource->kind, &body))
        apply_tree(kube, body);
}

bool irsa_sandbox_kube_put(struct irsa_sandbox_kube *kube, const struct irsa_json *object, bool is_apply) {
    const struct irsa_json *live = live_object(kube);
    if (is_apply) {
        apply_tree(kube, object);
    } else if (live != NULL) {
        (void)replace(kube, irsa_sandbox_tree_merge(kube->arena, live, object), live);
    } else {
        const struct irsa_sandbox_writer writer = writer_of(kube);
        struct irsa_json *made = decode(kube, object);
        if (made == NULL || !name_object(kube, made) || !check_namespace(kube, kube->name))
            return false;
        irsa_sandbox_object_complete(kube->arena, kube->resource, made, kube->call->moment.now_ms);
        struct irsa_sandbox_managers managers = irsa_sandbox_update(&writer, NULL, made);
        (void)finish(kube, made, NULL, &managers);
    }
    return kube->call->reply->status < 300;
}
