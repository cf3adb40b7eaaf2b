/*
 * The plan of create and update.
 */
#include "core/provision/plan_parts.h"

void irsa_plan_create(struct irsa_arena *arena, const struct irsa_planning *planning, struct irsa_plan *plan) {
    const struct irsa_desired *desired = planning->desired;
    const struct irsa_observed *observed = planning->observed;
    if (desired->has_account && observed->account_presence == IRSA_ABSENT &&
        observed->namespace_state == IRSA_NAMESPACE_ABSENT)
        irsa_plan_add(plan, IRSA_STEP_CREATE_NAMESPACE, desired->namespace_name);
    if (desired->has_role)
        irsa_plan_role(plan, arena, planning);
    if (desired->has_account)
        irsa_plan_account(plan, arena, planning);
}
