/*
 * From JSON into structs, by the tables of fields.
 *
 * Pointers are put together on the way out of an error, so that the way without errors does no work for them.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/contract/fields.h"

struct decoder {
    struct irsa_arena *arena;
    bool null_is_absent;
    struct irsa_error *err;
};

/* `base` is the struct that field->offset counts from. */
typedef bool decode_fn(const struct decoder *d, const struct irsa_field *field, const struct irsa_json *value,
                       char *base);

static bool decode_object(const struct decoder *d, const struct irsa_fields *fields, const struct irsa_json *object,
                          char *base);

static void *at(char *base, size_t offset) {
    return base + offset;
}

static bool fail_at_value(const struct decoder *d, const struct irsa_json *value) {
    d->err->line = value->line;
    d->err->column = value->column;
    return false;
}

static bool fail_at_key(const struct decoder *d, const struct irsa_json *member) {
    d->err->line = member->key_line;
    d->err->column = member->key_column;
    return irsa_error_at_key(d->err, member->key);
}

static bool fail_kind(const struct decoder *d, const struct irsa_json *value, const char *wanted) {
    const char *found = irsa_json_kind_name(value->kind);
    IRSA_FAIL(d->err, SCHEMA, "must be %s, not %s", wanted, found);
    return fail_at_value(d, value);
}

/* A plain word or number where text is wanted lacks its quotes; of YAML the word is told that was read as something else. */
static bool fail_no_text(const struct decoder *d, const struct irsa_json *value) {
    const char *found = irsa_json_kind_name(value->kind);
    bool is_truth = value->kind == IRSA_JSON_TRUE || value->kind == IRSA_JSON_FALSE;
    if (is_truth && value->text != NULL && strcmp(value->text, found) != 0)
        IRSA_FAIL(d->err, SCHEMA, "must be a string, not %s, which YAML reads as %s; put it in double quotes",
                  value->text, found);
    else if (is_truth || value->kind == IRSA_JSON_NUMBER)
        IRSA_FAIL(d->err, SCHEMA, "must be a string, not %s; put it in double quotes", found);
    else
        IRSA_FAIL(d->err, SCHEMA, "must be a string, not %s", found);
    return fail_at_value(d, value);
}

static bool decode_text(const struct decoder *d, const struct irsa_field *field, const struct irsa_json *value,
                        char *base) {
    if (value->kind != IRSA_JSON_STRING)
        return fail_no_text(d, value);
    *(const char **)at(base, field->offset) = value->text;
    return true;
}

static bool read_boolean(const struct decoder *d, const struct irsa_json *value, bool *out_is_true) {
    if (value->kind != IRSA_JSON_TRUE && value->kind != IRSA_JSON_FALSE)
        return fail_kind(d, value, "true or false");
    *out_is_true = value->kind == IRSA_JSON_TRUE;
    return true;
}

static bool decode_boolean(const struct decoder *d, const struct irsa_field *field, const struct irsa_json *value,
                           char *base) {
    return read_boolean(d, value, at(base, field->offset));
}

static bool decode_texts(const struct decoder *d, const struct irsa_field *field, const struct irsa_json *value,
                         char *base) {
    if (value->kind != IRSA_JSON_ARRAY)
        return fail_kind(d, value, "a list");
    const char **texts = IRSA_NEW_ARRAY(d->arena, const char *, value->count);
    size_t count = 0;
    for (const struct irsa_json *item = value->first; item != NULL; item = item->next) {
        if (item->kind != IRSA_JSON_STRING) {
            fail_no_text(d, item);
            return irsa_error_at(d->err, "/%zu", count);
        }
        texts[count++] = item->text;
    }
    *(struct irsa_strings *)at(base, field->offset) = (struct irsa_strings){texts, count};
    return true;
}

static bool decode_pairs(const struct decoder *d, const struct irsa_field *field, const struct irsa_json *value,
                         char *base) {
    if (value->kind != IRSA_JSON_OBJECT)
        return fail_kind(d, value, "an object");
    struct irsa_pair *pairs = IRSA_NEW_ARRAY(d->arena, struct irsa_pair, value->count);
    size_t count = 0;
    for (const struct irsa_json *member = value->first; member != NULL; member = member->next) {
        if (member->kind != IRSA_JSON_STRING) {
            fail_no_text(d, member);
            return irsa_error_at_key(d->err, member->key);
        }
        pairs[count++] = (struct irsa_pair){member->key, member->text};
    }
    *(struct irsa_pairs *)at(base, field->offset) = (struct irsa_pairs){pairs, count};
    return true;
}

static bool decode_nested(const struct decoder *d, const struct irsa_field *field, const struct irsa_json *value,
                          char *base) {
    return decode_object(d, field->nested, value, at(base, field->offset));
}

static bool decode_json(const struct decoder *d, const struct irsa_field *field, const struct irsa_json *value,
                        char *base) {
    if (value->kind != IRSA_JSON_OBJECT)
        return fail_kind(d, value, "an object");
    *(const char **)at(base, field->offset) = irsa_json_to_text(d->arena, value);
    return true;
}

/* The name that was meant, or all that there are. */
static void add_suggestion(struct irsa_text *out, const char *word, const char *all, const char *const *names,
                           size_t count) {
    const char *nearest = irsa_text_nearest(word, names, count);
    irsa_text_addf(out, "is unknown; %s", nearest == NULL ? all : "did you mean ");
    for (size_t i = 0; nearest == NULL && i < count; i++)
        irsa_text_addf(out, "%s%s", i == 0 ? " " : ", ", names[i]);
    if (nearest != NULL)
        irsa_text_addf(out, "%s?", nearest);
}

static bool fail_unknown(const struct decoder *d, const char *word, const char *what, const char *const *names,
                         size_t count) {
    char problem[512], all[64];
    struct irsa_text out;
    irsa_text_init_fixed(&out, all, sizeof all);
    irsa_text_addf(&out, "%s has", what);
    irsa_text_init_fixed(&out, problem, sizeof problem);
    add_suggestion(&out, word, all, names, count);
    return IRSA_FAIL(d->err, SCHEMA, "this field %s", problem);
}

/* The index of `word` among names that NULL ends; their count when it is none of them. */
static size_t find_name(const char *word, const char *const *names) {
    size_t i = 0;
    while (names[i] != NULL && strcmp(names[i], word) != 0)
        i++;
    return i;
}

static bool decode_flags(const struct decoder *d, const struct irsa_field *field, const struct irsa_json *value,
                         char *base) {
    if (value->kind != IRSA_JSON_OBJECT)
        return fail_kind(d, value, "an object");
    uint32_t flags = 0;
    for (const struct irsa_json *member = value->first; member != NULL; member = member->next) {
        size_t i = find_name(member->key, field->names);
        if (field->names[i] == NULL) {
            fail_unknown(d, member->key, field->key, field->names, i);
            return fail_at_key(d, member);
        }
        bool is_set = false;
        bool is_absent = d->null_is_absent && member->kind == IRSA_JSON_NULL;
        if (!is_absent && !read_boolean(d, member, &is_set))
            return irsa_error_at_key(d->err, member->key);
        flags |= (uint32_t)is_set << i;
    }
    *(uint32_t *)at(base, field->offset) = flags;
    *(bool *)at(base, field->has_offset) = true;
    return true;
}

static bool decode_enum(const struct decoder *d, const struct irsa_field *field, const struct irsa_json *value,
                        char *base) {
    if (value->kind != IRSA_JSON_STRING)
        return fail_no_text(d, value);
    size_t i = find_name(value->text, field->names);
    if (field->names[i] != NULL) {
        *(int *)at(base, field->offset) = (int)i;
        return true;
    }
    char problem[256];
    struct irsa_text out;
    irsa_text_init_fixed(&out, problem, sizeof problem);
    add_suggestion(&out, value->text, "it is one of", field->names, i);
    irsa_error_set_rule(d->err, value->text, problem);
    d->err->code = IRSA_CODE_SCHEMA;
    return fail_at_value(d, value);
}

static bool decode_ignored(const struct decoder *d, const struct irsa_field *field, const struct irsa_json *value,
                           char *base) {
    (void)d, (void)field, (void)value, (void)base;
    return true;
}

static decode_fn *const decoders[] = {
    [IRSA_FIELD_TEXT] = decode_text,   [IRSA_FIELD_BOOLEAN] = decode_boolean, [IRSA_FIELD_TEXTS] = decode_texts,
    [IRSA_FIELD_PAIRS] = decode_pairs, [IRSA_FIELD_OBJECT] = decode_nested,   [IRSA_FIELD_JSON] = decode_json,
    [IRSA_FIELD_FLAGS] = decode_flags, [IRSA_FIELD_ENUM] = decode_enum,       [IRSA_FIELD_IGNORED] = decode_ignored,
};

static const struct irsa_field *find_field(const struct irsa_fields *fields, const char *key) {
    for (size_t i = 0; i < fields->count; i++)
        if (strcmp(fields->at[i].key, key) == 0)
            return &fields->at[i];
    return NULL;
}

static bool fail_unknown_field(const struct decoder *d, const struct irsa_fields *fields,
                               const struct irsa_json *member) {
    const char *names[IRSA_FIELDS_MAX];
    for (size_t i = 0; i < fields->count; i++)
        names[i] = fields->at[i].key;
    fail_unknown(d, member->key, fields->what, names, fields->count);
    return fail_at_key(d, member);
}

static bool decode_member(const struct decoder *d, const struct irsa_fields *fields, const struct irsa_json *member,
                          char *base, uint32_t *seen) {
    const struct irsa_field *field = find_field(fields, member->key);
    if (field == NULL)
        return fail_unknown_field(d, fields, member);
    if (d->null_is_absent && member->kind == IRSA_JSON_NULL)
        return true;
    *seen |= UINT32_C(1) << (field - fields->at);
    if (!decoders[field->kind](d, field, member, base))
        return irsa_error_at_key(d->err, member->key);
    return true;
}

static bool decode_object(const struct decoder *d, const struct irsa_fields *fields, const struct irsa_json *object,
                          char *base) {
    if (object->kind != IRSA_JSON_OBJECT)
        return fail_kind(d, object, "an object");
    uint32_t seen = 0;
    for (const struct irsa_json *member = object->first; member != NULL; member = member->next)
        if (!decode_member(d, fields, member, base, &seen))
            return false;
    for (size_t i = 0; i < fields->count; i++) {
        if (!fields->at[i].is_required || (seen >> i & 1) != 0)
            continue;
        IRSA_FAIL(d->err, SCHEMA, "%s is missing", fields->at[i].key);
        return fail_at_value(d, object);
    }
    return true;
}

bool irsa_fields_decode(const struct irsa_fields *fields, struct irsa_arena *arena, const struct irsa_json *object,
                        const char *pointer, void *out_struct, struct irsa_error *err) {
    const struct decoder d = {.arena = arena, .null_is_absent = fields->null_is_absent, .err = err};
    if (decode_object(&d, fields, object, out_struct))
        return true;
    irsa_error_at(err, "%s", pointer);
    return irsa_error_name_place(err);
}
