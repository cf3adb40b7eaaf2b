/*
 * EKS, 2017-11-01: DescribeCluster and ListClusters.
 */
#ifndef IRSA_SANDBOX_EKS_H
#define IRSA_SANDBOX_EKS_H

#include "sandbox/call.h"

/* Set the call's action. */
void irsa_sandbox_eks_name(struct irsa_sandbox_call *call);

/* With the lock; the signature is right. */
void irsa_sandbox_eks_answer(struct irsa_sandbox_call *call);

#endif
