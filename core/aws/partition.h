/*
 * Partitions: which regions, DNS suffixes and signing regions go together (botocore's partitions.json and endpoint rules).
 */
#ifndef IRSA_AWS_PARTITION_H
#define IRSA_AWS_PARTITION_H

#include <stdbool.h>

struct irsa_partition {
    const char *name;         /* "aws", "aws-cn", … */
    const char *dns_suffix;   /* "amazonaws.com" */
    const char *iam_host;     /* "iam.amazonaws.com" */
    const char *iam_region;   /* the region that calls to IAM are signed for */
};

/* The partition of a region by its form, also of regions that are newer than this program; aws when nothing fits. */
const struct irsa_partition *irsa_partition_of_region(const char *region);

/* NULL when there is no such partition. */
const struct irsa_partition *irsa_partition_find(const char *name);

#endif
