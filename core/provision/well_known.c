/*
 * The seven well-known keys, one row each: a managed policy, or a document that is compiled in.
 */
#include "core/provision/well_known.h"

#include <string.h>

#include "core/base/text.h"
#include "core/provision/desired.h"

#define DOCUMENT_MAX_BYTES 10240
#define PARTITION_WORD     "${partition}"

/* Made from policies/<key>.json by irsa_embed_text(), without the white space of the files. */
extern const char irsa_policy_autoScaler[];
extern const char irsa_policy_awsLoadBalancerController[];
extern const char irsa_policy_externalDNS[];
extern const char irsa_policy_certManager[];
extern const char irsa_policy_efsCSIController[];

static const struct well_known {
    enum irsa_well_known bit;
    const char *managed;     /* path and name below arn:<partition>:iam::aws:policy/ */
    const char *inline_name; /* "irsa-<key>" */
    const char *document;
} ROWS[IRSA_WELL_KNOWN_MAX] = {
    {IRSA_WELL_KNOWN_IMAGE_BUILDER, "AmazonEC2ContainerRegistryPowerUser", NULL, NULL},
    {IRSA_WELL_KNOWN_AUTO_SCALER, NULL, "irsa-autoScaler", irsa_policy_autoScaler},
    {IRSA_WELL_KNOWN_AWS_LOAD_BALANCER_CONTROLLER, NULL, "irsa-awsLoadBalancerController",
     irsa_policy_awsLoadBalancerController},
    {IRSA_WELL_KNOWN_EXTERNAL_DNS, NULL, "irsa-externalDNS", irsa_policy_externalDNS},
    {IRSA_WELL_KNOWN_CERT_MANAGER, NULL, "irsa-certManager", irsa_policy_certManager},
    {IRSA_WELL_KNOWN_EBS_CSI_CONTROLLER, "service-role/AmazonEBSCSIDriverPolicy", NULL, NULL},
    {IRSA_WELL_KNOWN_EFS_CSI_CONTROLLER, NULL, "irsa-efsCSIController", irsa_policy_efsCSIController},
};

static const struct well_known *find(unsigned bit) {
    for (size_t i = 0; i < IRSA_WELL_KNOWN_MAX; i++)
        if (ROWS[i].bit == bit)
            return &ROWS[i];
    return NULL;
}

const char *irsa_well_known_arn(struct irsa_arena *arena, unsigned bit, const char *partition) {
    const struct well_known *row = find(bit);
    return row == NULL || row->managed == NULL
               ? NULL
               : irsa_arena_format(arena, "arn:%s:iam::aws:policy/%s", partition, row->managed);
}

const char *irsa_well_known_document(struct irsa_arena *arena, unsigned bit, const char *partition) {
    const struct well_known *row = find(bit);
    if (row == NULL || row->document == NULL)
        return NULL;
    struct irsa_text text;
    irsa_text_init(&text, arena, DOCUMENT_MAX_BYTES);
    const char *from = row->document;
    for (const char *word; (word = strstr(from, PARTITION_WORD)) != NULL; from = word + strlen(PARTITION_WORD)) {
        irsa_text_add_bytes(&text, from, (size_t)(word - from));
        irsa_text_add(&text, partition);
    }
    irsa_text_add(&text, from);
    return text.at;
}

const char *irsa_well_known_inline_name(unsigned bit) {
    const struct well_known *row = find(bit);
    return row == NULL ? NULL : row->inline_name;
}

bool irsa_well_known_is_inline(const char *policy_name) {
    for (size_t i = 0; i < IRSA_WELL_KNOWN_MAX; i++)
        if (ROWS[i].inline_name != NULL && strcmp(ROWS[i].inline_name, policy_name) == 0)
            return true;
    return false;
}

bool irsa_well_known_is_managed(const char *policy_arn) {
    for (size_t i = 0; i < IRSA_WELL_KNOWN_MAX; i++)
        if (ROWS[i].managed != NULL && irsa_text_ends_with(policy_arn, ROWS[i].managed) &&
            strstr(policy_arn, ":iam::aws:policy/") != NULL)
            return true;
    return false;
}
