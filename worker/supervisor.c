/*
 * Signals are blocked and waited for, so there is no handler and no moment at which one could be missed.
 */
#include "worker/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"

#define FIRST_DELAY_MS 250
#define MOST_DELAY_MS  30000
#define SIGNAL_STATUS  128 /* as shells have it: and the signal's number */

/* --- the judgement ------------------------------------------------------------------------------------------------------- */

static bool is_fault(int signal) {
    static const int FAULTS[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++)
        if (FAULTS[i] == signal)
            return true;
    return false;
}

struct irsa_death irsa_supervisor_judge(int wait_status, bool is_stopping) {
    if (WIFEXITED(wait_status))
        return (struct irsa_death){.is_end = true, .status = WEXITSTATUS(wait_status)};
    int signal = WTERMSIG(wait_status);
    return (struct irsa_death){
        .is_end = is_stopping, .status = SIGNAL_STATUS + signal, .is_by_fault = is_fault(signal), .signal = signal};
}

int64_t irsa_supervisor_delay_ms(unsigned quick_deaths) {
    int64_t delay_ms = FIRST_DELAY_MS;
    while (quick_deaths-- > 1 && delay_ms < MOST_DELAY_MS)
        delay_ms *= 2;
    return delay_ms < MOST_DELAY_MS ? delay_ms : MOST_DELAY_MS;
}

/* --- the watch ----------------------------------------------------------------------------------------------------------- */

struct watch {
    struct irsa_hands *hands;
    sigset_t awaited, before; /* the mask as we found it */
    pid_t child;              /* 0: none lives */
    int64_t started_ms;       /* monotonic */
    int64_t start_ms;         /* while none lives: when the next one is to begin */
    unsigned quick_deaths;
    bool is_stopping;
    bool is_over;
    int status;
};

static int64_t now_ms(void) {
    return irsa_clock_monotonic_ms(irsa_clock_system());
}

/*
 * In the child. Its own process group keeps a terminal's signals away: what the parent passes on would come a second time,
 * and a second SIGINT abandons. From there it may write to the terminal, whatever `stty tostop` says.
 */
static void begin_life(const struct watch *watch, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE); // it died before it could take us along
    setpgid(0, 0);
    signal(SIGTTOU, SIG_IGN);
    sigset_t mask = watch->before;
    sigaddset(&mask, SIGTERM); // until somebody waits for them
    sigaddset(&mask, SIGINT);
    sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void plan_start(struct watch *watch) {
    watch->start_ms = now_ms() + irsa_supervisor_delay_ms(watch->quick_deaths);
}

/* True in the child. */
static bool start(struct watch *watch) {
    pid_t parent = getpid();
    watch->started_ms = now_ms();
    pid_t child = fork();
    if (child == 0) {
        begin_life(watch, parent);
        return true;
    }
    if (child < 0) {
        watch->quick_deaths++;
        plan_start(watch);
        IRSA_LOG(ERROR, "child.refused", IRSA_TEXT("error", strerror(errno)),
                 IRSA_NUMBER("retry_in_ms", watch->start_ms - now_ms()));
        return false;
    }
    watch->child = child;
    IRSA_LOG(INFO, "child.started", IRSA_NUMBER("pid", child),
             IRSA_NUMBER("restarts", irsa_hands_restarts(watch->hands)));
    return false;
}

static void end(struct watch *watch, int status) {
    watch->is_over = true;
    watch->status = status;
}

static void bury(struct watch *watch, int wait_status) {
    const struct irsa_death death = irsa_supervisor_judge(wait_status, watch->is_stopping);
    pid_t pid = watch->child;
    int64_t lived_ms = now_ms() - watch->started_ms;
    watch->child = 0;
    if (death.signal != 0) {
        size_t in_hand = irsa_hands_bury(watch->hands, death.is_by_fault);
        watch->quick_deaths = lived_ms < IRSA_QUICK_DEATH_MS ? watch->quick_deaths + 1 : 1;
        plan_start(watch);
        IRSA_LOG(ERROR, "child.died", IRSA_NUMBER("pid", pid), IRSA_NUMBER("signal", death.signal),
                 IRSA_TEXT("meaning", strsignal(death.signal)), IRSA_NUMBER("lived_ms", lived_ms),
                 IRSA_NUMBER("in_hand", in_hand), IRSA_NUMBER("suspects", irsa_hands_suspects(watch->hands)),
                 death.is_end ? (struct irsa_log_field){0} : IRSA_NUMBER("retry_in_ms", watch->start_ms - now_ms()));
    }
    if (death.is_end)
        end(watch, death.status);
}

/* Ours, and as process 1 also those of others that have ended. */
static void reap(struct watch *watch) {
    int wait_status;
    pid_t pid;
    while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0)
        if (pid == watch->child)
            bury(watch, wait_status);
}

/* Nothing is under way while no child lives: then that is the end. */
static void stop(struct watch *watch, int signal) {
    watch->is_stopping = true;
    if (watch->child > 0)
        kill(watch->child, signal);
    else
        end(watch, EXIT_SUCCESS);
}

/* The terminal's ^Z stops us only: take the child along, and back. */
static void pause_both(const struct watch *watch) {
    if (watch->child > 0)
        kill(watch->child, SIGSTOP);
    raise(SIGSTOP);
    if (watch->child > 0)
        kill(watch->child, SIGCONT);
}

static int wait_for_signal(const struct watch *watch) {
    if (watch->child > 0)
        return sigwaitinfo(&watch->awaited, NULL);
    int64_t left_ms = watch->start_ms - now_ms();
    left_ms = left_ms > 0 ? left_ms : 0;
    const struct timespec left = {.tv_sec = left_ms / 1000, .tv_nsec = left_ms % 1000 * 1000000};
    return sigtimedwait(&watch->awaited, NULL, &left);
}

static void serve(struct watch *watch) {
    int signal = wait_for_signal(watch);
    if (signal == SIGCHLD)
        reap(watch);
    else if (signal == SIGTSTP)
        pause_both(watch);
    else if (signal > 0)
        stop(watch, signal);
}

bool irsa_supervise(struct irsa_hands *hands, int *out_status) {
    static const int AWAITED[] = {SIGTERM, SIGINT, SIGCHLD, SIGTSTP};
    struct watch watch = {.hands = hands, .start_ms = now_ms()};
    sigemptyset(&watch.awaited);
    for (size_t i = 0; i < sizeof AWAITED / sizeof *AWAITED; i++)
        sigaddset(&watch.awaited, AWAITED[i]);
    sigprocmask(SIG_BLOCK, &watch.awaited, &watch.before);
    signal(SIGCHLD, SIG_DFL); // ignored, as some starters leave it, children would be gone before we could ask how
    while (!watch.is_over) {
        if (watch.child == 0 && now_ms() >= watch.start_ms && start(&watch))
            return true;
        serve(&watch);
    }
    sigprocmask(SIG_SETMASK, &watch.before, NULL);
    *out_status = watch.status;
    return false;
}
