/*
 * Stalls: a worker that stood still for more than half its session first proves that it is still a member.
 *
 * The proof is a commit in the generation that it knows; the coordinator refuses one of a member that it has given up. Without
 * the proof the rebalance comes that takes the partitions away.
 */
#include "core/base/log.h"
#include "worker/engine/engine_state.h"

#define AGAIN_MS 200 /* between tries */

void irsa_stall_note(struct irsa_engine *engine) {
    int64_t before_ms = atomic_load_explicit(&engine->fence.turned_ms, memory_order_relaxed);
    int64_t now_ms = irsa_engine_now_ms(engine);
    if (!irsa_fence_turn(&engine->fence, now_ms) || engine->partition_count == 0)
        return;
    engine->prove_ms = now_ms;
    IRSA_LOG(WARN, "worker.stalled", IRSA_NUMBER("stalled_ms", now_ms - before_ms),
             IRSA_NUMBER("running", engine->in_flight));
}

bool irsa_stall_is_on(const struct irsa_engine *engine) {
    return atomic_load_explicit(&engine->fence.is_closed, memory_order_relaxed);
}

void irsa_stall_over(struct irsa_engine *engine) {
    irsa_fence_turn(&engine->fence, irsa_engine_now_ms(engine)); // what took so long was the proof itself
    irsa_fence_open(&engine->fence);
}

void irsa_stall_serve(struct irsa_engine *engine) {
    if (!irsa_stall_is_on(engine) || irsa_engine_now_ms(engine) < engine->prove_ms)
        return;
    if (engine->partition_count == 0 || irsa_commit_all(engine, (int)engine->fence.limit_ms))
        irsa_stall_over(engine);
    else
        irsa_fence_turn(&engine->fence, irsa_engine_now_ms(engine));
    engine->prove_ms = irsa_engine_now_ms(engine) + AGAIN_MS;
}

int64_t irsa_stall_next_ms(const struct irsa_engine *engine) {
    return irsa_stall_is_on(engine) ? engine->prove_ms : INT64_MAX;
}
