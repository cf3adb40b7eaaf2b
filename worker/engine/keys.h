/*
 * Keys: the queue of jobs of each service account. A key lives as long as it has jobs. One thread.
 */
#ifndef IRSA_ENGINE_KEYS_H
#define IRSA_ENGINE_KEYS_H

#include "worker/engine/task.h"

/* The text is the first task's own, so that nothing is copied. */
struct irsa_key {
    struct irsa_key *next_in_bucket;
    uint64_t hash;
    size_t length;
    size_t count;           /* of tasks */
    struct irsa_link tasks; /* in the order of adding; the first one holds the key */
};

struct irsa_keys;

struct irsa_keys *irsa_keys_new(void);
/* No task is in it any more. */
void irsa_keys_free(struct irsa_keys *keys);

/* Put a task (with a key) at the end of its key's queue. */
void irsa_keys_add(struct irsa_keys *keys, struct irsa_task *task);

/* Take a task out of its queue; the key goes with its last task. */
void irsa_keys_remove(struct irsa_keys *keys, struct irsa_task *task);

static inline struct irsa_task *irsa_key_first(const struct irsa_key *key) {
    return IRSA_OBJECT(key->tasks.next, struct irsa_task, of_key);
}

#endif
