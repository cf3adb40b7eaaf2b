/*
 * Delete: everything is judged before anything is removed.
 */
#include <string.h>

#include "core/provision/work.h"

/*
 * An account that is not ours is left alone and reported, and is no reason to refuse: it may be one that this very request
 * has released before it was cut short.
 */
static bool observe_account(struct irsa_work *work, struct irsa_error *err) {
    return !work->desired.has_account || irsa_observe_account(&work->visit, &work->desired, &work->observed, err);
}

static bool observe_role(struct irsa_work *work, struct irsa_error *err) {
    struct irsa_observed *observed = &work->observed;
    if (!irsa_observe_role(&work->visit, &work->desired, observed, err))
        return false;
    if (observed->role_presence != IRSA_PRESENT)
        return true;
    if (!irsa_require_role(&observed->role, &work->desired, false, err))
        return false;
    /* DeleteConflict of the last round: an instance profile would make it one for ever */
    return work->surprise.code != IRSA_CODE_CONFLICT || irsa_work_refuse_instance_profile(work, err);
}

/* The caller may insist on the very objects that it saw. */
static bool check_expected(struct irsa_work *work, struct irsa_error *err) {
    const struct irsa_options *options = &work->request->options;
    const struct irsa_observed *observed = &work->observed;
    if (options->expect_uid != NULL && observed->account_presence == IRSA_PRESENT &&
        strcmp(options->expect_uid, observed->account.uid) != 0)
        return IRSA_FAIL(err, CONFLICT, "service account %s has the uid %s, not the expected %s",
                         work->desired.service_account, observed->account.uid, options->expect_uid);
    if (options->expect_role_id != NULL && observed->role_presence == IRSA_PRESENT &&
        strcmp(options->expect_role_id, observed->role.role_id) != 0)
        return IRSA_FAIL(err, CONFLICT, "role %s has the id %s, not the expected %s", observed->role.name,
                         observed->role.role_id, options->expect_role_id);
    return true;
}

static bool observe_for_delete(struct irsa_work *work, struct irsa_error *err) {
    if (!observe_account(work, err))
        return false;
    if (irsa_work_is_superseded(work))
        return true;
    if (!work->desired.has_role)
        return check_expected(work, err);
    if (!observe_role(work, err) || !check_expected(work, err))
        return false;
    if (work->observed.role_presence != IRSA_PRESENT || irsa_work_is_superseded(work))
        return true;
    return irsa_observe_policies(&work->visit, &work->desired, &work->observed, err);
}

static bool plan_delete(struct irsa_work *work, struct irsa_error *err) {
    (void)err;
    const struct irsa_planning planning = irsa_work_planning(work);
    irsa_plan_delete(&planning, &work->plan);
    work->is_gone = true;
    return true;
}

const struct irsa_action_rules irsa_rules_delete = {.observe = observe_for_delete, .plan = plan_delete};
