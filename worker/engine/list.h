/*
 * Doubly linked lists through the objects themselves: no allocation, removal from the middle in constant time.
 *
 * A link that is in no list points to itself. Lists belong to one thread, or to the lock of their owner.
 */
#ifndef IRSA_ENGINE_LIST_H
#define IRSA_ENGINE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct irsa_link {
    struct irsa_link *next, *previous;
};

/* The object of `type` that `link` is the `member` of. */
#define IRSA_OBJECT(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

static inline void irsa_link_init(struct irsa_link *link) {
    link->next = link->previous = link;
}

static inline bool irsa_list_is_empty(const struct irsa_link *list) {
    return list->next == list;
}

static inline void irsa_list_insert_before(struct irsa_link *place, struct irsa_link *link) {
    link->previous = place->previous;
    link->next = place;
    place->previous->next = link;
    place->previous = link;
}

static inline void irsa_list_append(struct irsa_link *list, struct irsa_link *link) {
    irsa_list_insert_before(list, link);
}

static inline void irsa_list_prepend(struct irsa_link *list, struct irsa_link *link) {
    irsa_list_insert_before(list->next, link);
}

/* Also when it is in no list. */
static inline void irsa_list_remove(struct irsa_link *link) {
    link->previous->next = link->next;
    link->next->previous = link->previous;
    irsa_link_init(link);
}

/* NULL when empty. */
static inline struct irsa_link *irsa_list_take_first(struct irsa_link *list) {
    struct irsa_link *first = list->next;
    if (first == list)
        return NULL;
    // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it is not followed that an object has left its list before it is freed
    irsa_list_remove(first);
    return first;
}

/* Move all of `from` to the end of `to`. */
static inline void irsa_list_append_all(struct irsa_link *to, struct irsa_link *from) {
    if (irsa_list_is_empty(from))
        return;
    from->next->previous = to->previous;
    to->previous->next = from->next;
    from->previous->next = to;
    to->previous = from->previous;
    irsa_link_init(from);
}

#endif
