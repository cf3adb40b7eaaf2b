/*
 * Managed policies: AWS's by a list of names that is compiled in, customers' as the world has them.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/contract/names.h"
#include "sandbox/iam/document.h"
#include "sandbox/iam/iam.h"
#include "sandbox/inside.h"
#include "sandbox/xml.h"

/* Sorted; made of data/managed-policies.txt. */
extern const char *const irsa_sandbox_managed_policies[];
extern const size_t irsa_sandbox_managed_policy_count;

bool irsa_sandbox_iam_is_aws_managed(const char *name_with_path) {
    size_t low = 0;
    size_t high = irsa_sandbox_managed_policy_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(irsa_sandbox_managed_policies[middle], name_with_path);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* What stands behind "arn:<partition>:iam::<owner>:policy/", or NULL. */
static const char *name_behind(struct irsa_sandbox_iam *iam, const char *owner, const char *arn) {
    const char *prefix = irsa_arena_format(iam->arena, "arn:%s:iam::%s:policy/", iam->account->partition, owner);
    return irsa_text_starts_with(arn, prefix) ? arn + strlen(prefix) : NULL;
}

static const struct irsa_sandbox_policy *find_customer(struct irsa_sandbox_iam *iam, const char *arn) {
    if (name_behind(iam, iam->account->id, arn) == NULL)
        return NULL;
    const char *key = irsa_sandbox_lower_case(iam->arena, irsa_arn_name(arn));
    const struct irsa_sandbox_policy *policy = irsa_sandbox_shelf_seen(iam->account->policies, key, iam->moment);
    return policy != NULL && strcmp(policy->arn, arn) == 0 ? policy : NULL;
}

bool irsa_sandbox_iam_has_policy(struct irsa_sandbox_iam *iam, const char *arn) {
    const char *aws_name = name_behind(iam, "aws", arn);
    if (aws_name != NULL)
        return irsa_sandbox_iam_is_aws_managed(aws_name);
    return find_customer(iam, arn) != NULL;
}

static bool fail_absent(struct irsa_sandbox_iam *iam, const char *arn) {
    return irsa_sandbox_iam_fail(iam, "NoSuchEntity", "Policy %s was not found.", arn);
}

/* Roles that have it as their boundary. */
static size_t count_boundaries(struct irsa_sandbox_iam *iam, const char *arn) {
    const void *const *roles;
    size_t count = irsa_sandbox_shelf_list(iam->account->roles, iam->arena, iam->moment, &roles);
    size_t boundaries = 0;
    for (size_t i = 0; i < count; i++)
        boundaries += irsa_text_equal(((const struct irsa_sandbox_role *)roles[i])->boundary, arn) ? 1 : 0;
    return boundaries;
}

static size_t count_attachments(struct irsa_sandbox_iam *iam, const char *arn) {
    const void *const *roles;
    size_t count = irsa_sandbox_shelf_list(iam->account->roles, iam->arena, iam->moment, &roles);
    size_t attachments = 0;
    for (size_t i = 0; i < count; i++)
        if (irsa_sandbox_bag_find(&((const struct irsa_sandbox_role *)roles[i])->attached, arn) != NULL)
            attachments++;
    return attachments;
}

static void write_policy(struct irsa_sandbox_iam *iam, const char *arn, const struct irsa_sandbox_policy *policy) {
    const char *with_path = strstr(arn, ":policy/") + strlen(":policy");
    const char *name = irsa_arn_name(arn);
    irsa_sandbox_xml_open(&iam->out, "Policy");
    irsa_sandbox_xml_text(&iam->out, "PolicyName", name);
    irsa_sandbox_xml_text(&iam->out, "PolicyId", policy == NULL ? "ANPASANDBOXSANDBOXAWS" : policy->id);
    irsa_sandbox_xml_text(&iam->out, "Arn", arn);
    irsa_sandbox_xml_text(&iam->out, "Path",
                          irsa_arena_copy_bytes(iam->arena, with_path, strlen(with_path) - strlen(name)));
    irsa_sandbox_xml_text(&iam->out, "DefaultVersionId", "v1");
    irsa_sandbox_xml_integer(&iam->out, "AttachmentCount", (int64_t)count_attachments(iam, arn));
    irsa_sandbox_xml_integer(&iam->out, "PermissionsBoundaryUsageCount", (int64_t)count_boundaries(iam, arn));
    irsa_sandbox_xml_boolean(&iam->out, "IsAttachable", true);
    if (policy != NULL) {
        irsa_sandbox_xml_text(&iam->out, "Description", policy->description);
        irsa_sandbox_xml_time(&iam->out, "CreateDate", policy->created_ms);
        irsa_sandbox_xml_time(&iam->out, "UpdateDate", policy->created_ms);
    }
    irsa_sandbox_xml_close(&iam->out, "Policy");
}

static bool get(struct irsa_sandbox_iam *iam) {
    const char *arn = irsa_sandbox_iam_get(iam, "PolicyArn");
    if (strstr(arn, ":policy/") == NULL || !irsa_sandbox_iam_has_policy(iam, arn))
        return fail_absent(iam, arn);
    write_policy(iam, arn, find_customer(iam, arn));
    return true;
}

static bool get_version(struct irsa_sandbox_iam *iam) {
    const char *arn = irsa_sandbox_iam_get(iam, "PolicyArn");
    const struct irsa_sandbox_policy *policy = find_customer(iam, arn);
    if (policy == NULL || !irsa_text_equal(irsa_sandbox_iam_get(iam, "VersionId"), "v1"))
        return irsa_sandbox_iam_fail(iam, "NoSuchEntity", "Policy %s version %s does not exist or is not attachable.",
                                     arn, irsa_sandbox_iam_get(iam, "VersionId"));
    irsa_sandbox_xml_open(&iam->out, "PolicyVersion");
    irsa_sandbox_xml_document(&iam->out, "Document", policy->document);
    irsa_sandbox_xml_text(&iam->out, "VersionId", "v1");
    irsa_sandbox_xml_boolean(&iam->out, "IsDefaultVersion", true);
    irsa_sandbox_xml_time(&iam->out, "CreateDate", policy->created_ms);
    irsa_sandbox_xml_close(&iam->out, "PolicyVersion");
    return true;
}

static bool check_new(struct irsa_sandbox_iam *iam, const char *name, const char *document) {
    const struct irsa_sandbox_quotas *quotas = &iam->call->sandbox->model.quotas;
    const struct irsa_sandbox_document_place place = irsa_sandbox_iam_place(iam);
    const char *fault = irsa_sandbox_policy_fault(&place, document, true);
    if (fault != NULL)
        return irsa_sandbox_iam_fail(iam, "MalformedPolicyDocument", "%s", fault);
    if ((int64_t)irsa_sandbox_document_length(document) > quotas->policy_length)
        return irsa_sandbox_iam_fail(iam, "LimitExceeded", "Cannot exceed quota for PolicySize: %lld",
                                     (long long)quotas->policy_length);
    if (irsa_sandbox_shelf_now(iam->account->policies, irsa_sandbox_lower_case(iam->arena, name)) != NULL)
        return irsa_sandbox_iam_fail(iam, "EntityAlreadyExists",
                                     "A policy called %s already exists. Duplicate names are not allowed.", name);
    if ((int64_t)irsa_sandbox_shelf_count(iam->account->policies) >= quotas->policies)
        return irsa_sandbox_iam_fail(iam, "LimitExceeded", "Cannot exceed quota for PoliciesPerAccount: %lld",
                                     (long long)quotas->policies);
    return true;
}

static bool create(struct irsa_sandbox_iam *iam) {
    const char *name = irsa_sandbox_iam_get(iam, "PolicyName");
    const char *document = irsa_sandbox_iam_get(iam, "PolicyDocument");
    const char *path = irsa_sandbox_iam_get(iam, "Path");
    if (!check_new(iam, name, document))
        return false;
    struct irsa_sandbox_policy *policy = irsa_sandbox_policy_new();
    if (!irsa_sandbox_iam_read_tags(iam, &policy->tags)) {
        irsa_sandbox_policy_free(policy);
        return false;
    }
    irsa_sandbox_set_text(&policy->name, name);
    irsa_sandbox_set_text(&policy->path, path == NULL ? "/" : path);
    irsa_sandbox_set_text(&policy->arn, irsa_sandbox_iam_arn(iam, "policy", policy->path, name));
    irsa_sandbox_set_text(&policy->description, irsa_sandbox_iam_get(iam, "Description"));
    irsa_sandbox_set_text(&policy->document, document);
    policy->id = irsa_sandbox_unique_id("ANPA");
    policy->created_ms = iam->moment.now_ms;
    irsa_sandbox_shelf_put(iam->account->policies, irsa_sandbox_lower_case(iam->arena, name), policy, iam->moment);
    write_policy(iam, policy->arn, policy);
    return true;
}

static bool delete (struct irsa_sandbox_iam *iam) {
    const char *arn = irsa_sandbox_iam_get(iam, "PolicyArn");
    const struct irsa_sandbox_policy *policy = find_customer(iam, arn);
    const char *key = irsa_sandbox_lower_case(iam->arena, irsa_arn_name(arn));
    if (policy == NULL || irsa_sandbox_shelf_now(iam->account->policies, key) == NULL)
        return fail_absent(iam, arn);
    if (count_attachments(iam, arn) > 0)
        return irsa_sandbox_iam_fail(iam, "DeleteConflict", "Cannot delete a policy attached to entities.");
    irsa_sandbox_shelf_remove(iam->account->policies, key, iam->moment);
    return true;
}

/* clang-format off */
static const struct irsa_sandbox_iam_action actions[] = {
    {"GetPolicy", get, false, true, {IRSA_SANDBOX_POLICY_ARN}},
    {"GetPolicyVersion", get_version, false, true,
     {IRSA_SANDBOX_POLICY_ARN, {"VersionId", true, IRSA_SANDBOX_RULE_ANY, 1, 32}}},
    {"CreatePolicy", create, true, true,
     {IRSA_SANDBOX_POLICY_NAME, {"Path", false, IRSA_SANDBOX_RULE_PATH, 1, 512},
      {"PolicyDocument", true, IRSA_SANDBOX_RULE_ANY, 1, 131072}, IRSA_SANDBOX_DESCRIPTION}},
    {"DeletePolicy", delete, true, false, {IRSA_SANDBOX_POLICY_ARN}},
};
/* clang-format on */

const struct irsa_sandbox_iam_group irsa_sandbox_iam_policies = {actions, sizeof(actions) / sizeof(actions[0])};
