/*
 * Writing results and irsa.state.
 *
 * A result is bounded by construction: its lists have budgets and its texts a length. Should the escapes of strange texts
 * still make it too long, it is written again in a scant form that always fits.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/contract/event.h"
#include "core/contract/ids.h"
#include "core/contract/request.h"
#include "core/contract/result_table.h"

#define TARGET_BYTES 512 /* of a step */
#define SPEC_BYTES   (2 * IRSA_REQUEST_MAX_BYTES)

static const char cut_mark[] = "…";

/* How much may be written of each part. */
struct amounts {
    size_t text_bytes;  /* of each text, before it is escaped */
    size_t steps_bytes; /* of all steps, as written */
    size_t list_bytes;  /* of foreign, notes and calls, each */
};
static const struct amounts ample = {
    .text_bytes = 2048, .steps_bytes = (size_t)36 * 1024, .list_bytes = (size_t)4 * 1024};
static const struct amounts scant = {.text_bytes = 256};

struct writing {
    struct irsa_arena *arena;
    const struct irsa_result *result;
    const struct amounts *amounts;
    struct irsa_json_writer *w;
};

/* At most `max` bytes, cut between characters, and the mark. */
static const char *cut(struct irsa_arena *arena, const char *text, size_t max) {
    if (text == NULL || strlen(text) <= max)
        return text;
    size_t length = max - (sizeof cut_mark - 1);
    while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
        length--;
    return irsa_arena_format(arena, "%.*s%s", (int)length, text, cut_mark);
}

static void add_text(const struct writing *x, const char *key, const char *text) {
    irsa_json_add_text(x->w, key, cut(x->arena, text, x->amounts->text_bytes));
}

static void add_time(const struct writing *x, const char *key, int64_t time_ms) {
    char text[IRSA_TIMESTAMP_BYTES];
    if (time_ms == IRSA_NO_TIME)
        return;
    irsa_timestamp_format(time_ms, text);
    irsa_json_add_text(x->w, key, text);
}

/* A request that breaks the rules for names has none that could be told by. */
static const char *subject_of(const struct irsa_result *result) {
    return result->subject == NULL || irsa_rule_subject(result->subject) != NULL ? NULL : result->subject;
}

static void add_row(const struct writing *x, const struct irsa_result_row *row) {
    const void *value = (const char *)x->result + row->offset;
    switch (row->kind) {
    case IRSA_RESULT_TEXT:
        add_text(x, row->key, *(const char *const *)value);
        break;
    case IRSA_RESULT_TIME:
        add_time(x, row->key, *(const int64_t *)value);
        break;
    case IRSA_RESULT_INTEGER:
        irsa_json_add_integer(x->w, row->key, *(const int64_t *)value);
        break;
    case IRSA_RESULT_SMALL:
        irsa_json_add_integer(x->w, row->key, *(const int32_t *)value);
        break;
    case IRSA_RESULT_UNSIGNED:
        irsa_json_add_integer(x->w, row->key, *(const unsigned *)value);
        break;
    }
}

static void add_rows(const struct writing *x, const struct irsa_result_rows *rows) {
    for (size_t i = 0; i < rows->count; i++)
        add_row(x, &rows->at[i]);
}

static const char *step_text(struct irsa_arena *arena, const struct irsa_step *step) {
    struct irsa_text out;
    struct irsa_json_writer w;
    irsa_text_init(&out, arena, SIZE_MAX);
    irsa_json_begin(&w, &out);
    irsa_json_open_object(&w, NULL);
    irsa_json_add_text(&w, "name", step->name);
    irsa_json_add_text(&w, "target", cut(arena, step->target, TARGET_BYTES));
    irsa_json_add_boolean(&w, "changed", step->changed);
    irsa_json_add_text(&w, "awsRequestID", step->aws_request_id);
    irsa_json_close_object(&w);
    return out.at;
}

static void add_steps(const struct writing *x) {
    const struct irsa_result *result = x->result;
    size_t most = result->step_count < IRSA_RESULT_MAX_STEPS ? result->step_count : IRSA_RESULT_MAX_STEPS;
    size_t bytes = 0;
    size_t i = 0;
    irsa_json_open_array(x->w, "steps");
    for (; i < most; i++) {
        const char *step = step_text(x->arena, &result->steps[i]);
        bytes += strlen(step) + 1;
        if (bytes > x->amounts->steps_bytes)
            break;
        irsa_json_add_raw(x->w, NULL, step);
    }
    irsa_json_close_array(x->w);
    size_t omitted = result->steps_omitted + result->step_count - i;
    if (omitted > 0)
        irsa_json_add_integer(x->w, "stepsOmitted", (int64_t)omitted);
}

static void add_list(const struct writing *x, const char *key, const struct irsa_strings *texts) {
    if (texts->count == 0)
        return;
    size_t bytes = 0;
    irsa_json_open_array(x->w, key);
    for (size_t i = 0; i < texts->count; i++) {
        bytes += strlen(texts->at[i]);
        if (bytes > x->amounts->list_bytes)
            break;
        irsa_json_add_text(x->w, NULL, texts->at[i]);
    }
    irsa_json_close_array(x->w);
}

static void add_calls(const struct writing *x) {
    size_t bytes = 0;
    irsa_json_open_object(x->w, "calls");
    for (size_t i = 0; i < x->result->call_count; i++) {
        bytes += strlen(x->result->calls[i].name);
        if (bytes > x->amounts->list_bytes)
            break;
        irsa_json_add_integer(x->w, x->result->calls[i].name, x->result->calls[i].count);
    }
    irsa_json_close_object(x->w);
}

static const char *text_or_absent(const char *text) {
    return text[0] == '\0' ? NULL : text;
}

static void add_error(const struct writing *x) {
    const struct irsa_error *error = &x->result->error;
    if (error->code == IRSA_CODE_NONE)
        return;
    irsa_json_open_object(x->w, "error");
    irsa_json_add_text(x->w, "code", irsa_code_name(error->code));
    add_text(x, "message", error->message[0] == '\0' ? irsa_code_meaning(error->code) : error->message);
    irsa_json_add_text(x->w, "service", text_or_absent(error->service));
    irsa_json_add_text(x->w, "upstream", text_or_absent(error->upstream));
    irsa_json_add_boolean(x->w, "retryable", irsa_code_fate(error->code) == IRSA_FATE_RETRY);
    irsa_json_close_object(x->w);
}

static void add_members(const struct writing *x) {
    irsa_json_open_object(x->w, "request");
    add_rows(x, &irsa_result_request_rows);
    irsa_json_close_object(x->w);
    irsa_json_add_text(x->w, "outcome", irsa_outcome_name(x->result->outcome));
    add_rows(x, &irsa_result_rows);
    add_steps(x);
    add_list(x, "foreign", &x->result->foreign);
    add_list(x, "notes", &x->result->notes);
    add_error(x);
    add_calls(x);
    if (x->result->is_misplaced)
        irsa_json_add_boolean(x->w, "keyed", false);
}

/* The object is left open, so that irsa.state can add to it. */
static void write_result(struct irsa_arena *arena, const struct irsa_result *result, struct irsa_text *out,
                         struct irsa_json_writer *w) {
    static const struct amounts *const amounts[] = {&ample, &scant};
    struct irsa_result told = *result;
    told.subject = subject_of(result);
    for (int i = 0; i < 2; i++) {
        irsa_text_init(out, arena, IRSA_RESULT_MAX_BYTES - 1);
        irsa_json_begin(w, out);
        irsa_json_open_object(w, NULL);
        add_members(&(struct writing){.arena = arena, .result = &told, .amounts = amounts[i], .w = w});
        if (!out->is_over)
            return;
    }
}

static const char *result_id(struct irsa_arena *arena, const struct irsa_result *result) {
    char *id = irsa_arena_alloc(arena, IRSA_UUID_BYTES);
    if (irsa_outcome_is_final(result->outcome))
        irsa_final_id(result->request_source, result->request_id, result->replays, id);
    else
        irsa_retrying_id(result->request_source, result->request_id, result->replays, result->attempt, id);
    return id;
}

/* The event around a result; `key` is of the record, if it is text. */
static void set_headers(struct irsa_arena *arena, const struct irsa_result *result,
                        const struct irsa_result_context *context, struct irsa_record *record) {
    struct irsa_event event = {.time_ms = result->finished_ms, .expiry_ms = IRSA_NO_TIME};
    event.id = result_id(arena, result);
    event.source = irsa_arena_format(arena, "urn:irsa:workers:%s", context->group_id);
    event.type = irsa_arena_format(arena, "dev.irsa.iamserviceaccount.%s.v1", irsa_outcome_name(result->outcome));
    event.subject = subject_of(result);
    event.causation_id = result->request_id;
    event.correlation_id = result->correlation_id;
    event.traceparent = result->traceparent;
    event.tracestate = result->tracestate;
    if (record->key != NULL && irsa_utf8_valid_prefix(record->key, record->key_length) == record->key_length) {
        const char *key = irsa_arena_copy_bytes(arena, record->key, record->key_length);
        event.partition_key = irsa_rule_event_text(key) == NULL ? key : NULL;
    }
    record->headers = irsa_event_headers(arena, &event, &record->header_count);
}

void irsa_result_encode(struct irsa_arena *arena, const struct irsa_result *result,
                        const struct irsa_result_context *context, const void *key, size_t key_length,
                        struct irsa_record *out_record) {
    struct irsa_text out;
    struct irsa_json_writer w;
    write_result(arena, result, &out, &w);
    out.max = IRSA_RESULT_MAX_BYTES;
    irsa_json_close_object(&w);
    *out_record = (struct irsa_record){.topic = context->results_topic,
                                       .partition = -1,
                                       .offset = -1,
                                       .timestamp_ms = IRSA_NO_TIME,
                                       .key = key,
                                       .key_length = key_length,
                                       .value = out.at,
                                       .value_length = out.length};
    set_headers(arena, result, context, out_record);
}

/* What was applied: the service account with its namespace spelt out, and the options. */
static void add_spec(const struct irsa_request *request, struct irsa_json_writer *w) {
    irsa_json_open_object(w, "spec");
    if (request->action != IRSA_ACTION_ASSOCIATE_OIDC) {
        struct irsa_service_account account = request->service_account;
        account.namespace_name = irsa_request_namespace(request);
        irsa_fields_encode(&irsa_service_account_fields, &account, "serviceAccount", w);
    }
    if (irsa_fields_are_present(&irsa_options_fields, &request->options))
        irsa_fields_encode(&irsa_options_fields, &request->options, "options", w);
    irsa_json_close_object(w);
}

static bool is_gone(const struct irsa_result *result, const struct irsa_request *request) {
    bool is_done = result->outcome == IRSA_OUTCOME_SUCCEEDED || result->outcome == IRSA_OUTCOME_UNCHANGED;
    return is_done && request != NULL && request->action == IRSA_ACTION_DELETE &&
           result->observed != IRSA_STATE_PRESENT;
}

void irsa_state_encode(struct irsa_arena *arena, const struct irsa_result *result, const struct irsa_request *request,
                       const struct irsa_result_context *context, struct irsa_record *out_record) {
    *out_record = (struct irsa_record){.topic = context->state_topic,
                                       .partition = -1,
                                       .offset = -1,
                                       .timestamp_ms = IRSA_NO_TIME,
                                       .key = result->subject,
                                       .key_length = strlen(result->subject)};
    set_headers(arena, result, context, out_record);
    if (is_gone(result, request))
        return;
    struct irsa_text out;
    struct irsa_json_writer w;
    write_result(arena, result, &out, &w);
    out.max = IRSA_RESULT_MAX_BYTES + SPEC_BYTES;
    if (request != NULL)
        add_spec(request, &w);
    irsa_json_add_text(&w, "observed", irsa_observed_names[result->observed]);
    irsa_json_close_object(&w);
    out_record->value = out.at;
    out_record->value_length = out.length;
}
