/*
 * Figures: what the engine's thread tells others, for health, metrics and tests.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/log.h"
#include "worker/engine/engine_state.h"

#define SHOW_MS  500   /* so often at most are the partitions looked through */
#define SLACK_MS 60000 /* a healthy engine turns every second, but for a rebalance */
#define RENEWALS                                                                                                       \
    3 /* with the waits before them longer than any member may hold up a rebalance (max.poll.interval.ms) */

/* Could requests be settled at the moment? While nothing can, no watermark is expected to move. */
static bool is_working(const struct irsa_engine *engine) {
    return engine->phase == IRSA_ENGINE_WORKING && !engine->is_halted && irsa_outbox_trouble(engine->outbox) == NULL &&
           irsa_cancelled_are_known(engine);
}

static int64_t oldest_ms(const struct irsa_partition *partition) {
    if (irsa_list_is_empty(&partition->tasks))
        return IRSA_NO_TIME;
    return IRSA_OBJECT(partition->tasks.next, struct irsa_task, of_partition)->job.record.timestamp_ms;
}

static const char *account_at_watermark(const struct irsa_partition *partition) {
    if (irsa_list_is_empty(&partition->tasks))
        return NULL;
    return IRSA_OBJECT(partition->tasks.next, struct irsa_task, of_partition)->job.account;
}

static const char *busiest_account(const struct irsa_accounts_figures *accounts) {
    const struct irsa_account_figures *busiest = NULL;
    for (size_t i = 0; i < accounts->count; i++)
        if (busiest == NULL || accounts->at[i].waiting > busiest->waiting)
            busiest = &accounts->at[i];
    return busiest != NULL ? busiest->account : NULL;
}

/*
 * Somebody's requests are in the way of all others of the partition: say whose. A bulk that moves on, if slowly, fills the
 * window for moments only; so it has to be in the way twice in a row.
 */
static void watch_intake(const struct irsa_engine *engine, struct irsa_partition *partition, bool has_moved,
                         const struct irsa_accounts_figures *accounts, struct irsa_partition_figures *figures) {
    const char *obstacle = irsa_intake_obstacle(engine, partition);
    bool is_memory = obstacle != NULL && strcmp(obstacle, IRSA_OBSTACLE_MEMORY) == 0;
    const char *account = is_memory ? busiest_account(accounts) : account_at_watermark(partition);
    bool is_stopped =
        obstacle != NULL && (partition->stopped_by != NULL || (partition->obstacle == obstacle && !has_moved));
    partition->obstacle = obstacle;
    if (is_stopped && partition->stopped_by == NULL)
        IRSA_LOG(WARN, "intake.stopped", IRSA_NUMBER("partition", partition->number), IRSA_TEXT("by", obstacle),
                 IRSA_TEXT("account", account), IRSA_NUMBER("watermark", partition->frontier.watermark));
    if (!is_stopped && partition->stopped_by != NULL)
        IRSA_LOG(INFO, "intake.resumed", IRSA_NUMBER("partition", partition->number));
    partition->stopped_by = figures->stopped_by = is_stopped ? obstacle : NULL;
    if (is_stopped)
        snprintf(figures->stopped_for, sizeof figures->stopped_for, "%s", account != NULL ? account : "");
}

static struct irsa_partition_figures look_at(const struct irsa_engine *engine, struct irsa_partition *partition,
                                             const struct irsa_accounts_figures *accounts) {
    const struct irsa_frontier *frontier = &partition->frontier;
    size_t taken = frontier->watermark < 0 ? 0 : (size_t)(frontier->next - frontier->watermark);
    size_t incomplete = taken > frontier->settled ? taken - frontier->settled : 0;
    bool is_new = partition->moved_ms == 0;
    bool has_moved = is_new || frontier->watermark != partition->shown_watermark;
    if (has_moved || incomplete == 0 || !is_working(engine))
        partition->moved_ms = irsa_engine_now_ms(engine);
    partition->shown_watermark = frontier->watermark;
    struct irsa_partition_figures figures = {.partition = partition->number,
                                             .watermark = frontier->watermark,
                                             .highest = frontier->watermark < 0 ? -1 : frontier->next - 1,
                                             .incomplete = incomplete,
                                             .oldest_ms = oldest_ms(partition),
                                             .moved_ms = partition->moved_ms};
    watch_intake(engine, partition, has_moved, accounts, &figures);
    return figures;
}

static void show(struct irsa_engine *engine) {
    int64_t now_ms = irsa_engine_now_ms(engine);
    if (now_ms < engine->show_ms)
        return;
    engine->show_ms = now_ms + SHOW_MS;
    struct irsa_accounts_figures *accounts = IRSA_NEW(engine->scratch, struct irsa_accounts_figures);
    irsa_scheduler_read_accounts(engine->scheduler, accounts);
    irsa_board_show_accounts(engine->board, accounts);
    struct irsa_partition_figures *figures =
        IRSA_NEW_ARRAY(engine->scratch, struct irsa_partition_figures, engine->partition_count);
    for (size_t i = 0; i < engine->partition_count; i++)
        figures[i] = look_at(engine, engine->partitions[i], accounts);
    irsa_board_show(engine->board, figures, engine->partition_count);
    irsa_arena_clear(engine->scratch);
}

void irsa_figures_publish(struct irsa_engine *engine) {
#define PUBLISH(field, value) atomic_store_explicit(&engine->published.field, (value), memory_order_relaxed)
    PUBLISH(taken, engine->totals.taken);
    PUBLISH(settled, engine->totals.settled);
    PUBLISH(retried, engine->totals.retried);
    PUBLISH(committed, engine->totals.committed);
    PUBLISH(duplicates_dropped, engine->totals.duplicates_dropped);
    PUBLISH(in_flight, engine->in_flight);
    PUBLISH(waiting, irsa_scheduler_waiting(engine->scheduler));
    PUBLISH(suspects, irsa_hands_suspects(engine->options.hands));
    PUBLISH(last_settled_ms, engine->last_settled_ms);
    PUBLISH(turned_ms, irsa_engine_now_ms(engine));
    PUBLISH(renewals, engine->renewals);
    PUBLISH(is_halted, engine->is_halted);
    PUBLISH(is_ready, engine->has_joined && is_working(engine));
#undef PUBLISH
    show(engine);
}

void irsa_engine_read_figures(const struct irsa_engine *engine, struct irsa_engine_figures *out_figures) {
#define READ(field) atomic_load_explicit(&engine->published.field, memory_order_relaxed)
    *out_figures = (struct irsa_engine_figures){
        .taken = READ(taken),
        .settled = READ(settled),
        .retried = READ(retried),
        .committed = READ(committed),
        .duplicates_dropped = READ(duplicates_dropped),
        .in_flight = READ(in_flight),
        .waiting = READ(waiting),
        .suspects = READ(suspects),
        .restarts = irsa_hands_restarts(engine->options.hands),
        .last_settled_ms = READ(last_settled_ms),
        .turned_ms = READ(turned_ms),
        .renewals = READ(renewals),
        .is_halted = READ(is_halted),
        .is_ready = READ(is_ready),
    };
#undef READ
}

void irsa_engine_read_partitions(const struct irsa_engine *engine, struct irsa_arena *arena,
                                 const struct irsa_partition_figures **out_partitions, size_t *out_count) {
    irsa_board_read(engine->board, arena, out_partitions, out_count);
}

void irsa_engine_read_accounts(const struct irsa_engine *engine, struct irsa_accounts_figures *out_accounts) {
    irsa_board_read_accounts(engine->board, out_accounts);
}

static bool has_moved(const struct irsa_engine *engine, const struct irsa_partition_figures *partition,
                      int64_t now_ms) {
    const struct irsa_engine_options *options = &engine->options;
    return now_ms - partition->moved_ms <= options->retry_window_ms + options->attempt_deadline_ms + SLACK_MS;
}

bool irsa_engine_is_healthy(const struct irsa_engine *engine, struct irsa_arena *arena, struct irsa_error *err) {
    struct irsa_engine_figures figures;
    const struct irsa_partition_figures *partitions;
    size_t count;
    int64_t now_ms = irsa_clock_monotonic_ms(engine->clock);
    irsa_engine_read_figures(engine, &figures);
    if (figures.turned_ms != 0 && now_ms - figures.turned_ms > SLACK_MS)
        return IRSA_FAIL(err, INTERNAL, "the engine's loop has stood still for %lld s",
                         (long long)(now_ms - figures.turned_ms) / 1000);
    if (figures.renewals >= RENEWALS)
        return IRSA_FAIL(err, INTERNAL,
                         "the group gives no partitions although brokers answer: joined anew %u times, every %lld s",
                         figures.renewals, (long long)engine->options.rejoin_ms / 1000);
    irsa_board_read(engine->board, arena, &partitions, &count);
    for (size_t i = 0; i < count; i++)
        if (!has_moved(engine, &partitions[i], now_ms))
            return IRSA_FAIL(err, INTERNAL,
                             "the watermark of partition %d has stood at %lld for %lld s with %zu requests behind it",
                             (int)partitions[i].partition, (long long)partitions[i].watermark,
                             (long long)(now_ms - partitions[i].moved_ms) / 1000, partitions[i].incomplete);
    return true;
}
