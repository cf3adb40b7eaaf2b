/*
 * One pass over the members of an object.
 */
#include "sandbox/fields.h"

#include <string.h>

#include "core/base/text.h"

#define MAX_FIELDS 32

static const struct irsa_sandbox_field *find(const struct irsa_sandbox_field *fields, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    return NULL;
}

static bool fail_unknown(const struct irsa_sandbox_field *fields, size_t count, const char *name,
                         struct irsa_error *err) {
    const char *names[MAX_FIELDS];
    for (size_t i = 0; i < count; i++)
        names[i] = fields[i].name;
    const char *nearest = irsa_text_nearest(name, names, count);
    if (nearest == NULL)
        return IRSA_FAIL(err, INVALID, "there is no member \"%s\"", name);
    return IRSA_FAIL(err, INVALID, "there is no member \"%s\"; did you mean \"%s\"?", name, nearest);
}

static bool fail_kind(const struct irsa_json *member, const char *wanted, struct irsa_error *err) {
    return IRSA_FAIL(err, INVALID, "\"%s\" is %s, it must be %s", member->key, irsa_json_kind_name(member->kind),
                     wanted);
}

static bool read_integer(const struct irsa_sandbox_field *field, const struct irsa_json *member, int64_t *out_value,
                         struct irsa_error *err) {
    int64_t value;
    if (!irsa_json_integer(member, &value))
        return fail_kind(member, "an integer", err);
    if (value < field->min || value > field->max)
        return IRSA_FAIL(err, INVALID, "\"%s\" must be from %lld to %lld", field->name, (long long)field->min,
                         (long long)field->max);
    *out_value = value;
    return true;
}

static bool holds_only_texts(const struct irsa_json *value) {
    for (const struct irsa_json *child = value->first; child != NULL; child = child->next)
        if (child->kind != IRSA_JSON_STRING)
            return false;
    return true;
}

bool irsa_sandbox_is_object(const struct irsa_json *value, struct irsa_error *err) {
    return value->kind == IRSA_JSON_OBJECT ||
           IRSA_FAIL(err, INVALID, "%s stands where an object must be", irsa_json_kind_name(value->kind));
}

bool irsa_sandbox_is_texts(const struct irsa_json *value, struct irsa_error *err) {
    return (value->kind == IRSA_JSON_ARRAY && holds_only_texts(value)) ||
           IRSA_FAIL(err, INVALID, "an array of strings must stand here");
}

static bool read_member(const struct irsa_sandbox_field *field, const struct irsa_json *member, void *target,
                        struct irsa_error *err) {
    switch (field->kind) {
    case IRSA_SANDBOX_FIELD_TEXT:
        if (member->kind != IRSA_JSON_STRING)
            return fail_kind(member, "a string", err);
        *(const char **)target = member->text;
        return true;
    case IRSA_SANDBOX_FIELD_INTEGER:
        return read_integer(field, member, target, err);
    case IRSA_SANDBOX_FIELD_BOOLEAN:
        if (member->kind != IRSA_JSON_TRUE && member->kind != IRSA_JSON_FALSE)
            return fail_kind(member, "true or false", err);
        *(bool *)target = member->kind == IRSA_JSON_TRUE;
        return true;
    case IRSA_SANDBOX_FIELD_OBJECT:
        if (member->kind != IRSA_JSON_OBJECT)
            return fail_kind(member, "an object", err);
        break;
    case IRSA_SANDBOX_FIELD_ARRAY:
        if (member->kind != IRSA_JSON_ARRAY)
            return fail_kind(member, "an array", err);
        break;
    case IRSA_SANDBOX_FIELD_TEXTS:
        if (member->kind != IRSA_JSON_ARRAY)
            return fail_kind(member, "an array of strings", err);
        if (!holds_only_texts(member))
            return IRSA_FAIL(err, INVALID, "\"%s\" holds strings and nothing else", member->key);
        break;
    case IRSA_SANDBOX_FIELD_PAIRS:
        if (member->kind != IRSA_JSON_OBJECT)
            return fail_kind(member, "an object of strings", err);
        if (!holds_only_texts(member))
            return IRSA_FAIL(err, INVALID, "\"%s\" holds strings and nothing else", member->key);
        break;
    case IRSA_SANDBOX_FIELD_ANY:
        break;
    }
    *(const struct irsa_json **)target = member;
    return true;
}

bool irsa_sandbox_fields_read(const struct irsa_sandbox_field *fields, size_t count, const struct irsa_json *object,
                              void *out_struct, struct irsa_error *err) {
    if (!irsa_sandbox_is_object(object, err))
        return false;
    for (const struct irsa_json *member = object->first; member != NULL; member = member->next) {
        const struct irsa_sandbox_field *field = find(fields, count, member->key);
        if (field == NULL)
            return fail_unknown(fields, count, member->key, err);
        if (!read_member(field, member, (char *)out_struct + field->offset, err))
            return false;
    }
    return true;
}
