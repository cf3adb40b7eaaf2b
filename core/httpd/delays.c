/*
 * A binary heap by due time, a mutex and a thread with a timed wait.
 */
#include "core/httpd/delays.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/arena.h"

struct delayed {
    int64_t due_ns; /* CLOCK_MONOTONIC */
    void *thing;
};

struct irsa_delays {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    irsa_delays_due_fn *due;
    struct delayed *heap;
    size_t count;
    size_t capacity;
    bool is_closed;
    bool has_thread;
    pthread_t thread;
};

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void swap(struct delayed *a, struct delayed *b) {
    struct delayed kept = *a;
    *a = *b;
    *b = kept;
}

static void push(struct irsa_delays *delays, struct delayed item) {
    if (delays->count == delays->capacity) {
        delays->capacity = delays->capacity == 0 ? 64 : delays->capacity * 2;
        delays->heap = irsa_grow(delays->heap, delays->capacity, sizeof(*delays->heap));
    }
    size_t at = delays->count++;
    delays->heap[at] = item;
    while (at > 0 && delays->heap[at].due_ns < delays->heap[(at - 1) / 2].due_ns) {
        swap(&delays->heap[at], &delays->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static void *pop(struct irsa_delays *delays) {
    void *thing = delays->heap[0].thing;
    delays->heap[0] = delays->heap[--delays->count];
    for (size_t at = 0;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < delays->count; child++)
            if (delays->heap[child].due_ns < delays->heap[least].due_ns)
                least = child;
        if (least == at)
            return thing;
        swap(&delays->heap[at], &delays->heap[least]);
        at = least;
    }
}

static void wait_for_change(struct irsa_delays *delays) {
    if (delays->count == 0) {
        pthread_cond_wait(&delays->changed, &delays->mutex);
        return;
    }
    int64_t due_ns = delays->heap[0].due_ns;
    struct timespec until = {.tv_sec = due_ns / 1000000000, .tv_nsec = due_ns % 1000000000};
    pthread_cond_timedwait(&delays->changed, &delays->mutex, &until);
}

static void *hand_over(void *self) {
    struct irsa_delays *delays = self;
    pthread_mutex_lock(&delays->mutex);
    while (!delays->is_closed || delays->count > 0) {
        if (delays->count > 0 && (delays->is_closed || delays->heap[0].due_ns <= now_ns())) {
            void *thing = pop(delays);
            pthread_mutex_unlock(&delays->mutex);
            delays->due(thing);
            pthread_mutex_lock(&delays->mutex);
        } else {
            wait_for_change(delays);
        }
    }
    pthread_mutex_unlock(&delays->mutex);
    return NULL;
}

struct irsa_delays *irsa_delays_new(irsa_delays_due_fn *due) {
    struct irsa_delays *delays = irsa_new(sizeof(*delays));
    delays->due = due;
    pthread_mutex_init(&delays->mutex, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&delays->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return delays;
}

static bool has_thread(struct irsa_delays *delays) {
    if (!delays->has_thread)
        delays->has_thread = pthread_create(&delays->thread, NULL, hand_over, delays) == 0;
    return delays->has_thread;
}

bool irsa_delays_add(struct irsa_delays *delays, int64_t delay_ms, void *thing) {
    pthread_mutex_lock(&delays->mutex);
    bool is_taken = !delays->is_closed && has_thread(delays);
    if (is_taken) {
        push(delays, (struct delayed){.due_ns = now_ns() + delay_ms * 1000000, .thing = thing});
        if (delays->heap[0].thing == thing)
            pthread_cond_signal(&delays->changed);
    }
    pthread_mutex_unlock(&delays->mutex);
    return is_taken;
}

void irsa_delays_close(struct irsa_delays *delays) {
    pthread_mutex_lock(&delays->mutex);
    delays->is_closed = true;
    pthread_cond_signal(&delays->changed);
    bool must_join = delays->has_thread;
    delays->has_thread = false;
    pthread_mutex_unlock(&delays->mutex);
    if (must_join)
        pthread_join(delays->thread, NULL);
}

void irsa_delays_free(struct irsa_delays *delays) {
    pthread_mutex_destroy(&delays->mutex);
    pthread_cond_destroy(&delays->changed);
    free(delays->heap);
    free(delays);
}
