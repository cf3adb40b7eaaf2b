/*
 * Tables that tie JSON fields to struct members: one table decodes, checks and encodes.
 *
 * The requests' data, the entries of iam.serviceAccounts in a ClusterConfig and the options all go through it, so that
 * a field is named in exactly one place in the code. Objects are closed: an unknown key is an error with its nearest match.
 */
#ifndef IRSA_CONTRACT_FIELDS_H
#define IRSA_CONTRACT_FIELDS_H

#include "core/base/json.h"
#include "core/contract/names.h"

enum irsa_field_kind {
    IRSA_FIELD_TEXT,    /* const char * */
    IRSA_FIELD_BOOLEAN, /* bool */
    IRSA_FIELD_TEXTS,   /* struct irsa_strings, each judged by `rule` */
    IRSA_FIELD_PAIRS,   /* struct irsa_pairs: keys judged by `key_rule`, values by `rule` */
    IRSA_FIELD_OBJECT,  /* a nested table over the same struct */
    IRSA_FIELD_JSON,    /* const char *: an object as compact JSON text, numbers as they were written */
    IRSA_FIELD_FLAGS,   /* uint32_t: an object of booleans, one bit each; `has_offset` is the bool for its presence */
    IRSA_FIELD_ENUM,    /* an enum of int size, by `names` */
    IRSA_FIELD_IGNORED, /* accepted with any value and dropped */
};

struct irsa_field {
    const char *key;
    enum irsa_field_kind kind;
    bool is_required;
    size_t offset;
    size_t has_offset;
    irsa_name_rule_fn *rule;
    irsa_name_rule_fn *key_rule;
    size_t max_count; /* of TEXTS and PAIRS */
    const struct irsa_fields *nested;
    const char *const *names; /* of FLAGS (bit i is names[i]) and ENUM; ended by NULL */
};

struct irsa_fields {
    const char *what; /* "a service account", for error texts */
    const struct irsa_field *at;
    size_t count;
};

/*
 * Fill `out_struct` from an object. `pointer` is the JSON pointer of `object`, for errors.
 *
 * fails    SCHEMA: unknown key, wrong type, missing field; err->at, line and column name the place
 */
IRSA_MUST_CHECK bool irsa_fields_decode(const struct irsa_fields *fields, struct irsa_arena *arena,
                                        const struct irsa_json *object, const char *pointer, void *out_struct,
                                        struct irsa_error *err);

/* Judge the values by their rules. fails INVALID with err->at */
IRSA_MUST_CHECK bool irsa_fields_check(const struct irsa_fields *fields, const void *in_struct, const char *pointer,
                                       struct irsa_error *err);

/* Write the members of the object that are present. */
void irsa_fields_encode(const struct irsa_fields *fields, const void *in_struct, struct irsa_json_writer *w);

#endif
