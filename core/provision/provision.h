/*
 * The heart: make IAM and a cluster match one request. Level-triggered: observe, plan, apply.
 *
 * Desired state comes from the request, observed state from AWS and Kubernetes; a pure function turns the two into a
 * plan, an ordered list of steps; applying walks the list. Safe to run again after a crash at any step.
 */
#ifndef IRSA_PROVISION_H
#define IRSA_PROVISION_H

#include <irsa/result.h>

#include "core/aws/aws.h"
#include "core/contract/mark.h"

/* Everything that outlives a request: clients and caches. Any thread. */
struct irsa_provisioner;

struct irsa_provisioner_options {
    struct irsa_aws *aws;                   /* borrowed */
    const struct irsa_transport *transport; /* borrowed; to the clusters */
    const struct irsa_clock *clock;         /* borrowed */
    const char *region;                     /* of the worker: where it asks STS who it is */
    const char *owner;                      /* value of the tag irsa.dev/owner; NULL: "irsa" */
    const char *role_path;                  /* NULL: "/irsa/{region}/{cluster}/" */
    struct irsa_strings protected_policies; /* names or patterns that are never removed; at NULL: the defaults */
};

struct irsa_provisioner *irsa_provisioner_new(const struct irsa_provisioner_options *options);
void irsa_provisioner_free(struct irsa_provisioner *provisioner);

/*
 * The account that the worker's credentials belong to, asked once. For the key of a request that names none.
 *
 * fails    CREDENTIALS, UNAVAILABLE, THROTTLED, TIMEOUT
 */
IRSA_MUST_CHECK bool irsa_provisioner_account(struct irsa_provisioner *provisioner, struct irsa_attempt *attempt,
                                              const char **out_account_id, struct irsa_error *err);

/*
 * Bring IAM and the cluster to the state that the request asks for.
 *
 * request     borrowed, already valid
 * mark        of the request's record, written to what is created or changed
 * out_result  outcome, role, account, issuer, steps, foreign, notes, observed; also filled as far as it came on failure,
 *             so that a failed request says what it left behind. In the attempt's arena.
 * fails       any code but GUARDRAIL, UNSIGNED, CONFIG
 * thread      executor; blocks for at most the attempt's deadline
 */
IRSA_MUST_CHECK bool irsa_provision(struct irsa_provisioner *provisioner, struct irsa_attempt *attempt,
                                    const struct irsa_request *request, const struct irsa_mark *mark,
                                    struct irsa_result *out_result, struct irsa_error *err);

#endif
