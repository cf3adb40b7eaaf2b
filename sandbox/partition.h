/*
 * AWS partitions as the simulated services see them: which region belongs to which, and their host names.
 */
#ifndef IRSA_SANDBOX_PARTITION_H
#define IRSA_SANDBOX_PARTITION_H

struct irsa_sandbox_partition {
    const char *name;
    const char *region_prefix;
    const char *dns_suffix;
    const char *iam_region; /* what IAM's calls are signed for */
};

/* Never NULL: a region of no other partition is of "aws". Static. */
const struct irsa_sandbox_partition *irsa_sandbox_partition_of_region(const char *region);

/* NULL when there is none of that name. */
const struct irsa_sandbox_partition *irsa_sandbox_partition_find(const char *name);

#endif
