/*
 * irsa-sandbox: opens what was asked for, hands over the environment, runs a command or waits, and closes everything.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/certificate.h"
#include "core/base/log.h"
#include "sandbox/environment.h"

#define SETTINGS_MAX_BYTES ((size_t)16 * 1024 * 1024)

enum { STATUS_USAGE = 2, STATUS_UNFIT = 4, STATUS_NO_COMMAND = 127, STATUS_SIGNAL = 128 };

/* Everything that main owns. */
struct program {
    struct irsa_arena *arena;
    struct irsa_sandbox_arguments arguments;
    struct irsa_sandbox_broker *broker;
    struct irsa_sandbox *sandbox;
    struct irsa_sandbox_server *server;
    char *ca_file; /* a temporary file that goes at the end */
};

static sigset_t stops;

/* --- opening ----------------------------------------------------------------------------------------------------------------- */

static bool read_settings(struct program *program, struct irsa_error *err) {
    const char *path = program->arguments.settings;
    if (path == NULL)
        return true;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return IRSA_FAIL(err, CONFIG, "cannot read %s: %s", path, strerror(errno));
    char *bytes = irsa_arena_alloc(program->arena, SETTINGS_MAX_BYTES);
    size_t length = fread(bytes, 1, SETTINGS_MAX_BYTES, file);
    bool is_whole = feof(file) != 0;
    fclose(file);
    if (!is_whole)
        return IRSA_FAIL(err, CONFIG, "%s is over %zu bytes", path, SETTINGS_MAX_BYTES);
    return irsa_sandbox_configure(program->sandbox, bytes, length, err) || irsa_error_wrap(err, "%s", path);
}

/* Tools that speak to AWS over TLS want the authority in a file. */
static bool write_authority(struct program *program, struct irsa_error *err) {
    const char *folder = getenv("TMPDIR");
    program->ca_file =
        irsa_arena_format(program->arena, "%s/irsa-sandbox-ca.XXXXXX", folder != NULL ? folder : "/tmp");
    int fd = mkstemp(program->ca_file);
    const char *pem = irsa_authority_pem(irsa_sandbox_authority(program->sandbox));
    if (fd < 0)
        return IRSA_FAIL(err, CONFIG, "cannot write %s: %s", program->ca_file, strerror(errno));
    bool is_written = write(fd, pem, strlen(pem)) == (ssize_t)strlen(pem);
    close(fd);
    return is_written || IRSA_FAIL(err, CONFIG, "cannot write %s", program->ca_file);
}

static bool open_cloud(struct program *program, struct irsa_error *err) {
    const struct irsa_sandbox_options options = {.clusters = program->arguments.clusters,
                                                 .cluster_count = program->arguments.cluster_count};
    program->sandbox = irsa_sandbox_new(&options);
    irsa_sandbox_set_broker(program->sandbox, program->broker);
    if (!read_settings(program, err) || (program->arguments.has_tls && !write_authority(program, err)))
        return false;
    program->server = irsa_sandbox_server_open(program->sandbox, program->arguments.has_tls, err);
    return program->server != NULL;
}

static bool open_all(struct program *program, struct irsa_error *err) {
    if (program->arguments.has_broker) {
        program->broker = irsa_sandbox_broker_open(program->arguments.topics_prefix, err);
        if (program->broker == NULL)
            return false;
    }
    return !program->arguments.has_cloud || open_cloud(program, err);
}

static void close_all(struct program *program) {
    irsa_sandbox_server_close(program->server);
    irsa_sandbox_free(program->sandbox);
    irsa_sandbox_broker_close(program->broker);
    if (program->ca_file != NULL)
        unlink(program->ca_file);
    irsa_arena_free(program->arena);
}

/* --- running ----------------------------------------------------------------------------------------------------------------------- */

static int status_of(int wait_status) {
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : STATUS_SIGNAL + WTERMSIG(wait_status);
}

static void run_child(char **command, struct irsa_pairs pairs) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    irsa_sandbox_environment_set(pairs);
    execvp(command[0], command);
    fprintf(stderr, "irsa-sandbox: cannot run %s: %s\n", command[0], strerror(errno));
    _exit(STATUS_NO_COMMAND);
}

/* Until the command ends; what would stop us is for the command to obey. */
static int run_command(char **command, struct irsa_pairs pairs) {
    pid_t child = fork();
    if (child == 0)
        run_child(command, pairs);
    if (child < 0) {
        fprintf(stderr, "irsa-sandbox: cannot run %s: %s\n", command[0], strerror(errno));
        return STATUS_UNFIT;
    }
    for (;;) {
        int wait_status, number;
        if (sigwait(&stops, &number) != 0)
            continue;
        if (number != SIGCHLD)
            kill(child, number);
        else if (waitpid(child, &wait_status, WNOHANG) == child)
            return status_of(wait_status);
    }
}

static int run_until_stopped(struct irsa_pairs pairs) {
    int number = 0;
    printf("# irsa-sandbox is ready; stop it with Ctrl-C. For a shell beside it:\n");
    for (size_t i = 0; i < pairs.count; i++)
        printf("export %s='%s'\n", pairs.at[i].key, pairs.at[i].value);
    fflush(stdout);
    do
        sigwait(&stops, &number);
    while (number == SIGCHLD);
    return EXIT_SUCCESS;
}

/* Before any thread is made, so that all of them leave these signals to sigwait. */
static void block_signals(void) {
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGHUP);
    sigaddset(&stops, SIGCHLD);
    sigprocmask(SIG_BLOCK, &stops, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static int run(struct program *program) {
    struct irsa_error err;
    if (!open_all(program, &err)) {
        fprintf(stderr, "irsa-sandbox: %s\n", err.message);
        return STATUS_UNFIT;
    }
    const struct irsa_sandbox_environment environment = {.arguments = &program->arguments,
                                                         .broker = program->broker,
                                                         .server = program->server,
                                                         .ca_file = program->ca_file};
    struct irsa_pairs pairs = irsa_sandbox_environment_pairs(program->arena, &environment);
    if (program->arguments.env_file != NULL &&
        !irsa_sandbox_environment_save(program->arena, pairs, program->arguments.env_file, &err)) {
        fprintf(stderr, "irsa-sandbox: %s\n", err.message);
        return STATUS_UNFIT;
    }
    return program->arguments.command != NULL ? run_command(program->arguments.command, pairs) : run_until_stopped(pairs);
}

int main(int argc, char **argv) {
    struct program program = {.arena = irsa_arena_new()};
    struct irsa_error err;
    int status = EXIT_SUCCESS;
    irsa_log_setup(IRSA_LOG_WARN, IRSA_LOG_AUTO);
    if (!irsa_sandbox_arguments_read(program.arena, argc, argv, &program.arguments, &err)) {
        fprintf(stderr, "irsa-sandbox: %s\n", err.message);
        status = STATUS_USAGE;
    } else if (program.arguments.wants_help) {
        fputs(irsa_sandbox_help, stdout);
    } else if (program.arguments.wants_version) {
        printf("irsa-sandbox %s\n", IRSA_VERSION);
    } else {
        block_signals();
        status = run(&program);
    }
    close_all(&program);
    return status;
}
