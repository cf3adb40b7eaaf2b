/*
 * A shelf: things of one kind by their key, with what they were a while ago.
 *
 * IAM is written in one place and read in many others, which lag behind. So a shelf keeps, for as long as the lag of the
 * model, the states that were replaced: "now" is what the last write left, "seen" is what a reader finds. Without a lag
 * nothing old is kept.
 */
#ifndef IRSA_SANDBOX_SHELF_H
#define IRSA_SANDBOX_SHELF_H

#include <irsa/memory.h>

/* When something happens, and how far readers lag behind. Without a lag the time does not matter: a write is settled. */
struct irsa_sandbox_moment {
    int64_t now_ms;
    int64_t lag_ms;
};

struct irsa_sandbox_shelf_kind {
    void *(*copy)(const void *thing);
    void (*free)(void *thing);
};

struct irsa_sandbox_shelf;

struct irsa_sandbox_shelf *irsa_sandbox_shelf_new(const struct irsa_sandbox_shelf_kind *kind);
void irsa_sandbox_shelf_free(struct irsa_sandbox_shelf *shelf);

/* Things that exist now. */
size_t irsa_sandbox_shelf_count(const struct irsa_sandbox_shelf *shelf);

/* As the last write left it, or NULL. */
const void *irsa_sandbox_shelf_now(const struct irsa_sandbox_shelf *shelf, const char *key);

/* As a reader sees it, or NULL. */
const void *irsa_sandbox_shelf_seen(const struct irsa_sandbox_shelf *shelf, const char *key,
                                    struct irsa_sandbox_moment moment);

/* To be changed in place; what it was is kept for readers. The key exists now. */
void *irsa_sandbox_shelf_edit(struct irsa_sandbox_shelf *shelf, const char *key, struct irsa_sandbox_moment moment);

/* Takes `thing`; the key does not exist now. */
void irsa_sandbox_shelf_put(struct irsa_sandbox_shelf *shelf, const char *key, void *thing,
                            struct irsa_sandbox_moment moment);

/* The key exists now. */
void irsa_sandbox_shelf_remove(struct irsa_sandbox_shelf *shelf, const char *key, struct irsa_sandbox_moment moment);

/* All that a reader sees, sorted by key; with lag_ms 0: all that exists now. */
size_t irsa_sandbox_shelf_list(const struct irsa_sandbox_shelf *shelf, struct irsa_arena *arena,
                               struct irsa_sandbox_moment moment, const void *const **out_things);

#endif
