/*
 * What others do: people, Helm, eksctl, incident responses, EKS; and what time does.
 */
#include <string.h>

#include "core/base/arena.h"
#include "tests/support/model_documents.h"
#include "tests/support/model_play.h"
#include "tests/support/test.h"

#define LONG_ENOUGH_MS 301000 /* what a worker remembers of a cluster and its provider is forgotten */
#define RECENT_MS      61000  /* what it remembers of its own writes is */
#define AT_ONCE        8      /* bit of `what`: the next request comes within that time */

void model_put(struct model_play *play, const char *document) {
    struct stage *stage = &play->stage;
    play->strange = model_world_read(stage->arena, stage_control(stage, "PUT", "/world", document), &play->world);
}

void model_look(struct model_play *play) {
    struct stage *stage = &play->stage;
    play->strange = model_world_read(stage->arena, stage_control(stage, "GET", "/world", NULL), &play->world);
}

/* --- roles ---------------------------------------------------------------------------------------------------------- */

static const char *offer_to(struct irsa_arena *arena, unsigned who) {
    return irsa_arena_format(arena, "%s/" MODEL_NAMESPACE "/%s", model_cluster_arn(arena, who),
                             model_account_names[who]);
}

static void drop_role(struct model_play *play, unsigned index) {
    model_put(play, irsa_arena_format(play->stage.arena,
                                      "{\"accounts\":{\"" MODEL_ACCOUNT "\":{\"delete\":{\"roles\":[\"%s\"]}}}}",
                                      model_role_names[index]));
}

static void tag_for(struct irsa_arena *arena, const char **tags, unsigned who, const char *account) {
    tags[MODEL_TAG_CLUSTER] = model_cluster_arn(arena, who);
    tags[MODEL_TAG_ACCOUNT] = irsa_arena_format(arena, MODEL_NAMESPACE "/%s", account);
    tags[MODEL_TAG_OWNER] = "irsa";
}

/* Somebody's role under the same name: whose, is said by its tags. */
static void remake_role(struct model_play *play, const struct model_step *step, unsigned index) {
    struct irsa_arena *arena = play->stage.arena;
    struct model_role role = {.is_there = true, .path = "/", .trust = model_others_trust};
    role.tags[MODEL_TAG_COST] = "42";
    role.managed = 1u << MODEL_ADMIN | 1u << 1;
    role.inlines[MODEL_INLINE_BY_HAND] = model_by_hand;
    unsigned sort = step->what % 8;
    if (sort == 1 || sort == 2 || sort == 4 || sort == 5)
        role.tags[MODEL_TAG_ADOPT] = offer_to(arena, step->who);
    if (sort == 3 || sort == 4)
        role.tags[MODEL_TAG_EKSCTL] = "apps/reader";
    if (sort >= 5)
        tag_for(arena, role.tags, step->who, sort == 6 ? "other" : model_account_names[step->who]);
    if (sort == 5)
        role.tags[MODEL_TAG_OWNER] = "team-b";
    drop_role(play, index);
    model_put(play, model_role_put(arena, index, &role));
}

static void tag_role(struct irsa_arena *arena, struct model_role *role, const struct model_step *step) {
    switch (step->what % 4) {
    case 0:
        role->tags[MODEL_TAG_ADOPT] = offer_to(arena, step->who);
        break;
    case 1:
        role->tags[MODEL_TAG_OWNER] = "team-b";
        break;
    case 2:
        role->tags[MODEL_TAG_COST] = "42";
        break;
    default:
        role->tags[MODEL_TAG_ACCOUNT] = "apps/other";
    }
}

static void edit_role(struct irsa_arena *arena, struct model_role *role, const struct model_step *step) {
    unsigned what = step->what;
    if (step->kind == MODEL_ATTACH)
        role->managed |= 1u << what % MODEL_POLICIES;
    else if (step->kind == MODEL_DETACH)
        role->managed &= ~(1u << what % MODEL_POLICIES);
    else if (step->kind == MODEL_PUT_INLINE)
        role->inlines[what % 2 == 0 ? MODEL_INLINE_BY_HAND : MODEL_INLINE_REVOKE] = model_by_hand;
    else if (step->kind == MODEL_EDIT_INLINE && role->inlines[what % 2] != NULL)
        role->inlines[what % 2] = model_by_hand;
    else if (step->kind == MODEL_DELETE_INLINE)
        role->inlines[what % MODEL_INLINES] = NULL;
    else if (step->kind == MODEL_EDIT_TRUST)
        role->trust = model_others_trust;
    else if (step->kind == MODEL_BOUND)
        role->boundary = model_boundaries[1 + what % 2];
    else if (step->kind == MODEL_UNBOUND)
        role->boundary = NULL;
    else if (step->kind == MODEL_TAG)
        tag_role(arena, role, step);
    else if (step->kind == MODEL_UNTAG)
        role->tags[what % MODEL_TAGS] = NULL;
}

static void change_role(struct model_play *play, const struct model_step *step) {
    unsigned index = step->role_name ? MODEL_SHARED : step->who;
    struct model_role role = play->world.roles[index];
    if (step->kind == MODEL_REMAKE_ROLE) {
        remake_role(play, step, index);
        return;
    }
    if (step->kind == MODEL_DROP_ROLE) {
        drop_role(play, index);
        return;
    }
    if (!role.is_there)
        return;
    edit_role(play->stage.arena, &role, step);
    model_put(play, model_role_put(play->stage.arena, index, &role));
}

/* A worker that has just left its mark on a role sticks to it, though others take the mark away. */
static void change_role_in_time(struct model_play *play, const struct model_step *step) {
    bool takes_mark = step->kind == MODEL_REMAKE_ROLE || step->kind == MODEL_UNTAG;
    change_role(play, step);
    if ((step->what & AT_ONCE) && !takes_mark)
        play->vague_until_ms = play->stage.now_ms + RECENT_MS;
    else
        play->stage.now_ms += RECENT_MS;
}

/* --- service accounts ----------------------------------------------------------------------------------------------- */

static void put_account(struct model_play *play, unsigned who, const struct model_account *account, const char *manager,
                        const char *operation) {
    model_put(play, model_account_put(play->stage.arena, who, account, manager, operation));
}

static void drop_account(struct model_play *play, unsigned who) {
    model_put(play,
              irsa_arena_format(play->stage.arena,
                                "{\"clusters\":{\"us-west-2/%s\":{\"delete\":{\"serviceAccounts\":[\"" MODEL_NAMESPACE
                                "/%s\"]}}}}",
                                model_clusters_of[who], model_account_names[who]));
}

static void remake_account(struct model_play *play, unsigned who, unsigned what) {
    struct model_account account = {.is_there = true};
    account.values[MODEL_LABEL_TIER] = "gold";
    if (what & 1)
        account.values[MODEL_LABEL_MANAGED] = "eksctl";
    if (what & 2)
        account.values[MODEL_LABEL_TEAM] = "theirs";
    drop_account(play, who);
    put_account(play, who, &account, "kubectl", "Update");
}

/* kubectl edit: the object as it was, but for one thing. */
static void edit_account(struct model_play *play, const struct model_step *step) {
    static const struct {
        enum model_field field;
        const char *value;
    } EDITS[8] = {
        {MODEL_NOTE_ROLE, NULL},    {MODEL_LABEL_MANAGED, NULL},     {MODEL_NOTE_REQUEST, NULL},
        {MODEL_NOTE_CREATED, NULL}, {MODEL_LABEL_TEAM, "theirs"},    {MODEL_NOTE_NOTE, "theirs"},
        {MODEL_LABEL_TIER, "gold"}, {MODEL_LABEL_MANAGED, "eksctl"},
    };
    struct model_account account = play->world.accounts[step->who];
    if (!account.is_there)
        return;
    account.values[EDITS[step->what % 8].field] = EDITS[step->what % 8].value;
    put_account(play, step->who, &account, "kubectl", "Update");
}

/* Another tool applies a field of ours by force. */
static void seize_account(struct model_play *play, const struct model_step *step) {
    struct model_account fields = {.is_there = true};
    if (!play->world.accounts[step->who].is_there)
        return;
    if (step->what % 2 == 0)
        fields.values[MODEL_NOTE_ROLE] = MODEL_OTHERS_ROLE;
    else
        fields.values[MODEL_LABEL_TEAM] = "argo";
    put_account(play, step->who, &fields, "argocd", "Apply");
}

static void change_account(struct model_play *play, const struct model_step *step) {
    if (step->kind == MODEL_EDIT_ACCOUNT)
        edit_account(play, step);
    else if (step->kind == MODEL_SEIZE_ACCOUNT)
        seize_account(play, step);
    else if (step->kind == MODEL_DROP_ACCOUNT)
        drop_account(play, step->who);
    else
        remake_account(play, step->who, step->what);
}

/* --- clusters ------------------------------------------------------------------------------------------------------- */

/*
 * A worker remembers clusters and providers for five minutes: until then it may say what was. A new one knows nothing of
 * what the one before has just written, so what lags arrives first.
 */
static void let_caches_go(struct model_play *play, const struct model_step *step) {
    play->stage.now_ms += play->lag_ms;
    if (step->what % 2 == 0)
        stage_restart(&play->stage);
    else
        play->stage.now_ms += LONG_ENOUGH_MS;
}

static void change_provider(struct model_play *play, const struct model_step *step) {
    const struct model_cluster *cluster = &play->world.clusters[model_cluster_index(step->who)];
    struct irsa_arena *arena = play->stage.arena;
    if (!cluster->has_provider)
        return;
    const char *change =
        step->kind == MODEL_DROP_PROVIDER
            ? irsa_arena_format(arena, "\"delete\":{\"oidcProviders\":[\"https://%s\"]}", cluster->issuer)
            : irsa_arena_format(arena, "\"oidcProviders\":[{\"url\":\"https://%s\",\"clientIDs\":[\"other\"]}]",
                                cluster->issuer);
    model_put(play, irsa_arena_format(arena, "{\"accounts\":{\"" MODEL_ACCOUNT "\":{%s}}}", change));
    let_caches_go(play, step);
}

static void drop_namespace(struct model_play *play, unsigned who) {
    model_put(play, irsa_arena_format(play->stage.arena,
                                      "{\"clusters\":{\"us-west-2/%s\":{\"delete\":{\"namespaces\":[\"" MODEL_NAMESPACE
                                      "\"]}}}}",
                                      model_clusters_of[who]));
}

/* Under the same name, with another issuer and nothing in it. */
static void recreate_cluster(struct model_play *play, const struct model_step *step) {
    drop_namespace(play, step->who);
    model_put(play, irsa_arena_format(
                        play->stage.arena,
                        "{\"clusters\":{\"us-west-2/%s\":{\"issuer\":\"https://oidc.eks.us-west-2.amazonaws."
                        "com/id/%s-%lld\"}}}",
                        model_clusters_of[step->who], model_clusters_of[step->who], (long long)play->stage.now_ms));
    let_caches_go(play, step);
}

static void change_cluster(struct model_play *play, const struct model_step *step) {
    if (step->kind == MODEL_DROP_NAMESPACE)
        drop_namespace(play, step->who);
    else if (step->kind == MODEL_RECREATE_CLUSTER)
        recreate_cluster(play, step);
    else
        change_provider(play, step);
}

/* --- IAM's ways, and time ------------------------------------------------------------------------------------------- */

static void change_model(struct model_play *play, const struct model_step *step) {
    const char *change;
    play->stage.now_ms += play->lag_ms; /* what lagged has arrived */
    if (step->kind == MODEL_LAG) {
        play->lag_ms = step->ms;
        change = irsa_arena_format(play->stage.arena, "{\"propagationMs\":%u}", step->ms);
    } else {
        change = irsa_arena_format(play->stage.arena, "{\"pageSize\":%u}", step->what % 4);
    }
    stage_control(&play->stage, "POST", "/model", change);
}

void model_play_others(struct model_play *play, const struct model_step *step) {
    if (step->kind == MODEL_WAIT)
        play->stage.now_ms += step->ms;
    else if (step->kind == MODEL_RESTART)
        let_caches_go(play, &(struct model_step){.what = 0});
    else if (step->kind == MODEL_PAGE || step->kind == MODEL_LAG)
        change_model(play, step);
    else if (step->kind <= MODEL_REMAKE_ROLE)
        change_role_in_time(play, step);
    else if (step->who != MODEL_GONE && step->kind <= MODEL_REMAKE_ACCOUNT)
        change_account(play, step);
    else if (step->who != MODEL_GONE)
        change_cluster(play, step);
}
