/*
 * Partitions: which regions, DNS suffixes and signing regions go together (botocore's partitions.json and endpoint rules).
 */
#ifndef IRSA_AWS_PARTITION_H
#define IRSA_AWS_PARTITION_H

#include <stdbool.h>

/* Two questions that the SDKs' settings answer, so four hosts. */
enum irsa_endpoint_variant {
    IRSA_ENDPOINT_PLAIN,
    IRSA_ENDPOINT_DUAL_STACK,
    IRSA_ENDPOINT_FIPS,
    IRSA_ENDPOINT_FIPS_DUAL_STACK,
    IRSA_ENDPOINT_VARIANT_COUNT
};

struct irsa_partition {
    const char *name;                                   /* "aws", "aws-cn", … */
    const char *dns_suffix;                             /* "amazonaws.com" */
    const char *dual_stack_suffix;                      /* "api.aws"; NULL: the partition has no dual-stack endpoints */
    const char *iam_region;                             /* the region that calls to IAM are signed for */
    const char *iam_hosts[IRSA_ENDPOINT_VARIANT_COUNT]; /* NULL: there is no such endpoint */
};

/* The partition of a region by its form, also of regions that are newer than this program; aws when nothing fits. */
const struct irsa_partition *irsa_partition_of_region(const char *region);

/* NULL when there is no such partition. */
const struct irsa_partition *irsa_partition_find(const char *name);

#endif
