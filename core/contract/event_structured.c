/*
 * Reading events in structured mode: CloudEvents' JSON format.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/contract/event_read.h"

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
static bool read_member(const struct irsa_event_reading *r, const struct irsa_json *value, struct irsa_event *event,
                        struct irsa_pair *pairs, size_t *count) {
    const char *key = value->key;
    int index = irsa_attribute_find(key, strlen(key));
    if (strcmp(key, "data") == 0) {
        event->data = value;
        return true;
    }
    if (!irsa_attribute_is_name(key, strlen(key)))
        return irsa_attribute_fail(r, key,
                                   strcmp(key, "data_base64") == 0
                                       ? "is not read here; put the JSON into data"
                                       : "is no attribute: their names are lower-case letters and digits");
    if (value->kind == IRSA_JSON_NULL)
        return true; /* CloudEvents JSON format: the same as absent */
    const char *text = scalar_text(value);
    bool is_ours = index >= 0 || strcmp(key, "specversion") == 0 || strcmp(key, "datacontenttype") == 0;
    if (text == NULL || (is_ours && value->kind != IRSA_JSON_STRING))
        return irsa_attribute_fail(r, key, "must be a string");
    if (index >= 0)
        return irsa_attribute_set(r, event, &irsa_attributes[index], key, text);
    if (strcmp(key, "specversion") == 0)
        return irsa_attribute_is_supported(r, key, text);
    if (strcmp(key, "datacontenttype") == 0)
        return irsa_attribute_is_json(r, key, text);
    pairs[(*count)++] = (struct irsa_pair){key, text};
    return true;
}

static bool fail_at_member(const struct irsa_event_reading *r, const struct irsa_json *value) {
    r->err->line = value->line;
    r->err->column = value->column;
    return irsa_error_at_key(r->err, value->key);
}

static bool is_set(const struct irsa_event *event, const struct irsa_attribute *attribute) {
    const void *member = (const char *)event + attribute->offset;
    return *(const char *const *)member != NULL;
}

bool irsa_event_read_structured(const struct irsa_event_reading *r, const struct irsa_json *root,
                                struct irsa_event *event) {
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
        return irsa_attribute_fail(r, "specversion", "is missing");
    for (int i = 0; i < IRSA_ATTRIBUTES; i++)
        if (irsa_attributes[i].is_required && !is_set(event, &irsa_attributes[i]))
            return irsa_attribute_fail(r, irsa_attributes[i].name, "is missing");
    return event->data != NULL || irsa_attribute_fail(r, "data", "is missing");
}
