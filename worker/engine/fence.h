/*
 * Fence: after a stall nothing is begun or told until it is known that the partitions are still ours.
 *
 * A process that stood still (SIGSTOP, a paused virtual machine) for longer than its session has lost its partitions without
 * knowing. The engine's thread notes every turn; executors look at that moment before every call. It is the engine's
 * thread that closes and opens the fence, any thread may ask.
 */
#ifndef IRSA_ENGINE_FENCE_H
#define IRSA_ENGINE_FENCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct irsa_fence {
    int64_t limit_ms;              /* a longer pause between turns is a stall */
    atomic_int_fast64_t turned_ms; /* monotonic, of the last turn */
    atomic_bool is_closed;
};

void irsa_fence_init(struct irsa_fence *fence, int64_t limit_ms, int64_t now_ms);

/* Note a turn. True when the fence was closed by it: there was a stall. */
bool irsa_fence_turn(struct irsa_fence *fence, int64_t now_ms);

void irsa_fence_open(struct irsa_fence *fence);

/* May something be begun? Any thread. */
bool irsa_fence_is_open(const struct irsa_fence *fence, int64_t now_ms);

#endif
