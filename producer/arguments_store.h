/*
 * The value of one flag on its way into struct irsa_arguments, by the flag's kind.
 */
#ifndef IRSA_PRODUCER_ARGUMENTS_STORE_H
#define IRSA_PRODUCER_ARGUMENTS_STORE_H

#include "producer/arguments.h"

/*
 * value  NULL: none was given (switches and optional ones)
 * fails  INVALID: no such choice, no "=", an empty item
 */
IRSA_MUST_CHECK bool irsa_flag_store(const struct irsa_flag *flag, struct irsa_arena *arena, const char *value,
                                     struct irsa_arguments *out, struct irsa_error *err);

/* Append to lists that grow in the arena; the texts are borrowed. */
void irsa_strings_append(struct irsa_arena *arena, struct irsa_strings *list, const char *text);
void irsa_pairs_append(struct irsa_arena *arena, struct irsa_pairs *list, const char *key, const char *value);

#endif
