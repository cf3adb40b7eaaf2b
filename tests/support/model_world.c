/*
 * Names of the model's world, and reading it from the sandbox's.
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

static const char *read_policies(struct irsa_arena *arena, const struct irsa_json *json, struct model_role *role) {
    const struct irsa_json *item;
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

static const char *read_role(struct irsa_arena *arena, const struct irsa_json *json, struct model_role *role) {
    *role = (struct model_role){
        .is_there = true,
        .id = irsa_json_get_text(json, "roleId"),
        .arn = irsa_json_get_text(json, "arn"),
        .path = irsa_json_get_text(json, "path"),
        .boundary = irsa_json_get_text(json, "permissionsBoundary"),
        .trust = irsa_json_to_text(arena, irsa_json_get(json, "assumeRolePolicyDocument")),
    };
    for (const struct irsa_json *item = irsa_json_get(json, "tags")->first; item != NULL; item = item->next) {
        int tag = index_of(model_tag_keys, MODEL_TAGS, item->key);
        if (tag < 0)
            return irsa_arena_format(arena, "a tag %s", item->key);
        role->tags[tag] = item->text;
    }
    return read_policies(arena, json, role);
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
