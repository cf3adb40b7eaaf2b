/*
 * PUT /world, for its own files: where a document is being carried out, and what its parts share.
 */
#ifndef IRSA_SANDBOX_WORLD_PUT_H
#define IRSA_SANDBOX_WORLD_PUT_H

#include "core/base/json.h"
#include "sandbox/fields.h"
#include "sandbox/inside.h"

#define IRSA_SANDBOX_SETTLED ((struct irsa_sandbox_moment){0}) /* what others did is long settled */

struct irsa_sandbox_put {
    struct irsa_sandbox *sandbox;
    struct irsa_arena *arena;
    struct irsa_sandbox_account *account;
    struct irsa_sandbox_cluster *cluster;
};

typedef bool irsa_sandbox_put_fn(const struct irsa_sandbox_put *put, const struct irsa_json *value,
                                 struct irsa_error *err);

/* Each of an array's values; the place of a fault is in `err`. */
IRSA_MUST_CHECK bool irsa_sandbox_put_each(const struct irsa_sandbox_put *put, const struct irsa_json *array,
                                           irsa_sandbox_put_fn *one, struct irsa_error *err);

/* One account's document (world_put_account.c), one cluster's (world_put_cluster.c). fails INVALID */
irsa_sandbox_put_fn irsa_sandbox_put_account;
irsa_sandbox_put_fn irsa_sandbox_put_cluster;

void irsa_sandbox_put_remove(struct irsa_sandbox_shelf *shelf, const char *key);

#endif
