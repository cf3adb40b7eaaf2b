/*
 * Looking at the world: the service account, its namespace, the role and its policies.
 */
#include "core/provision/observe.h"

#include <string.h>

#include "core/base/text.h"
#include "core/contract/names.h"
#include "core/provision/ownership.h"

#define FIRST_PAUSE_MS 200

bool irsa_observe_account(struct irsa_visit *visit, const struct irsa_desired *desired, struct irsa_observed *observed,
                          struct irsa_error *err) {
    if (irsa_kube_get_account(&visit->kube, visit->attempt, desired->namespace_name, desired->name, &observed->account,
                              err)) {
        observed->account_presence = IRSA_PRESENT;
        observed->annotated_role_arn = irsa_pairs_find(observed->account.annotations, IRSA_ANNOTATION_ROLE);
        return true;
    }
    if (err->code != IRSA_CODE_NOT_FOUND)
        return irsa_error_wrap(err, "service account %s", desired->service_account);
    observed->account_presence = IRSA_ABSENT;
    return true;
}

/* --- the role, which IAM may show as it was, or not yet --------------------------------------------------------------- */

struct sight {
    bool is_shown;
    bool is_past; /* what is shown is a role that this process has deleted */
    bool is_made; /* this process has made one within the last minute, and not deleted it */
};

static void add_to_sight(struct sight *sight, struct irsa_pairs written, const struct irsa_iam_role *shown) {
    for (size_t i = 0; i < written.count; i++) {
        bool is_gone = strcmp(written.at[i].value, IRSA_WRITTEN_GONE) == 0;
        sight->is_past = sight->is_past || (shown != NULL && is_gone && strcmp(written.at[i].key, shown->role_id) == 0);
        sight->is_made = sight->is_made || !is_gone;
    }
}

/* What is shown may be on another path than what was made after it: a role that others had made first. */
static struct sight sight_of(const struct irsa_visit *visit, const char *arn, const struct irsa_iam_role *shown) {
    struct irsa_recent *recent = irsa_visit_recent(visit);
    struct irsa_arena *arena = visit->attempt->arena;
    struct sight sight = {.is_shown = shown != NULL};
    add_to_sight(&sight, irsa_recent_list(recent, arena, arn, IRSA_WRITTEN_ROLE), shown);
    if (shown != NULL && strcmp(shown->arn, arn) != 0)
        add_to_sight(&sight, irsa_recent_list(recent, arena, shown->arn, IRSA_WRITTEN_ROLE), shown);
    return sight;
}

/* May IAM show more in a while? Who may make the role need not wait for a look: the making tells. */
static bool is_worth_waiting(const struct sight *sight, const struct irsa_desired *desired) {
    return sight->is_made && (sight->is_past || (!sight->is_shown && !desired->may_make_role));
}

static bool wait_for_iam(struct irsa_visit *visit, int64_t pause_ms) {
    const struct irsa_attempt *attempt = visit->attempt;
    if (visit->waited_ms + pause_ms > IRSA_PROPAGATION_MS ||
        irsa_clock_monotonic_ms(attempt->clock) + pause_ms > attempt->deadline_ms)
        return false;
    visit->waited_ms += pause_ms;
    return attempt->clock->sleep_ms(attempt->clock->self, pause_ms, attempt->cancel);
}

static bool get_role(struct irsa_visit *visit, const struct irsa_desired *desired, const char *arn,
                     struct irsa_observed *observed, struct irsa_error *err) {
    const char *name = irsa_arn_name(arn);
    struct sight sight;
    for (int64_t pause_ms = FIRST_PAUSE_MS;; pause_ms *= 2) {
        bool is_shown = irsa_iam_get_role(irsa_visit_iam(visit), visit->attempt, name, &observed->role, err);
        if (!is_shown && err->code != IRSA_CODE_NOT_FOUND)
            return irsa_error_wrap(err, "role %s", name);
        sight = sight_of(visit, arn, is_shown ? &observed->role : NULL);
        if (!is_worth_waiting(&sight, desired) || !wait_for_iam(visit, pause_ms))
            break;
    }
    if (sight.is_past && sight.is_made)
        return IRSA_FAIL(err, UNAVAILABLE, "role %s: IAM still shows the one before it, which was deleted", name);
    observed->role_presence = sight.is_shown && !sight.is_past ? IRSA_PRESENT : IRSA_ABSENT;
    return true;
}

/* The annotation's role, when it exists and its tags say that it is ours for this account. */
static bool find_annotated_role(struct irsa_visit *visit, const struct irsa_desired *desired,
                                struct irsa_observed *observed, struct irsa_error *err) {
    const char *arn = observed->annotated_role_arn;
    if (arn == NULL || irsa_rule_role_arn(arn) != NULL)
        return true;
    if (irsa_text_equal_ignoring_case(irsa_arn_name(arn), desired->role_name))
        return true; /* the name that is looked at anyway */
    if (!get_role(visit, desired, arn, observed, err))
        return false;
    observed->is_role_from_annotation =
        observed->role_presence == IRSA_PRESENT && irsa_judge_role(&observed->role, desired) == IRSA_ROLE_OURS;
    return true;
}

static bool list_policies(struct irsa_visit *visit, struct irsa_observed *observed, struct irsa_error *err) {
    struct irsa_iam iam = irsa_visit_iam(visit);
    struct irsa_strings names;
    if (!irsa_iam_list_attached(iam, visit->attempt, observed->role.name, &observed->attached, err) ||
        !irsa_iam_list_inline(iam, visit->attempt, observed->role.name, &names, err)) {
        observed->has_lost_role = err->code == IRSA_CODE_NOT_FOUND;
        return irsa_error_wrap(err, "policies of role %s", observed->role.name);
    }
    struct irsa_inline_policy *at = IRSA_NEW_ARRAY(visit->attempt->arena, struct irsa_inline_policy, names.count);
    for (size_t i = 0; i < names.count; i++)
        at[i].name = names.at[i];
    observed->inlines = (struct irsa_inline_policies){.at = at, .count = names.count};
    return true;
}

static bool is_desired_inline(const struct irsa_desired *desired, const char *name) {
    for (size_t i = 0; i < desired->inlines.count; i++)
        if (strcmp(desired->inlines.at[i].name, name) == 0)
            return true;
    return false;
}

/* Only documents that will be compared are read: each costs a call. */
static bool read_documents(struct irsa_visit *visit, const struct irsa_desired *desired, struct irsa_observed *observed,
                           struct irsa_error *err) {
    struct irsa_inline_policy *at =
        IRSA_NEW_ARRAY(visit->attempt->arena, struct irsa_inline_policy, observed->inlines.count);
    for (size_t i = 0; i < observed->inlines.count; i++) {
        at[i] = observed->inlines.at[i];
        if (!is_desired_inline(desired, at[i].name))
            continue;
        if (!irsa_iam_get_inline(irsa_visit_iam(visit), visit->attempt, observed->role.name, at[i].name,
                                 &at[i].document, err) &&
            err->code != IRSA_CODE_NOT_FOUND) /* it went meanwhile: the plan puts it back */
            return irsa_error_wrap(err, "inline policy %s of role %s", at[i].name, observed->role.name);
    }
    observed->inlines.at = at;
    return true;
}

bool irsa_observe_role(struct irsa_visit *visit, struct irsa_desired *desired, struct irsa_observed *observed,
                       struct irsa_error *err) {
    observed->is_role_from_annotation = false;
    if (!find_annotated_role(visit, desired, observed, err))
        return false;
    if (observed->is_role_from_annotation && desired->is_role_name_given)
        return IRSA_FAIL(
            err, CONFLICT,
            "service account %s has the role %s: its name cannot be changed to %s; delete the service account "
            "first, or leave roleName as it was",
            desired->service_account, observed->role.name, desired->role_name);
    if (!observed->is_role_from_annotation && !get_role(visit, desired, desired->role_arn, observed, err))
        return false;
    if (observed->role_presence != IRSA_PRESENT)
        return true;
    if (observed->is_role_from_annotation) /* of a later round it is the name that is looked for anyway */
        desired->is_role_name_annotated = true;
    desired->role_name = observed->role.name;
    desired->role_arn = observed->role.arn;
    for (int kind = 0; kind < IRSA_WRITTEN_KINDS; kind++)
        observed->recent[kind] = irsa_recent_list(irsa_visit_recent(visit), visit->attempt->arena, observed->role.arn,
                                                  (enum irsa_written)kind);
    return true;
}

bool irsa_observed_is_doubtful(const struct irsa_observed *observed, enum irsa_written kind, const char *key,
                               const char *value) {
    const struct irsa_pairs *written = &observed->recent[kind];
    for (size_t i = 0; i < written->count; i++)
        if (strcmp(written->at[i].key, key) == 0 && !irsa_text_equal(written->at[i].value, value))
            return true;
    return false;
}

/* `listed` and those of `written` that it lacks and that were not taken away. */
static struct irsa_strings unite(struct irsa_arena *arena, struct irsa_strings listed, struct irsa_pairs written) {
    const char **at = IRSA_NEW_ARRAY(arena, const char *, listed.count + written.count);
    struct irsa_strings all = {.at = at};
    for (size_t i = 0; i < listed.count; i++)
        at[all.count++] = listed.at[i];
    for (size_t i = 0; i < written.count; i++)
        if (written.at[i].value != NULL && !irsa_strings_contain(all, written.at[i].key))
            at[all.count++] = written.at[i].key;
    return all;
}

static void note_removable(struct irsa_visit *visit, struct irsa_observed *observed) {
    struct irsa_arena *arena = visit->attempt->arena;
    const char **names = IRSA_NEW_ARRAY(arena, const char *, observed->inlines.count);
    for (size_t i = 0; i < observed->inlines.count; i++)
        names[i] = observed->inlines.at[i].name;
    observed->removable_attached = unite(arena, observed->attached, observed->recent[IRSA_WRITTEN_MANAGED]);
    observed->removable_inlines = unite(arena, (struct irsa_strings){.at = names, .count = observed->inlines.count},
                                        observed->recent[IRSA_WRITTEN_INLINE]);
}

bool irsa_observe_policies(struct irsa_visit *visit, const struct irsa_desired *desired, struct irsa_observed *observed,
                           struct irsa_error *err) {
    if (!list_policies(visit, observed, err) || !read_documents(visit, desired, observed, err))
        return false;
    note_removable(visit, observed);
    return true;
}
