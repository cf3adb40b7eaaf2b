#include "worker/supervisor.h"

#include <signal.h>

#include "tests/support/test.h"

/* As Linux has it: the signal in the low seven bits, a core dump in the eighth, the exit status above. */
#define EXITED(status) ((status) << 8)
#define KILLED(signal) (signal)
#define DUMPED         0x80

static void a_process_that_ends_by_itself_is_the_end_with_its_status(void **state) {
    (void)state;
    static const int STATUSES[] = {0, 2, 4, 255};
    for (size_t i = 0; i < COUNT_OF(STATUSES); i++)
        for (int is_stopping = 0; is_stopping < 2; is_stopping++) {
            const struct irsa_death death = irsa_supervisor_judge(EXITED(STATUSES[i]), is_stopping);
            assert_true(death.is_end);
            assert_int_equal(death.status, STATUSES[i]);
            assert_int_equal(death.signal, 0);
            assert_false(death.is_by_fault);
        }
}

static void faults_count_and_what_others_did_does_not(void **state) {
    (void)state;
    static const struct {
        int signal;
        bool is_by_fault;
    } ROWS[] = {{SIGSEGV, true},  {SIGBUS, true},   {SIGILL, true},  {SIGFPE, true},   {SIGABRT, true},
                {SIGKILL, false}, {SIGTERM, false}, {SIGHUP, false}, {SIGXCPU, false}, {SIGUSR1, false}};
    for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
        const struct irsa_death death = irsa_supervisor_judge(KILLED(ROWS[i].signal) | DUMPED, false);
        assert_false(death.is_end);
        assert_int_equal(death.signal, ROWS[i].signal);
        assert_int_equal(death.is_by_fault, ROWS[i].is_by_fault);
    }
}

static void who_dies_while_stopping_is_not_started_anew(void **state) {
    (void)state;
    const struct irsa_death death = irsa_supervisor_judge(KILLED(SIGSEGV), true);
    assert_true(death.is_end);
    assert_int_equal(death.status, 128 + SIGSEGV);
}

static void the_delay_doubles_up_to_half_a_minute(void **state) {
    (void)state;
    static const int64_t DELAYS_MS[] = {250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000};
    for (unsigned i = 0; i < COUNT_OF(DELAYS_MS); i++)
        assert_int_equal(irsa_supervisor_delay_ms(i + 1), DELAYS_MS[i]);
    assert_int_equal(irsa_supervisor_delay_ms(4000000000u), 30000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_that_ends_by_itself_is_the_end_with_its_status),
        cmocka_unit_test(faults_count_and_what_others_did_does_not),
        cmocka_unit_test(who_dies_while_stopping_is_not_started_anew),
        cmocka_unit_test(the_delay_doubles_up_to_half_a_minute),
    };
    return RUN_TESTS("supervisor");
}
