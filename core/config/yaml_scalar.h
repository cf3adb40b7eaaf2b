/*
 * What a plain scalar of YAML stands for. Private to this room.
 */
#ifndef IRSA_CONFIG_YAML_SCALAR_H
#define IRSA_CONFIG_YAML_SCALAR_H

#include "core/base/json.h"

/*
 * Set kind and text of `value` from a plain scalar, as go-yaml v2 resolves it. The text is as it came, except for numbers,
 * which become JSON's.
 *
 * text   terminated; in the arena, borrowed by the value
 * fails  SCHEMA (without a place): an infinity or NaN, a number of more than 64 bits that is not decimal
 */
IRSA_MUST_CHECK bool irsa_yaml_resolve(struct irsa_arena *arena, const char *text, size_t length,
                                       struct irsa_json *value, struct irsa_error *err);

/* The text that a scalar is as a key: "true", "10", a float in its shortest form, as eksctl's reader makes it. */
const char *irsa_yaml_key(struct irsa_arena *arena, const struct irsa_json *value);

#endif
