/*
 * Arena: memory that is made piece by piece and released, wiped, all at once.
 *
 * Everything that is decoded or encoded for one request comes from one arena. Allocation never returns NULL: when the
 * process is out of memory it aborts, and Kafka delivers the request again. So sizes are bounded where bytes come in.
 * An arena belongs to one thread at a time.
 */
#ifndef IRSA_MEMORY_H
#define IRSA_MEMORY_H

#include <irsa/api.h>

#ifdef __cplusplus
extern "C" {
#endif

struct irsa_arena;

IRSA_API struct irsa_arena *irsa_arena_new(void);

/* Wipe and release everything made in the arena, and the arena. NULL is nothing to do. */
IRSA_API void irsa_arena_free(struct irsa_arena *arena);

/* Wipe everything made in the arena and keep its first block for the next use. */
IRSA_API void irsa_arena_clear(struct irsa_arena *arena);

/* `size` zeroed bytes, aligned for any type. */
IRSA_API void *irsa_arena_alloc(struct irsa_arena *arena, size_t size) __attribute__((malloc, alloc_size(2)));

/* A formatted, terminated text in the arena. */
IRSA_API char *irsa_arena_format(struct irsa_arena *arena, const char *format, ...) IRSA_PRINTF(2, 3);

#ifdef __cplusplus
}
#endif
#endif
