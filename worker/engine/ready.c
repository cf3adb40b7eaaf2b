/*
 * Queues by the length of the key's queue, in powers of two.
 */
#include "worker/engine/ready.h"

#include "worker/engine/keys.h"

#define OLDEST_GOES_EACH 4

void irsa_ready_init(struct irsa_ready *ready) {
    *ready = (struct irsa_ready){.count = 0};
    for (size_t rank = 0; rank < IRSA_READY_RANKS; rank++)
        irsa_link_init(&ready->ranks[rank]);
}

static struct irsa_task *task_of(struct irsa_link *of_queue) {
    return IRSA_OBJECT(of_queue, struct irsa_task, of_queue);
}

static unsigned rank_of(const struct irsa_task *task) {
    if (task->key == NULL)
        return 0;
    unsigned rank = 63 - (unsigned)__builtin_clzll(task->key->count);
    return rank < IRSA_READY_RANKS ? rank : IRSA_READY_RANKS - 1;
}

bool irsa_ready_is_outranked(const struct irsa_task *task) {
    return rank_of(task) != task->rank;
}

void irsa_ready_add(struct irsa_ready *ready, struct irsa_task *task) {
    task->rank = rank_of(task);
    struct irsa_link *queue = &ready->ranks[task->rank];
    if (!irsa_list_is_empty(queue) && task->order < task_of(queue->next)->order)
        irsa_list_prepend(queue, &task->of_queue);
    else
        irsa_list_append(queue, &task->of_queue);
    ready->filled |= UINT32_C(1) << task->rank;
    ready->count++;
}

void irsa_ready_remove(struct irsa_ready *ready, struct irsa_task *task) {
    irsa_list_remove(&task->of_queue);
    if (irsa_list_is_empty(&ready->ranks[task->rank]))
        ready->filled &= ~(UINT32_C(1) << task->rank);
    ready->count--;
}

struct irsa_task *irsa_ready_top(const struct irsa_ready *ready) {
    return task_of(ready->ranks[31 - (unsigned)__builtin_clz(ready->filled)].next);
}

static struct irsa_task *oldest(const struct irsa_ready *ready) {
    struct irsa_task *oldest = NULL;
    for (unsigned rank = 0; rank < IRSA_READY_RANKS; rank++) {
        if ((ready->filled >> rank & 1) == 0)
            continue;
        struct irsa_task *first = task_of(ready->ranks[rank].next);
        if (oldest == NULL || first->order < oldest->order)
            oldest = first;
    }
    return oldest;
}

struct irsa_task *irsa_ready_take(struct irsa_ready *ready) {
    struct irsa_task *task = ++ready->starts % OLDEST_GOES_EACH == 0 ? oldest(ready) : irsa_ready_top(ready);
    irsa_ready_remove(ready, task);
    return task;
}
