/*
 * JSON (RFC 8259): one strict reading pass that makes the tree, in the arena.
 *
 * There is exactly one reader of a message's bytes, so that no two parts of the program can see different things in
 * them. It refuses what JSON readers disagree about: invalid UTF-8, a byte order mark, NUL and lone surrogates, repeated
 * keys, trailing bytes, nesting over a limit. Numbers keep their text. Keys compare exactly. Every value knows its line
 * and column. YAML files become the same tree (core/config/yaml.h).
 */
#ifndef IRSA_BASE_JSON_H
#define IRSA_BASE_JSON_H

#include "core/base/error.h"
#include "core/base/text.h"

enum irsa_json_kind {
    IRSA_JSON_NULL,
    IRSA_JSON_FALSE,
    IRSA_JSON_TRUE,
    IRSA_JSON_NUMBER,
    IRSA_JSON_STRING,
    IRSA_JSON_ARRAY,
    IRSA_JSON_OBJECT,
};

/*
 * A value in a tree. Read its fields freely, change nothing.
 *
 * line      of the value's first byte; key_line: of its key's. Columns count bytes. From 1; 0 when not read from text
 * text      STRING: its UTF-8, without NUL; NUMBER: as it was written
 * key       of a member of an object, else NULL
 * first     first child of ARRAY or OBJECT; children are chained by `next`, in the order of the text
 */
struct irsa_json {
    enum irsa_json_kind kind;
    unsigned line, column;
    unsigned key_line, key_column;
    unsigned count; /* children */
    size_t text_length;
    const char *text;
    const char *key;
    struct irsa_json *first;
    struct irsa_json *next;
};

struct irsa_json_limits {
    size_t max_bytes;
    unsigned max_depth; /* of nesting; a scalar at the top has depth 0 */
};

/* Values of one document, its top included. */
#define IRSA_JSON_MAX_MEMBERS 65536

/*
 * Read one document.
 *
 * bytes   borrowed until the call returns; the tree is wholly in the arena
 * limits  nesting is bounded by 256 whatever they say
 * fails   SCHEMA with line, column and, in `at`, the innermost value that the fault is in; TOO_LARGE (bytes, nesting,
 *         more than IRSA_JSON_MAX_MEMBERS values)
 */
IRSA_MUST_CHECK bool irsa_json_parse(struct irsa_arena *arena, const void *bytes, size_t length,
                                     struct irsa_json_limits limits, const struct irsa_json **out_value,
                                     struct irsa_error *err);

/* The member of an object with exactly this key, or NULL; also NULL when `object` is NULL or no object. */
const struct irsa_json *irsa_json_get(const struct irsa_json *object, const char *key);

/* The text of a string member, or NULL when it is absent or no string. */
const char *irsa_json_get_text(const struct irsa_json *object, const char *key);

/* The value that a JSON pointer (RFC 6901) names, or NULL. */
const struct irsa_json *irsa_json_at(const struct irsa_json *root, const char *pointer);

/* An integer within ±(2^53 - 1) written without fraction or exponent. False for anything else. */
IRSA_MUST_CHECK bool irsa_json_integer(const struct irsa_json *value, int64_t *out_value);

/* "a string", "an object", … for error texts. */
const char *irsa_json_kind_name(enum irsa_json_kind kind);

/* Equal by meaning: order of members does not matter, numbers are equal when their texts are. */
bool irsa_json_equal(const struct irsa_json *a, const struct irsa_json *b);

/*
 * Writing: compact JSON, straight into bounded text. Misuse (a value without a key in an object) is an assertion.
 *
 *     struct irsa_json_writer w;
 *     irsa_json_begin(&w, &text);
 *     irsa_json_open_object(&w, NULL);
 *     irsa_json_add_text(&w, "name", name);
 *     irsa_json_close_object(&w);
 *
 * `key` is NULL within arrays and at the top. A NULL text or value is left out together with its key.
 * Bytes that are no UTF-8 become U+FFFD, so that what is written is always JSON.
 */
struct irsa_json_writer {
    struct irsa_text *out;
    bool needs_comma;
    unsigned depth;   /* of what is open, at most 64 */
    uint64_t objects; /* bit n: what is open at depth n is an object */
};

void irsa_json_begin(struct irsa_json_writer *w, struct irsa_text *out);
void irsa_json_open_object(struct irsa_json_writer *w, const char *key);
void irsa_json_close_object(struct irsa_json_writer *w);
void irsa_json_open_array(struct irsa_json_writer *w, const char *key);
void irsa_json_close_array(struct irsa_json_writer *w);
void irsa_json_add_text(struct irsa_json_writer *w, const char *key, const char *value);
void irsa_json_add_text_bytes(struct irsa_json_writer *w, const char *key, const char *value, size_t length);
void irsa_json_add_integer(struct irsa_json_writer *w, const char *key, int64_t value);
void irsa_json_add_boolean(struct irsa_json_writer *w, const char *key, bool value);
void irsa_json_add_null(struct irsa_json_writer *w, const char *key);
void irsa_json_add_value(struct irsa_json_writer *w, const char *key, const struct irsa_json *value);
/* `json` is a complete JSON value already. */
void irsa_json_add_raw(struct irsa_json_writer *w, const char *key, const char *json);

/* Compact text of a tree. */
const char *irsa_json_to_text(struct irsa_arena *arena, const struct irsa_json *value);

/* Text of a tree, indented by two spaces, for people. */
const char *irsa_json_to_pretty_text(struct irsa_arena *arena, const struct irsa_json *value);

/*
 * Making trees by hand (for readers of other formats).
 */
struct irsa_json *irsa_json_new(struct irsa_arena *arena, enum irsa_json_kind kind);
/* A string; the text is copied. */
struct irsa_json *irsa_json_new_text(struct irsa_arena *arena, const char *text);
/* Append; `key` NULL for arrays, borrowed otherwise. Constant time with `*tail`, which starts as NULL. */
void irsa_json_append(struct irsa_json *parent, struct irsa_json **tail, const char *key, struct irsa_json *child);

#endif
