/*
 * A hash table of queues. Hashing is seeded per table, since keys come from outside.
 */
#include "worker/engine/keys.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/crypto.h"
#include "core/base/map.h"

#define LEAST_BUCKETS 1024
#define SPARE_MAX     4096 /* keys kept for the next use */

struct irsa_keys {
    uint64_t seed[2];
    struct irsa_key **buckets;
    size_t bucket_count; /* a power of two */
    size_t count;
    struct irsa_key *spare; /* through next_in_bucket */
    size_t spare_count;
};

struct irsa_keys *irsa_keys_new(void) {
    struct irsa_keys *keys = irsa_new(sizeof *keys);
    irsa_random_bytes(keys->seed, sizeof keys->seed);
    keys->bucket_count = LEAST_BUCKETS;
    keys->buckets = irsa_new(keys->bucket_count * sizeof(struct irsa_key *));
    return keys;
}

void irsa_keys_free(struct irsa_keys *keys) {
    if (keys == NULL)
        return;
    assert(keys->count == 0);
    while (keys->spare != NULL) {
        struct irsa_key *key = keys->spare;
        keys->spare = key->next_in_bucket;
        free(key);
    }
    free(keys->buckets);
    free(keys);
}

static struct irsa_key **bucket_of(const struct irsa_keys *keys, uint64_t hash) {
    return &keys->buckets[hash & (keys->bucket_count - 1)];
}

static void grow(struct irsa_keys *keys) {
    struct irsa_key **old = keys->buckets;
    size_t old_count = keys->bucket_count;
    keys->bucket_count *= 4;
    keys->buckets = irsa_new(keys->bucket_count * sizeof(struct irsa_key *));
    for (size_t i = 0; i < old_count; i++)
        while (old[i] != NULL) {
            struct irsa_key *key = old[i];
            old[i] = key->next_in_bucket;
            struct irsa_key **bucket = bucket_of(keys, key->hash);
            key->next_in_bucket = *bucket;
            *bucket = key;
        }
    free(old);
}

static bool is_of(const struct irsa_key *key, uint64_t hash, const char *text, size_t length) {
    return key->hash == hash && key->length == length && memcmp(irsa_key_first(key)->job.key, text, length) == 0;
}

static struct irsa_key *make_key(struct irsa_keys *keys, uint64_t hash, size_t length) {
    if (keys->count >= keys->bucket_count)
        grow(keys);
    struct irsa_key *key = keys->spare;
    if (key != NULL) {
        keys->spare = key->next_in_bucket;
        keys->spare_count--;
    } else {
        key = irsa_new(sizeof *key);
    }
    struct irsa_key **bucket = bucket_of(keys, hash);
    *key = (struct irsa_key){.next_in_bucket = *bucket, .hash = hash, .length = length};
    irsa_link_init(&key->tasks);
    *bucket = key;
    keys->count++;
    return key;
}

void irsa_keys_add(struct irsa_keys *keys, struct irsa_task *task) {
    const char *text = task->job.key;
    size_t length = strlen(text);
    uint64_t hash = irsa_siphash13(keys->seed, text, length);
    struct irsa_key *key = *bucket_of(keys, hash);
    while (key != NULL && !is_of(key, hash, text, length))
        key = key->next_in_bucket;
    if (key == NULL)
        key = make_key(keys, hash, length);
    irsa_list_append(&key->tasks, &task->of_key);
    key->count++;
    task->key = key;
}

static void drop_key(struct irsa_keys *keys, struct irsa_key *key) {
    struct irsa_key **at = bucket_of(keys, key->hash);
    while (*at != key)
        at = &(*at)->next_in_bucket;
    *at = key->next_in_bucket;
    keys->count--;
    if (keys->spare_count == SPARE_MAX) {
        free(key);
        return;
    }
    key->next_in_bucket = keys->spare;
    keys->spare = key;
    keys->spare_count++;
}

void irsa_keys_remove(struct irsa_keys *keys, struct irsa_task *task) {
    struct irsa_key *key = task->key;
    task->key = NULL;
    irsa_list_remove(&task->of_key);
    if (--key->count == 0)
        drop_key(keys, key);
}
