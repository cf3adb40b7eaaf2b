/*
 * Identity-based policies, evaluated: explicit Deny wins, what nobody allows is denied.
 *
 * Source: IAM User Guide, policy evaluation logic and the reference of JSON policy elements. What is not understood (an
 * operator, a condition key, a policy variable, another element) is refused by irsa_sandbox_policy_check, so that no
 * document is evaluated in part.
 */
#ifndef IRSA_SANDBOX_POLICY_H
#define IRSA_SANDBOX_POLICY_H

#include <irsa/api.h>

#include "core/base/error.h"
#include "core/base/json.h"

/* One question. `context` holds the values of condition keys; a key with several values stands there several times. */
struct irsa_sandbox_policy_question {
    const char *action;   /* "iam:CreateRole" */
    const char *resource; /* an ARN, or "*" */
    struct irsa_pairs context;
};

enum irsa_sandbox_verdict {
    IRSA_SANDBOX_NOT_ALLOWED,
    IRSA_SANDBOX_ALLOWED,
    IRSA_SANDBOX_DENIED, /* by a statement that says so */
};

/* Can this document be evaluated? fails INVALID, with the place in `at` */
IRSA_MUST_CHECK bool irsa_sandbox_policy_check(const struct irsa_json *policy, struct irsa_error *err);

/* policy  has passed irsa_sandbox_policy_check */
enum irsa_sandbox_verdict irsa_sandbox_policy_judge(const struct irsa_json *policy,
                                                    const struct irsa_sandbox_policy_question *question);

#endif
