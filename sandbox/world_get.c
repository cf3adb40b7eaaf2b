/*
 * GET /world: all accounts and clusters as one document.
 */
#include "core/base/json.h"
#include "sandbox/inside.h"
#include "sandbox/kube/kube.h"

static const struct irsa_sandbox_moment now = {.now_ms = INT64_MAX, .lag_ms = 0}; /* what the last writes left */

static void write_pairs(const char *key, const struct irsa_sandbox_bag *bag, struct irsa_json_writer *w) {
    irsa_json_open_object(w, key);
    for (size_t i = 0; i < bag->count; i++)
        irsa_json_add_text(w, bag->at[i].key, bag->at[i].value);
    irsa_json_close_object(w);
}

static void write_keys(const char *key, const struct irsa_sandbox_bag *bag, struct irsa_json_writer *w) {
    irsa_json_open_array(w, key);
    for (size_t i = 0; i < bag->count; i++)
        irsa_json_add_text(w, NULL, bag->at[i].key);
    irsa_json_close_array(w);
}

static void write_role(const void *thing, struct irsa_json_writer *w) {
    const struct irsa_sandbox_role *role = thing;
    irsa_json_open_object(w, NULL);
    irsa_json_add_text(w, "roleName", role->name);
    irsa_json_add_text(w, "path", role->path);
    irsa_json_add_text(w, "arn", role->arn);
    irsa_json_add_text(w, "roleId", role->id);
    irsa_json_add_text(w, "description", role->description);
    irsa_json_add_raw(w, "assumeRolePolicyDocument", role->trust);
    irsa_json_add_text(w, "permissionsBoundary", role->boundary);
    write_pairs("tags", &role->tags, w);
    write_keys("attachedPolicies", &role->attached, w);
    irsa_json_open_object(w, "inlinePolicies");
    for (size_t i = 0; i < role->inlines.count; i++)
        irsa_json_add_raw(w, role->inlines.at[i].key, role->inlines.at[i].value);
    irsa_json_close_object(w);
    irsa_json_close_object(w);
}

static void write_policy(const void *thing, struct irsa_json_writer *w) {
    const struct irsa_sandbox_policy *policy = thing;
    irsa_json_open_object(w, NULL);
    irsa_json_add_text(w, "policyName", policy->name);
    irsa_json_add_text(w, "path", policy->path);
    irsa_json_add_text(w, "arn", policy->arn);
    irsa_json_add_raw(w, "policyDocument", policy->document);
    irsa_json_close_object(w);
}

static void write_provider(const void *thing, struct irsa_json_writer *w) {
    const struct irsa_sandbox_provider *provider = thing;
    irsa_json_open_object(w, NULL);
    irsa_json_add_text(w, "arn", provider->arn);
    irsa_json_add_text(w, "url", provider->url);
    write_keys("clientIDs", &provider->clients, w);
    write_pairs("tags", &provider->tags, w);
    irsa_json_close_object(w);
}

static void write_shelf(const char *key, const struct irsa_sandbox_shelf *shelf, struct irsa_arena *arena,
                        void (*write)(const void *thing, struct irsa_json_writer *w), struct irsa_json_writer *w) {
    const void *const *things;
    size_t count = irsa_sandbox_shelf_list(shelf, arena, now, &things);
    irsa_json_open_array(w, key);
    for (size_t i = 0; i < count; i++)
        write(things[i], w);
    irsa_json_close_array(w);
}

static void write_account(const struct irsa_sandbox_account *account, struct irsa_arena *arena,
                          struct irsa_json_writer *w) {
    irsa_json_open_object(w, account->id);
    write_shelf("roles", account->roles, arena, write_role, w);
    write_shelf("policies", account->policies, arena, write_policy, w);
    write_shelf("oidcProviders", account->providers, arena, write_provider, w);
    irsa_json_close_object(w);
}

static void write_cluster(const struct irsa_sandbox_cluster *cluster, struct irsa_json_writer *w) {
    irsa_json_open_object(w, cluster->key);
    irsa_json_add_text(w, "accountID", cluster->account_id);
    irsa_json_add_text(w, "issuer", cluster->issuer);
    irsa_json_add_text(w, "endpoint", cluster->endpoint);
    irsa_json_add_text(w, "status", cluster->status);
    irsa_sandbox_kube_write(cluster, w);
    irsa_json_close_object(w);
}

void irsa_sandbox_world_write(const struct irsa_sandbox_world *world, struct irsa_arena *arena,
                              struct irsa_json_writer *w) {
    irsa_json_open_object(w, NULL);
    irsa_json_open_object(w, "accounts");
    for (size_t i = 0; i < world->account_count; i++)
        write_account(world->accounts[i], arena, w);
    irsa_json_close_object(w);
    irsa_json_open_object(w, "clusters");
    for (size_t i = 0; i < world->cluster_count; i++)
        write_cluster(world->clusters[i], w);
    irsa_json_close_object(w);
    irsa_json_close_object(w);
}
