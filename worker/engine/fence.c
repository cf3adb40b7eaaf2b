/*
 * A moment and a flag.
 */
#include "worker/engine/fence.h"

void irsa_fence_init(struct irsa_fence *fence, int64_t limit_ms, int64_t now_ms) {
    fence->limit_ms = limit_ms;
    atomic_init(&fence->turned_ms, now_ms);
    atomic_init(&fence->is_closed, false);
}

static bool is_late(const struct irsa_fence *fence, int64_t now_ms) {
    return now_ms - atomic_load_explicit(&fence->turned_ms, memory_order_acquire) > fence->limit_ms;
}

bool irsa_fence_turn(struct irsa_fence *fence, int64_t now_ms) {
    bool has_stalled = is_late(fence, now_ms);
    if (has_stalled)
        atomic_store_explicit(&fence->is_closed, true,
                              memory_order_release); // before the moment, which lets others pass
    atomic_store_explicit(&fence->turned_ms, now_ms, memory_order_release);
    return has_stalled;
}

void irsa_fence_open(struct irsa_fence *fence) {
    atomic_store_explicit(&fence->is_closed, false, memory_order_release);
}

bool irsa_fence_is_open(const struct irsa_fence *fence, int64_t now_ms) {
    return !is_late(fence, now_ms) && !atomic_load_explicit(&fence->is_closed, memory_order_acquire);
}
