/*
 * Walking a plan: a table of what each kind of step calls, and what its errors mean there.
 */
#include "core/provision/apply.h"

#include <assert.h>
#include <string.h>

#include "core/base/text.h"

#define FIRST_PAUSE_MS   200
#define LONGEST_PAUSE_MS 3200

struct walk {
    struct irsa_visit *visit;
    const struct irsa_desired *desired;
    struct irsa_progress *progress;
};

static struct irsa_iam iam_of(const struct walk *walk) {
    return irsa_visit_iam(walk->visit);
}

/* --- one function per kind of step: true when done; `changed` is true before and may be lowered ------------------- */

typedef bool step_fn(struct walk *walk, const struct irsa_plan_step *step, bool *changed, struct irsa_error *err);

static bool create_provider(struct walk *walk, const struct irsa_plan_step *step, bool *changed,
                            struct irsa_error *err) {
    (void)step;
    const struct irsa_pairs all = walk->desired->ownership_tags;
    struct irsa_pair *tags = IRSA_NEW_ARRAY(walk->visit->attempt->arena, struct irsa_pair, 2);
    tags[0] = (struct irsa_pair){IRSA_TAG_CLUSTER, irsa_pairs_find(all, IRSA_TAG_CLUSTER)};
    tags[1] = (struct irsa_pair){IRSA_TAG_OWNER, irsa_pairs_find(all, IRSA_TAG_OWNER)};
    return irsa_visit_make_provider(walk->visit, (struct irsa_pairs){.at = tags, .count = 2}, changed, err);
}

static bool add_audience(struct walk *walk, const struct irsa_plan_step *step, bool *changed, struct irsa_error *err) {
    (void)step;
    return irsa_visit_add_audience(walk->visit, changed, err);
}

static bool create_namespace(struct walk *walk, const struct irsa_plan_step *step, bool *changed,
                             struct irsa_error *err) {
    return irsa_visit_make_namespace(walk->visit, step->target, changed, err);
}

/* The desired tags and the mark; a person's tag of the same key as ours has been refused long before. */
static struct irsa_pairs tags_of_new_role(struct walk *walk) {
    const struct irsa_desired *desired = walk->desired;
    size_t most = desired->ownership_tags.count + desired->user_tags.count + 1;
    struct irsa_pair *at = IRSA_NEW_ARRAY(walk->visit->attempt->arena, struct irsa_pair, most);
    size_t count = 0;
    for (size_t i = 0; i < desired->ownership_tags.count; i++)
        at[count++] = desired->ownership_tags.at[i];
    for (size_t i = 0; i < desired->user_tags.count; i++)
        at[count++] = desired->user_tags.at[i];
    at[count++] = (struct irsa_pair){IRSA_TAG_REQUEST, desired->mark};
    return (struct irsa_pairs){.at = at, .count = count};
}

/* Noted before the call, since a call that fails may have had its effect; settled when it is known to have it. */
static void note(const struct walk *walk, enum irsa_written kind, const char *key, const char *value) {
    irsa_recent_note(irsa_visit_recent(walk->visit), walk->desired->role_arn, kind, key, value);
}

/* An answer that refuses is one that did nothing; after any other failure both are possible. */
static bool settle(const struct walk *walk, enum irsa_written kind, const char *key, bool is_done,
                   const struct irsa_error *err) {
    if (is_done || irsa_code_fate(err->code) == IRSA_FATE_REJECT)
        irsa_recent_settle(irsa_visit_recent(walk->visit), walk->desired->role_arn, kind, key, is_done);
    return is_done;
}

static bool create_role(struct walk *walk, const struct irsa_plan_step *step, bool *changed, struct irsa_error *err) {
    (void)step;
    (void)changed;
    const struct irsa_desired *desired = walk->desired;
    const struct irsa_iam_new_role role = {
        .name = desired->role_name,
        .path = desired->role_path,
        .description = irsa_arena_format(walk->visit->attempt->arena, "Role of service account %s in cluster %s",
                                         desired->service_account, walk->visit->place->cluster),
        .trust_policy = desired->trust_policy,
        .permissions_boundary = desired->permissions_boundary,
        .tags = tags_of_new_role(walk),
    };
    struct irsa_iam_role made;
    if (!irsa_iam_create_role(iam_of(walk), walk->visit->attempt, &role, &made, err))
        return false;
    walk->progress->has_made_role = true;
    walk->progress->role_arn = made.arn;
    walk->progress->role_id = made.role_id;
    note(walk, IRSA_WRITTEN_ROLE, made.role_id, IRSA_WRITTEN_MADE);
    return true;
}

static bool update_trust(struct walk *walk, const struct irsa_plan_step *step, bool *changed, struct irsa_error *err) {
    (void)changed;
    note(walk, IRSA_WRITTEN_TRUST, "", irsa_recent_digest(walk->visit->attempt->arena, step->document));
    bool is_done =
        irsa_iam_update_trust(iam_of(walk), walk->visit->attempt, walk->desired->role_name, step->document, err);
    return settle(walk, IRSA_WRITTEN_TRUST, "", is_done, err);
}

static bool put_boundary(struct walk *walk, const struct irsa_plan_step *step, bool *changed, struct irsa_error *err) {
    (void)changed;
    note(walk, IRSA_WRITTEN_BOUNDARY, "", step->target);
    bool is_done =
        irsa_iam_put_boundary(iam_of(walk), walk->visit->attempt, walk->desired->role_name, step->target, err);
    return settle(walk, IRSA_WRITTEN_BOUNDARY, "", is_done, err);
}

static bool tag_role(struct walk *walk, const struct irsa_plan_step *step, bool *changed, struct irsa_error *err) {
    (void)changed;
    for (size_t i = 0; i < step->tags.count; i++)
        note(walk, IRSA_WRITTEN_TAG, step->tags.at[i].key, step->tags.at[i].value);
    bool is_done = irsa_iam_tag_role(iam_of(walk), walk->visit->attempt, walk->desired->role_name, step->tags, err);
    for (size_t i = 0; i < step->tags.count; i++)
        (void)settle(walk, IRSA_WRITTEN_TAG, step->tags.at[i].key, is_done, err);
    return is_done;
}

static bool attach_policy(struct walk *walk, const struct irsa_plan_step *step, bool *changed, struct irsa_error *err) {
    (void)changed;
    note(walk, IRSA_WRITTEN_MANAGED, step->target, IRSA_WRITTEN_ATTACHED);
    bool is_done =
        irsa_iam_attach_policy(iam_of(walk), walk->visit->attempt, walk->desired->role_name, step->target, err);
    return settle(walk, IRSA_WRITTEN_MANAGED, step->target, is_done, err);
}

static bool put_inline(struct walk *walk, const struct irsa_plan_step *step, bool *changed, struct irsa_error *err) {
    (void)changed;
    note(walk, IRSA_WRITTEN_INLINE, step->target, irsa_recent_digest(walk->visit->attempt->arena, step->document));
    bool is_done = irsa_iam_put_inline(iam_of(walk), walk->visit->attempt, walk->desired->role_name, step->target,
                                       step->document, err);
    return settle(walk, IRSA_WRITTEN_INLINE, step->target, is_done, err);
}

/*
 * Of a role that is not there IAM knows no path and no tags, so that a policy which is scoped to one says AccessDenied in
 * the place of NoSuchEntity. GetRole, which is allowed for every role, knows. A role that was just made is propagation.
 */
static void tell_absence_from_denial(const struct walk *walk, struct irsa_error *err) {
    struct irsa_iam_role role;
    struct irsa_error why;
    if (err->code != IRSA_CODE_ACCESS_DENIED || walk->progress->has_made_role)
        return;
    if (!irsa_iam_get_role(iam_of(walk), walk->visit->attempt, walk->desired->role_name, &role, &why) &&
        why.code == IRSA_CODE_NOT_FOUND)
        *err = why;
}

/* What is to go and is gone already is done. */
static bool gone_is_done(bool is_done, bool *changed, const struct irsa_error *err) {
    if (is_done || err->code != IRSA_CODE_NOT_FOUND)
        return is_done;
    *changed = false;
    return true;
}

static bool gone_with_its_role(const struct walk *walk, bool is_done, bool *changed, struct irsa_error *err) {
    if (!is_done)
        tell_absence_from_denial(walk, err);
    return gone_is_done(is_done, changed, err);
}

static bool detach_policy(struct walk *walk, const struct irsa_plan_step *step, bool *changed, struct irsa_error *err) {
    const char *role = walk->desired->role_name;
    note(walk, IRSA_WRITTEN_MANAGED, step->target, NULL);
    bool is_done = irsa_iam_detach_policy(iam_of(walk), walk->visit->attempt, role, step->target, err);
    is_done = gone_with_its_role(walk, is_done, changed, err);
    return settle(walk, IRSA_WRITTEN_MANAGED, step->target, is_done, err);
}

static bool delete_inline(struct walk *walk, const struct irsa_plan_step *step, bool *changed, struct irsa_error *err) {
    const char *role = walk->desired->role_name;
    note(walk, IRSA_WRITTEN_INLINE, step->target, NULL);
    bool is_done = irsa_iam_delete_inline(iam_of(walk), walk->visit->attempt, role, step->target, err);
    is_done = gone_with_its_role(walk, is_done, changed, err);
    return settle(walk, IRSA_WRITTEN_INLINE, step->target, is_done, err);
}

/* Its id is never used again: who still sees a role of that id sees what is gone. */
static bool delete_role(struct walk *walk, const struct irsa_plan_step *step, bool *changed, struct irsa_error *err) {
    bool is_done = gone_with_its_role(
        walk, irsa_iam_delete_role(iam_of(walk), walk->visit->attempt, walk->desired->role_name, err), changed, err);
    if (!is_done)
        return false;
    irsa_recent_forget(irsa_visit_recent(walk->visit), walk->desired->role_arn);
    note(walk, IRSA_WRITTEN_ROLE, step->role_id, IRSA_WRITTEN_GONE);
    return settle(walk, IRSA_WRITTEN_ROLE, step->role_id, true, err);
}

static bool apply_account(struct walk *walk, const struct irsa_plan_step *step, bool *changed, struct irsa_error *err) {
    (void)changed;
    struct irsa_kube_account account;
    bool created;
    if (!irsa_kube_apply_account(&walk->visit->kube, walk->visit->attempt, &step->apply, &account, &created, err)) {
        if (err->code == IRSA_CODE_NOT_FOUND) /* the namespace went after it was looked up */
            irsa_visit_forget_namespace(walk->visit, step->apply.namespace_name);
        return false;
    }
    walk->progress->service_account_uid = account.uid;
    return true;
}

static bool delete_account(struct walk *walk, const struct irsa_plan_step *step, bool *changed,
                           struct irsa_error *err) {
    return gone_is_done(irsa_kube_delete_account(&walk->visit->kube, walk->visit->attempt, step->apply.namespace_name,
                                                 step->apply.name, step->apply.uid, err),
                        changed, err);
}

static step_fn *const STEPS[IRSA_STEP_KIND_COUNT] = {
    [IRSA_STEP_CREATE_PROVIDER] = create_provider,
    [IRSA_STEP_ADD_AUDIENCE] = add_audience,
    [IRSA_STEP_CREATE_NAMESPACE] = create_namespace,
    [IRSA_STEP_CREATE_ROLE] = create_role,
    [IRSA_STEP_UPDATE_TRUST] = update_trust,
    [IRSA_STEP_PUT_BOUNDARY] = put_boundary,
    [IRSA_STEP_TAG_ROLE] = tag_role,
    [IRSA_STEP_ATTACH_POLICY] = attach_policy,
    [IRSA_STEP_PUT_INLINE] = put_inline,
    [IRSA_STEP_DETACH_POLICY] = detach_policy,
    [IRSA_STEP_DELETE_INLINE] = delete_inline,
    [IRSA_STEP_APPLY_ACCOUNT] = apply_account,
    [IRSA_STEP_RELEASE_ACCOUNT] = apply_account,
    [IRSA_STEP_DELETE_ACCOUNT] = delete_account,
    [IRSA_STEP_DELETE_ROLE] = delete_role,
};

/* --- what an error means ------------------------------------------------------------------------------------------ */

static bool is_role_step(enum irsa_step_kind kind) {
    return kind >= IRSA_STEP_UPDATE_TRUST && kind <= IRSA_STEP_DELETE_INLINE;
}

/* Steps that a role must be there for; the rest takes something away, which is done when the role is gone. */
static bool writes_to_role(enum irsa_step_kind kind) {
    return is_role_step(kind) && kind != IRSA_STEP_DETACH_POLICY && kind != IRSA_STEP_DELETE_INLINE;
}

/* IAM says NoSuchEntity of a role ("The role with name …") and of a policy that is to be attached. */
static bool speaks_of_role(const struct irsa_error *err) {
    return strstr(err->message, "role with name") != NULL;
}

static bool writes_trust(enum irsa_step_kind kind) {
    return kind == IRSA_STEP_CREATE_ROLE || kind == IRSA_STEP_UPDATE_TRUST;
}

/* IAM says so of a trust in an OIDC provider that it does not know. */
static bool refuses_trust(const struct irsa_plan_step *step, const struct irsa_error *err) {
    return writes_trust(step->kind) && strcmp(err->upstream, "MalformedPolicyDocument") == 0;
}

/* "Invalid principal in policy", "Federated principals must be valid …": not the document, but whom it speaks of. */
static bool refuses_principal(const struct irsa_plan_step *step, const struct irsa_error *err) {
    return refuses_trust(step, err) && strstr(err->message, "principal") != NULL;
}

/* IAM replicates: what this attempt or process has just made may not be known everywhere yet. */
static bool is_propagation(const struct walk *walk, const struct irsa_plan_step *step, const struct irsa_error *err) {
    if (writes_trust(step->kind))
        return refuses_trust(step, err) && irsa_visit_provider_is_fresh(walk->visit);
    if (!is_role_step(step->kind) || !walk->progress->has_made_role)
        return false;
    return err->code == IRSA_CODE_ACCESS_DENIED || (err->code == IRSA_CODE_NOT_FOUND && speaks_of_role(err));
}

static bool is_conflict_of(const struct irsa_error *err, const char *upstream) {
    return err->code == IRSA_CODE_CONFLICT && strcmp(err->upstream, upstream) == 0;
}

/* Does the error say that the world is not as it was observed? */
static bool is_surprise(const struct irsa_plan_step *step, const struct irsa_error *err) {
    switch (step->kind) {
    case IRSA_STEP_CREATE_ROLE: /* it exists, or something else that does not prove that it is absent */
        return is_conflict_of(err, "EntityAlreadyExists") || err->code == IRSA_CODE_NOT_FOUND ||
               refuses_trust(step, err) || err->code == IRSA_CODE_QUOTA || err->code == IRSA_CODE_INVALID ||
               err->code == IRSA_CODE_ACCESS_DENIED;
    case IRSA_STEP_APPLY_ACCOUNT:
    case IRSA_STEP_RELEASE_ACCOUNT: /* made, changed or removed meanwhile; 422: another object of the same name */
        return err->code == IRSA_CODE_NOT_FOUND ||
               (err->code == IRSA_CODE_CONFLICT && strcmp(err->upstream, "FieldManagerConflict") != 0) ||
               (err->code == IRSA_CODE_INVALID && strstr(err->message, "metadata.uid") != NULL);
    case IRSA_STEP_DELETE_ACCOUNT:
        return err->code == IRSA_CODE_CONFLICT;
    case IRSA_STEP_DELETE_ROLE: /* a policy came meanwhile, or is still seen */
        return is_conflict_of(err, "DeleteConflict");
    case IRSA_STEP_PUT_BOUNDARY:
    case IRSA_STEP_TAG_ROLE:
    case IRSA_STEP_ATTACH_POLICY:
    case IRSA_STEP_PUT_INLINE:
        return err->code == IRSA_CODE_NOT_FOUND && speaks_of_role(err);
    case IRSA_STEP_UPDATE_TRUST: /* the role, or its provider */
    case IRSA_STEP_ADD_AUDIENCE:
        return err->code == IRSA_CODE_NOT_FOUND;
    case IRSA_STEP_CREATE_PROVIDER:
    case IRSA_STEP_CREATE_NAMESPACE:
    case IRSA_STEP_DETACH_POLICY:
    case IRSA_STEP_DELETE_INLINE:
    case IRSA_STEP_KIND_COUNT:
        return false;
    }
    return false;
}

/*
 * What is missing then is the provider, and not the role's document at fault: the next look will tell. When this attempt has
 * seen the provider itself, others have just made it, and IAM does not know it everywhere yet.
 */
static void doubt_provider(struct irsa_visit *visit, const struct irsa_plan_step *step, struct irsa_error *err) {
    if (refuses_trust(step, err) && irsa_visit_doubt_provider(visit))
        err->code = IRSA_CODE_NOT_FOUND;
    else if (refuses_principal(step, err))
        err->code = IRSA_CODE_UNAVAILABLE;
}

/* NoSuchEntity of a policy that was asked for is the request's fault, not a role of ours that is missing. */
static void blame_request(const struct irsa_plan_step *step, struct irsa_error *err) {
    bool names_policy = step->kind == IRSA_STEP_ATTACH_POLICY || step->kind == IRSA_STEP_PUT_BOUNDARY ||
                        step->kind == IRSA_STEP_CREATE_ROLE; /* its boundary */
    if (names_policy && err->code == IRSA_CODE_NOT_FOUND && !speaks_of_role(err))
        err->code = IRSA_CODE_INVALID;
}

/* Repeat while it is propagation, as long as the attempt may wait for that. */
static bool run_step(struct walk *walk, const struct irsa_plan_step *step, bool *changed, struct irsa_error *err) {
    const struct irsa_attempt *attempt = walk->visit->attempt;
    for (int64_t pause_ms = FIRST_PAUSE_MS;; pause_ms = pause_ms < LONGEST_PAUSE_MS ? pause_ms * 2 : pause_ms) {
        *changed = true;
        if (STEPS[step->kind](walk, step, changed, err))
            return true;
        if (writes_to_role(step->kind))
            tell_absence_from_denial(walk, err);
        if (!is_propagation(walk, step, err) || walk->visit->waited_ms + pause_ms > IRSA_PROPAGATION_MS ||
            irsa_clock_monotonic_ms(attempt->clock) + pause_ms > attempt->deadline_ms)
            return false;
        walk->visit->waited_ms += pause_ms;
        if (!attempt->clock->sleep_ms(attempt->clock->self, pause_ms, attempt->cancel))
            return IRSA_FAIL(err, UNAVAILABLE, "cancelled while waiting for IAM to know what was just made");
    }
}

void irsa_progress_note(struct irsa_progress *progress, struct irsa_arena *arena, const struct irsa_step *step) {
    if (progress->count == progress->capacity) {
        size_t capacity = progress->capacity == 0 ? 16 : progress->capacity * 2;
        struct irsa_step *steps = IRSA_NEW_ARRAY(arena, struct irsa_step, capacity);
        if (progress->count > 0)
            memcpy(steps, progress->steps, progress->count * sizeof *steps);
        progress->steps = steps;
        progress->capacity = capacity;
    }
    progress->steps[progress->count++] = *step;
    progress->has_changed = progress->has_changed || step->changed;
}

enum irsa_applied irsa_apply(struct irsa_visit *visit, const struct irsa_desired *desired, const struct irsa_plan *plan,
                             struct irsa_progress *progress, struct irsa_error *err) {
    struct walk walk = {.visit = visit, .desired = desired, .progress = progress};
    for (size_t i = 0; i < plan->count; i++) {
        const struct irsa_plan_step *step = &plan->steps[i];
        bool changed;
        unsigned repeats = visit->attempt->repeats;
        visit->attempt->last_request_id = NULL;
        if (!run_step(&walk, step, &changed, err)) {
            blame_request(step, err);
            doubt_provider(visit, step, err);
            irsa_error_wrap(err, "%s %s", irsa_step_name(step->kind), step->target);
            return is_surprise(step, err) ? IRSA_APPLY_LOOK_ANEW : IRSA_APPLY_FAILED;
        }
        const struct irsa_step done = {.name = irsa_step_name(step->kind),
                                       .target = step->target,
                                       /* what a repeat finds done is the work of the call whose answer was lost */
                                       .changed = changed || visit->attempt->repeats != repeats,
                                       .aws_request_id = visit->attempt->last_request_id};
        irsa_progress_note(progress, visit->attempt->arena, &done);
        progress->wants_restart = progress->wants_restart || (step->wants_restart && changed);
    }
    return IRSA_APPLIED;
}
