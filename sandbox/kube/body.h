/*
 * The object in a request's body.
 */
#ifndef IRSA_SANDBOX_KUBE_BODY_H
#define IRSA_SANDBOX_KUBE_BODY_H

#include "core/base/json.h"
#include "sandbox/call.h"

/* The body as JSON; NULL when the reply says that it is none. `kind` as in "must be of type ServiceAccount". */
const struct irsa_json *irsa_sandbox_body_read(struct irsa_sandbox_call *call, const char *kind);

/* The body as an object of that kind; NULL when the reply says why it is none. */
const struct irsa_json *irsa_sandbox_body_object(struct irsa_sandbox_call *call, const char *kind);

#endif
