/*
 * Reading CloudEvents from records, in whichever of the three forms.
 */
#include <string.h>
#include <strings.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/contract/attributes.h"
#include "core/contract/event_read.h"
#include "core/contract/fields.h"

#define PREFIX          "ce_"
#define PREFIX_LENGTH   (sizeof PREFIX - 1)
#define CONTENT_TYPE    "content-type"
#define STRUCTURED_TYPE "application/cloudevents"
#define SUPPORTED       "1.0"

struct reading {
    struct irsa_arena *arena;
    const struct irsa_record *record;
    size_t max_bytes;
    unsigned max_depth;
    struct irsa_error *err;
};

/* The headers that matter, of repeated ones the last. NULL: there is none. */
struct headers {
    const struct irsa_header *attributes[IRSA_ATTRIBUTES];
    const struct irsa_header *specversion;
    const struct irsa_header *data_type; /* ce_datacontenttype, which some producers write beside content-type */
    const struct irsa_header *content_type;
    const struct irsa_header *traces[2]; /* traceparent, tracestate without prefix */
    size_t extensions;
    bool has_attributes;
};

static const char *const trace_names[] = {"traceparent", "tracestate"};

static bool is_named(const char *name, size_t length, const char *wanted) {
    return strlen(wanted) == length && memcmp(name, wanted, length) == 0;
}

static void sort_attribute(struct headers *found, const struct irsa_header *header) {
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

static void sort_headers(const struct irsa_record *record, struct headers *found) {
    *found = (struct headers){0};
    for (size_t i = 0; i < record->header_count; i++) {
        const struct irsa_header *header = &record->headers[i];
        if (strncmp(header->name, PREFIX, PREFIX_LENGTH) == 0)
            sort_attribute(found, header);
        else if (strcmp(header->name, CONTENT_TYPE) == 0)
            found->content_type = header;
        else if (strcmp(header->name, trace_names[0]) == 0)
            found->traces[0] = header;
        else if (strcmp(header->name, trace_names[1]) == 0)
            found->traces[1] = header;
    }
}

/* Terminated text of a header; NULL when it has no value or one that is no text. */
static const char *header_text(struct irsa_arena *arena, const struct irsa_header *header) {
    if (header == NULL || header->value == NULL || memchr(header->value, '\0', header->length) != NULL ||
        irsa_utf8_valid_prefix(header->value, header->length) != header->length)
        return NULL;
    return irsa_arena_copy_bytes(arena, header->value, header->length);
}

static bool fail_attribute(const struct reading *r, const char *name, const char *problem) {
    return IRSA_FAIL(r->err, SCHEMA, "%s %s", name, problem);
}

static void *member(struct irsa_event *event, size_t offset) {
    return (char *)event + offset;
}

/* Judge and set one attribute. `name` is as the producer wrote it. */
static bool set_attribute(const struct reading *r, struct irsa_event *event, const struct irsa_attribute *attribute,
                          const char *name, const char *text) {
    if (attribute->rule == NULL) {
        if (irsa_timestamp_parse(text, member(event, attribute->offset), r->err))
            return true;
        return irsa_error_wrap(r->err, "%s", name);
    }
    const char *problem = attribute->rule(text);
    if (problem != NULL && attribute->is_trace)
        return true; /* W3C: a trace context that cannot be read is dropped */
    if (problem != NULL) {
        irsa_error_set_rule(r->err, text, problem);
        r->err->code = IRSA_CODE_SCHEMA;
        return irsa_error_wrap(r->err, "%s", name);
    }
    *(const char **)member(event, attribute->offset) = text;
    return true;
}

static bool is_supported(const struct reading *r, const char *name, const char *version) {
    if (strcmp(version, SUPPORTED) == 0)
        return true;
    irsa_error_set_rule(r->err, version, "is no version of CloudEvents that is read here; write " SUPPORTED);
    r->err->code = IRSA_CODE_SCHEMA;
    return irsa_error_wrap(r->err, "%s", name);
}

/* "type/json" or "type/x+json", parameters aside, in any case. */
static bool is_json_type(const char *type) {
    size_t length = strcspn(type, "; ");
    const char *slash = memchr(type, '/', length);
    if (slash == NULL || slash == type || length < 5)
        return false;
    const char *tail = type + length - 4;
    char before = tail[-1];
    return strncasecmp(tail, "json", 4) == 0 && (before == '+' || tail - 1 == slash);
}

static bool is_json(const struct reading *r, const char *name, const char *type) {
    if (type == NULL || is_json_type(type))
        return true;
    irsa_error_set_rule(r->err, type, "is not read here; data is application/json");
    r->err->code = IRSA_CODE_SCHEMA;
    return irsa_error_wrap(r->err, "%s", name);
}

/* Known attributes in the order of the table, so that id and source are known when a later one is wrong. */
static bool read_attribute_headers(const struct reading *r, const struct headers *found, struct irsa_event *event) {
    for (int i = 0; i < IRSA_ATTRIBUTES; i++) {
        const struct irsa_header *header = found->attributes[i];
        if (header == NULL && irsa_attributes[i].is_required)
            return fail_attribute(r, irsa_attributes[i].header, "is missing among the headers");
        if (header == NULL)
            continue;
        const char *text = header_text(r->arena, header);
        if (text == NULL && !irsa_attributes[i].is_trace)
            return fail_attribute(r, header->name, "is no text");
        if (text != NULL && !set_attribute(r, event, &irsa_attributes[i], header->name, text))
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

static bool read_extension_headers(const struct reading *r, const struct headers *found, struct irsa_event *event) {
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
        const char *text = header_text(r->arena, header);
        if (!irsa_attribute_is_name(name, length))
            return fail_attribute(r, header->name, "is no attribute: their names are lower-case letters and digits");
        if (text == NULL)
            return fail_attribute(r, header->name, "is no text");
        add_extension(pairs, &count, name, text);
    }
    event->extensions = (struct irsa_pairs){pairs, count};
    return true;
}

static bool parse_value(const struct reading *r, const struct irsa_json **out_value) {
    struct irsa_json_limits limits = {.max_bytes = r->max_bytes, .max_depth = r->max_depth};
    return irsa_json_parse(r->arena, r->record->value, r->record->value_length, limits, out_value, r->err);
}

static bool read_binary(const struct reading *r, const struct headers *found, struct irsa_event *event) {
    if (!read_attribute_headers(r, found, event))
        return false;
    const char *version = header_text(r->arena, found->specversion);
    if (version == NULL)
        return fail_attribute(r, "ce_specversion", "is missing among the headers");
    const char *data_type = found->content_type == NULL ? header_text(r->arena, found->data_type) : NULL;
    if (!is_supported(r, "ce_specversion", version) || !is_json(r, "ce_datacontenttype", data_type) ||
        !read_extension_headers(r, found, event))
        return false;
    return r->record->value == NULL || parse_value(r, &event->data);
}

static const char *scalar_text(const struct irsa_json *value) {
    switch (value->kind) {
    case IRSA_JSON_STRING:
    case IRSA_JSON_NUMBER:
        return value->text;
    case IRSA_JSON_TRUE:
        return "true";
    case IRSA_JSON_FALSE:
        return "false";
    case IRSA_JSON_NULL:
    case IRSA_JSON_ARRAY:
    case IRSA_JSON_OBJECT:
        break;
    }
    return NULL;
}

/* One member of a structured event; `pairs` takes what is no attribute that we know. */
static bool read_member(const struct reading *r, const struct irsa_json *value, struct irsa_event *event,
                        struct irsa_pair *pairs, size_t *count) {
    const char *key = value->key;
    int index = irsa_attribute_find(key, strlen(key));
    if (strcmp(key, "data") == 0) {
        event->data = value;
        return true;
    }
    if (!irsa_attribute_is_name(key, strlen(key)))
        return fail_attribute(r, key,
                              strcmp(key, "data_base64") == 0
                                  ? "is not read here; put the JSON into data"
                                  : "is no attribute: their names are lower-case letters and digits");
    if (value->kind == IRSA_JSON_NULL)
        return true; /* CloudEvents JSON format: the same as absent */
    const char *text = scalar_text(value);
    bool is_ours = index >= 0 || strcmp(key, "specversion") == 0 || strcmp(key, "datacontenttype") == 0;
    if (text == NULL || (is_ours && value->kind != IRSA_JSON_STRING))
        return fail_attribute(r, key, "must be a string");
    if (index >= 0)
        return set_attribute(r, event, &irsa_attributes[index], key, text);
    if (strcmp(key, "specversion") == 0)
        return is_supported(r, key, text);
    if (strcmp(key, "datacontenttype") == 0)
        return is_json(r, key, text);
    pairs[(*count)++] = (struct irsa_pair){key, text};
    return true;
}

static bool fail_at_member(const struct reading *r, const struct irsa_json *value) {
    r->err->line = value->line;
    r->err->column = value->column;
    return irsa_error_at_key(r->err, value->key);
}

static bool read_structured(const struct reading *r, const struct irsa_json *root, struct irsa_event *event) {
    if (root->kind != IRSA_JSON_OBJECT)
        return IRSA_FAIL(r->err, SCHEMA, "a structured event must be an object, not %s",
                         irsa_json_kind_name(root->kind));
    struct irsa_pair *pairs = IRSA_NEW_ARRAY(r->arena, struct irsa_pair, root->count);
    size_t count = 0;
    for (const struct irsa_json *value = root->first; value != NULL; value = value->next)
        if (!read_member(r, value, event, pairs, &count))
            return fail_at_member(r, value);
    event->extensions = (struct irsa_pairs){pairs, count};
    if (irsa_json_get_text(root, "specversion") == NULL)
        return fail_attribute(r, "specversion", "is missing");
    for (int i = 0; i < IRSA_ATTRIBUTES; i++)
        if (irsa_attributes[i].is_required && *(const char **)member(event, irsa_attributes[i].offset) == NULL)
            return fail_attribute(r, irsa_attributes[i].name, "is missing");
    return event->data != NULL || fail_attribute(r, "data", "is missing");
}

/* The plain headers of the trace context win over the event's own attributes. */
static void read_traces(const struct reading *r, const struct headers *found, struct irsa_event *event) {
    for (size_t i = 0; i < sizeof found->traces / sizeof found->traces[0]; i++) {
        const char *text = header_text(r->arena, found->traces[i]);
        int index = irsa_attribute_find(trace_names[i], strlen(trace_names[i]));
        if (text != NULL)
            (void)!set_attribute(r, event, &irsa_attributes[index], trace_names[i], text);
    }
}

/* What a record without an event of its own is called by. */
static void set_coordinates(const struct reading *r, struct irsa_event *event) {
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
static bool is_structured_json(const struct reading *r, const char *type) {
    const char *rest = type + strlen(STRUCTURED_TYPE);
    size_t length = strcspn(rest, "; ");
    if (length == 0 || (length == 5 && strncasecmp(rest, "+json", 5) == 0))
        return true;
    irsa_error_set_rule(r->err, type, "is not read here; structured events are " STRUCTURED_TYPE "+json");
    r->err->code = IRSA_CODE_SCHEMA;
    return irsa_error_wrap(r->err, CONTENT_TYPE);
}

/* Bare data, or a structured event that does not say so. */
static bool read_plain(const struct reading *r, const struct headers *found, struct irsa_event *event,
                       struct irsa_event *out_event) {
    const struct irsa_json *root = NULL;
    if (r->record->value == NULL)
        return true;
    if (!parse_value(r, &root))
        return false;
    if (irsa_json_get(root, "specversion") != NULL && found->content_type == NULL)
        return read_structured(r, root, event);
    out_event->data = root;
    return true;
}

static bool read_form(const struct reading *r, const struct headers *found, struct irsa_event *event,
                      struct irsa_event *out_event) {
    const char *type = header_text(r->arena, found->content_type);
    if (is_structured_type(type)) {
        const struct irsa_json *root = NULL;
        if (!is_structured_json(r, type))
            return false;
        if (r->record->value == NULL)
            return IRSA_FAIL(r->err, SCHEMA, "a structured event must have a value");
        return parse_value(r, &root) && read_structured(r, root, event);
    }
    if (found->has_attributes)
        return read_binary(r, found, event) && is_json(r, CONTENT_TYPE, type);
    return is_json(r, CONTENT_TYPE, type) && read_plain(r, found, event, out_event);
}

bool irsa_event_read(struct irsa_arena *arena, const struct irsa_record *record, size_t max_bytes, unsigned max_depth,
                     struct irsa_event *out_event, struct irsa_error *err) {
    const struct reading r = {
        .arena = arena, .record = record, .max_bytes = max_bytes, .max_depth = max_depth, .err = err};
    set_coordinates(&r, out_event);
    if (!irsa_headers_are_bounded(record, err))
        return false;
    struct headers found;
    sort_headers(record, &found);
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
