/*
 * Playing a script of the provisioning model test on a stage of its own: after each step the sandbox's world, and the
 * result of a request, must be what the model says.
 */
#ifndef IRSA_TESTS_MODEL_PLAY_H
#define IRSA_TESTS_MODEL_PLAY_H

#include "tests/support/model_rules.h"
#include "tests/support/stage.h"

struct model_play {
    struct stage stage; /* first: its transport's self leads to the play */
    struct model_world world;
    const char *strange; /* in the world, and nobody asked for it; NULL */
    struct model_request history[MODEL_MAX_STEPS];
    size_t request_count;
    int64_t lag_ms;
    int64_t vague_until_ms; /* others have just changed a role: a worker may undo once more what it has just written */
    unsigned last_who;
    /* somebody who changes the account or the role in the middle of a request */
    bool (*exchange)(void *self, const struct irsa_http_call *call, struct irsa_arena *arena,
                     struct irsa_http_reply *out_reply, struct irsa_error *err);
    struct model_step meddling; /* of the request */
    int meddling_role;          /* the one that the request is about, or -1 */
    unsigned calls;
    bool has_meddled;
    bool has_lost_role;           /* while it is judged whether it went after all that the request did */
    struct model_account meddled; /* the account as they left it */
};

/* True when all went as the model says; else `out_fault` says what did not, and after which step (from 1). */
bool model_play(const struct model_script *script, size_t *out_step, char *out_fault, size_t fault_size);

/* One step of others, or of time. */
void model_play_others(struct model_play *play, const struct model_step *step);

/* The play's world is what is there now. */
void model_look(struct model_play *play);

/* PUT /world; the play's world is the answer. */
void model_put(struct model_play *play, const char *document);

/* The request as JSON. */
const char *model_request_data(struct irsa_arena *arena, const struct model_request *request);

/* NULL, or why the result is not what the model expects. `is_vague`: IAM lagged or calls were lost, so that the worker may
 * have done something twice. */
struct model_answer {
    bool is_done;
    struct irsa_result result;
    struct irsa_error err;
};
const char *model_answer_differs(struct irsa_arena *arena, const struct model_request *request,
                                 const struct model_expectation *wanted, const struct model_world *before,
                                 const struct model_world *found, const struct model_answer *answer, bool is_vague);

#endif
