/*
 * IAM: roles, their trust, tags and boundary.
 */
#include <string.h>

#include "core/aws/iam_request.h"
#include "core/base/url.h"

/* A policy document as IAM answers it: percent-encoded. NULL when it cannot be decoded. */
static const char *decode_document(struct irsa_arena *arena, const char *text) {
    const char *decoded = NULL;
    if (text == NULL || !irsa_url_decode(arena, text, strlen(text), false, &decoded))
        return NULL;
    return decoded;
}

static bool read_role(struct irsa_arena *arena, const char *action, const struct irsa_xml *result,
                      struct irsa_iam_role *out_role, struct irsa_error *err) {
    const struct irsa_xml *xml = irsa_xml_get(result, "Role");
    struct irsa_iam_role role = {
        .name = irsa_xml_get_text(xml, "RoleName"),
        .path = irsa_xml_get_text(xml, "Path"),
        .arn = irsa_xml_get_text(xml, "Arn"),
        .role_id = irsa_xml_get_text(xml, "RoleId"),
        .trust_policy = decode_document(arena, irsa_xml_get_text(xml, "AssumeRolePolicyDocument")),
        .permissions_boundary = irsa_xml_get_text(irsa_xml_get(xml, "PermissionsBoundary"), "PermissionsBoundaryArn"),
        .tags = irsa_iam_read_tags(arena, irsa_xml_get(xml, "Tags")),
    };
    if (role.name == NULL || role.path == NULL || role.arn == NULL || role.role_id == NULL)
        return irsa_iam_fail_form(err, action, "role");
    if (role.trust_policy == NULL)
        return irsa_iam_fail_form(err, action, "trust policy");
    *out_role = role;
    return true;
}

bool irsa_iam_get_role(struct irsa_iam iam, struct irsa_attempt *attempt, const char *name,
                       struct irsa_iam_role *out_role, struct irsa_error *err) {
    struct irsa_query query;
    const struct irsa_xml *result;
    if (!irsa_iam_begin(&query, iam, attempt, "GetRole", err))
        return false;
    irsa_query_add(&query, "RoleName", name);
    return irsa_query_send(&query, iam.aws, attempt, &result, err) &&
           read_role(attempt->arena, query.action, result, out_role, err);
}

bool irsa_iam_create_role(struct irsa_iam iam, struct irsa_attempt *attempt, const struct irsa_iam_new_role *role,
                          struct irsa_iam_role *out_role, struct irsa_error *err) {
    struct irsa_query query;
    const struct irsa_xml *result;
    if (!irsa_iam_begin(&query, iam, attempt, "CreateRole", err))
        return false;
    irsa_query_add(&query, "RoleName", role->name);
    irsa_query_add(&query, "Path", role->path);
    irsa_query_add(&query, "Description", role->description);
    irsa_query_add(&query, "AssumeRolePolicyDocument", role->trust_policy);
    irsa_query_add(&query, "PermissionsBoundary", role->permissions_boundary);
    irsa_query_add_pairs(&query, "Tags", role->tags);
    return irsa_query_send(&query, iam.aws, attempt, &result, err) &&
           read_role(attempt->arena, query.action, result, out_role, err);
}

bool irsa_iam_delete_role(struct irsa_iam iam, struct irsa_attempt *attempt, const char *name, struct irsa_error *err) {
    return irsa_iam_do(iam, attempt, "DeleteRole", &(struct irsa_iam_parameter){"RoleName", name}, 1, err);
}

bool irsa_iam_update_trust(struct irsa_iam iam, struct irsa_attempt *attempt, const char *name,
                           const char *trust_policy, struct irsa_error *err) {
    const struct irsa_iam_parameter parameters[] = {{"RoleName", name}, {"PolicyDocument", trust_policy}};
    return irsa_iam_do(iam, attempt, "UpdateAssumeRolePolicy", parameters, 2, err);
}

bool irsa_iam_put_boundary(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role, const char *policy_arn,
                           struct irsa_error *err) {
    const struct irsa_iam_parameter parameters[] = {{"RoleName", role}, {"PermissionsBoundary", policy_arn}};
    return irsa_iam_do(iam, attempt, "PutRolePermissionsBoundary", parameters, 2, err);
}

bool irsa_iam_tag_role(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role, struct irsa_pairs tags,
                       struct irsa_error *err) {
    struct irsa_query query;
    const struct irsa_xml *result;
    if (!irsa_iam_begin(&query, iam, attempt, "TagRole", err))
        return false;
    irsa_query_add(&query, "RoleName", role);
    irsa_query_add_pairs(&query, "Tags", tags);
    return irsa_query_send(&query, iam.aws, attempt, &result, err);
}

bool irsa_iam_untag_role(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role, struct irsa_strings keys,
                         struct irsa_error *err) {
    struct irsa_query query;
    const struct irsa_xml *result;
    if (!irsa_iam_begin(&query, iam, attempt, "UntagRole", err))
        return false;
    irsa_query_add(&query, "RoleName", role);
    irsa_query_add_list(&query, "TagKeys", keys);
    return irsa_query_send(&query, iam.aws, attempt, &result, err);
}

bool irsa_iam_list_instance_profiles(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role,
                                     struct irsa_strings *out_names, struct irsa_error *err) {
    return irsa_iam_list(iam, attempt, "ListInstanceProfilesForRole", role, "InstanceProfiles", "InstanceProfileName",
                         out_names, err);
}

bool irsa_iam_list_attached(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role,
                            struct irsa_strings *out_arns, struct irsa_error *err) {
    return irsa_iam_list(iam, attempt, "ListAttachedRolePolicies", role, "AttachedPolicies", "PolicyArn", out_arns,
                         err);
}

bool irsa_iam_attach_policy(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role, const char *policy_arn,
                            struct irsa_error *err) {
    const struct irsa_iam_parameter parameters[] = {{"RoleName", role}, {"PolicyArn", policy_arn}};
    return irsa_iam_do(iam, attempt, "AttachRolePolicy", parameters, 2, err);
}

bool irsa_iam_detach_policy(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role, const char *policy_arn,
                            struct irsa_error *err) {
    const struct irsa_iam_parameter parameters[] = {{"RoleName", role}, {"PolicyArn", policy_arn}};
    return irsa_iam_do(iam, attempt, "DetachRolePolicy", parameters, 2, err);
}

bool irsa_iam_list_inline(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role,
                          struct irsa_strings *out_names, struct irsa_error *err) {
    return irsa_iam_list(iam, attempt, "ListRolePolicies", role, "PolicyNames", NULL, out_names, err);
}

bool irsa_iam_put_inline(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role, const char *policy_name,
                         const char *document, struct irsa_error *err) {
    const struct irsa_iam_parameter parameters[] = {
        {"RoleName", role}, {"PolicyName", policy_name}, {"PolicyDocument", document}};
    return irsa_iam_do(iam, attempt, "PutRolePolicy", parameters, 3, err);
}

bool irsa_iam_delete_inline(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role,
                            const char *policy_name, struct irsa_error *err) {
    const struct irsa_iam_parameter parameters[] = {{"RoleName", role}, {"PolicyName", policy_name}};
    return irsa_iam_do(iam, attempt, "DeleteRolePolicy", parameters, 2, err);
}

bool irsa_iam_get_inline(struct irsa_iam iam, struct irsa_attempt *attempt, const char *role, const char *policy_name,
                         const char **out_document, struct irsa_error *err) {
    struct irsa_query query;
    const struct irsa_xml *result;
    if (!irsa_iam_begin(&query, iam, attempt, "GetRolePolicy", err))
        return false;
    irsa_query_add(&query, "RoleName", role);
    irsa_query_add(&query, "PolicyName", policy_name);
    if (!irsa_query_send(&query, iam.aws, attempt, &result, err))
        return false;
    const char *document = decode_document(attempt->arena, irsa_xml_get_text(result, "PolicyDocument"));
    if (document == NULL)
        return irsa_iam_fail_form(err, query.action, "policy document");
    *out_document = document;
    return true;
}
