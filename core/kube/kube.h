/*
 * The Kubernetes API, as far as we need it: namespaces, and service accounts by server-side apply (KEP-555).
 *
 * Each function makes one call. The API server's `reason` is in err->upstream.
 *
 * fails    NOT_FOUND, CONFLICT, INVALID (Invalid, BadRequest; denials of admission plugins), ACCESS_DENIED (Forbidden;
 *          401 with upstream "Unauthorized": drop the token and try once with a new one), QUOTA (a ResourceQuota),
 *          CLUSTER_NOT_READY (not connected: upstream IRSA_HTTP_CONNECT or IRSA_HTTP_TLS, drop the cluster; a namespace
 *          that is going: upstream "NamespaceTerminating"), THROTTLED (429), UNAVAILABLE (also an answer that is not the
 *          API server's own, which says nothing of the request and of what exists), TIMEOUT, TOO_LARGE (413)
 */
#ifndef IRSA_KUBE_H
#define IRSA_KUBE_H

#include "core/aws/aws.h"
#include "core/base/json.h"
#include "core/http/http.h"

struct irsa_trust;

#define IRSA_FIELD_MANAGER "irsa"

/* How to reach one cluster. Borrowed. */
struct irsa_kube {
    const struct irsa_transport *transport;
    const char *endpoint; /* https://host[:port] */
    const struct irsa_trust *trust;
    const char *token; /* bearer */
};

/*
 * The bearer token of an EKS cluster: "k8s-aws-v1." and a presigned URL in base64url. Valid for 15 minutes; who keeps it
 * lets go of it before.
 *
 * fails    CREDENTIALS, INVALID (over the 4,096 bytes that EKS takes)
 */
IRSA_MUST_CHECK bool irsa_kube_token(struct irsa_aws *aws, struct irsa_arena *arena, const char *region,
                                     const char *cluster, const char **out_token, struct irsa_error *err);

struct irsa_kube_account {
    const char *name;
    const char *namespace_name;
    const char *uid;
    const char *resource_version;
    bool is_terminating; /* has a deletionTimestamp */
    struct irsa_pairs labels;
    struct irsa_pairs annotations;
    /* Who owns a field, from managedFields: see irsa_kube_owns(). */
    const struct irsa_json *managed_fields;
};

/* What we apply. The fields that are NULL or empty are not sent. */
struct irsa_kube_apply {
    const char *name;
    const char *namespace_name;
    const char *uid;              /* NULL: any */
    const char *resource_version; /* "1": only create; else: only if it still has this one; NULL: any */
    struct irsa_pairs labels;
    struct irsa_pairs annotations;
    bool force;   /* take fields that others own */
    bool dry_run; /* the API server judges and changes nothing */
};

IRSA_MUST_CHECK bool irsa_kube_get_account(const struct irsa_kube *kube, struct irsa_attempt *attempt,
                                           const char *namespace_name, const char *name,
                                           struct irsa_kube_account *out_account, struct irsa_error *err);

/*
 * out_created: 201. A conflict of fields is CONFLICT with upstream "FieldManagerConflict", and its message names the other
 * manager; a uid or resourceVersion that is not the object's any more is CONFLICT with upstream "Conflict".
 */
IRSA_MUST_CHECK bool irsa_kube_apply_account(const struct irsa_kube *kube, struct irsa_attempt *attempt,
                                             const struct irsa_kube_apply *apply, struct irsa_kube_account *out_account,
                                             bool *out_created, struct irsa_error *err);

/* Only the object with this uid. */
IRSA_MUST_CHECK bool irsa_kube_delete_account(const struct irsa_kube *kube, struct irsa_attempt *attempt,
                                              const char *namespace_name, const char *name, const char *uid,
                                              struct irsa_error *err);

/* out_is_terminating: it exists and is going away. */
IRSA_MUST_CHECK bool irsa_kube_get_namespace(const struct irsa_kube *kube, struct irsa_attempt *attempt,
                                             const char *name, bool *out_is_terminating, struct irsa_error *err);

/* One that exists already is success with out_created false. */
IRSA_MUST_CHECK bool irsa_kube_create_namespace(const struct irsa_kube *kube, struct irsa_attempt *attempt,
                                                const char *name, bool *out_created, struct irsa_error *err);

/*
 * Does `manager` own this annotation (or, with is_label, label) by Apply?
 */
bool irsa_kube_owns(const struct irsa_kube_account *account, const char *manager, bool is_label, const char *key);

/* Another manager than `manager` that owns the annotation or label, by whatever operation; NULL when there is none. */
const char *irsa_kube_other_owner(const struct irsa_kube_account *account, const char *manager, bool is_label,
                                  const char *key);

#endif
