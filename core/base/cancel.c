/*
 * A cancel flag with an eventfd beside it.
 */
#include "core/base/cancel.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

void irsa_cancel_init(struct irsa_cancel *cancel) {
    atomic_init(&cancel->is_set, false);
    cancel->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (cancel->fd < 0) {
        perror("irsa: eventfd");
        abort();
    }
}

void irsa_cancel_done(struct irsa_cancel *cancel) {
    close(cancel->fd);
    cancel->fd = -1;
}

void irsa_cancel_set(struct irsa_cancel *cancel) {
    if (atomic_exchange_explicit(&cancel->is_set, true, memory_order_acq_rel))
        return;
    uint64_t one = 1;
    while (write(cancel->fd, &one, sizeof one) < 0) {
        /* interrupted by a signal; nothing else can fail: the counter is 0 */
    }
}

void irsa_cancel_reset(struct irsa_cancel *cancel) {
    uint64_t count;
    ssize_t emptied = read(cancel->fd, &count, sizeof count);
    (void)emptied; /* it was empty if the flag was never set */
    atomic_store_explicit(&cancel->is_set, false, memory_order_release);
}
