/*
 * STS, 2011-06-15: GetCallerIdentity.
 */
#ifndef IRSA_SANDBOX_STS_H
#define IRSA_SANDBOX_STS_H

#include "sandbox/call.h"

#define IRSA_SANDBOX_STS_VERSION "2011-06-15"

/* Set the call's action. */
void irsa_sandbox_sts_name(struct irsa_sandbox_call *call);

/* With the lock; the signature is right. */
void irsa_sandbox_sts_answer(struct irsa_sandbox_call *call);

/*
 * Who an account's key belongs to: "arn:aws:iam::111122223333:user/irsa-worker", of a temporary key
 * "arn:aws:sts::111122223333:assumed-role/irsa-worker/irsa-sandbox".
 */
const char *irsa_sandbox_identity_arn(struct irsa_arena *arena, const char *partition, const char *account_id,
                                      bool is_session);

/* That of the call, whose signature is right. */
const char *irsa_sandbox_caller_arn(struct irsa_sandbox_call *call);

#endif
