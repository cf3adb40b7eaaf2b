/*
 * Bearer tokens of an EKS cluster: a presigned GetCallerIdentity, verified as aws-iam-authenticator does.
 */
#ifndef IRSA_SANDBOX_KUBE_TOKEN_H
#define IRSA_SANDBOX_KUBE_TOKEN_H

#include "sandbox/call.h"
#include "sandbox/signature.h"

/* Who asks: an identity's ARN, the user of a static token, "system:anonymous"; NULL when the token is not accepted. */
const char *irsa_sandbox_kube_user(struct irsa_sandbox_call *call);

/*
 * Who signed the token.
 *
 * cluster    name that the token must be for
 * partition  of the cluster
 */
struct irsa_sandbox_signer irsa_sandbox_token_judge(struct irsa_arena *arena, const char *token, const char *cluster,
                                                    const char *partition, int64_t now_ms);

#endif
