/*
 * C11 threads over pthreads, for the tsan preset only.
 *
 * ThreadSanitizer intercepts pthread_* but not glibc's thrd_*, mtx_*, cnd_* and tss_*, which Debian's librdkafka uses:
 * it then meets threads that it never saw start, and crashes. Defined in the program, these come before libc's.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>
#include <time.h>

_Static_assert(sizeof(mtx_t) >= sizeof(pthread_mutex_t), "a mutex must fit");
_Static_assert(sizeof(cnd_t) >= sizeof(pthread_cond_t), "a condition must fit");
_Static_assert(sizeof(thrd_t) == sizeof(pthread_t), "a thread must fit");
_Static_assert(sizeof(tss_t) == sizeof(pthread_key_t), "a key must fit");
_Static_assert(sizeof(once_flag) >= sizeof(pthread_once_t), "a flag must fit");

struct start {
    thrd_start_t function;
    void *argument;
};

static int result_of(int error) {
    switch (error) {
    case 0:
        return thrd_success;
    case EBUSY:
        return thrd_busy;
    case ETIMEDOUT:
        return thrd_timedout;
    case ENOMEM:
        return thrd_nomem;
    default:
        return thrd_error;
    }
}

static void *run(void *opaque) {
    struct start start = *(struct start *)opaque;
    free(opaque);
    return (void *)(intptr_t)start.function(start.argument);
}

int thrd_create(thrd_t *thread, thrd_start_t function, void *argument) {
    struct start *start = malloc(sizeof *start);
    if (start == NULL)
        return thrd_nomem;
    *start = (struct start){.function = function, .argument = argument};
    int error = pthread_create((pthread_t *)thread, NULL, run, start);
    if (error != 0)
        free(start);
    return error == EAGAIN ? thrd_nomem : result_of(error);
}

int thrd_join(thrd_t thread, int *out_result) {
    void *result;
    int error = pthread_join((pthread_t)thread, &result);
    if (error == 0 && out_result != NULL)
        *out_result = (int)(intptr_t)result;
    return result_of(error);
}

int thrd_detach(thrd_t thread) {
    return result_of(pthread_detach((pthread_t)thread));
}

thrd_t thrd_current(void) {
    return (thrd_t)pthread_self();
}

int thrd_equal(thrd_t a, thrd_t b) {
    return pthread_equal((pthread_t)a, (pthread_t)b);
}

void thrd_exit(int result) {
    pthread_exit((void *)(intptr_t)result);
}

void thrd_yield(void) {
    sched_yield();
}

int thrd_sleep(const struct timespec *duration, struct timespec *left) {
    if (nanosleep(duration, left) == 0)
        return 0;
    return errno == EINTR ? -1 : -2;
}

int mtx_init(mtx_t *mutex, int kind) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    if ((kind & mtx_recursive) != 0)
        pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    int error = pthread_mutex_init((pthread_mutex_t *)mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return result_of(error);
}

int mtx_lock(mtx_t *mutex) {
    return result_of(pthread_mutex_lock((pthread_mutex_t *)mutex));
}

int mtx_trylock(mtx_t *mutex) {
    return result_of(pthread_mutex_trylock((pthread_mutex_t *)mutex));
}

int mtx_timedlock(mtx_t *restrict mutex, const struct timespec *restrict until) {
    return result_of(pthread_mutex_timedlock((pthread_mutex_t *)mutex, until));
}

int mtx_unlock(mtx_t *mutex) {
    return result_of(pthread_mutex_unlock((pthread_mutex_t *)mutex));
}

void mtx_destroy(mtx_t *mutex) {
    pthread_mutex_destroy((pthread_mutex_t *)mutex);
}

int cnd_init(cnd_t *condition) {
    return result_of(pthread_cond_init((pthread_cond_t *)condition, NULL));
}

int cnd_signal(cnd_t *condition) {
    return result_of(pthread_cond_signal((pthread_cond_t *)condition));
}

int cnd_broadcast(cnd_t *condition) {
    return result_of(pthread_cond_broadcast((pthread_cond_t *)condition));
}

int cnd_wait(cnd_t *condition, mtx_t *mutex) {
    return result_of(pthread_cond_wait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex));
}

int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict until) {
    return result_of(pthread_cond_timedwait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex, until));
}

void cnd_destroy(cnd_t *condition) {
    pthread_cond_destroy((pthread_cond_t *)condition);
}

int tss_create(tss_t *key, tss_dtor_t destructor) {
    return result_of(pthread_key_create((pthread_key_t *)key, destructor));
}

void *tss_get(tss_t key) {
    return pthread_getspecific((pthread_key_t)key);
}

int tss_set(tss_t key, void *value) {
    return result_of(pthread_setspecific((pthread_key_t)key, value));
}

void tss_delete(tss_t key) {
    pthread_key_delete((pthread_key_t)key);
}

void call_once(once_flag *flag, void (*function)(void)) {
    pthread_once((pthread_once_t *)flag, function);
}
