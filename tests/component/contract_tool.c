/*
 * irsa-contract: the contract's functions for tests in other languages, one JSON object per line in and out.
 *
 *     {"do": "final-id", "source", "id", "replays"}                         {"id"}
 *     {"do": "retrying-id", "source", "id", "replays", "attempt"}           {"id"}
 *     {"do": "request", "record"}                 {"error": {"code", "at", "message"}} or
 *                                                 {"key", "subject", "keyed", "event": {…structured…}, "record": {…}}
 *     {"do": "result", "record"}                  {"error"} or {"record"}: read, and written again
 *     {"do": "state", "record", "result": record} {"record"}: of the request in the one and the result in the other
 *     {"do": "dead-letter", "record", "result"}   {"record"}
 *
 * A record is {"headers": {name: text or null}, "key": text or null, "value": JSON text or null}.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/contract/event.h"
#include "core/contract/ids.h"
#include "core/contract/request.h"
#include "core/contract/result.h"

static const struct irsa_result_context context = {.results_topic = "irsa.results",
                                                   .state_topic = "irsa.state",
                                                   .dead_letters_topic = "irsa.dead-letters",
                                                   .group_id = "irsa-workers"};

struct task {
    struct irsa_arena *arena;
    const struct irsa_json *in;
    struct irsa_json_writer *out;
};

static void must(bool holds, const char *what) {
    if (holds)
        return;
    fprintf(stderr, "irsa-contract: %s\n", what);
    exit(EXIT_FAILURE);
}

static unsigned number(const struct task *task, const char *key) {
    int64_t value = 0;
    must(irsa_json_integer(irsa_json_get(task->in, key), &value), key);
    return (unsigned)value;
}

static struct irsa_record read_record(const struct task *task, const char *name) {
    const struct irsa_json *json = irsa_json_get(task->in, name);
    const struct irsa_json *headers = irsa_json_get(json, "headers");
    struct irsa_record record = {
        .topic = "irsa.requests", .partition = 3, .offset = 4711, .timestamp_ms = 1795516500000};
    struct irsa_header *at = IRSA_NEW_ARRAY(task->arena, struct irsa_header, headers == NULL ? 0 : headers->count);
    record.headers = at;
    for (const struct irsa_json *h = headers == NULL ? NULL : headers->first; h != NULL; h = h->next)
        at[record.header_count++] = (struct irsa_header){h->key, h->kind == IRSA_JSON_STRING ? h->text : NULL,
                                                         h->kind == IRSA_JSON_STRING ? h->text_length : 0};
    const char *key = irsa_json_get_text(json, "key");
    const char *value = irsa_json_get_text(json, "value");
    record.key = key;
    record.key_length = key == NULL ? 0 : strlen(key);
    record.value = value;
    record.value_length = value == NULL ? 0 : strlen(value);
    return record;
}

static void write_text_or_null(const struct task *task, const char *key, const void *bytes, size_t length) {
    if (bytes == NULL)
        irsa_json_add_null(task->out, key);
    else
        irsa_json_add_text_bytes(task->out, key, bytes, length);
}

static void write_record(const struct task *task, const struct irsa_record *record) {
    irsa_json_open_object(task->out, "record");
    irsa_json_open_object(task->out, "headers");
    for (size_t i = 0; i < record->header_count; i++)
        write_text_or_null(task, record->headers[i].name, record->headers[i].value, record->headers[i].length);
    irsa_json_close_object(task->out);
    write_text_or_null(task, "key", record->key, record->key_length);
    write_text_or_null(task, "value", record->value, record->value_length);
    irsa_json_add_text(task->out, "topic", record->topic);
    irsa_json_close_object(task->out);
}

static void write_error(const struct task *task, const struct irsa_error *err) {
    irsa_json_open_object(task->out, "error");
    irsa_json_add_text(task->out, "code", irsa_code_name(err->code));
    irsa_json_add_text(task->out, "at", err->at);
    irsa_json_add_text(task->out, "message", err->message);
    irsa_json_close_object(task->out);
}

static void do_final_id(const struct task *task) {
    char id[IRSA_UUID_BYTES];
    irsa_final_id(irsa_json_get_text(task->in, "source"), irsa_json_get_text(task->in, "id"), number(task, "replays"),
                  id);
    irsa_json_add_text(task->out, "id", id);
}

static void do_retrying_id(const struct task *task) {
    char id[IRSA_UUID_BYTES];
    irsa_retrying_id(irsa_json_get_text(task->in, "source"), irsa_json_get_text(task->in, "id"),
                     number(task, "replays"), number(task, "attempt"), id);
    irsa_json_add_text(task->out, "id", id);
}

static void do_request(const struct task *task) {
    struct irsa_record record = read_record(task, "record"), again;
    struct irsa_request request;
    struct irsa_error err = {0};
    if (!irsa_request_decode(task->arena, &record, &request, &err) ||
        !irsa_request_encode(task->arena, &request, "irsa.requests", &again, &err)) {
        write_error(task, &err);
        return;
    }
    const char *key = irsa_request_key(task->arena, &request);
    irsa_json_add_text(task->out, "key", key);
    irsa_json_add_text(task->out, "subject", irsa_request_subject(task->arena, &request));
    irsa_json_add_boolean(task->out, "keyed", irsa_request_is_keyed(&record, key));
    irsa_json_add_raw(task->out, "event", irsa_event_structured(task->arena, &request.event, again.value));
    write_record(task, &again);
}

static bool read_result(const struct task *task, const char *name, struct irsa_result *result, struct irsa_error *err) {
    struct irsa_record record = read_record(task, name);
    return irsa_result_decode(task->arena, &record, result, err);
}

static void do_result(const struct task *task) {
    struct irsa_result result;
    struct irsa_error err = {0};
    struct irsa_record record = read_record(task, "record"), again;
    if (!read_result(task, "record", &result, &err)) {
        write_error(task, &err);
        return;
    }
    irsa_result_encode(task->arena, &result, &context, record.key, record.key_length, &again);
    write_record(task, &again);
}

/* Without a record nothing was applied: the request broke the rules. */
static void do_state(const struct task *task) {
    bool has_request = irsa_json_get(task->in, "record") != NULL;
    struct irsa_record record, state;
    struct irsa_request request;
    struct irsa_result result;
    struct irsa_error err = {0};
    if (has_request)
        record = read_record(task, "record");
    if ((has_request && !irsa_request_decode(task->arena, &record, &request, &err)) ||
        !read_result(task, "result", &result, &err)) {
        write_error(task, &err);
        return;
    }
    irsa_state_encode(task->arena, &result, has_request ? &request : NULL, &context, &state);
    write_record(task, &state);
}

static void do_dead_letter(const struct task *task) {
    struct irsa_record record = read_record(task, "record"), letter;
    struct irsa_result result;
    struct irsa_error err = {0};
    must(read_result(task, "result", &result, &err), err.message);
    irsa_dead_letter_encode(task->arena, &record, &result, &context, &letter);
    write_record(task, &letter);
}

static const struct {
    const char *name;
    void (*run)(const struct task *task);
} kinds[] = {{"final-id", do_final_id}, {"retrying-id", do_retrying_id}, {"request", do_request}, {"result", do_result},
             {"state", do_state},       {"dead-letter", do_dead_letter}};

static void answer(struct irsa_arena *arena, const char *line, size_t length) {
    const struct irsa_json_limits limits = {.max_bytes = SIZE_MAX, .max_depth = 64};
    struct irsa_error err = {0};
    struct irsa_text out;
    struct irsa_json_writer w;
    struct task task = {.arena = arena, .out = &w};
    must(irsa_json_parse(arena, line, length, limits, &task.in, &err), err.message);
    irsa_text_init(&out, arena, SIZE_MAX);
    irsa_json_begin(&w, &out);
    irsa_json_open_object(&w, NULL);
    size_t i = 0;
    while (i < sizeof kinds / sizeof kinds[0] && !irsa_text_equal(kinds[i].name, irsa_json_get_text(task.in, "do")))
        i++;
    must(i < sizeof kinds / sizeof kinds[0], "there is nothing of this kind to do");
    kinds[i].run(&task);
    irsa_json_close_object(&w);
    puts(out.at);
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    struct irsa_arena *arena = irsa_arena_new();
    for (ssize_t length = getline(&line, &room, stdin); length > 0; length = getline(&line, &room, stdin)) {
        answer(arena, line, (size_t)length);
        irsa_arena_clear(arena);
    }
    irsa_arena_free(arena);
    free(line);
    return EXIT_SUCCESS;
}
