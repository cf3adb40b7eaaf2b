/*
 * Arena helpers for our own code; the arena itself is public (irsa/memory.h).
 */
#ifndef IRSA_BASE_ARENA_H
#define IRSA_BASE_ARENA_H

#include <irsa/memory.h>

#define IRSA_NEW(arena, type)              ((type *)irsa_arena_alloc((arena), sizeof(type)))
#define IRSA_NEW_ARRAY(arena, type, count) ((type *)irsa_arena_array((arena), (count), sizeof(type)))

/* `count` zeroed elements; aborts when the product overflows. Never NULL, also for none. */
void *irsa_arena_array(struct irsa_arena *arena, size_t count, size_t size);

/* A terminated copy. `text` NULL gives NULL. */
char *irsa_arena_copy(struct irsa_arena *arena, const char *text);

/* A terminated copy of `length` bytes. */
char *irsa_arena_copy_bytes(struct irsa_arena *arena, const void *bytes, size_t length);

/*
 * `old` with room for `size` bytes: in place when it was the last piece of the arena, else a copy. What is new is zero.
 * `old_size` is what it was made with; `old` NULL with 0 is a new piece.
 */
void *irsa_arena_extend(struct irsa_arena *arena, void *old, size_t old_size, size_t size);

/* Bytes handed out since the arena was made or cleared. */
size_t irsa_arena_used(const struct irsa_arena *arena);

/* Bytes of memory that it takes, with what is free in its blocks. */
size_t irsa_arena_held(const struct irsa_arena *arena);

/*
 * Memory of objects that live as long as their owner: zeroed, never NULL (out of memory aborts), freed with free().
 * A copy of NULL is NULL; what irsa_grow adds is not zeroed.
 */
void *irsa_new(size_t size) __attribute__((malloc, alloc_size(1)));
char *irsa_new_copy(const char *text) __attribute__((malloc));
void *irsa_grow(void *old, size_t count, size_t size);

#endif
