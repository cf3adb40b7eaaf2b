/*
 * Packing of spooled requests: lengths as 32 bits, texts with their terminators, so that they can be borrowed.
 */
#include "producer/entry.h"

#include <assert.h>
#include <string.h>

static void put_number(struct irsa_text *out, size_t number) {
    uint32_t bits = (uint32_t)number;
    irsa_text_add_bytes(out, &bits, sizeof bits);
}

static void put_bytes(struct irsa_text *out, const void *bytes, size_t length) {
    put_number(out, length);
    irsa_text_add_bytes(out, bytes, length);
    irsa_text_add_bytes(out, "", 1);
}

void irsa_entry_pack(const struct irsa_entry *entry, struct irsa_text *out) {
    const struct irsa_record *record = &entry->record;
    put_number(out, entry->path);
    put_number(out, entry->line);
    put_bytes(out, entry->id, strlen(entry->id));
    put_bytes(out, entry->subject, strlen(entry->subject));
    put_bytes(out, record->key, record->key_length);
    put_bytes(out, record->value, record->value_length);
    put_number(out, record->header_count);
    for (size_t i = 0; i < record->header_count; i++) {
        put_bytes(out, record->headers[i].name, strlen(record->headers[i].name));
        put_bytes(out, record->headers[i].value, record->headers[i].length);
    }
}

static uint32_t take_number(const char **at) {
    uint32_t bits;
    memcpy(&bits, *at, sizeof bits);
    *at += sizeof bits;
    return bits;
}

static const char *take_bytes(const char **at, size_t *out_length) {
    *out_length = take_number(at);
    const char *bytes = *at;
    *at += *out_length + 1;
    return bytes;
}

void irsa_entry_unpack(const void *bytes, struct irsa_entry *out_entry) {
    const char *at = bytes;
    size_t length;
    struct irsa_record record = {.partition = -1, .headers = out_entry->headers};
    out_entry->path = take_number(&at);
    out_entry->line = take_number(&at);
    out_entry->id = take_bytes(&at, &length);
    out_entry->subject = take_bytes(&at, &length);
    record.key = take_bytes(&at, &record.key_length);
    record.value = take_bytes(&at, &record.value_length);
    record.header_count = take_number(&at);
    assert(record.header_count <= IRSA_HEADERS_MAX);
    for (size_t i = 0; i < record.header_count; i++) {
        out_entry->headers[i].name = take_bytes(&at, &length);
        out_entry->headers[i].value = take_bytes(&at, &out_entry->headers[i].length);
    }
    out_entry->record = record;
}
