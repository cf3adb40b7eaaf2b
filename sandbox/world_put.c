/*
 * PUT /world: what others made, changed or removed.
 *
 * A thing that exists gets exactly the parts that are given; "delete" lists the names of what goes. Nothing is judged but
 * its form: a test may make what IAM would refuse.
 */
#include <string.h>

#include "core/contract/names.h"
#include "sandbox/world_put.h"

bool irsa_sandbox_put_each(const struct irsa_sandbox_put *put, const struct irsa_json *array, irsa_sandbox_put_fn *one,
                           struct irsa_error *err) {
    size_t i = 0;
    if (array->kind != IRSA_JSON_ARRAY)
        return IRSA_FAIL(err, INVALID, "an array must stand here");
    for (const struct irsa_json *value = array->first; value != NULL; value = value->next, i++)
        if (!one(put, value, err))
            return irsa_error_at(err, "/%zu", i);
    return true;
}

void irsa_sandbox_put_remove(struct irsa_sandbox_shelf *shelf, const char *key) {
    if (irsa_sandbox_shelf_now(shelf, key) != NULL)
        irsa_sandbox_shelf_remove(shelf, key, IRSA_SANDBOX_SETTLED);
}

static struct irsa_sandbox_cluster *find_cluster(const struct irsa_sandbox *sandbox, const char *key) {
    for (size_t i = 0; i < sandbox->world.cluster_count; i++)
        if (strcmp(sandbox->world.clusters[i]->key, key) == 0)
            return sandbox->world.clusters[i];
    return NULL;
}

static bool change_accounts(struct irsa_sandbox_put *put, const struct irsa_json *accounts, struct irsa_error *err) {
    if (!irsa_sandbox_is_object(accounts, err))
        return false;
    for (const struct irsa_json *one = accounts->first; one != NULL; one = one->next) {
        if (irsa_rule_account_id(one->key) != NULL)
            return IRSA_FAIL(err, INVALID, "an account is known by its 12 digits, not by \"%s\"", one->key);
        put->account = irsa_sandbox_world_account(&put->sandbox->world, one->key);
        if (!irsa_sandbox_put_account(put, one, err))
            return irsa_error_at_key(err, one->key);
    }
    return true;
}

static bool change_clusters(struct irsa_sandbox_put *put, const struct irsa_json *clusters, struct irsa_error *err) {
    if (!irsa_sandbox_is_object(clusters, err))
        return false;
    for (const struct irsa_json *one = clusters->first; one != NULL; one = one->next) {
        put->cluster = find_cluster(put->sandbox, one->key);
        if (put->cluster == NULL)
            return IRSA_FAIL(err, INVALID, "this sandbox has no cluster \"%s\" (REGION/NAME)", one->key);
        if (!irsa_sandbox_put_cluster(put, one, err))
            return irsa_error_at_key(err, one->key);
    }
    return true;
}

bool irsa_sandbox_world_change(struct irsa_sandbox *sandbox, struct irsa_arena *arena, const struct irsa_json *document,
                               struct irsa_error *err) {
    struct irsa_sandbox_put put = {.sandbox = sandbox, .arena = arena};
    if (!irsa_sandbox_is_object(document, err))
        return false;
    for (const struct irsa_json *member = document->first; member != NULL; member = member->next) {
        bool is_good;
        if (strcmp(member->key, "accounts") == 0)
            is_good = change_accounts(&put, member, err);
        else if (strcmp(member->key, "clusters") == 0)
            is_good = change_clusters(&put, member, err);
        else
            is_good = IRSA_FAIL(err, INVALID, "the world has accounts and clusters, no \"%s\"", member->key);
        if (!is_good)
            return irsa_error_at_key(err, member->key);
    }
    return true;
}
