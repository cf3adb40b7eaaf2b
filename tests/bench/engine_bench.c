/*
 * irsa-bench-engine: the engine on any topic, with jobs that cost what their record says.
 *
 *     irsa-bench-engine --bootstrap B --topic T --executors N --count C [--requests] [--loop] [--group G] [-X name=value]…
 *
 * By default a job sleeps as many microseconds as its value says and one result is produced; with --requests a job is a
 * valid request that is decoded, ordered, and told by a result and a state record, and does nothing. --loop does the same
 * without the engine, in one thread that consumes, parses and produces: what is left to compare with. Results go to
 * "<topic>.results". One JSON line: wall_s from the first start to the last acknowledgement, and the CPU of the process.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/log.h"
#include "core/contract/request.h"
#include "core/contract/result.h"
#include "core/kafka/consumer.h"
#include "core/kafka/producer.h"
#include "core/kafka/settings.h"
#include "worker/engine/engine.h"

#define SETTINGS_MAX 32

struct bench {
    struct irsa_pair settings[SETTINGS_MAX];
    struct irsa_pairs kafka;
    const char *topic, *results_topic, *group;
    unsigned executors, count;
    bool has_requests, is_loop;
    struct irsa_result_context context;
    _Atomic int64_t first_us; /* monotonic, of the first start */
    double cpu_before;
};

static void die(const char *what) {
    fprintf(stderr, "irsa-bench-engine: %s\n", what);
    exit(1);
}

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static double cpu_s(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void note_start(struct bench *bench) {
    int64_t none = 0;
    if (bench->first_us == 0)
        atomic_compare_exchange_strong(&bench->first_us, &none, now_us());
}

/* --- jobs that sleep ----------------------------------------------------------------------------------------------------- */

static bool accept_length(void *self, struct irsa_job *job, struct irsa_error *err) {
    (void)self;
    (void)err;
    if (job->record.key != NULL)
        job->key = job->record.key; // followed by a NUL
    return true;
}

static bool run_length(void *self, struct irsa_job *job, const struct irsa_run *run, struct irsa_error *err) {
    (void)run;
    (void)err;
    static _Thread_local bool is_precise;
    if (!is_precise)
        prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); // a sleep overshoots by 73 us else
    is_precise = true;
    note_start(self);
    long length_us = job->record.value == NULL ? 0 : strtol(job->record.value, NULL, 10);
    if (length_us > 0)
        nanosleep(&(struct timespec){.tv_sec = length_us / 1000000, .tv_nsec = length_us % 1000000 * 1000}, NULL);
    return true;
}

static void report_length(void *self, struct irsa_job *job, const struct irsa_ending *ending,
                          struct irsa_report *out_report) {
    const struct bench *bench = self;
    const char *outcome = irsa_outcome_name(ending->outcome);
    out_report->records[out_report->count++] = (struct irsa_record){.topic = bench->results_topic,
                                                                    .partition = -1,
                                                                    .key = job->record.key,
                                                                    .key_length = job->record.key_length,
                                                                    .value = outcome,
                                                                    .value_length = strlen(outcome)};
}

/* --- jobs that are requests ---------------------------------------------------------------------------------------------- */

static bool accept_request(void *self, struct irsa_job *job, struct irsa_error *err) {
    (void)self;
    struct irsa_request *request = IRSA_NEW(job->arena, struct irsa_request);
    job->data = request;
    if (!irsa_request_decode(job->arena, &job->record, request, err))
        return false;
    job->key = irsa_request_subject(job->arena, request);
    job->account = request->cluster.account_id;
    job->cluster = request->cluster.name;
    job->expiry_ms = request->event.expiry_ms;
    return true;
}

static bool run_nothing(void *self, struct irsa_job *job, const struct irsa_run *run, struct irsa_error *err) {
    (void)job;
    (void)run;
    (void)err;
    note_start(self);
    return true;
}

static void fill_result(const struct bench *bench, const struct irsa_job *job, const struct irsa_ending *ending,
                        struct irsa_result *out_result) {
    const struct irsa_request *request = job->data;
    (void)bench;
    *out_result = (struct irsa_result){
        .request_id = request->event.id,
        .request_source = request->event.source,
        .action = irsa_action_name(request->action),
        .subject = job->key,
        .topic = job->record.topic,
        .partition = job->record.partition,
        .offset = job->record.offset,
        .request_time_ms = request->event.time_ms,
        .correlation_id = request->event.correlation_id,
        .outcome = ending->outcome,
        .attempt = job->attempt,
        .role_arn = "arn:aws:iam::111122223333:role/irsa/us-west-2/cluster-1/cluster-1-backend-apps-account-1-0a1b2c3d",
        .account_id = request->cluster.account_id,
        .next_retry_ms = IRSA_NO_TIME,
        .started_ms = job->started_ms,
        .finished_ms = ending->finished_ms,
        .worker = "bench",
        .observed = IRSA_STATE_PRESENT,
    };
}

static void report_request(void *self, struct irsa_job *job, const struct irsa_ending *ending,
                           struct irsa_report *out_report) {
    const struct bench *bench = self;
    struct irsa_result result;
    fill_result(bench, job, ending, &result);
    irsa_result_encode(job->arena, &result, &bench->context, job->record.key, job->record.key_length,
                       &out_report->records[0]);
    irsa_state_encode(job->arena, &result, job->data, &bench->context, &out_report->records[1]);
    out_report->count = 2;
}

/* --- with the engine ----------------------------------------------------------------------------------------------------- */

static void print(const struct bench *bench, uint64_t jobs, int64_t last_us) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu = cpu_s() - bench->cpu_before;
    printf("{\"wall_s\": %.6f, \"jobs\": %llu, \"executors\": %u, \"cpu_s\": %.6f, \"jobs_per_cpu_s\": %.0f, "
           "\"max_rss_kib\": %ld}\n",
           (double)(last_us - bench->first_us) / 1e6, (unsigned long long)jobs, bench->executors, cpu,
           (double)jobs / cpu, usage.ru_maxrss);
}

static void run_engine(struct bench *bench) {
    struct irsa_error err;
    const struct irsa_job_kind kind = {.accept = bench->has_requests ? accept_request : accept_length,
                                       .run = bench->has_requests ? run_nothing : run_length,
                                       .report = bench->has_requests ? report_request : report_length,
                                       .self = bench};
    const struct irsa_engine_options options = {
        .kafka = bench->kafka,
        .topic = bench->topic,
        .executors = bench->executors,
        .per_cluster = 1024,
        .max_requests = bench->count,
        .kind = &kind,
    };
    struct irsa_engine *engine = irsa_engine_new(&options, &err);
    if (engine == NULL)
        die(err.message);
    bench->cpu_before = cpu_s();
    if (!irsa_engine_run(engine, &err))
        die(err.message);
    struct irsa_engine_figures figures;
    irsa_engine_read_figures(engine, &figures);
    print(bench, figures.settled, figures.last_settled_ms * 1000);
    irsa_engine_free(engine);
}

/* --- without it ---------------------------------------------------------------------------------------------------------- */

struct loop {
    struct bench *bench;
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
    die(err->message);
}

static void on_delivered(void *self, const struct irsa_delivery *delivery) {
    (void)self;
    if (delivery->err != NULL)
        die(delivery->err->message);
}

/* Consume, parse, produce two. */
static void handle(struct loop *loop, struct irsa_producer *producer, struct irsa_arena *arena,
                   const struct irsa_record *record) {
    struct irsa_error err;
    struct irsa_request request;
    struct irsa_job job = {.arena = arena, .record = *record, .data = &request, .attempt = 1};
    struct irsa_report report = {.count = 0};
    const struct irsa_ending ending = {.outcome = IRSA_OUTCOME_SUCCEEDED,
                                       .next_retry_ms = IRSA_NO_TIME,
                                       .finished_ms = irsa_clock_now_ms(irsa_clock_system())};
    if (!irsa_request_decode(arena, record, &request, &err))
        die(err.message);
    job.key = irsa_request_subject(arena, &request);
    report_request(loop->bench, &job, &ending, &report);
    for (size_t i = 0; i < report.count; i++)
        while (!irsa_producer_send(producer, &report.records[i], NULL, &err)) {
            if (!irsa_producer_is_full(&err))
                die(err.message);
            irsa_producer_serve(producer, 100);
        }
    irsa_arena_clear(arena);
}

static void run_loop(struct bench *bench) {
    struct irsa_error err;
    struct loop loop = {.bench = bench, .wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    const struct irsa_producer_options producing = {.kafka = bench->kafka, .delivered = on_delivered};
    struct irsa_producer *producer = irsa_producer_open(&producing, &err);
    const struct irsa_consumer_options consuming = {
        .kafka = bench->kafka,
        .topic = bench->topic,
        .events = {
            .assigned = on_assigned, .revoked = on_revoked, .end_reached = on_end, .failed = on_failed, .self = &loop}};
    loop.consumer = producer == NULL ? NULL : irsa_consumer_open(&consuming, &err);
    if (loop.consumer == NULL)
        die(err.message);
    struct irsa_arena *arena = irsa_arena_new();
    bench->cpu_before = cpu_s();
    unsigned done = 0;
    while (done < bench->count) {
        unsigned before = done;
        irsa_consumer_serve(loop.consumer);
        for (size_t i = 0; i < loop.count; i++) {
            struct irsa_incoming incoming;
            for (int n = 0; n < 64 && irsa_consumer_take(loop.consumer, loop.partitions[i], &incoming); n++, done++) {
                note_start(bench);
                handle(&loop, producer, arena, &incoming.record);
                irsa_consumer_release(&incoming);
            }
        }
        irsa_producer_serve(producer, done == before ? 1 : 0);
    }
    while (irsa_producer_outstanding(producer) > 0)
        irsa_producer_serve(producer, 100);
    print(bench, done, now_us());
    irsa_arena_free(arena);
    irsa_consumer_close(loop.consumer, false);
    irsa_producer_close(producer);
}

/* --- arguments ----------------------------------------------------------------------------------------------------------- */

static void set(struct bench *bench, const char *name, const char *value) {
    if (bench->kafka.count == SETTINGS_MAX)
        die("too many settings");
    bench->settings[bench->kafka.count++] = (struct irsa_pair){name, value};
    bench->kafka.at = bench->settings;
}

static void set_pair(struct bench *bench, char *pair) {
    char *value = strchr(pair, '=');
    if (value == NULL)
        die("-X name=value");
    *value = '\0';
    set(bench, pair, value + 1);
}

static void read_arguments(struct bench *bench, int argc, char **argv) {
    static const struct option options[] = {
        {"bootstrap", required_argument, NULL, 'b'}, {"topic", required_argument, NULL, 't'},
        {"executors", required_argument, NULL, 'e'}, {"count", required_argument, NULL, 'c'},
        {"requests", no_argument, NULL, 'r'},        {"loop", no_argument, NULL, 'l'},
        {"group", required_argument, NULL, 'g'},     {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "X:", options, NULL)) != -1) {
        switch (option) {
        case 'b':
            set(bench, "bootstrap.servers", optarg);
            break;
        case 't':
            bench->topic = optarg;
            break;
        case 'e':
            bench->executors = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'c':
            bench->count = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'r':
            bench->has_requests = true;
            break;
        case 'l':
            bench->is_loop = bench->has_requests = true;
            break;
        case 'g':
            bench->group = optarg;
            break;
        case 'X':
            set_pair(bench, optarg);
            break;
        default:
            exit(2);
        }
    }
}

int main(int argc, char **argv) {
    static char results[256];
    struct bench bench = {.executors = 16, .group = "irsa-bench"};
    irsa_log_setup(IRSA_LOG_WARN, IRSA_LOG_LOGFMT);
    read_arguments(&bench, argc, argv);
    if (bench.topic == NULL || bench.count == 0 || irsa_kafka_setting(bench.kafka, "bootstrap.servers") == NULL)
        die("--bootstrap, --topic and --count are needed");
    set(&bench, "group.id", bench.group);
    snprintf(results, sizeof results, "%s.results", bench.topic);
    bench.results_topic = results;
    bench.context = (struct irsa_result_context){results, results, results, bench.group};
    if (bench.is_loop)
        run_loop(&bench);
    else
        run_engine(&bench);
    return 0;
}
