/*
 * Reading events in binary mode: attributes in headers.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/contract/event_read.h"

#define PREFIX        "ce_"
#define PREFIX_LENGTH (sizeof PREFIX - 1)

const char *const irsa_trace_names[2] = {"traceparent", "tracestate"};

static bool is_named(const char *name, size_t length, const char *wanted) {
    return strlen(wanted) == length && memcmp(name, wanted, length) == 0;
}

static void sort_attribute(struct irsa_event_headers *found, const struct irsa_header *header) {
    const char *name = header->name + PREFIX_LENGTH;
    size_t length = strlen(name);
    int index = irsa_attribute_find(name, length);
    found->has_attributes = true;
    if (index >= 0)
        found->attributes[index] = header;
    else if (is_named(name, length, "specversion"))
        found->specversion = header;
    else if (is_named(name, length, "datacontenttype"))
        found->data_type = header;
    else
        found->extensions++;
}

void irsa_event_sort_headers(const struct irsa_record *record, struct irsa_event_headers *found) {
    *found = (struct irsa_event_headers){0};
    for (size_t i = 0; i < record->header_count; i++) {
        const struct irsa_header *header = &record->headers[i];
        if (strncmp(header->name, PREFIX, PREFIX_LENGTH) == 0)
            sort_attribute(found, header);
        else if (strcmp(header->name, "content-type") == 0)
            found->content_type = header;
        else if (strcmp(header->name, irsa_trace_names[0]) == 0)
            found->traces[0] = header;
        else if (strcmp(header->name, irsa_trace_names[1]) == 0)
            found->traces[1] = header;
    }
}

const char *irsa_header_text(struct irsa_arena *arena, const struct irsa_header *header) {
    if (header == NULL || header->value == NULL || memchr(header->value, '\0', header->length) != NULL ||
        irsa_utf8_valid_prefix(header->value, header->length) != header->length)
        return NULL;
    return irsa_arena_copy_bytes(arena, header->value, header->length);
}

/* Known attributes in the order of the table, so that id and source are known when a later one is wrong. */
static bool read_attribute_headers(const struct irsa_event_reading *r, const struct irsa_event_headers *found,
                                   struct irsa_event *event) {
    for (int i = 0; i < IRSA_ATTRIBUTES; i++) {
        const struct irsa_header *header = found->attributes[i];
        if (header == NULL && irsa_attributes[i].is_required)
            return irsa_attribute_fail(r, irsa_attributes[i].header, "is missing among the headers");
        if (header == NULL)
            continue;
        const char *text = irsa_header_text(r->arena, header);
        if (text == NULL && !irsa_attributes[i].is_trace)
            return irsa_attribute_fail(r, header->name, "is no text");
        if (text != NULL && !irsa_attribute_set(r, event, &irsa_attributes[i], header->name, text))
            return false;
    }
    return true;
}

static void add_extension(struct irsa_pair *pairs, size_t *count, const char *key, const char *value) {
    size_t i = 0;
    while (i < *count && strcmp(pairs[i].key, key) != 0)
        i++;
    pairs[i] = (struct irsa_pair){key, value};
    *count += i == *count;
}

static bool read_extension_headers(const struct irsa_event_reading *r, const struct irsa_event_headers *found,
                                   struct irsa_event *event) {
    if (found->extensions == 0)
        return true;
    struct irsa_pair *pairs = IRSA_NEW_ARRAY(r->arena, struct irsa_pair, found->extensions);
    size_t count = 0;
    for (size_t i = 0; i < r->record->header_count; i++) {
        const struct irsa_header *header = &r->record->headers[i];
        if (strncmp(header->name, PREFIX, PREFIX_LENGTH) != 0)
            continue;
        const char *name = header->name + PREFIX_LENGTH;
        size_t length = strlen(name);
        if (irsa_attribute_find(name, length) >= 0 || is_named(name, length, "specversion") ||
            is_named(name, length, "datacontenttype") || header->value == NULL)
            continue;
        const char *text = irsa_header_text(r->arena, header);
        if (!irsa_attribute_is_name(name, length))
            return irsa_attribute_fail(r, header->name,
                                       "is no attribute: their names are lower-case letters and digits");
        if (text == NULL)
            return irsa_attribute_fail(r, header->name, "is no text");
        add_extension(pairs, &count, name, text);
    }
    event->extensions = (struct irsa_pairs){pairs, count};
    return true;
}

bool irsa_event_read_binary(const struct irsa_event_reading *r, const struct irsa_event_headers *found,
                            struct irsa_event *event) {
    if (!read_attribute_headers(r, found, event))
        return false;
    const char *version = irsa_header_text(r->arena, found->specversion);
    if (version == NULL)
        return irsa_attribute_fail(r, "ce_specversion", "is missing among the headers");
    const char *data_type = found->content_type == NULL ? irsa_header_text(r->arena, found->data_type) : NULL;
    if (!irsa_attribute_is_supported(r, "ce_specversion", version) ||
        !irsa_attribute_is_json(r, "ce_datacontenttype", data_type) || !read_extension_headers(r, found, event))
        return false;
    return r->record->value == NULL || irsa_event_parse_value(r, &event->data);
}
