/*
 * What the two halves of the model share: model_rules.c judges a request, model_mend.c does what it asks for.
 */
#ifndef IRSA_TESTS_MODEL_JUDGING_H
#define IRSA_TESTS_MODEL_JUDGING_H

#include "tests/support/model_rules.h"

struct judging {
    struct irsa_arena *arena;
    const struct model_request *request;
    const struct model_step *step;
    struct model_expectation *out;
    struct model_account *account; /* NULL: not looked at */
    struct model_role *role;       /* NULL: not looked at */
    struct model_cluster *cluster; /* NULL: it is gone */
};

/* It is there, not ours, and stays. */
void model_note_foreign(const struct judging *j, const char *what);

/* Is the role's owner willing to give it, and does the request ask for that? */
bool model_is_offered(const struct judging *j);

bool model_is_made_by_us(const struct model_account *account);

/* Of the role that the account is to have. */
const char *model_wanted_arn(const struct judging *j);

/* Does another field manager hold a field that the request would change without force? */
bool model_fields_are_held(const struct judging *j);

/* What create and update do; each notes whether it changed anything. */
void model_mend_provider(const struct judging *j);
void model_mend_place(const struct judging *j); /* what every pair in the cluster shares */
void model_mend_role(const struct judging *j);
void model_mend_account(const struct judging *j);

/* An apply without fields: what only we hold goes. */
void model_apply_nothing(struct model_account *account);

#endif
