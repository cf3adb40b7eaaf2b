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

/* --- the account that is made anew in the middle of a request -------------------------------------------------------- */

static bool meddling_exchange(void *self, const struct irsa_http_call *call, struct irsa_arena *arena,
                              struct irsa_http_reply *out_reply, struct irsa_error *err) {
    struct model_play *play = self;
    if (++play->calls == play->meddle_at) {
        model_remake_account(play, play->meddle_who, 0);
        play->meddled = play->world.accounts[play->meddle_who];
    }
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
    out->step.meddle = out->step.who != MODEL_GONE && out->step.kind != MODEL_ASSOCIATE && step->meddle;
    out->step.dies =
        step->dies && play->lag_ms == 0; /* what was just written is remembered by the process that wrote */
    return true;
}

static void deliver(struct model_play *play, const struct model_request *request, struct model_answer *out) {
    struct stage *stage = &play->stage;
    const struct model_step *step = &request->step;
    play->calls = 0;
    play->meddle_at = step->meddle ? step->at : 0;
    play->meddle_who = step->who;
    play->meddled = (struct model_account){.is_there = false};
    stage_fault(stage, (enum stage_fault)step->fault, step->at, step->dies != 0);
    out->err = (struct irsa_error){.code = IRSA_CODE_NONE};
    out->is_done =
        stage_deliver(stage, model_request_data(stage->arena, request), request->offset, &out->result, &out->err);
    if (stage->is_dead)
        stage_restart(stage);
    stage_fault(stage, STAGE_NO_FAULT, 0, false);
    play->meddle_at = 0;
    if (step->adopt) /* whose a role is, its tags say as IAM shows them: a role that has just become ours is not yet */
        stage->now_ms += play->lag_ms;
}

static void look(struct model_play *play) {
    struct stage *stage = &play->stage;
    play->strange = model_world_read(stage->arena, stage_control(stage, "GET", "/world", NULL), &play->world);
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

/* A delete that comes again when the role of the annotation is gone takes the default one, if that is ours too. */
static void forgive_second_role(struct model_play *play, const struct model_request *request,
                                const struct model_world *before, struct model_expectation *wanted) {
    unsigned who = request->step.who;
    if (request->step.kind == MODEL_DELETE && wanted->is_done && wanted->role == MODEL_SHARED &&
        !play->world.roles[who].is_there && model_role_is_ours(play->stage.arena, &before->roles[who], who))
        wanted->after.roles[who] = play->world.roles[who];
}

static const char *judge(struct model_play *play, const struct model_request *request, const struct model_world *before,
                         const struct model_answer *answer) {
    struct irsa_arena *arena = play->stage.arena;
    bool is_vague = request->step.fault != 0 || play->lag_ms > 0 || play->stage.now_ms < play->vague_until_ms;
    struct model_expectation wanted;
    model_expect(arena, before, request, &wanted);
    if (is_vague)
        forgive_marks(play, request, before, &wanted.after);
    if (request->step.fault != 0)
        forgive_second_role(play, request, before, &wanted);
    if (wanted.is_namespace_open) {
        unsigned cluster = model_cluster_index(request->step.who);
        wanted.after.clusters[cluster].has_namespace = play->world.clusters[cluster].has_namespace;
    }
    const char *problem = model_answer_differs(arena, request, &wanted, before, &play->world, answer, is_vague);
    return problem != NULL ? problem : model_world_differ(arena, &wanted.after, &play->world, before);
}

/* --- when somebody meddled ------------------------------------------------------------------------------------------ */

/* Whatever became of the request: the new account is not removed, nor changed without override, nor is anybody else's. */
static const char *judge_meddled_account(struct model_play *play, const struct model_request *request,
                                         const struct model_world *before) {
    struct model_world wanted = *before;
    unsigned who = request->step.who;
    wanted.roles[who] = play->world.roles[who];
    wanted.roles[MODEL_SHARED] = play->world.roles[MODEL_SHARED];
    wanted.clusters[model_cluster_index(who)] = play->world.clusters[model_cluster_index(who)];
    wanted.accounts[who] = play->meddled;
    if (request->step.override) {
        wanted.accounts[who] = play->world.accounts[who];
        wanted.accounts[who].is_there = true;
        wanted.accounts[who].uid = play->meddled.uid;
    }
    return model_world_differ(play->stage.arena, &wanted, &play->world, before);
}

/* --- steps ---------------------------------------------------------------------------------------------------------- */

static const char *play_request(struct model_play *play, const struct model_step *step) {
    struct model_request request;
    struct model_answer answer;
    const struct model_world before = play->world;
    if (!request_of(play, step, &request))
        return NULL;
    deliver(play, &request, &answer);
    look(play);
    if (play->strange != NULL)
        return play->strange;
    if (play->meddled.is_there)
        return judge_meddled_account(play, &request, &before);
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
