/*
 * A cluster's namespaces, looked up and made once however many requests ask.
 */
#include "core/provision/place_private.h"

struct making {
    struct irsa_visit *visit;
    const char *name;
    bool has_made;
};

static const char *namespace_key(const struct irsa_visit *visit, const char *name) {
    return irsa_arena_format(visit->attempt->arena, "%s/%s", visit->place->cluster_arn, name);
}

/* Looking and making are fetches of their own: who waits for one must not get the other's answer. */
static const char *making_key(const struct irsa_visit *visit, const char *name) {
    return irsa_arena_format(visit->attempt->arena, "make %s/%s", visit->place->cluster_arn, name);
}

static bool load_namespace(void *self, const char *key, void **out_value, int64_t *out_lifetime_ms,
                           struct irsa_error *err) {
    (void)key;
    struct making *making = self;
    enum irsa_namespace_state state = IRSA_NAMESPACE_ACTIVE;
    bool is_terminating;
    if (!irsa_kube_get_namespace(&making->visit->kube, making->visit->attempt, making->name, &is_terminating, err)) {
        if (err->code != IRSA_CODE_NOT_FOUND)
            return false;
        state = IRSA_NAMESPACE_ABSENT;
    } else if (is_terminating) {
        state = IRSA_NAMESPACE_TERMINATING;
    }
    if (state != IRSA_NAMESPACE_ACTIVE)
        *out_lifetime_ms = IRSA_ABSENT_MS;
    enum irsa_namespace_state *value = irsa_new(sizeof *value);
    *value = state;
    *out_value = value;
    return true;
}

bool irsa_visit_namespace(struct irsa_visit *visit, const char *name, enum irsa_namespace_state *out_state,
                          struct irsa_error *err) {
    struct making making = {.visit = visit, .name = name};
    struct irsa_cache *namespaces = visit->places->namespaces;
    struct irsa_cache_ref ref;
    if (irsa_cache_find(namespaces, making_key(visit, name), &ref)) {
        *out_state = IRSA_NAMESPACE_ACTIVE;
    } else {
        if (!irsa_visit_get(visit, namespaces, namespace_key(visit, name), load_namespace, &making, &ref, err))
            return false;
        *out_state = *(enum irsa_namespace_state *)ref.value;
    }
    irsa_cache_release(namespaces, &ref);
    return true;
}

void irsa_visit_forget_namespace(struct irsa_visit *visit, const char *name) {
    irsa_cache_drop(visit->places->namespaces, namespace_key(visit, name));
    irsa_cache_drop(visit->places->namespaces, making_key(visit, name));
}

static bool load_made_namespace(void *self, const char *key, void **out_value, int64_t *out_lifetime_ms,
                                struct irsa_error *err) {
    (void)key;
    (void)out_lifetime_ms;
    struct making *making = self;
    if (!irsa_kube_create_namespace(&making->visit->kube, making->visit->attempt, making->name, &making->has_made, err))
        return false;
    *out_value = irsa_new(1);
    return true;
}

bool irsa_visit_make_namespace(struct irsa_visit *visit, const char *name, bool *out_made, struct irsa_error *err) {
    struct making making = {.visit = visit, .name = name};
    struct irsa_cache_ref ref;
    if (!irsa_visit_get(visit, visit->places->namespaces, making_key(visit, name), load_made_namespace, &making, &ref,
                        err))
        return false;
    irsa_cache_release(visit->places->namespaces, &ref);
    *out_made = making.has_made;
    return true;
}
