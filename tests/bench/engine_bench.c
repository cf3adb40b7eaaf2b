/*
 * irsa-bench-engine: the engine on any topic, with jobs that cost what their record says.
 *
 *     irsa-bench-engine --bootstrap B --topic T --executors N --count C [--requests] [--loop] [--group G] [-X name=value]…
 *
 * By default a job sleeps as many microseconds as its value says and one result is produced; with --requests a job is a
 * valid request that is decoded, ordered, and told by a result and a state record, and does nothing. --loop does the same
 * without the engine, in one thread that consumes, parses and produces: what is left to compare with. Results go to
 * "<topic>.results". Without --count it goes on until SIGTERM, which drains it; a second one abandons what runs.
 *
 * One JSON line: wall_s from the first start to the last acknowledgement, the CPU of the process, and how late jobs started
 * whose value goes on with the time when they were due ("0 123456789": monotonic, in microseconds; irsa-bench-feed --rate).
 */
#include "tests/bench/engine_bench.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>

#include "core/base/log.h"
#include "core/kafka/settings.h"

void irsa_bench_die(const char *what) {
    fprintf(stderr, "irsa-bench-engine: %s\n", what);
    exit(1);
}

int64_t irsa_bench_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

double irsa_bench_cpu_s(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void irsa_bench_note_start(struct irsa_bench *bench) {
    int64_t none = 0;
    if (bench->first_us == 0)
        atomic_compare_exchange_strong(&bench->first_us, &none, irsa_bench_now_us());
}

static void print_delays(struct irsa_bench_delays *delays) {
    printf(", \"delays\": %zu, \"delay_p50_ms\": %.3f, \"delay_p99_ms\": %.3f, \"delay_max_ms\": %.3f",
           irsa_bench_delays_count(delays), irsa_bench_delays_ms(delays, 0.5), irsa_bench_delays_ms(delays, 0.99),
           irsa_bench_delays_ms(delays, 1));
}

void irsa_bench_print(const struct irsa_bench *bench, uint64_t jobs, int64_t last_us) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu_s = irsa_bench_cpu_s() - bench->cpu_before;
    printf("{\"wall_s\": %.6f, \"jobs\": %llu, \"executors\": %u, \"cpu_s\": %.6f, \"jobs_per_cpu_s\": %.0f, "
           "\"max_rss_kib\": %ld",
           jobs == 0 ? 0 : (double)(last_us - bench->first_us) / 1e6, (unsigned long long)jobs, bench->executors, cpu_s,
           (double)jobs / cpu_s, usage.ru_maxrss);
    if (irsa_bench_delays_count(bench->delays) > 0)
        print_delays(bench->delays);
    printf("}\n");
}

static int open_stop_fd(void) {
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigprocmask(SIG_BLOCK, &stops, NULL);
    return signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void run_engine(struct irsa_bench *bench) {
    struct irsa_error err;
    const struct irsa_job_kind kind = irsa_bench_job_kind(bench);
    const struct irsa_engine_options options = {
        .kafka = bench->kafka,
        .topic = bench->topic,
        .executors = bench->executors,
        .per_cluster = 1024,
        .max_requests = bench->count,
        .stop_fd = open_stop_fd(),
        .kind = &kind,
    };
    struct irsa_engine *engine = irsa_engine_new(&options, &err);
    if (engine == NULL)
        irsa_bench_die(err.message);
    bench->cpu_before = irsa_bench_cpu_s();
    if (!irsa_engine_run(engine, &err))
        irsa_bench_die(err.message);
    struct irsa_engine_figures figures;
    irsa_engine_read_figures(engine, &figures);
    irsa_bench_print(bench, figures.settled, figures.last_settled_ms * 1000);
    irsa_engine_free(engine);
}

/* --- arguments ----------------------------------------------------------------------------------------------------------- */

static void set(struct irsa_bench *bench, const char *name, const char *value) {
    if (bench->kafka.count == IRSA_BENCH_SETTINGS_MAX)
        irsa_bench_die("too many settings");
    bench->settings[bench->kafka.count++] = (struct irsa_pair){name, value};
    bench->kafka.at = bench->settings;
}

static void set_pair(struct irsa_bench *bench, char *pair) {
    char *value = strchr(pair, '=');
    if (value == NULL)
        irsa_bench_die("-X name=value");
    *value = '\0';
    set(bench, pair, value + 1);
}

static void read_arguments(struct irsa_bench *bench, int argc, char **argv) {
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
    struct irsa_bench bench = {.executors = 16, .group = "irsa-bench", .delays = irsa_bench_delays_new()};
    irsa_log_setup(IRSA_LOG_WARN, IRSA_LOG_LOGFMT);
    read_arguments(&bench, argc, argv);
    if (bench.topic == NULL || (bench.count == 0 && bench.is_loop) ||
        irsa_kafka_setting(bench.kafka, "bootstrap.servers") == NULL)
        irsa_bench_die("--bootstrap and --topic are needed, with --loop --count too");
    set(&bench, "group.id", bench.group);
    snprintf(results, sizeof results, "%s.results", bench.topic);
    bench.results_topic = results;
    bench.context = (struct irsa_result_context){results, results, results, bench.group};
    if (bench.is_loop)
        irsa_bench_run_loop(&bench);
    else
        run_engine(&bench);
    irsa_bench_delays_free(bench.delays);
    return 0;
}
