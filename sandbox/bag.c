/*
 * A sorted array; what it holds is small.
 */
#include "sandbox/bag.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/text.h"

static size_t position(const struct irsa_sandbox_bag *bag, const char *key, bool *out_found) {
    size_t low = 0;
    size_t high = bag->count;
    *out_found = false;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(bag->at[middle].key, key);
        if (order == 0) {
            *out_found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void irsa_sandbox_bag_done(struct irsa_sandbox_bag *bag) {
    for (size_t i = 0; i < bag->count; i++) {
        free(bag->at[i].key);
        free(bag->at[i].value);
    }
    free(bag->at);
    *bag = (struct irsa_sandbox_bag){0};
}

void irsa_sandbox_bag_copy(const struct irsa_sandbox_bag *from, struct irsa_sandbox_bag *to) {
    *to = (struct irsa_sandbox_bag){0};
    for (size_t i = 0; i < from->count; i++)
        irsa_sandbox_bag_put(to, from->at[i].key, from->at[i].value);
}

const char *irsa_sandbox_bag_find(const struct irsa_sandbox_bag *bag, const char *key) {
    bool is_found;
    size_t at = position(bag, key, &is_found);
    return is_found ? bag->at[at].value : NULL;
}

const char *irsa_sandbox_bag_spelling(const struct irsa_sandbox_bag *bag, const char *key) {
    for (size_t i = 0; i < bag->count; i++)
        if (irsa_text_equal_ignoring_case(bag->at[i].key, key))
            return bag->at[i].key;
    return NULL;
}

static void make_room(struct irsa_sandbox_bag *bag) {
    if (bag->count < bag->capacity)
        return;
    bag->capacity = bag->capacity == 0 ? 4 : bag->capacity * 2;
    bag->at = irsa_grow(bag->at, bag->capacity, sizeof(*bag->at));
}

void irsa_sandbox_bag_put(struct irsa_sandbox_bag *bag, const char *key, const char *value) {
    bool is_found;
    size_t at = position(bag, key, &is_found);
    char *copy = irsa_new_copy(value == NULL ? "" : value);
    if (is_found) {
        free(bag->at[at].value);
        bag->at[at].value = copy;
        return;
    }
    make_room(bag);
    memmove(&bag->at[at + 1], &bag->at[at], (bag->count - at) * sizeof(*bag->at));
    bag->at[at] = (struct irsa_sandbox_entry){.key = irsa_new_copy(key), .value = copy};
    bag->count++;
}

bool irsa_sandbox_bag_remove(struct irsa_sandbox_bag *bag, const char *key) {
    bool is_found;
    size_t at = position(bag, key, &is_found);
    if (!is_found)
        return false;
    free(bag->at[at].key);
    free(bag->at[at].value);
    bag->count--;
    memmove(&bag->at[at], &bag->at[at + 1], (bag->count - at) * sizeof(*bag->at));
    return true;
}
