/*
 * Where a request happens: its cluster, the cluster's account and OIDC provider, the way to its API server; and the caches
 * that hold them, so that hundreds of requests for one cluster look each of them up once.
 */
#ifndef IRSA_PROVISION_PLACE_H
#define IRSA_PROVISION_PLACE_H

#include <irsa/request.h>

#include "core/aws/aws.h"
#include "core/aws/iam.h"
#include "core/base/cache.h"
#include "core/kube/kube.h"
#include "core/provision/recent.h"

#define IRSA_PLACE_LIFETIME_MS     INT64_C(300000)
#define IRSA_TOKEN_LIFETIME_MS     INT64_C(780000) /* valid for 15 minutes; used for 13 */
#define IRSA_PROPAGATION_MS        INT64_C(30000)  /* how long an attempt waits for IAM to know what was made */
#define IRSA_NAMESPACE_LIFETIME_MS INT64_MAX       /* until a write says otherwise */

/* Facts about a cluster, immutable. Owned by the cache. */
struct irsa_place {
    const char *region;
    const char *cluster;
    const char *cluster_arn;
    const char *account_id;
    const char *partition;
    const char *issuer; /* without the scheme; NULL, as all that follow, of a cluster that is gone */
    const char *provider_arn;
    const char *endpoint;
    struct irsa_trust *trust;
};

/* Caches, one object per process; any thread. */
struct irsa_places;

struct irsa_places_options {
    struct irsa_aws *aws;
    const struct irsa_transport *transport;
    const struct irsa_clock *clock;
};

struct irsa_places *irsa_places_new(const struct irsa_places_options *options);
void irsa_places_free(struct irsa_places *places);

/*
 * One attempt's visit: holds what the caches gave until it ends. Zero it, then enter; leave always.
 */
struct irsa_visit {
    struct irsa_places *places;
    struct irsa_attempt *attempt;
    const struct irsa_place *place;
    const char *key; /* region/cluster */
    struct irsa_kube kube;
    int64_t waited_ms; /* for IAM to know what was made; at most IRSA_PROPAGATION_MS, whatever the number of rounds */
    bool has_remembered_provider;                 /* what this attempt knows of the provider was not looked up by it */
    struct irsa_cache_ref held_place, held_token; /* private */
};

/* fails as irsa_eks_describe, and as irsa_kube_token */
IRSA_MUST_CHECK bool irsa_visit_enter(struct irsa_visit *visit, struct irsa_places *places,
                                      struct irsa_attempt *attempt, const struct irsa_cluster_name *cluster,
                                      struct irsa_error *err);

/*
 * Visit what a cluster that is gone has left in IAM; there is no Kubernetes to call. EKS itself says that it is gone, what
 * was remembered of the cluster is forgotten.
 *
 * account_id  whose cluster it was
 * fails       as irsa_eks_describe, but for CLUSTER_NOT_FOUND; CONFLICT: the cluster is there
 */
IRSA_MUST_CHECK bool irsa_visit_enter_gone(struct irsa_visit *visit, struct irsa_places *places,
                                           struct irsa_attempt *attempt, const struct irsa_cluster_name *cluster,
                                           const char *account_id, struct irsa_error *err);
void irsa_visit_leave(struct irsa_visit *visit);

/* After a 401 or a failed TLS handshake: forget the cluster and its token and look both up again. */
IRSA_MUST_CHECK bool irsa_visit_renew(struct irsa_visit *visit, const struct irsa_cluster_name *cluster,
                                      struct irsa_error *err);

struct irsa_iam irsa_visit_iam(const struct irsa_visit *visit);

/* What this process has just written to roles. */
struct irsa_recent *irsa_visit_recent(const struct irsa_visit *visit);

enum irsa_presence { IRSA_UNKNOWN, IRSA_ABSENT, IRSA_PRESENT };

struct irsa_provider_state {
    enum irsa_presence presence;
    bool has_audience;
    bool is_ours; /* carries our owner tag */
};

/*
 * The cluster's OIDC provider in IAM.
 *
 * will_mend  the caller makes it when it is missing, so that a finding of a moment ago serves
 * fails      as irsa_iam_get_provider, but for NOT_FOUND
 */
IRSA_MUST_CHECK bool irsa_visit_provider(struct irsa_visit *visit, bool will_mend,
                                         struct irsa_provider_state *out_state, struct irsa_error *err);
void irsa_visit_forget_provider(struct irsa_visit *visit);

/*
 * IAM refuses a trust in the provider: others may have deleted it while it was remembered. What was is forgotten; false when
 * there is nothing to doubt, since this attempt has seen the provider itself.
 */
bool irsa_visit_doubt_provider(struct irsa_visit *visit);

/* Make the provider, once even if many ask. out_made: it was this call that made it. */
IRSA_MUST_CHECK bool irsa_visit_make_provider(struct irsa_visit *visit, struct irsa_pairs tags, bool *out_made,
                                              struct irsa_error *err);

/* Add the audience that it lacks, once even if many ask. out_added: it was this call that added it. */
IRSA_MUST_CHECK bool irsa_visit_add_audience(struct irsa_visit *visit, bool *out_added, struct irsa_error *err);

/* Was the provider made or mended by this process within the last minute, so that IAM may not know it everywhere yet? */
bool irsa_visit_provider_is_fresh(const struct irsa_visit *visit);

enum irsa_namespace_state { IRSA_NAMESPACE_ABSENT, IRSA_NAMESPACE_ACTIVE, IRSA_NAMESPACE_TERMINATING };

/* ACTIVE is remembered until a write says otherwise, the others for a second. */
IRSA_MUST_CHECK bool irsa_visit_namespace(struct irsa_visit *visit, const char *name,
                                          enum irsa_namespace_state *out_state, struct irsa_error *err);
void irsa_visit_forget_namespace(struct irsa_visit *visit, const char *name);
IRSA_MUST_CHECK bool irsa_visit_make_namespace(struct irsa_visit *visit, const char *name, bool *out_made,
                                               struct irsa_error *err);

#endif
