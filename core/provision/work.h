/*
 * One attempt at one request, as the files of this room pass it on: observe, plan and apply in rounds, until the world is
 * as the request wants it or says no.
 */
#ifndef IRSA_PROVISION_WORK_H
#define IRSA_PROVISION_WORK_H

#include "core/provision/apply.h"
#include "core/provision/provision.h"

#define IRSA_MAX_ROUNDS 5

struct irsa_work {
    struct irsa_provisioner *provisioner;
    struct irsa_attempt *attempt;
    const struct irsa_request *request;
    const struct irsa_mark *mark;
    struct irsa_visit visit;
    struct irsa_desired desired;
    struct irsa_observed observed;
    struct irsa_plan plan;
    struct irsa_progress progress;
    struct irsa_error surprise; /* why the last round looks anew; code NONE in the first */
    const char *superseded_by;  /* a newer request's mark: nothing is done */
    bool is_gone;               /* after success nothing of ours is left */
};

/* How an action looks at the world and what it makes of it: one round. */
struct irsa_action_rules {
    /* Fill observed; refuse what may not be touched. */
    bool (*observe)(struct irsa_work *work, struct irsa_error *err);
    /* Fill plan; refuse what cannot be done, before anything is. */
    bool (*plan)(struct irsa_work *work, struct irsa_error *err);
};

extern const struct irsa_action_rules irsa_rules_create;
extern const struct irsa_action_rules irsa_rules_update;
extern const struct irsa_action_rules irsa_rules_delete;
extern const struct irsa_action_rules irsa_rules_associate;

struct irsa_planning irsa_work_planning(const struct irsa_work *work);

/* Notes when a newer request has written what is observed; then there is nothing to do. */
bool irsa_work_is_superseded(struct irsa_work *work);

/* The OIDC provider, needed by every role: fails OIDC_PROVIDER_MISSING unless withOIDC will make it. */
IRSA_MUST_CHECK bool irsa_work_observe_provider(struct irsa_work *work, struct irsa_error *err);

/* A role that EC2 instances use is neither adopted nor deleted. fails CONFLICT */
IRSA_MUST_CHECK bool irsa_work_refuse_instance_profile(struct irsa_work *work, struct irsa_error *err);

/* A role that the worker's credentials come from is not adopted: its trust is what lets the worker in. fails CONFLICT */
IRSA_MUST_CHECK bool irsa_work_refuse_own_role(struct irsa_work *work, struct irsa_error *err);

/*
 * Put used and limit before the message of an error QUOTA, where IAM tells them: quotas of the whole account. When it does
 * not tell, the error stays what it is.
 */
void irsa_work_explain_quota(struct irsa_work *work, struct irsa_error *err);

#endif
