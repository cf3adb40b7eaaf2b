/*
 * What every plan shares: its list of steps, their names, and which policies are never removed.
 */
#include "core/provision/plan.h"

#include <assert.h>
#include <string.h>

#include "core/base/glob.h"

#define REVOKED_SESSIONS "AWSRevokeOlderSessions" /* what IAM's console attaches to revoke a role's sessions */

static const char *const STEP_NAMES[] = {
#define NAME_ROW(kind, name) [IRSA_STEP_##kind] = (name),
    IRSA_STEP_TABLE(NAME_ROW)
#undef NAME_ROW
};

const char *irsa_step_name(enum irsa_step_kind kind) {
    return STEP_NAMES[kind];
}

void irsa_plan_init(struct irsa_plan *plan, struct irsa_arena *arena) {
    *plan = (struct irsa_plan){
        .steps = IRSA_NEW_ARRAY(arena, struct irsa_plan_step, IRSA_PLAN_MAX_STEPS),
        .foreign = IRSA_NEW_ARRAY(arena, const char *, IRSA_PLAN_MAX_STEPS),
    };
}

struct irsa_plan_step *irsa_plan_add(struct irsa_plan *plan, enum irsa_step_kind kind, const char *target) {
    assert(plan->count < IRSA_PLAN_MAX_STEPS);
    struct irsa_plan_step *step = &plan->steps[plan->count++];
    *step = (struct irsa_plan_step){.kind = kind, .target = target};
    return step;
}

bool irsa_policy_is_protected(struct irsa_strings patterns, const char *name) {
    if (strcmp(name, REVOKED_SESSIONS) == 0)
        return true;
    for (size_t i = 0; i < patterns.count; i++)
        if (irsa_glob_matches(patterns.at[i], name))
            return true;
    return false;
}

void irsa_plan_provider(struct irsa_plan *plan, const struct irsa_planning *planning, const char *provider_arn) {
    const struct irsa_provider_state *provider = &planning->observed->provider;
    if (provider->presence == IRSA_ABSENT)
        irsa_plan_add(plan, IRSA_STEP_CREATE_PROVIDER, provider_arn);
    else if (!provider->has_audience)
        irsa_plan_add(plan, IRSA_STEP_ADD_AUDIENCE, provider_arn);
}
