/*
 * Data on standard output as JSON, JSON lines or YAML: a list of items, written as they come.
 */
#ifndef IRSA_PRODUCER_OUTPUT_H
#define IRSA_PRODUCER_OUTPUT_H

#include <stdio.h>

#include "core/base/json.h"
#include "producer/arguments.h"

/* Begin, add items, end. One that is begun is ended, so that a reader always gets a whole document. */
struct irsa_output {
    enum irsa_output_format format; /* any but TABLE */
    FILE *out;
    size_t count;
    struct irsa_arena *arena; /* of one item */
};

void irsa_output_begin(struct irsa_output *output, enum irsa_output_format format, FILE *out);

/* `json` is one complete JSON value; what cannot be read as one is written as a string. */
void irsa_output_add(struct irsa_output *output, const char *json, size_t length);
void irsa_output_add_value(struct irsa_output *output, const struct irsa_json *value);

void irsa_output_end(struct irsa_output *output);

/* Append a value as YAML, as one item of a list. */
void irsa_yaml_write_item(const struct irsa_json *value, struct irsa_text *out);

#endif
