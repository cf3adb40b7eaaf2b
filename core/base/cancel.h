/*
 * A flag that one thread sets and another one looks at, or waits on, before and during its calls.
 */
#ifndef IRSA_BASE_CANCEL_H
#define IRSA_BASE_CANCEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * `fd` is an eventfd that becomes readable when the flag is set, so that poll() can wait for it too. Where a descriptor
 * itself says that it is over, such as one of signals, it stands here alone: it ends waits and calls as the flag does,
 * though nobody sets that.
 */
struct irsa_cancel {
    atomic_bool is_set;
    int fd;
};

void irsa_cancel_init(struct irsa_cancel *cancel);
void irsa_cancel_done(struct irsa_cancel *cancel);

/* Any thread, any number of times. */
void irsa_cancel_set(struct irsa_cancel *cancel);

/* For the owner to use it again; nobody waits on it now. */
void irsa_cancel_reset(struct irsa_cancel *cancel);

static inline bool irsa_cancel_is_set(const struct irsa_cancel *cancel) {
    return cancel != NULL && atomic_load_explicit(&cancel->is_set, memory_order_acquire);
}

#endif
