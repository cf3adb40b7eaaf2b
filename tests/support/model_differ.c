/*
 * Where two worlds of the model differ: the first difference, for people.
 */
#include <string.h>

#include "core/base/arena.h"
#include "tests/support/model_world.h"

struct comparison {
    struct irsa_arena *arena;
    const char *thing; /* which role or account */
    const char *first; /* NULL: no difference so far */
};

static void compare(struct comparison *c, const char *part, const char *wanted, const char *found) {
    if (c->first == NULL && !irsa_text_equal(wanted, found))
        c->first = irsa_arena_format(c->arena, "%s: %s is %s, not %s", c->thing, part,
                                     found != NULL ? found : "(absent)", wanted != NULL ? wanted : "(absent)");
}

static void compare_flag(struct comparison *c, const char *part, bool wanted, bool found) {
    compare(c, part, wanted ? "true" : "false", found ? "true" : "false");
}

/* The id of the same thing, or of a new one. */
static void compare_id(struct comparison *c, const char *part, const char *wanted, const char *found,
                       const char *before) {
    bool is_new = wanted != NULL && strcmp(wanted, MODEL_NEW) == 0;
    if (!is_new)
        compare(c, part, wanted, found);
    else if (c->first == NULL && (found == NULL || irsa_text_equal(found, before)))
        c->first = irsa_arena_format(c->arena, "%s: %s is still %s, and should be new", c->thing, part, found);
}

static void compare_roles(struct comparison *c, const struct model_role *wanted, const struct model_role *found,
                          const struct model_role *before) {
    compare_flag(c, "being there", wanted->is_there, found->is_there);
    compare_id(c, "the id", wanted->id, found->id, before->id);
    compare(c, "the ARN", wanted->arn, found->arn);
    compare(c, "the trust policy", wanted->trust, found->trust);
    compare(c, "the boundary", wanted->boundary, found->boundary);
    for (int i = 0; i < MODEL_TAGS; i++)
        compare(c, model_tag_keys[i], wanted->tags[i], found->tags[i]);
    for (int i = 0; i < MODEL_POLICIES; i++)
        compare_flag(c, model_policy_arns[i], wanted->managed >> i & 1, found->managed >> i & 1);
    for (int i = 0; i < MODEL_INLINES; i++)
        compare(c, model_inline_names[i], wanted->inlines[i], found->inlines[i]);
}

static void compare_accounts(struct comparison *c, const struct model_account *wanted,
                             const struct model_account *found, const struct model_account *before) {
    compare_flag(c, "being there", wanted->is_there, found->is_there);
    compare_id(c, "the uid", wanted->uid, found->uid, before->uid);
    for (int i = 0; i < MODEL_FIELDS; i++)
        compare(c, model_field_keys[i], wanted->values[i], found->values[i]);
    const char *account = c->thing;
    for (int i = 0; i < MODEL_FIELDS; i++) {
        c->thing = irsa_arena_format(c->arena, "%s, who holds %s", account, model_field_keys[i]);
        compare_flag(c, "irsa", wanted->is_ours[i], found->is_ours[i]);
        compare_flag(c, "another manager", wanted->is_theirs[i], found->is_theirs[i]);
    }
}

const char *model_world_differ(struct irsa_arena *arena, const struct model_world *wanted,
                               const struct model_world *found, const struct model_world *before) {
    struct comparison c = {.arena = arena};
    for (int i = 0; i < MODEL_ROLES; i++) {
        c.thing = model_role_names[i];
        compare_roles(&c, &wanted->roles[i], &found->roles[i], &before->roles[i]);
    }
    for (unsigned i = 0; i < MODEL_WHO; i++) {
        c.thing = irsa_arena_format(arena, "%s of %s", model_account_names[i], model_clusters_of[i]);
        compare_accounts(&c, &wanted->accounts[i], &found->accounts[i], &before->accounts[i]);
    }
    for (size_t i = 0; i < MODEL_CLUSTERS; i++) {
        c.thing = i == 0 ? "cluster-13" : "cluster-14";
        compare(&c, "the issuer", wanted->clusters[i].issuer, found->clusters[i].issuer);
        compare_flag(&c, "the namespace", wanted->clusters[i].has_namespace, found->clusters[i].has_namespace);
        compare_flag(&c, "the provider", wanted->clusters[i].has_provider, found->clusters[i].has_provider);
        compare_flag(&c, "the audience", wanted->clusters[i].has_audience, found->clusters[i].has_audience);
    }
    c.thing = "what belongs to others";
    compare(&c, "the whole of it", wanted->rest, found->rest);
    return c.first;
}
