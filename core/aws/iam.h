/*
 * IAM, 2010-05-08: roles, their policies and tags, OIDC providers. One function per action; each makes one call (lists:
 * one per page) and reports IAM's own code in err->upstream.
 *
 * fails    NOT_FOUND (NoSuchEntity), CONFLICT (EntityAlreadyExists, DeleteConflict, UnmodifiableEntity), QUOTA
 *          (LimitExceeded), INVALID (MalformedPolicyDocument, InvalidInput, ValidationError, PolicyNotAttachable),
 *          ACCESS_DENIED, THROTTLED, UNAVAILABLE (also ConcurrentModification, ServiceFailure, an answer without what it
 *          must have, and an answer that is not IAM's own), TIMEOUT, CREDENTIALS, TOO_LARGE (a list of over 1,000
 *          entries), CONFIG (the endpoint)
 */
#ifndef IRSA_AWS_IAM_H
#define IRSA_AWS_IAM_H

#include "core/aws/aws.h"

/* Which account's IAM: its partition names host and signing region. */
struct irsa_iam {
    struct irsa_aws *aws;
    const char *partition;
};

struct irsa_iam_role {
    const char *name;
    const char *path;
    const char *arn;
    const char *role_id;
    const char *trust_policy;         /* decoded JSON text */
    const char *permissions_boundary; /* ARN or NULL */
    struct irsa_pairs tags;
};

struct irsa_iam_new_role {
    const char *name;
    const char *path;
    const char *description;
    const char *trust_policy;
    const char *permissions_boundary; /* NULL: none */
    struct irsa_pairs tags;
};

IRSA_MUST_CHECK bool irsa_iam_get_role(struct irsa_iam iam, struct irsa_attempt *attempt, const char *name,
                                       struct irsa_iam_role *out_role, struct irsa_error *err);
IRSA_MUST_CHECK bool irsa_iam_create_role(struct irsa_iam iam, struct irsa_attempt *attempt,
                                          const struct irsa_iam_new_role *role, struct irsa_iam_role *out_role,
                                          struct irsa_error *err);
IRSA_MUST_CHECK bool irsa_iam_delete_role(struct irsa_iam iam, struct irsa_attempt *attempt, const char *name,
                                          struct irsa_error *err);
IRSA_MUST_CHECK bool irsa_iam_update_trust(struct irsa_iam iam, struct irsa_attempt *attempt, const char *name,
                                           const char *trust_policy, struct irsa_error *err);
IRSA_MUST_CHECK bool irsa_iam_attach_policy(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role,
                                            const char *policy_arn, struct irsa_error *err);
IRSA_MUST_CHECK bool irsa_iam_detach_policy(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role,
                                            const char *policy_arn, struct irsa_error *err);
/* All pages. ARNs. */
IRSA_MUST_CHECK bool irsa_iam_list_attached(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role,
                                            struct irsa_strings *out_arns, struct irsa_error *err);
IRSA_MUST_CHECK bool irsa_iam_put_inline(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role,
                                         const char *policy_name, const char *document, struct irsa_error *err);
/* Decoded JSON text. */
IRSA_MUST_CHECK bool irsa_iam_get_inline(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role,
                                         const char *policy_name, const char **out_document, struct irsa_error *err);
IRSA_MUST_CHECK bool irsa_iam_delete_inline(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role,
                                            const char *policy_name, struct irsa_error *err);
/* All pages. Names. */
IRSA_MUST_CHECK bool irsa_iam_list_inline(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role,
                                          struct irsa_strings *out_names, struct irsa_error *err);
IRSA_MUST_CHECK bool irsa_iam_tag_role(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role,
                                       struct irsa_pairs tags, struct irsa_error *err);
IRSA_MUST_CHECK bool irsa_iam_untag_role(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role,
                                         struct irsa_strings keys, struct irsa_error *err);
IRSA_MUST_CHECK bool irsa_iam_put_boundary(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role,
                                           const char *policy_arn, struct irsa_error *err);
/* All pages: names of the instance profiles that hold the role. */
IRSA_MUST_CHECK bool irsa_iam_list_instance_profiles(struct irsa_iam iam, struct irsa_attempt *attempt,
                                                     const char *role, struct irsa_strings *out_names,
                                                     struct irsa_error *err);

/* Numbers, as IAM writes them. */
struct irsa_iam_usage {
    const char *used;
    const char *limit;
};

/* GetAccountSummary: how many of `thing` ("Roles", "Policies") the account has and may have. */
IRSA_MUST_CHECK bool irsa_iam_get_usage(struct irsa_iam iam, struct irsa_attempt *attempt, const char *thing,
                                        struct irsa_iam_usage *out_usage, struct irsa_error *err);

struct irsa_iam_provider {
    struct irsa_strings audiences; /* ClientIDList */
    struct irsa_pairs tags;
};

IRSA_MUST_CHECK bool irsa_iam_get_provider(struct irsa_iam iam, struct irsa_attempt *attempt, const char *arn,
                                           struct irsa_iam_provider *out_provider, struct irsa_error *err);
/* url: "https://" and the issuer; no thumbprint is sent. */
IRSA_MUST_CHECK bool irsa_iam_create_provider(struct irsa_iam iam, struct irsa_attempt *attempt, const char *url,
                                              const char *audience, struct irsa_pairs tags, const char **out_arn,
                                              struct irsa_error *err);
IRSA_MUST_CHECK bool irsa_iam_add_audience(struct irsa_iam iam, struct irsa_attempt *attempt, const char *arn,
                                           const char *audience, struct irsa_error *err);

#endif
