/*
 * The rules: who may, and what is then there. A request is judged in the order that docs/ownership.md tells: provider,
 * account, role, and the fields that others hold; then it is carried out.
 */
#include "tests/support/model_rules.h"

#include <string.h>

#include "core/base/arena.h"
#include "tests/support/model_documents.h"
#include "tests/support/test.h"

struct judging {
    struct irsa_arena *arena;
    const struct model_request *request;
    const struct model_step *step;
    struct model_expectation *out;
    struct model_account *account; /* NULL: not looked at */
    struct model_role *role;       /* NULL: not looked at */
    struct model_cluster *cluster; /* NULL: it is gone */
};

static bool refuse(const struct judging *j, enum irsa_code code) {
    j->out->is_done = false;
    j->out->code = code;
    return false;
}

static bool supersede(const struct judging *j) {
    j->out->outcome = IRSA_OUTCOME_SUPERSEDED;
    return false;
}

static void note_foreign(const struct judging *j, const char *what) {
    assert_true(j->out->foreign_count < MODEL_MAX_FOREIGN);
    j->out->foreign[j->out->foreign_count++] = what;
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

static bool is_offered(const struct judging *j) {
    const char *offer = irsa_arena_format(j->arena, "%s/" MODEL_NAMESPACE "/%s",
                                          model_cluster_arn(j->arena, j->step->who), model_account_names[j->step->who]);
    return j->step->adopt && irsa_text_equal(j->role->tags[MODEL_TAG_ADOPT], offer);
}

static enum owner owner_of_role(const struct judging *j) {
    const char *const *tags = j->role->tags;
    if (model_role_is_ours(j->arena, j->role, j->step->who))
        return OURS;
    bool is_of_irsa =
        tags[MODEL_TAG_CLUSTER] != NULL || tags[MODEL_TAG_ACCOUNT] != NULL || !agrees(tags[MODEL_TAG_OWNER], "irsa");
    return !is_of_irsa && is_offered(j) ? OFFERED : OTHERS;
}

static bool is_made_by_us(const struct model_account *account) {
    return irsa_text_equal(account->values[MODEL_LABEL_MANAGED], "irsa") || account->is_ours[MODEL_NOTE_CREATED];
}

static bool is_ours_to_annotate(const struct model_account *account) {
    return is_made_by_us(account) || account->is_ours[MODEL_NOTE_ROLE];
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

static void set_flag(const struct judging *j, bool *flag) {
    j->out->has_changed = j->out->has_changed || !*flag;
    *flag = true;
}

static void mend_provider(const struct judging *j) {
    set_flag(j, &j->cluster->has_provider);
    set_flag(j, &j->cluster->has_audience);
}

/* What every pair in the cluster shares. */
static void mend_place(const struct judging *j) {
    if (j->step->with_oidc && !j->step->attach_role)
        mend_provider(j);
    if (j->account != NULL && !j->account->is_there)
        set_flag(j, &j->cluster->has_namespace);
}

static const char *wanted_arn(const struct judging *j) {
    if (j->step->attach_role)
        return MODEL_OTHERS_ROLE;
    if (j->role->is_there)
        return j->role->arn;
    const char *path =
        j->step->role_name ? "/" : irsa_arena_format(j->arena, "/irsa/us-west-2/%s/", model_clusters_of[j->step->who]);
    return irsa_arena_format(j->arena, "arn:aws:iam::" MODEL_ACCOUNT ":role%s%s", path, model_role_names[j->out->role]);
}

static void set_text(const char **text, const char *value, bool *out_changed) {
    *out_changed = *out_changed || !irsa_text_equal(*text, value);
    *text = value;
}

static void make_role(const struct judging *j) {
    const char *arn = wanted_arn(j);
    *j->role = (struct model_role){.is_there = true, .id = MODEL_NEW, .arn = arn};
}

static void mend_tags(const struct judging *j, bool *out_changed) {
    const char **tags = j->role->tags;
    set_text(&tags[MODEL_TAG_CLUSTER], model_cluster_arn(j->arena, j->step->who), out_changed);
    set_text(&tags[MODEL_TAG_ACCOUNT],
             irsa_arena_format(j->arena, MODEL_NAMESPACE "/%s", model_account_names[j->step->who]), out_changed);
    set_text(&tags[MODEL_TAG_OWNER], "irsa", out_changed);
    if (j->step->tags != 0)
        set_text(&tags[MODEL_TAG_TEAM], model_tag_values[j->step->tags], out_changed);
}

static void mend_trust(const struct judging *j, bool is_offered_and_adopted, bool *out_changed) {
    if (j->step->kind != MODEL_CREATE && j->step->pattern == 0 && !is_offered_and_adopted)
        return;
    set_text(&j->role->trust, model_trust(j->arena, j->cluster->issuer, j->step->who, j->step->pattern), out_changed);
}

static void mend_boundary(const struct judging *j, bool *out_changed) {
    if (j->step->boundary != 0)
        set_text(&j->role->boundary, model_boundaries[j->step->boundary], out_changed);
    else if (j->role->boundary != NULL && j->step->kind == MODEL_CREATE)
        note_foreign(j, j->role->boundary);
}

/* A create speaks of every policy, an update of those that its fields make. */
static void mend_managed(const struct judging *j, bool *out_changed) {
    const struct model_step *step = j->step;
    const unsigned images = 1u << MODEL_IMAGES, deny = 1u << MODEL_DENY, all = (1u << MODEL_POLICIES) - 1;
    unsigned wanted = (step->managed & 31) | (step->well_known & 2 ? images : 0);
    unsigned spoken = (step->managed != 0 ? all & ~images : 0) | (step->well_known != 0 ? images : 0);
    if (step->kind == MODEL_CREATE)
        spoken = all;
    unsigned before = j->role->managed;
    if (before & spoken & deny)
        note_foreign(j, model_policy_arns[MODEL_DENY]);
    j->role->managed = (before & ~(spoken & ~deny)) | wanted;
    *out_changed = *out_changed || j->role->managed != before;
}

static void mend_inlines(const struct judging *j, bool *out_changed) {
    const struct model_step *step = j->step;
    const char **inlines = j->role->inlines;
    bool is_create = step->kind == MODEL_CREATE;
    if (is_create || step->inline_policy != 0)
        set_text(&inlines[MODEL_INLINE_ASKED], model_inline_documents[step->inline_policy], out_changed);
    if (is_create || step->well_known != 0)
        set_text(&inlines[MODEL_INLINE_DNS], step->well_known & 1 ? model_dns_document(j->arena) : NULL, out_changed);
    if (is_create)
        set_text(&inlines[MODEL_INLINE_BY_HAND], NULL, out_changed);
    if (is_create && inlines[MODEL_INLINE_REVOKE] != NULL)
        note_foreign(j, model_inline_names[MODEL_INLINE_REVOKE]);
}

static void mend_role(const struct judging *j) {
    bool has_changed = !j->role->is_there || j->out->is_adoption;
    bool takes_trust = j->role->is_there && is_offered(j);
    if (!j->role->is_there)
        make_role(j);
    mend_trust(j, takes_trust, &has_changed);
    mend_boundary(j, &has_changed);
    mend_tags(j, &has_changed);
    mend_managed(j, &has_changed);
    mend_inlines(j, &has_changed);
    if (has_changed)
        j->role->tags[MODEL_TAG_REQUEST] = model_mark(j->arena, j->request->offset);
    j->out->has_changed = j->out->has_changed || has_changed;
}

/* --- the account ---------------------------------------------------------------------------------------------------- */

/* What an apply would send, but for the mark. A field of ours that no request speaks of stays. */
static void wanted_fields(const struct judging *j, const char *wanted[MODEL_FIELDS]) {
    const struct model_account *account = j->account;
    bool is_made = !account->is_there || is_made_by_us(account), is_create = j->step->kind == MODEL_CREATE;
    for (int i = 0; i < MODEL_FIELDS; i++)
        wanted[i] = NULL;
    wanted[MODEL_NOTE_ROLE] = wanted_arn(j);
    wanted[MODEL_LABEL_MANAGED] = is_made ? "irsa" : NULL;
    wanted[MODEL_NOTE_CREATED] = is_made ? "true" : NULL;
    wanted[MODEL_LABEL_TEAM] = model_tag_values[j->step->labels];
    wanted[MODEL_NOTE_NOTE] = model_note_values[j->step->notes];
    if (!is_create && j->step->labels == 0 && account->is_ours[MODEL_LABEL_TEAM])
        wanted[MODEL_LABEL_TEAM] = account->values[MODEL_LABEL_TEAM];
    if (!is_create && j->step->notes == 0 && account->is_ours[MODEL_NOTE_NOTE])
        wanted[MODEL_NOTE_NOTE] = account->values[MODEL_NOTE_NOTE];
}

static bool account_differs(const struct model_account *account, const char *const wanted[MODEL_FIELDS]) {
    for (int i = 0; i < MODEL_FIELDS; i++)
        if (i != MODEL_NOTE_REQUEST &&
            (wanted[i] != NULL ? !irsa_text_equal(wanted[i], account->values[i]) : account->is_ours[i]))
            return true;
    return false;
}

static bool judge_fields(const struct judging *j) {
    const char *wanted[MODEL_FIELDS];
    if (j->account == NULL || !j->account->is_there || j->step->override)
        return true;
    wanted_fields(j, wanted);
    for (int i = 0; i < MODEL_FIELDS; i++)
        if (wanted[i] != NULL && j->account->is_theirs[i] && !irsa_text_equal(wanted[i], j->account->values[i]))
            return refuse(j, IRSA_CODE_CONFLICT);
    return true;
}

/* Server-side apply: what is sent is ours, what is no longer sent goes unless another holds it too. */
static void apply_field(struct model_account *account, int i, const char *wanted) {
    if (wanted != NULL) {
        account->is_theirs[i] = account->is_theirs[i] && irsa_text_equal(wanted, account->values[i]);
        account->values[i] = wanted;
    } else if (account->is_ours[i] && !account->is_theirs[i]) {
        account->values[i] = NULL;
    }
    account->is_ours[i] = wanted != NULL;
}

static void mend_account(const struct judging *j) {
    struct model_account *account = j->account;
    const char *wanted[MODEL_FIELDS];
    if (account == NULL)
        return;
    wanted_fields(j, wanted);
    if (account->is_there && !account_differs(account, wanted))
        return;
    j->out->wants_restart =
        account->is_there && !irsa_text_equal(account->values[MODEL_NOTE_ROLE], wanted[MODEL_NOTE_ROLE]);
    if (!account->is_there)
        *account = (struct model_account){.is_there = true, .uid = MODEL_NEW};
    wanted[MODEL_NOTE_REQUEST] = model_mark(j->arena, j->request->offset);
    for (int i = 0; i < MODEL_FIELDS; i++)
        apply_field(account, i, wanted[i]);
    j->out->has_changed = true;
}

/* --- the actions ---------------------------------------------------------------------------------------------------- */

/* CreateRole is asked whether the role is there: what goes before it in the plan is done by then. */
static bool finds_out_by_creating(const struct judging *j) {
    return j->step->kind == MODEL_CREATE && !j->step->dry_run && (j->account == NULL || !j->account->is_there);
}

static bool judge_role_to_write(struct judging *j) {
    if (finds_out_by_creating(j)) {
        j->out->is_namespace_open = j->account != NULL && !j->cluster->has_namespace;
        mend_place(j);
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
    if (!judge_fields(j))
        return;
    mend_place(j);
    const char *arn = wanted_arn(j);
    if (j->role != NULL)
        mend_role(j);
    assert_string_equal(arn, wanted_arn(j));
    mend_account(j);
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
        note_foreign(j, irsa_arena_format(j->arena, MODEL_NAMESPACE "/%s", model_account_names[j->step->who]));
        return;
    }
    j->out->has_changed = true;
    if (is_made_by_us(account))
        *account = (struct model_account){.is_there = false};
    for (int i = 0; i < MODEL_FIELDS; i++)
        apply_field(account, i, NULL);
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
        mend_provider(j);
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
