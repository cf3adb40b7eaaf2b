/*
 * From structs into JSON, by the tables of fields. What is absent is left out.
 */
#include "core/contract/fields.h"

static const void *at(const char *base, size_t offset) {
    return base + offset;
}

static bool is_present(const struct irsa_field *field, const char *base) {
    const void *value = at(base, field->offset);
    switch (field->kind) {
    case IRSA_FIELD_TEXT:
    case IRSA_FIELD_JSON:
        return *(const char *const *)value != NULL;
    case IRSA_FIELD_BOOLEAN:
        return *(const bool *)value;
    case IRSA_FIELD_TEXTS:
        return ((const struct irsa_strings *)value)->at != NULL;
    case IRSA_FIELD_PAIRS:
        return ((const struct irsa_pairs *)value)->at != NULL;
    case IRSA_FIELD_OBJECT:
        return irsa_fields_are_present(field->nested, value);
    case IRSA_FIELD_FLAGS:
        return *(const bool *)at(base, field->has_offset);
    case IRSA_FIELD_ENUM:
        return true;
    case IRSA_FIELD_IGNORED:
        return false;
    }
    return false;
}

bool irsa_fields_are_present(const struct irsa_fields *fields, const void *in_struct) {
    for (size_t i = 0; i < fields->count; i++)
        if (is_present(&fields->at[i], in_struct))
            return true;
    return false;
}

static void encode_texts(const struct irsa_field *field, const void *value, struct irsa_json_writer *w) {
    const struct irsa_strings *texts = value;
    irsa_json_open_array(w, field->key);
    for (size_t i = 0; i < texts->count; i++)
        irsa_json_add_text(w, NULL, texts->at[i]);
    irsa_json_close_array(w);
}

static void encode_pairs(const struct irsa_field *field, const void *value, struct irsa_json_writer *w) {
    const struct irsa_pairs *pairs = value;
    irsa_json_open_object(w, field->key);
    for (size_t i = 0; i < pairs->count; i++)
        irsa_json_add_text(w, pairs->at[i].key, pairs->at[i].value);
    irsa_json_close_object(w);
}

/* Bits that are off are absent, which is the same. */
static void encode_flags(const struct irsa_field *field, const void *value, struct irsa_json_writer *w) {
    uint32_t flags = *(const uint32_t *)value;
    irsa_json_open_object(w, field->key);
    for (size_t i = 0; field->names[i] != NULL; i++)
        if ((flags >> i & 1) != 0)
            irsa_json_add_boolean(w, field->names[i], true);
    irsa_json_close_object(w);
}

static void encode_field(const struct irsa_field *field, const char *base, struct irsa_json_writer *w) {
    const void *value = at(base, field->offset);
    switch (field->kind) {
    case IRSA_FIELD_TEXT:
        irsa_json_add_text(w, field->key, *(const char *const *)value);
        break;
    case IRSA_FIELD_JSON:
        irsa_json_add_raw(w, field->key, *(const char *const *)value);
        break;
    case IRSA_FIELD_BOOLEAN:
        irsa_json_add_boolean(w, field->key, true);
        break;
    case IRSA_FIELD_TEXTS:
        encode_texts(field, value, w);
        break;
    case IRSA_FIELD_PAIRS:
        encode_pairs(field, value, w);
        break;
    case IRSA_FIELD_OBJECT:
        irsa_fields_encode(field->nested, value, field->key, w);
        break;
    case IRSA_FIELD_FLAGS:
        encode_flags(field, value, w);
        break;
    case IRSA_FIELD_ENUM:
        irsa_json_add_text(w, field->key, field->names[*(const int *)value]);
        break;
    case IRSA_FIELD_IGNORED:
        break;
    }
}

void irsa_fields_encode(const struct irsa_fields *fields, const void *in_struct, const char *key,
                        struct irsa_json_writer *w) {
    irsa_json_open_object(w, key);
    for (size_t i = 0; i < fields->count; i++)
        if (is_present(&fields->at[i], in_struct))
            encode_field(&fields->at[i], in_struct, w);
    irsa_json_close_object(w);
}
