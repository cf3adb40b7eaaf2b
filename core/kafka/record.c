/*
 * Copying a record in one piece.
 */
#include "core/kafka/record.h"

#include <string.h>

#include "core/base/arena.h"

size_t irsa_record_bytes(const struct irsa_record *record) {
    size_t bytes = record->key_length + record->value_length + 2;
    for (size_t i = 0; i < record->header_count; i++)
        bytes += strlen(record->headers[i].name) + record->headers[i].length + 2;
    return bytes;
}

/* Copy behind `*at` and move on. */
static char *put(char **at, const void *bytes, size_t length) {
    if (bytes == NULL)
        return NULL;
    char *copy = *at;
    memcpy(copy, bytes, length);
    *at += length + 1; // the arena's bytes are zero
    return copy;
}

struct irsa_record irsa_record_copy(struct irsa_arena *arena, const struct irsa_record *record) {
    struct irsa_record copy = *record;
    struct irsa_header *headers = IRSA_NEW_ARRAY(arena, struct irsa_header, record->header_count);
    char *at = irsa_arena_alloc(arena, irsa_record_bytes(record));
    copy.key = put(&at, record->key, record->key_length);
    copy.value = put(&at, record->value, record->value_length);
    for (size_t i = 0; i < record->header_count; i++) {
        const struct irsa_header *header = &record->headers[i];
        headers[i].name = put(&at, header->name, strlen(header->name));
        headers[i].value = put(&at, header->value, header->length);
        headers[i].length = header->length;
    }
    copy.headers = record->header_count > 0 ? headers : NULL;
    return copy;
}
