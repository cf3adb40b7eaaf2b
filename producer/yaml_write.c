/*
 * JSON values as YAML for people: block style, plain words where they are safe, else JSON's own quoting, which YAML reads.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/base/text.h"
#include "producer/output.h"

#define INDENT 2

static void add_indent(struct irsa_text *out, unsigned depth) {
    for (unsigned i = 0; i < depth * INDENT; i++)
        irsa_text_add_char(out, ' ');
}

/* A word that no reader of YAML takes for anything but text: it begins with a letter and is no boolean, null or tag. */
static bool is_plain(const char *text) {
    static const char *const others[] = {"true", "false", "yes", "no", "on", "off", "y", "n", "null"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcasecmp(text, others[i]) == 0)
            return false;
    if (!isalpha((unsigned char)text[0]))
        return false;
    size_t safe = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./");
    if (text[safe] == '\0')
        return true;
    /* a colon is safe within a word, as in an ARN or a time */
    for (const char *at = text; *at != '\0'; at++)
        if (strchr("-_./:@+=", *at) == NULL && !isalnum((unsigned char)*at))
            return false;
    return text[strlen(text) - 1] != ':';
}

static void add_text(struct irsa_text *out, const char *text) {
    struct irsa_json_writer w;
    if (is_plain(text)) {
        irsa_text_add(out, text);
        return;
    }
    irsa_json_begin(&w, out);
    irsa_json_add_text(&w, NULL, text);
}

static void add_scalar(struct irsa_text *out, const struct irsa_json *value) {
    struct irsa_json_writer w;
    if (value->kind == IRSA_JSON_STRING) {
        add_text(out, value->text);
        return;
    }
    irsa_json_begin(&w, out);
    irsa_json_add_value(&w, NULL, value); /* numbers, booleans, null, [] and {} */
}

static bool is_block(const struct irsa_json *value) {
    return (value->kind == IRSA_JSON_OBJECT || value->kind == IRSA_JSON_ARRAY) && value->first != NULL;
}

static void add_children(struct irsa_text *out, const struct irsa_json *value, unsigned depth, bool is_first_indented);

static void add_child(struct irsa_text *out, const struct irsa_json *child, bool is_item, unsigned depth) {
    if (is_item) {
        irsa_text_add(out, "- ");
    } else {
        add_text(out, child->key);
        irsa_text_add(out, is_block(child) ? ":" : ": ");
    }
    if (!is_block(child)) {
        add_scalar(out, child);
        irsa_text_add_char(out, '\n');
        return;
    }
    if (!is_item)
        irsa_text_add_char(out, '\n');
    add_children(out, child, depth + 1, !is_item);
}

static void add_children(struct irsa_text *out, const struct irsa_json *value, unsigned depth, bool is_first_indented) {
    for (const struct irsa_json *child = value->first; child != NULL; child = child->next) {
        if (child != value->first || is_first_indented)
            add_indent(out, depth);
        add_child(out, child, value->kind == IRSA_JSON_ARRAY, depth);
    }
}

void irsa_yaml_write_item(const struct irsa_json *value, struct irsa_text *out) {
    add_child(out, value, true, 0);
}
