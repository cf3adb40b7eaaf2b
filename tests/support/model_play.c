/*
 * Playing: each step is done, the world is looked at, and the model is asked whether it may be so.
 */
#include "tests/support/model_play.h"

#include <string.h>

#include "core/base/arena.h"
#include "tests/support/test.h"

#define FIRST_OFFSET 10

/* Others' things that no request speaks of. */
static const char BYSTANDERS[] =
    "{\"accounts\":{\"" MODEL_ACCOUNT "\":{"
    "\"roles\":[{\"roleName\":\"bystander\",\"tags\":{\"owner\":\"somebody\"},\"attachedPolicies\":"
    "[\"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess\"]},{\"roleName\":\"cluster-13-apps-reader-9e17ec3\"}],"
    "\"policies\":[{\"policyName\":\"bystander\"}],"
    "\"oidcProviders\":[{\"url\":\"https://example.com/id/BYSTANDER\",\"clientIDs\":[\"sts.amazonaws.com\"]}]}},"
    "\"clusters\":{\"us-west-2/cluster-13\":{\"serviceAccounts\":[{\"metadata\":{\"name\":\"bystander\",\"namespace\":"
    "\"others\",\"labels\":{\"app.kubernetes.io/managed-by\":\"irsa\"}}}]}}}";

/* --- somebody who changes the account or the role in the middle of a request ----------------------------------------- */

/* Is there anything to change at that moment? */
static bool can_meddle(const struct model_play *play) {
    enum model_meddling how = (enum model_meddling)play->meddling.meddle;
    if (how == MODEL_MEDDLE_ROLE)
        return play->meddling_role >= 0 && play->world.roles[play->meddling_role].is_there;
    return how == MODEL_MEDDLE_REMAKE || play->world.accounts[play->meddling.who].is_there;
}

static void meddle(struct model_play *play) {
    static const struct model_step CHANGES[MODEL_MEDDLINGS] = {
        [MODEL_MEDDLE_REMAKE] = {.kind = MODEL_REMAKE_ACCOUNT},
        [MODEL_MEDDLE_DROP] = {.kind = MODEL_DROP_ACCOUNT},
        [MODEL_MEDDLE_EDIT] = {.kind = MODEL_EDIT_ACCOUNT, .what = 6}, /* a label that no request speaks of */
        [MODEL_MEDDLE_ROLE] = {.kind = MODEL_DROP_ROLE, .what = 8},    /* and no time passes */
    };
    struct model_step change = CHANGES[play->meddling.meddle];
    change.who = play->meddling.who;
    change.role_name = play->meddling_role == MODEL_SHARED;
    model_look(play);
    if (!can_meddle(play))
        return;
    model_play_others(play, &change);
    play->has_meddled = true;
    play->meddled = play->world.accounts[change.who];
}

static bool meddling_exchange(void *self, const struct irsa_http_call *call, struct irsa_arena *arena,
                              struct irsa_http_reply *out_reply, struct irsa_error *err) {
    struct model_play *play = self;
    if (++play->calls == play->meddling.at && play->meddling.meddle != MODEL_NO_MEDDLING)
        meddle(play);
    return play->exchange(self, call, arena, out_reply, err);
}

static void open_play(struct model_play *play) {
    *play = (struct model_play){.lag_ms = 0};
    stage_open(&play->stage);
    play->exchange = play->stage.transport.exchange;
    play->stage.transport.exchange = meddling_exchange;
    model_put(play, BYSTANDERS);
}

/* --- requests ------------------------------------------------------------------------------------------------------- */

/* expect 1: what is there now, if anything is; 2: something else. */
static void resolve_expected(const struct model_play *play, struct model_request *request) {
    const struct model_step *step = &request->step;
    if (step->expect == 0)
        return;
    request->expect_uid = "11111111-2222-3333-4444-555555555555";
    if (step->expect != 1)
        return;
    const struct model_role *role = &play->world.roles[step->role_name ? MODEL_SHARED : step->who];
    if (role->is_there)
        request->expect_role_id = role->id;
    if (play->world.accounts[step->who].is_there)
        request->expect_uid = play->world.accounts[step->who].uid;
}

/* A new request, or one of before with its own offset; the trouble is that of this step. False: there is none. */
static bool request_of(struct model_play *play, const struct model_step *step, struct model_request *out) {
    if (step->kind == MODEL_AGAIN) {
        if (play->request_count == 0)
            return false;
        *out = play->history[play->request_count - 1 - step->back % play->request_count];
    } else {
        *out = (struct model_request){.step = *step, .offset = FIRST_OFFSET + (int64_t)play->request_count};
        resolve_expected(play, out);
        play->history[play->request_count++] = *out;
    }
    if (out->step.who !=
        play->last_who) /* what another's request has just done to a role is not seen yet: it may be refused */
        play->stage.now_ms += play->lag_ms;
    play->last_who = out->step.who;
    out->step.fault = step->fault;
    out->step.at = step->at;
    out->step.meddle =
        out->step.who != MODEL_GONE && out->step.kind != MODEL_ASSOCIATE ? step->meddle : MODEL_NO_MEDDLING;
    out->step.dies =
        step->dies && play->lag_ms == 0; /* what was just written is remembered by the process that wrote */
    return true;
}

/* The role that a request is about, or -1. */
static int role_of(struct model_play *play, const struct model_request *request) {
    struct model_expectation wanted;
    model_expect(play->stage.arena, &play->world, request, &wanted);
    return wanted.role;
}

static void deliver(struct model_play *play, const struct model_request *request, struct model_answer *out) {
    struct stage *stage = &play->stage;
    const struct model_step *step = &request->step;
    play->calls = 0;
    play->meddling = *step;
    play->has_meddled = false;
    play->meddling_role = role_of(play, request);
    stage_fault(stage, (enum stage_fault)step->fault, step->at, step->dies != 0);
    out->err = (struct irsa_error){.code = IRSA_CODE_NONE};
    out->is_done =
        stage_deliver(stage, model_request_data(stage->arena, request), request->offset, &out->result, &out->err);
    if (stage->is_dead)
        stage_restart(stage);
    stage_fault(stage, STAGE_NO_FAULT, 0, false);
    play->meddling = (struct model_step){.meddle = MODEL_NO_MEDDLING};
    if (step->adopt) /* whose a role is, its tags say as IAM shows them: a role that has just become ours is not yet */
        stage->now_ms += play->lag_ms;
}

/*
 * What is written twice, because an answer was lost or a list lagged, carries the mark of who did so. A process that dies
 * after the trust or the boundary and before the tags leaves no mark, and finds nothing to do when it comes back.
 */
static void forgive_marks(struct model_play *play, const struct model_request *request,
                          const struct model_world *before, struct model_world *wanted) {
    const char *mark = model_mark(play->stage.arena, request->offset);
    for (int i = 0; i < MODEL_ROLES; i++) {
        const char **tag = &wanted->roles[i].tags[MODEL_TAG_REQUEST];
        const char *found = play->world.roles[i].tags[MODEL_TAG_REQUEST];
        bool is_own = irsa_text_equal(found, mark) && *tag != NULL;
        bool is_old = request->step.fault != 0 && irsa_text_equal(found, before->roles[i].tags[MODEL_TAG_REQUEST]);
        if (is_own || (is_old && before->roles[i].is_there && wanted->roles[i].is_there))
            *tag = found;
    }
}

/*
 * A delete that comes again when the role of the annotation is gone looks at the one that has the default name: it takes it
 * if that is ours too, and is refused if it is somebody's. False: so it was, and there is no more to judge.
 */
static bool forgive_second_role(struct model_play *play, const struct model_request *request,
                                const struct model_world *before, const struct model_answer *answer,
                                struct model_expectation *wanted) {
    unsigned who = request->step.who;
    if (!wanted->is_role_first || !before->roles[who].is_there)
        return true;
    if (!model_role_is_ours(play->stage.arena, &before->roles[who], who))
        return answer->is_done || answer->err.code != IRSA_CODE_CONFLICT;
    if (!play->world.roles[who].is_there)
        wanted->after.roles[who] = play->world.roles[who];
    return true;
}

/* --- when somebody meddled ------------------------------------------------------------------------------------------ */

/* What the request had already done to its own role and cluster is not asked for. */
static struct model_world open_world(const struct model_play *play, const struct model_request *request,
                                     const struct model_world *before) {
    struct model_world wanted = *before;
    unsigned who = request->step.who;
    wanted.roles[who] = play->world.roles[who];
    wanted.roles[MODEL_SHARED] = play->world.roles[MODEL_SHARED];
    wanted.clusters[model_cluster_index(who)] = play->world.clusters[model_cluster_index(who)];
    return wanted;
}

/* A new account of others is not removed, nor changed without override. */
static const char *judge_remade(struct model_play *play, const struct model_request *request,
                                const struct model_world *before) {
    struct model_world wanted = open_world(play, request, before);
    struct model_account *account = &wanted.accounts[request->step.who];
    *account = play->meddled;
    if (request->step.override) {
        *account = play->world.accounts[request->step.who];
        account->is_there = true;
        account->uid = play->meddled.uid;
    }
    return model_world_differ(play->stage.arena, &wanted, &play->world, before);
}

/* What was deleted stays so, or is made anew by a request that makes accounts. */
static const char *judge_dropped(struct model_play *play, const struct model_request *request,
                                 const struct model_world *before) {
    struct model_world wanted = open_world(play, request, before);
    struct model_account *account = &wanted.accounts[request->step.who];
    bool is_made = play->world.accounts[request->step.who].is_there && request->step.kind != MODEL_DELETE;
    *account = (struct model_account){.is_there = false};
    if (is_made) {
        *account = play->world.accounts[request->step.who];
        account->uid = MODEL_NEW;
        account->values[MODEL_LABEL_MANAGED] = "irsa";
    }
    return model_world_differ(play->stage.arena, &wanted, &play->world, before);
}

/* A label that no request speaks of stays, and changes nothing else. */
static void keep_edit(struct model_play *play, const struct model_request *request, struct model_world *wanted) {
    struct model_account *account = &wanted->accounts[request->step.who];
    if (!play->has_meddled || request->step.meddle != MODEL_MEDDLE_EDIT || !account->is_there)
        return;
    account->values[MODEL_LABEL_TIER] = "gold";
    account->is_theirs[MODEL_LABEL_TIER] = true;
}

/* --- steps ---------------------------------------------------------------------------------------------------------- */

/* What a request may have made for its cluster before it turned out to be refused. */
static void leave_open(const struct model_play *play, const struct model_request *request,
                       struct model_expectation *wanted) {
    if (request->step.who == MODEL_GONE)
        return;
    unsigned index = model_cluster_index(request->step.who);
    const struct model_cluster *found = &play->world.clusters[index];
    if (play->has_meddled && request->step.meddle == MODEL_MEDDLE_ROLE)
        wanted->after.clusters[index] = *found;
    else if (wanted->is_namespace_open)
        wanted->after.clusters[index].has_namespace = found->has_namespace;
}

static const char *judge(struct model_play *play, const struct model_request *request, const struct model_world *before,
                         const struct model_answer *answer) {
    struct irsa_arena *arena = play->stage.arena;
    bool is_vague =
        request->step.fault != 0 || play->lag_ms > 0 || play->stage.now_ms < play->vague_until_ms || play->has_meddled;
    struct model_expectation wanted;
    model_expect(arena, before, request, &wanted);
    if (is_vague)
        forgive_marks(play, request, before, &wanted.after);
    if (request->step.fault != 0 && !forgive_second_role(play, request, before, answer, &wanted))
        return NULL;
    leave_open(play, request, &wanted);
    keep_edit(play, request, &wanted.after);
    if (play->has_lost_role)
        wanted.after.roles[play->meddling_role] = (struct model_role){.is_there = false};
    const char *problem = model_answer_differs(arena, request, &wanted, before, &play->world, answer, is_vague);
    return problem != NULL ? problem : model_world_differ(arena, &wanted.after, &play->world, before);
}

/* Somebody deleted the role in the middle: it is as if they had done so before the request, or after it. */
static const char *judge_without_role(struct model_play *play, const struct model_request *request,
                                      const struct model_world *before, const struct model_answer *answer) {
    struct model_world without = *before;
    without.roles[play->meddling_role] = (struct model_role){.is_there = false};
    const char *as_if_before = judge(play, request, &without, answer);
    play->has_lost_role = true;
    const char *as_if_after = judge(play, request, before, answer);
    play->has_lost_role = false;
    return as_if_before == NULL || as_if_after == NULL
               ? NULL
               : irsa_arena_format(play->stage.arena, "as if the role had been deleted before: %s; as if after: %s",
                                   as_if_before, as_if_after);
}

static const char *play_request(struct model_play *play, const struct model_step *step) {
    struct model_request request;
    struct model_answer answer;
    const struct model_world before = play->world;
    if (!request_of(play, step, &request))
        return NULL;
    deliver(play, &request, &answer);
    model_look(play);
    if (play->strange != NULL)
        return play->strange;
    if (play->has_meddled && request.step.meddle == MODEL_MEDDLE_REMAKE)
        return judge_remade(play, &request, &before);
    if (play->has_meddled && request.step.meddle == MODEL_MEDDLE_DROP)
        return judge_dropped(play, &request, &before);
    if (play->has_meddled && request.step.meddle == MODEL_MEDDLE_ROLE)
        return judge_without_role(play, &request, &before, &answer);
    return judge(play, &request, &before, &answer);
}

bool model_play(const struct model_script *script, size_t *out_step, char *out_fault, size_t fault_size) {
    struct model_play *play = malloc(sizeof *play);
    const char *problem = NULL;
    open_play(play);
    for (size_t i = 0; i < script->count && problem == NULL; i++) {
        *out_step = i + 1;
        if (model_is_request(&script->steps[i]))
            problem = play_request(play, &script->steps[i]);
        else
            model_play_others(play, &script->steps[i]);
    }
    if (problem != NULL)
        (void)snprintf(out_fault, fault_size, "%s", problem);
    stage_close(&play->stage);
    free(play);
    return problem == NULL;
}
