/*
 * Help as Markdown: the reference in docs/irsactl.md.
 */
#include <string.h>

#include "core/base/text.h"
#include "producer/help.h"

/* '|' ends a cell of a table, also within back quotes; '<' begins HTML outside of them. */
static void print_cell(FILE *out, const char *text, const char *escaped) {
    for (; *text != '\0'; text++)
        fprintf(out, strchr(escaped, *text) != NULL ? "\\%c" : "%c", *text);
}

static void print_flag_row(FILE *out, const char *label, const char *prose) {
    fputs("| `", out);
    print_cell(out, label, "|");
    fputs("` | ", out);
    print_cell(out, prose, "|<*");
    fputs(" |\n", out);
}

static void print_setting_rows(const struct irsa_grammar *grammar, struct irsa_arena *arena, FILE *out) {
    for (size_t i = 0; i < grammar->settings->count; i++) {
        const struct irsa_setting *setting = &grammar->settings->at[i];
        if (setting->flag == NULL)
            continue;
        print_flag_row(out, irsa_arena_format(arena, "%s %s", setting->flag, setting->value_name),
                       irsa_arena_format(arena, "%s; else `%s` (default `%s`)", setting->prose, setting->environment,
                                         setting->fallback));
    }
}

/* The rows of one heading; those that every command shares are told once, at the end. */
static void print_rows_under(const struct irsa_grammar *grammar, const struct irsa_command *command,
                             const struct irsa_group_heading *heading, struct irsa_arena *arena, FILE *out) {
    for (const struct irsa_flag *flag = grammar->flags; flag->name != NULL; flag++)
        if (irsa_flag_is_under(grammar, command, flag, heading))
            print_flag_row(out, irsa_flag_label(arena, flag), flag->prose);
}

static bool is_shared(const struct irsa_group_heading *heading) {
    return (heading->groups & (IRSA_GROUP_BROKER | IRSA_GROUP_EVERY)) != 0;
}

static void print_flags(const struct irsa_grammar *grammar, const struct irsa_command *command,
                        struct irsa_arena *arena, FILE *out) {
    bool has_flags = (command->groups & ~(unsigned)IRSA_GROUP_BROKER) != 0;
    if (has_flags)
        fprintf(out, "\n| flag | what it does |\n|---|---|\n");
    for (const struct irsa_group_heading *heading = grammar->headings; heading->heading != NULL; heading++)
        if (!is_shared(heading))
            print_rows_under(grammar, command, heading, arena, out);
}

static void print_paragraph(FILE *out, const char *text) {
    fputc('\n', out);
    for (; *text != '\0'; text++)
        fputc(*text == '\n' ? ' ' : *text, out);
    fputc('\n', out);
}

static void print_section(const struct irsa_grammar *grammar, const struct irsa_command *command,
                          struct irsa_arena *arena, FILE *out) {
    fprintf(out, "\n### irsactl %s%s%s\n\n%s.\n", command->words, command->operands[0] != '\0' ? " " : "",
            command->operands, command->summary);
    if (command->prose[0] != '\0')
        print_paragraph(out, command->prose);
    print_flags(grammar, command, arena, out);
    fprintf(out, "\n```sh\n%s\n```\n", command->examples);
}

static void print_shared_flags(const struct irsa_grammar *grammar, struct irsa_arena *arena, FILE *out) {
    fprintf(out, "\n### Flags of every command that talks to Kafka\n\n| flag | what it does |\n|---|---|\n");
    for (const struct irsa_flag *flag = grammar->flags; flag->name != NULL; flag++)
        if ((flag->groups & IRSA_GROUP_BROKER) != 0)
            print_flag_row(out, irsa_flag_label(arena, flag), flag->prose);
    print_setting_rows(grammar, arena, out);
}

static void print_exit_codes(FILE *out) {
#define ROW(name, code, meaning) fprintf(out, "| %d | %s |\n", code, meaning);
    fprintf(out, "\n### Exit codes\n\n| code | when |\n|---|---|\n");
    IRSA_EXIT_TABLE(ROW)
#undef ROW
}

void irsa_help_print_markdown(const struct irsa_grammar *grammar, FILE *out) {
    struct irsa_arena *arena = irsa_arena_new();
    fprintf(out, "## Commands\n");
    for (const struct irsa_command *command = grammar->commands; command->words != NULL; command++)
        print_section(grammar, command, arena, out);
    print_shared_flags(grammar, arena, out);
    print_exit_codes(out);
    irsa_arena_free(arena);
}
