/*
 * Sets of fields, as managedFields keeps them (FieldsV1).
 *
 * A field is a path: elements such as "f:metadata", "k:{\"name\":\"x\"}" or "v:\"x\"", joined by the byte 0x1f. A set is
 * sorted and without repeats, all in an arena.
 */
#ifndef IRSA_SANDBOX_KUBE_FIELD_SET_H
#define IRSA_SANDBOX_KUBE_FIELD_SET_H

#include "core/base/json.h"
#include "sandbox/kube/schema.h"

#define IRSA_SANDBOX_PATH_SEPARATOR "\x1f"

struct irsa_sandbox_fields_set {
    const char **at;
    size_t count;
};

/* One field of an object with its value there; containers (a map, a list) count as fields of their own for Update. */
struct irsa_sandbox_leaf {
    const char *path;
    const struct irsa_json *value;
    bool is_container;
};

struct irsa_sandbox_leaves {
    struct irsa_sandbox_leaf *at;
    size_t count;
};

/* All fields of an object that can be owned, sorted by path. What the server itself sets is left out. */
struct irsa_sandbox_leaves irsa_sandbox_leaves_of(struct irsa_arena *arena, const struct irsa_sandbox_schema *schema,
                                                  const struct irsa_json *object);

/* What an apply of the object claims: leaves, and empty containers. */
struct irsa_sandbox_fields_set irsa_sandbox_set_of_applied(struct irsa_arena *arena,
                                                           const struct irsa_sandbox_leaves *leaves);

bool irsa_sandbox_set_has(const struct irsa_sandbox_fields_set *set, const char *path);
struct irsa_sandbox_fields_set irsa_sandbox_set_minus(struct irsa_arena *arena, const struct irsa_sandbox_fields_set *a,
                                                      const struct irsa_sandbox_fields_set *b);
struct irsa_sandbox_fields_set irsa_sandbox_set_plus(struct irsa_arena *arena, const struct irsa_sandbox_fields_set *a,
                                                     const struct irsa_sandbox_fields_set *b);

/* What differs from one object to the other. */
struct irsa_sandbox_difference {
    struct irsa_sandbox_fields_set changed; /* added or with another value */
    struct irsa_sandbox_fields_set removed;
};

struct irsa_sandbox_difference irsa_sandbox_difference(struct irsa_arena *arena,
                                                       const struct irsa_sandbox_leaves *before,
                                                       const struct irsa_sandbox_leaves *after);

/* FieldsV1, read and written. */
struct irsa_sandbox_fields_set irsa_sandbox_set_read(struct irsa_arena *arena, const struct irsa_json *fields);
void irsa_sandbox_set_write(struct irsa_arena *arena, const struct irsa_sandbox_fields_set *set,
                            struct irsa_json *out_object);

/* ".metadata.annotations.eks.amazonaws.com/role-arn", as conflicts name fields. */
const char *irsa_sandbox_path_text(struct irsa_arena *arena, const char *path);

/* Applied on top of live: maps and sets unite, the rest is replaced. A new tree. */
struct irsa_json *irsa_sandbox_schema_merge(struct irsa_arena *arena, const struct irsa_sandbox_schema *schema,
                                            const struct irsa_json *live, const struct irsa_json *applied);

/* Without the fields of a set. A new tree. */
struct irsa_json *irsa_sandbox_schema_without(struct irsa_arena *arena, const struct irsa_sandbox_schema *schema,
                                              const struct irsa_json *object,
                                              const struct irsa_sandbox_fields_set *removed);

#endif
