/*
 * The sandbox's own inside, for its own files.
 */
#ifndef IRSA_SANDBOX_INSIDE_H
#define IRSA_SANDBOX_INSIDE_H

#include <pthread.h>

#include "sandbox/call.h"
#include "sandbox/calls.h"
#include "sandbox/faults.h"
#include "sandbox/model.h"
#include "sandbox/permissions.h"
#include "sandbox/sandbox.h"
#include "sandbox/throttle.h"
#include "sandbox/world.h"

/* All of it is guarded by the mutex, but for the clock and the authority, which do not change. */
struct irsa_sandbox {
    pthread_mutex_t mutex;
    const struct irsa_clock *clock;
    struct irsa_authority *authority;
    struct irsa_sandbox_world world;
    struct irsa_sandbox_calls *calls;
    struct irsa_sandbox_faults *faults;
    struct irsa_sandbox_throttle *throttle;
    struct irsa_sandbox_model model;
    struct irsa_sandbox_model model_at_start;              /* what a reset goes back to */
    struct irsa_sandbox_permissions *permissions;          /* NULL: everybody may do everything */
    struct irsa_sandbox_permissions *permissions_at_start; /* the same object until they are changed */
    struct irsa_sandbox_broker *broker;
};

/* The doors. Each takes the lock itself. */
void irsa_sandbox_aws(struct irsa_sandbox_call *call);
void irsa_sandbox_control(struct irsa_sandbox_call *call);
void irsa_sandbox_kubernetes(struct irsa_sandbox_call *call);

/*
 * May this identity do this? When not, AWS's refusal has been answered.
 *
 * shown  the resource as the refusal names it; NULL: as it is
 */
IRSA_MUST_CHECK bool irsa_sandbox_authorize(struct irsa_sandbox_call *call,
                                            const struct irsa_sandbox_policy_question *question, const char *shown);

/* Other permissions from now on; takes them, NULL is none. With the lock. */
void irsa_sandbox_set_permissions(struct irsa_sandbox *sandbox, struct irsa_sandbox_permissions *permissions);

/* Documents of the control API (world_get.c, world_put.c). With the lock. */
void irsa_sandbox_world_write(const struct irsa_sandbox_world *world, struct irsa_arena *arena,
                              struct irsa_json_writer *w);
/* fails INVALID with the place; what stood before the fault is already done */
IRSA_MUST_CHECK bool irsa_sandbox_world_change(struct irsa_sandbox *sandbox, struct irsa_arena *arena,
                                               const struct irsa_json *document, struct irsa_error *err);

#endif
