/*
 * The writer: JSON into bounded text.
 *
 * What is written is JSON whatever the texts hold: control characters are escaped, and bytes that are no UTF-8 become
 * U+FFFD, since a result with a broken text in it would stop its readers.
 */
#include <assert.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/json_private.h"

#define INDENT "  "

static void add_escape(struct irsa_text *out, unsigned char c) {
    static const char letters[256] = {
        ['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    if (letters[c] != 0)
        irsa_text_add_bytes(out, (const char[]){'\\', letters[c]}, 2);
    else
        irsa_text_addf(out, "\\u%04x", c);
}

/* One character that is not plain; yields its bytes. */
static size_t add_special(struct irsa_text *out, const char *at, size_t length) {
    if ((unsigned char)*at < 0x80) {
        add_escape(out, (unsigned char)*at);
        return 1;
    }
    size_t sequence = irsa_utf8_sequence(at, length);
    if (sequence == 0) {
        irsa_text_add(out, "\xEF\xBF\xBD");
        return 1;
    }
    irsa_text_add_bytes(out, at, sequence);
    return sequence;
}

static bool is_plain(const char *text, size_t length) {
    return irsa_json_end_of_plain(text, text + length) == text + length;
}

static char *put_plain(char *at, const char *text, size_t length) {
    *at++ = '"';
    memcpy(at, text, length);
    at[length] = '"';
    return at + length + 1;
}

static void add_escaped(struct irsa_text *out, const char *text, size_t length) {
    const char *end = text + length;
    irsa_text_add_char(out, '"');
    while (text < end) {
        const char *special = irsa_json_end_of_plain(text, end);
        irsa_text_add_bytes(out, text, (size_t)(special - text));
        text = special;
        if (text < end)
            text += add_special(out, text, (size_t)(end - text));
    }
    irsa_text_add_char(out, '"');
}

static void add_string(struct irsa_text *out, const char *text, size_t length) {
    if (!is_plain(text, length)) {
        add_escaped(out, text, length);
        return;
    }
    char *at = irsa_text_extend(out, length + 2);
    if (at != NULL)
        put_plain(at, text, length);
}

static void add_key(struct irsa_text *out, const char *key, bool needs_comma) {
    size_t length = strlen(key);
    if (!is_plain(key, length)) {
        if (needs_comma)
            irsa_text_add_char(out, ',');
        add_escaped(out, key, length);
        irsa_text_add_char(out, ':');
        return;
    }
    char *at = irsa_text_extend(out, length + 3 + needs_comma);
    if (at == NULL)
        return;
    if (needs_comma)
        *at++ = ',';
    *put_plain(at, key, length) = ':';
}

void irsa_json_begin(struct irsa_json_writer *w, struct irsa_text *out) {
    *w = (struct irsa_json_writer){.out = out};
}

/* A comma if there is something before, and the key. */
static void begin_value(struct irsa_json_writer *w, const char *key) {
    assert((key != NULL) == (w->depth > 0 && (w->objects >> (w->depth - 1) & 1) != 0));
    if (key != NULL)
        add_key(w->out, key, w->needs_comma);
    else if (w->needs_comma)
        irsa_text_add_char(w->out, ',');
    w->needs_comma = true;
}

static void open(struct irsa_json_writer *w, const char *key, bool is_object) {
    begin_value(w, key);
    assert(w->depth < 64);
    uint64_t bit = UINT64_C(1) << w->depth++;
    w->objects = is_object ? w->objects | bit : w->objects & ~bit;
    w->needs_comma = false;
    irsa_text_add_char(w->out, is_object ? '{' : '[');
}

static void close(struct irsa_json_writer *w, bool is_object) {
    assert(w->depth > 0 && (w->objects >> (w->depth - 1) & 1) == is_object);
    w->depth--;
    w->needs_comma = true;
    irsa_text_add_char(w->out, is_object ? '}' : ']');
}

void irsa_json_open_object(struct irsa_json_writer *w, const char *key) {
    open(w, key, true);
}

void irsa_json_close_object(struct irsa_json_writer *w) {
    close(w, true);
}

void irsa_json_open_array(struct irsa_json_writer *w, const char *key) {
    open(w, key, false);
}

void irsa_json_close_array(struct irsa_json_writer *w) {
    close(w, false);
}

void irsa_json_add_text_bytes(struct irsa_json_writer *w, const char *key, const char *value, size_t length) {
    if (value == NULL)
        return;
    begin_value(w, key);
    add_string(w->out, value, length);
}

void irsa_json_add_text(struct irsa_json_writer *w, const char *key, const char *value) {
    irsa_json_add_text_bytes(w, key, value, value == NULL ? 0 : strlen(value));
}

void irsa_json_add_integer(struct irsa_json_writer *w, const char *key, int64_t value) {
    char digits[24];
    char *first = digits + sizeof digits;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do {
        *--first = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        *--first = '-';
    begin_value(w, key);
    irsa_text_add_bytes(w->out, first, (size_t)(digits + sizeof digits - first));
}

void irsa_json_add_boolean(struct irsa_json_writer *w, const char *key, bool value) {
    irsa_json_add_raw(w, key, value ? "true" : "false");
}

void irsa_json_add_null(struct irsa_json_writer *w, const char *key) {
    irsa_json_add_raw(w, key, "null");
}

void irsa_json_add_raw(struct irsa_json_writer *w, const char *key, const char *json) {
    begin_value(w, key);
    irsa_text_add(w->out, json);
}

static void add_scalar(struct irsa_text *out, const struct irsa_json *value) {
    if (value->kind == IRSA_JSON_STRING)
        add_string(out, value->text, value->text_length);
    else if (value->kind == IRSA_JSON_NUMBER)
        irsa_text_add_bytes(out, value->text, value->text_length);
    else
        irsa_text_add(out, irsa_json_kind_name(value->kind));
}

/* `indent` is the level of a pretty text, -1 for a compact one. */
static void add_line_break(struct irsa_text *out, int indent) {
    if (indent < 0)
        return;
    irsa_text_add_char(out, '\n');
    while (indent-- > 0)
        irsa_text_add(out, INDENT);
}

static void add_tree(struct irsa_text *out, const struct irsa_json *value, int indent) {
    if (value->kind != IRSA_JSON_OBJECT && value->kind != IRSA_JSON_ARRAY) {
        add_scalar(out, value);
        return;
    }
    bool is_object = value->kind == IRSA_JSON_OBJECT;
    int inner = indent < 0 ? indent : indent + 1;
    irsa_text_add_char(out, is_object ? '{' : '[');
    for (const struct irsa_json *child = value->first; child != NULL; child = child->next) {
        bool needs_comma = child != value->first;
        if (needs_comma && (indent >= 0 || !is_object))
            irsa_text_add_char(out, ',');
        add_line_break(out, inner);
        if (is_object)
            add_key(out, child->key, needs_comma && indent < 0);
        if (is_object && indent >= 0)
            irsa_text_add_char(out, ' ');
        add_tree(out, child, inner);
    }
    if (value->first != NULL)
        add_line_break(out, indent);
    irsa_text_add_char(out, is_object ? '}' : ']');
}

void irsa_json_add_value(struct irsa_json_writer *w, const char *key, const struct irsa_json *value) {
    if (value == NULL)
        return;
    begin_value(w, key);
    add_tree(w->out, value, -1);
}

static const char *tree_to_text(struct irsa_arena *arena, const struct irsa_json *value, int indent) {
    struct irsa_text out;
    irsa_text_init(&out, arena, SIZE_MAX);
    add_tree(&out, value, indent);
    return out.at;
}

const char *irsa_json_to_text(struct irsa_arena *arena, const struct irsa_json *value) {
    return tree_to_text(arena, value, -1);
}

const char *irsa_json_to_pretty_text(struct irsa_arena *arena, const struct irsa_json *value) {
    return tree_to_text(arena, value, 0);
}
