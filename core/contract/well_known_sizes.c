/*
 * How much of a role's room for inline policies the well-known ones take. Their documents are provisioning's, which this
 * room does not see; a test holds these numbers against them.
 */
#include <string.h>

#include "core/contract/request.h"

static const struct {
    enum irsa_well_known bit;
    size_t characters; /* without white space and partitions */
    size_t partitions; /* how often the partition stands in it */
} sizes[] = {
    {IRSA_WELL_KNOWN_AUTO_SCALER, 561, 0},        {IRSA_WELL_KNOWN_AWS_LOAD_BALANCER_CONTROLLER, 5149, 13},
    {IRSA_WELL_KNOWN_EXTERNAL_DNS, 307, 1},       {IRSA_WELL_KNOWN_CERT_MANAGER, 337, 2},
    {IRSA_WELL_KNOWN_EFS_CSI_CONTROLLER, 706, 0},
};

size_t irsa_well_known_characters(uint32_t flags, const char *partition) {
    size_t count = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        if ((flags & sizes[i].bit) != 0)
            count += sizes[i].characters + sizes[i].partitions * strlen(partition);
    return count;
}
