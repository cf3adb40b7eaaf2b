/*
 * The loop that the engine is compared with: one thread that consumes, parses and produces two, and commits nothing.
 */
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/kafka/consumer.h"
#include "core/kafka/producer.h"
#include "tests/bench/engine_bench.h"

#define SHARE 64 /* records of one partition before the next one's turn */

struct loop {
    struct irsa_bench *bench;
    const struct irsa_job_kind *kind;
    struct irsa_producer *producer;
    struct irsa_arena *arena;
    struct irsa_consumer *consumer;
    int32_t partitions[1024];
    size_t count;
    int wake_fd;
};

static void on_assigned(void *self, const struct irsa_assignment *assignment) {
    struct loop *loop = self;
    for (size_t i = 0; i < assignment->count; i++) {
        irsa_consumer_start(loop->consumer, assignment->partitions[i], IRSA_OFFSET_BEGINNING, loop->wake_fd);
        loop->partitions[loop->count++] = assignment->partitions[i];
    }
}

static void on_revoked(void *self, const struct irsa_assignment *assignment, bool is_lost) {
    (void)assignment;
    (void)is_lost;
    ((struct loop *)self)->count = 0;
}

static void on_end(void *self, int32_t partition, int64_t offset) {
    (void)self;
    (void)partition;
    (void)offset;
}

static void on_failed(void *self, const struct irsa_error *err) {
    (void)self;
    irsa_bench_die(err->message);
}

static void on_delivered(void *self, const struct irsa_delivery *delivery) {
    (void)self;
    if (delivery->err != NULL)
        irsa_bench_die(delivery->err->message);
}

static void send(const struct loop *loop, const struct irsa_record *record) {
    struct irsa_error err;
    while (!irsa_producer_send(loop->producer, record, NULL, &err)) {
        if (!irsa_producer_is_full(&err))
            irsa_bench_die(err.message);
        irsa_producer_serve(loop->producer, 100);
    }
}

/* Parse, produce two. */
static void handle(const struct loop *loop, const struct irsa_record *record) {
    struct irsa_error err;
    struct irsa_job job = {.arena = loop->arena, .record = *record, .attempt = 1};
    struct irsa_report report = {.count = 0};
    const struct irsa_ending ending = {.outcome = IRSA_OUTCOME_SUCCEEDED,
                                       .next_retry_ms = IRSA_NO_TIME,
                                       .finished_ms = irsa_clock_now_ms(irsa_clock_system())};
    irsa_bench_note_start(loop->bench);
    if (!loop->kind->accept(loop->bench, &job, &err))
        irsa_bench_die(err.message);
    loop->kind->report(loop->bench, &job, &ending, &report);
    for (size_t i = 0; i < report.count; i++)
        send(loop, &report.records[i]);
    irsa_arena_clear(loop->arena);
}

/* What partitions have at the moment, a share of each; how many records. */
static unsigned take_some(const struct loop *loop) {
    unsigned taken = 0;
    irsa_consumer_serve(loop->consumer);
    for (size_t i = 0; i < loop->count; i++) {
        struct irsa_incoming incoming;
        for (int n = 0; n < SHARE && irsa_consumer_take(loop->consumer, loop->partitions[i], &incoming); n++, taken++) {
            handle(loop, &incoming.record);
            irsa_consumer_release(&incoming);
        }
    }
    return taken;
}

static void open_clients(struct loop *loop) {
    struct irsa_error err;
    const struct irsa_producer_options producing = {.kafka = loop->bench->kafka, .delivered = on_delivered};
    const struct irsa_consumer_options consuming = {
        .kafka = loop->bench->kafka,
        .topic = loop->bench->topic,
        .events = {
            .assigned = on_assigned, .revoked = on_revoked, .end_reached = on_end, .failed = on_failed, .self = loop}};
    loop->producer = irsa_producer_open(&producing, &err);
    loop->consumer = loop->producer == NULL ? NULL : irsa_consumer_open(&consuming, &err);
    if (loop->consumer == NULL)
        irsa_bench_die(err.message);
}

void irsa_bench_run_loop(struct irsa_bench *bench) {
    const struct irsa_job_kind kind = irsa_bench_job_kind(bench);
    struct loop loop = {
        .bench = bench, .kind = &kind, .arena = irsa_arena_new(), .wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    open_clients(&loop);
    bench->cpu_before = irsa_bench_cpu_s();
    unsigned done = 0, taken;
    for (; done < bench->count; done += taken) {
        taken = take_some(&loop);
        irsa_producer_serve(loop.producer, taken == 0 ? 1 : 0);
    }
    while (irsa_producer_outstanding(loop.producer) > 0)
        irsa_producer_serve(loop.producer, 100);
    irsa_bench_print(bench, done, irsa_bench_now_us());
    irsa_consumer_close(loop.consumer, false);
    irsa_producer_close(loop.producer);
    irsa_arena_free(loop.arena);
    close(loop.wake_fd);
}
