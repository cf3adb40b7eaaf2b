/*
 * The Condition element of a policy's statement.
 */
#ifndef IRSA_SANDBOX_POLICY_CONDITION_H
#define IRSA_SANDBOX_POLICY_CONDITION_H

#include "sandbox/policy.h"

/* `*` any text, `?` one character. */
bool irsa_sandbox_policy_matches(const char *pattern, const char *text, bool ignores_case);

/* `value` is a string, or an array of at least one and nothing but strings without policy variables. fails INVALID */
IRSA_MUST_CHECK bool irsa_sandbox_policy_check_strings(const struct irsa_json *value, struct irsa_error *err);

/* fails INVALID: an operator or a key that is not known */
IRSA_MUST_CHECK bool irsa_sandbox_condition_check(const struct irsa_json *condition, struct irsa_error *err);

/* Do all of its parts hold? */
bool irsa_sandbox_condition_holds(const struct irsa_json *condition, struct irsa_pairs context);

#endif
