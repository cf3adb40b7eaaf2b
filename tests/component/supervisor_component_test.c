/*
 * The supervisor with real processes. A case plays in a process of its own, which calls irsa_supervise(); what its children
 * do is a function, and what they have to say goes through shared memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "tests/support/test.h"
#include "worker/supervisor.h"

#define PATIENCE_MS 30000

/* What all processes of a case see. */
struct told {
    atomic_int lives;   /* children that have begun */
    atomic_int pid;     /* of the latest */
    atomic_int stops;   /* signals to stop that it has seen */
    atomic_int group;   /* its process group */
    atomic_int orphan;  /* a process that is left to the supervisor */
    atomic_uint deaths; /* of the request that it takes, as it knows at the beginning */
    atomic_size_t suspects;
};

static struct told *told;

static int64_t now_ms(void) {
    return irsa_clock_monotonic_ms(irsa_clock_system());
}

/* Nobody stays behind. */
static void give_up(const char *condition) {
    kill(told->pid, SIGKILL);
    fail_msg("waited in vain for: %s", condition);
}

/* Wait for a state, never for a time. */
#define AWAIT(condition)                                                                                               \
    do {                                                                                                               \
        int64_t deadline_ = now_ms() + PATIENCE_MS;                                                                    \
        bool is_met_ = false;                                                                                          \
        while (!(is_met_ = (condition)) && now_ms() < deadline_)                                                       \
            irsa_clock_system()->sleep_ms(irsa_clock_system()->self, 1, NULL);                                         \
        if (!is_met_)                                                                                                  \
            give_up(#condition);                                                                                       \
    } while (0)

/* A child's life; returns its exit status. */
typedef int life_fn(struct irsa_hands *hands, int number);

static int supervise(life_fn *life) {
    struct irsa_error err;
    int status = 0;
    struct irsa_hands *hands = irsa_hands_new(2, &err);
    if (hands == NULL)
        return 99;
    if (irsa_supervise(hands, &status)) {
        atomic_store(&told->pid, getpid());
        status = life(hands, atomic_fetch_add(&told->lives, 1) + 1);
    }
    irsa_hands_free(hands);
    return status;
}

/* The supervisor's process; a case that fails does not leave it behind. */
static pid_t play_as(life_fn *life, bool is_first_process) {
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prctl(PR_SET_CHILD_SUBREAPER, is_first_process);
        _exit(supervise(life));
    }
    assert_true(pid > 0);
    return pid;
}

static pid_t play(life_fn *life) {
    return play_as(life, false);
}

static int status_of(pid_t pid) {
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int set_up(void **state) {
    (void)state;
    told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return told == MAP_FAILED;
}

static int tear_down(void **state) {
    (void)state;
    return munmap(told, sizeof *told);
}

/* --- lives --------------------------------------------------------------------------------------------------------------- */

static const struct irsa_record RECORD = {.topic = "requests", .partition = 1, .offset = 7, .timestamp_ms = 1};

static void note_deaths(const struct irsa_hands *hands) {
    bool may_be_read;
    atomic_store(&told->deaths, irsa_hands_deaths(hands, &RECORD, &may_be_read));
    atomic_store(&told->suspects, irsa_hands_suspects(hands));
}

/* No message of a sanitizer, no core: as a fault ends the program that is delivered. */
static void die_by(int number) {
    signal(number, SIG_DFL);
    kill(getpid(), number);
}

static int end_with_seven(struct irsa_hands *hands, int number) {
    (void)hands;
    (void)number;
    return 7;
}

static int crash_twice_with_a_request(struct irsa_hands *hands, int number) {
    note_deaths(hands);
    irsa_hands_take(hands, 1, &RECORD, IRSA_HAND_RUNS);
    if (number <= 2)
        die_by(number == 1 ? SIGSEGV : SIGABRT);
    return 0;
}

static int be_killed_once_with_a_request(struct irsa_hands *hands, int number) {
    note_deaths(hands);
    irsa_hands_take(hands, 1, &RECORD, IRSA_HAND_RUNS);
    if (number == 1)
        die_by(SIGKILL);
    return 0;
}

static int wait_for_stops(int wanted) {
    sigset_t stops;
    int signal;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    while (atomic_load(&told->stops) < wanted && sigwait(&stops, &signal) == 0)
        atomic_fetch_add(&told->stops, 1);
    return 40 + atomic_load(&told->stops);
}

static int wait_for_a_stop(struct irsa_hands *hands, int number) {
    (void)hands;
    (void)number;
    atomic_store(&told->group, getpgrp());
    return wait_for_stops(1);
}

static int wait_for_two_stops(struct irsa_hands *hands, int number) {
    (void)hands;
    (void)number;
    return wait_for_stops(2);
}

static int crash_when_stopped(struct irsa_hands *hands, int number) {
    (void)hands;
    (void)number;
    wait_for_stops(1);
    die_by(SIGSEGV);
    return 0;
}

static int always_crash(struct irsa_hands *hands, int number) {
    (void)hands;
    (void)number;
    die_by(SIGSEGV);
    return 0;
}

static int leave_an_orphan(struct irsa_hands *hands, int number) {
    (void)hands;
    (void)number;
    pid_t middle = fork();
    if (middle == 0) {
        pid_t orphan = fork();
        if (orphan > 0)
            atomic_store(&told->orphan, orphan);
        _exit(0); // both; the orphan is the supervisor's, and dead
    }
    waitpid(middle, NULL, 0);
    return wait_for_stops(1);
}

/* --- cases --------------------------------------------------------------------------------------------------------------- */

static void it_ends_with_the_status_of_its_child(void **state) {
    (void)state;
    assert_int_equal(status_of(play(end_with_seven)), 7);
    assert_int_equal(told->lives, 1);
}

static void a_child_that_crashes_is_started_anew_and_its_requests_are_suspects(void **state) {
    (void)state;
    assert_int_equal(status_of(play(crash_twice_with_a_request)), 0);
    assert_int_equal(told->lives, 3);
    assert_int_equal(told->deaths, 2);
}

static void a_child_that_is_killed_is_started_anew_and_suspects_nobody(void **state) {
    (void)state;
    assert_int_equal(status_of(play(be_killed_once_with_a_request)), 0);
    assert_int_equal(told->lives, 2);
    assert_int_equal(told->suspects, 0);
}

static void signals_to_stop_are_passed_on_one_by_one(void **state) {
    (void)state;
    pid_t supervisor = play(wait_for_two_stops);
    AWAIT(atomic_load(&told->lives) == 1);
    kill(supervisor, SIGTERM);
    AWAIT(atomic_load(&told->stops) == 1);
    kill(supervisor, SIGINT);
    assert_int_equal(status_of(supervisor), 42);
}

static void what_a_terminal_sends_to_the_group_arrives_once(void **state) {
    (void)state;
    pid_t supervisor = play(wait_for_a_stop);
    setpgid(supervisor, supervisor);
    AWAIT(atomic_load(&told->group) != 0);
    assert_int_equal(told->group, told->pid);
    assert_int_equal(kill(-supervisor, SIGINT), 0);
    assert_int_equal(status_of(supervisor), 41);
}

static void a_crash_while_stopping_is_the_end(void **state) {
    (void)state;
    pid_t supervisor = play(crash_when_stopped);
    AWAIT(atomic_load(&told->lives) == 1);
    kill(supervisor, SIGTERM);
    assert_int_equal(status_of(supervisor), 128 + SIGSEGV);
    assert_int_equal(told->lives, 1);
}

static void a_stop_between_two_lives_is_the_end(void **state) {
    (void)state;
    pid_t supervisor = play(always_crash);
    AWAIT(atomic_load(&told->lives) == 4); // from here on it waits for two seconds
    AWAIT(kill(told->pid, 0) != 0 && errno == ESRCH);
    kill(supervisor, SIGTERM);
    assert_int_equal(status_of(supervisor), 0);
    assert_int_equal(told->lives, 4);
}

static void no_child_outlives_it(void **state) {
    (void)state;
    int status;
    prctl(PR_SET_CHILD_SUBREAPER, 1); // so that the child is ours then, and does not stay as a zombie of somebody
    pid_t supervisor = play(wait_for_a_stop);
    AWAIT(atomic_load(&told->lives) == 1);
    kill(supervisor, SIGKILL);
    assert_int_equal(waitpid(supervisor, &status, 0), supervisor);
    AWAIT(waitpid(told->pid, &status, WNOHANG) == told->pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}

static void processes_that_are_left_to_it_are_reaped(void **state) {
    (void)state;
    pid_t supervisor = play_as(leave_an_orphan, true); // what is left over comes to it, as to process 1 of a container
    AWAIT(atomic_load(&told->orphan) > 0);
    AWAIT(kill(told->orphan, 0) != 0 && errno == ESRCH); // a zombie would still be there
    kill(supervisor, SIGTERM);
    assert_int_equal(status_of(supervisor), 41);
}

static bool is_stopped(pid_t pid) {
    char path[64], text[256] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    close(fd);
    const char *state = length > 0 ? strrchr(text, ')') : NULL;
    return state != NULL && state[2] == 'T';
}

static void a_pause_from_the_terminal_takes_the_child_along(void **state) {
    (void)state;
    pid_t supervisor = play(wait_for_a_stop);
    AWAIT(atomic_load(&told->lives) == 1);
    kill(supervisor, SIGTSTP);
    AWAIT(is_stopped(supervisor) && is_stopped(told->pid));
    kill(supervisor, SIGCONT);
    AWAIT(!is_stopped(told->pid));
    kill(supervisor, SIGTERM);
    assert_int_equal(status_of(supervisor), 41);
}

int main(void) {
    irsa_log_setup(IRSA_LOG_ERROR, IRSA_LOG_LOGFMT);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(it_ends_with_the_status_of_its_child),
        TEST(a_child_that_crashes_is_started_anew_and_its_requests_are_suspects),
        TEST(a_child_that_is_killed_is_started_anew_and_suspects_nobody),
        TEST(signals_to_stop_are_passed_on_one_by_one),
        TEST(what_a_terminal_sends_to_the_group_arrives_once),
        TEST(a_crash_while_stopping_is_the_end),
        TEST(a_stop_between_two_lives_is_the_end),
        TEST(no_child_outlives_it),
        TEST(processes_that_are_left_to_it_are_reaped),
        TEST(a_pause_from_the_terminal_takes_the_child_along),
    };
    return RUN_TESTS("supervisor");
}
