/*
 * Intake: records become tasks, within bounds of offsets, jobs and bytes. It never waits: what does not fit stays in
 * librdkafka's queues, and those stop fetching by themselves.
 */
#include <unistd.h>

#include "core/base/arena.h"
#include "worker/engine/engine_state.h"

#define TURN_RECORDS      512 /* at a time, so that finished jobs do not wait for long */
#define PARTITION_RECORDS 64  /* of one partition before the next one has its turn */

static bool has_memory(const struct irsa_engine *engine) {
    return engine->task_count < engine->options.max_jobs && engine->bytes < engine->options.max_bytes;
}

static bool may_take(const struct irsa_engine *engine, const struct irsa_partition *partition) {
    return !partition->is_revoking && engine->alone == NULL && (partition->held != NULL || partition->may_have_more) &&
           irsa_frontier_has_room(&partition->frontier) && has_memory(engine);
}

const char *irsa_intake_obstacle(const struct irsa_engine *engine, const struct irsa_partition *partition) {
    if (partition->is_revoking || (partition->held == NULL && !partition->may_have_more))
        return NULL;
    if (partition->held != NULL || !irsa_frontier_has_room(&partition->frontier))
        return IRSA_OBSTACLE_WINDOW;
    return has_memory(engine) ? NULL : IRSA_OBSTACLE_MEMORY;
}

bool irsa_intake_has_work(const struct irsa_engine *engine) {
    if (engine->phase != IRSA_ENGINE_WORKING)
        return false;
    for (size_t i = 0; i < engine->partition_count; i++)
        if (may_take(engine, engine->partitions[i]))
            return true;
    return false;
}

void irsa_intake_wake(struct irsa_engine *engine) {
    uint64_t wakes;
    ssize_t emptied = read(engine->records_fd, &wakes, sizeof wakes);
    (void)emptied; // which queue it was is not told: all are looked at
    for (size_t i = 0; i < engine->partition_count; i++)
        engine->partitions[i]->may_have_more = true;
}

bool irsa_intake_accept(struct irsa_engine *engine, struct irsa_task *task) {
    struct irsa_error err;
    irsa_error_clear(&err);
    irsa_hands_take(engine->options.hands, 0, &task->job.record, IRSA_HAND_ACCEPTS);
    task->is_refused = !engine->kind.accept(engine->kind.self, &task->job, &err);
    irsa_hands_put(engine->options.hands, 0);
    task->err = NULL;
    if (task->is_refused) {
        task->err = IRSA_NEW(task->job.arena, struct irsa_error);
        *task->err = err;
    }
    return !task->is_refused;
}

static void add(struct irsa_engine *engine, struct irsa_task *task) {
    irsa_suspects_look_up(engine, task);
    irsa_tasks_weigh(engine, task);
    irsa_scheduler_add(engine->scheduler, task);
    engine->totals.taken++;
}

static struct irsa_task *make_task(struct irsa_engine *engine, struct irsa_partition *partition,
                                   const struct irsa_record *record) {
    struct irsa_task *task = irsa_tasks_make(engine, record);
    task->partition = partition;
    task->epoch = partition->epoch;
    irsa_list_append(&partition->tasks, &task->of_partition);
    return task;
}

static void take_record(struct irsa_engine *engine, struct irsa_partition *partition,
                        const struct irsa_record *record) {
    partition->is_at_end = false;
    if (partition->committed < 0)
        partition->committed = record->offset; // nothing is, but here it begins
    switch (irsa_frontier_take(&partition->frontier, record->offset)) {
    case IRSA_TAKE_OK:
        add(engine, make_task(engine, partition, record));
        break;
    case IRSA_TAKE_KNOWN:
        engine->totals.duplicates_dropped++;
        break;
    case IRSA_TAKE_FULL:
        partition->held = make_task(engine, partition, record);
        break;
    }
}

/* True when the held one has found its place. */
static bool place_held(struct irsa_engine *engine, struct irsa_partition *partition) {
    struct irsa_task *task = partition->held;
    if (irsa_frontier_take(&partition->frontier, task->job.record.offset) == IRSA_TAKE_FULL)
        return false;
    partition->held = NULL;
    add(engine, task);
    return true;
}

static size_t take_some(struct irsa_engine *engine, struct irsa_partition *partition, size_t most) {
    struct irsa_incoming incoming;
    size_t taken = 0;
    while (taken < most && may_take(engine, partition)) {
        if (partition->held != NULL) {
            if (!place_held(engine, partition))
                break;
            continue;
        }
        if (!irsa_consumer_take(engine->consumer, partition->number, &incoming)) {
            partition->may_have_more = false;
            break;
        }
        take_record(engine, partition, &incoming.record);
        irsa_consumer_release(&incoming);
        taken++;
    }
    return taken;
}

void irsa_intake_run(struct irsa_engine *engine) {
    if (engine->phase != IRSA_ENGINE_WORKING)
        return;
    size_t left = TURN_RECORDS, idle = 0;
    while (left > 0 && idle < engine->partition_count) {
        struct irsa_partition *partition = engine->partitions[engine->next_partition++ % engine->partition_count];
        size_t taken = take_some(engine, partition, left < PARTITION_RECORDS ? left : PARTITION_RECORDS);
        idle = taken > 0 ? 0 : idle + 1;
        left -= taken;
    }
}
