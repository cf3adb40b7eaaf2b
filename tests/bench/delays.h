/*
 * How long after it was due each job started. Executors note, one thread reads when they have ended.
 */
#ifndef IRSA_BENCH_DELAYS_H
#define IRSA_BENCH_DELAYS_H

#include <stddef.h>
#include <stdint.h>

struct irsa_bench_delays;

struct irsa_bench_delays *irsa_bench_delays_new(void);
void irsa_bench_delays_free(struct irsa_bench_delays *delays);

/* Any thread. Beyond the first million nothing is kept. */
void irsa_bench_delays_note(struct irsa_bench_delays *delays, int64_t delay_us);

size_t irsa_bench_delays_count(const struct irsa_bench_delays *delays);

/* The smallest delay that `share` (0 to 1) of them do not exceed. Sorts; 0 when there are none. */
double irsa_bench_delays_ms(struct irsa_bench_delays *delays, double share);

#endif
