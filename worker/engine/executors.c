/*
 * Threads, two lists and one mutex.
 *
 * A thread that begins a task wakes another one if more is there, so that the engine wakes one or two and a burst spreads
 * by itself; no-op jobs are done by the first few before the others have woken.
 */
#include "worker/engine/executors.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/arena.h"

#define STACK_BYTES     ((size_t)1024 * 1024)
#define WAKES_AT_SUBMIT 2

struct executor {
    struct irsa_executors *all;
    pthread_t thread;
    struct irsa_task *task; /* in hand; under the lock */
    struct irsa_cancel cancel;
};

struct irsa_executors {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct irsa_link waiting;  /* under the lock */
    struct irsa_link finished; /* under the lock */
    unsigned idle;             /* under the lock */
    bool is_ending;            /* under the lock */
    int fd;
    irsa_executor_run_fn *run;
    void *self;
    unsigned count;
    struct executor executors[];
};

static void tell_engine(const struct irsa_executors *all) {
    const uint64_t one = 1;
    while (write(all->fd, &one, sizeof one) < 0) {
        /* interrupted; the counter cannot overflow */
    }
}

/* With the lock held. NULL: this is the end. */
static struct irsa_task *await_task(struct irsa_executors *all) {
    while (irsa_list_is_empty(&all->waiting) && !all->is_ending) {
        all->idle++;
        pthread_cond_wait(&all->filled, &all->lock);
        all->idle--;
    }
    struct irsa_link *first = all->is_ending ? NULL : irsa_list_take_first(&all->waiting);
    return first == NULL ? NULL : IRSA_OBJECT(first, struct irsa_task, of_queue);
}

/* With the lock held. True: the engine has to be told. */
static bool put_back(struct executor *executor, struct irsa_task *task) {
    struct irsa_executors *all = executor->all;
    bool is_first = irsa_list_is_empty(&all->finished);
    irsa_list_append(&all->finished, &task->of_queue);
    executor->task = NULL;
    if (irsa_cancel_is_set(&executor->cancel))
        irsa_cancel_reset(&executor->cancel);
    return is_first;
}

static void *work(void *argument) {
    struct executor *executor = argument;
    struct irsa_executors *all = executor->all;
    struct irsa_task *task;
    pthread_mutex_lock(&all->lock);
    while ((task = await_task(all)) != NULL) {
        executor->task = task;
        bool is_help_wanted = all->idle > 0 && !irsa_list_is_empty(&all->waiting);
        pthread_mutex_unlock(&all->lock);
        if (is_help_wanted)
            pthread_cond_signal(&all->filled);
        all->run(all->self, task, &executor->cancel);
        pthread_mutex_lock(&all->lock);
        if (!put_back(executor, task))
            continue;
        pthread_mutex_unlock(&all->lock);
        tell_engine(all);
        pthread_mutex_lock(&all->lock);
    }
    pthread_mutex_unlock(&all->lock);
    return NULL;
}

/* Executors take no signals: the stop descriptor of the engine has them. */
static int start(struct executor *executor) {
    pthread_attr_t attributes;
    sigset_t all, before;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&executor->thread, &attributes, work, executor);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return error;
}

struct irsa_executors *irsa_executors_new(unsigned count, irsa_executor_run_fn *run, void *self,
                                          struct irsa_error *err) {
    struct irsa_executors *all = irsa_new(sizeof *all + count * sizeof(struct executor));
    pthread_mutex_init(&all->lock, NULL);
    pthread_cond_init(&all->filled, NULL);
    irsa_link_init(&all->waiting);
    irsa_link_init(&all->finished);
    all->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    all->run = run;
    all->self = self;
    while (all->count < count) {
        struct executor *executor = &all->executors[all->count];
        executor->all = all;
        irsa_cancel_init(&executor->cancel);
        int error = start(executor);
        if (error != 0) {
            irsa_cancel_done(&executor->cancel);
            IRSA_FAIL(err, INTERNAL, "only %u of %u executors could be started: %s", all->count, count,
                      strerror(error));
            struct irsa_link none;
            irsa_link_init(&none);
            irsa_executors_free(all, &none);
            return NULL;
        }
        all->count++;
    }
    return all;
}

void irsa_executors_free(struct irsa_executors *executors, struct irsa_link *out_left) {
    if (executors == NULL)
        return;
    pthread_mutex_lock(&executors->lock);
    executors->is_ending = true;
    pthread_cond_broadcast(&executors->filled);
    pthread_mutex_unlock(&executors->lock);
    for (unsigned i = 0; i < executors->count; i++) {
        pthread_join(executors->executors[i].thread, NULL);
        irsa_cancel_done(&executors->executors[i].cancel);
    }
    irsa_list_append_all(out_left, &executors->waiting);
    irsa_list_append_all(out_left, &executors->finished);
    close(executors->fd);
    pthread_cond_destroy(&executors->filled);
    pthread_mutex_destroy(&executors->lock);
    free(executors);
}

int irsa_executors_fd(const struct irsa_executors *executors) {
    return executors->fd;
}

void irsa_executors_submit(struct irsa_executors *executors, struct irsa_link *urgent, struct irsa_link *others) {
    pthread_mutex_lock(&executors->lock);
    irsa_list_append_all(urgent, &executors->waiting);
    irsa_list_append_all(&executors->waiting, urgent);
    irsa_list_append_all(&executors->waiting, others);
    unsigned idle = executors->idle;
    pthread_mutex_unlock(&executors->lock);
    for (unsigned i = 0; i < WAKES_AT_SUBMIT && i < idle; i++)
        pthread_cond_signal(&executors->filled);
}

void irsa_executors_collect(struct irsa_executors *executors, struct irsa_link *out_finished) {
    uint64_t wakes;
    ssize_t emptied = read(executors->fd, &wakes, sizeof wakes);
    (void)emptied; // empty when nobody has written since
    pthread_mutex_lock(&executors->lock);
    irsa_list_append_all(out_finished, &executors->finished);
    pthread_mutex_unlock(&executors->lock);
}

void irsa_executors_withdraw(struct irsa_executors *executors, irsa_task_test_fn *is_meant, void *self,
                             struct irsa_link *out_tasks) {
    pthread_mutex_lock(&executors->lock);
    struct irsa_link *next;
    for (struct irsa_link *link = executors->waiting.next; link != &executors->waiting; link = next) {
        next = link->next;
        if (!is_meant(self, IRSA_OBJECT(link, struct irsa_task, of_queue)))
            continue;
        irsa_list_remove(link);
        irsa_list_append(out_tasks, link);
    }
    pthread_mutex_unlock(&executors->lock);
}

void irsa_executors_cancel(struct irsa_executors *executors, irsa_task_test_fn *is_meant, void *self) {
    pthread_mutex_lock(&executors->lock);
    for (unsigned i = 0; i < executors->count; i++) {
        struct executor *executor = &executors->executors[i];
        if (executor->task != NULL && is_meant(self, executor->task))
            irsa_cancel_set(&executor->cancel);
    }
    pthread_mutex_unlock(&executors->lock);
}
