/*
 * Making, finding and emptying what the world consists of.
 */
#include "sandbox/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/crypto.h"
#include "core/base/text.h"
#include "sandbox/kube/objects.h"
#include "sandbox/partition.h"

#define UNIQUE_CHARACTERS 17
#define DEFAULT_SESSION_S 3600

struct irsa_sandbox_role *irsa_sandbox_role_new(void) {
    struct irsa_sandbox_role *role = irsa_new(sizeof(*role));
    role->max_session_s = DEFAULT_SESSION_S;
    return role;
}

static void free_role(void *thing) {
    struct irsa_sandbox_role *role = thing;
    char *const texts[] = {role->name, role->path, role->arn, role->id, role->description, role->trust, role->boundary};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        free(texts[i]);
    irsa_sandbox_bag_done(&role->tags);
    irsa_sandbox_bag_done(&role->attached);
    irsa_sandbox_bag_done(&role->inlines);
    free(role);
}

static void *copy_role(const void *thing) {
    const struct irsa_sandbox_role *role = thing;
    struct irsa_sandbox_role *copy = irsa_new(sizeof(*copy));
    *copy = *role;
    char **texts[] = {&copy->name,        &copy->path,  &copy->arn,     &copy->id,
                      &copy->description, &copy->trust, &copy->boundary};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i] = irsa_new_copy(*texts[i]);
    irsa_sandbox_bag_copy(&role->tags, &copy->tags);
    irsa_sandbox_bag_copy(&role->attached, &copy->attached);
    irsa_sandbox_bag_copy(&role->inlines, &copy->inlines);
    return copy;
}

struct irsa_sandbox_provider *irsa_sandbox_provider_new(void) {
    return irsa_new(sizeof(struct irsa_sandbox_provider));
}

void irsa_sandbox_provider_free(void *thing) {
    struct irsa_sandbox_provider *provider = thing;
    free(provider->arn);
    free(provider->url);
    irsa_sandbox_bag_done(&provider->clients);
    irsa_sandbox_bag_done(&provider->thumbprints);
    irsa_sandbox_bag_done(&provider->tags);
    free(provider);
}

static void *copy_provider(const void *thing) {
    const struct irsa_sandbox_provider *provider = thing;
    struct irsa_sandbox_provider *copy = irsa_new(sizeof(*copy));
    *copy = *provider;
    copy->arn = irsa_new_copy(provider->arn);
    copy->url = irsa_new_copy(provider->url);
    irsa_sandbox_bag_copy(&provider->clients, &copy->clients);
    irsa_sandbox_bag_copy(&provider->thumbprints, &copy->thumbprints);
    irsa_sandbox_bag_copy(&provider->tags, &copy->tags);
    return copy;
}

struct irsa_sandbox_policy *irsa_sandbox_policy_new(void) {
    return irsa_new(sizeof(struct irsa_sandbox_policy));
}

void irsa_sandbox_policy_free(void *thing) {
    struct irsa_sandbox_policy *policy = thing;
    char *const texts[] = {policy->arn, policy->name, policy->path, policy->id, policy->description, policy->document};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        free(texts[i]);
    irsa_sandbox_bag_done(&policy->tags);
    free(policy);
}

static void *copy_policy(const void *thing) {
    const struct irsa_sandbox_policy *policy = thing;
    struct irsa_sandbox_policy *copy = irsa_new(sizeof(*copy));
    *copy = *policy;
    char **texts[] = {&copy->arn, &copy->name, &copy->path, &copy->id, &copy->description, &copy->document};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i] = irsa_new_copy(*texts[i]);
    irsa_sandbox_bag_copy(&policy->tags, &copy->tags);
    return copy;
}

struct irsa_sandbox_profile *irsa_sandbox_profile_new(void) {
    return irsa_new(sizeof(struct irsa_sandbox_profile));
}

static void free_profile(void *thing) {
    struct irsa_sandbox_profile *profile = thing;
    char *const texts[] = {profile->arn, profile->name, profile->path, profile->id, profile->role};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        free(texts[i]);
    free(profile);
}

static void *copy_profile(const void *thing) {
    const struct irsa_sandbox_profile *profile = thing;
    struct irsa_sandbox_profile *copy = irsa_new(sizeof(*copy));
    *copy = *profile;
    char **texts[] = {&copy->arn, &copy->name, &copy->path, &copy->id, &copy->role};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i] = irsa_new_copy(*texts[i]);
    return copy;
}

static void free_object(void *thing) {
    struct irsa_sandbox_object *object = thing;
    free(object->json);
    free(object);
}

static void *copy_object(const void *thing) {
    const struct irsa_sandbox_object *object = thing;
    struct irsa_sandbox_object *copy = irsa_new(sizeof(*copy));
    copy->json = irsa_new_copy(object->json);
    return copy;
}

static const struct irsa_sandbox_shelf_kind roles = {copy_role, free_role};
static const struct irsa_sandbox_shelf_kind providers = {copy_provider, irsa_sandbox_provider_free};
static const struct irsa_sandbox_shelf_kind policies = {copy_policy, irsa_sandbox_policy_free};
static const struct irsa_sandbox_shelf_kind profiles = {copy_profile, free_profile};
static const struct irsa_sandbox_shelf_kind objects = {copy_object, free_object};

char *irsa_sandbox_unique_id(const char *prefix) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint8_t bytes[UNIQUE_CHARACTERS];
    irsa_random_bytes(bytes, sizeof(bytes));
    size_t length = strlen(prefix);
    char *id = irsa_new(length + UNIQUE_CHARACTERS + 1);
    memcpy(id, prefix, length);
    for (size_t i = 0; i < UNIQUE_CHARACTERS; i++)
        id[length + i] = alphabet[bytes[i] % 32];
    return id;
}

void irsa_sandbox_uuid(char out_text[37]) {
    uint8_t b[16];
    irsa_random_bytes(b, sizeof(b));
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    char hex[33];
    irsa_hex_encode(b, sizeof(b), hex);
    (void)snprintf(out_text, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

const char *irsa_sandbox_lower_case(struct irsa_arena *arena, const char *text) {
    char *copy = irsa_arena_copy(arena, text);
    for (char *c = copy; *c != '\0'; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    return copy;
}

void irsa_sandbox_set_text(char **text, const char *value) {
    char *copy = irsa_new_copy(value);
    free(*text);
    *text = copy;
}

static const char *partition_of_account(const struct irsa_sandbox_world *world, const char *id) {
    for (size_t i = 0; i < world->cluster_count; i++)
        if (strcmp(world->clusters[i]->account_id, id) == 0)
            return world->clusters[i]->partition;
    return "aws";
}

struct irsa_sandbox_account *irsa_sandbox_world_account(struct irsa_sandbox_world *world, const char *id) {
    for (size_t i = 0; i < world->account_count; i++)
        if (strcmp(world->accounts[i]->id, id) == 0)
            return world->accounts[i];
    struct irsa_sandbox_account *account = irsa_new(sizeof(*account));
    (void)snprintf(account->id, sizeof(account->id), "%s", id);
    account->partition = partition_of_account(world, id);
    account->roles = irsa_sandbox_shelf_new(&roles);
    account->providers = irsa_sandbox_shelf_new(&providers);
    account->policies = irsa_sandbox_shelf_new(&policies);
    account->profiles = irsa_sandbox_shelf_new(&profiles);
    world->accounts = irsa_grow(world->accounts, world->account_count + 1, sizeof(world->accounts[0]));
    world->accounts[world->account_count++] = account;
    return account;
}

struct irsa_sandbox_cluster *irsa_sandbox_world_cluster(const struct irsa_sandbox_world *world, const char *region,
                                                        const char *name) {
    for (size_t i = 0; i < world->cluster_count; i++)
        if (strcmp(world->clusters[i]->region, region) == 0 && strcmp(world->clusters[i]->name, name) == 0)
            return world->clusters[i];
    return NULL;
}

static void fill_cluster(struct irsa_sandbox_world *world, struct irsa_sandbox_cluster *cluster) {
    cluster->namespaces = irsa_sandbox_shelf_new(&objects);
    cluster->accounts = irsa_sandbox_shelf_new(&objects);
    irsa_sandbox_objects_begin(cluster, irsa_clock_now_ms(world->clock));
}

static void empty_cluster(struct irsa_sandbox_cluster *cluster) {
    irsa_sandbox_shelf_free(cluster->namespaces);
    irsa_sandbox_shelf_free(cluster->accounts);
    irsa_sandbox_bag_done(&cluster->tokens);
    irsa_sandbox_bag_done(&cluster->plain_users);
}

/* 32 digits in the names that EKS gives. The same cluster has the same in every sandbox, as if it were the same cluster. */
static const char *digits_of(struct irsa_arena *arena, const struct irsa_sandbox_cluster *cluster) {
    char hex[IRSA_SHA256_HEX_BYTES];
    irsa_sha256_hex(cluster->arn, strlen(cluster->arn), hex);
    for (char *c = hex; *c != '\0'; c++)
        if (*c >= 'a')
            *c = (char)(*c - 'a' + 'A');
    return irsa_arena_copy_bytes(arena, hex, 32);
}

static void name_issuer(struct irsa_sandbox_cluster *cluster) {
    const struct irsa_sandbox_partition *partition = irsa_sandbox_partition_of_region(cluster->region);
    struct irsa_arena *arena = irsa_arena_new();
    irsa_sandbox_set_text(&cluster->issuer, irsa_arena_format(arena, "https://oidc.eks.%s.%s/id/%s", cluster->region,
                                                              partition->dns_suffix, digits_of(arena, cluster)));
    irsa_arena_free(arena);
}

static void name_cluster(struct irsa_sandbox_cluster *cluster) {
    const struct irsa_sandbox_partition *partition = irsa_sandbox_partition_of_region(cluster->region);
    struct irsa_arena *arena = irsa_arena_new();
    cluster->partition = partition->name;
    cluster->key = irsa_new_copy(irsa_arena_format(arena, "%s/%s", cluster->region, cluster->name));
    cluster->arn = irsa_new_copy(irsa_arena_format(arena, "arn:%s:eks:%s:%s:cluster/%s", partition->name,
                                                   cluster->region, cluster->account_id, cluster->name));
    cluster->endpoint = irsa_new_copy(irsa_arena_format(arena, "https://%s.gr7.%s.eks.%s", digits_of(arena, cluster),
                                                        cluster->region, partition->dns_suffix));
    name_issuer(cluster);
    irsa_arena_free(arena);
}

struct irsa_sandbox_cluster *irsa_sandbox_world_add_cluster(struct irsa_sandbox_world *world, const char *name,
                                                            const char *region, const char *account_id) {
    struct irsa_sandbox_cluster *cluster = irsa_new(sizeof(*cluster));
    cluster->name = irsa_new_copy(name);
    cluster->region = irsa_new_copy(region);
    cluster->account_id = irsa_new_copy(account_id);
    cluster->status = irsa_new_copy("ACTIVE");
    cluster->created_ms = irsa_clock_now_ms(world->clock);
    name_cluster(cluster);
    fill_cluster(world, cluster);
    world->clusters = irsa_grow(world->clusters, world->cluster_count + 1, sizeof(world->clusters[0]));
    world->clusters[world->cluster_count++] = cluster;
    (void)irsa_sandbox_world_account(world, account_id);
    return cluster;
}

static void free_accounts(struct irsa_sandbox_world *world) {
    for (size_t i = 0; i < world->account_count; i++) {
        irsa_sandbox_shelf_free(world->accounts[i]->roles);
        irsa_sandbox_shelf_free(world->accounts[i]->providers);
        irsa_sandbox_shelf_free(world->accounts[i]->policies);
        irsa_sandbox_shelf_free(world->accounts[i]->profiles);
        free(world->accounts[i]);
    }
    free(world->accounts);
    world->accounts = NULL;
    world->account_count = 0;
}

void irsa_sandbox_world_reset(struct irsa_sandbox_world *world) {
    free_accounts(world);
    for (size_t i = 0; i < world->cluster_count; i++) {
        struct irsa_sandbox_cluster *cluster = world->clusters[i];
        empty_cluster(cluster);
        fill_cluster(world, cluster);
        irsa_sandbox_set_text(&cluster->status, "ACTIVE");
        name_issuer(cluster);
        (void)irsa_sandbox_world_account(world, cluster->account_id);
    }
}

static void free_cluster(struct irsa_sandbox_cluster *cluster) {
    char *const texts[] = {cluster->name, cluster->region, cluster->account_id, cluster->key,
                           cluster->arn,  cluster->issuer, cluster->endpoint,   cluster->status};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        free(texts[i]);
    empty_cluster(cluster);
    free(cluster);
}

void irsa_sandbox_world_done(struct irsa_sandbox_world *world) {
    free_accounts(world);
    for (size_t i = 0; i < world->cluster_count; i++)
        free_cluster(world->clusters[i]);
    free(world->clusters);
}
