/*
 * Arena: blocks of memory that are filled from the front and wiped when they are let go.
 *
 * What is free in a block is always zero (a new block comes from calloc, wiping is zeroing), so handing out memory is
 * moving one pointer. Under AddressSanitizer free space is poisoned and pieces are kept apart, so that an overrun
 * within a block is seen.
 */
#include "core/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define IS_ASAN 1
#endif
#ifdef IS_ASAN
#include <sanitizer/asan_interface.h>
#define GAP_BYTES        16
#define HIDE(at, length) __asan_poison_memory_region((at), (length))
#define SHOW(at, length) __asan_unpoison_memory_region((at), (length))
#else
#define GAP_BYTES        0
#define HIDE(at, length) (void)0
#define SHOW(at, length) (void)0
#endif

#define ALIGNMENT          16
#define FIRST_BYTES        4080 /* with the arena itself; a little less than a page, for malloc's own header */
#define SECOND_BYTES       8176
#define LARGEST_STEP_BYTES 65536

struct block {
    struct block *previous;
    char *next; /* the first free byte */
    char *end;
    char *start;
};

struct irsa_arena {
    struct block *current;
    size_t used;
    size_t step; /* size of the next block */
    struct block first;
} __attribute__((aligned(ALIGNMENT)));

_Static_assert(sizeof(struct block) % ALIGNMENT == 0, "memory behind a block's head must be aligned");

static void die(const char *why) {
    fprintf(stderr, "irsa: %s\n", why);
    abort();
}

static size_t footprint(size_t size) {
    if (size > SIZE_MAX / 4)
        die("a size is out of any proportion");
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + GAP_BYTES;
}

static void start_block(struct block *block, struct block *previous, char *start, char *end) {
    *block = (struct block){.previous = previous, .next = start, .end = end, .start = start};
    HIDE(start, (size_t)(end - start));
}

static void wipe_block(struct block *block) {
    SHOW(block->start, (size_t)(block->end - block->start));
    explicit_bzero(block->start, (size_t)(block->next - block->start));
}

struct irsa_arena *irsa_arena_new(void) {
    struct irsa_arena *arena = irsa_new(FIRST_BYTES);
    arena->current = &arena->first;
    arena->step = SECOND_BYTES;
    start_block(&arena->first, NULL, (char *)(arena + 1), (char *)arena + FIRST_BYTES);
    return arena;
}

void irsa_arena_clear(struct irsa_arena *arena) {
    while (arena->current != &arena->first) {
        struct block *block = arena->current;
        arena->current = block->previous;
        wipe_block(block);
        free(block);
    }
    wipe_block(&arena->first);
    start_block(&arena->first, NULL, arena->first.start, arena->first.end);
    arena->used = 0;
    arena->step = SECOND_BYTES;
}

void irsa_arena_free(struct irsa_arena *arena) {
    if (arena == NULL)
        return;
    irsa_arena_clear(arena);
    SHOW(arena->first.start, (size_t)(arena->first.end - arena->first.start));
    free(arena);
}

static void add_block(struct irsa_arena *arena, size_t need) {
    size_t size = arena->step;
    if (size < need + sizeof(struct block))
        size = need + sizeof(struct block);
    if (arena->step < LARGEST_STEP_BYTES)
        arena->step *= 2;
    struct block *block = irsa_new(size);
    start_block(block, arena->current, (char *)(block + 1), (char *)block + size);
    arena->current = block;
}

void *irsa_arena_alloc(struct irsa_arena *arena, size_t size) {
    size_t need = footprint(size);
    if (need > (size_t)(arena->current->end - arena->current->next))
        add_block(arena, need);
    char *at = arena->current->next;
    arena->current->next = at + need;
    arena->used += size;
    SHOW(at, size);
    return at;
}

void *irsa_arena_extend(struct irsa_arena *arena, void *old, size_t old_size, size_t size) {
    struct block *block = arena->current;
    char *at = old;
    size_t need = footprint(size);
    bool is_last = at != NULL && at >= block->start && at + footprint(old_size) == block->next;
    if (is_last && need <= (size_t)(block->end - at)) {
        block->next = at + need;
        arena->used += size - old_size;
        SHOW(at, size);
        return at;
    }
    void *copy = irsa_arena_alloc(arena, size);
    if (old != NULL)
        memcpy(copy, old, old_size);
    return copy;
}

void *irsa_arena_array(struct irsa_arena *arena, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        die("an array is out of any proportion");
    return irsa_arena_alloc(arena, bytes);
}

char *irsa_arena_copy_bytes(struct irsa_arena *arena, const void *bytes, size_t length) {
    char *copy = irsa_arena_alloc(arena, length + 1);
    if (length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

char *irsa_arena_copy(struct irsa_arena *arena, const char *text) {
    return text == NULL ? NULL : irsa_arena_copy_bytes(arena, text, strlen(text));
}

char *irsa_arena_format(struct irsa_arena *arena, const char *format, ...) {
    char small[256];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (length < 0)
        die("a format cannot be printed");
    if ((size_t)length < sizeof small)
        return irsa_arena_copy_bytes(arena, small, (size_t)length);

    char *text = irsa_arena_alloc(arena, (size_t)length + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return text;
}

size_t irsa_arena_used(const struct irsa_arena *arena) {
    return arena->used;
}

size_t irsa_arena_held(const struct irsa_arena *arena) {
    size_t held = sizeof *arena;
    for (const struct block *block = arena->current; block != NULL; block = block->previous)
        held += (size_t)(block->end - block->start) + (block == &arena->first ? 0 : sizeof *block);
    return held;
}

void *irsa_new(size_t size) {
    void *memory = calloc(1, size > 0 ? size : 1);
    if (memory == NULL)
        die("out of memory");
    return memory;
}

char *irsa_new_copy(const char *text) {
    if (text == NULL)
        return NULL;
    size_t size = strlen(text) + 1;
    return memcpy(irsa_new(size), text, size);
}

void *irsa_grow(void *old, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        die("an array is out of any proportion");
    void *memory = realloc(old, bytes > 0 ? bytes : 1);
    if (memory == NULL)
        die("out of memory");
    return memory;
}
