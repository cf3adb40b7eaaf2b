/*
 * The table of partitions, and the forms of their regions.
 */
#include "core/aws/partition.h"

#include <stddef.h>

#include "core/base/text.h"

/* clang-format off */
static const struct irsa_partition partitions[] = {
    {"aws", "amazonaws.com", "api.aws", "us-east-1",
     {"iam.amazonaws.com", "iam.global.api.aws", "iam-fips.amazonaws.com", "iam-fips.global.api.aws"}},
    {"aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "cn-north-1",
     {"iam.cn-north-1.amazonaws.com.cn", "iam.global.api.amazonwebservices.com.cn", "iam-fips.amazonaws.com.cn",
      "iam-fips.api.amazonwebservices.com.cn"}},
    {"aws-us-gov", "amazonaws.com", "api.aws", "us-gov-west-1",
     {"iam.us-gov.amazonaws.com", "iam.us-gov.api.aws", "iam.us-gov.amazonaws.com", "iam.us-gov.api.aws"}},
    {"aws-iso", "c2s.ic.gov", "api.aws.ic.gov", "us-iso-east-1",
     {"iam.us-iso-east-1.c2s.ic.gov", "iam.api.aws.ic.gov", "iam-fips.us-iso-east-1.c2s.ic.gov",
      "iam-fips.api.aws.ic.gov"}},
    {"aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud", "us-isob-east-1",
     {"iam.us-isob-east-1.sc2s.sgov.gov", "iam.api.aws.scloud", "iam-fips.us-isob-east-1.sc2s.sgov.gov",
      "iam-fips.api.aws.scloud"}},
    {"aws-iso-e", "cloud.adc-e.uk", NULL, "eu-isoe-west-1",
     {"iam.eu-isoe-west-1.cloud.adc-e.uk", NULL, "iam-fips.cloud.adc-e.uk", NULL}},
    {"aws-iso-f", "csp.hci.ic.gov", NULL, "us-isof-south-1",
     {"iam.us-isof-south-1.csp.hci.ic.gov", NULL, "iam-fips.csp.hci.ic.gov", NULL}},
    {"aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu", "eusc-de-east-1",
     {"iam.eusc-de-east-1.amazonaws.eu", "iam.global.api.amazonwebservices.eu", "iam-fips.amazonaws.eu",
      "iam-fips.api.amazonwebservices.eu"}},
};
/* clang-format on */

/* What regions outside aws start with. Behind it come a word and a number: "us-gov-" + "west-1". */
static const struct {
    const char *prefix;
    const char *partition;
} forms[] = {
    {"cn-", "aws-cn"},         {"us-gov-", "aws-us-gov"}, {"us-iso-", "aws-iso"},   {"us-isob-", "aws-iso-b"},
    {"eu-isoe-", "aws-iso-e"}, {"us-isof-", "aws-iso-f"}, {"eusc-de-", "aws-eusc"},
};

const struct irsa_partition *irsa_partition_find(const char *name) {
    for (size_t i = 0; i < sizeof partitions / sizeof *partitions; i++)
        if (irsa_text_equal(partitions[i].name, name))
            return &partitions[i];
    return NULL;
}

const struct irsa_partition *irsa_partition_of_region(const char *region) {
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (irsa_text_starts_with(region, forms[i].prefix))
            return irsa_partition_find(forms[i].partition);
    return &partitions[0];
}
