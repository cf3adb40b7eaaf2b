/*
 * Bearer tokens of an EKS cluster: a presigned GetCallerIdentity, verified as aws-iam-authenticator does.
 */
#ifndef IRSA_SANDBOX_KUBE_TOKEN_H
#define IRSA_SANDBOX_KUBE_TOKEN_H

#include "sandbox/call.h"

#define IRSA_SANDBOX_ANONYMOUS "system:anonymous"

/* Who asks: a user's name, IRSA_SANDBOX_ANONYMOUS without a token, NULL when the token is refused. In the arena. */
const char *irsa_sandbox_token_user(const struct irsa_sandbox_call *call);

#endif
