/*
 * Dead letters: the record as it came, and why in added headers; and back.
 */
#include "core/contract/dead_letter.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/contract/event.h"
#include "core/contract/request.h"
#include "core/contract/result.h"

#define TRUNCATED_BYTES  ((size_t)64 * 1024)
#define TRUNCATED_HEADER "irsa_truncated"
#define BARE_HEADERS     5 /* that a replay adds to a bare message */

/* The headers that are ours. A letter that is replayed and fails again does not keep the older ones. */
static const char *const our_headers[] = {
    "__dlq.errors.topic",   "__dlq.errors.partition", "__dlq.errors.offset", "__dlq.errors.group",
    "__dlq.errors.message", "irsa_error_code",        "irsa_attempts",       TRUNCATED_HEADER,
};
#define OUR_HEADERS (sizeof our_headers / sizeof our_headers[0])

static bool is_ours(const char *name) {
    for (size_t i = 0; i < OUR_HEADERS; i++)
        if (strcmp(our_headers[i], name) == 0)
            return true;
    return false;
}

static void add(struct irsa_header *headers, size_t *count, const char *name, const char *value) {
    headers[(*count)++] = (struct irsa_header){.name = name, .value = value, .length = strlen(value)};
}

void irsa_dead_letter_encode(struct irsa_arena *arena, const struct irsa_record *record,
                             const struct irsa_result *result, const struct irsa_result_context *context,
                             struct irsa_record *out_record) {
    struct irsa_header *headers = IRSA_NEW_ARRAY(arena, struct irsa_header, record->header_count + OUR_HEADERS);
    size_t count = 0;
    for (size_t i = 0; i < record->header_count; i++)
        if (!is_ours(record->headers[i].name))
            headers[count++] = record->headers[i];
    const struct irsa_error *error = &result->error;
    const char *message = error->message[0] == '\0' ? irsa_code_meaning(error->code) : error->message;
    add(headers, &count, "__dlq.errors.topic", record->topic);
    add(headers, &count, "__dlq.errors.partition", irsa_arena_format(arena, "%d", (int)record->partition));
    add(headers, &count, "__dlq.errors.offset", irsa_arena_format(arena, "%lld", (long long)record->offset));
    add(headers, &count, "__dlq.errors.group", context->group_id);
    add(headers, &count, "__dlq.errors.message", irsa_arena_copy(arena, message));
    add(headers, &count, "irsa_error_code", irsa_code_name(error->code));
    add(headers, &count, "irsa_attempts", irsa_arena_format(arena, "%u", result->attempt));
    *out_record = *record;
    out_record->topic = context->dead_letters_topic;
    out_record->partition = -1;
    out_record->offset = -1;
    out_record->timestamp_ms = IRSA_NO_TIME;
    out_record->headers = headers;
    out_record->header_count = count;
}

void irsa_dead_letter_truncate(struct irsa_arena *arena, const struct irsa_record *dead_letter,
                               struct irsa_record *out_record) {
    struct irsa_header *headers = IRSA_NEW_ARRAY(arena, struct irsa_header, dead_letter->header_count + 1);
    size_t count = dead_letter->header_count;
    if (count > 0)
        memcpy(headers, dead_letter->headers, count * sizeof headers[0]);
    add(headers, &count, TRUNCATED_HEADER, irsa_arena_format(arena, "%zu", dead_letter->value_length));
    *out_record = *dead_letter;
    out_record->headers = headers;
    out_record->header_count = count;
    if (out_record->value_length > TRUNCATED_BYTES)
        out_record->value_length = TRUNCATED_BYTES;
}

/* --- back to the request -------------------------------------------------------------------------------------------------- */

static bool read_number(struct irsa_arena *arena, const struct irsa_record *record, const char *name, int64_t max,
                        int64_t *out_number) {
    const char *text = irsa_record_header_text(arena, record, name);
    return text != NULL && irsa_text_to_integer(text, 0, max, out_number);
}

bool irsa_dead_letter_decode(struct irsa_arena *arena, const struct irsa_record *record,
                             struct irsa_dead_letter *out_letter, struct irsa_error *err) {
    struct irsa_dead_letter letter = {.record = *record};
    struct irsa_record *request = &letter.record;
    int64_t partition;
    request->topic = irsa_record_header_text(arena, record, "__dlq.errors.topic");
    if (request->topic == NULL || !read_number(arena, record, "__dlq.errors.partition", INT32_MAX, &partition) ||
        !read_number(arena, record, "__dlq.errors.offset", INT64_MAX, &request->offset))
        return IRSA_FAIL(err, SCHEMA,
                         "no dead letter of irsa: the headers __dlq.errors.* do not say where it came from");
    request->partition = (int32_t)partition;
    struct irsa_header *headers = IRSA_NEW_ARRAY(arena, struct irsa_header, record->header_count);
    request->headers = headers;
    request->header_count = 0;
    for (size_t i = 0; i < record->header_count; i++)
        if (!is_ours(record->headers[i].name))
            headers[request->header_count++] = record->headers[i];
    letter.message = irsa_record_header_text(arena, record, "__dlq.errors.message");
    letter.code = irsa_record_header_text(arena, record, "irsa_error_code");
    letter.is_truncated = irsa_record_header(record, TRUNCATED_HEADER) != NULL;
    letter.replays = irsa_request_replays(record);
    *out_letter = letter;
    return true;
}

void irsa_dead_letter_replay(struct irsa_arena *arena, const struct irsa_dead_letter *letter,
                             const struct irsa_event *event, const char *type, struct irsa_record *out_record) {
    const struct irsa_record *request = &letter->record;
    struct irsa_header *headers = IRSA_NEW_ARRAY(arena, struct irsa_header, request->header_count + BARE_HEADERS + 1);
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++)
        if (strcmp(request->headers[i].name, IRSA_REPLAYS_HEADER) != 0)
            headers[count++] = request->headers[i];
    if (event != NULL && type != NULL) {
        if (irsa_record_header(request, "content-type") == NULL)
            add(headers, &count, "content-type", "application/json");
        add(headers, &count, "ce_specversion", "1.0");
        add(headers, &count, "ce_id", event->id);
        add(headers, &count, "ce_source", event->source);
        add(headers, &count, "ce_type", type);
    }
    add(headers, &count, IRSA_REPLAYS_HEADER, irsa_arena_format(arena, "%u", letter->replays + 1));
    *out_record = *request;
    out_record->partition = -1;
    out_record->offset = -1;
    out_record->timestamp_ms = IRSA_NO_TIME;
    out_record->headers = headers;
    out_record->header_count = count;
}
