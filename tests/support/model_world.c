/*
 * Reading the sandbox's world, and saying where two worlds differ.
 */
#include "tests/support/model_world.h"

#include <string.h>

#include "core/base/arena.h"
#include "tests/support/test.h"

#define POLICY(name)   "arn:aws:iam::aws:policy/" name
#define REST_MAX_BYTES ((size_t)1024 * 1024)

/* Of the default names the digits are the first 8 of sha256sum over REGION/CLUSTER/NAMESPACE/NAME. */
const char *const model_role_names[MODEL_ROLES] = {
    "cluster-13-apps-reader-9e17ec3b",
    "cluster-13-apps-writer-fbd7dce1",
    "cluster-14-apps-reader-02e87aae",
    "old-apps-reader-39e8e52b",
    "pods",
};
const char *const model_account_names[MODEL_WHO] = {"reader", "writer", "reader", "reader"};
const char *const model_clusters_of[MODEL_WHO] = {"cluster-13", "cluster-13", "cluster-14", "old"};
const char *const model_tag_keys[MODEL_TAGS] = {
    "irsa.dev/cluster",
    "irsa.dev/service-account",
    "irsa.dev/owner",
    "irsa.dev/request",
    "irsa.dev/adopt",
    "alpha.eksctl.io/iamserviceaccount-name",
    "team",
    "cost-center",
};
const char *const model_policy_arns[MODEL_POLICIES] = {
    POLICY("AmazonS3ReadOnlyAccess"),
    POLICY("AmazonDynamoDBFullAccess"),
    POLICY("AmazonSQSReadOnlyAccess"),
    POLICY("AmazonSQSFullAccess"),
    POLICY("AmazonDynamoDBReadOnlyAccess"),
    POLICY("AdministratorAccess"),
    POLICY("AWSDenyAll"),
    POLICY("AmazonEC2ContainerRegistryPowerUser"),
};
const char *const model_inline_names[MODEL_INLINES] = {"irsa-inline", "irsa-externalDNS", "by-hand",
                                                       "AWSRevokeOlderSessions"};
const char *const model_field_keys[MODEL_FIELDS] = {
    "app.kubernetes.io/managed-by",
    "team",
    "tier",
    "eks.amazonaws.com/role-arn",
    "irsa.dev/request",
    "irsa.dev/created",
    "note",
};

unsigned model_cluster_index(unsigned who) {
    return who == 2 ? 1 : 0;
}

const char *model_cluster_arn(struct irsa_arena *arena, unsigned who) {
    return irsa_arena_format(arena, "arn:aws:eks:us-west-2:" MODEL_ACCOUNT ":cluster/%s", model_clusters_of[who]);
}

/* --- reading -------------------------------------------------------------------------------------------------------- */

static int index_of(const char *const *names, int count, const char *name) {
    int i = 0;
    while (i < count && (name == NULL || strcmp(names[i], name) != 0))
        i++;
    return i < count ? i : -1;
}

static const char *read_role(struct irsa_arena *arena, const struct irsa_json *json, struct model_role *role) {
    const struct irsa_json *item;
    *role = (struct model_role){
        .is_there = true,
        .id = irsa_json_get_text(json, "roleId"),
        .arn = irsa_json_get_text(json, "arn"),
        .path = irsa_json_get_text(json, "path"),
        .boundary = irsa_json_get_text(json, "permissionsBoundary"),
        .trust = irsa_json_to_text(arena, irsa_json_get(json, "assumeRolePolicyDocument")),
    };
    for (item = irsa_json_get(json, "tags")->first; item != NULL; item = item->next) {
        int tag = index_of(model_tag_keys, MODEL_TAGS, item->key);
        if (tag < 0)
            return irsa_arena_format(arena, "a tag %s", item->key);
        role->tags[tag] = item->text;
    }
    for (item = irsa_json_get(json, "attachedPolicies")->first; item != NULL; item = item->next) {
        int policy = index_of(model_policy_arns, MODEL_POLICIES, item->text);
        if (policy < 0)
            return irsa_arena_format(arena, "a policy %s", item->text);
        role->managed |= 1u << policy;
    }
    for (item = irsa_json_get(json, "inlinePolicies")->first; item != NULL; item = item->next) {
        int policy = index_of(model_inline_names, MODEL_INLINES, item->key);
        if (policy < 0)
            return irsa_arena_format(arena, "an inline policy %s", item->key);
        role->inlines[policy] = irsa_json_to_text(arena, item);
    }
    return NULL;
}

/* The keys "f:…" that one manager holds. */
static void read_manager(const struct irsa_json *entry, struct model_account *account) {
    const char *manager = irsa_json_get_text(entry, "manager");
    const char *operation = irsa_json_get_text(entry, "operation");
    bool is_irsa = strcmp(manager, "irsa") == 0 && strcmp(operation, "Apply") == 0;
    const struct irsa_json *metadata = irsa_json_get(irsa_json_get(entry, "fieldsV1"), "f:metadata");
    for (int i = 0; i < MODEL_FIELDS; i++) {
        const struct irsa_json *part = irsa_json_get(metadata, i < MODEL_LABELS ? "f:labels" : "f:annotations");
        char key[80];
        (void)snprintf(key, sizeof key, "f:%s", model_field_keys[i]);
        if (irsa_json_get(part, key) != NULL)
            *(is_irsa ? &account->is_ours[i] : &account->is_theirs[i]) = true;
    }
}

static const char *read_fields(struct irsa_arena *arena, const struct irsa_json *object, bool is_labels,
                               struct model_account *account) {
    const int first = is_labels ? 0 : MODEL_LABELS, count = is_labels ? MODEL_LABELS : MODEL_FIELDS - MODEL_LABELS;
    for (const struct irsa_json *item = object != NULL ? object->first : NULL; item != NULL; item = item->next) {
        int field = index_of(model_field_keys + first, count, item->key);
        if (field < 0)
            return irsa_arena_format(arena, "a label or annotation %s", item->key);
        account->values[first + field] = item->text;
    }
    return NULL;
}

static const char *read_account(struct irsa_arena *arena, const struct irsa_json *metadata,
                                struct model_account *account) {
    *account = (struct model_account){.is_there = true, .uid = irsa_json_get_text(metadata, "uid")};
    const struct irsa_json *managers = irsa_json_get(metadata, "managedFields");
    for (const struct irsa_json *entry = managers != NULL ? managers->first : NULL; entry != NULL; entry = entry->next)
        read_manager(entry, account);
    const char *strange = read_fields(arena, irsa_json_get(metadata, "labels"), true, account);
    return strange != NULL ? strange : read_fields(arena, irsa_json_get(metadata, "annotations"), false, account);
}

struct reading {
    struct irsa_arena *arena;
    struct model_world *world;
    struct irsa_text rest;
    const char *strange;
};

static void add_to_rest(struct reading *reading, const struct irsa_json *value) {
    irsa_text_addf(&reading->rest, "%s\n", irsa_json_to_text(reading->arena, value));
}

static void note_strange(struct reading *reading, const char *owner, const char *what) {
    if (what != NULL && reading->strange == NULL)
        reading->strange = irsa_arena_format(reading->arena, "%s has %s, which nobody asked for", owner, what);
}

static void read_cluster(struct reading *reading, const struct irsa_json *json, unsigned cluster) {
    struct model_cluster *out = &reading->world->clusters[cluster];
    const struct irsa_json *item;
    out->issuer = irsa_json_get_text(json, "issuer") + strlen("https://");
    for (item = irsa_json_get(json, "namespaces")->first; item != NULL; item = item->next)
        if (strcmp(item->text, MODEL_NAMESPACE) == 0)
            out->has_namespace = true;
        else
            add_to_rest(reading, item);
    for (item = irsa_json_get(json, "serviceAccounts")->first; item != NULL; item = item->next) {
        const struct irsa_json *metadata = irsa_json_get(item, "metadata");
        const char *name = irsa_json_get_text(metadata, "name");
        unsigned who = cluster == 1 ? 2 : strcmp(name, "writer") == 0 ? 1 : 0;
        if (strcmp(name, model_account_names[who]) != 0)
            add_to_rest(reading, item);
        else
            note_strange(reading, name, read_account(reading->arena, metadata, &reading->world->accounts[who]));
    }
}

static void read_provider(struct reading *reading, const struct irsa_json *json) {
    const char *url = irsa_json_get_text(json, "url");
    for (size_t i = 0; i < MODEL_CLUSTERS; i++) {
        struct model_cluster *cluster = &reading->world->clusters[i];
        if (!irsa_text_ends_with(url, cluster->issuer))
            continue;
        cluster->has_provider = true;
        for (const struct irsa_json *id = irsa_json_get(json, "clientIDs")->first; id != NULL; id = id->next)
            cluster->has_audience = cluster->has_audience || strcmp(id->text, "sts.amazonaws.com") == 0;
        return;
    }
    add_to_rest(reading, json);
}

static void read_iam(struct reading *reading, const struct irsa_json *json) {
    const struct irsa_json *item;
    for (item = irsa_json_get(json, "roles")->first; item != NULL; item = item->next) {
        const char *name = irsa_json_get_text(item, "roleName");
        int role = index_of(model_role_names, MODEL_ROLES, name);
        if (role < 0)
            add_to_rest(reading, item);
        else
            note_strange(reading, name, read_role(reading->arena, item, &reading->world->roles[role]));
    }
    for (item = irsa_json_get(json, "oidcProviders")->first; item != NULL; item = item->next)
        read_provider(reading, item);
    add_to_rest(reading, irsa_json_get(json, "policies"));
    add_to_rest(reading, irsa_json_get(json, "instanceProfiles"));
}

const char *model_world_read(struct irsa_arena *arena, const struct irsa_json *json, struct model_world *out_world) {
    *out_world = (struct model_world){0};
    struct reading reading = {.arena = arena, .world = out_world};
    irsa_text_init(&reading.rest, arena, REST_MAX_BYTES);
    read_cluster(&reading, irsa_json_at(json, "/clusters/us-west-2~1cluster-13"), 0);
    read_cluster(&reading, irsa_json_at(json, "/clusters/us-west-2~1cluster-14"), 1);
    read_iam(&reading, irsa_json_at(json, "/accounts/" MODEL_ACCOUNT));
    out_world->rest = reading.rest.at;
    return reading.strange;
}

/* --- differences ---------------------------------------------------------------------------------------------------- */

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

/* --- documents to put ----------------------------------------------------------------------------------------------- */

static void add_pairs(struct irsa_json_writer *w, const char *name, const char *const *keys, const char *const *values,
                      int count) {
    irsa_json_open_object(w, name);
    for (int i = 0; i < count; i++)
        if (values[i] != NULL)
            irsa_json_add_text(w, keys[i], values[i]);
    irsa_json_close_object(w);
}

static void begin_at(struct irsa_text *text, struct irsa_json_writer *w, struct irsa_arena *arena,
                     const char *const keys[3]) {
    irsa_text_init(text, arena, REST_MAX_BYTES);
    irsa_json_begin(w, text);
    irsa_json_open_object(w, NULL);
    irsa_json_open_object(w, keys[0]);
    irsa_json_open_object(w, keys[1]);
    irsa_json_open_array(w, keys[2]);
    irsa_json_open_object(w, NULL);
}

static const char *end(struct irsa_text *text, struct irsa_json_writer *w) {
    irsa_json_close_object(w);
    irsa_json_close_array(w);
    for (int i = 0; i < 3; i++)
        irsa_json_close_object(w);
    return text->at;
}

const char *model_role_put(struct irsa_arena *arena, unsigned index, const struct model_role *role) {
    static const char *const AT[] = {"accounts", MODEL_ACCOUNT, "roles"};
    struct irsa_text text;
    struct irsa_json_writer w;
    begin_at(&text, &w, arena, AT);
    irsa_json_add_text(&w, "roleName", model_role_names[index]);
    irsa_json_add_text(&w, "path", role->path);
    irsa_json_add_raw(&w, "assumeRolePolicyDocument", role->trust);
    if (role->boundary != NULL)
        irsa_json_add_text(&w, "permissionsBoundary", role->boundary);
    else
        irsa_json_add_null(&w, "permissionsBoundary");
    add_pairs(&w, "tags", model_tag_keys, role->tags, MODEL_TAGS);
    irsa_json_open_array(&w, "attachedPolicies");
    for (int i = 0; i < MODEL_POLICIES; i++)
        if (role->managed >> i & 1)
            irsa_json_add_text(&w, NULL, model_policy_arns[i]);
    irsa_json_close_array(&w);
    irsa_json_open_object(&w, "inlinePolicies");
    for (int i = 0; i < MODEL_INLINES; i++)
        if (role->inlines[i] != NULL)
            irsa_json_add_raw(&w, model_inline_names[i], role->inlines[i]);
    irsa_json_close_object(&w);
    return end(&text, &w);
}

const char *model_account_put(struct irsa_arena *arena, unsigned who, const struct model_account *account,
                              const char *manager, const char *operation) {
    const char *const at[] = {"clusters", irsa_arena_format(arena, "us-west-2/%s", model_clusters_of[who]),
                              "serviceAccounts"};
    struct irsa_text text;
    struct irsa_json_writer w;
    begin_at(&text, &w, arena, at);
    irsa_json_open_object(&w, "metadata");
    irsa_json_add_text(&w, "name", model_account_names[who]);
    irsa_json_add_text(&w, "namespace", MODEL_NAMESPACE);
    add_pairs(&w, "labels", model_field_keys, account->values, MODEL_LABELS);
    add_pairs(&w, "annotations", model_field_keys + MODEL_LABELS, account->values + MODEL_LABELS,
              MODEL_FIELDS - MODEL_LABELS);
    irsa_json_close_object(&w);
    irsa_json_add_text(&w, "fieldManager", manager);
    irsa_json_add_text(&w, "operation", operation);
    return end(&text, &w);
}
