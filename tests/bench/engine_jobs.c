/*
 * Jobs of irsa-bench-engine: those that sleep as long as their record says, and requests that nothing is done for.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "core/base/arena.h"
#include "core/contract/request.h"
#include "tests/bench/engine_bench.h"

/* --- jobs that sleep ----------------------------------------------------------------------------------------------------- */

static bool accept_length(void *self, struct irsa_job *job, struct irsa_error *err) {
    (void)self;
    (void)err;
    if (job->record.key != NULL)
        job->key = job->record.key; // followed by a NUL
    return true;
}

/* One whose worker gives the partition up ends at once: a job that hangs is what a rebalance waits for. */
static bool sleep_us(long length_us, const struct irsa_run *run, struct irsa_error *err) {
    static _Thread_local bool is_precise;
    if (!is_precise)
        prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); // a sleep overshoots by 73 us else
    is_precise = true;
    const struct timespec length = {.tv_sec = length_us / 1000000, .tv_nsec = length_us % 1000000 * 1000};
    if (ppoll(&(struct pollfd){.fd = run->cancel->fd, .events = POLLIN}, 1, &length, NULL) == 0)
        return true;
    return IRSA_FAIL(err, UNAVAILABLE, "the job was cancelled");
}

/* The value: how long it takes, and, when somebody wants to know how late it is, when it was due. */
static bool run_length(void *self, struct irsa_job *job, const struct irsa_run *run, struct irsa_error *err) {
    struct irsa_bench *bench = self;
    char *rest = NULL;
    irsa_bench_note_start(bench);
    long length_us = job->record.value == NULL ? 0 : strtol(job->record.value, &rest, 10);
    if (rest != NULL && *rest == ' ')
        irsa_bench_delays_note(bench->delays, irsa_bench_now_us() - strtoll(rest, NULL, 10));
    return length_us <= 0 || sleep_us(length_us, run, err);
}

static void report_length(void *self, struct irsa_job *job, const struct irsa_ending *ending,
                          struct irsa_report *out_report) {
    const struct irsa_bench *bench = self;
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
    irsa_bench_note_start(self);
    return true;
}

static void fill_result(const struct irsa_job *job, const struct irsa_ending *ending, struct irsa_result *out_result) {
    const struct irsa_request *request = job->data;
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
    const struct irsa_bench *bench = self;
    struct irsa_result result;
    fill_result(job, ending, &result);
    irsa_result_encode(job->arena, &result, &bench->context, job->record.key, job->record.key_length,
                       &out_report->records[0]);
    irsa_state_encode(job->arena, &result, job->data, &bench->context, &out_report->records[1]);
    out_report->count = 2;
}

struct irsa_job_kind irsa_bench_job_kind(struct irsa_bench *bench) {
    if (bench->has_requests)
        return (struct irsa_job_kind){
            .accept = accept_request, .run = run_nothing, .report = report_request, .self = bench};
    return (struct irsa_job_kind){.accept = accept_length, .run = run_length, .report = report_length, .self = bench};
}
