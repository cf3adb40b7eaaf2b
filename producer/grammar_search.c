/*
 * Searching the tables of a grammar.
 */
#include "producer/grammar_search.h"

#include <assert.h>
#include <string.h>

#include "core/base/arena.h"

bool irsa_flag_takes_value(const struct irsa_flag_match *match) {
    if (match->setting != NULL)
        return match->setting->kind != IRSA_SETTING_BOOLEAN;
    return match->flag != NULL && match->flag->kind != IRSA_FLAG_SWITCH && match->flag->kind != IRSA_FLAG_OPTIONAL &&
           match->flag->kind != IRSA_FLAG_OPTIONAL_CHOICE;
}

/* Is `item` the name, alone or with "=value" behind it? */
static bool is_named(const char *item, const char *name, const char **out_value) {
    size_t length = strlen(name);
    if (strncmp(item, name, length) != 0 || (item[length] != '\0' && item[length] != '='))
        return false;
    *out_value = item[length] == '=' ? item + length + 1 : NULL;
    return true;
}

static bool is_letter(const char *item, char letter, const char **out_value) {
    if (letter == 0 || item[1] != letter)
        return false;
    const char *rest = item + 2;
    *out_value = rest[0] == '\0' ? NULL : rest + (rest[0] == '=');
    return true;
}

struct irsa_flag_match irsa_grammar_find_flag(const struct irsa_grammar *grammar, const char *item, unsigned groups) {
    struct irsa_flag_match match = {0};
    for (const struct irsa_flag *flag = grammar->flags; flag->name != NULL; flag++) {
        if ((flag->groups & groups) == 0)
            continue;
        if (is_named(item, flag->name, &match.value) || is_letter(item, flag->letter, &match.value)) {
            match.flag = flag;
            return match;
        }
    }
    for (size_t i = 0; (groups & IRSA_GROUP_BROKER) != 0 && i < grammar->settings->count; i++) {
        const struct irsa_setting *setting = &grammar->settings->at[i];
        if (setting->flag != NULL && is_named(item, setting->flag, &match.value)) {
            match.setting = setting;
            return match;
        }
    }
    return match;
}

const char *irsa_grammar_word(const struct irsa_grammar *grammar, const char *word) {
    for (const struct irsa_alias *alias = grammar->aliases; alias->word != NULL; alias++)
        if (strcmp(word, alias->word) == 0)
            return alias->stands_for;
    return word;
}

bool irsa_command_starts_with(const struct irsa_command *command, const char *words) {
    size_t length = strlen(words);
    return length == 0 || (strncmp(command->words, words, length) == 0 &&
                           (command->words[length] == '\0' || command->words[length] == ' '));
}

const struct irsa_command *irsa_grammar_find_command(const struct irsa_grammar *grammar, const char *words) {
    for (const struct irsa_command *command = grammar->commands; command->words != NULL; command++)
        if (strcmp(command->words, words) == 0)
            return command;
    return NULL;
}

bool irsa_grammar_has_beginning(const struct irsa_grammar *grammar, const char *words) {
    for (const struct irsa_command *command = grammar->commands; command->words != NULL; command++)
        if (irsa_command_starts_with(command, words))
            return true;
    return false;
}

size_t irsa_grammar_next_words(const struct irsa_grammar *grammar, struct irsa_arena *arena, const char *words,
                               const char *out_names[IRSA_COMMANDS_MAX]) {
    size_t count = 0;
    size_t skip = words[0] == '\0' ? 0 : strlen(words) + 1;
    for (const struct irsa_command *command = grammar->commands; command->words != NULL; command++) {
        if (!irsa_command_starts_with(command, words) || strlen(command->words) <= skip)
            continue;
        const char *next = command->words + skip;
        assert(count < IRSA_COMMANDS_MAX);
        out_names[count++] = irsa_arena_copy_bytes(arena, next, strcspn(next, " "));
    }
    return count;
}
