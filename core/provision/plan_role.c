/*
 * The role's part of a plan: what differs between the role that is there and the one that is wanted.
 */
#include <string.h>

#include "core/base/text.h"
#include "core/contract/names.h"
#include "core/provision/document.h"
#include "core/provision/plan_parts.h"
#include "core/provision/well_known.h"

#define MANAGED_POLICIES_DEFAULT_QUOTA 10

static const struct irsa_inline_policy *find_inline(struct irsa_inline_policies inlines, const char *name) {
    for (size_t i = 0; i < inlines.count; i++)
        if (strcmp(inlines.at[i].name, name) == 0)
            return &inlines.at[i];
    return NULL;
}

/* A create or a re-creation: all in one call, so that no unowned or unbounded role ever exists, then the policies. */
static void plan_new_role(struct irsa_plan *plan, const struct irsa_planning *planning) {
    const struct irsa_desired *desired = planning->desired;
    irsa_plan_add(plan, IRSA_STEP_CREATE_ROLE, desired->role_arn);
    for (size_t i = 0; i < desired->managed.count; i++)
        irsa_plan_add(plan, IRSA_STEP_ATTACH_POLICY, desired->managed.at[i]);
    for (size_t i = 0; i < desired->inlines.count; i++)
        irsa_plan_add(plan, IRSA_STEP_PUT_INLINE, desired->inlines.at[i].name)->document =
            desired->inlines.at[i].document;
}

/* --- which of the policies that are there does the request speak about? ------------------------------------------- */

static bool speaks_of_managed(const struct irsa_desired *desired, const char *arn) {
    if (desired->aspects & IRSA_ASPECT_OTHERS)
        return true;
    return (desired->aspects & (irsa_well_known_is_managed(arn) ? IRSA_ASPECT_WELL_KNOWN : IRSA_ASPECT_MANAGED)) != 0;
}

static bool speaks_of_inline(const struct irsa_desired *desired, const char *name) {
    if (strcmp(name, IRSA_INLINE_NAME) == 0)
        return (desired->aspects & IRSA_ASPECT_INLINE) != 0;
    if (irsa_well_known_is_inline(name))
        return (desired->aspects & IRSA_ASPECT_WELL_KNOWN) != 0;
    return (desired->aspects & IRSA_ASPECT_OTHERS) != 0;
}

static bool is_attached(const struct irsa_observed *observed, const char *arn) {
    return irsa_strings_contain(observed->attached, arn) &&
           !irsa_observed_is_doubtful(observed, IRSA_WRITTEN_MANAGED, arn, IRSA_WRITTEN_ATTACHED);
}

/* Mostly nothing was written a moment ago, and no digest is worth its time. */
static bool is_document_doubtful(struct irsa_arena *arena, const struct irsa_observed *observed, enum irsa_written kind,
                                 const char *key, const char *document) {
    return observed->recent[kind].count > 0 &&
           irsa_observed_is_doubtful(observed, kind, key, irsa_recent_digest(arena, document));
}

static bool is_in_place(struct irsa_arena *arena, const struct irsa_observed *observed,
                        const struct irsa_inline_policy *wanted) {
    const struct irsa_inline_policy *found = find_inline(observed->inlines, wanted->name);
    return found != NULL && found->document != NULL && irsa_documents_equal(arena, found->document, wanted->document) &&
           !is_document_doubtful(arena, observed, IRSA_WRITTEN_INLINE, wanted->name, wanted->document);
}

static void plan_additions(struct irsa_plan *plan, struct irsa_arena *arena, const struct irsa_planning *planning) {
    const struct irsa_desired *desired = planning->desired;
    for (size_t i = 0; i < desired->managed.count; i++)
        if (!is_attached(planning->observed, desired->managed.at[i]))
            irsa_plan_add(plan, IRSA_STEP_ATTACH_POLICY, desired->managed.at[i]);
    for (size_t i = 0; i < desired->inlines.count; i++) {
        const struct irsa_inline_policy *wanted = &desired->inlines.at[i];
        if (!is_in_place(arena, planning->observed, wanted))
            irsa_plan_add(plan, IRSA_STEP_PUT_INLINE, wanted->name)->document = wanted->document;
    }
}

static void remove_or_report(struct irsa_plan *plan, const struct irsa_planning *planning, enum irsa_step_kind kind,
                             const char *target, const char *name) {
    if (irsa_policy_is_protected(planning->protected_policies, name))
        plan->foreign[plan->foreign_count++] = target;
    else
        irsa_plan_add(plan, kind, target);
}

static void plan_removals(struct irsa_plan *plan, const struct irsa_planning *planning) {
    const struct irsa_desired *desired = planning->desired;
    const struct irsa_observed *observed = planning->observed;
    for (size_t i = 0; i < observed->removable_attached.count; i++) {
        const char *arn = observed->removable_attached.at[i];
        if (!irsa_strings_contain(desired->managed, arn) && speaks_of_managed(desired, arn))
            remove_or_report(plan, planning, IRSA_STEP_DETACH_POLICY, arn, irsa_arn_name(arn));
    }
    for (size_t i = 0; i < observed->removable_inlines.count; i++) {
        const char *name = observed->removable_inlines.at[i];
        if (find_inline(desired->inlines, name) == NULL && speaks_of_inline(desired, name))
            remove_or_report(plan, planning, IRSA_STEP_DELETE_INLINE, name, name);
    }
}

/* What is added comes first, so that pods never lack a permission, unless the quota has no room for both. */
static void plan_policies(struct irsa_plan *plan, struct irsa_arena *arena, const struct irsa_planning *planning) {
    size_t before = plan->count;
    plan_additions(plan, arena, planning);
    size_t additions = plan->count - before;
    if (planning->observed->attached.count + additions <= MANAGED_POLICIES_DEFAULT_QUOTA) {
        plan_removals(plan, planning);
        return;
    }
    plan->count = before;
    plan_removals(plan, planning);
    plan_additions(plan, arena, planning);
}

/* --- tags --------------------------------------------------------------------------------------------------------- */

struct tag_list {
    struct irsa_pair *at;
    size_t count;
};

static void add_lacking(struct tag_list *tags, struct irsa_pairs wanted, const struct irsa_observed *observed) {
    for (size_t i = 0; i < wanted.count; i++) {
        const struct irsa_pair *tag = &wanted.at[i];
        if (!irsa_text_equal(irsa_pairs_find(observed->role.tags, tag->key), tag->value) ||
            irsa_observed_is_doubtful(observed, IRSA_WRITTEN_TAG, tag->key, tag->value))
            tags->at[tags->count++] = *tag;
    }
}

/* Tags that are missing or wrong; and the mark, with any other change of the role and never alone. */
static void plan_tags(struct irsa_plan *plan, struct irsa_arena *arena, const struct irsa_planning *planning,
                      bool has_other_changes) {
    const struct irsa_desired *desired = planning->desired;
    const struct irsa_observed *observed = planning->observed;
    struct tag_list tags = {
        .at = IRSA_NEW_ARRAY(arena, struct irsa_pair, desired->ownership_tags.count + desired->user_tags.count + 1)};
    add_lacking(&tags, desired->ownership_tags, observed);
    if (desired->aspects & IRSA_ASPECT_TAGS)
        add_lacking(&tags, desired->user_tags, observed);
    if (tags.count == 0 && !has_other_changes)
        return;
    tags.at[tags.count++] = (struct irsa_pair){IRSA_TAG_REQUEST, desired->mark};
    irsa_plan_add(plan, IRSA_STEP_TAG_ROLE, desired->role_arn)->tags =
        (struct irsa_pairs){.at = tags.at, .count = tags.count};
}

/* --- the role that is there ---------------------------------------------------------------------------------------- */

/* Also of a role that is ours already: an adoption may have been cut short between the tags and the trust. */
static bool is_adoption(const struct irsa_planning *planning) {
    return planning->options->adopt && irsa_role_is_offered(&planning->observed->role, planning->desired);
}

static bool is_trust_in_place(struct irsa_arena *arena, const struct irsa_planning *planning) {
    const char *wanted = planning->desired->trust_policy;
    return irsa_documents_equal(arena, planning->observed->role.trust_policy, wanted) &&
           !is_document_doubtful(arena, planning->observed, IRSA_WRITTEN_TRUST, "", wanted);
}

/* An update leaves the trust alone unless it speaks of it; but a role that becomes ours must trust its account. */
static void plan_trust(struct irsa_plan *plan, struct irsa_arena *arena, const struct irsa_planning *planning) {
    const struct irsa_desired *desired = planning->desired;
    if (((desired->aspects & IRSA_ASPECT_TRUST) || is_adoption(planning)) && !is_trust_in_place(arena, planning))
        irsa_plan_add(plan, IRSA_STEP_UPDATE_TRUST, desired->role_arn)->document = desired->trust_policy;
}

static void plan_boundary(struct irsa_plan *plan, const struct irsa_planning *planning) {
    const char *wanted = planning->desired->permissions_boundary;
    const char *found = planning->observed->role.permissions_boundary;
    bool is_in_place = irsa_text_equal(wanted, found) &&
                       !irsa_observed_is_doubtful(planning->observed, IRSA_WRITTEN_BOUNDARY, "", wanted);
    if (wanted != NULL && !is_in_place)
        irsa_plan_add(plan, IRSA_STEP_PUT_BOUNDARY, wanted);
    else if (wanted == NULL && found != NULL && (planning->desired->aspects & IRSA_ASPECT_BOUNDARY))
        plan->foreign[plan->foreign_count++] = found;
}

/*
 * A tampered trust is mended first: it says who gets in. A role that is being adopted gets its trust last: nobody new
 * gets in before it carries what it should. The tags with the mark go before the policies, so that whoever comes after a
 * crash knows which request was at work.
 */
static void plan_changed_role(struct irsa_plan *plan, struct irsa_arena *arena, const struct irsa_planning *planning) {
    bool is_ours = irsa_judge_role(&planning->observed->role, planning->desired) == IRSA_ROLE_OURS;
    struct irsa_plan rest;
    irsa_plan_init(&rest, arena);
    plan_policies(&rest, arena, planning);
    if (is_ours)
        plan_trust(plan, arena, planning);
    plan_boundary(plan, planning);
    if (is_ours) {
        plan_tags(plan, arena, planning, rest.count > 0 || irsa_plan_changes_role(plan));
        irsa_plan_join(plan, &rest);
        return;
    }
    irsa_plan_join(plan, &rest);
    plan_tags(plan, arena, planning, true);
    plan_trust(plan, arena, planning);
}

bool irsa_plan_changes_role(const struct irsa_plan *plan) {
    for (size_t i = 0; i < plan->count; i++)
        if (plan->steps[i].kind >= IRSA_STEP_CREATE_ROLE && plan->steps[i].kind <= IRSA_STEP_DELETE_INLINE)
            return true;
    return false;
}

void irsa_plan_join(struct irsa_plan *plan, const struct irsa_plan *more) {
    for (size_t i = 0; i < more->count; i++)
        *irsa_plan_add(plan, more->steps[i].kind, more->steps[i].target) = more->steps[i];
    for (size_t i = 0; i < more->foreign_count; i++)
        plan->foreign[plan->foreign_count++] = more->foreign[i];
}

void irsa_plan_role(struct irsa_plan *plan, struct irsa_arena *arena, const struct irsa_planning *planning) {
    if (planning->observed->role_presence == IRSA_PRESENT)
        plan_changed_role(plan, arena, planning);
    else
        plan_new_role(plan, planning);
}
