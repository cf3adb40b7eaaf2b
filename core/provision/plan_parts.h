/*
 * The parts of a plan: the role's and the service account's.
 */
#ifndef IRSA_PROVISION_PLAN_PARTS_H
#define IRSA_PROVISION_PLAN_PARTS_H

#include "core/provision/plan.h"

void irsa_plan_role(struct irsa_plan *plan, struct irsa_arena *arena, const struct irsa_planning *planning);
void irsa_plan_account(struct irsa_plan *plan, struct irsa_arena *arena, const struct irsa_planning *planning);

/* Does any step so far write to the role? */
bool irsa_plan_changes_role(const struct irsa_plan *plan);

/* Append the steps and finds of another plan. */
void irsa_plan_join(struct irsa_plan *plan, const struct irsa_plan *more);

#endif
