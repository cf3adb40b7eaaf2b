/*
 * The world of the provisioning model test in plain words: a few roles, service accounts, providers and namespaces, and
 * everything else as one text that must stay as it is. Read from the sandbox's GET /world.
 */
#ifndef IRSA_TESTS_MODEL_WORLD_H
#define IRSA_TESTS_MODEL_WORLD_H

#include "core/base/json.h"
#include "tests/support/model_script.h"

#define MODEL_ACCOUNT   "111122223333"
#define MODEL_NAMESPACE "apps"
#define MODEL_SHARED    4 /* the role that requests name; those before it are the accounts' own */
#define MODEL_ROLES     5
#define MODEL_CLUSTERS  2

/* Names that are the same everywhere in the test. */
extern const char *const model_role_names[MODEL_ROLES];
extern const char *const model_account_names[MODEL_WHO];
extern const char *const model_clusters_of[MODEL_WHO];
unsigned model_cluster_index(unsigned who); /* 0 or 1; not of MODEL_GONE */
const char *model_cluster_arn(struct irsa_arena *arena, unsigned who);

enum model_tag {
    MODEL_TAG_CLUSTER,
    MODEL_TAG_ACCOUNT,
    MODEL_TAG_OWNER,
    MODEL_TAG_REQUEST,
    MODEL_TAG_ADOPT,
    MODEL_TAG_EKSCTL,
    MODEL_TAG_TEAM,
    MODEL_TAG_COST,
    MODEL_TAGS
};

/* The first five are asked for; what others attach, what denies, and what wellKnownPolicies' imageBuilder means. */
enum model_policy { MODEL_ASKED = 5, MODEL_ADMIN = 5, MODEL_DENY, MODEL_IMAGES, MODEL_POLICIES };

enum model_inline { MODEL_INLINE_ASKED, MODEL_INLINE_DNS, MODEL_INLINE_BY_HAND, MODEL_INLINE_REVOKE, MODEL_INLINES };

enum model_field {
    MODEL_LABEL_MANAGED,
    MODEL_LABEL_TEAM,
    MODEL_LABEL_TIER,
    MODEL_LABELS,
    MODEL_NOTE_ROLE = MODEL_LABELS,
    MODEL_NOTE_REQUEST,
    MODEL_NOTE_CREATED,
    MODEL_NOTE_NOTE,
    MODEL_FIELDS
};

extern const char *const model_tag_keys[MODEL_TAGS];
extern const char *const model_policy_arns[MODEL_POLICIES];
extern const char *const model_inline_names[MODEL_INLINES];
extern const char *const model_field_keys[MODEL_FIELDS];

struct model_role {
    bool is_there;
    const char *id, *arn, *path;
    const char *trust, *boundary; /* JSON; an ARN or NULL */
    const char *tags[MODEL_TAGS]; /* NULL: not there */
    unsigned managed;             /* a bit for each of model_policy_arns */
    const char *inlines[MODEL_INLINES];
};

struct model_account {
    bool is_there;
    const char *uid;
    const char *values[MODEL_FIELDS]; /* NULL: not there */
    bool is_ours[MODEL_FIELDS];       /* the field manager irsa holds it by Apply */
    bool is_theirs[MODEL_FIELDS];     /* another does */
};

struct model_cluster {
    const char *issuer; /* without the scheme */
    bool has_namespace, has_provider, has_audience;
};

struct model_world {
    struct model_role roles[MODEL_ROLES];
    struct model_account accounts[MODEL_WHO];
    struct model_cluster clusters[MODEL_CLUSTERS];
    const char *rest;
};

/* NULL, or what in it belongs neither to the test nor to a request of its. Texts are borrowed from `json` or the arena. */
const char *model_world_read(struct irsa_arena *arena, const struct irsa_json *json, struct model_world *out_world);

/* NULL when they are the same, else the first difference. An id or a uid that is MODEL_NEW is any that `before` has not. */
#define MODEL_NEW "(new)"
const char *model_world_differ(struct irsa_arena *arena, const struct model_world *wanted,
                               const struct model_world *found, const struct model_world *before);

/* Documents to PUT: what others make of a role or an account. */
const char *model_role_put(struct irsa_arena *arena, unsigned index, const struct model_role *role);
const char *model_account_put(struct irsa_arena *arena, unsigned who, const struct model_account *account,
                              const char *manager, const char *operation);

#endif
