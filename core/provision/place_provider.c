/*
 * A cluster's OIDC provider in IAM, looked up and made once however many requests ask.
 */
#include <string.h>

#include "core/provision/desired.h"
#include "core/provision/place_private.h"

struct provider_look {
    struct irsa_visit *visit;
    bool has_looked;
};

static bool load_provider(void *self, const char *key, void **out_value, int64_t *out_lifetime_ms,
                          struct irsa_error *err) {
    struct provider_look *look = self;
    struct irsa_visit *visit = look->visit;
    struct irsa_iam_provider provider;
    struct irsa_provider_state state = {.presence = IRSA_PRESENT};
    if (irsa_iam_get_provider(irsa_visit_iam(visit), visit->attempt, key, &provider, err)) {
        state.has_audience = irsa_strings_contain(provider.audiences, IRSA_AUDIENCE);
        state.is_ours = irsa_pairs_find(provider.tags, IRSA_TAG_OWNER) != NULL;
    } else if (err->code == IRSA_CODE_NOT_FOUND) {
        state.presence = IRSA_ABSENT;
    } else {
        return false;
    }
    look->has_looked = true;
    if (!state.has_audience)
        *out_lifetime_ms = IRSA_ABSENT_MS;
    struct irsa_provider_state *value = irsa_new(sizeof *value);
    *value = state;
    *out_value = value;
    return true;
}

static bool look_at_provider(struct provider_look *look, struct irsa_provider_state *out_state,
                             struct irsa_error *err) {
    struct irsa_visit *visit = look->visit;
    struct irsa_cache_ref ref;
    if (!irsa_visit_get(visit, visit->places->providers, visit->place->provider_arn, load_provider, look, &ref, err))
        return false;
    *out_state = *(struct irsa_provider_state *)ref.value;
    irsa_cache_release(visit->places->providers, &ref);
    return true;
}

bool irsa_visit_provider(struct irsa_visit *visit, bool will_mend, struct irsa_provider_state *out_state,
                         struct irsa_error *err) {
    struct provider_look look = {.visit = visit};
    visit->has_remembered_provider = true;
    if (irsa_visit_provider_is_fresh(visit)) {
        *out_state = (struct irsa_provider_state){.presence = IRSA_PRESENT, .has_audience = true, .is_ours = true};
        return true;
    }
    if (!look_at_provider(&look, out_state, err))
        return false;
    visit->has_remembered_provider = !look.has_looked;
    if (out_state->has_audience || will_mend || look.has_looked)
        return true;
    /* what others found missing a moment ago is no reason to refuse: somebody may have made it since */
    irsa_visit_forget_provider(visit);
    if (!look_at_provider(&look, out_state, err))
        return false;
    visit->has_remembered_provider = !look.has_looked;
    return true;
}

void irsa_visit_forget_provider(struct irsa_visit *visit) {
    irsa_cache_drop(visit->places->providers, visit->place->provider_arn);
}

bool irsa_visit_doubt_provider(struct irsa_visit *visit) {
    if (!visit->has_remembered_provider)
        return false;
    irsa_cache_drop(visit->places->makers, visit->place->provider_arn);
    irsa_visit_forget_provider(visit);
    return true;
}

struct making {
    struct irsa_visit *visit;
    struct irsa_pairs tags;
    bool has_made;
};

static bool load_made_provider(void *self, const char *key, void **out_value, int64_t *out_lifetime_ms,
                               struct irsa_error *err) {
    (void)key;
    (void)out_lifetime_ms;
    struct making *making = self;
    struct irsa_visit *visit = making->visit;
    const char *url = irsa_arena_format(visit->attempt->arena, "https://%s", visit->place->issuer);
    const char *arn;
    if (irsa_iam_create_provider(irsa_visit_iam(visit), visit->attempt, url, IRSA_AUDIENCE, making->tags, &arn, err))
        making->has_made = true;
    else if (strcmp(err->upstream, "EntityAlreadyExists") != 0) /* somebody was faster */
        return false;
    *out_value = irsa_new(1);
    return true;
}

bool irsa_visit_make_provider(struct irsa_visit *visit, struct irsa_pairs tags, bool *out_made,
                              struct irsa_error *err) {
    struct making making = {.visit = visit, .tags = tags};
    struct irsa_cache_ref ref;
    if (!irsa_visit_get(visit, visit->places->makers, visit->place->provider_arn, load_made_provider, &making, &ref,
                        err))
        return false;
    irsa_cache_release(visit->places->makers, &ref);
    irsa_visit_forget_provider(visit);
    *out_made = making.has_made;
    return true;
}

static bool load_added_audience(void *self, const char *key, void **out_value, int64_t *out_lifetime_ms,
                                struct irsa_error *err) {
    (void)out_lifetime_ms;
    struct making *making = self;
    const struct irsa_visit *visit = making->visit;
    if (!irsa_iam_add_audience(irsa_visit_iam(visit), visit->attempt, key, IRSA_AUDIENCE, err))
        return false;
    making->has_made = true;
    *out_value = irsa_new(1);
    return true;
}

bool irsa_visit_add_audience(struct irsa_visit *visit, bool *out_added, struct irsa_error *err) {
    struct making making = {.visit = visit};
    struct irsa_cache_ref ref;
    irsa_visit_forget_provider(visit);
    if (!irsa_visit_get(visit, visit->places->makers, visit->place->provider_arn, load_added_audience, &making, &ref,
                        err))
        return false;
    irsa_cache_release(visit->places->makers, &ref);
    irsa_visit_forget_provider(visit);
    *out_added = making.has_made;
    return true;
}

bool irsa_visit_provider_is_fresh(const struct irsa_visit *visit) {
    struct irsa_cache_ref ref;
    if (!irsa_cache_find(visit->places->makers, visit->place->provider_arn, &ref))
        return false;
    irsa_cache_release(visit->places->makers, &ref);
    return true;
}
