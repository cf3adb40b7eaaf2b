/*
 * Names of services and actions. The actions come from the tables that carry them out.
 */
#include "sandbox/service.h"

#include <string.h>

#include "sandbox/iam/iam.h"
#include "sandbox/kube/kube.h"

static const char *const names[IRSA_SANDBOX_SERVICE_COUNT] = {"iam", "sts", "eks", "kubernetes"};
static const char *const sts_actions[] = {"GetCallerIdentity"};
static const char *const eks_actions[] = {"DescribeCluster", "ListClusters"};

const char *irsa_sandbox_service_name(enum irsa_sandbox_service service) {
    return names[service];
}

bool irsa_sandbox_service_find(const char *name, enum irsa_sandbox_service *out_service) {
    for (int i = 0; i < IRSA_SANDBOX_SERVICE_COUNT; i++) {
        if (strcmp(names[i], name) == 0) {
            *out_service = (enum irsa_sandbox_service)i;
            return true;
        }
    }
    return false;
}

static size_t copy_names(const char *const *from, size_t count, const char **out_names) {
    for (size_t i = 0; i < count; i++)
        out_names[i] = from[i];
    return count;
}

size_t irsa_sandbox_service_actions(enum irsa_sandbox_service service,
                                    const char *out_names[IRSA_SANDBOX_MAX_ACTIONS]) {
    switch (service) {
    case IRSA_SANDBOX_IAM:
        return irsa_sandbox_iam_action_names(out_names);
    case IRSA_SANDBOX_STS:
        return copy_names(sts_actions, sizeof(sts_actions) / sizeof(sts_actions[0]), out_names);
    case IRSA_SANDBOX_EKS:
        return copy_names(eks_actions, sizeof(eks_actions) / sizeof(eks_actions[0]), out_names);
    case IRSA_SANDBOX_KUBE:
    case IRSA_SANDBOX_SERVICE_COUNT:
        break;
    }
    return irsa_sandbox_kube_action_names(out_names);
}
