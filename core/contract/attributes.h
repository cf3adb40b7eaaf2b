/*
 * The attributes of CloudEvents that irsa knows, one row each: reading, writing and both modes go by it. Private to this
 * room.
 */
#ifndef IRSA_CONTRACT_ATTRIBUTES_H
#define IRSA_CONTRACT_ATTRIBUTES_H

#include "core/contract/event.h"
#include "core/contract/names.h"

struct irsa_attribute {
    const char *name;
    const char *header;      /* in binary mode, as we write it */
    size_t offset;           /* in struct irsa_event */
    irsa_name_rule_fn *rule; /* NULL: a time */
    bool is_required;
    bool is_trace; /* W3C trace context: a plain header, and what is malformed is dropped */
};

#define IRSA_ATTRIBUTES 11

extern const struct irsa_attribute irsa_attributes[IRSA_ATTRIBUTES];

/* The index of an attribute in the table, or -1. `name` has `length` bytes. */
int irsa_attribute_find(const char *name, size_t length);

/* May an extension have this name: lower-case letters and digits, and not one that a structured event gives a meaning? */
bool irsa_attribute_is_name(const char *name, size_t length);

#endif
