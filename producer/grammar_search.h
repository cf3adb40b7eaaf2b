/*
 * Looking things up in a grammar.
 */
#ifndef IRSA_PRODUCER_GRAMMAR_SEARCH_H
#define IRSA_PRODUCER_GRAMMAR_SEARCH_H

#include "producer/arguments.h"

/* A flag as it stands in argv: one of ours or of the settings', or neither. */
struct irsa_flag_match {
    const struct irsa_flag *flag;
    const struct irsa_setting *setting;
    const char *value; /* behind '=' or behind the letter; NULL: none there */
};

/* The flag that an item of argv names, among those of the groups. */
struct irsa_flag_match irsa_grammar_find_flag(const struct irsa_grammar *grammar, const char *item, unsigned groups);

/* Does it want a value, from behind its '=' or from the next item? Switches and optional ones take the former only. */
bool irsa_flag_takes_value(const struct irsa_flag_match *match);

/* The word of the commands' table for what was given: an alias becomes what it stands for. */
const char *irsa_grammar_word(const struct irsa_grammar *grammar, const char *word);

/* Do the command's words begin with `words`, whole words only? "" begins everything. */
bool irsa_command_starts_with(const struct irsa_command *command, const char *words);

/* The command of exactly these words, or NULL. */
const struct irsa_command *irsa_grammar_find_command(const struct irsa_grammar *grammar, const char *words);

/* Is there a command whose words begin so? */
bool irsa_grammar_has_beginning(const struct irsa_grammar *grammar, const char *words);

/* The words that may follow `words`; a name for each command, so there may be repeats. In the arena. */
size_t irsa_grammar_next_words(const struct irsa_grammar *grammar, struct irsa_arena *arena, const char *words,
                               const char *out_names[IRSA_COMMANDS_MAX]);

#endif
