/*
 * Reading the command line: first the command's words are found, wherever they stand, then flags are read by its groups.
 */
#include "producer/arguments.h"

#include <assert.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "producer/arguments_store.h"
#include "producer/grammar_search.h"

#define WORDS_MAX 4

struct parser {
    const struct irsa_grammar *grammar;
    struct irsa_arena *arena;
    int argc;
    char *const *argv;
    struct irsa_arguments *out;
    int word_at[WORDS_MAX]; /* which of argv are the command's words */
    int word_count;
};

static bool is_flag(const char *item) {
    return item[0] == '-' && item[1] != '\0';
}

/*
 * The command's words
 */

static bool refuse_word(struct parser *parser, const char *word, struct irsa_error *err) {
    const char *before = parser->out->words;
    const char *names[IRSA_COMMANDS_MAX];
    const char *nearest =
        irsa_text_nearest(word, names, irsa_grammar_next_words(parser->grammar, parser->arena, before, names));
    const char *space = before[0] == '\0' ? "" : " ";
    if (nearest != NULL)
        return IRSA_FAIL(err, INVALID, "there is no command \"%s%s%s\"; did you mean \"%s%s%s\"?", before, space, word,
                         before, space, nearest);
    return IRSA_FAIL(err, INVALID, "there is no command \"%s%s%s\"", before, space, word);
}

static bool add_word(struct parser *parser, int at, struct irsa_error *err) {
    struct irsa_arguments *out = parser->out;
    const char *word = irsa_grammar_word(parser->grammar, parser->argv[at]);
    const char *words = out->words[0] == '\0' ? word : irsa_arena_format(parser->arena, "%s %s", out->words, word);
    if (parser->word_count == WORDS_MAX || !irsa_grammar_has_beginning(parser->grammar, words))
        return refuse_word(parser, parser->argv[at], err);
    out->words = words;
    parser->word_at[parser->word_count++] = at;
    out->command = irsa_grammar_find_command(parser->grammar, words);
    return true;
}

/* The flags' values are passed over by what the whole grammar knows, since the command is not known yet. */
static bool find_words(struct parser *parser, struct irsa_error *err) {
    for (int at = 1; at < parser->argc && parser->out->command == NULL; at++) {
        const char *item = parser->argv[at];
        if (strcmp(item, "--") == 0)
            break;
        if (is_flag(item)) {
            struct irsa_flag_match match = irsa_grammar_find_flag(parser->grammar, item, ~0u);
            if (irsa_flag_takes_value(&match) && match.value == NULL)
                at++;
        } else if (!add_word(parser, at, err)) {
            return false;
        }
    }
    return true;
}

static bool is_word_of_command(const struct parser *parser, int at) {
    for (int i = 0; i < parser->word_count; i++)
        if (parser->word_at[i] == at)
            return true;
    return false;
}

/*
 * Flags and operands
 */

static bool refuse_flag(const struct parser *parser, const char *item, struct irsa_error *err) {
    const struct irsa_grammar *grammar = parser->grammar;
    const struct irsa_command *command = parser->out->command;
    const char *given = irsa_arena_copy_bytes(parser->arena, item, strcspn(item, "="));
    struct irsa_flag_match elsewhere = irsa_grammar_find_flag(grammar, item, ~0u);
    if (elsewhere.flag != NULL || elsewhere.setting != NULL)
        return IRSA_FAIL(err, INVALID, "\"irsactl %s\" takes no %s", command->words, given);

    size_t count = 0;
    const char **names = IRSA_NEW_ARRAY(parser->arena, const char *, IRSA_FLAGS_MAX + grammar->settings->count);
    for (const struct irsa_flag *flag = grammar->flags; flag->name != NULL; flag++)
        if ((flag->groups & (command->groups | IRSA_GROUP_EVERY)) != 0)
            names[count++] = flag->name;
    for (size_t i = 0; (command->groups & IRSA_GROUP_BROKER) != 0 && i < grammar->settings->count; i++)
        if (grammar->settings->at[i].flag != NULL)
            names[count++] = grammar->settings->at[i].flag;
    const char *nearest = irsa_text_nearest(given, names, count);
    if (nearest != NULL)
        return IRSA_FAIL(err, INVALID, "there is no flag %s; did you mean %s?", given, nearest);
    return IRSA_FAIL(err, INVALID, "there is no flag %s", given);
}

/* The value of a flag, from behind its '=' or from the next item, which then is taken. */
static bool take_value(const struct parser *parser, const char *name, struct irsa_flag_match *match, int *at,
                       struct irsa_error *err) {
    if (match->value != NULL || !irsa_flag_takes_value(match))
        return true;
    const char *next = *at + 1 < parser->argc ? parser->argv[*at + 1] : NULL;
    bool is_other_flag = false;
    if (next != NULL && next[0] == '-' && next[1] == '-') {
        struct irsa_flag_match other = irsa_grammar_find_flag(parser->grammar, next, ~0u);
        is_other_flag = other.flag != NULL || other.setting != NULL;
    }
    if (next == NULL || is_other_flag)
        return IRSA_FAIL(err, INVALID, "%s needs a value", name);
    match->value = next;
    (*at)++;
    return true;
}

static bool read_flag(struct parser *parser, int *at, struct irsa_error *err) {
    struct irsa_arguments *out = parser->out;
    const char *item = parser->argv[*at];
    struct irsa_flag_match match =
        irsa_grammar_find_flag(parser->grammar, item, out->command->groups | IRSA_GROUP_EVERY);
    if (match.setting != NULL) {
        const char *name = match.setting->flag;
        const char *value = NULL;
        if (!take_value(parser, name, &match, at, err))
            return false;
        value = match.value != NULL ? match.value : "true";
        irsa_pairs_append(parser->arena, &out->settings, name, value);
        return true;
    }
    if (match.flag == NULL)
        return refuse_flag(parser, item, err);
    if (!take_value(parser, match.flag->name, &match, at, err))
        return false;
    assert(match.flag - parser->grammar->flags < IRSA_FLAGS_MAX);
    out->given |= UINT64_C(1) << (match.flag - parser->grammar->flags);
    return irsa_flag_store(match.flag, parser->arena, match.value, out, err);
}

static bool refuse_operand(const struct parser *parser, int at, struct irsa_error *err) {
    const char *item = parser->argv[at];
    if (parser->out->command->max_operands == 0)
        return IRSA_FAIL(err, INVALID, "\"irsactl %s\" takes no argument: \"%s\"", parser->out->command->words, item);
    return IRSA_FAIL(err, INVALID, "one argument too many: \"%s\"", item);
}

/* A duration, or one of the flag's choices. */
static bool could_be_value(const struct irsa_flag *flag, const char *item) {
    int64_t ignored;
    struct irsa_error not_a_duration;
    if (flag->kind == IRSA_FLAG_OPTIONAL)
        return irsa_duration_parse(item, &ignored, &not_a_duration);
    for (size_t i = 0; flag->kind == IRSA_FLAG_OPTIONAL_CHOICE && flag->choices[i] != NULL; i++)
        if (strcmp(flag->choices[i], item) == 0)
            return true;
    return false;
}

/* "--dry-run server", "-w 5m": read as a name it would be another command than the one that was meant. */
static bool is_value_of_flag_before(const struct parser *parser, int at, const char **out_flag) {
    const char *before = parser->argv[at - 1];
    struct irsa_flag_match match = {0};
    if (is_flag(before))
        match = irsa_grammar_find_flag(parser->grammar, before, parser->out->command->groups);
    if (match.flag == NULL || match.value != NULL || !could_be_value(match.flag, parser->argv[at]))
        return false;
    *out_flag = match.flag->name;
    return true;
}

static bool add_operand(struct parser *parser, int at, struct irsa_error *err) {
    struct irsa_arguments *out = parser->out;
    const char *flag;
    if (is_value_of_flag_before(parser, at, &flag))
        return IRSA_FAIL(err, INVALID, "\"%s %s\" is written %s=%s", parser->argv[at - 1], parser->argv[at], flag,
                         parser->argv[at]);
    if (out->operands.count == out->command->max_operands)
        return refuse_operand(parser, at, err);
    irsa_strings_append(parser->arena, &out->operands, parser->argv[at]);
    return true;
}

static bool read_rest(struct parser *parser, struct irsa_error *err) {
    bool is_past_flags = false;
    for (int at = 1; at < parser->argc; at++) {
        const char *item = parser->argv[at];
        if (is_word_of_command(parser, at))
            continue;
        if (!is_past_flags && strcmp(item, "--") == 0)
            is_past_flags = true;
        else if (!is_past_flags && is_flag(item) ? !read_flag(parser, &at, err) : !add_operand(parser, at, err))
            return false;
    }
    return true;
}

static bool asks_for_help(const struct parser *parser) {
    for (int at = 1; at < parser->argc && strcmp(parser->argv[at], "--") != 0; at++)
        if (strcmp(parser->argv[at], "--help") == 0 || strcmp(parser->argv[at], "-h") == 0)
            return true;
    return false;
}

/* What every other tool understands too. */
static bool asks_for_version(const struct parser *parser) {
    return parser->argc == 2 && strcmp(parser->argv[1], "--version") == 0;
}

static bool refuse_half_a_command(const struct parser *parser, struct irsa_error *err) {
    struct irsa_text names;
    char room[256];
    irsa_text_init_fixed(&names, room, sizeof room);
    const char *next[IRSA_COMMANDS_MAX];
    size_t count = irsa_grammar_next_words(parser->grammar, parser->arena, parser->out->words, next);
    for (size_t i = 0; i < count; i++)
        irsa_text_addf(&names, "%s%s", i == 0 ? "" : ", ", next[i]);
    return IRSA_FAIL(err, INVALID, "\"irsactl %s\" needs one more word: %s", parser->out->words, names.at);
}

bool irsa_arguments_parse(const struct irsa_grammar *grammar, struct irsa_arena *arena, int argc, char *const *argv,
                          struct irsa_arguments *out, struct irsa_error *err) {
    *out = (struct irsa_arguments){.words = ""};
    struct parser parser = {.grammar = grammar, .arena = arena, .argc = argc, .argv = argv, .out = out};
    out->is_help = asks_for_help(&parser);
    if (asks_for_version(&parser)) {
        out->words = "version";
        out->command = irsa_grammar_find_command(grammar, out->words);
        return true;
    }
    if (!find_words(&parser, err))
        return false;
    if (out->is_help)
        return true;
    if (out->command == NULL && out->words[0] == '\0')
        return IRSA_FAIL(err, INVALID, "a command is missing");
    if (out->command == NULL)
        return refuse_half_a_command(&parser, err);
    return read_rest(&parser, err);
}

static bool is_given(const struct irsa_grammar *grammar, const struct irsa_arguments *arguments,
                     const struct irsa_flag *flag) {
    return (arguments->given >> (flag - grammar->flags) & 1) != 0;
}

bool irsa_arguments_has(const struct irsa_grammar *grammar, const struct irsa_arguments *arguments, const char *name) {
    for (const struct irsa_flag *flag = grammar->flags; flag->name != NULL; flag++)
        if (strcmp(flag->name, name) == 0 && is_given(grammar, arguments, flag))
            return true;
    return false;
}

const struct irsa_flag *irsa_arguments_first_of(const struct irsa_grammar *grammar,
                                                const struct irsa_arguments *arguments, unsigned groups) {
    for (const struct irsa_flag *flag = grammar->flags; flag->name != NULL; flag++)
        if ((flag->groups & groups) != 0 && is_given(grammar, arguments, flag))
            return flag;
    return NULL;
}
