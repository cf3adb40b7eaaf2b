/*
 * Private to json_*.c: the members of an object in the order of their keys.
 */
#ifndef IRSA_BASE_JSON_MEMBERS_H
#define IRSA_BASE_JSON_MEMBERS_H

#include "core/base/json.h"

/* The members sorted by key, equal keys in the order of the text; object->count of them. free() it. */
const struct irsa_json **irsa_json_sorted_members(const struct irsa_json *object);

#endif
