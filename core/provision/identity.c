/*
 * GetCallerIdentity behind a cache of one entry.
 */
#include "core/provision/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/aws/sts.h"
#include "core/base/arena.h"
#include "core/base/cache.h"

#define LIFETIME_MS  INT64_C(3600000)
#define ASSUMED_ROLE ":assumed-role/"

struct irsa_identity {
    struct irsa_aws *aws;
    char *region;
    struct irsa_cache *cache;
};

struct irsa_identity *irsa_identity_new(struct irsa_aws *aws, const char *region, const struct irsa_clock *clock) {
    struct irsa_identity *identity = irsa_new(sizeof *identity);
    const struct irsa_cache_options cache = {
        .lifetime_ms = LIFETIME_MS, .max_entries = 1, .free_value = free, .clock = clock};
    identity->aws = aws;
    identity->region = irsa_new_copy(region);
    identity->cache = irsa_cache_new(&cache);
    return identity;
}

void irsa_identity_free(struct irsa_identity *identity) {
    if (identity == NULL)
        return;
    irsa_cache_free(identity->cache);
    free(identity->region);
    free(identity);
}

struct load {
    struct irsa_identity *identity;
    struct irsa_attempt *attempt;
};

static bool load_identity(void *self, const char *key, void **out_value, int64_t *out_lifetime_ms,
                          struct irsa_error *err) {
    (void)key;
    (void)out_lifetime_ms;
    const struct load *load = self;
    struct irsa_caller caller;
    if (!irsa_sts_caller(load->identity->aws, load->attempt, load->identity->region, &caller, err))
        return false;
    struct irsa_worker_identity *value = irsa_new(sizeof *value);
    (void)snprintf(value->account_id, sizeof value->account_id, "%s", caller.account_id);
    const char *role = strstr(caller.arn, ASSUMED_ROLE);
    if (role != NULL) { /* arn:aws:sts::111122223333:assumed-role/NAME/SESSION; the role's path is not told */
        role += strlen(ASSUMED_ROLE);
        (void)snprintf(value->role_name, sizeof value->role_name, "%.*s", (int)strcspn(role, "/"), role);
    }
    *out_value = value;
    return true;
}

bool irsa_identity_get(struct irsa_identity *identity, struct irsa_attempt *attempt,
                       struct irsa_worker_identity *out_identity, struct irsa_error *err) {
    struct load load = {.identity = identity, .attempt = attempt};
    struct irsa_cache_ref ref;
    if (!irsa_cache_get(identity->cache, "caller", load_identity, &load, attempt->deadline_ms, attempt->cancel, &ref,
                        err))
        return false;
    *out_identity = *(const struct irsa_worker_identity *)ref.value;
    irsa_cache_release(identity->cache, &ref);
    return true;
}

bool irsa_identity_is_accepted(const struct irsa_identity *identity, struct irsa_attempt *attempt) {
    struct irsa_caller caller;
    struct irsa_error why;
    return irsa_sts_caller(identity->aws, attempt, identity->region, &caller, &why);
}
