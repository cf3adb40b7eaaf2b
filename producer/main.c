/*
 * irsactl: enqueue requests for iamserviceaccounts on Kafka, and see what became of them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/log.h"
#include "core/base/standard.h"
#include "producer/grammar.h"
#include "producer/help.h"
#include "producer/session.h"
#include "producer/terminal.h"

#define STDOUT_BUFFER_BYTES 65536

static enum irsa_exit refuse(const struct irsa_arguments *arguments, const struct irsa_error *err) {
    bool has_command = arguments->command != NULL;
    irsa_complain("%s", err->message);
    irsa_say("See \"irsactl %s%s--help\".", has_command ? arguments->command->words : "", has_command ? " " : "");
    return IRSA_EXIT_USAGE;
}

static enum irsa_exit run_command(struct irsa_session *session) {
    const struct irsa_command *command = session->arguments->command;
    struct irsa_error err;
    bool has_settings = (command->groups & IRSA_GROUP_BROKER) != 0;
    if (has_settings && !irsa_session_read_settings(session, environ, &err)) {
        irsa_complain("%s", err.message);
        return IRSA_EXIT_USAGE;
    }
    return command->run(session);
}

/* What could not be written is no success. */
static enum irsa_exit close_output(enum irsa_exit exit) {
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return exit;
    if (errno != 0)
        irsa_complain("standard output cannot be written: %s", strerror(errno));
    else
        irsa_complain("standard output could not be written"); /* why was told to a call before */
    return exit == IRSA_EXIT_DONE ? IRSA_EXIT_FAILED : exit;
}

static enum irsa_exit run(struct irsa_arena *arena, int argc, char **argv) {
    struct irsa_arguments arguments;
    struct irsa_error err;
    struct irsa_session session = {.grammar = &irsa_ctl_grammar, .arguments = &arguments, .arena = arena};
    if (argc == 1) {
        irsa_help_print(session.grammar, "", stderr);
        return IRSA_EXIT_USAGE;
    }
    if (!irsa_arguments_parse(session.grammar, arena, argc, argv, &arguments, &err))
        return refuse(&arguments, &err);
    if (arguments.is_help) {
        irsa_help_print(session.grammar, arguments.words, stdout);
        return close_output(IRSA_EXIT_DONE);
    }
    return close_output(run_command(&session));
}

int main(int argc, char **argv) {
    static char buffer[STDOUT_BUFFER_BYTES];
    struct irsa_arena *arena = irsa_arena_new();
    irsa_standard_occupy();
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    irsa_log_setup(IRSA_LOG_ERROR, IRSA_LOG_LOGFMT); // librdkafka's warnings: the reason is in our own words
    enum irsa_exit exit = run(arena, argc, argv);
    irsa_arena_free(arena);
    return (int)exit;
}
