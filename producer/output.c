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

/* The code point of a valid sequence of two or three bytes. */
static unsigned code_point(const unsigned char *at, size_t length) {
    return length == 2 ? (at[0] & 0x1Fu) << 6 | (at[1] & 0x3Fu)
                       : (at[0] & 0x0Fu) << 12 | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu);
}

/*
 * One character beyond ASCII, or DEL. It stands within a string, so what a terminal would obey is written as an escape of
 * JSON (and of YAML) and stays the same to programs. Returns its bytes.
 */
static size_t print_character(FILE *out, const char *at) {
    char alone[5] = "", shown[32];
    struct irsa_text text;
    size_t length = irsa_utf8_sequence(at, strlen(at));
    if (length == 0)
        length = 1;
    memcpy(alone, at, length);
    irsa_text_init_fixed(&text, shown, sizeof shown);
    irsa_text_add_printable(&text, alone, sizeof shown - 1);
    if (strcmp(shown, alone) == 0)
        fputs(alone, out);
    else
        fprintf(out, "\\u%04x", length == 1 ? 0x7Fu : code_point((const unsigned char *)alone, length));
    return length;
}

/* Lines after the first are indented; line feeds within strings are escaped, so every one ends a line. */
static void print_text(FILE *out, const char *text, const char *indent) {
    while (*text != '\0') {
        if ((unsigned char)*text >= 0x7F) {
            text += print_character(out, text);
            continue;
        }
        fputc(*text, out);
        if (*text == '\n' && text[1] != '\0')
            fputs(indent, out);
        text++;
    }
}

static void print_json(struct irsa_output *output, const struct irsa_json *value) {
    fputs(output->count == 0 ? "[\n  " : ",\n  ", output->out);
    print_text(output->out, irsa_json_to_pretty_text(output->arena, value), "  ");
}

static void print_json_line(struct irsa_output *output, const struct irsa_json *value) {
    print_text(output->out, irsa_json_to_text(output->arena, value), "");
    fputc('\n', output->out);
    fflush(output->out); /* a reader behind a pipe follows along */
}

static void print_yaml(struct irsa_output *output, const struct irsa_json *value) {
    struct irsa_text text;
    irsa_text_init(&text, output->arena, ITEM_MAX_BYTES);
    irsa_yaml_write_item(value, &text);
    print_text(output->out, text.at, "");
}

void irsa_output_add_value(struct irsa_output *output, const struct irsa_json *value) {
    switch (output->format) {
    case IRSA_OUTPUT_TABLE:
    case IRSA_OUTPUT_JSON:
        print_json(output, value);
        break;
    case IRSA_OUTPUT_JSONL:
        print_json_line(output, value);
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
