/*
 * Judging roles by their tags and service accounts by label and field manager.
 */
#include "core/provision/ownership.h"

#include <string.h>

#include "core/base/text.h"

#define EKSCTL_ROLE_PREFIX "eksctl-"
#define EKSCTL_TAG         "alpha.eksctl.io/iamserviceaccount-name"
#define EKSCTL_LABEL_VALUE "eksctl"

static bool tag_agrees(const struct irsa_iam_role *role, const struct irsa_desired *desired, const char *key) {
    const char *found = irsa_pairs_find(role->tags, key);
    return found != NULL && strcmp(found, irsa_pairs_find(desired->ownership_tags, key)) == 0;
}

static bool tag_contradicts(const struct irsa_iam_role *role, const struct irsa_desired *desired, const char *key) {
    return irsa_pairs_find(role->tags, key) != NULL && !tag_agrees(role, desired, key);
}

/* One lost tag does not make a role a stranger, a contradicting one does. */
enum irsa_role_owner irsa_judge_role(const struct irsa_iam_role *role, const struct irsa_desired *desired) {
    if (irsa_text_starts_with(role->path, "/aws-service-role/") || irsa_text_starts_with(role->path, "/aws-reserved/"))
        return IRSA_ROLE_SERVICE;
    bool has_cluster = irsa_pairs_find(role->tags, IRSA_TAG_CLUSTER) != NULL;
    bool has_account = irsa_pairs_find(role->tags, IRSA_TAG_SERVICE_ACCOUNT) != NULL;
    if (tag_contradicts(role, desired, IRSA_TAG_OWNER))
        return IRSA_ROLE_OTHER_OWNER;
    if (has_cluster || has_account)
        return tag_contradicts(role, desired, IRSA_TAG_CLUSTER) ||
                       tag_contradicts(role, desired, IRSA_TAG_SERVICE_ACCOUNT)
                   ? IRSA_ROLE_OURS_ELSEWHERE
                   : IRSA_ROLE_OURS;
    if (irsa_pairs_find(role->tags, EKSCTL_TAG) != NULL || irsa_text_starts_with(role->name, EKSCTL_ROLE_PREFIX))
        return IRSA_ROLE_EKSCTL;
    return IRSA_ROLE_FOREIGN;
}

enum irsa_account_owner irsa_judge_account(const struct irsa_kube_account *account) {
    const char *managed_by = irsa_pairs_find(account->labels, IRSA_LABEL_MANAGED_BY);
    bool is_annotated = irsa_kube_owns(account, IRSA_FIELD_MANAGER, false, IRSA_ANNOTATION_ROLE);
    if (irsa_text_equal(managed_by, IRSA_MANAGED_BY))
        return IRSA_ACCOUNT_CREATED;
    if (irsa_kube_owns(account, IRSA_FIELD_MANAGER, false, IRSA_ANNOTATION_CREATED))
        return IRSA_ACCOUNT_CREATED;
    if (is_annotated)
        return IRSA_ACCOUNT_ANNOTATED;
    return irsa_text_equal(managed_by, EKSCTL_LABEL_VALUE) ? IRSA_ACCOUNT_EKSCTL : IRSA_ACCOUNT_FOREIGN;
}

bool irsa_role_is_offered(const struct irsa_iam_role *role, const struct irsa_desired *desired) {
    const char *offer = irsa_pairs_find(role->tags, IRSA_TAG_ADOPT);
    const char *cluster = irsa_pairs_find(desired->ownership_tags, IRSA_TAG_CLUSTER);
    size_t length = strlen(cluster);
    return offer != NULL && strncmp(offer, cluster, length) == 0 && offer[length] == '/' &&
           strcmp(offer + length + 1, desired->service_account) == 0;
}

static bool refuse_role(const struct irsa_iam_role *role, const struct irsa_desired *desired,
                        enum irsa_role_owner owner, struct irsa_error *err) {
    const char *cluster = irsa_pairs_find(role->tags, IRSA_TAG_CLUSTER);
    const char *account = irsa_pairs_find(role->tags, IRSA_TAG_SERVICE_ACCOUNT);
    switch (owner) {
    case IRSA_ROLE_OURS:
        return true;
    case IRSA_ROLE_OURS_ELSEWHERE:
        return IRSA_FAIL(err, CONFLICT,
                         "role %s belongs to service account %s of cluster %s: give this one another roleName",
                         role->name, account != NULL ? account : "(unknown)", cluster != NULL ? cluster : "(unknown)");
    case IRSA_ROLE_OTHER_OWNER:
        return IRSA_FAIL(err, CONFLICT,
                         "role %s has the tag " IRSA_TAG_OWNER " = %s: another installation of irsa owns it",
                         role->name, irsa_pairs_find(role->tags, IRSA_TAG_OWNER));
    case IRSA_ROLE_EKSCTL:
        return IRSA_FAIL(err, CONFLICT,
                         "role %s was made by eksctl: delete it there (eksctl delete iamserviceaccount), or leave this "
                         "service account to eksctl",
                         role->name);
    case IRSA_ROLE_SERVICE:
        return IRSA_FAIL(err, CONFLICT, "role %s%s is managed by an AWS service and cannot be used", role->path,
                         role->name);
    case IRSA_ROLE_FOREIGN:
        return IRSA_FAIL(
            err, CONFLICT,
            "role %s exists and was made by others: choose another roleName, or let its owner tag it " IRSA_TAG_ADOPT
            " = %s/%s and ask with adopt",
            role->name, irsa_pairs_find(desired->ownership_tags, IRSA_TAG_CLUSTER), desired->service_account);
    }
    return IRSA_FAIL(err, INTERNAL, "role %s has no judged owner", role->name);
}

bool irsa_require_role(const struct irsa_iam_role *role, const struct irsa_desired *desired, bool adopt,
                       struct irsa_error *err) {
    enum irsa_role_owner owner = irsa_judge_role(role, desired);
    bool may_be_adopted = owner == IRSA_ROLE_FOREIGN || owner == IRSA_ROLE_EKSCTL;
    if (adopt && may_be_adopted && irsa_role_is_offered(role, desired))
        return true;
    return refuse_role(role, desired, owner, err);
}

bool irsa_require_account(const struct irsa_kube_account *account, bool override, struct irsa_error *err) {
    enum irsa_account_owner owner = irsa_judge_account(account);
    if (owner == IRSA_ACCOUNT_CREATED || owner == IRSA_ACCOUNT_ANNOTATED || override)
        return true;
    if (owner == IRSA_ACCOUNT_EKSCTL)
        return IRSA_FAIL(
            err, CONFLICT,
            "service account %s/%s was made by eksctl: delete it there (eksctl delete iamserviceaccount), or "
            "take its annotation over with overrideExistingServiceAccounts",
            account->namespace_name, account->name);
    return IRSA_FAIL(err, CONFLICT,
                     "service account %s/%s exists and was made by others: annotate it with "
                     "overrideExistingServiceAccounts, or choose another name",
                     account->namespace_name, account->name);
}

static bool require_kind(const struct irsa_kube_account *account, struct irsa_pairs wanted, bool is_label,
                         struct irsa_error *err) {
    const struct irsa_pairs found = is_label ? account->labels : account->annotations;
    for (size_t i = 0; i < wanted.count; i++) {
        const struct irsa_pair *field = &wanted.at[i];
        const char *holder = irsa_kube_other_owner(account, IRSA_FIELD_MANAGER, is_label, field->key);
        if (holder == NULL || irsa_text_equal(irsa_pairs_find(found, field->key), field->value))
            continue;
        return IRSA_FAIL(err, CONFLICT,
                         "%s %s of service account %s/%s is held by the field manager %s: take it over with "
                         "overrideExistingServiceAccounts, or have it removed there",
                         is_label ? "label" : "annotation", field->key, account->namespace_name, account->name, holder);
    }
    return true;
}

bool irsa_require_fields(const struct irsa_kube_account *account, const struct irsa_kube_apply *apply,
                         struct irsa_error *err) {
    return apply->force ||
           (require_kind(account, apply->labels, true, err) && require_kind(account, apply->annotations, false, err));
}

static const char *newer_mark(struct irsa_arena *arena, const char *text, const struct irsa_mark *mark) {
    struct irsa_mark found;
    if (text == NULL || !irsa_mark_parse(arena, text, &found))
        return NULL;
    return irsa_mark_is_older(mark, &found) ? text : NULL;
}

/* The role's, as it is observed and as this process has just written it. */
static const char *newer_mark_of_role(struct irsa_arena *arena, const struct irsa_observed *observed,
                                      const struct irsa_mark *mark) {
    const struct irsa_pairs *written = &observed->recent[IRSA_WRITTEN_TAG];
    const char *newer = newer_mark(arena, irsa_pairs_find(observed->role.tags, IRSA_TAG_REQUEST), mark);
    for (size_t i = 0; newer == NULL && i < written->count; i++)
        if (strcmp(written->at[i].key, IRSA_TAG_REQUEST) == 0)
            newer = newer_mark(arena, written->at[i].value, mark);
    return newer;
}

const char *irsa_superseded_by(struct irsa_arena *arena, const struct irsa_observed *observed,
                               const struct irsa_mark *mark) {
    const char *newer = NULL;
    if (observed->role_presence == IRSA_PRESENT)
        newer = newer_mark_of_role(arena, observed, mark);
    if (newer == NULL && observed->account_presence == IRSA_PRESENT)
        newer = newer_mark(arena, irsa_pairs_find(observed->account.annotations, IRSA_TAG_REQUEST), mark);
    return newer;
}
