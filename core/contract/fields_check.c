/*
 * Judging the values in structs, by the tables of fields; and naming places in errors.
 */
#include <string.h>

#include "core/contract/fields.h"

#define SHOWN_BYTES 200 /* of a value in a message */

typedef bool check_fn(const struct irsa_field *field, const char *base, struct irsa_error *err);

static const void *at(const char *base, size_t offset) {
    return base + offset;
}

bool irsa_error_set_rule(struct irsa_error *err, const char *value, const char *rule) {
    char shown[SHOWN_BYTES + 1];
    struct irsa_text out;
    irsa_text_init_fixed(&out, shown, sizeof shown);
    irsa_text_add_printable(&out, value, SHOWN_BYTES);
    return IRSA_FAIL(err, INVALID, "\"%s\" %s", shown, rule);
}

static bool judge(irsa_name_rule_fn *rule, const char *value, struct irsa_error *err) {
    if (value == NULL)
        return IRSA_FAIL(err, INVALID, "must not be NULL");
    const char *problem = rule == NULL ? NULL : rule(value);
    return problem == NULL || irsa_error_set_rule(err, value, problem);
}

static bool check_text(const struct irsa_field *field, const char *base, struct irsa_error *err) {
    const char *value = *(const char *const *)at(base, field->offset);
    if (value != NULL)
        return judge(field->rule, value, err);
    return !field->is_required || IRSA_FAIL(err, INVALID, "is missing");
}

static bool is_count_fine(const struct irsa_field *field, size_t count, struct irsa_error *err) {
    if (field->max_count == 0 || count <= field->max_count)
        return true;
    return IRSA_FAIL(err, INVALID, "has %zu entries; there may be at most %zu", count, field->max_count);
}

static bool check_texts(const struct irsa_field *field, const char *base, struct irsa_error *err) {
    const struct irsa_strings *texts = at(base, field->offset);
    for (size_t i = 0; i < texts->count; i++)
        if (!judge(field->rule, texts->at[i], err))
            return irsa_error_at(err, "/%zu", i);
    return is_count_fine(field, texts->count, err);
}

static bool check_pairs(const struct irsa_field *field, const char *base, struct irsa_error *err) {
    const struct irsa_pairs *pairs = at(base, field->offset);
    for (size_t i = 0; i < pairs->count; i++) {
        const struct irsa_pair *pair = &pairs->at[i];
        if (pair->key == NULL)
            return IRSA_FAIL(err, INVALID, "has an entry without a key");
        if (!judge(field->key_rule, pair->key, err) || !judge(field->rule, pair->value, err))
            return irsa_error_at_key(err, pair->key);
    }
    return is_count_fine(field, pairs->count, err);
}

static bool check_object(const struct irsa_fields *fields, const char *base, struct irsa_error *err);

static bool check_nested(const struct irsa_field *field, const char *base, struct irsa_error *err) {
    const char *nested = at(base, field->offset);
    if (!field->is_required && !irsa_fields_are_present(field->nested, nested))
        return true;
    return check_object(field->nested, nested, err);
}

static bool check_nothing(const struct irsa_field *field, const char *base, struct irsa_error *err) {
    (void)field, (void)base, (void)err;
    return true;
}

static bool check_enum(const struct irsa_field *field, const char *base, struct irsa_error *err) {
    int value = *(const int *)at(base, field->offset);
    for (int i = 0; field->names[i] != NULL; i++)
        if (i == value)
            return true;
    return IRSA_FAIL(err, INVALID, "%d is no value of this field", value);
}

static check_fn *const checkers[] = {
    [IRSA_FIELD_TEXT] = check_text,     [IRSA_FIELD_BOOLEAN] = check_nothing, [IRSA_FIELD_TEXTS] = check_texts,
    [IRSA_FIELD_PAIRS] = check_pairs,   [IRSA_FIELD_OBJECT] = check_nested,   [IRSA_FIELD_JSON] = check_nothing,
    [IRSA_FIELD_FLAGS] = check_nothing, [IRSA_FIELD_ENUM] = check_enum,       [IRSA_FIELD_IGNORED] = check_nothing,
};

static bool check_object(const struct irsa_fields *fields, const char *base, struct irsa_error *err) {
    for (size_t i = 0; i < fields->count; i++) {
        const struct irsa_field *field = &fields->at[i];
        if (!checkers[field->kind](field, base, err))
            return irsa_error_at_key(err, field->key);
    }
    return true;
}

bool irsa_fields_check(const struct irsa_fields *fields, const void *in_struct, const char *pointer,
                       struct irsa_error *err) {
    if (check_object(fields, in_struct, err))
        return true;
    irsa_error_at(err, "%s", pointer);
    return irsa_error_name_place(err);
}

/* One token of a pointer, undone, as .key, ["a key"] or [2]. */
static void add_token(struct irsa_text *out, const char *token, size_t length) {
    char key[sizeof((struct irsa_error *)0)->at];
    size_t key_length = 0;
    bool is_index = length > 0, is_word = length > 0;
    for (size_t i = 0; i < length; i++) {
        char c = token[i];
        if (c == '~' && i + 1 < length)
            c = token[++i] == '1' ? '/' : '~';
        key[key_length++] = c;
        is_index = is_index && c >= '0' && c <= '9';
        is_word = is_word && c != '.' && c != '/' && c != ' ' && c != '"' && c != '[' && c != ']';
    }
    key[key_length] = '\0';
    irsa_text_add(out, is_index ? "[" : !is_word ? "[\"" : out->length > 0 ? "." : "");
    irsa_text_add_printable(out, key, sizeof key);
    irsa_text_add(out, is_index ? "]" : is_word ? "" : "\"]");
}

bool irsa_error_name_place(struct irsa_error *err) {
    char place[sizeof err->at * 2];
    struct irsa_text out;
    irsa_text_init_fixed(&out, place, sizeof place);
    for (const char *token = err->at; *token == '/';) {
        size_t length = strcspn(++token, "/");
        add_token(&out, token, length);
        token += length;
    }
    return out.length == 0 ? false : irsa_error_wrap(err, "%s", place);
}

bool irsa_error_find_line(struct irsa_error *err, const struct irsa_json *root) {
    const struct irsa_json *value = err->line == 0 ? irsa_json_at(root, err->at) : NULL;
    if (value == NULL)
        return false;
    err->line = value->line;
    err->column = value->column;
    return false;
}
