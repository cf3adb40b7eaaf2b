/*
 * What of a body does not fit the schema of its kind, and how the API server's two readers say it.
 */
#ifndef IRSA_SANDBOX_KUBE_MISFIT_H
#define IRSA_SANDBOX_KUBE_MISFIT_H

#include "core/base/json.h"
#include "sandbox/kube/schema.h"

enum irsa_sandbox_misfit_kind {
    IRSA_SANDBOX_MISFIT_UNKNOWN,  /* a member that the schema lacks */
    IRSA_SANDBOX_MISFIT_TYPE,     /* a value of another type */
    IRSA_SANDBOX_MISFIT_ITEM,     /* the same of what is in a map or a list */
    IRSA_SANDBOX_MISFIT_NULL,     /* a list has an item that is null */
    IRSA_SANDBOX_MISFIT_KEYLESS,  /* an item lacks the key that names it */
    IRSA_SANDBOX_MISFIT_KEY,      /* or the key is no text */
    IRSA_SANDBOX_MISFIT_REPEATED, /* a list has an item twice */
};

struct irsa_sandbox_misfit {
    enum irsa_sandbox_misfit_kind kind;
    const char *path; /* ".metadata.labels": of the value, or of the map or list that it is in */
    const struct irsa_sandbox_schema *schema;
    const struct irsa_json *value;
    size_t index; /* in a list */
};

struct irsa_sandbox_misfits {
    struct irsa_sandbox_misfit *at;
    size_t count;
};

/* "object", "array", "bool": what Go's decoder calls a kind of value. */
const char *irsa_sandbox_go_kind(enum irsa_json_kind kind);

/* All of them, in the order of the body. */
struct irsa_sandbox_misfits irsa_sandbox_misfits_find(struct irsa_arena *arena,
                                                      const struct irsa_sandbox_schema *schema,
                                                      const struct irsa_json *value);

/* The first value of another type as Go's decoder refuses it ("json: cannot unmarshal …"), or NULL. */
const char *irsa_sandbox_misfits_go(struct irsa_arena *arena, const struct irsa_sandbox_misfits *misfits,
                                    const char *kind);

/* All of them as structured-merge-diff refuses what is applied; NULL when there are none. */
const char *irsa_sandbox_misfits_typed(struct irsa_arena *arena, const struct irsa_sandbox_misfits *misfits);

#endif
