/*
 * Delays: an array that threads append to, sorted when it is asked.
 */
#include "tests/bench/delays.h"

#include <stdatomic.h>
#include <stdlib.h>

#define DELAYS_MAX 1000000

struct irsa_bench_delays {
    atomic_size_t noted;
    int64_t at_us[DELAYS_MAX];
};

struct irsa_bench_delays *irsa_bench_delays_new(void) {
    struct irsa_bench_delays *delays = calloc(1, sizeof *delays); /* pages that nobody writes to cost nothing */
    if (delays == NULL)
        abort();
    return delays;
}

void irsa_bench_delays_free(struct irsa_bench_delays *delays) {
    free(delays);
}

void irsa_bench_delays_note(struct irsa_bench_delays *delays, int64_t delay_us) {
    size_t place = atomic_fetch_add_explicit(&delays->noted, 1, memory_order_relaxed);
    if (place < DELAYS_MAX)
        delays->at_us[place] = delay_us;
}

size_t irsa_bench_delays_count(const struct irsa_bench_delays *delays) {
    size_t noted = atomic_load(&delays->noted);
    return noted < DELAYS_MAX ? noted : DELAYS_MAX;
}

static int compare(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

double irsa_bench_delays_ms(struct irsa_bench_delays *delays, double share) {
    size_t count = irsa_bench_delays_count(delays);
    if (count == 0)
        return 0;
    qsort(delays->at_us, count, sizeof delays->at_us[0], compare);
    size_t rank = (size_t)(share * (double)count);
    if ((double)rank < share * (double)count)
        rank++; /* the nearest rank: 1 to count */
    return (double)delays->at_us[rank == 0 ? 0 : rank - 1] / 1000;
}
