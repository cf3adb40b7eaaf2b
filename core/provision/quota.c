/*
 * A quota of the account that is used up: how much is used, and what the limit is, as IAM itself counts.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/provision/work.h"

/* The name of the quota in the words of LimitExceeded, and of the thing in GetAccountSummary. */
static const struct {
    const char *quota, *thing, *people_say;
} QUOTAS[] = {
    {"RolesPerAccount", "Roles", "roles"},
    {"PoliciesPerAccount", "Policies", "managed policies"},
};

void irsa_work_explain_quota(struct irsa_work *work, struct irsa_error *err) {
    size_t i = 0;
    while (i < sizeof QUOTAS / sizeof *QUOTAS && strstr(err->message, QUOTAS[i].quota) == NULL)
        i++;
    if (i == sizeof QUOTAS / sizeof *QUOTAS)
        return;
    struct irsa_iam_usage usage;
    struct irsa_error unknown;
    if (irsa_iam_get_usage(irsa_visit_iam(&work->visit), work->attempt, QUOTAS[i].thing, &usage, &unknown))
        (void)irsa_error_wrap(err, "account %s has %s of %s %s", work->visit.place->account_id, usage.used, usage.limit,
                              QUOTAS[i].people_say);
    else /* the quota is the answer; that it could not be counted is a remark */
        (void)irsa_error_wrap(err, "(GetAccountSummary: %s)", irsa_code_name(unknown.code));
}
