/*
 * Desired state: what one request asks for, in the words of IAM and Kubernetes. A pure function of the request and of
 * facts about its cluster.
 */
#ifndef IRSA_PROVISION_DESIRED_H
#define IRSA_PROVISION_DESIRED_H

#include <irsa/request.h>

#include "core/contract/mark.h"
#include "core/provision/place.h"

/* Tags and annotations of ours. */
#define IRSA_TAG_CLUSTER         "irsa.dev/cluster"         /* the cluster's ARN */
#define IRSA_TAG_SERVICE_ACCOUNT "irsa.dev/service-account" /* namespace/name */
#define IRSA_TAG_OWNER           "irsa.dev/owner"
#define IRSA_TAG_REQUEST         "irsa.dev/request" /* the mark; an annotation too */
#define IRSA_TAG_ADOPT           "irsa.dev/adopt"   /* set by a role's owner: <cluster ARN>/<namespace>/<name> */

#define IRSA_ANNOTATION_ROLE    "eks.amazonaws.com/role-arn"
#define IRSA_ANNOTATION_CREATED "irsa.dev/created" /* "true": the account was made by us, not only annotated */
#define IRSA_LABEL_MANAGED_BY   "app.kubernetes.io/managed-by"
#define IRSA_MANAGED_BY         "irsa"

#define IRSA_AUDIENCE    "sts.amazonaws.com"
#define IRSA_INLINE_NAME "irsa-inline" /* attachPolicy */

/* An inline policy of a role. */
struct irsa_inline_policy {
    const char *name;
    const char *document; /* JSON text; NULL: not read */
};

struct irsa_inline_policies {
    const struct irsa_inline_policy *at;
    size_t count;
};

/* Which parts of the pair a request speaks about: all of them for create, those that are present for update. */
enum irsa_aspect {
    IRSA_ASPECT_TRUST = 1u << 0,
    IRSA_ASPECT_MANAGED = 1u << 1,    /* attachPolicyARNs */
    IRSA_ASPECT_INLINE = 1u << 2,     /* attachPolicy */
    IRSA_ASPECT_WELL_KNOWN = 1u << 3, /* wellKnownPolicies */
    IRSA_ASPECT_OTHERS = 1u << 4,     /* policies that no field of ours made: a create removes them */
    IRSA_ASPECT_BOUNDARY = 1u << 5,
    IRSA_ASPECT_TAGS = 1u << 6,
    IRSA_ASPECT_LABELS = 1u << 7,
    IRSA_ASPECT_ANNOTATIONS = 1u << 8,
    IRSA_ASPECT_ALL = (1u << 9) - 1,
};

/* All borrowed or in the attempt's arena. */
struct irsa_desired {
    unsigned aspects;
    const char *service_account; /* "namespace/name" */
    const char *namespace_name;
    const char *name;
    bool has_role;      /* false: attachRoleARN names somebody's */
    bool may_make_role; /* create: CreateRole itself knows whether the role is there */
    bool has_account;   /* false: roleOnly, clusterGone */
    const char *role_name;
    bool is_role_name_given;
    bool is_role_name_annotated; /* it was found by the account's annotation: nothing else tells the name */
    const char *role_path;
    const char *role_arn; /* attachRoleARN, else what role_name and role_path will give */
    const char *trust_policy;
    const char *permissions_boundary; /* NULL: whatever is there stays */
    struct irsa_strings managed;
    struct irsa_inline_policies inlines;
    struct irsa_pairs ownership_tags; /* cluster, service account, owner */
    struct irsa_pairs user_tags;
    const char *mark;
    struct irsa_pairs labels;      /* the request's own */
    struct irsa_pairs annotations; /* the request's own */
};

struct irsa_desire {
    const struct irsa_request *request;
    const struct irsa_place *place;
    const struct irsa_mark *mark;
    const char *owner;
    const char *role_path; /* template with {region} and {cluster} */
};

/* fails INVALID (a path or subject that becomes too long) */
IRSA_MUST_CHECK bool irsa_desired_make(struct irsa_arena *arena, const struct irsa_desire *desire,
                                       struct irsa_desired *out_desired, struct irsa_error *err);

/*
 * "<cluster>-<namespace>-<name>-<h>": h is the first 8 hex digits of SHA-256 of "<region>/<cluster>/<namespace>/<name>",
 * the readable part is cut to 55 characters. At most 64, always the same for the same account.
 */
const char *irsa_default_role_name(struct irsa_arena *arena, const struct irsa_request *request);

/* The value of a key, or NULL. */
const char *irsa_pairs_find(struct irsa_pairs pairs, const char *key);
bool irsa_strings_contain(struct irsa_strings strings, const char *text);

#endif
