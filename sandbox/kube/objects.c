/*
 * Objects are kept as the text that a GET answers.
 */
#include "sandbox/kube/objects.h"

#include <assert.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "sandbox/call.h"
#include "sandbox/kube/managers.h"
#include "sandbox/kube/tree.h"

#define OBJECT_MAX_BYTES  ((size_t)1536 * 1024) /* etcd's own limit */
#define OBJECT_MAX_VALUES ((size_t)16384)       /* and the sandbox's, which finds members by looking at each */

struct irsa_sandbox_shelf *irsa_sandbox_objects_shelf(struct irsa_sandbox_cluster *cluster,
                                                      const struct irsa_sandbox_resource *resource) {
    return resource->is_namespaced ? cluster->accounts : cluster->namespaces;
}

const char *irsa_sandbox_object_key(struct irsa_arena *arena, const char *namespace_name, const char *name) {
    return namespace_name == NULL ? name : irsa_arena_format(arena, "%s/%s", namespace_name, name);
}

const struct irsa_json *irsa_sandbox_object_tree(struct irsa_arena *arena, const struct irsa_sandbox_object *object) {
    const struct irsa_json_limits limits = {.max_bytes = SIZE_MAX, .max_depth = IRSA_SANDBOX_TREE_MAX_DEPTH};
    const struct irsa_json *tree = NULL;
    struct irsa_error err;
    bool is_read = irsa_json_parse(arena, object->json, strlen(object->json), limits, &tree, &err);
    assert(is_read && "what is kept has passed irsa_sandbox_object_fits");
    (void)is_read;
    return tree;
}

/* Count what a tree holds; false when it is more than is left. */
static bool spend(const struct irsa_json *value, size_t *bytes_left, size_t *values_left) {
    size_t bytes = value->text_length + (value->key == NULL ? 0 : strlen(value->key));
    if (bytes > *bytes_left || *values_left == 0)
        return false;
    *bytes_left -= bytes;
    (*values_left)--;
    for (const struct irsa_json *child = value->first; child != NULL; child = child->next)
        if (!spend(child, bytes_left, values_left))
            return false;
    return true;
}

bool irsa_sandbox_object_fits(const struct irsa_json *object) {
    size_t bytes_left = OBJECT_MAX_BYTES;
    size_t values_left = OBJECT_MAX_VALUES;
    return spend(object, &bytes_left, &values_left);
}

struct irsa_json *irsa_sandbox_object_read(struct irsa_arena *arena, struct irsa_sandbox_cluster *cluster,
                                           const struct irsa_sandbox_resource *resource, const char *key) {
    const struct irsa_sandbox_object *object =
        irsa_sandbox_shelf_now(irsa_sandbox_objects_shelf(cluster, resource), key);
    return object == NULL ? NULL : irsa_sandbox_tree_copy(arena, irsa_sandbox_object_tree(arena, object));
}

void irsa_sandbox_object_store(struct irsa_arena *arena, struct irsa_sandbox_cluster *cluster,
                               const struct irsa_sandbox_resource *resource, const char *key,
                               struct irsa_json *object) {
    struct irsa_sandbox_shelf *shelf = irsa_sandbox_objects_shelf(cluster, resource);
    const struct irsa_sandbox_moment moment = {0}; /* the API server's own reads do not lag */
    struct irsa_json *metadata = irsa_sandbox_tree_object(arena, object, "metadata");
    cluster->version++;
    irsa_sandbox_tree_set_text(arena, metadata, "resourceVersion",
                               irsa_arena_format(arena, "%lld", (long long)cluster->version));
    const struct irsa_json *ordered = irsa_sandbox_schema_normalise(arena, resource->schema, object);
    struct irsa_sandbox_object *kept = irsa_new(sizeof(*kept));
    kept->json = irsa_new_copy(irsa_json_to_text(arena, ordered));
    if (irsa_sandbox_shelf_now(shelf, key) != NULL)
        irsa_sandbox_shelf_remove(shelf, key, moment);
    irsa_sandbox_shelf_put(shelf, key, kept, moment);
}

void irsa_sandbox_object_remove(struct irsa_sandbox_cluster *cluster, const struct irsa_sandbox_resource *resource,
                                const char *key) {
    irsa_sandbox_shelf_remove(irsa_sandbox_objects_shelf(cluster, resource), key, (struct irsa_sandbox_moment){0});
}

void irsa_sandbox_object_default(struct irsa_arena *arena, const struct irsa_sandbox_resource *resource,
                                 struct irsa_json *object) {
    struct irsa_json *metadata = irsa_sandbox_tree_object(arena, object, "metadata");
    const char *name = irsa_json_get_text(metadata, "name");
    if (!resource->is_namespaced)
        irsa_sandbox_tree_set_text(arena, irsa_sandbox_tree_object(arena, metadata, "labels"),
                                   "kubernetes.io/metadata.name", name == NULL ? "" : name);
}

void irsa_sandbox_object_complete(struct irsa_arena *arena, const struct irsa_sandbox_resource *resource,
                                  struct irsa_json *object, int64_t now_ms) {
    struct irsa_json *metadata = irsa_sandbox_tree_object(arena, object, "metadata");
    char *uid = irsa_arena_alloc(arena, 37);
    irsa_sandbox_uuid(uid);
    irsa_sandbox_tree_set_text(arena, object, "kind", resource->kind);
    irsa_sandbox_tree_set_text(arena, object, "apiVersion", "v1");
    irsa_sandbox_tree_set_text(arena, metadata, "uid", uid);
    irsa_sandbox_tree_set_text(arena, metadata, "creationTimestamp", irsa_sandbox_time_text(arena, now_ms));
    irsa_sandbox_tree_remove(metadata, "resourceVersion");
    irsa_sandbox_tree_remove(metadata, "deletionTimestamp");
    if (resource->is_namespaced)
        return;
    struct irsa_json *finalizers = irsa_json_new(arena, IRSA_JSON_ARRAY);
    struct irsa_json *tail = NULL;
    irsa_json_append(finalizers, &tail, NULL, irsa_json_new_text(arena, "kubernetes"));
    irsa_sandbox_object_default(arena, resource, object);
    irsa_sandbox_tree_set(irsa_sandbox_tree_object(arena, object, "spec"), "finalizers", finalizers);
    irsa_sandbox_tree_set_text(arena, irsa_sandbox_tree_object(arena, object, "status"), "phase", "Active");
}

bool irsa_sandbox_namespace_find(struct irsa_arena *arena, struct irsa_sandbox_cluster *cluster, const char *name,
                                 bool *out_is_terminating) {
    const struct irsa_json *found = irsa_sandbox_object_read(arena, cluster, &irsa_sandbox_namespaces, name);
    if (found == NULL)
        return false;
    *out_is_terminating = irsa_json_get(irsa_json_get(found, "metadata"), "deletionTimestamp") != NULL;
    return true;
}

void irsa_sandbox_objects_begin(struct irsa_sandbox_cluster *cluster, int64_t now_ms) {
    static const char *const names[] = {"kube-system", "kube-public", "kube-node-lease", "default"};
    struct irsa_arena *arena = irsa_arena_new();
    const struct irsa_sandbox_writer writer = {.arena = arena,
                                               .schema = irsa_sandbox_namespaces.schema,
                                               .manager = "kube-apiserver",
                                               .time = irsa_sandbox_time_text(arena, now_ms)};
    if (cluster->version == 0)
        cluster->version = 100; /* so that "1" is no object's version, as on a real server */
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct irsa_json *object = irsa_json_new(arena, IRSA_JSON_OBJECT);
        irsa_sandbox_tree_set_text(arena, irsa_sandbox_tree_object(arena, object, "metadata"), "name", names[i]);
        irsa_sandbox_object_complete(arena, &irsa_sandbox_namespaces, object, now_ms);
        struct irsa_sandbox_managers managers = irsa_sandbox_update(&writer, NULL, object);
        irsa_sandbox_managers_write(arena, &managers, object);
        irsa_sandbox_object_store(arena, cluster, &irsa_sandbox_namespaces, names[i], object);
    }
    irsa_arena_free(arena);
}
