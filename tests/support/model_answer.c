/*
 * A result against what the model expects: outcome, error, facts, notes, what is foreign, and the order of the steps.
 */
#include <string.h>

#include "core/base/arena.h"
#include "tests/support/model_play.h"
#include "tests/support/test.h"

struct checking {
    struct irsa_arena *arena;
    const struct model_request *request;
    const struct model_expectation *wanted;
    const struct model_world *before, *found;
    const struct irsa_result *result;
    const char *first; /* NULL: nothing is wrong so far */
};

static void say(struct checking *c, const char *what, const char *wanted, const char *found) {
    if (c->first == NULL && !irsa_text_equal(wanted, found))
        c->first = irsa_arena_format(c->arena, "the result's %s is %s, not %s", what,
                                     found != NULL ? found : "(absent)", wanted != NULL ? wanted : "(absent)");
}

/* --- the order of steps --------------------------------------------------------------------------------------------- */

/* What comes before what, for each sort of request; the same number: in any order. 0: no step of such a request. */
static const struct {
    const char *name;
    int write, adoption, removal; /* of removal: the account's is 1, or the last */
} RANKS[] = {
    {"create-oidc-provider", 1, 1, 0},
    {"add-audience", 1, 1, 0},
    {"create-namespace", 2, 2, 0},
    {"create-role", 3, 0, 0},
    {"update-trust-policy", 4, 9, 0},
    {"put-permissions-boundary", 5, 3, 0},
    {"tag-role", 6, 8, 0},
    {"attach-policy", 7, 4, 0},
    {"put-inline-policy", 7, 4, 0},
    {"detach-policy", 8, 5, 2},
    {"delete-inline-policy", 8, 5, 2},
    {"apply-service-account", 10, 10, 0},
    {"release-service-account", 0, 0, 1},
    {"delete-service-account", 0, 0, 1},
    {"delete-role", 0, 0, 4},
};

/* What denies goes last. */
static bool denies(const char *target) {
    return strcmp(target, model_policy_arns[MODEL_DENY]) == 0 ||
           strcmp(target, model_inline_names[MODEL_INLINE_REVOKE]) == 0;
}

static int rank_of_removal(const struct checking *c, int rank, const char *target) {
    if (rank == 1 && c->wanted->is_role_first)
        return 5;
    return rank == 2 && denies(target) ? 3 : rank;
}

static int rank_of(const struct checking *c, const struct irsa_step *step) {
    for (size_t i = 0; i < COUNT_OF(RANKS); i++)
        if (strcmp(RANKS[i].name, step->name) == 0) {
            if (c->request->step.kind == MODEL_DELETE)
                return rank_of_removal(c, RANKS[i].removal, step->target);
            return c->wanted->is_adoption ? RANKS[i].adoption : RANKS[i].write;
        }
    return 0;
}

static void check_steps(struct checking *c) {
    int last = 0;
    for (size_t i = 0; i < c->result->step_count; i++) {
        const struct irsa_step *step = &c->result->steps[i];
        int rank = rank_of(c, step);
        if (strcmp(step->name, "create-namespace") == 0 && c->request->step.kind != MODEL_DELETE)
            continue; /* it is remembered, and may turn out to be gone when the account is applied */
        if (rank < last || rank == 0)
            say(c, "order of steps", NULL,
                irsa_arena_format(c->arena, "wrong at step %zu, %s %s", i + 1, step->name, step->target));
        last = rank;
    }
}

static bool has_changed(const struct irsa_result *result) {
    for (size_t i = 0; i < result->step_count; i++)
        if (result->steps[i].changed)
            return true;
    return false;
}

/* --- facts ---------------------------------------------------------------------------------------------------------- */

static bool is_listed(const char *const *list, size_t count, const char *text) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], text) == 0)
            return true;
    return false;
}

static void check_foreign(struct checking *c) {
    const struct irsa_strings *found = &c->result->foreign;
    for (size_t i = 0; i < found->count; i++)
        if (!is_listed(c->wanted->foreign, c->wanted->foreign_count, found->at[i]))
            say(c, "foreign", NULL, found->at[i]);
    for (size_t i = 0; i < c->wanted->foreign_count; i++)
        if (!is_listed(found->at, found->count, c->wanted->foreign[i]))
            say(c, "foreign", c->wanted->foreign[i], NULL);
}

static void check_role(struct checking *c) {
    bool is_delete = c->request->step.kind == MODEL_DELETE;
    const struct model_world *world = is_delete ? c->before : c->found;
    if (c->wanted->role < 0) {
        say(c, "roleARN", c->request->step.attach_role ? MODEL_OTHERS_ROLE : NULL, c->result->role_arn);
        return;
    }
    say(c, "roleARN", world->roles[c->wanted->role].arn, c->result->role_arn);
    say(c, "roleID", world->roles[c->wanted->role].id, c->result->role_id);
}

static void check_place(struct checking *c) {
    const struct model_step *step = &c->request->step;
    say(c, "accountID", MODEL_ACCOUNT, c->result->account_id);
    if (step->who == MODEL_GONE)
        return;
    const char *issuer = c->found->clusters[model_cluster_index(step->who)].issuer;
    say(c, "issuer", irsa_arena_format(c->arena, "https://%s", issuer), c->result->issuer);
    if (step->kind == MODEL_ASSOCIATE || step->role_only)
        return;
    const struct model_world *world = step->kind == MODEL_DELETE ? c->before : c->found;
    say(c, "serviceAccountUID", world->accounts[step->who].uid, c->result->service_account_uid);
}

static const char *state_name(enum irsa_observed_state state) {
    static const char *const NAMES[] = {"unknown", "present", "absent"};
    return NAMES[state];
}

/* What is exact when IAM told the truth and no call was lost. */
static void check_facts(struct checking *c) {
    say(c, "outcome", irsa_outcome_name(c->wanted->outcome), irsa_outcome_name(c->result->outcome));
    check_steps(c);
    if (c->wanted->outcome == IRSA_OUTCOME_SUPERSEDED)
        return;
    say(c, "having changes among its steps", c->wanted->has_changed ? "true" : "false",
        has_changed(c->result) ? "true" : "false");
    check_foreign(c);
    if (c->wanted->outcome == IRSA_OUTCOME_PLANNED)
        return;
    bool wants_restart = c->result->notes.count == 1 && strcmp(c->result->notes.at[0], "pods-need-restart") == 0;
    say(c, "note pods-need-restart", c->wanted->wants_restart ? "true" : "false", wants_restart ? "true" : "false");
    say(c, "observed", state_name(c->request->step.kind == MODEL_DELETE ? IRSA_STATE_ABSENT : IRSA_STATE_PRESENT),
        state_name(c->result->observed));
    check_role(c);
    check_place(c);
}

static bool is_done_outcome(enum irsa_outcome outcome) {
    return outcome == IRSA_OUTCOME_SUCCEEDED || outcome == IRSA_OUTCOME_UNCHANGED;
}

/* A call that was lost may have done it before. */
static bool is_as_good(enum irsa_outcome wanted, enum irsa_outcome found) {
    return wanted == found || (is_done_outcome(wanted) && is_done_outcome(found));
}

const char *model_answer_differs(struct irsa_arena *arena, const struct model_request *request,
                                 const struct model_expectation *wanted, const struct model_world *before,
                                 const struct model_world *found, const struct model_answer *answer, bool is_vague) {
    struct checking c = {.arena = arena,
                         .request = request,
                         .wanted = wanted,
                         .before = before,
                         .found = found,
                         .result = &answer->result};
    if (!answer->is_done) {
        say(&c, "error", wanted->is_done ? irsa_outcome_name(wanted->outcome) : irsa_code_name(wanted->code),
            irsa_code_name(answer->err.code));
        return c.first == NULL ? NULL : irsa_arena_format(arena, "%s (%s)", c.first, answer->err.message);
    }
    if (!wanted->is_done)
        say(&c, "outcome", irsa_code_name(wanted->code), irsa_outcome_name(answer->result.outcome));
    else if (!is_vague)
        check_facts(&c);
    else if (!is_as_good(wanted->outcome, answer->result.outcome))
        say(&c, "outcome", irsa_outcome_name(wanted->outcome), irsa_outcome_name(answer->result.outcome));
    return c.first;
}
