/*
 * STS, 2011-06-15: who we are, and presigned proof of it.
 */
#ifndef IRSA_AWS_STS_H
#define IRSA_AWS_STS_H

#include "core/aws/aws.h"

struct irsa_caller {
    const char *account_id;
    const char *arn;
    const char *user_id;
    const char *partition; /* from the ARN */
};

/* GetCallerIdentity. fails CREDENTIALS (also when STS refuses them), THROTTLED, UNAVAILABLE, TIMEOUT */
IRSA_MUST_CHECK bool irsa_sts_caller(struct irsa_aws *aws, struct irsa_attempt *attempt, const char *region,
                                     struct irsa_caller *out_caller, struct irsa_error *err);

/*
 * The URL that an EKS cluster takes as proof (aws-iam-authenticator): GetCallerIdentity at the region's own STS host,
 * presigned for 60 s with the header x-k8s-aws-id. No call is made.
 */
IRSA_MUST_CHECK bool irsa_sts_presign_for_cluster(struct irsa_aws *aws, struct irsa_arena *arena, const char *region,
                                                  const char *cluster, const char **out_url, struct irsa_error *err);

#endif
