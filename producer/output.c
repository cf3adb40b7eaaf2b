/*
 * Lists of JSON values in three forms.
 */
#include "producer/output.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/text.h"

#define ITEM_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define ITEM_MAX_DEPTH 64

void irsa_output_begin(struct irsa_output *output, enum irsa_output_format format, FILE *out) {
    *output = (struct irsa_output){.format = format, .out = out, .arena = irsa_arena_new()};
}

/* Indented text, two columns further in; line feeds within strings are escaped, so every one ends a line. */
static void print_indented(FILE *out, const char *text) {
    fputs("  ", out);
    for (; *text != '\0'; text++) {
        fputc(*text, out);
        if (*text == '\n' && text[1] != '\0')
            fputs("  ", out);
    }
}

static void print_json(struct irsa_output *output, const struct irsa_json *value) {
    fputs(output->count == 0 ? "[\n" : ",\n", output->out);
    print_indented(output->out, irsa_json_to_pretty_text(output->arena, value));
}

static void print_yaml(struct irsa_output *output, const struct irsa_json *value) {
    struct irsa_text text;
    irsa_text_init(&text, output->arena, ITEM_MAX_BYTES);
    irsa_yaml_write_item(value, &text);
    fputs(text.at, output->out);
}

void irsa_output_add_value(struct irsa_output *output, const struct irsa_json *value) {
    switch (output->format) {
    case IRSA_OUTPUT_TABLE:
    case IRSA_OUTPUT_JSON:
        print_json(output, value);
        break;
    case IRSA_OUTPUT_JSONL:
        fprintf(output->out, "%s\n", irsa_json_to_text(output->arena, value));
        fflush(output->out); /* a reader behind a pipe follows along */
        break;
    case IRSA_OUTPUT_YAML:
        print_yaml(output, value);
        break;
    }
    output->count++;
    irsa_arena_clear(output->arena);
}

void irsa_output_add(struct irsa_output *output, const char *json, size_t length) {
    const struct irsa_json_limits limits = {ITEM_MAX_BYTES, ITEM_MAX_DEPTH};
    const struct irsa_json *value;
    struct irsa_error err;
    if (!irsa_json_parse(output->arena, json, length, limits, &value, &err))
        value = irsa_json_new_text(output->arena, irsa_arena_copy_bytes(output->arena, json, length));
    irsa_output_add_value(output, value);
}

void irsa_output_end(struct irsa_output *output) {
    if (output->format == IRSA_OUTPUT_JSON || output->format == IRSA_OUTPUT_TABLE)
        fputs(output->count == 0 ? "[]\n" : "\n]\n", output->out);
    else if (output->format == IRSA_OUTPUT_YAML && output->count == 0)
        fputs("[]\n", output->out);
    irsa_arena_free(output->arena);
    output->arena = NULL;
}
