#include "worker/engine/timers.h"

#include "tests/support/seed.h"

#define TIMERS 64

/* Against the plainest model: look at all of them. */
static void timers_come_due_in_order_whatever_is_set_moved_and_cleared(void **state) {
    (void)state;
    uint64_t random = test_seed();
    for (int round = 0; round < 300; round++) {
        struct irsa_timers timers = {0};
        struct irsa_timer at[TIMERS] = {0};
        bool is_set[TIMERS] = {false};
        int64_t due[TIMERS] = {0}, now = 0;
        for (int step = 0; step < 200; step++) {
            unsigned i = test_below(&random, TIMERS);
            switch (test_below(&random, 4)) {
            case 0:
            case 1:
                due[i] = now + test_below(&random, 50);
                is_set[i] = true;
                irsa_timers_set(&timers, &at[i], due[i]);
                break;
            case 2:
                is_set[i] = false;
                irsa_timers_clear(&timers, &at[i]);
                break;
            default:
                now += test_below(&random, 10);
            }
            struct irsa_timer *timer;
            int64_t last = INT64_MIN;
            while ((timer = irsa_timers_take_due(&timers, now)) != NULL) {
                size_t taken = (size_t)(timer - at);
                assert_true(is_set[taken]);
                assert_true(timer->due_ms == due[taken] && timer->due_ms <= now && timer->due_ms >= last);
                last = timer->due_ms;
                is_set[taken] = false;
            }
            int64_t next = INT64_MAX;
            for (size_t n = 0; n < TIMERS; n++) {
                assert_int_equal(irsa_timer_is_set(&at[n]), is_set[n]);
                if (is_set[n] && due[n] < next)
                    next = due[n];
            }
            assert_true(next > now && irsa_timers_next_ms(&timers) == next);
        }
        irsa_timers_done(&timers);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_come_due_in_order_whatever_is_set_moved_and_cleared),
    };
    return RUN_TESTS("timers");
}
