/*
 * What the API server's errors mean to us.
 */
#ifndef IRSA_KUBE_STATUS_H
#define IRSA_KUBE_STATUS_H

#include "core/http/http.h"

/* Fill `err` from an answer that is no success: a Status object, or whatever else it is. Always false. */
bool irsa_kube_failure(struct irsa_arena *arena, const struct irsa_http_reply *reply, struct irsa_error *err);

#endif
