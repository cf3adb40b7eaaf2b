/*
 * The Kubernetes API of one cluster: paths, verbs, who may ask.
 */
#ifndef IRSA_SANDBOX_KUBE_KUBE_H
#define IRSA_SANDBOX_KUBE_KUBE_H

#include "core/base/json.h"
#include "sandbox/call.h"
#include "sandbox/kube/schema.h"
#include "sandbox/kube/status.h"

/* Names of all actions, for the script of faults. Gives how many. */
size_t irsa_sandbox_kube_action_names(const char *out_names[IRSA_SANDBOX_MAX_ACTIONS]);

/* One request for one kind of object. */
struct irsa_sandbox_kube {
    struct irsa_sandbox_call *call;
    struct irsa_sandbox_cluster *cluster;
    struct irsa_arena *arena;
    const struct irsa_sandbox_resource *resource;
    const char *namespace_name; /* NULL: none */
    const char *name;           /* NULL: the collection */
    const char *key;            /* of the named object */
    const char *time;           /* now, as objects carry it */
    const char *manager;        /* fieldManager, else the start of the User-Agent */
    bool is_dry_run;
    bool is_strict; /* fieldValidation=Strict */
    bool warns;     /* fieldValidation=Warn, or none */
    bool force;
};

/* A decoded parameter of the query, or NULL. */
const char *irsa_sandbox_kube_parameter(const struct irsa_sandbox_kube *kube, const char *name);

/* Answer an object or any other tree. */
void irsa_sandbox_kube_answer(struct irsa_sandbox_kube *kube, int status, const struct irsa_json *object);

/* The usual refusals. Always false. */
bool irsa_sandbox_kube_absent(struct irsa_sandbox_kube *kube, const char *plural, const char *name);
bool irsa_sandbox_kube_conflict(struct irsa_sandbox_kube *kube, const char *kind, const char *name, const char *why);
bool irsa_sandbox_kube_bad_request(struct irsa_sandbox_kube *kube, const char *message);

/* Keys of the objects that a list selects, sorted. */
size_t irsa_sandbox_kube_selected_keys(struct irsa_sandbox_kube *kube, const char *const **out_keys);

/* The verbs (reads.c, writes.c, deletes.c, token_request.c). */
typedef void irsa_sandbox_kube_fn(struct irsa_sandbox_kube *kube);
irsa_sandbox_kube_fn irsa_sandbox_kube_get;
irsa_sandbox_kube_fn irsa_sandbox_kube_list;
irsa_sandbox_kube_fn irsa_sandbox_kube_create;
irsa_sandbox_kube_fn irsa_sandbox_kube_update;
irsa_sandbox_kube_fn irsa_sandbox_kube_patch;
irsa_sandbox_kube_fn irsa_sandbox_kube_apply;
irsa_sandbox_kube_fn irsa_sandbox_kube_delete;
irsa_sandbox_kube_fn irsa_sandbox_kube_delete_collection;
irsa_sandbox_kube_fn irsa_sandbox_kube_finalize;
irsa_sandbox_kube_fn irsa_sandbox_kube_create_token;

/* Apply a tree, or update it, as kube->manager would, for PUT /world. False when it is refused: the reply says why. */
IRSA_MUST_CHECK bool irsa_sandbox_kube_put(struct irsa_sandbox_kube *kube, const struct irsa_json *object,
                                           bool is_apply);

#endif
