/*
 * A small ordered map from text to text on the heap: tags, inline policies, attached policies, client ids.
 */
#ifndef IRSA_SANDBOX_BAG_H
#define IRSA_SANDBOX_BAG_H

#include <stdbool.h>
#include <stddef.h>

struct irsa_sandbox_entry {
    char *key;
    char *value; /* "" for sets */
};

/* Sorted by key. Zeroed is empty. */
struct irsa_sandbox_bag {
    struct irsa_sandbox_entry *at;
    size_t count;
    size_t capacity;
};

void irsa_sandbox_bag_done(struct irsa_sandbox_bag *bag);
void irsa_sandbox_bag_copy(const struct irsa_sandbox_bag *from, struct irsa_sandbox_bag *to);

/* The value, or NULL. */
const char *irsa_sandbox_bag_find(const struct irsa_sandbox_bag *bag, const char *key);

/* The key as it is written in the bag, whatever the case of `key`, or NULL. */
const char *irsa_sandbox_bag_spelling(const struct irsa_sandbox_bag *bag, const char *key);

/* `value` NULL counts as "". */
void irsa_sandbox_bag_put(struct irsa_sandbox_bag *bag, const char *key, const char *value);

/* False when it was not there. */
bool irsa_sandbox_bag_remove(struct irsa_sandbox_bag *bag, const char *key);

#endif
