/*
 * Writing CloudEvents, in binary and in structured mode.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/contract/attributes.h"

#define FIXED_HEADERS 2 /* content-type, ce_specversion */

static const void *member(const struct irsa_event *event, size_t offset) {
    return (const char *)event + offset;
}

/* The text of an attribute, a time in the arena; NULL when it is absent. */
static const char *attribute_text(struct irsa_arena *arena, const struct irsa_event *event,
                                  const struct irsa_attribute *attribute) {
    if (attribute->rule != NULL)
        return *(const char *const *)member(event, attribute->offset);
    int64_t time_ms = *(const int64_t *)member(event, attribute->offset);
    if (time_ms == IRSA_NO_TIME)
        return NULL;
    char *text = irsa_arena_alloc(arena, IRSA_TIMESTAMP_BYTES);
    irsa_timestamp_format(time_ms, text);
    return text;
}

static void add_header(struct irsa_header *headers, size_t *count, const char *name, const char *value) {
    headers[(*count)++] = (struct irsa_header){.name = name, .value = value, .length = strlen(value)};
}

const struct irsa_header *irsa_event_headers(struct irsa_arena *arena, const struct irsa_event *event,
                                             size_t *out_count) {
    size_t most = FIXED_HEADERS + IRSA_ATTRIBUTES + event->extensions.count;
    struct irsa_header *headers = IRSA_NEW_ARRAY(arena, struct irsa_header, most);
    size_t count = 0;
    add_header(headers, &count, "content-type", "application/json");
    add_header(headers, &count, "ce_specversion", "1.0");
    for (int i = 0; i < IRSA_ATTRIBUTES; i++) {
        const char *text = attribute_text(arena, event, &irsa_attributes[i]);
        if (text != NULL)
            add_header(headers, &count, irsa_attributes[i].header, text);
    }
    for (size_t i = 0; i < event->extensions.count; i++)
        add_header(headers, &count, irsa_arena_format(arena, "ce_%s", event->extensions.at[i].key),
                   event->extensions.at[i].value);
    *out_count = count;
    return headers;
}

const char *irsa_event_structured(struct irsa_arena *arena, const struct irsa_event *event, const char *data_json) {
    struct irsa_text out;
    struct irsa_json_writer w;
    irsa_text_init(&out, arena, SIZE_MAX);
    irsa_json_begin(&w, &out);
    irsa_json_open_object(&w, NULL);
    irsa_json_add_text(&w, "specversion", "1.0");
    for (int i = 0; i < IRSA_ATTRIBUTES; i++)
        irsa_json_add_text(&w, irsa_attributes[i].name, attribute_text(arena, event, &irsa_attributes[i]));
    for (size_t i = 0; i < event->extensions.count; i++)
        irsa_json_add_text(&w, event->extensions.at[i].key, event->extensions.at[i].value);
    irsa_json_add_text(&w, "datacontenttype", "application/json");
    irsa_json_add_raw(&w, "data", data_json);
    irsa_json_close_object(&w);
    return out.at;
}
