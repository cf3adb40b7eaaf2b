/*
 * A thread inherits the mask of the one that makes it.
 */
#include "worker/engine/thread.h"

#include <signal.h>
#include <stdint.h>
#include <unistd.h>

int irsa_thread_start(pthread_t *out_thread, size_t stack_bytes, void *(*run)(void *self), void *self) {
    pthread_attr_t attributes;
    sigset_t all, before;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack_bytes);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(out_thread, &attributes, run, self);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return error;
}

void irsa_thread_wake(int event_fd) {
    const uint64_t one = 1;
    while (write(event_fd, &one, sizeof one) < 0) {
        /* interrupted; the counter cannot overflow */
    }
}
