/*
 * GET /world: everything there is, now (readers that lag see it later).
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "sandbox/inside.h"
#include "sandbox/kube/objects.h"

#define DOCUMENT_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define DOCUMENT_MAX_DEPTH 32 /* it stands within others here, and a writer has 64 */

/* A document as the JSON that it is; one that is no JSON, or too deep, as a string. */
static void add_document(struct irsa_arena *arena, struct irsa_json_writer *w, const char *key, const char *document) {
    struct irsa_json_limits limits = {.max_bytes = DOCUMENT_MAX_BYTES, .max_depth = DOCUMENT_MAX_DEPTH};
    const struct irsa_json *tree;
    struct irsa_error err;
    if (irsa_json_parse(arena, document, strlen(document), limits, &tree, &err))
        irsa_json_add_value(w, key, tree);
    else
        irsa_json_add_text(w, key, document);
}

static void add_pairs(struct irsa_json_writer *w, const char *key, const struct irsa_sandbox_bag *bag) {
    irsa_json_open_object(w, key);
    for (size_t i = 0; i < bag->count; i++)
        irsa_json_add_text(w, bag->at[i].key, bag->at[i].value);
    irsa_json_close_object(w);
}

static void add_keys(struct irsa_json_writer *w, const char *key, const struct irsa_sandbox_bag *bag) {
    irsa_json_open_array(w, key);
    for (size_t i = 0; i < bag->count; i++)
        irsa_json_add_text(w, NULL, bag->at[i].key);
    irsa_json_close_array(w);
}

static void write_role(struct irsa_arena *arena, const void *thing, struct irsa_json_writer *w) {
    const struct irsa_sandbox_role *role = thing;
    irsa_json_open_object(w, NULL);
    irsa_json_add_text(w, "roleName", role->name);
    irsa_json_add_text(w, "path", role->path);
    irsa_json_add_text(w, "arn", role->arn);
    irsa_json_add_text(w, "roleId", role->id);
    irsa_json_add_text(w, "description", role->description);
    add_document(arena, w, "assumeRolePolicyDocument", role->trust);
    irsa_json_add_text(w, "permissionsBoundary", role->boundary);
    add_pairs(w, "tags", &role->tags);
    add_keys(w, "attachedPolicies", &role->attached);
    irsa_json_open_object(w, "inlinePolicies");
    for (size_t i = 0; i < role->inlines.count; i++)
        add_document(arena, w, role->inlines.at[i].key, role->inlines.at[i].value);
    irsa_json_close_object(w);
    irsa_json_close_object(w);
}

static void write_policy(struct irsa_arena *arena, const void *thing, struct irsa_json_writer *w) {
    const struct irsa_sandbox_policy *policy = thing;
    irsa_json_open_object(w, NULL);
    irsa_json_add_text(w, "policyName", policy->name);
    irsa_json_add_text(w, "path", policy->path);
    irsa_json_add_text(w, "arn", policy->arn);
    add_document(arena, w, "policyDocument", policy->document);
    add_pairs(w, "tags", &policy->tags);
    irsa_json_close_object(w);
}

static void write_provider(struct irsa_arena *arena, const void *thing, struct irsa_json_writer *w) {
    (void)arena;
    const struct irsa_sandbox_provider *provider = thing;
    irsa_json_open_object(w, NULL);
    irsa_json_add_text(w, "arn", provider->arn);
    irsa_json_add_text(w, "url", provider->url);
    add_keys(w, "clientIDs", &provider->clients);
    add_pairs(w, "tags", &provider->tags);
    irsa_json_close_object(w);
}

static void write_profile(struct irsa_arena *arena, const void *thing, struct irsa_json_writer *w) {
    (void)arena;
    const struct irsa_sandbox_profile *profile = thing;
    irsa_json_open_object(w, NULL);
    irsa_json_add_text(w, "instanceProfileName", profile->name);
    irsa_json_add_text(w, "path", profile->path);
    irsa_json_add_text(w, "arn", profile->arn);
    irsa_json_add_text(w, "roleName", profile->role);
    irsa_json_close_object(w);
}

typedef void write_fn(struct irsa_arena *arena, const void *thing, struct irsa_json_writer *w);

static void write_shelf(struct irsa_arena *arena, const struct irsa_sandbox_shelf *shelf, const char *key,
                        struct irsa_json_writer *w, write_fn *write) {
    const void *const *things;
    size_t count = irsa_sandbox_shelf_list(shelf, arena, (struct irsa_sandbox_moment){0}, &things);
    irsa_json_open_array(w, key);
    for (size_t i = 0; i < count; i++)
        write(arena, things[i], w);
    irsa_json_close_array(w);
}

static void write_account(struct irsa_arena *arena, const struct irsa_sandbox_account *account,
                          struct irsa_json_writer *w) {
    irsa_json_open_object(w, account->id);
    write_shelf(arena, account->roles, "roles", w, write_role);
    write_shelf(arena, account->policies, "policies", w, write_policy);
    write_shelf(arena, account->providers, "oidcProviders", w, write_provider);
    write_shelf(arena, account->profiles, "instanceProfiles", w, write_profile);
    irsa_json_close_object(w);
}

static void write_namespace(struct irsa_arena *arena, const void *thing, struct irsa_json_writer *w) {
    irsa_json_add_text(w, NULL,
                       irsa_json_get_text(irsa_json_get(irsa_sandbox_object_tree(arena, thing), "metadata"), "name"));
}

static void write_service_account(struct irsa_arena *arena, const void *thing, struct irsa_json_writer *w) {
    const struct irsa_json *tree = irsa_sandbox_object_tree(arena, thing);
    irsa_json_open_object(w, NULL);
    for (const struct irsa_json *member = tree->first; member != NULL; member = member->next)
        if (strcmp(member->key, "kind") != 0 && strcmp(member->key, "apiVersion") != 0)
            irsa_json_add_value(w, member->key, member);
    irsa_json_close_object(w);
}

static void write_cluster(struct irsa_arena *arena, const struct irsa_sandbox_cluster *cluster,
                          struct irsa_json_writer *w) {
    irsa_json_open_object(w, cluster->key);
    irsa_json_add_text(w, "accountID", cluster->account_id);
    irsa_json_add_text(w, "issuer", cluster->issuer);
    irsa_json_add_text(w, "arn", cluster->arn);
    irsa_json_add_text(w, "endpoint", cluster->endpoint);
    irsa_json_add_text(w, "status", cluster->status);
    write_shelf(arena, cluster->namespaces, "namespaces", w, write_namespace);
    write_shelf(arena, cluster->accounts, "serviceAccounts", w, write_service_account);
    irsa_json_close_object(w);
}

void irsa_sandbox_world_write(const struct irsa_sandbox_world *world, struct irsa_arena *arena,
                              struct irsa_json_writer *w) {
    irsa_json_open_object(w, NULL);
    irsa_json_open_object(w, "accounts");
    for (size_t i = 0; i < world->account_count; i++)
        write_account(arena, world->accounts[i], w);
    irsa_json_close_object(w);
    irsa_json_open_object(w, "clusters");
    for (size_t i = 0; i < world->cluster_count; i++)
        write_cluster(arena, world->clusters[i], w);
    irsa_json_close_object(w);
    irsa_json_close_object(w);
}
