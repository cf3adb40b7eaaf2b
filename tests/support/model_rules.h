/*
 * What must become of a request: the rules of docs/provisioning.md and docs/ownership.md once more, over the plain world
 * of model_world.h and without a line of core/provision.
 */
#ifndef IRSA_TESTS_MODEL_RULES_H
#define IRSA_TESTS_MODEL_RULES_H

#include <irsa/result.h>

#include "tests/support/model_world.h"

#define MODEL_MAX_FOREIGN 8

struct model_request {
    struct model_step step; /* never AGAIN: that is the step of the request of then */
    int64_t offset;
    const char *expect_role_id, *expect_uid; /* NULL: not expected */
};

struct model_expectation {
    struct model_world after;
    bool is_done; /* else it is refused with `code` */
    enum irsa_code code;
    enum irsa_outcome outcome;
    bool has_changed; /* or, of a dry run, would have */
    int role;         /* the one that it is about, or -1 */
    bool is_adoption;
    bool is_role_first;     /* of a delete: only the account's annotation names the role */
    bool is_namespace_open; /* it was missing, and may have been made before the request was refused */
    bool wants_restart;
    const char *foreign[MODEL_MAX_FOREIGN];
    size_t foreign_count;
};

void model_expect(struct irsa_arena *arena, const struct model_world *before, const struct model_request *request,
                  struct model_expectation *out);

const char *model_mark(struct irsa_arena *arena, int64_t offset);

/* Values that requests and the model share. */
extern const char *const model_inline_documents[3]; /* attachPolicy; from 1 */
extern const char *const model_boundaries[3];
extern const char *const model_patterns[3];
extern const char *const model_tag_values[3]; /* of tags and labels "team" */
extern const char *const model_note_values[3];
#define MODEL_OTHERS_ROLE "arn:aws:iam::" MODEL_ACCOUNT ":role/bystander" /* attachRoleARN */

/* Is the role ours for this service account, by its tags? */
bool model_role_is_ours(struct irsa_arena *arena, const struct model_role *role, unsigned who);

#endif
