/*
 * Asking the permissions on behalf of AWS's services, and their refusal in AWS's words.
 */
#include "sandbox/inside.h"
#include "sandbox/sts.h"

void irsa_sandbox_set_permissions(struct irsa_sandbox *sandbox, struct irsa_sandbox_permissions *permissions) {
    if (sandbox->permissions != permissions && sandbox->permissions != sandbox->permissions_at_start)
        irsa_sandbox_permissions_free(sandbox->permissions);
    sandbox->permissions = permissions;
}

bool irsa_sandbox_authorize(struct irsa_sandbox_call *call, const struct irsa_sandbox_policy_question *question,
                            const char *shown) {
    enum irsa_sandbox_verdict verdict = irsa_sandbox_permissions_judge(call->sandbox->permissions, question);
    if (verdict == IRSA_SANDBOX_ALLOWED)
        return true;
    const char *code = call->service == IRSA_SANDBOX_EKS ? "AccessDeniedException" : "AccessDenied";
    const char *who = irsa_sandbox_caller_arn(call);
    if (shown == NULL)
        shown = question->resource;
    if (verdict == IRSA_SANDBOX_DENIED)
        return irsa_sandbox_fail(call, 403, code,
                                 "User: %s is not authorized to perform: %s on resource: %s with an explicit deny in "
                                 "an identity-based policy",
                                 who, question->action, shown);
    return irsa_sandbox_fail(call, 403, code,
                             "User: %s is not authorized to perform: %s on resource: %s because no identity-based "
                             "policy allows the %s action",
                             who, question->action, shown, question->action);
}
