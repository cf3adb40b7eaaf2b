/*
 * Bearer tokens of an EKS cluster: a presigned GetCallerIdentity, verified as aws-iam-authenticator does.
 */
#ifndef IRSA_SANDBOX_KUBE_TOKEN_H
#define IRSA_SANDBOX_KUBE_TOKEN_H

#include "sandbox/call.h"

/* Who asks: an identity's ARN, the user of a static token, "system:anonymous"; NULL when the token is not accepted. */
const char *irsa_sandbox_kube_user(struct irsa_sandbox_call *call);

/*
 * The account whose identity signed the token; NULL with the reason when it is refused.
 *
 * cluster    name that the token must be for
 * partition  of the cluster
 */
const char *irsa_sandbox_token_account(struct irsa_arena *arena, const char *token, const char *cluster,
                                       const char *partition, int64_t now_ms, const char **out_reason);

#endif
