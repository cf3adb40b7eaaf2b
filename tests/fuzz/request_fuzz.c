/*
 * Requests and results from any record. What is accepted must come out of its own encoding the same, and the bounds hold.
 *
 * Input: a byte for the number of headers (of 8), then name NUL value NUL of each, then the record's value.
 */
#include <stdlib.h>
#include <string.h>

#include <irsa/result.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/contract/request.h"
#include "core/contract/result.h"

#define MOST_HEADERS 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes up to a NUL, or all; passed over. */
static const char *take(struct irsa_arena *arena, const uint8_t **data, size_t *size) {
    const uint8_t *end = memchr(*data, '\0', *size);
    size_t length = end == NULL ? *size : (size_t)(end - *data);
    const char *text = irsa_arena_copy_bytes(arena, *data, length);
    *data += length + (end != NULL);
    *size -= length + (end != NULL);
    return text;
}

static void must(bool holds) {
    if (!holds)
        abort();
}

static void check_request(struct irsa_arena *arena, const struct irsa_record *record) {
    struct irsa_request request, again;
    struct irsa_record first, second;
    struct irsa_error err = {0};
    bool is_fine = irsa_request_decode(arena, record, &request, &err);
    must(request.event.id != NULL && request.event.source != NULL);
    must(is_fine || err.code == IRSA_CODE_SCHEMA || err.code == IRSA_CODE_INVALID || err.code == IRSA_CODE_TOO_LARGE);
    must(is_fine || (err.message[0] != '\0' && (err.at[0] == '\0' || err.at[0] == '/')));
    if (!is_fine || irsa_rule_event_id(request.event.id) != NULL)
        return;
    must(irsa_request_validate(&request, &err));
    if (!irsa_request_encode(arena, &request, "t", &first, &err))
        return; /* escapes have made it too large */
    must(irsa_request_decode(arena, &first, &again, &err));
    must(irsa_request_encode(arena, &again, "t", &second, &err));
    must(first.value_length == second.value_length && memcmp(first.value, second.value, first.value_length) == 0);
    must(irsa_text_equal(again.event.id, request.event.id) && irsa_request_is_keyed(&first, first.key));
}

static void check_result(struct irsa_arena *arena, const struct irsa_record *record) {
    static const struct irsa_result_context context = {"results", "state", "dead-letters", "group"};
    struct irsa_result result, again;
    struct irsa_record encoded, dead_letter;
    struct irsa_error err = {0};
    if (!irsa_result_decode(arena, record, &result, &err))
        return;
    irsa_result_encode(arena, &result, &context, record->value, record->value_length, &encoded);
    must(encoded.value_length <= IRSA_RESULT_MAX_BYTES);
    if (irsa_rule_event_text(result.request_id) != NULL)
        return; /* of no request that was ever read */
    must(irsa_result_decode(arena, &encoded, &again, &err));
    must(again.outcome == result.outcome && again.attempt == result.attempt);
    irsa_dead_letter_encode(arena, record, &result, &context, &dead_letter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct irsa_arena *arena = irsa_arena_new();
    struct irsa_header headers[MOST_HEADERS];
    struct irsa_record record = {.topic = "irsa.requests", .partition = 1, .offset = 2, .headers = headers};
    size_t count = size == 0 ? 0 : data[0] % (MOST_HEADERS + 1);
    data += size > 0;
    size -= size > 0;
    for (; record.header_count < count; record.header_count++) {
        struct irsa_header *header = &headers[record.header_count];
        header->name = take(arena, &data, &size);
        header->value = take(arena, &data, &size);
        header->length = strlen(header->value);
    }
    record.value = data;
    record.value_length = size;
    check_request(arena, &record);
    check_result(arena, &record);
    irsa_arena_free(arena);
    return 0;
}
