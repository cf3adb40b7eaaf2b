/*
 * Stopping: drain, abandon, and the two other reasons to drain (enough requests, nothing left to do).
 */
#include "core/base/log.h"
#include "worker/engine/engine_state.h"

#define FLUSH_MS   10000 /* after the drain: for acknowledgements */
#define ABANDON_MS 2000  /* what is cancelled returns at once; longer is not waited */

static void drain(struct irsa_engine *engine, const char *why) {
    IRSA_LOG(INFO, "worker.draining", IRSA_TEXT("why", why), IRSA_NUMBER("running", engine->in_flight),
             IRSA_NUMBER("waiting", irsa_scheduler_waiting(engine->scheduler)));
    engine->phase = IRSA_ENGINE_DRAINING;
    engine->stop_deadline_ms = irsa_engine_now_ms(engine) + engine->options.drain_ms;
    irsa_dispatch_withdraw(engine, NULL, NULL);
}

static void abandon(struct irsa_engine *engine) {
    IRSA_LOG(WARN, "worker.abandoning", IRSA_NUMBER("running", engine->in_flight));
    engine->phase = IRSA_ENGINE_ABANDONING;
    engine->stop_deadline_ms = irsa_engine_now_ms(engine) + ABANDON_MS;
    irsa_dispatch_withdraw(engine, NULL, NULL);
    irsa_dispatch_cancel_all(engine);
}

void irsa_stop_request(struct irsa_engine *engine) {
    if (engine->phase == IRSA_ENGINE_WORKING)
        drain(engine, "stop requested");
    else if (engine->phase == IRSA_ENGINE_DRAINING)
        abandon(engine);
}

void irsa_engine_fail(struct irsa_engine *engine, const struct irsa_error *err) {
    if (engine->has_failed)
        return;
    engine->has_failed = true;
    engine->failure = *err;
    if (engine->phase != IRSA_ENGINE_ABANDONING)
        abandon(engine);
}

static bool is_idle(const struct irsa_engine *engine) {
    if (!engine->has_joined || engine->task_count > 0)
        return false;
    for (size_t i = 0; i < engine->partition_count; i++)
        if (!engine->partitions[i]->is_at_end)
            return false;
    return true;
}

bool irsa_stop_is_over(struct irsa_engine *engine) {
    const struct irsa_engine_options *options = &engine->options;
    int64_t now_ms = irsa_engine_now_ms(engine);
    switch (engine->phase) {
    case IRSA_ENGINE_WORKING:
        if (options->max_requests > 0 && engine->totals.settled >= options->max_requests)
            drain(engine, "enough requests settled");
        else if (options->until_idle && is_idle(engine))
            drain(engine, "idle");
        return false;
    case IRSA_ENGINE_DRAINING:
        if (engine->in_flight > 0 && now_ms >= engine->stop_deadline_ms && !engine->has_cancelled_all)
            irsa_dispatch_cancel_all(engine);
        return engine->in_flight == 0 &&
               (irsa_outbox_count(engine->outbox) == 0 || now_ms >= engine->stop_deadline_ms + FLUSH_MS);
    case IRSA_ENGINE_ABANDONING:
        break;
    }
    return engine->in_flight == 0 || now_ms >= engine->stop_deadline_ms;
}

int64_t irsa_stop_next_ms(const struct irsa_engine *engine) {
    if (engine->phase == IRSA_ENGINE_WORKING)
        return INT64_MAX;
    int64_t now_ms = irsa_engine_now_ms(engine);
    if (now_ms < engine->stop_deadline_ms)
        return engine->stop_deadline_ms;
    return now_ms < engine->stop_deadline_ms + FLUSH_MS ? engine->stop_deadline_ms + FLUSH_MS : INT64_MAX;
}
