/*
 * Reading the documents of the control API: one table row per member, unknown members are errors.
 */
#ifndef IRSA_SANDBOX_FIELDS_H
#define IRSA_SANDBOX_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/base/json.h"

enum irsa_sandbox_field_kind {
    IRSA_SANDBOX_FIELD_TEXT,    /* const char *, borrowed from the tree */
    IRSA_SANDBOX_FIELD_INTEGER, /* int64_t within min and max */
    IRSA_SANDBOX_FIELD_BOOLEAN, /* bool */
    IRSA_SANDBOX_FIELD_OBJECT,  /* const struct irsa_json * */
    IRSA_SANDBOX_FIELD_ARRAY,   /* const struct irsa_json * */
    IRSA_SANDBOX_FIELD_TEXTS,   /* const struct irsa_json *: an array of strings */
    IRSA_SANDBOX_FIELD_PAIRS,   /* const struct irsa_json *: an object of strings */
    IRSA_SANDBOX_FIELD_ANY,     /* const struct irsa_json *; also null */
};

struct irsa_sandbox_field {
    const char *name;
    enum irsa_sandbox_field_kind kind;
    size_t offset;
    int64_t min, max;
};

/* A row for a member of `type`. */
#define IRSA_SANDBOX_FIELD(name, kind, type, member)                                                                   \
    { (name), IRSA_SANDBOX_FIELD_##kind, offsetof(type, member), 0, 0 }

/* Read an object by the rows of an array. */
#define IRSA_SANDBOX_READ(fields, object, out_struct, err)                                                             \
    irsa_sandbox_fields_read((fields), sizeof(fields) / sizeof((fields)[0]), (object), (out_struct), (err))

/* An object, or an array of nothing but strings, must stand here. fails INVALID */
IRSA_MUST_CHECK bool irsa_sandbox_is_object(const struct irsa_json *value, struct irsa_error *err);
IRSA_MUST_CHECK bool irsa_sandbox_is_texts(const struct irsa_json *value, struct irsa_error *err);

/* Fill `out_struct`; what is absent stays as it was. fails INVALID (unknown member with its nearest match, wrong type) */
IRSA_MUST_CHECK bool irsa_sandbox_fields_read(const struct irsa_sandbox_field *fields, size_t count,
                                              const struct irsa_json *object, void *out_struct, struct irsa_error *err);

#endif
