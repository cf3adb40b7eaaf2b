/*
 * Apply: walk a plan, one call per step, and note what was done.
 */
#ifndef IRSA_PROVISION_APPLY_H
#define IRSA_PROVISION_APPLY_H

#include <irsa/result.h>

#include "core/provision/plan.h"

/* What an attempt has done so far; steps of all its plans. */
struct irsa_progress {
    struct irsa_step *steps;
    size_t count, capacity;
    bool has_changed;
    bool wants_restart;
    const char *role_arn;
    const char *role_id;
    const char *service_account_uid;
    bool has_made_role; /* this attempt created it: what IAM denies now may be propagation */
};

enum irsa_applied {
    IRSA_APPLIED,         /* every step is done */
    IRSA_APPLY_LOOK_ANEW, /* the world is not as it was observed: observe and plan again */
    IRSA_APPLY_FAILED,
};

/* Append a step. */
void irsa_progress_note(struct irsa_progress *progress, struct irsa_arena *arena, const struct irsa_step *step);

/*
 * LOOK_ANEW: err holds what surprised us; it is the attempt's error when a new look shows the same world.
 *
 * fails    any code of the clients
 */
enum irsa_applied irsa_apply(struct irsa_visit *visit, const struct irsa_desired *desired, const struct irsa_plan *plan,
                             struct irsa_progress *progress, struct irsa_error *err);

#endif
