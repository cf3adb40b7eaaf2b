/*
 * The schemas of the objects that the sandbox has, as far as server-side apply needs them.
 */
#ifndef IRSA_SANDBOX_KUBE_SCHEMA_H
#define IRSA_SANDBOX_KUBE_SCHEMA_H

#include <irsa/memory.h>

struct irsa_json;

/* How values merge (KEP-555, structured-merge-diff). */
enum irsa_sandbox_shape {
    IRSA_SANDBOX_LEAF,   /* a scalar, or anything that is owned as a whole */
    IRSA_SANDBOX_STRUCT, /* known members */
    IRSA_SANDBOX_MAP,    /* any members, each a text */
    IRSA_SANDBOX_SET,    /* a list of scalars, each owned by itself */
    IRSA_SANDBOX_KEYED,  /* a list of objects, each owned as a whole under its `key` */
};

/* What a leaf holds, or an item of a map or a set. */
enum irsa_sandbox_holds {
    IRSA_SANDBOX_ANYTHING,
    IRSA_SANDBOX_TEXT,
    IRSA_SANDBOX_NUMBER,
    IRSA_SANDBOX_BOOLEAN,
    IRSA_SANDBOX_LIST
};

struct irsa_sandbox_schema {
    const char *name;
    enum irsa_sandbox_shape shape;
    enum irsa_sandbox_holds holds;
    const char *go_type;                       /* as the server's decoder names it */
    const char *go_item;                       /* of what is in it */
    const char *key;                           /* KEYED */
    const struct irsa_sandbox_schema *members; /* STRUCT: in the order of the API server's JSON, ends with name NULL */
};

/* What is apart from one kind of object to the other. */
struct irsa_sandbox_resource {
    const char *plural; /* "serviceaccounts" */
    const char *kind;   /* "ServiceAccount" */
    bool is_namespaced;
    const struct irsa_sandbox_schema *schema;
};

extern const struct irsa_sandbox_resource irsa_sandbox_service_accounts;
extern const struct irsa_sandbox_resource irsa_sandbox_namespaces;

/* The member's schema, or NULL. */
const struct irsa_sandbox_schema *irsa_sandbox_schema_member(const struct irsa_sandbox_schema *schema,
                                                             const char *name);

/* The object as the API server keeps and answers it: known members in its order, maps sorted, nothing empty or null. */
struct irsa_json *irsa_sandbox_schema_normalise(struct irsa_arena *arena, const struct irsa_sandbox_schema *schema,
                                                const struct irsa_json *value);

/* The same of what an apply sends, which may also claim what is empty: that stays, and so does null. */
struct irsa_json *irsa_sandbox_schema_normalise_applied(struct irsa_arena *arena,
                                                        const struct irsa_sandbox_schema *schema,
                                                        const struct irsa_json *value);

#endif
