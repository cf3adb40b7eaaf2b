/*
 * Roles: create, read, list, change, delete.
 */
#include <string.h>

#include "core/base/arena.h"
#include "sandbox/iam/document.h"
#include "sandbox/iam/iam.h"
#include "sandbox/inside.h"
#include "sandbox/xml.h"

#define SERVICE_LINKED "/aws-service-role/"
#define RESERVED       "/aws-reserved/"

static const char *key_of(struct irsa_sandbox_iam *iam, const char *name) {
    return irsa_sandbox_lower_case(iam->arena, name);
}

static bool fail_absent(struct irsa_sandbox_iam *iam, const char *name) {
    return irsa_sandbox_iam_fail(iam, "NoSuchEntity", "The role with name %s cannot be found.", name);
}

const struct irsa_sandbox_role *irsa_sandbox_iam_role(struct irsa_sandbox_iam *iam) {
    const char *name = irsa_sandbox_iam_get(iam, "RoleName");
    const struct irsa_sandbox_role *role = irsa_sandbox_shelf_seen(iam->account->roles, key_of(iam, name), iam->moment);
    if (role == NULL)
        fail_absent(iam, name);
    return role;
}

const struct irsa_sandbox_role *irsa_sandbox_iam_role_to_change(struct irsa_sandbox_iam *iam) {
    const char *name = irsa_sandbox_iam_get(iam, "RoleName");
    const struct irsa_sandbox_role *seen = irsa_sandbox_iam_role(iam);
    const struct irsa_sandbox_role *role = irsa_sandbox_shelf_now(iam->account->roles, key_of(iam, name));
    if (seen == NULL)
        return NULL;
    if (role == NULL) {
        fail_absent(iam, name);
        return NULL;
    }
    if (irsa_text_starts_with(role->path, SERVICE_LINKED) || irsa_text_starts_with(role->path, RESERVED)) {
        irsa_sandbox_iam_fail(
            iam, "UnmodifiableEntity",
            "Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS",
            role->name);
        return NULL;
    }
    return role;
}

struct irsa_sandbox_role *irsa_sandbox_iam_edit(struct irsa_sandbox_iam *iam, const struct irsa_sandbox_role *role) {
    return irsa_sandbox_shelf_edit(iam->account->roles, key_of(iam, role->name), iam->moment);
}

static bool check_trust(struct irsa_sandbox_iam *iam, const char *document) {
    const struct irsa_sandbox_document_place place = irsa_sandbox_iam_place(iam);
    int64_t most = iam->call->sandbox->model.quotas.trust_length;
    const char *fault = irsa_sandbox_trust_fault(&place, document);
    if (fault != NULL)
        return irsa_sandbox_iam_fail(iam, "MalformedPolicyDocument", "%s", fault);
    if ((int64_t)strlen(document) > most)
        return irsa_sandbox_iam_fail(iam, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: %lld",
                                     (long long)most);
    return true;
}

static bool check_boundary(struct irsa_sandbox_iam *iam, const char *arn) {
    if (arn == NULL || irsa_sandbox_iam_has_policy(iam, arn))
        return true;
    return irsa_sandbox_iam_fail(iam, "NoSuchEntity", "Scope ARN: %s does not exist or is not attachable.", arn);
}

static void write_boundary(struct irsa_sandbox_iam *iam, const char *arn) {
    if (arn == NULL)
        return;
    irsa_sandbox_xml_open(&iam->out, "PermissionsBoundary");
    irsa_sandbox_xml_text(&iam->out, "PermissionsBoundaryType", "PermissionsBoundaryPolicy");
    irsa_sandbox_xml_text(&iam->out, "PermissionsBoundaryArn", arn);
    irsa_sandbox_xml_close(&iam->out, "PermissionsBoundary");
}

/* What lists and single answers have in common. */
static void write_core(struct irsa_sandbox_iam *iam, const struct irsa_sandbox_role *role) {
    irsa_sandbox_xml_text(&iam->out, "Path", role->path);
    irsa_sandbox_xml_text(&iam->out, "RoleName", role->name);
    irsa_sandbox_xml_text(&iam->out, "RoleId", role->id);
    irsa_sandbox_xml_text(&iam->out, "Arn", role->arn);
    irsa_sandbox_xml_time(&iam->out, "CreateDate", role->created_ms);
    irsa_sandbox_xml_document(&iam->out, "AssumeRolePolicyDocument", role->trust);
    irsa_sandbox_xml_text(&iam->out, "Description", role->description);
    irsa_sandbox_xml_integer(&iam->out, "MaxSessionDuration", role->max_session_s);
}

static void write_role(struct irsa_sandbox_iam *iam, const struct irsa_sandbox_role *role) {
    irsa_sandbox_xml_open(&iam->out, "Role");
    write_core(iam, role);
    write_boundary(iam, role->boundary);
    if (role->tags.count > 0)
        irsa_sandbox_iam_write_tags(iam, &role->tags);
    irsa_sandbox_xml_close(&iam->out, "Role");
}

static bool check_room(struct irsa_sandbox_iam *iam) {
    int64_t most = iam->call->sandbox->model.quotas.roles_per_account;
    if ((int64_t)irsa_sandbox_shelf_count(iam->account->roles) < most)
        return true;
    return irsa_sandbox_iam_fail(iam, "LimitExceeded", "Cannot exceed quota for RolesPerAccount: %lld",
                                 (long long)most);
}

static struct irsa_sandbox_role *make_role(struct irsa_sandbox_iam *iam, const char *name, const char *path) {
    struct irsa_sandbox_role *role = irsa_sandbox_role_new();
    const char *session = irsa_sandbox_iam_get(iam, "MaxSessionDuration");
    irsa_sandbox_set_text(&role->name, name);
    irsa_sandbox_set_text(&role->path, path);
    irsa_sandbox_set_text(&role->arn, irsa_sandbox_iam_arn(iam, "role", path, name));
    irsa_sandbox_set_text(&role->description, irsa_sandbox_iam_get(iam, "Description"));
    irsa_sandbox_set_text(&role->trust, irsa_sandbox_iam_get(iam, "AssumeRolePolicyDocument"));
    irsa_sandbox_set_text(&role->boundary, irsa_sandbox_iam_get(iam, "PermissionsBoundary"));
    role->id = irsa_sandbox_unique_id("AROA");
    role->created_ms = iam->moment.now_ms;
    if (session != NULL && !irsa_text_to_integer(session, 3600, 43200, &role->max_session_s))
        role->max_session_s = 3600;
    return role;
}

static bool create(struct irsa_sandbox_iam *iam) {
    const char *name = irsa_sandbox_iam_get(iam, "RoleName");
    const char *path = irsa_sandbox_iam_get(iam, "Path");
    struct irsa_sandbox_bag tags = {0};
    if (!irsa_sandbox_iam_read_tags(iam, &tags)) {
        irsa_sandbox_bag_done(&tags);
        return false;
    }
    bool is_good = check_trust(iam, irsa_sandbox_iam_get(iam, "AssumeRolePolicyDocument")) &&
                   check_boundary(iam, irsa_sandbox_iam_get(iam, "PermissionsBoundary"));
    if (is_good && irsa_sandbox_shelf_now(iam->account->roles, key_of(iam, name)) != NULL)
        is_good = irsa_sandbox_iam_fail(iam, "EntityAlreadyExists", "Role with name %s already exists.", name);
    if (!is_good || !check_room(iam)) {
        irsa_sandbox_bag_done(&tags);
        return false;
    }
    struct irsa_sandbox_role *role = make_role(iam, name, path == NULL ? "/" : path);
    role->tags = tags;
    irsa_sandbox_shelf_put(iam->account->roles, key_of(iam, name), role, iam->moment);
    write_role(iam, role);
    return true;
}

static bool get(struct irsa_sandbox_iam *iam) {
    const struct irsa_sandbox_role *role = irsa_sandbox_iam_role(iam);
    if (role == NULL)
        return false;
    write_role(iam, role);
    return true;
}

/* Readers of the lists may still see what was detached a moment ago; then the role is not free to go either. */
static bool check_free(struct irsa_sandbox_iam *iam, const struct irsa_sandbox_role *role) {
    const void *const *profiles;
    size_t count = irsa_sandbox_shelf_list(iam->account->profiles, iam->arena,
                                           (struct irsa_sandbox_moment){.now_ms = iam->moment.now_ms}, &profiles);
    for (size_t i = 0; i < count; i++) {
        const struct irsa_sandbox_profile *profile = profiles[i];
        if (profile->role != NULL && irsa_text_equal_ignoring_case(profile->role, role->name))
            return irsa_sandbox_iam_fail(iam, "DeleteConflict",
                                         "Cannot delete entity, must remove roles from instance profile first.");
    }
    if (role->attached.count > 0)
        return irsa_sandbox_iam_fail(iam, "DeleteConflict", "Cannot delete entity, must detach all policies first.");
    if (role->inlines.count > 0)
        return irsa_sandbox_iam_fail(iam, "DeleteConflict", "Cannot delete entity, must delete policies first.");
    return true;
}

static bool delete (struct irsa_sandbox_iam *iam) {
    const struct irsa_sandbox_role *seen = irsa_sandbox_iam_role(iam);
    const struct irsa_sandbox_role *role = seen == NULL ? NULL : irsa_sandbox_iam_role_to_change(iam);
    if (role == NULL || !check_free(iam, role) || !check_free(iam, seen))
        return false;
    irsa_sandbox_shelf_remove(iam->account->roles, key_of(iam, irsa_sandbox_iam_get(iam, "RoleName")), iam->moment);
    return true;
}

static bool list(struct irsa_sandbox_iam *iam) {
    const char *prefix = irsa_sandbox_iam_get(iam, "PathPrefix");
    const void *const *all;
    size_t total = irsa_sandbox_shelf_list(iam->account->roles, iam->arena, iam->moment, &all);
    const struct irsa_sandbox_role **roles = IRSA_NEW_ARRAY(iam->arena, const struct irsa_sandbox_role *, total);
    const char **keys = IRSA_NEW_ARRAY(iam->arena, const char *, total);
    size_t count = 0;
    for (size_t i = 0; i < total; i++) {
        const struct irsa_sandbox_role *role = all[i];
        if (prefix != NULL && !irsa_text_starts_with(role->path, prefix))
            continue;
        roles[count] = role;
        keys[count++] = key_of(iam, role->name);
    }
    struct irsa_sandbox_iam_page page;
    if (!irsa_sandbox_iam_begin_page(iam, keys, count, &page))
        return false;
    irsa_sandbox_xml_open(&iam->out, "Roles");
    for (size_t i = page.first; i < page.end; i++) {
        irsa_sandbox_xml_open(&iam->out, "member");
        write_core(iam, roles[i]);
        irsa_sandbox_xml_close(&iam->out, "member");
    }
    irsa_sandbox_xml_close(&iam->out, "Roles");
    irsa_sandbox_iam_end_page(iam, &page);
    return true;
}

static bool update_trust(struct irsa_sandbox_iam *iam) {
    const char *document = irsa_sandbox_iam_get(iam, "PolicyDocument");
    const struct irsa_sandbox_role *role = irsa_sandbox_iam_role_to_change(iam);
    if (role == NULL || !check_trust(iam, document))
        return false;
    irsa_sandbox_set_text(&irsa_sandbox_iam_edit(iam, role)->trust, document);
    return true;
}

static bool put_boundary(struct irsa_sandbox_iam *iam) {
    const char *arn = irsa_sandbox_iam_get(iam, "PermissionsBoundary");
    const struct irsa_sandbox_role *role = irsa_sandbox_iam_role_to_change(iam);
    if (role == NULL || !check_boundary(iam, arn))
        return false;
    irsa_sandbox_set_text(&irsa_sandbox_iam_edit(iam, role)->boundary, arn);
    return true;
}

static bool delete_boundary(struct irsa_sandbox_iam *iam) {
    const struct irsa_sandbox_role *role = irsa_sandbox_iam_role_to_change(iam);
    if (role == NULL)
        return false;
    if (role->boundary == NULL)
        return irsa_sandbox_iam_fail(iam, "NoSuchEntity", "The role with name %s has no permissions boundary.",
                                     role->name);
    irsa_sandbox_set_text(&irsa_sandbox_iam_edit(iam, role)->boundary, NULL);
    return true;
}

/* clang-format off */
#define DOCUMENT(name)  {name, true, IRSA_SANDBOX_RULE_ANY, 1, 131072}
#define BOUNDARY(need)  {"PermissionsBoundary", need, IRSA_SANDBOX_RULE_ANY, 20, 2048}

static const struct irsa_sandbox_iam_action actions[] = {
    {"CreateRole", create, true, true,
     {IRSA_SANDBOX_ROLE_NAME, {"Path", false, IRSA_SANDBOX_RULE_PATH, 1, 512}, DOCUMENT("AssumeRolePolicyDocument"),
      IRSA_SANDBOX_DESCRIPTION, BOUNDARY(false),
      {"MaxSessionDuration", false, IRSA_SANDBOX_RULE_INTEGER, 3600, 43200}}},
    {"GetRole", get, false, true, {IRSA_SANDBOX_ROLE_NAME}},
    {"DeleteRole", delete, true, false, {IRSA_SANDBOX_ROLE_NAME}},
    {"ListRoles", list, false, true,
     {{"PathPrefix", false, IRSA_SANDBOX_RULE_PREFIX, 1, 512}, IRSA_SANDBOX_MARKER, IRSA_SANDBOX_MAX_ITEMS}},
    {"UpdateAssumeRolePolicy", update_trust, true, false, {IRSA_SANDBOX_ROLE_NAME, DOCUMENT("PolicyDocument")}},
    {"PutRolePermissionsBoundary", put_boundary, true, false, {IRSA_SANDBOX_ROLE_NAME, BOUNDARY(true)}},
    {"DeleteRolePermissionsBoundary", delete_boundary, true, false, {IRSA_SANDBOX_ROLE_NAME}},
};
/* clang-format on */

const struct irsa_sandbox_iam_group irsa_sandbox_iam_roles = {actions, sizeof(actions) / sizeof(actions[0])};
