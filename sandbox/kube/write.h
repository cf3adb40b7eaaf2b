/*
 * What all writes of objects have in common: the checks before, and the one tail that keeps and answers.
 */
#ifndef IRSA_SANDBOX_KUBE_WRITE_H
#define IRSA_SANDBOX_KUBE_WRITE_H

#include "sandbox/kube/kube.h"
#include "sandbox/kube/managers.h"

/* Who writes, as the managers want it. */
struct irsa_sandbox_writer irsa_sandbox_write_writer(const struct irsa_sandbox_kube *kube);

/* A text of the object's metadata, or NULL. */
const char *irsa_sandbox_write_metadata(const struct irsa_json *object, const char *key);

/* The named object as it is, or NULL. */
struct irsa_json *irsa_sandbox_write_live(struct irsa_sandbox_kube *kube);

/* A refusal that has no reason. Always false. */
bool irsa_sandbox_write_fail_plainly(struct irsa_sandbox_kube *kube, const char *message);

/* Each of the checks answers when it fails: the namespace takes new objects, */
IRSA_MUST_CHECK bool irsa_sandbox_write_check_namespace(struct irsa_sandbox_kube *kube, const char *name);
/* name and namespace, when they are there, are those of the path; `is_needed`: the name must be there, */
IRSA_MUST_CHECK bool irsa_sandbox_write_check_names(struct irsa_sandbox_kube *kube, const struct irsa_json *object,
                                                    bool is_needed);
/* resourceVersion, when it names one, is that of the object (any will do for a new one, `live` NULL), */
IRSA_MUST_CHECK bool irsa_sandbox_write_check_version(struct irsa_sandbox_kube *kube, const struct irsa_json *object,
                                                      const struct irsa_json *live);
/* and the object is valid. */
IRSA_MUST_CHECK bool irsa_sandbox_write_check(struct irsa_sandbox_kube *kube, const struct irsa_json *object,
                                              const struct irsa_json *live);

/* Give a new object its name and namespace; kube->name and kube->key become those. */
IRSA_MUST_CHECK bool irsa_sandbox_write_name(struct irsa_sandbox_kube *kube, struct irsa_json *object);

/* What a writer cannot change is as it was. */
void irsa_sandbox_write_keep_identity(struct irsa_sandbox_kube *kube, struct irsa_json *object,
                                      const struct irsa_json *live);

/* The common tail: keep and answer what has been checked. `live` NULL: it is made anew. False: it is too large. */
bool irsa_sandbox_write_finish(struct irsa_sandbox_kube *kube, struct irsa_json *object, const struct irsa_json *live,
                               struct irsa_sandbox_managers *managers);

/* Apply a tree; answers whatever comes of it. False when it is refused. */
bool irsa_sandbox_write_apply(struct irsa_sandbox_kube *kube, const struct irsa_json *body);

#endif
