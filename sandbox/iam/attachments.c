/*
 * Managed policies on roles.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/contract/names.h"
#include "sandbox/iam/iam.h"
#include "sandbox/inside.h"
#include "sandbox/xml.h"

static bool check_arn(struct irsa_sandbox_iam *iam, const char *arn) {
    if (irsa_text_starts_with(arn, "arn:") && strstr(arn, ":policy/") != NULL)
        return true;
    return irsa_sandbox_iam_fail(iam, "InvalidInput", "ARN %s is not valid.", arn);
}

static bool attach(struct irsa_sandbox_iam *iam) {
    const char *arn = irsa_sandbox_iam_get(iam, "PolicyArn");
    int64_t most = iam->call->sandbox->model.quotas.policies_per_role;
    if (!check_arn(iam, arn))
        return false;
    const struct irsa_sandbox_role *role = irsa_sandbox_iam_role_to_change(iam);
    if (role == NULL)
        return false;
    if (!irsa_sandbox_iam_has_policy(iam, arn))
        return irsa_sandbox_iam_fail(iam, "NoSuchEntity", "Policy %s does not exist or is not attachable.", arn);
    if (strstr(arn, ":policy/aws-service-role/") != NULL)
        return irsa_sandbox_iam_fail(iam, "PolicyNotAttachable",
                                     "Cannot attach a Service Role Policy to a Customer Role.");
    if (irsa_sandbox_bag_find(&role->attached, arn) != NULL)
        return true;
    if ((int64_t)role->attached.count >= most)
        return irsa_sandbox_iam_fail(iam, "LimitExceeded", "Cannot exceed quota for PoliciesPerRole: %lld",
                                     (long long)most);
    irsa_sandbox_bag_put(&irsa_sandbox_iam_edit(iam, role)->attached, arn, NULL);
    return true;
}

static bool detach(struct irsa_sandbox_iam *iam) {
    const char *arn = irsa_sandbox_iam_get(iam, "PolicyArn");
    if (!check_arn(iam, arn))
        return false;
    const struct irsa_sandbox_role *role = irsa_sandbox_iam_role_to_change(iam);
    if (role == NULL)
        return false;
    if (irsa_sandbox_bag_find(&role->attached, arn) == NULL)
        return irsa_sandbox_iam_fail(iam, "NoSuchEntity", "Policy %s was not found.", arn);
    (void)irsa_sandbox_bag_remove(&irsa_sandbox_iam_edit(iam, role)->attached, arn);
    return true;
}

static bool list(struct irsa_sandbox_iam *iam) {
    const struct irsa_sandbox_role *role = irsa_sandbox_iam_role(iam);
    struct irsa_sandbox_iam_page page;
    if (role == NULL ||
        !irsa_sandbox_iam_begin_page(iam, irsa_sandbox_iam_bag_keys(iam, &role->attached), role->attached.count, &page))
        return false;
    irsa_sandbox_xml_open(&iam->out, "AttachedPolicies");
    for (size_t i = page.first; i < page.end; i++) {
        const char *arn = role->attached.at[i].key;
        irsa_sandbox_xml_open(&iam->out, "member");
        irsa_sandbox_xml_text(&iam->out, "PolicyName", irsa_arn_name(arn));
        irsa_sandbox_xml_text(&iam->out, "PolicyArn", arn);
        irsa_sandbox_xml_close(&iam->out, "member");
    }
    irsa_sandbox_xml_close(&iam->out, "AttachedPolicies");
    irsa_sandbox_iam_end_page(iam, &page);
    return true;
}

static const struct irsa_sandbox_iam_action actions[] = {
    {"AttachRolePolicy", attach, true, false, {IRSA_SANDBOX_ROLE_NAME, IRSA_SANDBOX_POLICY_ARN}},
    {"DetachRolePolicy", detach, true, false, {IRSA_SANDBOX_ROLE_NAME, IRSA_SANDBOX_POLICY_ARN}},
    {"ListAttachedRolePolicies",
     list,
     false,
     true,
     {IRSA_SANDBOX_ROLE_NAME, IRSA_SANDBOX_MARKER, IRSA_SANDBOX_MAX_ITEMS}},
};

const struct irsa_sandbox_iam_group irsa_sandbox_iam_attachments = {actions, sizeof(actions) / sizeof(actions[0])};
