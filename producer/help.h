/*
 * Help texts, made of the grammar's tables.
 */
#ifndef IRSA_PRODUCER_HELP_H
#define IRSA_PRODUCER_HELP_H

#include <stdio.h>

#include "producer/arguments.h"

/*
 * Help for what the words name: one command, several that begin so, or, with "", all of them.
 */
void irsa_help_print(const struct irsa_grammar *grammar, const char *words, FILE *out);

/* The same for all commands as Markdown: the reference part of docs/irsactl.md. */
void irsa_help_print_markdown(const struct irsa_grammar *grammar, FILE *out);

/* The bash script that completes commands and flags. */
void irsa_help_print_completion(const struct irsa_grammar *grammar, FILE *out);

/* How a flag is written: "-c, --cluster NAME", in the arena. */
const char *irsa_flag_label(struct irsa_arena *arena, const struct irsa_flag *flag);

/* Does the command take the flag, and is `heading` the first one that it stands under? */
bool irsa_flag_is_under(const struct irsa_grammar *grammar, const struct irsa_command *command,
                        const struct irsa_flag *flag, const struct irsa_group_heading *heading);

#endif
