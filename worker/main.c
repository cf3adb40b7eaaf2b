/*
 * irsa-worker: makes the objects that live as long as the process, runs the engine, and ends with a status that says why.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/base/cancel.h"
#include "core/base/log.h"
#include "core/base/standard.h"
#include "core/base/text.h"
#include "core/contract/names.h"
#include "core/contract/topics.h"
#include "core/kafka/settings.h"
#include "worker/engine/hands.h"
#include "worker/job.h"
#include "worker/monitor.h"
#include "worker/settings.h"
#include "worker/supervisor.h"

#define PROBE_INTERVAL_MS   15000
#define STARTUP_DEADLINE_MS 30000

enum { EXIT_USAGE = 2, EXIT_UNFIT = 4 };

/* Everything that main owns, in the order in which it is made. */
struct worker {
    struct irsa_arena *arena;
    struct irsa_hands *hands; /* NULL: nobody supervises */
    struct irsa_worker_settings settings;
    struct irsa_pairs kafka;
    const char *region;
    int stop_fd;
    struct irsa_http *http;
    struct irsa_aws *aws;
    struct irsa_provisioner *provisioner;
    struct irsa_metrics *metrics;
    struct irsa_monitor *monitor; /* NULL: nothing listens */
    struct irsa_worker_job job;
    struct irsa_engine *engine;
};

/* Secrets are in this process's memory: no core dumps, no debugger of another user. */
static void protect_memory(void) {
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
}

/* A connection takes three descriptors, and there may be one per executor to each of many clusters. */
static void raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* Signals arrive through a descriptor that the engine's loop watches; threads made later inherit the block. */
static int open_stop_fd(void) {
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stops, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool setup_log(const struct irsa_worker_settings *settings, struct irsa_error *err) {
    static const struct {
        const char *name;
        enum irsa_log_format format;
    } FORMATS[] = {{"auto", IRSA_LOG_AUTO}, {"logfmt", IRSA_LOG_LOGFMT}, {"json", IRSA_LOG_JSON}};
    enum irsa_log_level level;
    if (!irsa_log_level_find(settings->log_level, &level))
        return IRSA_FAIL(err, CONFIG, "log.level: %s is none of debug, info, warn, error", settings->log_level);
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++)
        if (strcmp(FORMATS[i].name, settings->log_format) == 0) {
            irsa_log_setup(level, FORMATS[i].format);
            return true;
        }
    return IRSA_FAIL(err, CONFIG, "log.format: %s is none of auto, logfmt, json", settings->log_format);
}

static bool check_guardrails(const struct irsa_worker_settings *settings, struct irsa_error *err) {
    if (settings->guardrails == NULL)
        return IRSA_FAIL(err, CONFIG,
                         "guardrails are not set: whoever can write to the request topic could make any IAM role. Say "
                         "--guardrails off (or IRSA_GUARDRAILS=off) where all of them are trusted with that");
    if (strcmp(settings->guardrails, "off") != 0)
        return IRSA_FAIL(err, CONFIG, "guardrails: this version knows `off` only, not %s", settings->guardrails);
    return true;
}

static bool find_region(struct worker *worker, struct irsa_error *err) {
    static const char *const VARIABLES[] = {"AWS_REGION", "AWS_DEFAULT_REGION"};
    for (size_t i = 0; i < sizeof VARIABLES / sizeof *VARIABLES; i++) {
        worker->region = getenv(VARIABLES[i]);
        if (irsa_text_is_empty(worker->region))
            continue;
        const char *problem = irsa_rule_region(worker->region);
        return problem == NULL || IRSA_FAIL(err, CONFIG, "%s: \"%s\" %s", VARIABLES[i], worker->region, problem);
    }
    return IRSA_FAIL(err, CONFIG, "no region for STS: set AWS_REGION");
}

/* --- making --------------------------------------------------------------------------------------------------------------- */

static bool make_clients(struct worker *worker, struct irsa_error *err) {
    /* as many warm connections to IAM as there can be calls at a time */
    const char *bundle = getenv("AWS_CA_BUNDLE");
    const struct irsa_http_options http = {.ca_bundle = irsa_text_is_empty(bundle) ? NULL : bundle,
                                           .max_idle_per_origin = (size_t)worker->settings.executors};
    worker->http = irsa_http_new(&http, err);
    if (worker->http == NULL)
        return irsa_error_wrap(err, "AWS_CA_BUNDLE");
    struct irsa_aws_options aws = {.transport = irsa_http_transport(worker->http),
                                   .clock = irsa_clock_system(),
                                   .credentials = irsa_credentials_environment(),
                                   .user_agent_extra = getenv("AWS_SDK_UA_APP_ID")};
    if (!irsa_aws_endpoints_read(&aws.endpoints, err))
        return false;
    worker->aws = irsa_aws_new(&aws);
    const struct irsa_provisioner_options provisioner = {
        .aws = worker->aws,
        .transport = irsa_http_transport(worker->http),
        .clock = irsa_clock_system(),
        .region = worker->region,
        .owner = worker->settings.owner,
        .role_path = worker->settings.role_path,
        .protected_policies = worker->settings.protected_patterns,
    };
    worker->provisioner = irsa_provisioner_new(&provisioner);
    return true;
}

static const char *worker_name(struct worker *worker) {
    char host[256] = "worker";
    if (worker->settings.instance_id != NULL)
        return worker->settings.instance_id;
    gethostname(host, sizeof host - 1);
    return irsa_arena_format(worker->arena, "%s-%d", host, (int)getpid());
}

static void describe_job(struct worker *worker, const char *account_id) {
    const char *prefix = worker->settings.topics_prefix;
    worker->job = (struct irsa_worker_job){
        .provisioner = worker->provisioner,
        .context = {.results_topic = irsa_topic_name(worker->arena, prefix, IRSA_TOPIC_RESULTS),
                    .state_topic = irsa_topic_name(worker->arena, prefix, IRSA_TOPIC_STATE),
                    .dead_letters_topic = irsa_topic_name(worker->arena, prefix, IRSA_TOPIC_DEAD_LETTERS),
                    .group_id = irsa_kafka_setting(worker->kafka, "group.id")},
        .account_id = account_id,
        .worker = worker_name(worker),
        .metrics = worker->metrics,
    };
}

/* --- running -------------------------------------------------------------------------------------------------------------- */

static bool is_stopped_within(const struct worker *worker, int duration_ms, struct irsa_error *err) {
    struct pollfd stop = {.fd = worker->stop_fd, .events = POLLIN};
    return poll(&stop, 1, duration_ms) > 0 && !irsa_error_wrap(err, "stopped before AWS said who we are");
}

/*
 * Who are we? Until STS answers there is nothing that could be done right: say so, and ask again. Who stops the worker
 * does not wait for the answer.
 */
static bool wait_for_account(struct worker *worker, const char **out_account_id, struct irsa_error *err) {
    const struct irsa_clock *clock = irsa_clock_system();
    const struct irsa_cancel stop = {.fd = worker->stop_fd};
    for (;;) {
        struct irsa_attempt attempt = {.arena = worker->arena,
                                       .clock = clock,
                                       .cancel = &stop,
                                       .deadline_ms = irsa_clock_monotonic_ms(clock) + STARTUP_DEADLINE_MS};
        if (irsa_provisioner_account(worker->provisioner, &attempt, out_account_id, err))
            return true;
        if (is_stopped_within(worker, 0, err))
            return false;
        IRSA_LOG(ERROR, "worker.halted", IRSA_TEXT("code", irsa_code_name(err->code)), IRSA_TEXT("error", err->message),
                 IRSA_TEXT("service", err->service), IRSA_NUMBER("retry_in_ms", PROBE_INTERVAL_MS));
        if (is_stopped_within(worker, PROBE_INTERVAL_MS, err))
            return false;
    }
}

static bool run_engine(struct worker *worker, struct irsa_error *err) {
    const struct irsa_worker_settings *settings = &worker->settings;
    const struct irsa_job_kind kind = irsa_worker_job_kind(&worker->job);
    const struct irsa_engine_options options = {
        .kafka = worker->kafka,
        .topic = irsa_topic_name(worker->arena, settings->topics_prefix, IRSA_TOPIC_REQUESTS),
        .control_topic = irsa_topic_name(worker->arena, settings->topics_prefix, IRSA_TOPIC_CONTROL),
        .executors = (unsigned)settings->executors,
        .per_cluster = (unsigned)settings->executors_per_cluster,
        .max_attempts = (unsigned)settings->max_attempts,
        .attempt_deadline_ms = settings->attempt_deadline_ms,
        .drain_ms = settings->drain_ms,
        .max_requests = (uint64_t)settings->max_requests,
        .until_idle = settings->until_idle,
        .leave = settings->leave,
        .stop_fd = worker->stop_fd,
        .hands = worker->hands,
        .clock = irsa_clock_system(),
        .kind = &kind,
    };
    worker->engine = irsa_engine_new(&options, err);
    if (worker->engine == NULL)
        return false;
    irsa_monitor_watch(worker->monitor, worker->engine);
    bool is_done = irsa_engine_run(worker->engine, err);
    irsa_monitor_watch(worker->monitor, NULL);
    return is_done;
}

static bool open_monitor(struct worker *worker, struct irsa_error *err) {
    worker->metrics = irsa_metrics_new();
    if (worker->settings.listen == NULL)
        return true;
    worker->monitor = irsa_monitor_open(worker->settings.listen, worker->metrics, err);
    return worker->monitor != NULL;
}

static bool run_worker(struct worker *worker, struct irsa_error *err) {
    const char *account_id;
    if (!find_region(worker, err) || !irsa_kafka_settings_check(worker->kafka, err) || !make_clients(worker, err) ||
        !open_monitor(worker, err) || !wait_for_account(worker, &account_id, err))
        return false;
    describe_job(worker, account_id);
    IRSA_LOG(WARN, "guardrails.off",
             IRSA_TEXT("meaning", "whoever can write to the request topic can make any IAM role"));
    IRSA_LOG(INFO, "worker.started", IRSA_TEXT("version", IRSA_VERSION), IRSA_TEXT("worker", worker->job.worker),
             IRSA_TEXT("account", account_id), IRSA_TEXT("group", worker->job.context.group_id),
             IRSA_TEXT("topics_prefix", worker->settings.topics_prefix),
             IRSA_NUMBER("executors", worker->settings.executors), IRSA_TEXT("kafka", irsa_kafka_version()));
    bool is_done = run_engine(worker, err);
    IRSA_LOG(INFO, "worker.stopped", IRSA_TEXT("worker", worker->job.worker));
    return is_done;
}

static void release(struct worker *worker) {
    irsa_monitor_close(worker->monitor);
    irsa_engine_free(worker->engine);
    irsa_metrics_free(worker->metrics);
    irsa_provisioner_free(worker->provisioner);
    irsa_aws_free(worker->aws);
    irsa_http_free(worker->http);
    irsa_hands_free(worker->hands);
    irsa_arena_free(worker->arena);
}

/* --- from the command line on --------------------------------------------------------------------------------------------- */

static bool read_settings(struct worker *worker, int argc, char **argv, enum irsa_worker_wish *out_wish) {
    struct irsa_error err;
    if (irsa_worker_settings_read(worker->arena, argc, argv, &worker->settings, &worker->kafka, out_wish, &err) &&
        (*out_wish != IRSA_WORKER_RUN ||
         (setup_log(&worker->settings, &err) && check_guardrails(&worker->settings, &err))))
        return true;
    fprintf(stderr, "irsa-worker: %s\n", err.message);
    return false;
}

/*
 * Have a parent watch from here on, if that is wished for. It forgets the settings, for there are secrets among them; each
 * child reads them anew. True in the process that is to work; else it ends with the status.
 */
static bool begin(struct worker *worker, int argc, char **argv, int *out_status) {
    struct irsa_error err;
    enum irsa_worker_wish wish;
    protect_memory();
    if (!worker->settings.supervise)
        return true;
    worker->hands = irsa_hands_new(IRSA_EXECUTORS_MAX, &err);
    if (worker->hands == NULL) {
        IRSA_LOG(WARN, "supervisor.absent", IRSA_TEXT("error", err.message));
        return true;
    }
    irsa_arena_clear(worker->arena);
    if (!irsa_supervise(worker->hands, out_status))
        return false;
    *out_status = EXIT_USAGE;
    return read_settings(worker, argc, argv, &wish);
}

static int run(struct worker *worker) {
    struct irsa_error err;
    raise_descriptor_limit();
    worker->stop_fd = open_stop_fd();
    if (run_worker(worker, &err))
        return EXIT_SUCCESS;
    IRSA_LOG(ERROR, "worker.failed", IRSA_TEXT("code", irsa_code_name(err.code)), IRSA_TEXT("error", err.message));
    return EXIT_UNFIT;
}

int main(int argc, char **argv) {
    struct worker worker = {.arena = irsa_arena_new()};
    enum irsa_worker_wish wish;
    int status = EXIT_SUCCESS;
    irsa_standard_occupy();
    if (!read_settings(&worker, argc, argv, &wish))
        status = EXIT_USAGE;
    else if (wish == IRSA_WORKER_HELP)
        fputs(irsa_worker_help(worker.arena), stdout);
    else if (wish == IRSA_WORKER_VERSION)
        printf("irsa-worker %s (%s)\n", IRSA_VERSION, irsa_kafka_version());
    else if (begin(&worker, argc, argv, &status))
        status = run(&worker);
    release(&worker);
    return status;
}
