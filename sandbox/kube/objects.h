/*
 * The objects of one cluster: reading, storing and removing them, and the namespaces that every cluster has.
 */
#ifndef IRSA_SANDBOX_KUBE_OBJECTS_H
#define IRSA_SANDBOX_KUBE_OBJECTS_H

#include "sandbox/kube/schema.h"
#include "sandbox/world.h"

/* default, kube-system, kube-public, kube-node-lease. */
void irsa_sandbox_objects_begin(struct irsa_sandbox_cluster *cluster, int64_t now_ms);

struct irsa_sandbox_shelf *irsa_sandbox_objects_shelf(struct irsa_sandbox_cluster *cluster,
                                                      const struct irsa_sandbox_resource *resource);

/* "namespace/name", or "name" of what has no namespace. */
const char *irsa_sandbox_object_key(struct irsa_arena *arena, const char *namespace_name, const char *name);

/* The object as a tree of its own, or NULL when there is none. */
struct irsa_json *irsa_sandbox_object_read(struct irsa_arena *arena, struct irsa_sandbox_cluster *cluster,
                                           const struct irsa_sandbox_resource *resource, const char *key);

/* What a GET answers, as a tree. */
const struct irsa_json *irsa_sandbox_object_tree(struct irsa_arena *arena, const struct irsa_sandbox_object *object);

/* Is it small enough to be kept, and to be read again? */
bool irsa_sandbox_object_fits(const struct irsa_json *object);

/* Give the tree, which fits, the next resourceVersion and keep it. */
void irsa_sandbox_object_store(struct irsa_arena *arena, struct irsa_sandbox_cluster *cluster,
                               const struct irsa_sandbox_resource *resource, const char *key, struct irsa_json *object);

void irsa_sandbox_object_remove(struct irsa_sandbox_cluster *cluster, const struct irsa_sandbox_resource *resource,
                                const char *key);

/* What the server gives a new object: uid, creationTimestamp; a namespace its label, finalizer and phase. */
void irsa_sandbox_object_complete(struct irsa_arena *arena, const struct irsa_sandbox_resource *resource,
                                  struct irsa_json *object, int64_t now_ms);

/* What the server adds to whatever is sent: the label of a namespace. */
void irsa_sandbox_object_default(struct irsa_arena *arena, const struct irsa_sandbox_resource *resource,
                                 struct irsa_json *object);

/* Does the namespace exist, and is it going away? */
bool irsa_sandbox_namespace_find(struct irsa_arena *arena, struct irsa_sandbox_cluster *cluster, const char *name,
                                 bool *out_is_terminating);

#endif
