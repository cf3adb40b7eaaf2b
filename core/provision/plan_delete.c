/*
 * The plan of delete: first the service account, so that no new pod gets the role, then the role. A role that only the
 * account's annotation names goes first: without the account, a delete that was cut short would not find it again.
 */
#include "core/contract/names.h"
#include "core/provision/plan_parts.h"

static void plan_account_removal(struct irsa_plan *plan, const struct irsa_planning *planning) {
    const struct irsa_desired *desired = planning->desired;
    const struct irsa_kube_account *account = &planning->observed->account;
    enum irsa_account_owner owner = irsa_judge_account(account);
    if (owner == IRSA_ACCOUNT_FOREIGN || owner == IRSA_ACCOUNT_EKSCTL) {
        plan->foreign[plan->foreign_count++] = desired->service_account;
        return;
    }
    if (owner == IRSA_ACCOUNT_CREATED) {
        struct irsa_plan_step *step = irsa_plan_add(plan, IRSA_STEP_DELETE_ACCOUNT, desired->service_account);
        step->apply = (struct irsa_kube_apply){
            .name = desired->name, .namespace_name = desired->namespace_name, .uid = account->uid};
        return;
    }
    /* an apply of nothing takes away what we applied and leaves the account to its owner */
    struct irsa_plan_step *step = irsa_plan_add(plan, IRSA_STEP_RELEASE_ACCOUNT, desired->service_account);
    step->apply = (struct irsa_kube_apply){.name = desired->name,
                                           .namespace_name = desired->namespace_name,
                                           .uid = account->uid,
                                           .resource_version = account->resource_version};
}

/* Policies that deny, put there by an incident response, go last: nothing is allowed again meanwhile. */
static void plan_policy_removals(struct irsa_plan *plan, const struct irsa_planning *planning, bool is_protected) {
    const struct irsa_observed *observed = planning->observed;
    for (size_t i = 0; i < observed->removable_attached.count; i++) {
        const char *arn = observed->removable_attached.at[i];
        if (irsa_policy_is_protected(planning->protected_policies, irsa_arn_name(arn)) == is_protected)
            irsa_plan_add(plan, IRSA_STEP_DETACH_POLICY, arn);
    }
    for (size_t i = 0; i < observed->removable_inlines.count; i++) {
        const char *name = observed->removable_inlines.at[i];
        if (irsa_policy_is_protected(planning->protected_policies, name) == is_protected)
            irsa_plan_add(plan, IRSA_STEP_DELETE_INLINE, name);
    }
}

static void plan_role_removal(struct irsa_plan *plan, const struct irsa_planning *planning) {
    if (planning->observed->role_presence != IRSA_PRESENT)
        return;
    plan_policy_removals(plan, planning, false);
    plan_policy_removals(plan, planning, true);
    irsa_plan_add(plan, IRSA_STEP_DELETE_ROLE, planning->desired->role_arn)->role_id = planning->observed->role.role_id;
}

void irsa_plan_delete(const struct irsa_planning *planning, struct irsa_plan *plan) {
    bool is_role_first = planning->desired->is_role_name_annotated;
    if (is_role_first)
        plan_role_removal(plan, planning);
    if (planning->desired->has_account && planning->observed->account_presence == IRSA_PRESENT)
        plan_account_removal(plan, planning);
    if (!is_role_first)
        plan_role_removal(plan, planning);
}
