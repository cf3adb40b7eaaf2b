/*
 * Telling problems.
 */
#include "producer/problems.h"

#include <ctype.h>
#include <string.h>

#include "producer/terminal.h"

static const char *skip_number_and_colon(const char *at) {
    const char *start = at;
    while (isdigit((unsigned char)*at))
        at++;
    return at > start && *at == ':' ? at + 1 : start;
}

/* The message behind "path:", "path:line:" or "path:line:column:". */
static const char *message_without_place(const char *message, const char *path) {
    size_t length = path == NULL ? 0 : strlen(path);
    if (length == 0 || strncmp(message, path, length) != 0 || message[length] != ':')
        return message;
    const char *at = skip_number_and_colon(skip_number_and_colon(message + length + 1));
    return at + (*at == ' ');
}

static void show(const struct irsa_problem *problem) {
    if (problem->path == NULL)
        irsa_complain("%s", problem->message);
    else if (problem->line == 0)
        irsa_say("%s: %s", problem->path, problem->message);
    else if (problem->column == 0)
        irsa_say("%s:%u: %s", problem->path, problem->line, problem->message);
    else
        irsa_say("%s:%u:%u: %s", problem->path, problem->line, problem->column, problem->message);
}

void irsa_problems_add(struct irsa_problems *problems, const char *path, const struct irsa_error *err) {
    const struct irsa_problem problem = {
        .path = path,
        .line = err->line,
        .column = err->column,
        .code = irsa_code_name(err->code),
        .message = message_without_place(err->message, path),
    };
    problems->count++;
    if (problems->tell != NULL)
        problems->tell(problems->self, &problem);
    else if (problems->count <= IRSA_PROBLEMS_SHOWN)
        show(&problem);
}
