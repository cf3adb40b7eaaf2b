/*
 * The signals are blocked in every thread and taken here, one by one.
 */
#include "sandbox/command.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_FOUND  127
#define NOT_TO_RUN 126

static void fill_held(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGCHLD);
}

void irsa_sandbox_signals_hold(void) {
    sigset_t set;
    fill_held(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

_Noreturn static void become(char **command, const struct irsa_sandbox_environment *environment) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* a sandbox that is killed leaves nothing behind */
    irsa_sandbox_environment_set(environment);
    execvp(command[0], command);
    dprintf(STDERR_FILENO, "irsa-sandbox: %s: %s\n", command[0], strerror(errno));
    _exit(errno == ENOENT ? NOT_FOUND : NOT_TO_RUN);
}

/* A terminal sends its signals to the whole group, so the command has them already. */
static void pass_on(pid_t pid, const siginfo_t *signal_info) {
    bool is_from_terminal = signal_info->si_code == SI_KERNEL && signal_info->si_signo == SIGINT;
    if (!is_from_terminal)
        kill(pid, signal_info->si_signo);
}

static bool has_ended(pid_t pid, int *out_status) {
    int status;
    if (waitpid(pid, &status, WNOHANG) != pid)
        return false;
    *out_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

bool irsa_sandbox_command_run(char **command, const struct irsa_sandbox_environment *environment, int *out_status,
                              struct irsa_error *err) {
    sigset_t set;
    siginfo_t signal_info;
    fill_held(&set);
    pid_t pid = fork();
    if (pid < 0)
        return IRSA_FAIL(err, CONFIG, "%s cannot be started: %s", command[0], strerror(errno));
    if (pid == 0)
        become(command, environment);
    while (!has_ended(pid, out_status)) {
        int signal_number = sigwaitinfo(&set, &signal_info);
        if (signal_number == SIGINT || signal_number == SIGTERM)
            pass_on(pid, &signal_info);
    }
    return true;
}

void irsa_sandbox_signals_wait(void) {
    sigset_t set;
    int signal_number = 0;
    fill_held(&set);
    while (signal_number != SIGINT && signal_number != SIGTERM)
        (void)sigwait(&set, &signal_number);
}
