/*
 * Threads of the engine's own. They take no signals: the stop descriptor of the engine has them.
 */
#ifndef IRSA_ENGINE_THREAD_H
#define IRSA_ENGINE_THREAD_H

#include <pthread.h>
#include <stddef.h>

/* Returns 0, or what pthread_create gave. */
int irsa_thread_start(pthread_t *out_thread, size_t stack_bytes, void *(*run)(void *self), void *self);

/* Make an eventfd readable, for the thread that waits for it. Any thread. */
void irsa_thread_wake(int event_fd);

#endif
