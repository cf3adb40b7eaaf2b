/*
 * Request -> provision -> result.
 */
#include "worker/job.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/contract/names.h"
#include "core/contract/request.h"

#define CALLS_MAX 48 /* kinds of calls that one request can make: fewer than all actions of all clients */

/*
 * What a job knows beyond its record.
 *
 * is_read   the request's data had the right form
 * is_valid  it keeps the rules too: only then is it what irsa.state calls the spec
 */
struct request_job {
    struct irsa_request request;
    bool is_read;
    bool is_valid;
    struct irsa_result result;
    struct irsa_call_count calls[CALLS_MAX];
    size_t call_count;
    unsigned call_total;
};

/* --- accept ------------------------------------------------------------------------------------------------------------ */

/* "<account>/<region>/<cluster>/<namespace>/<name>" with the account resolved: the order of requests goes by it. */
static const char *subject_of(const struct irsa_worker_job *self, struct irsa_job *job, struct irsa_request *request) {
    if (request->cluster.account_id == NULL) {
        const char *key = irsa_request_key(job->arena, request);
        return irsa_arena_format(job->arena, "%s/%s", self->account_id, key);
    }
    return irsa_request_subject(job->arena, request);
}

/* A request with bad names has no subject: put together, they could be those of another account. */
static bool has_good_names(const struct irsa_request *request) {
    const struct irsa_cluster_name *cluster = &request->cluster;
    if (cluster->name == NULL || cluster->region == NULL || irsa_rule_cluster_name(cluster->name) != NULL ||
        irsa_rule_region(cluster->region) != NULL)
        return false;
    if (cluster->account_id != NULL && irsa_rule_account_id(cluster->account_id) != NULL)
        return false;
    const char *name = request->service_account.name;
    return request->action == IRSA_ACTION_ASSOCIATE_OIDC ||
           (name != NULL && irsa_rule_account_name(name) == NULL &&
            irsa_rule_namespace(irsa_request_namespace(request)) == NULL);
}

static bool accept(void *self_pointer, struct irsa_job *job, struct irsa_error *err) {
    const struct irsa_worker_job *self = self_pointer;
    struct request_job *data = IRSA_NEW(job->arena, struct request_job);
    struct irsa_request *request = &data->request;
    job->data = data;
    data->is_valid = irsa_request_decode(job->arena, &job->record, request, err);
    data->is_read = data->is_valid || err->code == IRSA_CODE_INVALID;
    if (data->is_read && has_good_names(request)) {
        job->key = subject_of(self, job, request);
        job->account = request->cluster.account_id != NULL ? request->cluster.account_id : self->account_id;
        job->cluster =
            irsa_arena_format(job->arena, "%s/%s/%s", job->account, request->cluster.region, request->cluster.name);
    }
    job->id = request->event.id;
    job->source = request->event.source;
    job->batch = request->event.correlation_id;
    job->expiry_ms = request->event.id != NULL ? request->event.expiry_ms : IRSA_NO_TIME;
    return data->is_valid;
}

/* One run of a job: what counts its calls. */
struct run_context {
    const struct irsa_worker_job *self;
    struct irsa_job *job;
};

/* --- run --------------------------------------------------------------------------------------------------------------- */

/* Calls of AWS that change nothing are counted apart by AWS itself. */
static bool is_read(const char *action) {
    static const char *const VERBS[] = {"Get", "List", "Describe"};
    for (size_t i = 0; i < sizeof VERBS / sizeof *VERBS; i++)
        if (strncmp(action, VERBS[i], strlen(VERBS[i])) == 0)
            return true;
    return false;
}

static enum irsa_burden burden_of(const struct irsa_called *call) {
    if (strcmp(call->service, "kubernetes") == 0)
        return IRSA_BURDEN_CLUSTER;
    return is_read(call->action) ? IRSA_BURDEN_READS : IRSA_BURDEN_WRITES;
}

/* Is this "service.action" the call's? */
static bool is_named(const char *name, const struct irsa_called *call) {
    size_t length = strlen(call->service);
    return strncmp(name, call->service, length) == 0 && name[length] == '.' &&
           strcmp(name + length + 1, call->action) == 0;
}

static void count_call(void *self, const struct irsa_called *call) {
    const struct run_context *context = self;
    struct irsa_job *job = context->job;
    struct irsa_usage *usage = &job->usage[burden_of(call)];
    irsa_metrics_count_call(context->self->metrics, call);
    usage->calls++;
    usage->throttled += call->code == IRSA_CODE_THROTTLED;
    struct request_job *data = job->data;
    data->call_total++;
    for (size_t i = 0; i < data->call_count; i++)
        if (is_named(data->calls[i].name, call)) {
            data->calls[i].count++;
            return;
        }
    if (data->call_count < CALLS_MAX)
        data->calls[data->call_count++] =
            (struct irsa_call_count){irsa_arena_format(job->arena, "%s.%s", call->service, call->action), 1};
}

static bool has_changed(const struct irsa_result *result) {
    for (size_t i = 0; i < result->step_count; i++)
        if (result->steps[i].changed)
            return true;
    return false;
}

static void put_steps_before(struct irsa_arena *arena, const struct irsa_result *earlier, struct irsa_result *result) {
    size_t count = earlier->step_count + result->step_count;
    struct irsa_step *steps = IRSA_NEW_ARRAY(arena, struct irsa_step, count);
    memcpy(steps, earlier->steps, earlier->step_count * sizeof *steps);
    if (result->step_count > 0)
        memcpy(steps + earlier->step_count, result->steps, result->step_count * sizeof *steps);
    result->steps = steps;
    result->step_count = count;
}

static const char *first_text(const char *a, const char *b) {
    return a != NULL ? a : b;
}

/* A result speaks of the whole request: what earlier attempts have done is there, whatever this one came to. */
static void add_earlier_attempts(struct irsa_arena *arena, const struct irsa_result *earlier,
                                 struct irsa_result *result) {
    if (result->outcome == IRSA_OUTCOME_UNCHANGED && has_changed(earlier))
        result->outcome = IRSA_OUTCOME_SUCCEEDED;
    if (earlier->step_count > 0)
        put_steps_before(arena, earlier, result);
    if (result->notes.count == 0)
        result->notes = earlier->notes;
    result->role_arn = first_text(result->role_arn, earlier->role_arn);
    result->role_id = first_text(result->role_id, earlier->role_id);
    result->service_account_uid = first_text(result->service_account_uid, earlier->service_account_uid);
    result->issuer = first_text(result->issuer, earlier->issuer);
}

static bool run(void *self_pointer, struct irsa_job *job, const struct irsa_run *run, struct irsa_error *err) {
    const struct irsa_worker_job *self = self_pointer;
    struct request_job *data = job->data;
    struct run_context context = {.self = self, .job = job};
    struct irsa_attempt attempt = {
        .arena = job->arena,
        .clock = run->clock,
        .cancel = run->cancel,
        .deadline_ms = run->deadline_ms,
        .called = count_call,
        .self = &context,
        .may_call = run->may_call,
        .holder = run->holder,
    };
    const struct irsa_mark mark = {.topic = job->record.topic,
                                   .partition = job->record.partition,
                                   .offset = job->record.offset,
                                   .timestamp_ms = job->record.timestamp_ms};
    const struct irsa_result earlier = data->result;
    data->result = (struct irsa_result){.outcome = IRSA_OUTCOME_FAILED};
    data->call_count = 0; /* each attempt's result has its own calls */
    data->call_total = 0;
    bool is_done = irsa_provision(self->provisioner, &attempt, &data->request, &mark, &data->result, err);
    add_earlier_attempts(job->arena, &earlier, &data->result);
    return is_done;
}

/* --- report ------------------------------------------------------------------------------------------------------------ */

/* An unreadable record is known by its coordinates, like a bare one. */
static void name_request(const struct irsa_job *job, const struct request_job *data, struct irsa_result *result) {
    const struct irsa_event *event = &data->request.event;
    result->request_id = event->id;
    result->request_source = event->source;
    if (event->id == NULL || event->source == NULL) {
        result->request_id = irsa_arena_format(job->arena, "%s-%d-%lld", job->record.topic, (int)job->record.partition,
                                               (long long)job->record.offset);
        result->request_source = irsa_arena_format(job->arena, "urn:irsa:kafka:%s", job->record.topic);
    }
    bool has_time = event->id != NULL && event->time_ms != IRSA_NO_TIME;
    result->request_time_ms = has_time ? event->time_ms : job->record.timestamp_ms;
    result->action = data->is_read ? irsa_action_name(data->request.action) : NULL;
    result->subject = job->key;
    result->correlation_id = event->correlation_id;
    result->traceparent = event->traceparent;
    result->tracestate = event->tracestate;
}

static void fill_result(const struct irsa_worker_job *self, struct irsa_job *job, const struct irsa_ending *ending) {
    struct request_job *data = job->data;
    struct irsa_result *result = &data->result;
    name_request(job, data, result);
    result->topic = job->record.topic;
    result->partition = job->record.partition;
    result->offset = job->record.offset;
    result->replays = irsa_request_replays(&job->record);
    if (ending->outcome != IRSA_OUTCOME_SUCCEEDED) /* else the provisioner knows which success it was */
        result->outcome = ending->outcome;
    if (ending->err != NULL)
        result->error = *ending->err;
    result->attempt = job->attempt > 0 ? job->attempt : 1;
    result->next_retry_ms = ending->next_retry_ms;
    result->started_ms = job->started_ms != IRSA_NO_TIME ? job->started_ms : ending->finished_ms;
    result->finished_ms = ending->finished_ms;
    result->calls = data->calls;
    result->call_count = data->call_count;
    result->worker = self->worker;
    if (result->account_id == NULL)
        result->account_id = job->account;
    result->is_misplaced = data->is_read && job->key != NULL &&
                           !irsa_request_is_keyed(&job->record, irsa_request_key(job->arena, &data->request));
}

static void log_ending(const struct irsa_job *job, const struct irsa_ending *ending) {
    const struct request_job *data = job->data;
    const struct irsa_result *result = &data->result;
    const char *event = irsa_outcome_is_final(result->outcome) ? "request.settled" : "request.retrying";
    const char *code = result->error.code != IRSA_CODE_NONE ? irsa_code_name(result->error.code) : NULL;
    IRSA_LOG(INFO, event, IRSA_TEXT("outcome", irsa_outcome_name(result->outcome)), IRSA_TEXT("action", result->action),
             IRSA_TEXT("subject", result->subject), IRSA_TEXT("id", result->request_id),
             IRSA_NUMBER("attempt", result->attempt), IRSA_NUMBER("partition", result->partition),
             IRSA_NUMBER("offset", result->offset), IRSA_NUMBER("calls", data->call_total),
             IRSA_NUMBER("duration_ms", ending->finished_ms - result->started_ms), IRSA_TEXT("code", code),
             IRSA_TEXT("error", code != NULL ? result->error.message : NULL));
}

static void add_record(struct irsa_report *report, const struct irsa_record *record) {
    report->records[report->count++] = *record;
}

static void report(void *self_pointer, struct irsa_job *job, const struct irsa_ending *ending,
                   struct irsa_report *out_report) {
    const struct irsa_worker_job *self = self_pointer;
    if (job->data == NULL)
        job->data = IRSA_NEW(job->arena, struct request_job); // to read it would have been one death more
    struct request_job *data = job->data;
    struct irsa_record record;
    fill_result(self, job, ending);
    out_report->count = 0;
    irsa_result_encode(job->arena, &data->result, &self->context, job->record.key, job->record.key_length, &record);
    add_record(out_report, &record);
    if (irsa_outcome_has_state(data->result.outcome) && job->key != NULL) {
        irsa_state_encode(job->arena, &data->result, data->is_valid ? &data->request : NULL, &self->context, &record);
        add_record(out_report, &record);
    }
    if (irsa_outcome_has_dead_letter(data->result.outcome)) {
        irsa_dead_letter_encode(job->arena, &job->record, &data->result, &self->context, &record);
        add_record(out_report, &record);
    }
    irsa_metrics_count_attempt(self->metrics, data->result.action, data->result.outcome, data->result.error.code);
    log_ending(job, ending);
}

struct irsa_job_kind irsa_worker_job_kind(struct irsa_worker_job *self) {
    return (struct irsa_job_kind){.accept = accept, .run = run, .report = report, .self = self};
}
