/*
 * Tables that tie JSON fields to struct members: one table decodes, checks and encodes.
 *
 * The requests' data, the entries of iam.serviceAccounts in a ClusterConfig and the options all go through it, so that
 * a field is named in exactly one place in the code. Objects are closed: an unknown key is an error with its nearest
 * match.
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
    IRSA_FIELD_OBJECT,  /* a nested table over the struct at `offset`, which may be the same one */
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
    size_t max_count; /* of TEXTS and PAIRS; 0: no bound of its own */
    const struct irsa_fields *nested;
    const char *const *names; /* of FLAGS (bit i is names[i]) and ENUM; ended by NULL */
};

#define IRSA_FIELDS_MAX 32 /* rows of one table */

struct irsa_fields {
    const char *what; /* "a service account", for error texts */
    const struct irsa_field *at;
    size_t count;
    bool null_is_absent; /* as readers of YAML in Go have it; holds for nested tables too */
};

/*
 * Fill `out_struct` from an object. `pointer` is the JSON pointer of `object`, for errors.
 *
 * fails    SCHEMA: unknown key, wrong type, missing field; err->at, line and column name the place, and so does the message
 */
IRSA_MUST_CHECK bool irsa_fields_decode(const struct irsa_fields *fields, struct irsa_arena *arena,
                                        const struct irsa_json *object, const char *pointer, void *out_struct,
                                        struct irsa_error *err);

/* Judge the values by their rules. fails INVALID with err->at; the message names the place too */
IRSA_MUST_CHECK bool irsa_fields_check(const struct irsa_fields *fields, const void *in_struct, const char *pointer,
                                       struct irsa_error *err);

/* Write the members of the object that are present: `key` is that of the object itself. */
void irsa_fields_encode(const struct irsa_fields *fields, const void *in_struct, const char *key,
                        struct irsa_json_writer *w);

/* Is anything in it that irsa_fields_encode would write? */
bool irsa_fields_are_present(const struct irsa_fields *fields, const void *in_struct);

/* err->at as people write it, before the message: "serviceAccount.attachPolicyARNs[2]: …". Always false. */
bool irsa_error_name_place(struct irsa_error *err);

/* Set line and column of the value that err->at names below `root`, unless they are known or it names none. Always false. */
bool irsa_error_find_line(struct irsa_error *err, const struct irsa_json *root);

/* `"value" must be …` into the message, with the value made printable and cut. Always false. */
bool irsa_error_set_rule(struct irsa_error *err, const char *value, const char *rule);

#endif
