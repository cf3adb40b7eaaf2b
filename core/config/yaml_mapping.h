/*
 * Finishing a mapping of YAML: repeated keys and merge keys. Private to this room.
 */
#ifndef IRSA_CONFIG_YAML_MAPPING_H
#define IRSA_CONFIG_YAML_MAPPING_H

#include "core/base/json.h"

/* What the keys `<<` of one mapping have brought, in order. */
struct irsa_yaml_merges {
    const struct irsa_json **at;
    size_t count, capacity;
};

/* A value of `<<` is a mapping or a list of mappings. fails SCHEMA (without a place) */
IRSA_MUST_CHECK bool irsa_yaml_merges_add(struct irsa_yaml_merges *merges, struct irsa_arena *arena,
                                          const struct irsa_json *value, struct irsa_error *err);

/* fails SCHEMA at the second of two equal keys */
IRSA_MUST_CHECK bool irsa_yaml_are_keys_unique(const struct irsa_json *mapping, struct irsa_error *err);

/* Add what is merged and not there: the mapping's own keys win, then the earlier source. Keys of it are unique. */
void irsa_yaml_merge(struct irsa_arena *arena, struct irsa_json *mapping, struct irsa_json *tail,
                     const struct irsa_yaml_merges *merges);

#endif
