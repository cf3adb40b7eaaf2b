/*
 * A hash map from bytes to a pointer. Keys are copied. The hash is seeded per process (SipHash-1-3), since keys come
 * from outside. Not for use by two threads at once.
 */
#ifndef IRSA_BASE_MAP_H
#define IRSA_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct irsa_map;

struct irsa_map *irsa_map_new(void);
/* `free_value` may be NULL. */
void irsa_map_free(struct irsa_map *map, void (*free_value)(void *value));

size_t irsa_map_count(const struct irsa_map *map);

/* NULL when absent. */
void *irsa_map_find(const struct irsa_map *map, const void *key, size_t key_length);

/* Set; gives back the value that was there, or NULL. `value` is not NULL. */
void *irsa_map_put(struct irsa_map *map, const void *key, size_t key_length, void *value);

/* Gives back the value that was there, or NULL. */
void *irsa_map_remove(struct irsa_map *map, const void *key, size_t key_length);

/* Walk: start with *cursor = 0; false at the end. The map does not change meanwhile, except by removing the last key. */
bool irsa_map_next(const struct irsa_map *map, size_t *cursor, const void **out_key, size_t *out_key_length,
                   void **out_value);

/* SipHash-1-3 (Aumasson and Bernstein), for tables that choose their own key. */
uint64_t irsa_siphash13(const uint64_t key[2], const void *bytes, size_t length);

#endif
