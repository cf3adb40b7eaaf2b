/*
 * EKS, 2017-11-01: what we need to know of a cluster.
 */
#ifndef IRSA_AWS_EKS_H
#define IRSA_AWS_EKS_H

#include "core/aws/aws.h"

/* All in the attempt's arena. */
struct irsa_eks_cluster {
    const char *arn;
    const char *account_id; /* from the ARN */
    const char *partition;  /* from the ARN */
    const char *endpoint;   /* https://… */
    const char *ca_pem;
    const char *issuer; /* host and path without the scheme */
};

/*
 * DescribeCluster.
 *
 * fails    CLUSTER_NOT_FOUND (only by EKS's own word), CLUSTER_NOT_READY (CREATING, DELETING, or without endpoint,
 *          authority or issuer yet), ACCESS_DENIED, THROTTLED, UNAVAILABLE, TIMEOUT, CREDENTIALS, CONFIG (the endpoint),
 *          INVALID (status FAILED; an answer that breaks its own form)
 */
IRSA_MUST_CHECK bool irsa_eks_describe(struct irsa_aws *aws, struct irsa_attempt *attempt, const char *region,
                                       const char *name, struct irsa_eks_cluster *out_cluster, struct irsa_error *err);

#endif
