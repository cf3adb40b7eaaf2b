/*
 * The sandbox as a library: AWS (IAM, STS, EKS) and the Kubernetes API of each cluster, in memory.
 *
 *     struct irsa_sandbox *sandbox = irsa_sandbox_new(&options);
 *     irsa_sandbox_handle(sandbox, (struct irsa_sandbox_origin){IRSA_SANDBOX_AWS, 0}, &request, &reply);
 *
 * It is driven by requests and never opens a socket, so a test may put it behind a transport of its own, with a clock of
 * its own. sandbox/server.h puts it behind real sockets. Any thread may call; one mutex inside.
 */
#ifndef IRSA_SANDBOX_H
#define IRSA_SANDBOX_H

#include "core/base/clock.h"
#include "core/httpd/httpd.h"

struct irsa_sandbox;

struct irsa_sandbox_cluster_options {
    const char *name;
    const char *region;     /* NULL: us-west-2 */
    const char *account_id; /* NULL: 111122223333 */
};

/* Borrowed until irsa_sandbox_new returns, but for the clock. */
struct irsa_sandbox_options {
    const struct irsa_sandbox_cluster_options *clusters;
    size_t cluster_count;
    const struct irsa_clock *clock; /* NULL: the system's; decides dates, propagation and the refill of rates */
};

/* Where a request came in. */
enum irsa_sandbox_door {
    IRSA_SANDBOX_AWS,        /* IAM, STS and EKS share one origin; the signature's scope tells them apart */
    IRSA_SANDBOX_CONTROL,    /* the sandbox's own: world, calls, faults, model */
    IRSA_SANDBOX_KUBERNETES, /* the API server of one cluster */
};

struct irsa_sandbox_origin {
    enum irsa_sandbox_door door;
    size_t cluster; /* its place in the options; KUBERNETES only */
};

struct irsa_sandbox *irsa_sandbox_new(const struct irsa_sandbox_options *options);
void irsa_sandbox_free(struct irsa_sandbox *sandbox);

/*
 * Answer one request. The effect has happened when this returns, unless a fault says otherwise; reply->delay_ms (latency
 * of the model) and reply->fault are the transport's to act out, and reply->again_ms asks it to call once more with
 * request->is_again set.
 *
 * request  its arena holds the answer
 */
void irsa_sandbox_handle(struct irsa_sandbox *sandbox, struct irsa_sandbox_origin origin,
                         const struct irsa_httpd_request *request, struct irsa_httpd_reply *out_reply);

size_t irsa_sandbox_cluster_count(const struct irsa_sandbox *sandbox);

/*
 * What DescribeCluster says is the cluster's endpoint, borrowed until it is set. It starts as a name such as EKS gives:
 * https://<32 hex>.gr7.…
 */
const char *irsa_sandbox_endpoint(const struct irsa_sandbox *sandbox, size_t cluster);
void irsa_sandbox_set_endpoint(struct irsa_sandbox *sandbox, size_t cluster, const char *endpoint);

/* The authority whose certificate DescribeCluster gives as the cluster's. Borrowed. */
struct irsa_authority *irsa_sandbox_authority(struct irsa_sandbox *sandbox);

/*
 * The access keys that an account's identity signs with: "AKIASBOX<account>" and a secret made of the account. No secret
 * at all: the sandbox is for loopback.
 */
#define IRSA_SANDBOX_KEY_BYTES    21
#define IRSA_SANDBOX_SECRET_BYTES 41
void irsa_sandbox_keys(const char *account_id, char out_key_id[IRSA_SANDBOX_KEY_BYTES],
                       char out_secret[IRSA_SANDBOX_SECRET_BYTES]);

/*
 * Apply a settings document: {"model": {…}, "permissions": {…}, "world": {…}, "faults": […]}, each as the control API takes it.
 *
 * fails    CONFIG
 */
IRSA_MUST_CHECK bool irsa_sandbox_configure(struct irsa_sandbox *sandbox, const char *json, size_t length,
                                            struct irsa_error *err);

struct irsa_sandbox_broker;

/* The broker that POST /broker drives, or NULL. Borrowed. */
void irsa_sandbox_set_broker(struct irsa_sandbox *sandbox, struct irsa_sandbox_broker *broker);

#endif
