/*
 * irsa-bench-engine's parts: the jobs that it can run, the loop that it is compared with, and what it prints.
 */
#ifndef IRSA_BENCH_ENGINE_H
#define IRSA_BENCH_ENGINE_H

#include <stdatomic.h>

#include "core/contract/result.h"
#include "tests/bench/delays.h"
#include "worker/engine/engine.h"

#define IRSA_BENCH_SETTINGS_MAX 32

struct irsa_bench {
    struct irsa_pair settings[IRSA_BENCH_SETTINGS_MAX];
    struct irsa_pairs kafka;
    const char *topic, *results_topic, *group;
    unsigned executors, count; /* count 0: until SIGTERM */
    bool has_requests, is_loop;
    struct irsa_result_context context;
    _Atomic int64_t first_us; /* monotonic, of the first start */
    double cpu_before;
    struct irsa_bench_delays *delays;
};

/* --- engine_bench.c --- */

/* Say why, and end with status 1. */
_Noreturn void irsa_bench_die(const char *what);
int64_t irsa_bench_now_us(void);
double irsa_bench_cpu_s(void);
/* The clock runs from the first call on. Any thread. */
void irsa_bench_note_start(struct irsa_bench *bench);
/* The one JSON line. */
void irsa_bench_print(const struct irsa_bench *bench, uint64_t jobs, int64_t last_us);

/* --- engine_jobs.c --- */

/* Jobs that sleep, or that are requests which nothing is done for. */
struct irsa_job_kind irsa_bench_job_kind(struct irsa_bench *bench);

/* --- engine_loop.c --- */

/* Consume, parse, produce two; one thread, no engine. */
void irsa_bench_run_loop(struct irsa_bench *bench);

#endif
