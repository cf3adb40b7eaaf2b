/*
 * Tasks and their memory: an arena each, used again and again.
 */
#include <stdlib.h>

#include "core/base/arena.h"
#include "core/kafka/record.h"
#include "worker/engine/engine_state.h"

#define SPARE_MAX 1024

/* There is one. */
static struct irsa_task *take_spare(struct irsa_engine *engine) {
    engine->spare_count--;
    return IRSA_OBJECT(irsa_list_take_first(&engine->spare_tasks), struct irsa_task, of_queue);
}

static struct irsa_task *new_task(void) {
    struct irsa_task *task = irsa_new(sizeof *task);
    task->job.arena = irsa_arena_new();
    return task;
}

struct irsa_task *irsa_tasks_make(struct irsa_engine *engine, const struct irsa_record *record) {
    struct irsa_task *task = engine->spare_count > 0 ? take_spare(engine) : new_task();
    struct irsa_arena *arena = task->job.arena;
    *task = (struct irsa_task){
        .job = {.arena = arena, .expiry_ms = IRSA_NO_TIME, .started_ms = IRSA_NO_TIME},
        .state = IRSA_TASK_NEW,
        .first_ran_ms = IRSA_NO_TIME,
    };
    irsa_link_init(&task->of_key);
    irsa_link_init(&task->of_queue);
    irsa_link_init(&task->of_partition);
    irsa_list_append(&engine->all_tasks, &task->of_engine);
    task->job.record = irsa_record_copy(arena, record);
    task->job.record.topic = engine->options.topic; // the message's own goes with it
    engine->task_count++;
    return task;
}

void irsa_tasks_weigh(struct irsa_engine *engine, struct irsa_task *task) {
    size_t bytes = sizeof *task + irsa_arena_held(task->job.arena) + task->told_bytes;
    engine->bytes += bytes - task->bytes;
    task->bytes = bytes;
}

static void free_task(struct irsa_task *task) {
    irsa_arena_free(task->job.arena);
    free(task);
}

void irsa_tasks_release(struct irsa_engine *engine, struct irsa_task *task) {
    irsa_list_remove(&task->of_partition);
    irsa_list_remove(&task->of_engine);
    engine->task_count--;
    engine->bytes -= task->bytes;
    if (engine->spare_count == SPARE_MAX) {
        free_task(task);
        return;
    }
    irsa_arena_clear(task->job.arena);
    irsa_list_prepend(&engine->spare_tasks, &task->of_queue); // the one whose memory is still in the caches
    engine->spare_count++;
}

void irsa_tasks_free_spare(struct irsa_engine *engine) {
    while (engine->spare_count > 0)
        free_task(take_spare(engine));
}
