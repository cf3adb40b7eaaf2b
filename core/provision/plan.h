/*
 * The plan: what is to be done, as an ordered list of steps. Pure: made from desired and observed state, no I/O.
 * Dry run, results and tests look at the same list that apply walks.
 */
#ifndef IRSA_PROVISION_PLAN_H
#define IRSA_PROVISION_PLAN_H

#include "core/provision/observe.h"
#include "core/provision/ownership.h"

/* ROW(KIND, name on the wire) */
/* clang-format off */
#define IRSA_STEP_TABLE(ROW)                       \
    ROW(CREATE_PROVIDER,  "create-oidc-provider")  \
    ROW(ADD_AUDIENCE,     "add-audience")          \
    ROW(CREATE_NAMESPACE, "create-namespace")      \
    ROW(CREATE_ROLE,      "create-role")           \
    ROW(UPDATE_TRUST,     "update-trust-policy")   \
    ROW(PUT_BOUNDARY,     "put-permissions-boundary") \
    ROW(TAG_ROLE,         "tag-role")              \
    ROW(ATTACH_POLICY,    "attach-policy")         \
    ROW(PUT_INLINE,       "put-inline-policy")     \
    ROW(DETACH_POLICY,    "detach-policy")         \
    ROW(DELETE_INLINE,    "delete-inline-policy")  \
    ROW(APPLY_ACCOUNT,    "apply-service-account") \
    ROW(RELEASE_ACCOUNT,  "release-service-account") \
    ROW(DELETE_ACCOUNT,   "delete-service-account") \
    ROW(DELETE_ROLE,      "delete-role")
/* clang-format on */

enum irsa_step_kind {
#define IRSA_STEP_ROW(kind, name) IRSA_STEP_##kind,
    IRSA_STEP_TABLE(IRSA_STEP_ROW)
#undef IRSA_STEP_ROW
        IRSA_STEP_KIND_COUNT
};

/* One step with all that its call needs. */
struct irsa_plan_step {
    enum irsa_step_kind kind;
    const char *target;           /* for people and results: an ARN, a policy's name, namespace/name */
    const char *document;         /* UPDATE_TRUST, PUT_INLINE */
    struct irsa_pairs tags;       /* TAG_ROLE */
    const char *role_id;          /* DELETE_ROLE */
    struct irsa_kube_apply apply; /* APPLY_ACCOUNT, RELEASE_ACCOUNT */
    bool wants_restart;           /* pods that run keep their old role until they are restarted */
};

#define IRSA_PLAN_MAX_STEPS 256 /* 25 managed and 50 inline policies to add and as many to remove, and then some */

struct irsa_plan {
    struct irsa_plan_step *steps;
    size_t count;
    const char **foreign; /* there, not ours, left alone */
    size_t foreign_count;
};

struct irsa_planning {
    const struct irsa_desired *desired;
    const struct irsa_observed *observed;
    const struct irsa_options *options;
    struct irsa_strings protected_policies;
};

/* Steps to make or mend the cluster's OIDC provider, if the options or `associate` ask for it. */
void irsa_plan_provider(struct irsa_plan *plan, const struct irsa_planning *planning, const char *provider_arn);

/* Steps to make or mend the pair: the namespace, the role, the service account. */
void irsa_plan_create(struct irsa_arena *arena, const struct irsa_planning *planning, struct irsa_plan *plan);

/* Steps to remove what is ours of the pair. */
void irsa_plan_delete(const struct irsa_planning *planning, struct irsa_plan *plan);

/* An empty plan. */
void irsa_plan_init(struct irsa_plan *plan, struct irsa_arena *arena);

/* Append a step of that kind; its other fields are the caller's to fill. */
struct irsa_plan_step *irsa_plan_add(struct irsa_plan *plan, enum irsa_step_kind kind, const char *target);

const char *irsa_step_name(enum irsa_step_kind kind);

/* AWSRevokeOlderSessions and the patterns of policies.protected: what an incident response attached stays. */
bool irsa_policy_is_protected(struct irsa_strings patterns, const char *name);

#endif
