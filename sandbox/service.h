/*
 * The services that the sandbox plays, and the actions that calls are counted under.
 */
#ifndef IRSA_SANDBOX_SERVICE_H
#define IRSA_SANDBOX_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

enum irsa_sandbox_service {
    IRSA_SANDBOX_IAM,
    IRSA_SANDBOX_STS,
    IRSA_SANDBOX_EKS,
    IRSA_SANDBOX_KUBE,
    IRSA_SANDBOX_SERVICE_COUNT,
};

/* "iam", "sts", "eks", "kubernetes". */
const char *irsa_sandbox_service_name(enum irsa_sandbox_service service);

/* False when there is none of that name. */
bool irsa_sandbox_service_find(const char *name, enum irsa_sandbox_service *out_service);

#define IRSA_SANDBOX_MAX_ACTIONS 64 /* of one service */

/* Names of the service's actions, for checking what a script of faults names. Gives how many; each is static. */
size_t irsa_sandbox_service_actions(enum irsa_sandbox_service service, const char *out_names[IRSA_SANDBOX_MAX_ACTIONS]);

#endif
