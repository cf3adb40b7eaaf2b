/*
 * Scripts of the provisioning model test: sequences of requests and of what others do meanwhile, made from a seed, written
 * and read as text, one step a line.
 */
#ifndef IRSA_TESTS_MODEL_SCRIPT_H
#define IRSA_TESTS_MODEL_SCRIPT_H

#include "core/base/text.h"

#define MODEL_MAX_STEPS 64

/* ROW(KIND, word, weight when steps are drawn) */
/* clang-format off */
#define MODEL_KIND_TABLE(ROW)                                                                          \
    ROW(CREATE,           "create",           30) /* requests, first */                                \
    ROW(UPDATE,           "update",           14)                                                      \
    ROW(DELETE,           "delete",           13)                                                      \
    ROW(ASSOCIATE,        "associate-oidc",    2)                                                      \
    ROW(AGAIN,            "again",            16) /* a request of before is delivered once more */     \
    ROW(ATTACH,           "attach",            3) /* what others do to a role */                       \
    ROW(DETACH,           "detach",            3)                                                      \
    ROW(PUT_INLINE,       "put-inline",        3)                                                      \
    ROW(EDIT_INLINE,      "edit-inline",       2)                                                      \
    ROW(DELETE_INLINE,    "delete-inline",     2)                                                      \
    ROW(EDIT_TRUST,       "edit-trust",        3)                                                      \
    ROW(BOUND,            "set-boundary",      1)                                                      \
    ROW(UNBOUND,          "remove-boundary",   2)                                                      \
    ROW(TAG,              "tag",               2)                                                      \
    ROW(UNTAG,            "untag",             3)                                                      \
    ROW(DROP_ROLE,        "delete-role",       2)                                                      \
    ROW(REMAKE_ROLE,      "remake-role",       5)                                                      \
    ROW(EDIT_ACCOUNT,     "edit-account",      5) /* what others do to a service account */            \
    ROW(SEIZE_ACCOUNT,    "seize-account",     2)                                                      \
    ROW(DROP_ACCOUNT,     "delete-account",    2)                                                      \
    ROW(REMAKE_ACCOUNT,   "remake-account",    3)                                                      \
    ROW(DROP_PROVIDER,    "delete-provider",   2) /* what others do to a cluster */                    \
    ROW(DROP_AUDIENCE,    "remove-audience",   1)                                                      \
    ROW(DROP_NAMESPACE,   "delete-namespace",  1)                                                      \
    ROW(RECREATE_CLUSTER, "recreate-cluster",  1)                                                      \
    ROW(PAGE,             "page",              2) /* IAM lists so many at once */                      \
    ROW(LAG,              "lag",               3) /* IAM's readers lag behind its writers */           \
    ROW(WAIT,             "wait",              4)                                                      \
    ROW(RESTART,          "restart",           2)
/* clang-format on */

enum model_kind {
#define MODEL_KIND_ROW(kind, word, weight) MODEL_##kind,
    MODEL_KIND_TABLE(MODEL_KIND_ROW)
#undef MODEL_KIND_ROW
        MODEL_KINDS
};

/* What 0 means is the absence of it, so that shrinking goes towards 0. */
struct model_step {
    unsigned kind;
    unsigned who;  /* which service account; MODEL_GONE: of a cluster that EKS does not know */
    unsigned what; /* of others' changes: which policy, tag, sort of role, … */
    /* of requests */
    unsigned managed, inline_policy, well_known, boundary, pattern, tags, labels, notes;
    unsigned role_name, role_only, attach_role;
    unsigned override, adopt, with_oidc, dry_run, gone, expect;
    /* of requests: what goes wrong at call `at` */
    unsigned fault; /* enum stage_fault */
    unsigned dies;
    unsigned meddle; /* just before that call somebody changes the account or role: enum model_meddling */
    unsigned at;
    unsigned back; /* of again: how many requests ago */
    unsigned ms;   /* of wait and lag */
};

enum model_meddling {
    MODEL_NO_MEDDLING,
    MODEL_MEDDLE_REMAKE, /* a person deletes the account and makes another */
    MODEL_MEDDLE_DROP,   /* the account is deleted */
    MODEL_MEDDLE_EDIT,   /* a label of somebody's is put on it */
    MODEL_MEDDLE_ROLE,   /* the role is deleted */
    MODEL_MEDDLINGS
};

#define MODEL_GONE 3
#define MODEL_WHO  4

struct model_script {
    struct model_step steps[MODEL_MAX_STEPS];
    size_t count;
};

void model_script_draw(struct model_script *script, uint64_t seed);
void model_script_write(const struct model_script *script, struct irsa_text *out);

/* False when `text` is no script; `out_word` is what nobody understands. */
bool model_script_read(struct model_script *script, const char *text, char out_word[64]);

/* The member that has the number `i`, or NULL beyond the last: for those who shrink. */
unsigned *model_step_member(struct model_step *step, size_t i);

bool model_is_request(const struct model_step *step);

/* Is each request one that the contract lets in? A script that was shrunk may ask for nothing at all. */
bool model_script_is_valid(const struct model_script *script);

#endif
