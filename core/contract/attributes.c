/*
 * The table of CloudEvents' attributes, and judging one.
 */
#include <string.h>
#include <strings.h>

#include "core/base/clock.h"
#include "core/contract/event_read.h"
#include "core/contract/fields.h"

#define SUPPORTED "1.0"

/* W3C trace context: version, trace id, parent id, flags. */
static const char *rule_traceparent(const char *value) {
    static const char form[] = "xx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
    size_t i = 0;
    while (form[i] == 'x' ? value[i] != '\0' && strchr("0123456789abcdef", value[i]) != NULL
                          : form[i] == '-' && value[i] == '-')
        i++;
    return i == sizeof form - 1 && (value[i] == '\0' || value[i] == '-') && strlen(value) <= 256 ? NULL
                                                                                                 : "is malformed";
}

static const char *rule_tracestate(const char *value) {
    size_t length = strlen(value);
    bool is_printable = true;
    for (size_t i = 0; i < length; i++)
        is_printable = is_printable && value[i] >= ' ' && value[i] <= '~';
    return is_printable && length >= 1 && length <= 512 ? NULL : "is malformed";
}

#define AT(member) offsetof(struct irsa_event, member)

/* clang-format off */
const struct irsa_attribute irsa_attributes[IRSA_ATTRIBUTES] = {
    {"id",            "ce_id",            AT(id),             irsa_rule_event_id,     true,  false},
    {"source",        "ce_source",        AT(source),         irsa_rule_event_source, true,  false},
    {"type",          "ce_type",          AT(type),           irsa_rule_event_id,     true,  false},
    {"subject",       "ce_subject",       AT(subject),        irsa_rule_event_text,   false, false},
    {"time",          "ce_time",          AT(time_ms),        NULL,                   false, false},
    {"expirytime",    "ce_expirytime",    AT(expiry_ms),      NULL,                   false, false},
    {"correlationid", "ce_correlationid", AT(correlation_id), irsa_rule_event_id,     false, false},
    {"causationid",   "ce_causationid",   AT(causation_id),   irsa_rule_event_text,   false, false},
    {"partitionkey",  "ce_partitionkey",  AT(partition_key),  irsa_rule_event_text,   false, false},
    {"traceparent",   "traceparent",      AT(traceparent),    rule_traceparent,       false, true},
    {"tracestate",    "tracestate",       AT(tracestate),     rule_tracestate,        false, true},
};
/* clang-format on */

int irsa_attribute_find(const char *name, size_t length) {
    for (int i = 0; length > 0 && i < IRSA_ATTRIBUTES; i++)
        if (irsa_attributes[i].name[0] == name[0] && strncmp(irsa_attributes[i].name, name, length) == 0 &&
            irsa_attributes[i].name[length] == '\0')
            return i;
    return -1;
}

bool irsa_attribute_is_name(const char *name, size_t length) {
    for (size_t i = 0; i < length; i++)
        if ((name[i] < 'a' || name[i] > 'z') && (name[i] < '0' || name[i] > '9'))
            return false;
    return length > 0 && !(length == 4 && memcmp(name, "data", 4) == 0);
}

static bool fail_rule(const struct irsa_event_reading *r, const char *name, const char *text, const char *problem) {
    irsa_error_set_rule(r->err, text, problem);
    r->err->code = IRSA_CODE_SCHEMA;
    return irsa_error_wrap(r->err, "%s", name);
}

bool irsa_attribute_fail(const struct irsa_event_reading *r, const char *name, const char *problem) {
    return IRSA_FAIL(r->err, SCHEMA, "%s %s", name, problem);
}

bool irsa_attribute_set(const struct irsa_event_reading *r, struct irsa_event *event,
                        const struct irsa_attribute *attribute, const char *name, const char *text) {
    void *member = (char *)event + attribute->offset;
    if (attribute->rule == NULL)
        return irsa_timestamp_parse(text, member, r->err) || irsa_error_wrap(r->err, "%s", name);
    const char *problem = attribute->rule(text);
    if (problem == NULL)
        *(const char **)member = text;
    /* W3C: a trace context that cannot be read is dropped */
    return problem == NULL || attribute->is_trace || fail_rule(r, name, text, problem);
}

bool irsa_attribute_is_supported(const struct irsa_event_reading *r, const char *name, const char *version) {
    return strcmp(version, SUPPORTED) == 0 ||
           fail_rule(r, name, version, "is no version of CloudEvents that is read here; write " SUPPORTED);
}

/* "type/json" or "type/x+json", parameters aside, in any case. */
static bool is_json_type(const char *type) {
    size_t length = strcspn(type, "; ");
    const char *slash = memchr(type, '/', length);
    if (slash == NULL || slash == type || length < 5)
        return false;
    const char *tail = type + length - 4;
    return strncasecmp(tail, "json", 4) == 0 && (tail[-1] == '+' || tail - 1 == slash);
}

bool irsa_attribute_is_json(const struct irsa_event_reading *r, const char *name, const char *type) {
    return type == NULL || is_json_type(type) || fail_rule(r, name, type, "is not read here; data is application/json");
}
