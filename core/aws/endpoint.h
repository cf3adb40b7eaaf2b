/*
 * Where a service of AWS is reached, and for which region calls to it are signed.
 */
#ifndef IRSA_AWS_ENDPOINT_H
#define IRSA_AWS_ENDPOINT_H

#include "core/aws/aws.h"
#include "core/aws/partition.h"

struct irsa_endpoint {
    const char *base;      /* "https://host[:port]", or with a setting's path, without a slash at the end */
    const char *authority; /* as the Host header has it */
    const char *path;      /* of the base: "" or "/…" */
    const char *signing_region;
};

/*
 * service     IAM is found by the partition, the others by the region
 * region      may be NULL for IAM
 * fails       CONFIG (a setting's URL that cannot be used, an endpoint that the partition does not have)
 */
IRSA_MUST_CHECK bool irsa_endpoint_find(struct irsa_arena *arena, const struct irsa_aws_endpoints *settings,
                                        enum irsa_aws_service service, const struct irsa_partition *partition,
                                        const char *region, struct irsa_endpoint *out_endpoint, struct irsa_error *err);

/* "iam", "sts", "eks": in errors, counts and scopes of signatures. Static text. */
const char *irsa_aws_service_name(enum irsa_aws_service service);

#endif
