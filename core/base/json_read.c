/*
 * The reader: one pass over the bytes that checks everything and builds the tree.
 *
 * The document is copied into the arena once. A text ends where its closing quote was, a number where its delimiter
 * was, and escapes are undone in place (they only get shorter), so texts need no memory of their own. Reading goes on
 * from the caller's bytes, which keeps what the copy has overwritten.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/json_private.h"

#define DEPTH_CEILING 256 /* the reader calls itself once per level */
#define FEW_MEMBERS   32  /* up to here keys are compared as they come, beyond it sorted at the end */
#define NODES_AT_ONCE 8   /* made by one allocation */

struct reader {
    struct irsa_arena *arena;
    const uint8_t *start; /* the caller's bytes */
    const uint8_t *at;
    const uint8_t *end;
    const uint8_t *line_start;
    char *copy;
    struct irsa_json *spare; /* nodes made and not used yet */
    unsigned spares;
    unsigned line;
    unsigned depth, max_depth;
    unsigned nodes;
    struct irsa_error *err;
};

/* A member's key while its object is being read. */
struct key {
    const char *text;
    size_t length;
    unsigned line, column;
};

static unsigned column_of(const struct reader *r, const uint8_t *at) {
    return (unsigned)(at - r->line_start) + 1;
}

static bool fail_at(struct reader *r, const uint8_t *at, const char *what) {
    IRSA_FAIL(r->err, SCHEMA, "%s", what);
    r->err->line = r->line;
    r->err->column = column_of(r, at);
    return false;
}

/* Something else was expected at r->at. */
static bool fail_expecting(struct reader *r, const char *what) {
    if (r->at == r->end)
        IRSA_FAIL(r->err, SCHEMA, "the document ends where %s is expected", what);
    else if (*r->at > ' ' && *r->at < 0x7F)
        IRSA_FAIL(r->err, SCHEMA, "%s is expected, not '%c'", what, *r->at);
    else
        IRSA_FAIL(r->err, SCHEMA, "%s is expected, not byte 0x%02x", what, *r->at);
    r->err->line = r->line;
    r->err->column = column_of(r, r->at);
    return false;
}

static bool fail_size(struct reader *r, const char *what, size_t bound) {
    IRSA_FAIL(r->err, TOO_LARGE, "%s (%zu)", what, bound);
    r->err->line = r->line;
    r->err->column = column_of(r, r->at);
    return false;
}

static inline void skip_space(struct reader *r) {
    const uint8_t *at = r->at;
    for (; at < r->end && *at <= ' '; at++) {
        if (*at == '\n') {
            r->line++;
            r->line_start = at + 1;
        } else if (*at != ' ' && *at != '\t' && *at != '\r') {
            break;
        }
    }
    r->at = at;
}

static inline const uint8_t *end_of_plain(const uint8_t *at, const uint8_t *end) {
    return (const uint8_t *)irsa_json_end_of_plain((const char *)at, (const char *)end);
}

/* r->at is at the opening quote, and behind the closing one afterwards. */
static inline bool read_string(struct reader *r, const char **out_text, size_t *out_length) {
    const uint8_t *begin = r->at + 1;
    const uint8_t *end = end_of_plain(begin, r->end);
    char *text = r->copy + (begin - r->start);
    char *text_end = text + (end - begin);
    *out_text = text;
    if (end == r->end || *end != '"') {
        struct irsa_json_fault fault;
        end = irsa_json_read_rest(end, r->end, &text_end, &fault);
        if (end == NULL)
            return fail_at(r, fault.at != NULL ? fault.at : r->at, fault.what);
    }
    *text_end = '\0';
    *out_length = (size_t)(text_end - text);
    r->at = end + 1;
    return true;
}

static const uint8_t *skip_digits(const uint8_t *at, const uint8_t *end) {
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

/* At least one digit from r->at on. */
static bool read_digits(struct reader *r, const char *what) {
    const uint8_t *end = skip_digits(r->at, r->end);
    if (end == r->at)
        return fail_expecting(r, what);
    r->at = end;
    return true;
}

static bool read_number(struct reader *r, struct irsa_json *number) {
    const uint8_t *begin = r->at;
    if (*r->at == '-')
        r->at++;
    if (r->at < r->end && *r->at == '0')
        r->at++;
    else if (!read_digits(r, "a digit"))
        return false;
    if (r->at < r->end && *r->at == '.') {
        r->at++;
        if (!read_digits(r, "a digit of the fraction"))
            return false;
    }
    if (r->at < r->end && (*r->at | 0x20) == 'e') {
        r->at++;
        if (r->at < r->end && (*r->at == '+' || *r->at == '-'))
            r->at++;
        if (!read_digits(r, "a digit of the exponent"))
            return false;
    }
    number->kind = IRSA_JSON_NUMBER;
    number->text = r->copy + (begin - r->start);
    number->text_length = (size_t)(r->at - begin);
    r->copy[r->at - r->start] = '\0';
    return true;
}

static bool read_literal(struct reader *r, struct irsa_json *value, const char *name, enum irsa_json_kind kind) {
    size_t length = strlen(name);
    if ((size_t)(r->end - r->at) < length || memcmp(r->at, name, length) != 0)
        return fail_expecting(r, "a value");
    value->kind = kind;
    r->at += length;
    return true;
}

static struct irsa_json *make_node(struct reader *r) {
    if (r->spares == 0) {
        r->spare = IRSA_NEW_ARRAY(r->arena, struct irsa_json, NODES_AT_ONCE);
        r->spares = NODES_AT_ONCE;
    }
    r->spares--;
    return r->spare++;
}

static void chain(struct irsa_json *parent, struct irsa_json **tail, struct irsa_json *child) {
    if (*tail == NULL)
        parent->first = child;
    else
        (*tail)->next = child;
    *tail = child;
    parent->count++;
}

static bool read_value(struct reader *r, struct irsa_json *value);

static bool read_array(struct reader *r, struct irsa_json *array) {
    struct irsa_json *tail = NULL;
    array->kind = IRSA_JSON_ARRAY;
    r->at++;
    skip_space(r);
    if (r->at < r->end && *r->at == ']') {
        r->at++;
        return true;
    }
    for (;;) {
        struct irsa_json *element = make_node(r);
        if (!read_value(r, element))
            return irsa_error_at(r->err, "/%u", array->count);
        chain(array, &tail, element);
        skip_space(r);
        if (r->at == r->end || (*r->at != ',' && *r->at != ']'))
            return fail_expecting(r, "a comma or ']'");
        if (*r->at++ == ']')
            return true;
        skip_space(r);
    }
}

static bool fail_repeated(struct reader *r, const char *key, unsigned line, unsigned column) {
    IRSA_FAIL(r->err, SCHEMA, "the key \"%s\" is repeated", key);
    r->err->line = line;
    r->err->column = column;
    return irsa_error_at_key(r->err, key);
}

/*
 * Among the few keys so far? `*seen` is a filter of 64 bits: most keys are told from all earlier ones by their length
 * and first bytes, without looking at any.
 */
static bool is_repeated(const struct irsa_json *object, const struct key *key, uint64_t *seen) {
    size_t length = key->length;
    size_t print = length * 7;
    if (length > 0)
        print += (unsigned char)key->text[0] * 5U + (unsigned char)key->text[length - 1] * 3U;
    uint64_t bit = UINT64_C(1) << (print & 63);
    if ((*seen & bit) == 0) {
        *seen |= bit;
        return false;
    }
    for (const struct irsa_json *member = object->first; member != NULL; member = member->next)
        if (member->key[0] == key->text[0] && strcmp(member->key, key->text) == 0)
            return true;
    return false;
}

/* At the end of an object with many keys. Of several repeated keys the first in the text is named. */
static bool are_keys_unique(struct reader *r, const struct irsa_json *object) {
    const struct irsa_json **sorted = irsa_json_sorted_members(object);
    const struct irsa_json *repeated = NULL;
    for (unsigned i = 1; i < object->count; i++)
        if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0 && (repeated == NULL || sorted[i]->key < repeated->key))
            repeated = sorted[i];
    free(sorted);
    return repeated == NULL || fail_repeated(r, repeated->key, repeated->key_line, repeated->key_column);
}

static bool read_key(struct reader *r, struct key *key) {
    if (r->at == r->end || *r->at != '"')
        return fail_expecting(r, "a key in double quotes");
    key->line = r->line;
    key->column = column_of(r, r->at);
    if (!read_string(r, &key->text, &key->length))
        return false;
    skip_space(r);
    if (r->at == r->end || *r->at != ':')
        return fail_expecting(r, "a colon");
    r->at++;
    skip_space(r);
    return true;
}

static bool read_member(struct reader *r, struct irsa_json *object, struct irsa_json **tail, uint64_t *seen) {
    struct key key = {0}; // gcc's optimizer cannot tell that read_key() fills it whenever it is true
    if (!read_key(r, &key))
        return false;
    if (object->count < FEW_MEMBERS && is_repeated(object, &key, seen))
        return fail_repeated(r, key.text, key.line, key.column);
    struct irsa_json *member = make_node(r);
    member->key = key.text;
    member->key_line = key.line;
    member->key_column = key.column;
    if (!read_value(r, member))
        return irsa_error_at_key(r->err, key.text);
    chain(object, tail, member);
    return true;
}

static bool read_object(struct reader *r, struct irsa_json *object) {
    struct irsa_json *tail = NULL;
    uint64_t seen = 0;
    object->kind = IRSA_JSON_OBJECT;
    r->at++;
    skip_space(r);
    if (r->at < r->end && *r->at == '}') {
        r->at++;
        return true;
    }
    for (;;) {
        if (!read_member(r, object, &tail, &seen))
            return false;
        skip_space(r);
        if (r->at == r->end || (*r->at != ',' && *r->at != '}'))
            return fail_expecting(r, "a comma or '}'");
        if (*r->at++ == '}')
            return object->count <= FEW_MEMBERS || are_keys_unique(r, object);
        skip_space(r);
    }
}

static bool read_nested(struct reader *r, struct irsa_json *value, bool (*read)(struct reader *, struct irsa_json *)) {
    if (r->depth == r->max_depth)
        return fail_size(r, "the nesting is deeper than it may be", r->max_depth);
    r->depth++;
    bool is_read = read(r, value);
    r->depth--;
    return is_read;
}

static bool read_value(struct reader *r, struct irsa_json *value) {
    if (++r->nodes > IRSA_JSON_MAX_MEMBERS)
        return fail_size(r, "there are more values than there may be", IRSA_JSON_MAX_MEMBERS);
    value->line = r->line;
    value->column = column_of(r, r->at);
    switch (r->at < r->end ? *r->at : 0) {
    case '"':
        value->kind = IRSA_JSON_STRING;
        return read_string(r, &value->text, &value->text_length);
    case '{':
        return read_nested(r, value, read_object);
    case '[':
        return read_nested(r, value, read_array);
    case 't':
        return read_literal(r, value, "true", IRSA_JSON_TRUE);
    case 'f':
        return read_literal(r, value, "false", IRSA_JSON_FALSE);
    case 'n':
        return read_literal(r, value, "null", IRSA_JSON_NULL);
    default:
        if (r->at < r->end && (*r->at == '-' || (*r->at >= '0' && *r->at <= '9')))
            return read_number(r, value);
        return fail_expecting(r, "a value");
    }
}

static bool read_document(struct reader *r, struct irsa_json *root) {
    if (r->end - r->at >= 3 && memcmp(r->at, "\xEF\xBB\xBF", 3) == 0)
        return fail_at(r, r->at, "the document begins with a byte order mark");
    skip_space(r);
    if (!read_value(r, root))
        return false;
    skip_space(r);
    return r->at == r->end || fail_expecting(r, "the end of the document");
}

bool irsa_json_parse(struct irsa_arena *arena, const void *bytes, size_t length, struct irsa_json_limits limits,
                     const struct irsa_json **out_value, struct irsa_error *err) {
    if (length > limits.max_bytes)
        return IRSA_FAIL(err, TOO_LARGE, "%zu bytes are more than the %zu that a document may have", length,
                         limits.max_bytes);
    struct reader r = {
        .arena = arena,
        .start = bytes,
        .at = bytes,
        .end = (const uint8_t *)bytes + length,
        .line_start = bytes,
        .copy = irsa_arena_copy_bytes(arena, bytes, length),
        .line = 1,
        .max_depth = limits.max_depth < DEPTH_CEILING ? limits.max_depth : DEPTH_CEILING,
        .err = err,
    };
    struct irsa_json *root = make_node(&r);
    if (!read_document(&r, root))
        return false;
    *out_value = root;
    return true;
}
