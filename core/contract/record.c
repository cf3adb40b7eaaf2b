/*
 * Records: their headers and bounds.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/contract/event_read.h"

const struct irsa_header *irsa_record_header(const struct irsa_record *record, const char *name) {
    for (size_t i = record->header_count; i > 0; i--)
        if (strcmp(record->headers[i - 1].name, name) == 0)
            return &record->headers[i - 1];
    return NULL;
}

const char *irsa_record_header_text(struct irsa_arena *arena, const struct irsa_record *record, const char *name) {
    return irsa_header_text(arena, irsa_record_header(record, name));
}

bool irsa_headers_are_bounded(const struct irsa_record *record, struct irsa_error *err) {
    if (record->header_count > IRSA_HEADERS_MAX)
        return IRSA_FAIL(err, TOO_LARGE, "the record has %zu headers; at most %d are read", record->header_count,
                         IRSA_HEADERS_MAX);
    size_t bytes = 0;
    for (size_t i = 0; i < record->header_count; i++)
        bytes += strlen(record->headers[i].name) + record->headers[i].length;
    if (bytes > IRSA_HEADERS_MAX_BYTES)
        return IRSA_FAIL(err, TOO_LARGE, "the record has %zu bytes of headers; at most %zu are read", bytes,
                         IRSA_HEADERS_MAX_BYTES);
    return true;
}

bool irsa_record_is_bounded(const struct irsa_record *record, struct irsa_error *err) {
    if (record->value_length > IRSA_REQUEST_MAX_BYTES)
        return IRSA_FAIL(err, TOO_LARGE, "the record has a value of %zu bytes; at most %zu are read",
                         record->value_length, IRSA_REQUEST_MAX_BYTES);
    return irsa_headers_are_bounded(record, err);
}
