/*
 * What a create or an update makes of the role, the account and the cluster that they share, once it is judged.
 */
#include <string.h>

#include "core/base/arena.h"
#include "tests/support/model_documents.h"
#include "tests/support/model_judging.h"
#include "tests/support/test.h"

void model_note_foreign(const struct judging *j, const char *what) {
    assert_true(j->out->foreign_count < MODEL_MAX_FOREIGN);
    j->out->foreign[j->out->foreign_count++] = what;
}

bool model_is_offered(const struct judging *j) {
    const char *offer = irsa_arena_format(j->arena, "%s/" MODEL_NAMESPACE "/%s",
                                          model_cluster_arn(j->arena, j->step->who), model_account_names[j->step->who]);
    return j->step->adopt && irsa_text_equal(j->role->tags[MODEL_TAG_ADOPT], offer);
}

bool model_is_made_by_us(const struct model_account *account) {
    return irsa_text_equal(account->values[MODEL_LABEL_MANAGED], "irsa") || account->is_ours[MODEL_NOTE_CREATED];
}

/* --- the cluster and the role --------------------------------------------------------------------------------------- */

static void set_flag(const struct judging *j, bool *flag) {
    j->out->has_changed = j->out->has_changed || !*flag;
    *flag = true;
}

void model_mend_provider(const struct judging *j) {
    set_flag(j, &j->cluster->has_provider);
    set_flag(j, &j->cluster->has_audience);
}

void model_mend_place(const struct judging *j) {
    if (j->step->with_oidc && !j->step->attach_role)
        model_mend_provider(j);
    if (j->account != NULL && !j->account->is_there)
        set_flag(j, &j->cluster->has_namespace);
}

const char *model_wanted_arn(const struct judging *j) {
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
    const char *arn = model_wanted_arn(j);
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
        model_note_foreign(j, j->role->boundary);
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
        model_note_foreign(j, model_policy_arns[MODEL_DENY]);
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
        model_note_foreign(j, model_inline_names[MODEL_INLINE_REVOKE]);
}

void model_mend_role(const struct judging *j) {
    bool has_changed = !j->role->is_there || j->out->is_adoption;
    bool takes_trust = j->role->is_there && model_is_offered(j);
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
    bool is_made = !account->is_there || model_is_made_by_us(account), is_create = j->step->kind == MODEL_CREATE;
    for (int i = 0; i < MODEL_FIELDS; i++)
        wanted[i] = NULL;
    wanted[MODEL_NOTE_ROLE] = model_wanted_arn(j);
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

bool model_fields_are_held(const struct judging *j) {
    const char *wanted[MODEL_FIELDS];
    if (j->account == NULL || !j->account->is_there || j->step->override)
        return false;
    wanted_fields(j, wanted);
    for (int i = 0; i < MODEL_FIELDS; i++)
        if (wanted[i] != NULL && j->account->is_theirs[i] && !irsa_text_equal(wanted[i], j->account->values[i]))
            return true;
    return false;
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

void model_mend_account(const struct judging *j) {
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

void model_apply_nothing(struct model_account *account) {
    for (int i = 0; i < MODEL_FIELDS; i++)
        apply_field(account, i, NULL);
}
