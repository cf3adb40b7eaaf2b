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

const char *const *irsa_sandbox_service_actions(enum irsa_sandbox_service service, size_t *out_count) {
    switch (service) {
    case IRSA_SANDBOX_IAM:
        return irsa_sandbox_iam_action_names(out_count);
    case IRSA_SANDBOX_STS:
        *out_count = sizeof(sts_actions) / sizeof(sts_actions[0]);
        return sts_actions;
    case IRSA_SANDBOX_EKS:
        *out_count = sizeof(eks_actions) / sizeof(eks_actions[0]);
        return eks_actions;
    case IRSA_SANDBOX_KUBE:
    case IRSA_SANDBOX_SERVICE_COUNT:
        break;
    }
    return irsa_sandbox_kube_action_names(out_count);
}
