/*
 * The cache: a map of entries, a list of them by last use, one mutex.
 *
 * An entry is LOADING while one thread fetches its value, then READY or FAILED. It is counted: the cache holds it while
 * it is listed, each reference and each waiting thread holds it too. What leaves the cache (dropped, expired, failed,
 * evicted) is only unlisted; the last one to let go of it frees it. Waiting is on the entry's own condition, so that
 * a finished fetch wakes nobody else, in slices of WAIT_SLICE_MS, since the clock and the cancel flag are the caller's.
 */
#include "core/base/cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/arena.h"
#include "core/base/map.h"

#define WAIT_SLICE_MS 50

enum state {
    LOADING,
    READY,
    FAILED,
    ABANDONED, /* its thread was cancelled: that says nothing to those who wait, one of them tries again */
};

struct entry {
    struct entry *newer, *older; /* while it is listed */
    char *key;
    void *value;
    int64_t expires_ms;
    unsigned holders;
    enum state state;
    bool is_listed;
    pthread_cond_t settled;
    struct irsa_error *error; /* of a FAILED one; a namespace of a cluster is an entry, and errors are large */
};

struct irsa_cache {
    struct irsa_cache_options options;
    pthread_mutex_t mutex;
    struct irsa_map *entries;
    struct entry *newest, *oldest;
    struct entry *unheld; /* chained by `older`; freed once the lock is released, as values may take long to free */
};

struct irsa_cache *irsa_cache_new(const struct irsa_cache_options *options) {
    struct irsa_cache *cache = irsa_new(sizeof *cache);
    cache->options = *options;
    cache->entries = irsa_map_new();
    pthread_mutex_init(&cache->mutex, NULL);
    return cache;
}

static struct entry *new_entry(const char *key) {
    struct entry *entry = irsa_new(sizeof *entry);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&entry->settled, &attributes);
    pthread_condattr_destroy(&attributes);
    entry->key = irsa_new_copy(key);
    return entry;
}

static void free_entry(struct irsa_cache *cache, struct entry *entry) {
    if (entry->value != NULL && cache->options.free_value != NULL)
        cache->options.free_value(entry->value);
    pthread_cond_destroy(&entry->settled);
    free(entry->error);
    free(entry->key);
    free(entry);
}

static void lock(struct irsa_cache *cache) {
    pthread_mutex_lock(&cache->mutex);
}

static void unlock(struct irsa_cache *cache) {
    struct entry *unheld = cache->unheld;
    cache->unheld = NULL;
    pthread_mutex_unlock(&cache->mutex);
    while (unheld != NULL) {
        struct entry *entry = unheld;
        unheld = entry->older;
        free_entry(cache, entry);
    }
}

/* With the lock held, down to the next such line. ---------------------------------------------------------------- */

static void unlink_entry(struct irsa_cache *cache, struct entry *entry) {
    *(entry->newer != NULL ? &entry->newer->older : &cache->newest) = entry->older;
    *(entry->older != NULL ? &entry->older->newer : &cache->oldest) = entry->newer;
    entry->newer = entry->older = NULL;
}

static void link_as_newest(struct irsa_cache *cache, struct entry *entry) {
    entry->older = cache->newest;
    *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = entry;
    cache->newest = entry;
}

static void let_go(struct irsa_cache *cache, struct entry *entry) {
    if (--entry->holders > 0)
        return;
    entry->older = cache->unheld;
    cache->unheld = entry;
}

static void list(struct irsa_cache *cache, struct entry *entry) {
    entry->is_listed = true;
    entry->holders++;
    link_as_newest(cache, entry);
    irsa_map_put(cache->entries, entry->key, strlen(entry->key), entry);
}

static void unlist(struct irsa_cache *cache, struct entry *entry) {
    if (!entry->is_listed)
        return;
    entry->is_listed = false;
    unlink_entry(cache, entry);
    irsa_map_remove(cache->entries, entry->key, strlen(entry->key));
    let_go(cache, entry);
}

/* The longest unused entry that can go, goes. What is being fetched stays. */
static void evict(struct irsa_cache *cache) {
    struct entry *entry = cache->oldest;
    while (entry != NULL && entry->state == LOADING)
        entry = entry->newer;
    if (entry != NULL && irsa_map_count(cache->entries) > cache->options.max_entries)
        unlist(cache, entry);
}

static struct entry *find(const struct irsa_cache *cache, const char *key) {
    return irsa_map_find(cache->entries, key, strlen(key));
}

static bool is_stale(const struct irsa_cache *cache, const struct entry *entry) {
    return entry->state == READY && irsa_clock_monotonic_ms(cache->options.clock) >= entry->expires_ms;
}

/* One more holder, and used just now. */
static void hold(struct irsa_cache *cache, struct entry *entry) {
    unlink_entry(cache, entry);
    link_as_newest(cache, entry);
    entry->holders++;
}

/* The entry of a key, held: what is listed, or a new one that the caller has to load (`*out_is_ours`). */
static struct entry *find_or_list(struct irsa_cache *cache, const char *key, bool *out_is_ours) {
    struct entry *entry = find(cache, key);
    if (entry != NULL && is_stale(cache, entry)) {
        unlist(cache, entry);
        entry = NULL;
    }
    *out_is_ours = entry == NULL;
    if (entry == NULL) {
        entry = new_entry(key);
        list(cache, entry);
    }
    hold(cache, entry);
    return entry;
}

static void wait_a_while(struct irsa_cache *cache, struct entry *entry) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += WAIT_SLICE_MS * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    pthread_cond_timedwait(&entry->settled, &cache->mutex, &until);
}

/* Until the fetch of another thread has ended. */
static bool wait_for(struct irsa_cache *cache, struct entry *entry, int64_t deadline_ms,
                     const struct irsa_cancel *cancel, struct irsa_error *err) {
    while (entry->state == LOADING) {
        if (irsa_cancel_is_set(cancel))
            return IRSA_FAIL(err, UNAVAILABLE, "cancelled while waiting for another fetch of %s", entry->key);
        if (irsa_clock_monotonic_ms(cache->options.clock) >= deadline_ms)
            return IRSA_FAIL(err, TIMEOUT, "another fetch of %s took too long", entry->key);
        wait_a_while(cache, entry);
    }
    if (entry->state == FAILED)
        *err = *entry->error;
    return entry->state != FAILED;
}

/* Without the lock held. ----------------------------------------------------------------------------------------- */

static void release(struct irsa_cache *cache, struct entry *entry) {
    lock(cache);
    let_go(cache, entry);
    unlock(cache);
}

/* Publish what a fetch has brought. */
static void settle(struct irsa_cache *cache, struct entry *entry, enum state state, int64_t lifetime_ms) {
    lock(cache);
    int64_t now_ms = irsa_clock_monotonic_ms(cache->options.clock);
    if (__builtin_add_overflow(now_ms, lifetime_ms, &entry->expires_ms))
        entry->expires_ms = INT64_MAX;
    entry->state = state;
    if (state == READY)
        evict(cache);
    else
        unlist(cache, entry);
    pthread_cond_broadcast(&entry->settled);
    unlock(cache);
}

static bool load_entry(struct irsa_cache *cache, struct entry *entry, irsa_cache_load_fn *load, void *self,
                       const struct irsa_cancel *cancel, struct irsa_error *err) {
    int64_t lifetime_ms = cache->options.lifetime_ms;
    void *value = NULL;
    if (load(self, entry->key, &value, &lifetime_ms, err)) {
        entry->value = value;
        settle(cache, entry, READY, lifetime_ms);
        return true;
    }
    entry->error = irsa_new(sizeof *entry->error);
    *entry->error = *err;
    settle(cache, entry, irsa_cancel_is_set(cancel) ? ABANDONED : FAILED, 0);
    return false;
}

bool irsa_cache_get(struct irsa_cache *cache, const char *key, irsa_cache_load_fn *load, void *self,
                    int64_t deadline_ms, const struct irsa_cancel *cancel, struct irsa_cache_ref *out_ref,
                    struct irsa_error *err) {
    enum state state = ABANDONED;
    bool is_there = true;
    while (is_there && state == ABANDONED) {
        bool is_ours;
        lock(cache);
        struct entry *entry = find_or_list(cache, key, &is_ours);
        is_there = is_ours || wait_for(cache, entry, deadline_ms, cancel, err);
        state = is_ours ? READY : entry->state;
        unlock(cache);
        if (is_ours)
            is_there = load_entry(cache, entry, load, self, cancel, err);
        if (is_there && state == READY)
            *out_ref = (struct irsa_cache_ref){.value = entry->value, .entry = entry};
        else
            release(cache, entry);
    }
    return is_there;
}

bool irsa_cache_find(struct irsa_cache *cache, const char *key, struct irsa_cache_ref *out_ref) {
    lock(cache);
    struct entry *entry = find(cache, key);
    bool is_fresh = entry != NULL && entry->state == READY && !is_stale(cache, entry);
    if (is_fresh) {
        hold(cache, entry);
        *out_ref = (struct irsa_cache_ref){.value = entry->value, .entry = entry};
    }
    unlock(cache);
    return is_fresh;
}

void irsa_cache_release(struct irsa_cache *cache, struct irsa_cache_ref *ref) {
    if (ref->entry == NULL)
        return;
    release(cache, ref->entry);
    *ref = (struct irsa_cache_ref){0};
}

void irsa_cache_drop(struct irsa_cache *cache, const char *key) {
    lock(cache);
    struct entry *entry = find(cache, key);
    if (entry != NULL)
        unlist(cache, entry);
    unlock(cache);
}

void irsa_cache_free(struct irsa_cache *cache) {
    if (cache == NULL)
        return;
    lock(cache);
    while (cache->oldest != NULL)
        unlist(cache, cache->oldest);
    unlock(cache);
    irsa_map_free(cache->entries, NULL);
    pthread_mutex_destroy(&cache->mutex);
    free(cache);
}
