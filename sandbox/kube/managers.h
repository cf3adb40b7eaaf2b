/*
 * Field managers: who owns what of an object (metadata.managedFields), and how writes change that.
 */
#ifndef IRSA_SANDBOX_KUBE_MANAGERS_H
#define IRSA_SANDBOX_KUBE_MANAGERS_H

#include "sandbox/kube/field_set.h"

struct irsa_sandbox_manager {
    const char *name;
    const char *operation;   /* "Apply" or "Update" */
    const char *subresource; /* "" or "status" */
    const char *time;        /* "" when its first write changed nothing but who owns what */
    struct irsa_sandbox_fields_set set;
};

struct irsa_sandbox_managers {
    struct irsa_sandbox_manager *at;
    size_t count;
};

/* Set metadata.managedFields: those who own something, in the API server's order (operation, time, name). */
void irsa_sandbox_managers_write(struct irsa_arena *arena, const struct irsa_sandbox_managers *managers,
                                 struct irsa_json *object);

/* A write and who makes it. */
struct irsa_sandbox_writer {
    struct irsa_arena *arena;
    const struct irsa_sandbox_schema *schema;
    const char *manager;
    const char *time;
    bool force; /* apply only */
};

/* What an apply would take from others: field and owner. */
struct irsa_sandbox_conflict {
    const struct irsa_sandbox_manager *owner;
    const char *path;
};

struct irsa_sandbox_applied {
    struct irsa_json *object; /* merged, without managedFields brought up to date yet */
    struct irsa_sandbox_managers managers;
    struct irsa_sandbox_conflict *conflicts; /* then nothing else counts */
    size_t conflict_count;
};

/*
 * Server-side apply of `config` on `live` (NULL: it is made anew). Both are normalised, `config` with what is empty.
 *
 * What nobody owns although it is there belongs to "before-first-apply" from now on.
 */
struct irsa_sandbox_applied irsa_sandbox_apply(const struct irsa_sandbox_writer *writer, const struct irsa_json *live,
                                               const struct irsa_json *config);

/*
 * The managers after any other write, which turned `live` (NULL: made anew) into `object`. Where `live` has none,
 * nobody gets to own anything.
 */
struct irsa_sandbox_managers irsa_sandbox_update(const struct irsa_sandbox_writer *writer, const struct irsa_json *live,
                                                 const struct irsa_json *object);

#endif
