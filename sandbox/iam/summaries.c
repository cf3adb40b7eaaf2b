/*
 * GetAccountSummary: what is used and what the quotas are.
 */
#include "sandbox/iam/iam.h"
#include "sandbox/inside.h"
#include "sandbox/xml.h"

static bool get(struct irsa_sandbox_iam *iam) {
    const struct irsa_sandbox_quotas *quotas = &iam->call->sandbox->model.quotas;
    const struct {
        const char *key;
        int64_t value;
    } rows[] = {
        {"Roles", (int64_t)irsa_sandbox_shelf_count(iam->account->roles)},
        {"RolesQuota", quotas->roles_per_account},
        {"Providers", (int64_t)irsa_sandbox_shelf_count(iam->account->providers)},
        {"Policies", (int64_t)irsa_sandbox_shelf_count(iam->account->policies)},
        {"PoliciesQuota", quotas->policies},
        {"PolicySizeQuota", quotas->policy_length},
        {"InstanceProfiles", (int64_t)irsa_sandbox_shelf_count(iam->account->profiles)},
        {"InstanceProfilesQuota", quotas->profiles},
        {"AssumeRolePolicySizeQuota", quotas->trust_length},
        {"RolePolicySizeQuota", quotas->inline_length},
        {"AttachedPoliciesPerRoleQuota", quotas->policies_per_role},
        {"Users", 1},
        {"UsersQuota", 5000},
    };
    irsa_sandbox_xml_open(&iam->out, "SummaryMap");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        irsa_sandbox_xml_open(&iam->out, "entry");
        irsa_sandbox_xml_text(&iam->out, "key", rows[i].key);
        irsa_sandbox_xml_integer(&iam->out, "value", rows[i].value);
        irsa_sandbox_xml_close(&iam->out, "entry");
    }
    irsa_sandbox_xml_close(&iam->out, "SummaryMap");
    return true;
}

static const struct irsa_sandbox_iam_action actions[] = {{"GetAccountSummary", get, false, true, {{0}}}};

const struct irsa_sandbox_iam_group irsa_sandbox_iam_summaries = {actions, sizeof(actions) / sizeof(actions[0])};
