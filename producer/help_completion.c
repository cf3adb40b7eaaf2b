/*
 * Completion for bash, made of the grammar: the words of commands, then a command's flags, then the choices of a flag.
 */
#include <string.h>

#include "core/base/text.h"
#include "producer/grammar_search.h"
#include "producer/help.h"

static void print_flags(const struct irsa_grammar *grammar, const struct irsa_command *command, FILE *out) {
    for (const struct irsa_flag *flag = grammar->flags; flag->name != NULL; flag++)
        if ((flag->groups & (command->groups | IRSA_GROUP_EVERY)) != 0)
            fprintf(out, " %s", flag->name);
    for (size_t i = 0; (command->groups & IRSA_GROUP_BROKER) != 0 && i < grammar->settings->count; i++)
        if (grammar->settings->at[i].flag != NULL)
            fprintf(out, " %s", grammar->settings->at[i].flag);
}

/* The words that may follow what is typed, one case for each beginning. */
static void print_words_after(const struct irsa_grammar *grammar, const char *words, FILE *out) {
    size_t skip = words[0] == '\0' ? 0 : strlen(words) + 1;
    fprintf(out, "    \"%s\") candidates=\"", words);
    for (const struct irsa_command *command = grammar->commands; command->words != NULL; command++)
        if (irsa_command_starts_with(command, words) && strlen(command->words) > skip)
            fprintf(out, " %.*s", (int)strcspn(command->words + skip, " "), command->words + skip);
    fprintf(out, "\" ;;\n");
}

static void print_cases(const struct irsa_grammar *grammar, FILE *out) {
    print_words_after(grammar, "", out);
    for (const struct irsa_command *command = grammar->commands; command->words != NULL; command++) {
        const char *space = strchr(command->words, ' ');
        if (space != NULL) {
            char first[64];
            struct irsa_text text;
            irsa_text_init_fixed(&text, first, sizeof first);
            irsa_text_add_bytes(&text, command->words, (size_t)(space - command->words));
            print_words_after(grammar, text.at, out);
        }
        fprintf(out, "    \"%s\") candidates=\"", command->words);
        print_flags(grammar, command, out);
        fprintf(out, "\" ;;\n");
    }
}

static void print_choices(const struct irsa_grammar *grammar, FILE *out) {
    for (const struct irsa_flag *flag = grammar->flags; flag->name != NULL; flag++) {
        if (flag->kind != IRSA_FLAG_CHOICE)
            continue;
        fprintf(out, "    %s", flag->name);
        if (flag->letter != 0)
            fprintf(out, "|-%c", flag->letter);
        fprintf(out, ") candidates=\"");
        for (size_t i = 0; flag->choices[i] != NULL; i++)
            fprintf(out, "%s%s", i == 0 ? "" : " ", flag->choices[i]);
        fprintf(out, "\"; words=choice ;;\n");
    }
}

void irsa_help_print_completion(const struct irsa_grammar *grammar, FILE *out) {
    fprintf(out, "# bash completion for irsactl: source <(irsactl completion bash)\n"
                 "_irsactl() {\n"
                 "  local current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
                 "  local words=\"\" candidates=\"\" word\n"
                 "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                 "    case \"$word\" in -*) break ;; esac\n"
                 "    words=\"${words:+$words }$word\"\n"
                 "  done\n"
                 "  case \"$previous\" in\n"
                 "    -f|--config-file|--settings) COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n");
    print_choices(grammar, out);
    fprintf(out, "  esac\n  case \"$words\" in\n");
    print_cases(grammar, out);
    fprintf(out, "  esac\n"
                 "  COMPREPLY=($(compgen -W \"$candidates\" -- \"$current\"))\n"
                 "}\n"
                 "complete -o default -F _irsactl irsactl\n");
}
