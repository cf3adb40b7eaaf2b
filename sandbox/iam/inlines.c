/*
 * Inline policies of roles.
 */
#include <string.h>

#include "core/base/arena.h"
#include "sandbox/iam/document.h"
#include "sandbox/iam/iam.h"
#include "sandbox/inside.h"
#include "sandbox/xml.h"

static bool check_document(struct irsa_sandbox_iam *iam, const char *document) {
    const struct irsa_sandbox_document_place place = irsa_sandbox_iam_place(iam);
    const char *fault = irsa_sandbox_policy_fault(&place, document, false);
    return fault == NULL || irsa_sandbox_iam_fail(iam, "MalformedPolicyDocument", "%s", fault);
}

/* All inline policies of a role together, without white space. */
static bool check_room(struct irsa_sandbox_iam *iam, const struct irsa_sandbox_role *role, const char *name,
                       const char *document) {
    int64_t most = iam->call->sandbox->model.quotas.inline_length;
    size_t length = irsa_sandbox_document_length(document);
    for (size_t i = 0; i < role->inlines.count; i++)
        if (strcmp(role->inlines.at[i].key, name) != 0)
            length += irsa_sandbox_document_length(role->inlines.at[i].value);
    if ((int64_t)length <= most)
        return true;
    return irsa_sandbox_iam_fail(iam, "LimitExceeded", "Maximum policy size of %lld bytes exceeded for role %s",
                                 (long long)most, role->name);
}

static bool put(struct irsa_sandbox_iam *iam) {
    const char *name = irsa_sandbox_iam_get(iam, "PolicyName");
    const char *document = irsa_sandbox_iam_get(iam, "PolicyDocument");
    const struct irsa_sandbox_role *role = irsa_sandbox_iam_role_to_change(iam);
    if (role == NULL || !check_document(iam, document) || !check_room(iam, role, name, document))
        return false;
    irsa_sandbox_bag_put(&irsa_sandbox_iam_edit(iam, role)->inlines, name, document);
    return true;
}

static bool fail_absent(struct irsa_sandbox_iam *iam, const char *name) {
    return irsa_sandbox_iam_fail(iam, "NoSuchEntity", "The role policy with name %s cannot be found.", name);
}

static bool get(struct irsa_sandbox_iam *iam) {
    const char *name = irsa_sandbox_iam_get(iam, "PolicyName");
    const struct irsa_sandbox_role *role = irsa_sandbox_iam_role(iam);
    if (role == NULL)
        return false;
    const char *document = irsa_sandbox_bag_find(&role->inlines, name);
    if (document == NULL)
        return fail_absent(iam, name);
    irsa_sandbox_xml_text(&iam->out, "RoleName", role->name);
    irsa_sandbox_xml_text(&iam->out, "PolicyName", name);
    irsa_sandbox_xml_document(&iam->out, "PolicyDocument", document);
    return true;
}

static bool delete (struct irsa_sandbox_iam *iam) {
    const char *name = irsa_sandbox_iam_get(iam, "PolicyName");
    const struct irsa_sandbox_role *role = irsa_sandbox_iam_role_to_change(iam);
    if (role == NULL)
        return false;
    if (irsa_sandbox_bag_find(&role->inlines, name) == NULL)
        return fail_absent(iam, name);
    (void)irsa_sandbox_bag_remove(&irsa_sandbox_iam_edit(iam, role)->inlines, name);
    return true;
}

static bool list(struct irsa_sandbox_iam *iam) {
    const struct irsa_sandbox_role *role = irsa_sandbox_iam_role(iam);
    struct irsa_sandbox_iam_page page;
    if (role == NULL ||
        !irsa_sandbox_iam_begin_page(iam, irsa_sandbox_iam_bag_keys(iam, &role->inlines), role->inlines.count, &page))
        return false;
    irsa_sandbox_xml_open(&iam->out, "PolicyNames");
    for (size_t i = page.first; i < page.end; i++)
        irsa_sandbox_xml_text(&iam->out, "member", role->inlines.at[i].key);
    irsa_sandbox_xml_close(&iam->out, "PolicyNames");
    irsa_sandbox_iam_end_page(iam, &page);
    return true;
}

/* clang-format off */
static const struct irsa_sandbox_iam_action actions[] = {
    {"PutRolePolicy", put, true, false,
     {IRSA_SANDBOX_ROLE_NAME, IRSA_SANDBOX_POLICY_NAME, {"PolicyDocument", true, IRSA_SANDBOX_RULE_ANY, 1, 131072}}},
    {"GetRolePolicy", get, false, true, {IRSA_SANDBOX_ROLE_NAME, IRSA_SANDBOX_POLICY_NAME}},
    {"DeleteRolePolicy", delete, true, false, {IRSA_SANDBOX_ROLE_NAME, IRSA_SANDBOX_POLICY_NAME}},
    {"ListRolePolicies", list, false, true, {IRSA_SANDBOX_ROLE_NAME, IRSA_SANDBOX_MARKER, IRSA_SANDBOX_MAX_ITEMS}},
};
/* clang-format on */

const struct irsa_sandbox_iam_group irsa_sandbox_iam_inlines = {actions, sizeof(actions) / sizeof(actions[0])};
