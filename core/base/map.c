/*
 * Open addressing without tombstones: taking a key out moves the ones behind it up, so that a map that is filled and
 * emptied all day never slows down.
 *
 * The slots do not wrap round: behind the last home slot there is a margin for the end of its cluster, and a cluster
 * that would leave it makes the table grow. So a walk from the back to the front survives the removal of the key that
 * it stands on, because removal only moves keys that it has passed.
 */
#include "core/base/map.h"

#include <endian.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/crypto.h"

#define LEAST_HOMES 16
#define MARGIN      32

struct slot {
    uint64_t hash;
    void *value; /* NULL: free */
    void *key;
    size_t key_length;
};

struct irsa_map {
    struct slot *slots;
    size_t homes; /* a power of two; MARGIN more slots follow */
    size_t count;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint64_t seed[2];

static void make_seed(void) {
    irsa_random_bytes(seed, sizeof seed);
}

static inline uint64_t rotate(uint64_t x, int bits) {
    return x << bits | x >> (64 - bits);
}

static inline void sip_round(uint64_t v[4]) {
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static inline uint64_t load_little_endian(const uint8_t *bytes, size_t length) {
    uint64_t word = 0;
    memcpy(&word, bytes, length);
    return le64toh(word);
}

/* One round per word and three at the end. */
uint64_t irsa_siphash13(const uint64_t key[2], const void *bytes, size_t length) {
    uint64_t v[4] = {key[0] ^ UINT64_C(0x736f6d6570736575), key[1] ^ UINT64_C(0x646f72616e646f6d),
                     key[0] ^ UINT64_C(0x6c7967656e657261), key[1] ^ UINT64_C(0x7465646279746573)};
    const uint8_t *at = bytes;
    size_t left = length;
    for (; left >= 8; left -= 8, at += 8) {
        uint64_t word = load_little_endian(at, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    uint64_t last = (left > 0 ? load_little_endian(at, left) : 0) | (uint64_t)length << 56;
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xFF;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void make_slots(struct irsa_map *map, size_t homes) {
    map->slots = irsa_new((homes + MARGIN) * sizeof(struct slot));
    map->homes = homes;
}

struct irsa_map *irsa_map_new(void) {
    pthread_once(&once, make_seed);
    struct irsa_map *map = irsa_new(sizeof *map);
    make_slots(map, LEAST_HOMES);
    return map;
}

void irsa_map_free(struct irsa_map *map, void (*free_value)(void *value)) {
    if (map == NULL)
        return;
    for (size_t i = 0; i < map->homes + MARGIN; i++) {
        if (map->slots[i].value == NULL)
            continue;
        free(map->slots[i].key);
        if (free_value != NULL)
            free_value(map->slots[i].value);
    }
    free(map->slots);
    free(map);
}

size_t irsa_map_count(const struct irsa_map *map) {
    return map->count;
}

static bool holds(const struct slot *slot, uint64_t hash, const void *key, size_t key_length) {
    return slot->hash == hash && slot->key_length == key_length &&
           (key_length == 0 || memcmp(slot->key, key, key_length) == 0);
}

/* The slot of a key, or the free one where its cluster ends; may be one past the margin's end. */
static size_t seek(const struct irsa_map *map, uint64_t hash, const void *key, size_t key_length) {
    size_t at = hash & (map->homes - 1);
    size_t end = map->homes + MARGIN;
    while (at < end && map->slots[at].value != NULL && !holds(&map->slots[at], hash, key, key_length))
        at++;
    return at;
}

static bool is_taken(const struct irsa_map *map, size_t at) {
    return at < map->homes + MARGIN && map->slots[at].value != NULL;
}

void *irsa_map_find(const struct irsa_map *map, const void *key, size_t key_length) {
    size_t at = seek(map, irsa_siphash13(seed, key, key_length), key, key_length);
    return is_taken(map, at) ? map->slots[at].value : NULL;
}

/* Put a slot whose key is not there yet; false when its cluster would leave the margin. */
static bool place(struct irsa_map *map, const struct slot *slot) {
    size_t at = slot->hash & (map->homes - 1);
    while (is_taken(map, at))
        at++;
    if (at == map->homes + MARGIN)
        return false;
    map->slots[at] = *slot;
    return true;
}

static void resize(struct irsa_map *map, size_t homes) {
    struct slot *old = map->slots;
    size_t old_count = map->homes + MARGIN;
    make_slots(map, homes);
    for (size_t i = 0; i < old_count; i++) {
        if (old[i].value == NULL || place(map, &old[i]))
            continue;
        free(map->slots); /* begin again with more room */
        make_slots(map, homes *= 2);
        i = (size_t)-1;
    }
    free(old);
}

/* Room for one more, and back what a burst has taken. Removal itself never shrinks, so that a walk may remove. */
static void fit(struct irsa_map *map) {
    if ((map->count + 1) * 8 > map->homes * 5)
        resize(map, map->homes * 2);
    else if (map->homes > LEAST_HOMES && (map->count + 1) * 16 < map->homes)
        resize(map, map->homes / 2);
}

void *irsa_map_put(struct irsa_map *map, const void *key, size_t key_length, void *value) {
    uint64_t hash = irsa_siphash13(seed, key, key_length);
    size_t at = seek(map, hash, key, key_length);
    if (is_taken(map, at)) {
        void *old = map->slots[at].value;
        map->slots[at].value = value;
        return old;
    }
    fit(map);
    struct slot slot = {.hash = hash, .value = value, .key = irsa_new(key_length), .key_length = key_length};
    if (key_length > 0)
        memcpy(slot.key, key, key_length);
    while (!place(map, &slot))
        resize(map, map->homes * 2);
    map->count++;
    return NULL;
}

void *irsa_map_remove(struct irsa_map *map, const void *key, size_t key_length) {
    size_t hole = seek(map, irsa_siphash13(seed, key, key_length), key, key_length);
    if (!is_taken(map, hole))
        return NULL;
    void *value = map->slots[hole].value;
    free(map->slots[hole].key);
    for (size_t at = hole + 1; is_taken(map, at); at++) {
        size_t home = map->slots[at].hash & (map->homes - 1);
        if (home > hole)
            continue; /* it would come to stand before its home */
        map->slots[hole] = map->slots[at];
        hole = at;
    }
    map->slots[hole] = (struct slot){0};
    map->count--;
    return value;
}

bool irsa_map_next(const struct irsa_map *map, size_t *cursor, const void **out_key, size_t *out_key_length,
                   void **out_value) {
    size_t end = map->homes + MARGIN;
    for (size_t passed = *cursor; passed < end; passed++) {
        const struct slot *slot = &map->slots[end - 1 - passed];
        if (slot->value == NULL)
            continue;
        *cursor = passed + 1;
        *out_key = slot->key;
        *out_key_length = slot->key_length;
        *out_value = slot->value;
        return true;
    }
    *cursor = end;
    return false;
}
