/*
 * The rules: who may, and what is then there. A request is judged in the order that docs/ownership.md tells: provider,
 * account, role, and the fields that others hold; then it is carried out.
 */
#include "tests/support/model_rules.h"

#include <string.h>

#include "core/base/arena.h"
#include "tests/support/model_judging.h"
#include "tests/support/test.h"

static bool refuse(const struct judging *j, enum irsa_code code) {
    j->out->is_done = false;
    j->out->code = code;
    return false;
}

static bool supersede(const struct judging *j) {
    j->out->outcome = IRSA_OUTCOME_SUPERSEDED;
    return false;
}

static bool is_newer(const struct judging *j, const char *mark) {
    long long offset;
    return mark != NULL && sscanf(mark, "irsa.requests/0/%lld/", &offset) == 1 && offset > j->request->offset;
}

/* --- whose is it? --------------------------------------------------------------------------------------------------- */

enum owner { OURS, OFFERED, OTHERS };

static bool agrees(const char *found, const char *ours) {
    return found == NULL || strcmp(found, ours) == 0;
}

bool model_role_is_ours(struct irsa_arena *arena, const struct model_role *role, unsigned who) {
    const char *account = irsa_arena_format(arena, MODEL_NAMESPACE "/%s", model_account_names[who]);
    bool is_told = role->tags[MODEL_TAG_CLUSTER] != NULL || role->tags[MODEL_TAG_ACCOUNT] != NULL;
    return is_told && agrees(role->tags[MODEL_TAG_CLUSTER], model_cluster_arn(arena, who)) &&
           agrees(role->tags[MODEL_TAG_ACCOUNT], account) && agrees(role->tags[MODEL_TAG_OWNER], "irsa");
}

static enum owner owner_of_role(const struct judging *j) {
    const char *const *tags = j->role->tags;
    if (model_role_is_ours(j->arena, j->role, j->step->who))
        return OURS;
    bool is_of_irsa =
        tags[MODEL_TAG_CLUSTER] != NULL || tags[MODEL_TAG_ACCOUNT] != NULL || !agrees(tags[MODEL_TAG_OWNER], "irsa");
    return !is_of_irsa && model_is_offered(j) ? OFFERED : OTHERS;
}

static bool is_ours_to_annotate(const struct model_account *account) {
    return model_is_made_by_us(account) || account->is_ours[MODEL_NOTE_ROLE];
}

/* --- which role? ---------------------------------------------------------------------------------------------------- */

static int role_of_annotation(const struct judging *j) {
    const char *arn = j->account != NULL ? j->account->values[MODEL_NOTE_ROLE] : NULL;
    const char *slash = arn != NULL ? strrchr(arn, '/') : NULL;
    for (int i = 0; slash != NULL && i < MODEL_ROLES; i++)
        if (strcmp(slash + 1, model_role_names[i]) == 0 && j->out->after.roles[i].is_there &&
            model_role_is_ours(j->arena, &j->out->after.roles[i], j->step->who))
            return i;
    return -1;
}

/* The role that the account has stays its role; another name for it is refused. */
static bool choose_role(struct judging *j) {
    int named = j->step->role_name ? MODEL_SHARED : (int)j->step->who, annotated = role_of_annotation(j);
    if (annotated >= 0 && annotated != named && j->step->role_name)
        return refuse(j, IRSA_CODE_CONFLICT);
    j->out->role = annotated >= 0 ? annotated : named;
    j->out->is_role_first = j->step->kind == MODEL_DELETE && annotated >= 0 && annotated != named;
    j->role = &j->out->after.roles[j->out->role];
    return true;
}

static bool judge_role(struct judging *j) {
    if (!choose_role(j))
        return false;
    enum owner owner = j->role->is_there ? owner_of_role(j) : OURS;
    j->out->is_adoption = owner == OFFERED;
    return owner != OTHERS || refuse(j, IRSA_CODE_CONFLICT);
}

/* --- create and update ---------------------------------------------------------------------------------------------- */

static bool judge_provider(const struct judging *j) {
    const struct model_step *step = j->step;
    bool needs_it = step->kind == MODEL_CREATE || step->adopt || step->pattern != 0;
    if (step->attach_role || step->with_oidc || !needs_it || (j->cluster->has_provider && j->cluster->has_audience))
        return true;
    return refuse(j, IRSA_CODE_OIDC_PROVIDER_MISSING);
}

static bool judge_account(const struct judging *j) {
    if (j->account == NULL || !j->account->is_there)
        return true;
    if (!is_ours_to_annotate(j->account) && !j->step->override)
        return refuse(j, IRSA_CODE_CONFLICT);
    return !is_newer(j, j->account->values[MODEL_NOTE_REQUEST]) || supersede(j);
}

/* --- the actions ---------------------------------------------------------------------------------------------------- */

/* CreateRole is asked whether the role is there: what goes before it in the plan is done by then. */
static bool finds_out_by_creating(const struct judging *j) {
    return j->step->kind == MODEL_CREATE && !j->step->dry_run && (j->account == NULL || !j->account->is_there);
}

static bool judge_role_to_write(struct judging *j) {
    if (finds_out_by_creating(j)) {
        j->out->is_namespace_open = j->account != NULL && !j->cluster->has_namespace;
        model_mend_place(j);
    }
    if (!judge_role(j))
        return false;
    if (j->step->kind == MODEL_UPDATE && !j->role->is_there)
        return refuse(j, IRSA_CODE_NOT_FOUND);
    return !is_newer(j, j->role->tags[MODEL_TAG_REQUEST]) || supersede(j);
}

static void expect_write(struct judging *j) {
    if (!judge_provider(j) || !judge_account(j))
        return;
    if (!j->step->attach_role && !judge_role_to_write(j))
        return;
    if (model_fields_are_held(j)) {
        (void)refuse(j, IRSA_CODE_CONFLICT);
        return;
    }
    model_mend_place(j);
    const char *arn = model_wanted_arn(j);
    if (j->role != NULL)
        model_mend_role(j);
    assert_string_equal(arn, model_wanted_arn(j));
    model_mend_account(j);
}

static bool judge_expected(const struct judging *j) {
    const struct model_request *request = j->request;
    bool is_other_account = request->expect_uid != NULL && j->account != NULL && j->account->is_there &&
                            strcmp(request->expect_uid, j->account->uid) != 0;
    bool is_other_role =
        request->expect_role_id != NULL && j->role->is_there && strcmp(request->expect_role_id, j->role->id) != 0;
    return !(is_other_account || is_other_role) || refuse(j, IRSA_CODE_CONFLICT);
}

static void remove_account(const struct judging *j) {
    struct model_account *account = j->account;
    if (account == NULL || !account->is_there)
        return;
    if (!is_ours_to_annotate(account)) {
        model_note_foreign(j, irsa_arena_format(j->arena, MODEL_NAMESPACE "/%s", model_account_names[j->step->who]));
        return;
    }
    j->out->has_changed = true;
    if (model_is_made_by_us(account))
        *account = (struct model_account){.is_there = false};
    model_apply_nothing(account);
}

static void expect_delete(struct judging *j) {
    const char *mark = j->account != NULL ? j->account->values[MODEL_NOTE_REQUEST] : NULL;
    if (is_newer(j, mark)) {
        (void)supersede(j);
        return;
    }
    if (!judge_role(j) || !judge_expected(j))
        return;
    if (is_newer(j, j->role->tags[MODEL_TAG_REQUEST])) {
        (void)supersede(j);
        return;
    }
    remove_account(j);
    j->out->has_changed = j->out->has_changed || j->role->is_there;
    *j->role = (struct model_role){.is_there = false};
}

static void expect_action(struct judging *j) {
    bool is_gone = j->step->who == MODEL_GONE;
    if (is_gone !=
        (j->step->gone != 0)) { /* of a cluster that is there, or that is not there, it is the wrong request */
        (void)refuse(j, is_gone ? IRSA_CODE_CLUSTER_NOT_FOUND : IRSA_CODE_CONFLICT);
        return;
    }
    if (j->step->kind == MODEL_ASSOCIATE)
        model_mend_provider(j);
    else if (j->step->kind == MODEL_DELETE)
        expect_delete(j);
    else
        expect_write(j);
}

void model_expect(struct irsa_arena *arena, const struct model_world *before, const struct model_request *request,
                  struct model_expectation *out) {
    const struct model_step *step = &request->step;
    *out = (struct model_expectation){
        .after = *before, .is_done = true, .outcome = IRSA_OUTCOME_COUNT, .role = -1, .code = IRSA_CODE_NONE};
    struct judging judging = {.arena = arena, .request = request, .step = step, .out = out};
    if (step->who != MODEL_GONE)
        judging.cluster = &out->after.clusters[model_cluster_index(step->who)];
    if (step->kind != MODEL_ASSOCIATE && !step->role_only && step->who != MODEL_GONE && !step->gone)
        judging.account = &out->after.accounts[step->who];
    expect_action(&judging);
    if (out->outcome == IRSA_OUTCOME_COUNT)
        out->outcome = out->has_changed ? IRSA_OUTCOME_SUCCEEDED : IRSA_OUTCOME_UNCHANGED;
    if (out->is_done && out->outcome != IRSA_OUTCOME_SUPERSEDED)
        out->is_namespace_open = false;
    if (!step->dry_run)
        return;
    out->after = *before;
    if (out->outcome != IRSA_OUTCOME_SUPERSEDED)
        out->outcome = IRSA_OUTCOME_PLANNED;
}
