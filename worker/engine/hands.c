/*
 * Two kinds of memory: what is shared is written by the process that works, and read when it is dead; the list of suspects is
 * the watcher's own, and a fork takes its copy along.
 */
#include "worker/engine/hands.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/base/arena.h"
#include "core/base/error.h"

#define SUSPECTS_MAX 2048 /* twice as many as there are executors at most */
#define HAND_ALIGN   64   /* a cache line each, so that executors do not slow each other down */

/* Which request: the timestamp tells it from one in a topic that was made anew. */
struct place {
    int32_t partition;
    int64_t offset, timestamp_ms;
};

struct hand {
    _Alignas(HAND_ALIGN) atomic_uint use; /* enum irsa_hand_use; the rest means nothing while it is empty */
    struct place place;
    uint64_t seal; /* of the place and the use: what fits was written by irsa_hands_take() */
};

struct shared {
    atomic_bool is_cleared[SUSPECTS_MAX]; /* by the number of the suspect */
    struct hand at[];
};

struct suspect {
    struct place place;
    unsigned deaths;
    bool was_being_read; /* at the last one */
};

struct irsa_hands {
    struct shared *shared;
    size_t bytes; /* of it */
    unsigned count;
    unsigned restarts;
    struct suspect suspects[SUSPECTS_MAX]; /* the oldest first */
    size_t suspect_count;
};

struct irsa_hands *irsa_hands_new(unsigned executors, struct irsa_error *err) {
    struct irsa_hands *hands = irsa_new(sizeof *hands);
    hands->count = executors + 1;
    hands->bytes = sizeof *hands->shared + hands->count * sizeof(struct hand);
    void *memory = mmap(NULL, hands->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        IRSA_FAIL(err, INTERNAL, "no memory to share: %s", strerror(errno));
        free(hands);
        return NULL;
    }
    hands->shared = memory;
    return hands;
}

void irsa_hands_free(struct irsa_hands *hands) {
    if (hands == NULL)
        return;
    munmap(hands->shared, hands->bytes);
    free(hands);
}

/* --- in the process that works ------------------------------------------------------------------------------------------- */

static struct place place_of(const struct irsa_record *record) {
    return (struct place){record->partition, record->offset, record->timestamp_ms};
}

static bool is_same(const struct place *a, const struct place *b) {
    return a->partition == b->partition && a->offset == b->offset && a->timestamp_ms == b->timestamp_ms;
}

/* Odd factors: no part of a place can be changed alone without changing the seal. */
static uint64_t seal_of(const struct place *place, unsigned use) {
    return (uint64_t)place->offset * UINT64_C(0x9E3779B97F4A7C15) ^
           (uint64_t)place->timestamp_ms * UINT64_C(0xC2B2AE3D27D4EB4F) ^
           ((uint64_t)(uint32_t)place->partition << 8 | use) * UINT64_C(0x165667B19E3779F9);
}

void irsa_hands_take(struct irsa_hands *hands, unsigned hand, const struct irsa_record *record,
                     enum irsa_hand_use use) {
    if (hands == NULL)
        return;
    struct hand *mine = &hands->shared->at[hand];
    mine->place = place_of(record);
    mine->seal = seal_of(&mine->place, use);
    atomic_store_explicit(&mine->use, use, memory_order_release);
}

void irsa_hands_put(struct irsa_hands *hands, unsigned hand) {
    if (hands != NULL)
        atomic_store_explicit(&hands->shared->at[hand].use, IRSA_HAND_EMPTY, memory_order_release);
}

static bool is_cleared(const struct irsa_hands *hands, size_t suspect) {
    return atomic_load_explicit(&hands->shared->is_cleared[suspect], memory_order_relaxed);
}

/* Its number, or how many there are. */
static size_t find_suspect(const struct irsa_hands *hands, const struct place *place) {
    size_t i = 0;
    while (i < hands->suspect_count && !(is_same(&hands->suspects[i].place, place) && !is_cleared(hands, i)))
        i++;
    return i;
}

unsigned irsa_hands_deaths(const struct irsa_hands *hands, const struct irsa_record *record, bool *out_may_be_read) {
    *out_may_be_read = true;
    if (hands == NULL || hands->suspect_count == 0)
        return 0;
    const struct place place = place_of(record);
    size_t found = find_suspect(hands, &place);
    if (found == hands->suspect_count)
        return 0;
    const struct suspect *suspect = &hands->suspects[found];
    *out_may_be_read = !suspect->was_being_read && suspect->deaths <= IRSA_DEATHS_MAX;
    return suspect->deaths;
}

void irsa_hands_clear(struct irsa_hands *hands, const struct irsa_record *record) {
    if (hands == NULL)
        return;
    const struct place place = place_of(record);
    size_t found = find_suspect(hands, &place);
    if (found < hands->suspect_count)
        atomic_store_explicit(&hands->shared->is_cleared[found], true, memory_order_relaxed);
}

size_t irsa_hands_suspects(const struct irsa_hands *hands) {
    size_t count = 0;
    for (size_t i = 0; hands != NULL && i < hands->suspect_count; i++)
        count += !is_cleared(hands, i);
    return count;
}

unsigned irsa_hands_restarts(const struct irsa_hands *hands) {
    return hands != NULL ? hands->restarts : 0;
}

/* --- in the process that watches ----------------------------------------------------------------------------------------- */

static void forget_cleared(struct irsa_hands *hands) {
    size_t kept = 0;
    for (size_t i = 0; i < hands->suspect_count; i++)
        if (!is_cleared(hands, i))
            hands->suspects[kept++] = hands->suspects[i];
    hands->suspect_count = kept;
    for (size_t i = 0; i < SUSPECTS_MAX; i++)
        atomic_store_explicit(&hands->shared->is_cleared[i], false, memory_order_relaxed);
}

/* Of those with the fewest deaths the oldest: long gone to another worker, most likely. */
static void forget_one(struct irsa_hands *hands) {
    size_t least = 0;
    for (size_t i = 1; i < hands->suspect_count; i++)
        if (hands->suspects[i].deaths < hands->suspects[least].deaths)
            least = i;
    hands->suspect_count--;
    memmove(&hands->suspects[least], &hands->suspects[least + 1],
            (hands->suspect_count - least) * sizeof *hands->suspects);
}

static void blame(struct irsa_hands *hands, const struct place *place, unsigned use) {
    size_t found = find_suspect(hands, place);
    if (found == hands->suspect_count) {
        if (hands->suspect_count == SUSPECTS_MAX)
            forget_one(hands);
        found = hands->suspect_count++;
        hands->suspects[found] = (struct suspect){.place = *place};
    }
    hands->suspects[found].deaths++;
    hands->suspects[found].was_being_read = use == IRSA_HAND_ACCEPTS;
}

size_t irsa_hands_bury(struct irsa_hands *hands, bool is_by_fault) {
    size_t count = 0;
    forget_cleared(hands);
    for (unsigned i = 0; i < hands->count; i++) {
        struct hand *hand = &hands->shared->at[i];
        unsigned use = atomic_exchange_explicit(&hand->use, IRSA_HAND_EMPTY, memory_order_acquire);
        if (use == IRSA_HAND_EMPTY || hand->seal != seal_of(&hand->place, use))
            continue;
        count++;
        if (is_by_fault)
            blame(hands, &hand->place, use);
    }
    hands->restarts++;
    return count;
}
