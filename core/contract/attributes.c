/*
 * The table of CloudEvents' attributes.
 */
#include "core/contract/attributes.h"

#include <string.h>

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
