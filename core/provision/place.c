/*
 * The caches, and the visit that borrows from them: clusters and tokens.
 */
#include "core/provision/place.h"

#include <stdlib.h>
#include <string.h>

#include "core/aws/eks.h"
#include "core/aws/partition.h"
#include "core/base/crypto.h"
#include "core/base/trust.h"
#include "core/provision/place_private.h"

#define MAX_CLUSTERS      4096
#define MAX_NAMESPACES    65536
#define TRUST_LIFETIME_MS INT64_C(86400000)
#define FRESH_MS          INT64_C(60000)

struct place_entry {
    struct irsa_place place;
    struct irsa_arena *arena;
};

static void free_place(void *value) {
    struct place_entry *entry = value;
    irsa_trust_free(entry->place.trust);
    irsa_arena_free(entry->arena);
    free(entry);
}

static void free_token(void *value) {
    irsa_wipe(value, strlen(value));
    free(value);
}

static void free_trust(void *value) {
    irsa_trust_free(value);
}

static struct irsa_cache *new_cache(const struct irsa_clock *clock, int64_t lifetime_ms, size_t max_entries,
                                    void (*free_value)(void *)) {
    const struct irsa_cache_options options = {
        .lifetime_ms = lifetime_ms, .max_entries = max_entries, .free_value = free_value, .clock = clock};
    return irsa_cache_new(&options);
}

struct irsa_places *irsa_places_new(const struct irsa_places_options *options) {
    struct irsa_places *places = irsa_new(sizeof *places);
    places->aws = options->aws;
    places->transport = options->transport;
    places->clock = options->clock;
    places->clusters = new_cache(options->clock, IRSA_PLACE_LIFETIME_MS, MAX_CLUSTERS, free_place);
    places->gone = new_cache(options->clock, IRSA_ABSENT_MS, MAX_CLUSTERS, free);
    places->tokens = new_cache(options->clock, IRSA_TOKEN_LIFETIME_MS, MAX_CLUSTERS, free_token);
    places->trusts = new_cache(options->clock, TRUST_LIFETIME_MS, MAX_CLUSTERS, free_trust);
    places->providers = new_cache(options->clock, IRSA_PLACE_LIFETIME_MS, MAX_CLUSTERS, free);
    places->makers = new_cache(options->clock, FRESH_MS, MAX_CLUSTERS, free);
    places->namespaces = new_cache(options->clock, IRSA_NAMESPACE_LIFETIME_MS, MAX_NAMESPACES, free);
    places->recent = irsa_recent_new(options->clock);
    return places;
}

void irsa_places_free(struct irsa_places *places) {
    if (places == NULL)
        return;
    irsa_recent_free(places->recent);
    irsa_cache_free(places->namespaces);
    irsa_cache_free(places->makers);
    irsa_cache_free(places->providers);
    irsa_cache_free(places->tokens);
    irsa_cache_free(places->gone);
    irsa_cache_free(places->clusters);
    irsa_cache_free(places->trusts);
    free(places);
}

bool irsa_visit_get(struct irsa_visit *visit, struct irsa_cache *cache, const char *key, irsa_cache_load_fn *load,
                    void *self, struct irsa_cache_ref *out_ref, struct irsa_error *err) {
    return irsa_cache_get(cache, key, load, self, visit->attempt->deadline_ms, visit->attempt->cancel, out_ref, err);
}

/* --- clusters ---------------------------------------------------------------------------------------------------- */

static bool load_trust(void *self, const char *key, void **out_value, int64_t *out_lifetime_ms,
                       struct irsa_error *err) {
    (void)key;
    (void)out_lifetime_ms;
    const char *pem = self;
    *out_value = irsa_trust_from_pem(pem, strlen(pem), err);
    return *out_value != NULL;
}

/* The same authority keeps its object, so that warm connections stay warm when the cluster is looked up again. */
static struct irsa_trust *trust_for(struct irsa_visit *visit, const char *pem, struct irsa_error *err) {
    char digest[IRSA_SHA256_HEX_BYTES];
    irsa_sha256_hex(pem, strlen(pem), digest);
    struct irsa_cache_ref ref;
    char *copy = irsa_arena_copy(visit->attempt->arena, pem);
    if (!irsa_visit_get(visit, visit->places->trusts, digest, load_trust, copy, &ref, err))
        return NULL;
    struct irsa_trust *trust = irsa_trust_retain(ref.value);
    irsa_cache_release(visit->places->trusts, &ref);
    return trust;
}

static struct place_entry *new_entry(const struct irsa_eks_cluster *cluster, const struct irsa_cluster_name *name) {
    struct place_entry *entry = irsa_new(sizeof *entry);
    struct irsa_arena *arena = entry->arena = irsa_arena_new();
    entry->place = (struct irsa_place){
        .region = irsa_arena_copy(arena, name->region),
        .cluster = irsa_arena_copy(arena, name->name),
        .cluster_arn = irsa_arena_copy(arena, cluster->arn),
        .account_id = irsa_arena_copy(arena, cluster->account_id),
        .partition = irsa_arena_copy(arena, cluster->partition),
        .issuer = irsa_arena_copy(arena, cluster->issuer),
        .endpoint = irsa_arena_copy(arena, cluster->endpoint),
        .provider_arn = irsa_arena_format(arena, "arn:%s:iam::%s:oidc-provider/%s", cluster->partition,
                                          cluster->account_id, cluster->issuer),
    };
    return entry;
}

struct cluster_load {
    struct irsa_visit *visit;
    const struct irsa_cluster_name *name;
};

static bool load_cluster(void *self, const char *key, void **out_value, int64_t *out_lifetime_ms,
                         struct irsa_error *err) {
    (void)key;
    (void)out_lifetime_ms;
    const struct cluster_load *load = self;
    struct irsa_visit *visit = load->visit;
    struct irsa_eks_cluster cluster;
    if (!irsa_eks_describe(visit->places->aws, visit->attempt, load->name->region, load->name->name, &cluster, err))
        return false;
    struct irsa_trust *trust = trust_for(visit, cluster.ca_pem, err);
    if (trust == NULL)
        return irsa_error_wrap(err, "certificate authority of cluster %s", load->name->name);
    struct place_entry *entry = new_entry(&cluster, load->name);
    entry->place.trust = trust;
    *out_value = entry;
    return true;
}

static bool load_token(void *self, const char *key, void **out_value, int64_t *out_lifetime_ms,
                       struct irsa_error *err) {
    (void)key;
    (void)out_lifetime_ms;
    struct irsa_visit *visit = self;
    const char *token;
    if (!irsa_kube_token(visit->places->aws, visit->attempt->arena, visit->place->region, visit->place->cluster, &token,
                         err))
        return false;
    *out_value = irsa_new_copy(token);
    return true;
}

/* --- visits ------------------------------------------------------------------------------------------------------ */

bool irsa_visit_enter(struct irsa_visit *visit, struct irsa_places *places, struct irsa_attempt *attempt,
                      const struct irsa_cluster_name *cluster, struct irsa_error *err) {
    *visit = (struct irsa_visit){.places = places, .attempt = attempt};
    visit->key = irsa_arena_format(attempt->arena, "%s/%s", cluster->region, cluster->name);
    struct cluster_load load = {.visit = visit, .name = cluster};
    if (!irsa_visit_get(visit, places->clusters, visit->key, load_cluster, &load, &visit->held_place, err))
        return false;
    visit->place = &((struct place_entry *)visit->held_place.value)->place;
    if (!irsa_visit_get(visit, places->tokens, visit->key, load_token, visit, &visit->held_token, err)) {
        irsa_visit_leave(visit);
        return false;
    }
    visit->kube = (struct irsa_kube){.transport = places->transport,
                                     .endpoint = visit->place->endpoint,
                                     .trust = visit->place->trust,
                                     .token = visit->held_token.value};
    return true;
}

void irsa_visit_leave(struct irsa_visit *visit) {
    if (visit->held_token.value != NULL)
        irsa_cache_release(visit->places->tokens, &visit->held_token);
    if (visit->held_place.value != NULL)
        irsa_cache_release(visit->places->clusters, &visit->held_place);
    visit->held_token = visit->held_place = (struct irsa_cache_ref){0};
    visit->place = NULL;
}

bool irsa_visit_renew(struct irsa_visit *visit, const struct irsa_cluster_name *cluster, struct irsa_error *err) {
    struct irsa_places *places = visit->places;
    struct irsa_attempt *attempt = visit->attempt;
    irsa_cache_drop(places->clusters, visit->key);
    irsa_cache_drop(places->tokens, visit->key);
    irsa_visit_leave(visit);
    return irsa_visit_enter(visit, places, attempt, cluster, err);
}

/* --- clusters that are gone ---------------------------------------------------------------------------------------- */

static bool load_gone(void *self, const char *key, void **out_value, int64_t *out_lifetime_ms, struct irsa_error *err) {
    (void)key;
    (void)out_lifetime_ms;
    const struct cluster_load *load = self;
    struct irsa_visit *visit = load->visit;
    struct irsa_eks_cluster cluster;
    if (irsa_eks_describe(visit->places->aws, visit->attempt, load->name->region, load->name->name, &cluster, err)) {
        IRSA_FAIL(err, CONFLICT, "cluster %s is there: leave out clusterGone, so that its service account goes too",
                  load->name->name);
        return irsa_error_from(err, "eks", NULL);
    }
    if (err->code != IRSA_CODE_CLUSTER_NOT_FOUND)
        return irsa_error_wrap(err, "clusterGone");
    irsa_cache_drop(visit->places->clusters, visit->key);
    irsa_cache_drop(visit->places->tokens, visit->key);
    *out_value = irsa_new(1);
    return true;
}

/* Its ARN is known without EKS: it is in the roles' tags. */
static const struct irsa_place *place_of_gone(struct irsa_arena *arena, const struct irsa_cluster_name *cluster,
                                              const char *account_id) {
    struct irsa_place *place = IRSA_NEW(arena, struct irsa_place);
    const char *partition = irsa_partition_of_region(cluster->region)->name;
    *place = (struct irsa_place){
        .region = cluster->region,
        .cluster = cluster->name,
        .cluster_arn = irsa_arena_format(arena, "arn:%s:eks:%s:%s:cluster/%s", partition, cluster->region, account_id,
                                         cluster->name),
        .account_id = account_id,
        .partition = partition,
    };
    return place;
}

bool irsa_visit_enter_gone(struct irsa_visit *visit, struct irsa_places *places, struct irsa_attempt *attempt,
                           const struct irsa_cluster_name *cluster, const char *account_id, struct irsa_error *err) {
    *visit = (struct irsa_visit){.places = places, .attempt = attempt};
    visit->key = irsa_arena_format(attempt->arena, "%s/%s", cluster->region, cluster->name);
    struct cluster_load load = {.visit = visit, .name = cluster};
    struct irsa_cache_ref ref;
    if (!irsa_visit_get(visit, places->gone, visit->key, load_gone, &load, &ref, err))
        return false;
    irsa_cache_release(places->gone, &ref);
    visit->place = place_of_gone(attempt->arena, cluster, account_id);
    return true;
}

struct irsa_iam irsa_visit_iam(const struct irsa_visit *visit) {
    return (struct irsa_iam){.aws = visit->places->aws, .partition = visit->place->partition};
}

struct irsa_recent *irsa_visit_recent(const struct irsa_visit *visit) {
    return visit->places->recent;
}
