/*
 * The transport that calls the sandbox, the clock, and the helpers of provisioning tests.
 */
#include "tests/support/stage.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/base/url.h"
#include "core/contract/request.h"
#include "tests/support/test.h"

#define ACCOUNT           "111122223333"
#define AWS_URL           "http://127.0.0.1:1"
#define ATTEMPT_MS        INT64_C(120000)
#define MAX_ATTEMPTS      10
#define CONTROL_MAX_BYTES ((size_t)8 * 1024 * 1024)

static const struct irsa_sandbox_cluster_options CLUSTERS[] = {
    {.name = "cluster-13", .region = "us-west-2", .account_id = ACCOUNT},
    {.name = "cluster-14", .region = "us-west-2", .account_id = ACCOUNT},
};

/* --- the clock ------------------------------------------------------------------------------------------------------------- */

static int64_t stage_now(void *self) {
    return ((struct stage *)self)->now_ms;
}

static bool stage_sleep(void *self, int64_t duration_ms, const struct irsa_cancel *cancel) {
    (void)cancel;
    ((struct stage *)self)->now_ms += duration_ms;
    return true;
}

/* --- the transport ---------------------------------------------------------------------------------------------------------- */

static bool is_aws(const struct stage *stage, const char *url) {
    if (stage->place == NULL)
        return irsa_text_starts_with(url, AWS_URL);
    for (size_t i = 0; i < COUNT_OF(stage->place->hosts); i++)
        if (irsa_text_starts_with(url, irsa_arena_format(stage->arena, "https://%s/", stage->place->hosts[i])))
            return true;
    return false;
}

static struct irsa_sandbox_origin origin_of(struct stage *stage, const char *url) {
    for (size_t i = 0; i < irsa_sandbox_cluster_count(stage->sandbox); i++)
        if (irsa_text_starts_with(url, irsa_sandbox_endpoint(stage->sandbox, i)))
            return (struct irsa_sandbox_origin){IRSA_SANDBOX_KUBERNETES, i};
    if (!is_aws(stage, url))
        fail_msg("a call to %s, where nobody is", url);
    return (struct irsa_sandbox_origin){IRSA_SANDBOX_AWS, 0};
}

static const char *lower(struct irsa_arena *arena, const char *text) {
    char *copy = irsa_arena_copy(arena, text);
    for (char *c = copy; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    return copy;
}

static struct irsa_httpd_request to_request(struct irsa_arena *arena, const struct irsa_http_call *call) {
    struct irsa_url url;
    struct irsa_error err;
    assert_ok(irsa_url_parse(arena, call->url, &url, &err), err);
    struct irsa_httpd_field *headers = IRSA_NEW_ARRAY(arena, struct irsa_httpd_field, call->header_count + 1);
    size_t count = 0;
    bool has_host = false;
    for (size_t i = 0; i < call->header_count; i++) {
        headers[count] = (struct irsa_httpd_field){lower(arena, call->headers[i].name), call->headers[i].value};
        has_host = has_host || strcmp(headers[count].name, "host") == 0;
        count++;
    }
    if (!has_host)
        headers[count++] = (struct irsa_httpd_field){"host", url.authority};
    return (struct irsa_httpd_request){
        .method = call->method,
        .target = *url.query == '\0' ? url.path : irsa_arena_format(arena, "%s?%s", url.path, url.query),
        .path = url.path,
        .query = url.query,
        .headers = headers,
        .header_count = count,
        .body = call->body != NULL ? irsa_arena_copy_bytes(arena, call->body, call->body_length) : "",
        .body_length = call->body_length,
        .arena = arena,
    };
}

static void from_reply(struct irsa_arena *arena, const struct irsa_httpd_reply *reply, struct irsa_http_reply *out) {
    struct irsa_http_header *headers = IRSA_NEW_ARRAY(arena, struct irsa_http_header, reply->header_count + 1);
    for (size_t i = 0; i < reply->header_count; i++)
        headers[i] = (struct irsa_http_header){lower(arena, reply->headers[i].name), reply->headers[i].value};
    *out = (struct irsa_http_reply){
        .status = reply->status,
        .body = reply->body != NULL ? irsa_arena_copy_bytes(arena, reply->body, reply->body_length) : "",
        .body_length = reply->body_length,
        .headers = headers,
        .header_count = reply->header_count,
    };
}

static bool call_sandbox(struct stage *stage, const struct irsa_http_call *call, struct irsa_arena *arena,
                         struct irsa_http_reply *out_reply, struct irsa_error *err) {
    struct irsa_httpd_request request = to_request(arena, call);
    struct irsa_httpd_reply reply = {0};
    irsa_sandbox_handle(stage->sandbox, origin_of(stage, call->url), &request, &reply);
    if (reply.again_ms > 0) {
        stage->now_ms += reply.again_ms;
        request.is_again = true;
        reply = (struct irsa_httpd_reply){0};
        irsa_sandbox_handle(stage->sandbox, origin_of(stage, call->url), &request, &reply);
    }
    stage->now_ms += reply.delay_ms;
    if (reply.fault != IRSA_HTTPD_NO_FAULT)
        return IRSA_FAIL(err, UNAVAILABLE, "the connection was lost");
    from_reply(arena, &reply, out_reply);
    return true;
}

static bool stage_exchange(void *self, const struct irsa_http_call *call, struct irsa_arena *arena,
                           struct irsa_http_reply *out_reply, struct irsa_error *err) {
    struct stage *stage = self;
    bool is_due = ++stage->calls == stage->fault_at && stage->fault != STAGE_NO_FAULT;
    if (stage->is_dead)
        return IRSA_FAIL(err, UNAVAILABLE, "the process is dead");
    if (!is_due)
        return call_sandbox(stage, call, arena, out_reply, err);
    stage->is_dead = stage->dies;
    if (stage->fault == STAGE_LOSE_BEFORE)
        return IRSA_FAIL(err, UNAVAILABLE, "the connection was reset");
    bool has_answer = call_sandbox(stage, call, arena, out_reply, err);
    if (stage->fault == STAGE_SEND_TWICE)
        return call_sandbox(stage, call, arena, out_reply, err);
    return has_answer &&
           IRSA_FAIL(err, UNAVAILABLE,
                     stage->fault == STAGE_CUT_SHORT ? "the answer was cut short" : "the answer was lost");
}

/* --- the stage ----------------------------------------------------------------------------------------------------------------- */

static bool stage_keys(void *self, struct irsa_credentials *out, struct irsa_error *err) {
    (void)self;
    (void)err;
    char key_id[IRSA_SANDBOX_KEY_BYTES], secret[IRSA_SANDBOX_SECRET_BYTES];
    irsa_sandbox_keys(ACCOUNT, key_id, secret);
    *out = (struct irsa_credentials){.expires_ms = IRSA_NO_TIME};
    (void)snprintf(out->access_key_id, sizeof out->access_key_id, "%s", key_id);
    (void)snprintf(out->secret_access_key, sizeof out->secret_access_key, "%s", secret);
    return true;
}

static void make_worker(struct stage *stage) {
    struct irsa_aws_options aws = {
        .transport = &stage->transport,
        .clock = &stage->clock,
        .credentials = &stage->credentials,
    };
    for (size_t i = 0; stage->place == NULL && i < COUNT_OF(aws.endpoints.url); i++)
        aws.endpoints.url[i] = stage->aws_url;
    stage->aws = irsa_aws_new(&aws);
    const struct irsa_provisioner_options provisioner = {.aws = stage->aws,
                                                         .transport = &stage->transport,
                                                         .clock = &stage->clock,
                                                         .region =
                                                             stage->place != NULL ? stage->place->region : "us-west-2"};
    stage->provisioner = irsa_provisioner_new(&provisioner);
}

static void free_worker(struct stage *stage) {
    irsa_provisioner_free(stage->provisioner);
    irsa_aws_free(stage->aws);
}

static void open_with(struct stage *stage, const struct stage_place *place, struct irsa_sandbox_options options) {
    *stage =
        (struct stage){.arena = irsa_arena_new(), .now_ms = INT64_C(1790000000000), .place = place, .aws_url = AWS_URL};
    stage->clock =
        (struct irsa_clock){.now_ms = stage_now, .monotonic_ms = stage_now, .sleep_ms = stage_sleep, .self = stage};
    stage->transport = (struct irsa_transport){.exchange = stage_exchange, .self = stage};
    stage->credentials = (struct irsa_credentials_source){.fetch = stage_keys};
    options.clock = &stage->clock;
    irsa_log_setup(IRSA_LOG_ERROR, IRSA_LOG_LOGFMT);
    stage->sandbox = irsa_sandbox_new(&options);
    make_worker(stage);
}

void stage_open(struct stage *stage) {
    open_with(stage, NULL, (struct irsa_sandbox_options){.clusters = CLUSTERS, .cluster_count = COUNT_OF(CLUSTERS)});
}

void stage_open_at(struct stage *stage, const struct stage_place *place) {
    const struct irsa_sandbox_cluster_options cluster = {
        .name = "cluster-13", .region = place->region, .account_id = ACCOUNT};
    open_with(stage, place, (struct irsa_sandbox_options){.clusters = &cluster, .cluster_count = 1});
    stage_control(stage, "POST", "/model", "{\"strictRegions\":true}");
}

void stage_close(struct stage *stage) {
    free_worker(stage);
    irsa_sandbox_free(stage->sandbox);
    irsa_arena_free(stage->arena);
}

void stage_restart(struct stage *stage) {
    free_worker(stage);
    make_worker(stage);
    stage->is_dead = false;
}

void stage_fault(struct stage *stage, enum stage_fault fault, unsigned at, bool dies) {
    stage->fault = fault;
    stage->fault_at = at;
    stage->dies = dies;
    stage->is_dead = false;
    stage->calls = 0;
}

bool stage_attempt(struct stage *stage, const char *data, int64_t offset, struct irsa_result *out_result,
                   struct irsa_error *err) {
    const struct irsa_record record = {.topic = "irsa.requests",
                                       .partition = 0,
                                       .offset = offset,
                                       .timestamp_ms = INT64_C(1790000000000) + offset,
                                       .value = data,
                                       .value_length = strlen(data)};
    struct irsa_request request;
    if (!irsa_request_decode(stage->arena, &record, &request, err))
        fail_msg("the test's own request: %s (%s)", err->message, data);
    struct irsa_attempt attempt = {
        .arena = stage->arena, .clock = &stage->clock, .deadline_ms = stage->now_ms + ATTEMPT_MS};
    const struct irsa_mark mark = {.topic = record.topic,
                                   .partition = record.partition,
                                   .offset = record.offset,
                                   .timestamp_ms = record.timestamp_ms};
    *out_result = (struct irsa_result){.outcome = IRSA_OUTCOME_FAILED};
    return irsa_provision(stage->provisioner, &attempt, &request, &mark, out_result, err);
}

bool stage_deliver(struct stage *stage, const char *data, int64_t offset, struct irsa_result *out_result,
                   struct irsa_error *err) {
    for (int i = 0; i < MAX_ATTEMPTS; i++) {
        if (stage_attempt(stage, data, offset, out_result, err) && !stage->is_dead)
            return true;
        if (stage->is_dead)
            stage_restart(stage);
        else if (irsa_code_fate(err->code) != IRSA_FATE_RETRY)
            return false;
        stage->now_ms += 1000; /* the engine's back-off */
    }
    return false;
}

struct irsa_result stage_must_deliver(struct stage *stage, const char *data, int64_t offset) {
    struct irsa_result result;
    struct irsa_error err;
    if (!stage_deliver(stage, data, offset, &result, &err))
        fail_msg("%s: %s", irsa_code_name(err.code), err.message);
    return result;
}

int stage_set_up(void **state) {
    *state = malloc(sizeof(struct stage));
    stage_open(*state);
    return 0;
}

int stage_tear_down(void **state) {
    stage_close(*state);
    free(*state);
    return 0;
}

const struct irsa_json *stage_control(struct stage *stage, const char *method, const char *path, const char *body) {
    const struct irsa_httpd_request request = {
        .method = method,
        .target = path,
        .path = path,
        .query = "",
        .body = body != NULL ? body : "",
        .body_length = body != NULL ? strlen(body) : 0,
        .arena = stage->arena,
    };
    struct irsa_httpd_reply reply = {0};
    const struct irsa_json *answer = NULL;
    struct irsa_error err;
    irsa_sandbox_handle(stage->sandbox, (struct irsa_sandbox_origin){IRSA_SANDBOX_CONTROL, 0}, &request, &reply);
    if (reply.status / 100 != 2)
        fail_msg("%s %s: %d %.*s", method, path, reply.status, (int)reply.body_length, reply.body);
    if (reply.body_length == 0)
        return NULL;
    const struct irsa_json_limits limits = {.max_bytes = CONTROL_MAX_BYTES, .max_depth = 64};
    assert_ok(irsa_json_parse(stage->arena, reply.body, reply.body_length, limits, &answer, &err), err);
    return answer;
}

/* --- comparing worlds ------------------------------------------------------------------------------------------------------------- */

static bool is_volatile(const char *key) {
    static const char *const KEYS[] = {"roleId", "uid", "resourceVersion", "creationTimestamp", "time"};
    for (size_t i = 0; i < COUNT_OF(KEYS); i++)
        if (key != NULL && strcmp(KEYS[i], key) == 0)
            return true;
    return false;
}

static void write_stable(struct irsa_json_writer *w, const struct irsa_json *value) {
    if (is_volatile(value->key))
        return;
    switch (value->kind) {
    case IRSA_JSON_OBJECT:
        irsa_json_open_object(w, value->key);
        for (const struct irsa_json *child = value->first; child != NULL; child = child->next)
            write_stable(w, child);
        irsa_json_close_object(w);
        break;
    case IRSA_JSON_ARRAY:
        irsa_json_open_array(w, value->key);
        for (const struct irsa_json *child = value->first; child != NULL; child = child->next)
            write_stable(w, child);
        irsa_json_close_array(w);
        break;
    case IRSA_JSON_NULL:
    case IRSA_JSON_FALSE:
    case IRSA_JSON_TRUE:
    case IRSA_JSON_NUMBER:
    case IRSA_JSON_STRING:
        irsa_json_add_value(w, value->key, value);
        break;
    }
}

const char *stage_world(struct stage *stage) {
    struct irsa_text text;
    struct irsa_json_writer w;
    irsa_text_init(&text, stage->arena, CONTROL_MAX_BYTES);
    irsa_json_begin(&w, &text);
    write_stable(&w, stage_control(stage, "GET", "/world", NULL));
    return text.at;
}

static int by_name(const void *a, const void *b) {
    const struct irsa_json *const *x = a, *const *y = b;
    return strcmp((*x)->key, (*y)->key);
}

static const struct irsa_json *counts_of(struct stage *stage) {
    return irsa_json_get(stage_control(stage, "GET", "/calls", NULL), "counts");
}

static int64_t count_named(const struct irsa_json *counts, const char *name) {
    int64_t count = 0;
    const struct irsa_json *entry = irsa_json_get(counts, name);
    return entry != NULL && irsa_json_integer(entry, &count) ? count : 0;
}

const char *stage_calls(struct stage *stage) {
    const struct irsa_json *counts = counts_of(stage);
    const struct irsa_json **sorted = IRSA_NEW_ARRAY(stage->arena, const struct irsa_json *, counts->count);
    struct irsa_text text;
    size_t count = 0;
    for (const struct irsa_json *entry = counts->first; entry != NULL; entry = entry->next)
        sorted[count++] = entry;
    qsort(sorted, count, sizeof *sorted, by_name);
    irsa_text_init(&text, stage->arena, 4096);
    for (size_t i = 0; i < count; i++) {
        int64_t calls = count_named(counts, sorted[i]->key) - count_named(stage->forgotten_calls, sorted[i]->key);
        if (calls > 0)
            irsa_text_addf(&text, "%s%s %lld", text.length == 0 ? "" : ", ", sorted[i]->key, (long long)calls);
    }
    return text.at;
}

void stage_forget_calls(struct stage *stage) {
    stage->forgotten_calls = counts_of(stage);
}
