/*
 * Help texts for a terminal.
 */
#include "producer/help.h"

#include <string.h>

#include "core/base/text.h"
#include "producer/grammar_search.h"

#define PROSE_COLUMN   34
#define SUMMARY_COLUMN 36
#define LINE_COLUMNS   112

/* Words of `text` from `column` on, broken at LINE_COLUMNS; the cursor stands at `column` already. */
static void print_wrapped(FILE *out, const char *text, int column) {
    int at = column;
    while (*text != '\0') {
        int length = (int)strcspn(text, " ");
        if (at > column && at + 1 + length > LINE_COLUMNS) {
            fprintf(out, "\n%*s", column, "");
            at = column;
        } else if (at > column) {
            fputc(' ', out);
            at++;
        }
        fprintf(out, "%.*s", length, text);
        at += length;
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static void print_entry(FILE *out, const char *label, const char *prose, int column) {
    int width = fprintf(out, "  %s", label);
    if (width + 2 > column)
        fprintf(out, "\n%*s", column, "");
    else
        fprintf(out, "%*s", column - width, "");
    print_wrapped(out, prose, column);
}

static void add_value(struct irsa_text *text, const struct irsa_flag *flag) {
    if (flag->kind == IRSA_FLAG_OPTIONAL)
        irsa_text_addf(text, "[=%s]", flag->value_name);
    else if (flag->value_name != NULL)
        irsa_text_addf(text, " %s", flag->value_name);
    bool is_optional = flag->kind == IRSA_FLAG_OPTIONAL_CHOICE;
    for (size_t i = 0; flag->choices != NULL && flag->choices[i] != NULL; i++)
        irsa_text_addf(text, "%s%s", i > 0 ? "|" : is_optional ? "[=" : " ", flag->choices[i]);
    if (is_optional)
        irsa_text_add(text, "]");
}

const char *irsa_flag_label(struct irsa_arena *arena, const struct irsa_flag *flag) {
    struct irsa_text text;
    irsa_text_init(&text, arena, 256);
    if (flag->letter != 0)
        irsa_text_addf(&text, "-%c, ", flag->letter);
    irsa_text_add(&text, flag->name);
    add_value(&text, flag);
    return text.at;
}

bool irsa_flag_is_under(const struct irsa_grammar *grammar, const struct irsa_command *command,
                        const struct irsa_flag *flag, const struct irsa_group_heading *heading) {
    unsigned groups = flag->groups & (command->groups | IRSA_GROUP_EVERY);
    if ((groups & heading->groups) == 0)
        return false;
    for (const struct irsa_group_heading *before = grammar->headings; before != heading; before++)
        if ((groups & before->groups) != 0)
            return false;
    return true;
}

static void print_setting_flags(const struct irsa_grammar *grammar, struct irsa_arena *arena, FILE *out) {
    for (size_t i = 0; i < grammar->settings->count; i++) {
        const struct irsa_setting *setting = &grammar->settings->at[i];
        if (setting->flag == NULL)
            continue;
        const char *label = irsa_arena_format(arena, "    %s %s", setting->flag, setting->value_name);
        const char *prose = irsa_arena_format(arena, "%s; else %s (default %s)", setting->prose, setting->environment,
                                              setting->fallback);
        print_entry(out, label, prose, PROSE_COLUMN);
    }
}

static void print_flags_under(const struct irsa_grammar *grammar, const struct irsa_command *command,
                              const struct irsa_group_heading *heading, struct irsa_arena *arena, FILE *out) {
    bool has_heading = false;
    for (const struct irsa_flag *flag = grammar->flags; flag->name != NULL; flag++) {
        if (!irsa_flag_is_under(grammar, command, flag, heading))
            continue;
        if (!has_heading)
            fprintf(out, "\n%s:\n", heading->heading);
        has_heading = true;
        const char *label = irsa_flag_label(arena, flag);
        print_entry(out, flag->letter == 0 ? irsa_arena_format(arena, "    %s", label) : label, flag->prose,
                    PROSE_COLUMN);
    }
    if (has_heading && (heading->groups & IRSA_GROUP_BROKER) != 0)
        print_setting_flags(grammar, arena, out);
}

static void print_indented(FILE *out, const char *lines) {
    for (const char *at = lines; *at != '\0';) {
        size_t length = strcspn(at, "\n");
        fprintf(out, "  %.*s\n", (int)length, at);
        at += length + (at[length] == '\n');
    }
}

static void print_usage(const struct irsa_command *command, FILE *out) {
    const char *space = command->operands[0] != '\0' ? " " : "";
    fprintf(out, "Usage:\n  irsactl %s%s%s [flags]\n", command->words, space, command->operands);
    if ((command->groups & IRSA_GROUP_FILE) != 0 && (command->groups & IRSA_GROUPS_IN_PLACE_OF_FILE) != 0)
        fprintf(out, "  irsactl %s -f FILE|DIRECTORY|- [flags]\n", command->words);
}

static void print_command(const struct irsa_grammar *grammar, const struct irsa_command *command, FILE *out) {
    struct irsa_arena *arena = irsa_arena_new();
    fprintf(out, "%s.\n\n", command->summary);
    if (command->prose[0] != '\0')
        fprintf(out, "%s\n\n", command->prose);
    print_usage(command, out);
    for (const struct irsa_group_heading *heading = grammar->headings; heading->heading != NULL; heading++)
        print_flags_under(grammar, command, heading, arena, out);
    fprintf(out, "\nExamples:\n");
    print_indented(out, command->examples);
    irsa_arena_free(arena);
}

static void print_exit_codes(FILE *out) {
#define ROW(name, code, meaning) fprintf(out, "  %-4d %s\n", code, meaning);
    fprintf(out, "\nExit codes:\n");
    IRSA_EXIT_TABLE(ROW)
#undef ROW
}

static void print_all(const struct irsa_grammar *grammar, const char *words, FILE *out) {
    if (words[0] == '\0')
        fprintf(out, "irsactl enqueues requests for iamserviceaccounts on Kafka and shows what became of them.\n\n");
    fprintf(out, "Usage:\n  irsactl COMMAND [flags]\n\nCommands:\n");
    for (const struct irsa_command *command = grammar->commands; command->words != NULL; command++)
        if (irsa_command_starts_with(command, words))
            print_entry(out, command->words, command->summary, SUMMARY_COLUMN);
    if (words[0] == '\0')
        print_exit_codes(out);
    fprintf(out, "\n\"irsactl COMMAND --help\" shows the flags of a command.\n");
}

void irsa_help_print(const struct irsa_grammar *grammar, const char *words, FILE *out) {
    const struct irsa_command *command = irsa_grammar_find_command(grammar, words);
    if (command != NULL)
        print_command(grammar, command, out);
    else
        print_all(grammar, words, out);
}
