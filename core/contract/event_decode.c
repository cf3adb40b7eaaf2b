/*
 * Reading CloudEvents from records, in whichever of the three forms.
 */
#include <string.h>
#include <strings.h>

#include "core/base/arena.h"
#include "core/contract/event_read.h"
#include "core/contract/fields.h"

#define CONTENT_TYPE    "content-type"
#define STRUCTURED_TYPE "application/cloudevents"

/* A result carries words only, and what is no JSON has no names to call its place by. */
bool irsa_event_parse_value(const struct irsa_event_reading *r, const struct irsa_json **out_value) {
    struct irsa_json_limits limits = {.max_bytes = r->max_bytes, .max_depth = r->max_depth};
    if (irsa_json_parse(r->arena, r->record->value, r->record->value_length, limits, out_value, r->err))
        return true;
    return r->err->line > 0 && irsa_error_wrap(r->err, "line %u, column %u", r->err->line, r->err->column);
}

/* The plain headers of the trace context win over the event's own attributes. */
static void read_traces(const struct irsa_event_reading *r, const struct irsa_event_headers *found,
                        struct irsa_event *event) {
    for (size_t i = 0; i < sizeof found->traces / sizeof found->traces[0]; i++) {
        const char *text = irsa_header_text(r->arena, found->traces[i]);
        int index = irsa_attribute_find(irsa_trace_names[i], strlen(irsa_trace_names[i]));
        if (text != NULL)
            (void)!irsa_attribute_set(r, event, &irsa_attributes[index], irsa_trace_names[i], text);
    }
}

/* What a record without an event of its own is called by. */
static void set_coordinates(const struct irsa_event_reading *r, struct irsa_event *event) {
    *event = (struct irsa_event){.time_ms = IRSA_NO_TIME, .expiry_ms = IRSA_NO_TIME};
    event->id =
        irsa_arena_format(r->arena, "%s-%d-%lld", r->record->topic, r->record->partition, (long long)r->record->offset);
    event->source = irsa_arena_format(r->arena, "urn:irsa:kafka:%s", r->record->topic);
    event->time_ms = r->record->timestamp_ms;
}

static bool is_structured_type(const char *type) {
    return type != NULL && strncasecmp(type, STRUCTURED_TYPE, strlen(STRUCTURED_TYPE)) == 0;
}

/* Of the formats of structured events JSON is read, and one event per record. */
static bool is_structured_json(const struct irsa_event_reading *r, const char *type) {
    const char *rest = type + strlen(STRUCTURED_TYPE);
    size_t length = strcspn(rest, "; ");
    if (length == 0 || (length == 5 && strncasecmp(rest, "+json", 5) == 0))
        return true;
    irsa_error_set_rule(r->err, type, "is not read here; structured events are " STRUCTURED_TYPE "+json");
    r->err->code = IRSA_CODE_SCHEMA;
    return irsa_error_wrap(r->err, CONTENT_TYPE);
}

/* Bare data, or a structured event that does not say so. */
static bool read_plain(const struct irsa_event_reading *r, const struct irsa_event_headers *found,
                       struct irsa_event *event, struct irsa_event *out_event) {
    const struct irsa_json *root = NULL;
    if (r->record->value == NULL)
        return true;
    if (!irsa_event_parse_value(r, &root))
        return false;
    if (irsa_json_get(root, "specversion") != NULL && found->content_type == NULL)
        return irsa_event_read_structured(r, root, event);
    out_event->data = root;
    return true;
}

static bool read_form(const struct irsa_event_reading *r, const struct irsa_event_headers *found,
                      struct irsa_event *event, struct irsa_event *out_event) {
    const char *type = irsa_header_text(r->arena, found->content_type);
    if (is_structured_type(type)) {
        const struct irsa_json *root = NULL;
        if (!is_structured_json(r, type))
            return false;
        if (r->record->value == NULL)
            return IRSA_FAIL(r->err, SCHEMA, "a structured event must have a value");
        return irsa_event_parse_value(r, &root) && irsa_event_read_structured(r, root, event);
    }
    if (found->has_attributes)
        return irsa_event_read_binary(r, found, event) && irsa_attribute_is_json(r, CONTENT_TYPE, type);
    return irsa_attribute_is_json(r, CONTENT_TYPE, type) && read_plain(r, found, event, out_event);
}

bool irsa_event_read(struct irsa_arena *arena, const struct irsa_record *record, size_t max_bytes, unsigned max_depth,
                     struct irsa_event *out_event, struct irsa_error *err) {
    const struct irsa_event_reading r = {
        .arena = arena, .record = record, .max_bytes = max_bytes, .max_depth = max_depth, .err = err};
    set_coordinates(&r, out_event);
    if (!irsa_headers_are_bounded(record, err))
        return false;
    struct irsa_event_headers found;
    irsa_event_sort_headers(record, &found);
    struct irsa_event event = {.time_ms = IRSA_NO_TIME, .expiry_ms = IRSA_NO_TIME};
    bool is_read = read_form(&r, &found, &event, out_event);
    if (event.id != NULL && event.source != NULL)
        *out_event = event; /* also of an event that is wrong elsewhere: its result is to name it */
    if (!is_read)
        out_event->data = NULL;
    read_traces(&r, &found, out_event);
    return is_read;
}

bool irsa_event_decode(struct irsa_arena *arena, const struct irsa_record *record, struct irsa_event *out_event,
                       struct irsa_error *err) {
    return irsa_event_read(arena, record, IRSA_REQUEST_MAX_BYTES, IRSA_JSON_MAX_DEPTH, out_event, err);
}
