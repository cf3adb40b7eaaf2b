/*
 * The bodies of requests: parsed, of the right kind, in the form of their schema. What is wrong with them is answered
 * in the API server's words.
 */
#ifndef IRSA_SANDBOX_KUBE_BODY_H
#define IRSA_SANDBOX_KUBE_BODY_H

#include "sandbox/kube/kube.h"

/* Parse a body that is an object of some kind. False when it is none: 400 has been answered, or 413. */
IRSA_MUST_CHECK bool irsa_sandbox_kube_body(struct irsa_sandbox_kube *kube, const char *kind,
                                            const struct irsa_json **out_body);

/* The same of DeleteOptions, NULL when there is no body. */
IRSA_MUST_CHECK bool irsa_sandbox_kube_delete_options(struct irsa_sandbox_kube *kube,
                                                      const struct irsa_json **out_options);

/* The same of a merge patch, or of a JSON patch, which is a list. */
IRSA_MUST_CHECK bool irsa_sandbox_kube_patch_body(struct irsa_sandbox_kube *kube, bool is_list,
                                                  const struct irsa_json **out_patch);

/*
 * Server-side apply: what is sent, with kind and names, as the schema has it. It is stricter than the rest: what the
 * schema lacks is an error, whatever the caller wants. NULL when it is refused.
 */
struct irsa_json *irsa_sandbox_kube_decode_applied(struct irsa_sandbox_kube *kube, const struct irsa_json *body);

/*
 * Anything else: unknown members are dropped with a warning, or refused when the caller wants that. `is_patched`: it is
 * what a patch made of an object, and is refused in other words. NULL when it is refused.
 */
struct irsa_json *irsa_sandbox_kube_decode(struct irsa_sandbox_kube *kube, const struct irsa_json *body,
                                           bool is_patched);

/* An apply's body: JSON only, of the YAML that a real server takes. */
IRSA_MUST_CHECK bool irsa_sandbox_kube_applied_body(struct irsa_sandbox_kube *kube, const struct irsa_json **out_body);

#endif
