/*
 * Making new JSON trees of old ones. What is made is the caller's to change; what it is made of stays as it is.
 */
#ifndef IRSA_SANDBOX_KUBE_TREE_H
#define IRSA_SANDBOX_KUBE_TREE_H

#include "core/base/json.h"

struct irsa_json *irsa_sandbox_tree_copy(struct irsa_arena *arena, const struct irsa_json *value);

/* Set or replace a member; takes `value`, which stands in no tree yet. */
void irsa_sandbox_tree_set(struct irsa_json *object, const char *key, struct irsa_json *value);
void irsa_sandbox_tree_set_text(struct irsa_arena *arena, struct irsa_json *object, const char *key, const char *value);
void irsa_sandbox_tree_remove(struct irsa_json *object, const char *key);

/* The member, made as an empty object when it is absent or no object. */
struct irsa_json *irsa_sandbox_tree_object(struct irsa_arena *arena, struct irsa_json *object, const char *key);

struct irsa_json *irsa_sandbox_tree_integer(struct irsa_arena *arena, int64_t value);

/* How deep a tree may be nested: far beyond any object, and so that documents of many objects can be written. */
#define IRSA_SANDBOX_TREE_MAX_DEPTH 32

/* JSON merge patch (RFC 7386): a new tree. */
struct irsa_json *irsa_sandbox_tree_merge(struct irsa_arena *arena, const struct irsa_json *target,
                                          const struct irsa_json *patch);

/*
 * JSON patch (RFC 6902) on `document`, in place: add, remove, replace, test, move, copy. What it adds is bounded.
 *
 * fails    INVALID when an operation cannot be done or a test fails, SCHEMA when the patch is none
 */
IRSA_MUST_CHECK bool irsa_sandbox_tree_patch(struct irsa_arena *arena, struct irsa_json **document,
                                             const struct irsa_json *patch, struct irsa_error *err);

#endif
