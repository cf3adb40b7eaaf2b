/*
 * Instance profiles: as much as it takes to find a role in one.
 */
#include <string.h>

#include "core/base/arena.h"
#include "sandbox/iam/iam.h"
#include "sandbox/inside.h"
#include "sandbox/xml.h"

static const char *key_of(struct irsa_sandbox_iam *iam) {
    return irsa_sandbox_lower_case(iam->arena, irsa_sandbox_iam_get(iam, "InstanceProfileName"));
}

static const struct irsa_sandbox_profile *find(struct irsa_sandbox_iam *iam) {
    const struct irsa_sandbox_profile *profile = irsa_sandbox_shelf_now(iam->account->profiles, key_of(iam));
    if (profile == NULL)
        irsa_sandbox_iam_fail(iam, "NoSuchEntity", "Instance Profile %s cannot be found.",
                              irsa_sandbox_iam_get(iam, "InstanceProfileName"));
    return profile;
}

static void write_members(struct irsa_sandbox_iam *iam, const struct irsa_sandbox_profile *profile) {
    irsa_sandbox_xml_text(&iam->out, "Path", profile->path);
    irsa_sandbox_xml_text(&iam->out, "InstanceProfileName", profile->name);
    irsa_sandbox_xml_text(&iam->out, "InstanceProfileId", profile->id);
    irsa_sandbox_xml_text(&iam->out, "Arn", profile->arn);
    irsa_sandbox_xml_time(&iam->out, "CreateDate", profile->created_ms);
    irsa_sandbox_xml_open(&iam->out, "Roles");
    const struct irsa_sandbox_role *role =
        profile->role == NULL
            ? NULL
            : irsa_sandbox_shelf_now(iam->account->roles, irsa_sandbox_lower_case(iam->arena, profile->role));
    if (role != NULL) {
        irsa_sandbox_xml_open(&iam->out, "member");
        irsa_sandbox_xml_text(&iam->out, "Path", role->path);
        irsa_sandbox_xml_text(&iam->out, "RoleName", role->name);
        irsa_sandbox_xml_text(&iam->out, "RoleId", role->id);
        irsa_sandbox_xml_text(&iam->out, "Arn", role->arn);
        irsa_sandbox_xml_time(&iam->out, "CreateDate", role->created_ms);
        irsa_sandbox_xml_close(&iam->out, "member");
    }
    irsa_sandbox_xml_close(&iam->out, "Roles");
}

static bool create(struct irsa_sandbox_iam *iam) {
    const char *name = irsa_sandbox_iam_get(iam, "InstanceProfileName");
    const char *path = irsa_sandbox_iam_get(iam, "Path");
    int64_t most = iam->call->sandbox->model.quotas.profiles;
    if (irsa_sandbox_shelf_now(iam->account->profiles, key_of(iam)) != NULL)
        return irsa_sandbox_iam_fail(iam, "EntityAlreadyExists", "Instance Profile %s already exists.", name);
    if ((int64_t)irsa_sandbox_shelf_count(iam->account->profiles) >= most)
        return irsa_sandbox_iam_fail(iam, "LimitExceeded", "Cannot exceed quota for InstanceProfilesPerAccount: %lld",
                                     (long long)most);
    struct irsa_sandbox_profile *profile = irsa_sandbox_profile_new();
    irsa_sandbox_set_text(&profile->name, name);
    irsa_sandbox_set_text(&profile->path, path == NULL ? "/" : path);
    irsa_sandbox_set_text(&profile->arn, irsa_sandbox_iam_arn(iam, "instance-profile", profile->path, name));
    profile->id = irsa_sandbox_unique_id("AIPA");
    profile->created_ms = iam->moment.now_ms;
    irsa_sandbox_shelf_put(iam->account->profiles, key_of(iam), profile, iam->moment);
    irsa_sandbox_xml_open(&iam->out, "InstanceProfile");
    write_members(iam, profile);
    irsa_sandbox_xml_close(&iam->out, "InstanceProfile");
    return true;
}

static bool delete (struct irsa_sandbox_iam *iam) {
    const struct irsa_sandbox_profile *profile = find(iam);
    if (profile == NULL)
        return false;
    if (profile->role != NULL)
        return irsa_sandbox_iam_fail(iam, "DeleteConflict",
                                     "Cannot delete entity, must remove roles from instance profile first.");
    irsa_sandbox_shelf_remove(iam->account->profiles, key_of(iam), iam->moment);
    return true;
}

static bool add_role(struct irsa_sandbox_iam *iam) {
    const struct irsa_sandbox_profile *profile = find(iam);
    const struct irsa_sandbox_role *role = profile == NULL ? NULL : irsa_sandbox_iam_role_to_change(iam);
    if (role == NULL)
        return false;
    if (profile->role != NULL)
        return irsa_sandbox_iam_fail(iam, "LimitExceeded",
                                     "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
    struct irsa_sandbox_profile *changed = irsa_sandbox_shelf_edit(iam->account->profiles, key_of(iam), iam->moment);
    irsa_sandbox_set_text(&changed->role, role->name);
    return true;
}

static bool remove_role(struct irsa_sandbox_iam *iam) {
    const struct irsa_sandbox_profile *profile = find(iam);
    if (profile == NULL)
        return false;
    const char *name = irsa_sandbox_iam_get(iam, "RoleName");
    if (profile->role == NULL || !irsa_text_equal_ignoring_case(profile->role, name))
        return irsa_sandbox_iam_fail(iam, "NoSuchEntity", "The role with name %s cannot be found.", name);
    struct irsa_sandbox_profile *changed = irsa_sandbox_shelf_edit(iam->account->profiles, key_of(iam), iam->moment);
    irsa_sandbox_set_text(&changed->role, NULL);
    return true;
}

static bool list_for_role(struct irsa_sandbox_iam *iam) {
    const struct irsa_sandbox_role *role = irsa_sandbox_iam_role(iam);
    const void *const *all;
    if (role == NULL)
        return false;
    size_t total = irsa_sandbox_shelf_list(iam->account->profiles, iam->arena, iam->moment, &all);
    const struct irsa_sandbox_profile **found = IRSA_NEW_ARRAY(iam->arena, const struct irsa_sandbox_profile *, total);
    const char **keys = IRSA_NEW_ARRAY(iam->arena, const char *, total);
    size_t count = 0;
    for (size_t i = 0; i < total; i++) {
        const struct irsa_sandbox_profile *profile = all[i];
        if (profile->role == NULL || !irsa_text_equal_ignoring_case(profile->role, role->name))
            continue;
        found[count] = profile;
        keys[count++] = irsa_sandbox_lower_case(iam->arena, profile->name);
    }
    struct irsa_sandbox_iam_page page;
    if (!irsa_sandbox_iam_begin_page(iam, keys, count, &page))
        return false;
    irsa_sandbox_xml_open(&iam->out, "InstanceProfiles");
    for (size_t i = page.first; i < page.end; i++) {
        irsa_sandbox_xml_open(&iam->out, "member");
        write_members(iam, found[i]);
        irsa_sandbox_xml_close(&iam->out, "member");
    }
    irsa_sandbox_xml_close(&iam->out, "InstanceProfiles");
    irsa_sandbox_iam_end_page(iam, &page);
    return true;
}

/* clang-format off */
#define NAME {"InstanceProfileName", true, IRSA_SANDBOX_RULE_NAME, 1, 128}

static const struct irsa_sandbox_iam_action actions[] = {
    {"CreateInstanceProfile", create, true, true, {NAME, {"Path", false, IRSA_SANDBOX_RULE_PATH, 1, 512}}},
    {"DeleteInstanceProfile", delete, true, false, {NAME}},
    {"AddRoleToInstanceProfile", add_role, true, false, {NAME, IRSA_SANDBOX_ROLE_NAME}},
    {"RemoveRoleFromInstanceProfile", remove_role, true, false, {NAME, IRSA_SANDBOX_ROLE_NAME}},
    {"ListInstanceProfilesForRole", list_for_role, false, true,
     {IRSA_SANDBOX_ROLE_NAME, IRSA_SANDBOX_MARKER, IRSA_SANDBOX_MAX_ITEMS}},
};
/* clang-format on */

const struct irsa_sandbox_iam_group irsa_sandbox_iam_profiles = {actions, sizeof(actions) / sizeof(actions[0])};
