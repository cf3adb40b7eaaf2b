/*
 * One table. Source: botocore's endpoint rule sets (partitions.json).
 */
#include "sandbox/partition.h"

#include <stddef.h>
#include <string.h>

#include "core/base/text.h"

/* The first prefix that fits counts; "aws" is last and takes all. */
static const struct irsa_sandbox_partition partitions[] = {
    {"aws-cn", "cn-", "amazonaws.com.cn", "cn-north-1"},
    {"aws-us-gov", "us-gov-", "amazonaws.com", "us-gov-west-1"},
    {"aws-iso", "us-iso-", "c2s.ic.gov", "us-iso-east-1"},
    {"aws-iso-b", "us-isob-", "sc2s.sgov.gov", "us-isob-east-1"},
    {"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "eu-isoe-west-1"},
    {"aws-iso-f", "us-isof-", "csp.hci.ic.gov", "us-isof-south-1"},
    {"aws-eusc", "eusc-", "amazonaws.eu", "eusc-de-east-1"},
    {"aws", "", "amazonaws.com", "us-east-1"},
};

#define PARTITION_COUNT (sizeof(partitions) / sizeof(partitions[0]))

const struct irsa_sandbox_partition *irsa_sandbox_partition_of_region(const char *region) {
    size_t i = 0;
    while (!irsa_text_starts_with(region, partitions[i].region_prefix))
        i++;
    return &partitions[i];
}

const struct irsa_sandbox_partition *irsa_sandbox_partition_find(const char *name) {
    for (size_t i = 0; i < PARTITION_COUNT; i++)
        if (strcmp(partitions[i].name, name) == 0)
            return &partitions[i];
    return NULL;
}
