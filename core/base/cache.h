/*
 * A cache of things that are fetched from outside: kept for a while, fetched once even when hundreds ask at once.
 *
 * Keys are text, values are immutable objects of the user. Threads that ask for a key while another one fetches it wait
 * for that fetch; when it fails, all of them get its error and the next one to ask tries anew. One mutex inside.
 */
#ifndef IRSA_BASE_CACHE_H
#define IRSA_BASE_CACHE_H

#include "core/base/cancel.h"
#include "core/base/clock.h"

struct irsa_cache;

/* A value in use. It stays alive until it is released, even when the cache has dropped it meanwhile. */
struct irsa_cache_ref {
    void *value;
    void *entry; /* private */
};

struct irsa_cache_options {
    int64_t lifetime_ms; /* how long a value is served after its fetch */
    size_t max_entries;  /* beyond it the longest unused one goes */
    void (*free_value)(void *value);
    const struct irsa_clock *clock;
};

/* Fetch a value. Runs without the cache's lock; `out_lifetime_ms` may be lowered for this value. */
typedef bool irsa_cache_load_fn(void *self, const char *key, void **out_value, int64_t *out_lifetime_ms,
                                struct irsa_error *err);

struct irsa_cache *irsa_cache_new(const struct irsa_cache_options *options);
void irsa_cache_free(struct irsa_cache *cache);

/*
 * The value of a key, fetched if it is not there.
 *
 * deadline_ms  monotonic; how long to wait for another thread's fetch
 * cancel       may be NULL
 * fails        what `load` fails with; TIMEOUT, UNAVAILABLE (cancelled) while waiting for another one's fetch
 */
IRSA_MUST_CHECK bool irsa_cache_get(struct irsa_cache *cache, const char *key, irsa_cache_load_fn *load, void *self,
                                    int64_t deadline_ms, const struct irsa_cancel *cancel,
                                    struct irsa_cache_ref *out_ref, struct irsa_error *err);

/* The value of a key if it is there and fresh; nothing is fetched and nobody is waited for. */
IRSA_MUST_CHECK bool irsa_cache_find(struct irsa_cache *cache, const char *key, struct irsa_cache_ref *out_ref);

void irsa_cache_release(struct irsa_cache *cache, struct irsa_cache_ref *ref);

/* Forget a key, so that the next one to ask fetches it. */
void irsa_cache_drop(struct irsa_cache *cache, const char *key);

#endif
