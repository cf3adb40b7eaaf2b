/*
 * The commands that only print what is compiled in: schema, completion, version, help.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/kafka/settings.h"
#include "producer/commands.h"
#include "producer/grammar_search.h"
#include "producer/help.h"
#include "producer/schemas.h"
#include "producer/terminal.h"

enum irsa_exit irsa_run_version(struct irsa_session *session) {
    (void)session;
    printf("irsactl %s (%s)\n", IRSA_VERSION, irsa_kafka_version());
    return IRSA_EXIT_DONE;
}

enum irsa_exit irsa_run_completion(struct irsa_session *session) {
    irsa_help_print_completion(session->grammar, stdout);
    return IRSA_EXIT_DONE;
}

/* "request.v1", or the name of its file. */
static const struct irsa_schema *find_schema(const char *name) {
    for (const struct irsa_schema *schema = irsa_schemas; schema->file != NULL; schema++) {
        size_t length = strlen(name);
        if (strncmp(schema->file, name, length) == 0 && (schema->file[length] == '\0' || schema->file[length] == '.'))
            return schema;
    }
    return NULL;
}

static enum irsa_exit refuse_schema(const char *name) {
    const char *files[IRSA_SCHEMAS_MAX];
    size_t count = 0;
    for (const struct irsa_schema *schema = irsa_schemas; schema->file != NULL; schema++)
        files[count++] = schema->file;
    const char *nearest = irsa_text_nearest(name, files, count);
    if (nearest != NULL)
        irsa_complain("there is no schema \"%s\"; did you mean \"%s\"?", name, nearest);
    else
        irsa_complain("there is no schema \"%s\"; \"irsactl schema\" lists them", name);
    return IRSA_EXIT_USAGE;
}

enum irsa_exit irsa_run_schema(struct irsa_session *session) {
    const struct irsa_strings *operands = &session->arguments->operands;
    if (operands->count == 0) {
        for (const struct irsa_schema *schema = irsa_schemas; schema->file != NULL; schema++)
            printf("%s\n", schema->file);
        return IRSA_EXIT_DONE;
    }
    const struct irsa_schema *schema = find_schema(operands->at[0]);
    if (schema == NULL)
        return refuse_schema(operands->at[0]);
    fwrite(schema->bytes, 1, schema->length, stdout);
    return IRSA_EXIT_DONE;
}

/* "help markdown" is for docs/irsactl.md and its test. */
enum irsa_exit irsa_run_help(struct irsa_session *session) {
    const struct irsa_strings *operands = &session->arguments->operands;
    const char *words = "";
    if (operands->count == 1 && strcmp(operands->at[0], "markdown") == 0) {
        irsa_help_print_markdown(session->grammar, stdout);
        return IRSA_EXIT_DONE;
    }
    for (size_t i = 0; i < operands->count; i++)
        words = irsa_arena_format(session->arena, "%s%s%s", words, i == 0 ? "" : " ",
                                  irsa_grammar_word(session->grammar, operands->at[i]));
    if (!irsa_grammar_has_beginning(session->grammar, words)) {
        irsa_complain("there is no command \"%s\"; \"irsactl help\" lists them", words);
        return IRSA_EXIT_USAGE;
    }
    irsa_help_print(session->grammar, words, stdout);
    return IRSA_EXIT_DONE;
}
