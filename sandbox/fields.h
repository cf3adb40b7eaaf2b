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
    IRSA_SANDBOX_FIELD_ANY,     /* const struct irsa_json *; also null */
};

struct irsa_sandbox_field {
    const char *name;
    enum irsa_sandbox_field_kind kind;
    size_t offset;
    int64_t min, max;
};

/* Fill `out_struct`; what is absent stays as it was. fails INVALID (unknown member with its nearest match, wrong type) */
IRSA_MUST_CHECK bool irsa_sandbox_fields_read(const struct irsa_sandbox_field *fields, size_t count,
                                              const struct irsa_json *object, void *out_struct, struct irsa_error *err);

#endif
