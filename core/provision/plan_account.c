/*
 * The service account's part of a plan: one server-side apply of all that is ours, if anything differs.
 */
#include <string.h>

#include "core/base/text.h"
#include "core/provision/plan_parts.h"

#define OWN_LABELS      1 /* managed-by */
#define OWN_ANNOTATIONS 3 /* role-arn, request, created */

/* What is to be applied as one kind of field: labels or annotations. */
struct field_set {
    struct irsa_pair *at;
    size_t count;
    bool is_label;
};

static void add(struct field_set *set, const char *key, const char *value) {
    set->at[set->count++] = (struct irsa_pair){key, value};
}

static struct irsa_pairs as_pairs(const struct field_set *set) {
    return (struct irsa_pairs){.at = set->at, .count = set->count};
}

static const char *set_value(const struct field_set *set, const char *key) {
    return irsa_pairs_find(as_pairs(set), key);
}

static bool is_own_key(const char *key) {
    static const char *const OWN[] = {IRSA_LABEL_MANAGED_BY, IRSA_ANNOTATION_ROLE, IRSA_TAG_REQUEST,
                                      IRSA_ANNOTATION_CREATED};
    for (size_t i = 0; i < sizeof OWN / sizeof *OWN; i++)
        if (strcmp(OWN[i], key) == 0)
            return true;
    return false;
}

/* The request's fields; or, when it does not speak of them, those that we applied earlier. */
static void add_users_fields(struct field_set *set, const struct irsa_planning *planning, unsigned aspect,
                             struct irsa_pairs wanted, struct irsa_pairs found) {
    if (planning->desired->aspects & aspect) {
        for (size_t i = 0; i < wanted.count; i++)
            add(set, wanted.at[i].key, wanted.at[i].value);
        return;
    }
    const struct irsa_kube_account *account = &planning->observed->account;
    for (size_t i = 0; i < found.count; i++)
        if (!is_own_key(found.at[i].key) && irsa_kube_owns(account, IRSA_FIELD_MANAGER, set->is_label, found.at[i].key))
            add(set, found.at[i].key, found.at[i].value);
}

static bool is_created_by_us(const struct irsa_planning *planning) {
    return planning->observed->account_presence != IRSA_PRESENT ||
           irsa_judge_account(&planning->observed->account) == IRSA_ACCOUNT_CREATED;
}

static struct field_set wanted_labels(struct irsa_arena *arena, const struct irsa_planning *planning) {
    const struct irsa_pairs found = planning->observed->account.labels;
    struct field_set set = {.is_label = true};
    set.at = IRSA_NEW_ARRAY(arena, struct irsa_pair, planning->desired->labels.count + found.count + OWN_LABELS);
    if (is_created_by_us(planning))
        add(&set, IRSA_LABEL_MANAGED_BY, IRSA_MANAGED_BY);
    add_users_fields(&set, planning, IRSA_ASPECT_LABELS, planning->desired->labels, found);
    return set;
}

static struct field_set wanted_annotations(struct irsa_arena *arena, const struct irsa_planning *planning) {
    const struct irsa_pairs found = planning->observed->account.annotations;
    struct field_set set = {.is_label = false};
    set.at =
        IRSA_NEW_ARRAY(arena, struct irsa_pair, planning->desired->annotations.count + found.count + OWN_ANNOTATIONS);
    add(&set, IRSA_ANNOTATION_ROLE, planning->desired->role_arn);
    if (is_created_by_us(planning))
        add(&set, IRSA_ANNOTATION_CREATED, "true");
    add_users_fields(&set, planning, IRSA_ASPECT_ANNOTATIONS, planning->desired->annotations, found);
    return set;
}

/* Is a wanted field missing or other, or one of ours no longer wanted? The mark never counts. */
static bool differs(const struct field_set *wanted, struct irsa_pairs found, const struct irsa_kube_account *account) {
    for (size_t i = 0; i < wanted->count; i++)
        if (!irsa_text_equal(irsa_pairs_find(found, wanted->at[i].key), wanted->at[i].value))
            return true;
    for (size_t i = 0; i < found.count; i++)
        if (strcmp(found.at[i].key, IRSA_TAG_REQUEST) != 0 && set_value(wanted, found.at[i].key) == NULL &&
            irsa_kube_owns(account, IRSA_FIELD_MANAGER, wanted->is_label, found.at[i].key))
            return true;
    return false;
}

void irsa_plan_account(struct irsa_plan *plan, struct irsa_arena *arena, const struct irsa_planning *planning) {
    const struct irsa_desired *desired = planning->desired;
    const struct irsa_kube_account *account = &planning->observed->account;
    bool is_present = planning->observed->account_presence == IRSA_PRESENT;
    struct field_set labels = wanted_labels(arena, planning);
    struct field_set annotations = wanted_annotations(arena, planning);
    if (is_present && !differs(&labels, account->labels, account) &&
        !differs(&annotations, account->annotations, account))
        return;
    add(&annotations, IRSA_TAG_REQUEST, desired->mark);
    struct irsa_plan_step *step = irsa_plan_add(plan, IRSA_STEP_APPLY_ACCOUNT, desired->service_account);
    step->apply = (struct irsa_kube_apply){
        .name = desired->name,
        .namespace_name = desired->namespace_name,
        .uid = is_present ? account->uid : NULL,
        .resource_version = is_present ? account->resource_version : "1",
        .labels = as_pairs(&labels),
        .annotations = as_pairs(&annotations),
        .force = is_present && planning->options->override_existing_service_accounts,
    };
    step->wants_restart = is_present && !irsa_text_equal(planning->observed->annotated_role_arn, desired->role_arn);
}
