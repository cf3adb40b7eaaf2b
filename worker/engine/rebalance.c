/*
 * Partitions come and go. A partition is never given up while an executor works for it.
 */
#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/contract/checkpoint.h"
#include "worker/engine/engine_state.h"

#define COMMITTED_TIMEOUT_MS 5000
#define COMMITTED_TRIES      24    /* two minutes: well below the poll limit */
#define CANCEL_LOG_MS        5000  /* a job that goes on although it is cancelled is worth a line */
#define NUMBERS_BYTES        1024  /* a list of partitions in a line of the log is cut there */
#define FLUSH_MS             10000 /* what giving up waits for acknowledgements */

struct irsa_partition *irsa_engine_find_partition(const struct irsa_engine *engine, int32_t number) {
    for (size_t i = 0; i < engine->partition_count; i++)
        if (engine->partitions[i]->number == number)
            return engine->partitions[i];
    return NULL;
}

/* One line however many partitions there are; what each of them stands at is for debugging. */
static void log_rebalance(const char *event, const struct irsa_assignment *assignment, bool is_lost) {
    char numbers[NUMBERS_BYTES];
    struct irsa_text list;
    if (assignment->count == 0)
        return;
    irsa_text_init_fixed(&list, numbers, sizeof numbers);
    for (size_t i = 0; i < assignment->count; i++)
        irsa_text_addf(&list, i == 0 ? "%d" : ",%d", (int)assignment->partitions[i]);
    IRSA_LOG(INFO, event, IRSA_NUMBER("count", assignment->count), IRSA_TEXT("partitions", list.at),
             IRSA_NUMBER("lost", is_lost));
}

/* --- taking over --------------------------------------------------------------------------------------------------------- */

/* Where the group stands. Without it nothing can begin, so it is asked for again and again. */
static bool read_committed(struct irsa_engine *engine, const struct irsa_assignment *assignment,
                           struct irsa_committed *out_committed) {
    struct irsa_error err;
    for (int tries = 0; tries < COMMITTED_TRIES && engine->phase == IRSA_ENGINE_WORKING; tries++) {
        if (irsa_consumer_committed(engine->consumer, engine->scratch, assignment->partitions, assignment->count,
                                    COMMITTED_TIMEOUT_MS, out_committed, &err))
            return true;
        IRSA_LOG(WARN, "offsets.unread", IRSA_TEXT("code", irsa_code_name(err.code)), IRSA_TEXT("error", err.message));
        engine->clock->sleep_ms(engine->clock->self, err.code == IRSA_CODE_TIMEOUT ? 0 : 1000, NULL);
    }
    if (engine->phase == IRSA_ENGINE_WORKING)
        irsa_engine_fail(engine, &err);
    return false;
}

static void restore(struct irsa_engine *engine, struct irsa_partition *partition,
                    const struct irsa_committed *committed) {
    const uint8_t *bits;
    size_t length;
    struct irsa_error err;
    if (irsa_checkpoint_decode(engine->scratch, committed->metadata, committed->offset, &bits, &length, &err))
        irsa_frontier_restore(&partition->frontier, bits, length);
    else // replay, never a stop
        IRSA_LOG(WARN, "checkpoint.ignored", IRSA_NUMBER("partition", committed->partition),
                 IRSA_NUMBER("offset", committed->offset), IRSA_TEXT("error", err.message));
}

static void take_over(struct irsa_engine *engine, const struct irsa_committed *committed) {
    struct irsa_partition *partition = irsa_new(sizeof *partition);
    partition->number = committed->partition;
    partition->committed = committed->offset;
    partition->pending_end = -1;
    partition->may_have_more = true;
    irsa_link_init(&partition->tasks);
    irsa_frontier_init(&partition->frontier, committed->offset, engine->options.window);
    if (committed->offset >= 0)
        restore(engine, partition, committed);
    size_t count = engine->partition_count + 1;
    engine->partitions = irsa_grow(engine->partitions, count, sizeof(struct irsa_partition *));
    engine->partitions[engine->partition_count++] = partition;
    // a group that has never committed begins at the beginning: what was enqueued before it came is work too
    irsa_consumer_start(engine->consumer, partition->number,
                        committed->offset >= 0 ? committed->offset : IRSA_OFFSET_BEGINNING, engine->records_fd);
    IRSA_LOG(DEBUG, "partition.assigned", IRSA_NUMBER("partition", partition->number),
             IRSA_NUMBER("offset", committed->offset), IRSA_NUMBER("settled_beyond", partition->frontier.settled));
}

static void on_assigned(void *self, const struct irsa_assignment *assignment) {
    struct irsa_engine *engine = self;
    struct irsa_committed *committed = irsa_new((assignment->count + 1) * sizeof *committed);
    engine->has_joined = true;
    irsa_membership_met(engine);
    if (assignment->count > 0 && read_committed(engine, assignment, committed))
        for (size_t i = 0; i < assignment->count; i++)
            take_over(engine, &committed[i]);
    irsa_stall_over(engine);
    log_rebalance("partitions.assigned", assignment, false);
    irsa_arena_clear(engine->scratch);
    free(committed);
}

/* --- giving up ----------------------------------------------------------------------------------------------------------- */

static bool is_of_revoking(void *self, const struct irsa_task *task) {
    (void)self;
    return task->partition != NULL && task->partition->is_revoking;
}

static bool has_stopped_running(const struct irsa_engine *engine) {
    for (size_t i = 0; i < engine->partition_count; i++)
        if (engine->partitions[i]->is_revoking && engine->partitions[i]->running > 0)
            return false;
    return true;
}

static bool is_acknowledged(const struct irsa_engine *engine) {
    for (size_t i = 0; i < engine->partition_count; i++)
        if (engine->partitions[i]->is_revoking && !irsa_list_is_empty(&engine->partitions[i]->tasks))
            return false;
    return true;
}

/* Everything that does not run and is not told yet comes again, to whoever has the partition next. */
static void drop_waiting(struct irsa_engine *engine, struct irsa_partition *partition) {
    struct irsa_link *next;
    for (struct irsa_link *link = partition->tasks.next; link != &partition->tasks; link = next) {
        struct irsa_task *task = IRSA_OBJECT(link, struct irsa_task, of_partition);
        next = link->next;
        if (task->state != IRSA_TASK_RUNNING && task->state != IRSA_TASK_SETTLED)
            irsa_settle_drop(engine, task);
    }
    partition->held = NULL;
}

static void cancel_revoking(struct irsa_engine *engine) {
    for (size_t i = 0; i < engine->partition_count; i++)
        if (engine->partitions[i]->is_revoking)
            engine->partitions[i]->is_cancelled = true;
    irsa_executors_cancel(engine->executors, is_of_revoking, NULL);
}

/* Executors look at the flag before every call and their transfers are aborted: this is short, or a fault of the job's. */
static void await_cancelled(struct irsa_engine *engine) {
    while (!irsa_engine_pump(engine, has_stopped_running, irsa_engine_now_ms(engine) + CANCEL_LOG_MS)) {
        IRSA_LOG(WARN, "revoke.waits", IRSA_NUMBER("running", engine->in_flight));
        if (engine->phase == IRSA_ENGINE_ABANDONING)
            return;
        cancel_revoking(engine);
    }
}

static void stop_work(struct irsa_engine *engine, bool is_lost) {
    irsa_dispatch_withdraw(engine, is_of_revoking, NULL);
    for (size_t i = 0; i < engine->partition_count; i++)
        if (engine->partitions[i]->is_revoking)
            drop_waiting(engine, engine->partitions[i]);
    int64_t wait_ms = is_lost || engine->phase == IRSA_ENGINE_ABANDONING ? 0 : engine->options.revoke_wait_ms;
    if (irsa_engine_pump(engine, has_stopped_running, irsa_engine_now_ms(engine) + wait_ms))
        return;
    cancel_revoking(engine);
    await_cancelled(engine);
}

/* Its tasks that are told and not acknowledged go on without it. */
static void forget(struct irsa_engine *engine, size_t at) {
    struct irsa_partition *partition = engine->partitions[at];
    struct irsa_link *link;
    while ((link = irsa_list_take_first(&partition->tasks)) != NULL)
        IRSA_OBJECT(link, struct irsa_task, of_partition)->partition = NULL;
    IRSA_LOG(DEBUG, "partition.revoked", IRSA_NUMBER("partition", partition->number),
             IRSA_NUMBER("offset", partition->frontier.watermark));
    irsa_frontier_done(&partition->frontier);
    free(partition);
    engine->partitions[at] = engine->partitions[--engine->partition_count];
}

static void on_revoked(void *self, const struct irsa_assignment *assignment, bool is_lost) {
    struct irsa_engine *engine = self;
    is_lost = is_lost || irsa_stall_is_on(engine); // it may have been asked for before the stall, and is late
    for (size_t i = 0; i < assignment->count; i++) {
        struct irsa_partition *partition = irsa_engine_find_partition(engine, assignment->partitions[i]);
        if (partition == NULL)
            continue;
        partition->is_revoking = true;
        partition->is_lost = is_lost;
    }
    stop_work(engine, is_lost);
    if (!is_lost && engine->phase != IRSA_ENGINE_ABANDONING) {
        irsa_engine_pump(engine, is_acknowledged, irsa_engine_now_ms(engine) + FLUSH_MS);
        irsa_commit_revoking(engine);
    }
    for (size_t i = engine->partition_count; i-- > 0;)
        if (engine->partitions[i]->is_revoking)
            forget(engine, i);
    if (engine->partition_count == 0) {
        irsa_stall_over(engine);
        irsa_membership_await(engine);
    }
    log_rebalance("partitions.revoked", assignment, is_lost);
}

/* --- what else the consumer has to say ----------------------------------------------------------------------------------- */

static void on_end_reached(void *self, int32_t number, int64_t offset) {
    struct irsa_engine *engine = self;
    struct irsa_partition *partition = irsa_engine_find_partition(engine, number);
    if (partition == NULL)
        return;
    int64_t before = partition->frontier.watermark;
    partition->is_at_end = partition->held == NULL;
    partition->pending_end = irsa_frontier_end(&partition->frontier, offset) ? -1 : offset;
    if (before >= 0 && partition->frontier.watermark != before)
        irsa_commit_note(engine, partition);
}

/* What was to be read next does not exist: deleted by retention, or the topic is another one. Begin with what there is. */
static void on_out_of_range(void *self, int32_t number) {
    struct irsa_engine *engine = self;
    struct irsa_partition *partition = irsa_engine_find_partition(engine, number);
    struct irsa_error err;
    if (partition == NULL)
        return;
    IRSA_LOG(ERROR, "offset.out_of_range", IRSA_NUMBER("partition", number),
             IRSA_NUMBER("offset", partition->frontier.next), IRSA_TEXT("meaning", "requests may have been deleted"));
    if (partition->held != NULL)
        irsa_settle_drop(engine, partition->held); // it was read from what does not exist any more
    partition->held = NULL;
    irsa_frontier_done(&partition->frontier);
    irsa_frontier_init(&partition->frontier, -1, engine->options.window);
    partition->epoch++; // jobs in hand are done and told, and commit nothing
    partition->pending_end = -1;
    partition->committed = -1;
    partition->is_at_end = false;
    if (!irsa_consumer_seek(engine->consumer, number, IRSA_OFFSET_BEGINNING, &err))
        irsa_engine_fail(engine, &err);
}

static void on_failed(void *self, const struct irsa_error *err) {
    struct irsa_engine *engine = self;
    IRSA_LOG(ERROR, "consumer.failed", IRSA_TEXT("code", irsa_code_name(err->code)),
             IRSA_TEXT("upstream", err->upstream), IRSA_TEXT("error", err->message));
    if (err->code == IRSA_CODE_CONFIG || err->code == IRSA_CODE_CONFLICT)
        irsa_engine_fail(engine, err); // fatal: this client will never consume again
}

struct irsa_consumer_events irsa_rebalance_events(struct irsa_engine *engine) {
    return (struct irsa_consumer_events){
        .assigned = on_assigned,
        .revoked = on_revoked,
        .end_reached = on_end_reached,
        .out_of_range = on_out_of_range,
        .committed = irsa_commit_answered,
        .failed = on_failed,
        .self = engine,
    };
}
