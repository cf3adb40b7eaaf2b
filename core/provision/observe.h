/*
 * Observed state: what IAM and the cluster hold for one service account, as far as it was looked at.
 */
#ifndef IRSA_PROVISION_OBSERVE_H
#define IRSA_PROVISION_OBSERVE_H

#include "core/provision/desired.h"
#include "core/provision/place.h"

struct irsa_observed {
    /* Kubernetes */
    enum irsa_presence account_presence;
    struct irsa_kube_account account;
    enum irsa_namespace_state namespace_state; /* looked at only when the account is absent */
    /* IAM */
    enum irsa_presence role_presence; /* UNKNOWN: not looked at; a plan then creates and sees */
    struct irsa_iam_role role;
    struct irsa_strings attached;
    struct irsa_inline_policies inlines; /* documents of those that are ours to compare */
    /* of the role that is there: what this process has written to it within the last minute, since readers lag */
    struct irsa_pairs recent[IRSA_WRITTEN_KINDS];
    /* what is listed and what was just written: a removal must miss nothing */
    struct irsa_strings removable_attached;
    struct irsa_strings removable_inlines;
    bool is_role_from_annotation;   /* it was found by the account's annotation */
    const char *annotated_role_arn; /* the account's annotation, or NULL */
    bool has_lost_role;             /* it was there a moment ago, and what was asked next is of no role: look anew */
    struct irsa_provider_state provider;
};

/* The service account. fails as irsa_kube_get_account, but for NOT_FOUND */
IRSA_MUST_CHECK bool irsa_observe_account(struct irsa_visit *visit, const struct irsa_desired *desired,
                                          struct irsa_observed *observed, struct irsa_error *err);

/*
 * The role: the given name, or the one that the account's annotation names if its tags say that it is ours, or the default
 * name. When it is there, desired->role_name and role_arn become its own.
 *
 * fails    as irsa_iam_get_role, but for NOT_FOUND; CONFLICT when a given name differs from that of the role in use
 */
IRSA_MUST_CHECK bool irsa_observe_role(struct irsa_visit *visit, struct irsa_desired *desired,
                                       struct irsa_observed *observed, struct irsa_error *err);

/* The policies of a role that is there, with the documents of those that the desired state names. */
IRSA_MUST_CHECK bool irsa_observe_policies(struct irsa_visit *visit, const struct irsa_desired *desired,
                                           struct irsa_observed *observed, struct irsa_error *err);

/* Was it written within the last minute, and perhaps as something else than `value`? Then what is observed proves nothing. */
bool irsa_observed_is_doubtful(const struct irsa_observed *observed, enum irsa_written kind, const char *key,
                               const char *value);

#endif
