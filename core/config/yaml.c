/*
 * The fence round libyaml: its parser run over a file, and what it complains of in words that help.
 */
#include "core/config/yaml.h"

#include <string.h>
#include <yaml.h>

#include "core/base/arena.h"
#include "core/config/yaml_tree.h"

/* The start of a line, counted from 0. */
static const char *find_line(const struct irsa_yaml_builder *b, size_t line) {
    const char *at = b->bytes;
    const char *end = b->bytes + b->length;
    while (line-- > 0) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (newline == NULL)
            return at;
        at = newline + 1;
    }
    return at;
}

/* Does the indentation of this line have a tab? libyaml says it in words that nobody finds. */
static bool is_indented_by_tab(const struct irsa_yaml_builder *b, size_t line) {
    const char *end = b->bytes + b->length;
    for (const char *at = find_line(b, line); at < end && (*at == ' ' || *at == '\t'); at++)
        if (*at == '\t')
            return true;
    return false;
}

static bool fail_at_offset(struct irsa_yaml_builder *b, size_t offset, const char *what) {
    IRSA_FAIL(b->err, SCHEMA, "%s", what);
    const char *line_start = b->bytes;
    unsigned line = 1;
    for (size_t i = 0; i < offset && i < b->length; i++) {
        if (b->bytes[i] != '\n')
            continue;
        line++;
        line_start = b->bytes + i + 1;
    }
    b->err->line = line;
    b->err->column = (unsigned)(b->bytes + offset - line_start) + 1;
    return false;
}

static bool fail_of_parser(struct irsa_yaml_builder *b, const yaml_parser_t *parser) {
    const char *problem = parser->problem == NULL ? "it cannot be read" : parser->problem;
    if (parser->error == YAML_READER_ERROR)
        return fail_at_offset(b, parser->problem_offset, problem);
    if (is_indented_by_tab(b, parser->problem_mark.line))
        IRSA_FAIL(b->err, SCHEMA, "a tab cannot indent in YAML; use spaces");
    else if (parser->context != NULL && parser->context_mark.line != parser->problem_mark.line)
        IRSA_FAIL(b->err, SCHEMA, "%s, %s that begins in line %zu", problem, parser->context,
                  parser->context_mark.line + 1);
    else if (parser->context != NULL)
        IRSA_FAIL(b->err, SCHEMA, "%s, %s", problem, parser->context);
    else
        IRSA_FAIL(b->err, SCHEMA, "%s", problem);
    b->err->line = (unsigned)parser->problem_mark.line + 1;
    b->err->column = (unsigned)parser->problem_mark.column + 1;
    return false;
}

static bool run(struct irsa_yaml_builder *b, yaml_parser_t *parser) {
    yaml_event_t event;
    for (bool is_at_end = false; !is_at_end;) {
        if (!yaml_parser_parse(parser, &event))
            return fail_of_parser(b, parser);
        is_at_end = event.type == YAML_STREAM_END_EVENT;
        bool is_fine = irsa_yaml_on_event(b, &event);
        yaml_event_delete(&event);
        if (!is_fine)
            return false;
    }
    return true;
}

static bool read_yaml(struct irsa_yaml_builder *b) {
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return IRSA_FAIL(b->err, INTERNAL, "libyaml has no memory");
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)b->bytes, b->length);
    bool is_read = run(b, &parser);
    yaml_parser_delete(&parser);
    irsa_map_free(b->anchors, NULL);
    return is_read;
}

/* JSON is read as JSON: its pairs of surrogates are nothing that libyaml knows. */
static bool read_json(struct irsa_yaml_builder *b, const struct irsa_json **out_root) {
    size_t at = 0;
    while (at < b->length && strchr(" \t\r\n", b->bytes[at]) != NULL && b->bytes[at] != '\0')
        at++;
    if (at == b->length || (b->bytes[at] != '{' && b->bytes[at] != '['))
        return false;
    struct irsa_error err = {0};
    struct irsa_json_limits limits = {.max_bytes = IRSA_YAML_MAX_BYTES, .max_depth = IRSA_YAML_MAX_DEPTH};
    return irsa_json_parse(b->arena, b->bytes, b->length, limits, out_root, &err);
}

bool irsa_yaml_read(struct irsa_arena *arena, const void *bytes, size_t length, irsa_yaml_document_fn *each, void *self,
                    struct irsa_error *err) {
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    if (length > IRSA_YAML_MAX_BYTES)
        return IRSA_FAIL(err, TOO_LARGE, "the file has %zu bytes; at most %zu are read", length, IRSA_YAML_MAX_BYTES);
    struct irsa_yaml_builder *b = IRSA_NEW(arena, struct irsa_yaml_builder);
    *b = (struct irsa_yaml_builder){
        .arena = arena, .bytes = bytes, .length = length, .each = each, .self = self, .err = err};
    if (length >= 3 && memcmp(bytes, byte_order_mark, 3) == 0) {
        b->bytes += 3;
        b->length -= 3;
    }
    irsa_error_clear(err);
    size_t valid = irsa_utf8_valid_prefix(b->bytes, b->length);
    if (valid < b->length)
        return fail_at_offset(b, valid, "the file is not UTF-8 here");
    const struct irsa_json *root = NULL;
    if (read_json(b, &root))
        return each(self, root, err);
    return read_yaml(b);
}
