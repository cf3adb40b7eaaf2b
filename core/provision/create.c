/*
 * Create, update and associate-oidc: what is looked at, and what is refused before anything is written.
 */
#include "core/provision/work.h"

/* Its namespace counts only where an account is to be made. */
static bool observe_namespace(struct irsa_work *work, struct irsa_error *err) {
    const char *name = work->desired.namespace_name;
    if (!irsa_visit_namespace(&work->visit, name, &work->observed.namespace_state, err))
        return irsa_error_wrap(err, "namespace %s", name);
    if (work->observed.namespace_state != IRSA_NAMESPACE_TERMINATING)
        return true;
    IRSA_FAIL(err, CLUSTER_NOT_READY, "namespace %s is being deleted", name);
    return irsa_error_from(err, "kubernetes", "NamespaceTerminating");
}

static bool observe_account(struct irsa_work *work, struct irsa_error *err) {
    struct irsa_observed *observed = &work->observed;
    if (!work->desired.has_account)
        return true;
    if (!irsa_observe_account(&work->visit, &work->desired, observed, err))
        return false;
    if (observed->account_presence == IRSA_ABSENT)
        return observe_namespace(work, err);
    if (observed->account.is_terminating) {
        IRSA_FAIL(err, UNAVAILABLE, "service account %s is being deleted and a finalizer holds it",
                  work->desired.service_account);
        return irsa_error_from(err, "kubernetes", "Terminating");
    }
    return irsa_require_account(&observed->account, work->request->options.override_existing_service_accounts, err);
}

/*
 * A first create is optimistic: with no account there, and nothing that made us look anew, the role is most likely
 * absent, and CreateRole says so itself when it is not.
 */
static bool may_skip_role(const struct irsa_work *work) {
    return work->observed.account_presence != IRSA_PRESENT && work->surprise.code == IRSA_CODE_NONE &&
           !work->request->options.dry_run;
}

static bool judge_role(struct irsa_work *work, struct irsa_error *err) {
    const struct irsa_iam_role *role = &work->observed.role;
    if (!irsa_require_role(role, &work->desired, work->request->options.adopt, err))
        return false;
    return irsa_judge_role(role, &work->desired) == IRSA_ROLE_OURS ||
           (irsa_work_refuse_own_role(work, err) && irsa_work_refuse_instance_profile(work, err));
}

static bool observe_role(struct irsa_work *work, struct irsa_error *err) {
    struct irsa_observed *observed = &work->observed;
    if (!irsa_observe_role(&work->visit, &work->desired, observed, err))
        return false;
    if (observed->role_presence == IRSA_PRESENT)
        return judge_role(work, err) &&
               (irsa_work_is_superseded(work) || irsa_observe_policies(&work->visit, &work->desired, observed, err));
    /* CreateRole failed for a reason that did not prove the role absent; now it is proven, and the reason stands */
    if (work->surprise.code != IRSA_CODE_NONE && work->surprise.code != IRSA_CODE_CONFLICT &&
        work->surprise.code != IRSA_CODE_NOT_FOUND) {
        *err = work->surprise;
        return false;
    }
    return true;
}

static bool observe_for_create(struct irsa_work *work, struct irsa_error *err) {
    if (work->desired.has_role && !irsa_work_observe_provider(work, err))
        return false;
    if (!observe_account(work, err))
        return false;
    if (irsa_work_is_superseded(work))
        return true;
    return !work->desired.has_role || may_skip_role(work) || observe_role(work, err);
}

static bool wants_provider(const struct irsa_work *work) {
    return work->request->action == IRSA_ACTION_ASSOCIATE_OIDC ||
           (work->request->options.with_oidc && work->desired.has_role);
}

/* A copy: steps outlive the visit. */
static const char *provider_arn(const struct irsa_work *work) {
    return irsa_arena_copy(work->attempt->arena, work->visit.place->provider_arn);
}

static bool may_apply(const struct irsa_work *work, struct irsa_error *err) {
    const struct irsa_observed *observed = &work->observed;
    for (size_t i = 0; observed->account_presence == IRSA_PRESENT && i < work->plan.count; i++)
        if (work->plan.steps[i].kind == IRSA_STEP_APPLY_ACCOUNT)
            return irsa_require_fields(&observed->account, &work->plan.steps[i].apply, err);
    return true;
}

static bool plan_create(struct irsa_work *work, struct irsa_error *err) {
    const struct irsa_planning planning = irsa_work_planning(work);
    if (wants_provider(work))
        irsa_plan_provider(&work->plan, &planning, provider_arn(work));
    irsa_plan_create(work->attempt->arena, &planning, &work->plan);
    return may_apply(work, err);
}

const struct irsa_action_rules irsa_rules_create = {.observe = observe_for_create, .plan = plan_create};

/* --- update: in place, only what is there and ours ------------------------------------------------------------------ */

/* Only an update that may write the trust, or is asked to mend the provider, has to do with it. */
static bool needs_provider(const struct irsa_work *work) {
    return wants_provider(work) ||
           (work->desired.has_role && (work->request->options.adopt || (work->desired.aspects & IRSA_ASPECT_TRUST)));
}

static bool observe_for_update(struct irsa_work *work, struct irsa_error *err) {
    struct irsa_observed *observed = &work->observed;
    if (needs_provider(work) && !irsa_work_observe_provider(work, err))
        return false;
    if (!observe_account(work, err))
        return false;
    if (irsa_work_is_superseded(work) || !work->desired.has_role)
        return true;
    if (!irsa_observe_role(&work->visit, &work->desired, observed, err))
        return false;
    if (observed->role_presence != IRSA_PRESENT)
        return IRSA_FAIL(err, NOT_FOUND, "service account %s has no role of ours to update: create it first",
                         work->desired.service_account);
    return judge_role(work, err) &&
           (irsa_work_is_superseded(work) || irsa_observe_policies(&work->visit, &work->desired, observed, err));
}

const struct irsa_action_rules irsa_rules_update = {.observe = observe_for_update, .plan = plan_create};

/* --- associate-oidc --------------------------------------------------------------------------------------------------- */

static bool plan_associate(struct irsa_work *work, struct irsa_error *err) {
    (void)err;
    const struct irsa_planning planning = irsa_work_planning(work);
    irsa_plan_provider(&work->plan, &planning, provider_arn(work));
    return true;
}

const struct irsa_action_rules irsa_rules_associate = {.observe = irsa_work_observe_provider, .plan = plan_associate};
