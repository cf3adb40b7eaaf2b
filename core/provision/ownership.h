/*
 * Whose is it? Roles are judged by their tags, service accounts by label and field manager. docs/ownership.md has the
 * table of all cases.
 */
#ifndef IRSA_PROVISION_OWNERSHIP_H
#define IRSA_PROVISION_OWNERSHIP_H

#include "core/provision/observe.h"

enum irsa_role_owner {
    IRSA_ROLE_OURS,           /* for this service account of this cluster */
    IRSA_ROLE_OURS_ELSEWHERE, /* ours, for another account or cluster */
    IRSA_ROLE_OTHER_OWNER,    /* made by irsa under another irsa.dev/owner */
    IRSA_ROLE_EKSCTL,
    IRSA_ROLE_SERVICE, /* /aws-service-role/ or /aws-reserved/ */
    IRSA_ROLE_FOREIGN, /* somebody's */
};

enum irsa_account_owner {
    IRSA_ACCOUNT_CREATED,   /* made by us */
    IRSA_ACCOUNT_ANNOTATED, /* somebody's, and we hold its role annotation */
    IRSA_ACCOUNT_EKSCTL,
    IRSA_ACCOUNT_FOREIGN,
};

enum irsa_role_owner irsa_judge_role(const struct irsa_iam_role *role, const struct irsa_desired *desired);
enum irsa_account_owner irsa_judge_account(const struct irsa_kube_account *account);

/* Has the role's owner tagged it for us to take, and may it be taken at all? */
bool irsa_role_is_offered(const struct irsa_iam_role *role, const struct irsa_desired *desired);

/* Refuse what is not ours, in words that say whose it is and what to do. fails CONFLICT */
IRSA_MUST_CHECK bool irsa_require_role(const struct irsa_iam_role *role, const struct irsa_desired *desired, bool adopt,
                                       struct irsa_error *err);
IRSA_MUST_CHECK bool irsa_require_account(const struct irsa_kube_account *account, bool override,
                                          struct irsa_error *err);

/*
 * Refuse, before anything is written, what the API server would refuse after the role was: a field that differs and that
 * another field manager holds. fails CONFLICT
 */
IRSA_MUST_CHECK bool irsa_require_fields(const struct irsa_kube_account *account, const struct irsa_kube_apply *apply,
                                         struct irsa_error *err);

/* The mark of the request that last wrote the role or the account, if it is newer than `mark`. NULL: none is. */
const char *irsa_superseded_by(struct irsa_arena *arena, const struct irsa_observed *observed,
                               const struct irsa_mark *mark);

#endif
