/*
 * Reading results and irsa.state. Results are open: what is unknown is passed over.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/contract/event_read.h"
#include "core/contract/fields.h"
#include "core/contract/result_table.h"

#define MAX_BYTES ((size_t)1024 * 1024) /* irsa.state has the request beside the result */
#define MAX_DEPTH (IRSA_JSON_MAX_DEPTH + 8)

static bool fail(struct irsa_error *err, const struct irsa_json *value, const char *wanted) {
    IRSA_FAIL(err, SCHEMA, "must be %s, not %s", wanted, irsa_json_kind_name(value->kind));
    return false;
}

static bool read_integer(const struct irsa_json *value, int64_t min, int64_t max, int64_t *out_value,
                         struct irsa_error *err) {
    if (irsa_json_integer(value, out_value) && *out_value >= min && *out_value <= max)
        return true;
    return IRSA_FAIL(err, SCHEMA, "must be an integer from %lld to %lld", (long long)min, (long long)max);
}

static bool read_row(const struct irsa_result_row *row, const struct irsa_json *value, struct irsa_result *result,
                     struct irsa_error *err) {
    void *out = (char *)result + row->offset;
    int64_t integer;
    switch (row->kind) {
    case IRSA_RESULT_TEXT:
        if (value->kind != IRSA_JSON_STRING)
            return fail(err, value, "a string");
        *(const char **)out = value->text;
        return true;
    case IRSA_RESULT_TIME:
        if (value->kind != IRSA_JSON_STRING)
            return fail(err, value, "a time");
        return irsa_timestamp_parse(value->text, out, err);
    case IRSA_RESULT_INTEGER:
        return read_integer(value, INT64_MIN, INT64_MAX, out, err);
    case IRSA_RESULT_SMALL:
        if (!read_integer(value, INT32_MIN, INT32_MAX, &integer, err))
            return false;
        *(int32_t *)out = (int32_t)integer;
        return true;
    case IRSA_RESULT_UNSIGNED:
        if (!read_integer(value, 0, UINT32_MAX, &integer, err))
            return false;
        *(unsigned *)out = (unsigned)integer;
        return true;
    }
    return false;
}

static bool read_rows(const struct irsa_result_rows *rows, const struct irsa_json *object, struct irsa_result *result,
                      struct irsa_error *err) {
    for (size_t i = 0; i < rows->count; i++) {
        const struct irsa_json *value = irsa_json_get(object, rows->at[i].key);
        if (value != NULL && !read_row(&rows->at[i], value, result, err))
            return irsa_error_at_key(err, rows->at[i].key);
    }
    return true;
}

static bool read_outcome(const struct irsa_json *data, struct irsa_result *result, struct irsa_error *err) {
    const char *name = irsa_json_get_text(data, "outcome");
    if (name == NULL)
        return IRSA_FAIL(err, SCHEMA, "outcome is missing");
    if (irsa_outcome_find(name, &result->outcome))
        return true;
    IRSA_FAIL(err, SCHEMA, "\"%s\" is no outcome that this version knows", name);
    return irsa_error_at_key(err, "outcome");
}

static void read_steps(struct irsa_arena *arena, const struct irsa_json *steps, struct irsa_result *result) {
    if (steps == NULL || steps->kind != IRSA_JSON_ARRAY)
        return;
    struct irsa_step *list = IRSA_NEW_ARRAY(arena, struct irsa_step, steps->count);
    for (const struct irsa_json *step = steps->first; step != NULL; step = step->next) {
        const struct irsa_json *changed = irsa_json_get(step, "changed");
        struct irsa_step *out = &list[result->step_count++];
        out->name = irsa_json_get_text(step, "name");
        out->target = irsa_json_get_text(step, "target");
        out->changed = changed != NULL && changed->kind == IRSA_JSON_TRUE;
        out->aws_request_id = irsa_json_get_text(step, "awsRequestID");
        out->name = out->name == NULL ? "" : out->name;
        out->target = out->target == NULL ? "" : out->target;
    }
    result->steps = list;
}

static void read_texts(struct irsa_arena *arena, const struct irsa_json *list, struct irsa_strings *out_texts) {
    if (list == NULL || list->kind != IRSA_JSON_ARRAY)
        return;
    const char **texts = IRSA_NEW_ARRAY(arena, const char *, list->count);
    size_t count = 0;
    for (const struct irsa_json *item = list->first; item != NULL; item = item->next)
        if (item->kind == IRSA_JSON_STRING)
            texts[count++] = item->text;
    *out_texts = (struct irsa_strings){texts, count};
}

static void read_calls(struct irsa_arena *arena, const struct irsa_json *calls, struct irsa_result *result) {
    if (calls == NULL || calls->kind != IRSA_JSON_OBJECT)
        return;
    struct irsa_call_count *list = IRSA_NEW_ARRAY(arena, struct irsa_call_count, calls->count);
    for (const struct irsa_json *call = calls->first; call != NULL; call = call->next) {
        int64_t count;
        if (irsa_json_integer(call, &count) && count >= 0 && count <= UINT32_MAX)
            list[result->call_count++] = (struct irsa_call_count){call->key, (unsigned)count};
    }
    result->calls = list;
}

/* A code that a newer worker has made up counts as the general one. */
static void read_error(const struct irsa_json *error, struct irsa_result *result) {
    const char *code = irsa_json_get_text(error, "code");
    const char *message = irsa_json_get_text(error, "message");
    if (code == NULL)
        return;
    enum irsa_code known = irsa_code_find(code);
    irsa_error_set(&result->error, known == IRSA_CODE_NONE ? IRSA_CODE_INTERNAL : known, "%s",
                   message == NULL ? "" : message);
    irsa_error_from(&result->error, irsa_json_get_text(error, "service"), irsa_json_get_text(error, "upstream"));
}

static void read_observed(const char *name, struct irsa_result *result) {
    for (int i = IRSA_STATE_UNKNOWN; i <= IRSA_STATE_ABSENT; i++)
        if (irsa_text_equal(irsa_observed_names[i], name))
            result->observed = (enum irsa_observed_state)i;
}

static bool read_data(struct irsa_arena *arena, const struct irsa_json *data, struct irsa_result *result,
                      struct irsa_error *err) {
    if (data == NULL || data->kind != IRSA_JSON_OBJECT)
        return IRSA_FAIL(err, SCHEMA, "a result must be an object");
    const struct irsa_json *request = irsa_json_get(data, "request");
    if (request == NULL || request->kind != IRSA_JSON_OBJECT)
        return IRSA_FAIL(err, SCHEMA, "request is missing");
    if (!read_rows(&irsa_result_request_rows, request, result, err))
        return irsa_error_at_key(err, "request");
    if (result->request_id == NULL || result->request_source == NULL || result->topic == NULL)
        return IRSA_FAIL(err, SCHEMA, "request must have id, source and topic");
    if (!read_outcome(data, result, err) || !read_rows(&irsa_result_rows, data, result, err))
        return false;
    int64_t omitted = 0;
    const struct irsa_json *keyed = irsa_json_get(data, "keyed");
    if (irsa_json_integer(irsa_json_get(data, "stepsOmitted"), &omitted) && omitted > 0)
        result->steps_omitted = (size_t)omitted;
    result->is_misplaced = keyed != NULL && keyed->kind == IRSA_JSON_FALSE;
    read_steps(arena, irsa_json_get(data, "steps"), result);
    read_texts(arena, irsa_json_get(data, "foreign"), &result->foreign);
    read_texts(arena, irsa_json_get(data, "notes"), &result->notes);
    read_calls(arena, irsa_json_get(data, "calls"), result);
    read_error(irsa_json_get(data, "error"), result);
    read_observed(irsa_json_get_text(data, "observed"), result);
    return true;
}

bool irsa_result_decode(struct irsa_arena *arena, const struct irsa_record *record, struct irsa_result *out_result,
                        struct irsa_error *err) {
    struct irsa_event event;
    if (!irsa_event_read(arena, record, MAX_BYTES, MAX_DEPTH, &event, err))
        return false;
    struct irsa_result result = {.request_time_ms = IRSA_NO_TIME,
                                 .next_retry_ms = IRSA_NO_TIME,
                                 .started_ms = IRSA_NO_TIME,
                                 .finished_ms = IRSA_NO_TIME};
    if (!read_data(arena, event.data, &result, err))
        return irsa_error_name_place(err);
    result.correlation_id = event.correlation_id;
    result.traceparent = event.traceparent;
    result.tracestate = event.tracestate;
    *out_result = result;
    return true;
}
