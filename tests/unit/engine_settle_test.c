#include "worker/engine/settle.h"

#include "core/base/error.h"
#include "tests/support/seed.h"

static const struct irsa_retry_policy policy = {
    .max_attempts = 5, .window_ms = 900000, .base_ms = 1000, .cap_ms = 60000};

static struct irsa_verdict judge(enum irsa_code code, unsigned attempts, unsigned runs, int64_t elapsed_ms) {
    struct irsa_error err = {.code = code};
    const struct irsa_attempt_facts facts = {
        .err = &err, .attempts = attempts, .runs = runs, .elapsed_ms = elapsed_ms, .random = 12345};
    return irsa_settle_judge(&policy, &facts);
}

static void every_code_is_judged_by_its_fate(void **state) {
    (void)state;
    for (int code = IRSA_CODE_NONE + 1; code < IRSA_CODE_COUNT; code++) {
        enum irsa_verdict_kind kind = judge((enum irsa_code)code, 0, 1, 0).kind;
        switch (irsa_code_fate((enum irsa_code)code)) {
        case IRSA_FATE_RETRY:
            assert_int_equal(kind, IRSA_VERDICT_RETRY);
            break;
        case IRSA_FATE_HALT:
            assert_int_equal(kind, IRSA_VERDICT_HALT);
            break;
        case IRSA_FATE_REJECT:
            assert_true(kind == IRSA_VERDICT_FAIL || kind == IRSA_VERDICT_DENY);
            break;
        }
    }
    assert_int_equal(judge(IRSA_CODE_GUARDRAIL, 0, 1, 0).kind, IRSA_VERDICT_DENY);
    assert_int_equal(judge(IRSA_CODE_UNSIGNED, 0, 1, 0).kind, IRSA_VERDICT_DENY);
    assert_int_equal(judge(IRSA_CODE_CONFLICT, 0, 1, 0).kind, IRSA_VERDICT_FAIL);
}

static void the_fifth_attempt_is_the_last(void **state) {
    (void)state;
    assert_int_equal(judge(IRSA_CODE_UNAVAILABLE, 3, 4, 0).kind, IRSA_VERDICT_RETRY);
    assert_int_equal(judge(IRSA_CODE_UNAVAILABLE, 4, 5, 0).kind, IRSA_VERDICT_FAIL);
    assert_true(judge(IRSA_CODE_TIMEOUT, 0, 1, 0).counts);
}

static void a_throttle_and_a_cluster_that_is_not_ready_are_no_attempts(void **state) {
    (void)state;
    assert_false(judge(IRSA_CODE_THROTTLED, 0, 1, 0).counts);
    assert_false(judge(IRSA_CODE_CLUSTER_NOT_READY, 0, 1, 0).counts);
    assert_int_equal(judge(IRSA_CODE_THROTTLED, 4, 100, 0).kind, IRSA_VERDICT_RETRY);
    assert_int_equal(judge(IRSA_CODE_THROTTLED, 0, 100, 900000).kind, IRSA_VERDICT_FAIL);
}

static void what_a_service_asks_us_to_wait_is_obeyed(void **state) {
    (void)state;
    struct irsa_error err = {.code = IRSA_CODE_THROTTLED, .retry_after_ms = 75000};
    struct irsa_attempt_facts facts = {.err = &err, .runs = 1, .random = 999};
    assert_int_equal(irsa_settle_judge(&policy, &facts).delay_ms, 75000);
    facts.elapsed_ms = 826000; // it would be over before that
    assert_int_equal(irsa_settle_judge(&policy, &facts).kind, IRSA_VERDICT_FAIL);
}

static void delays_spread_and_grow_up_to_the_cap(void **state) {
    (void)state;
    uint64_t random = test_seed();
    for (unsigned runs = 1; runs <= 40; runs++) {
        int64_t most = runs <= 6 ? 1000 << (runs - 1) : 60000, highest = 0;
        for (int i = 0; i < 500; i++) {
            struct irsa_error err = {.code = IRSA_CODE_THROTTLED};
            const struct irsa_attempt_facts facts = {
                .err = &err, .runs = runs, .random = (uint32_t)test_random(&random)};
            int64_t delay = irsa_settle_judge(&policy, &facts).delay_ms;
            assert_true(delay >= 1 && delay <= most);
            highest = delay > highest ? delay : highest;
        }
        assert_true(highest > most * 9 / 10);
    }
}

/* Live through a job's failures with a clock of our own. */
static void a_job_that_always_fails_ends_within_its_attempts_and_its_window(void **state) {
    (void)state;
    static const enum irsa_code codes[] = {IRSA_CODE_UNAVAILABLE, IRSA_CODE_THROTTLED, IRSA_CODE_CLUSTER_NOT_READY,
                                           IRSA_CODE_TIMEOUT};
    uint64_t random = test_seed();
    for (int round = 0; round < 5000; round++) {
        int64_t now_ms = 0;
        unsigned attempts = 0, runs = 0, throttles = test_below(&random, 101);
        struct irsa_verdict verdict = {.kind = IRSA_VERDICT_RETRY};
        while (verdict.kind == IRSA_VERDICT_RETRY) {
            now_ms += test_below(&random, 3000);
            struct irsa_error err = {.code =
                                         codes[test_below(&random, 100) < throttles ? 1 + test_below(&random, 2) : 0],
                                     .retry_after_ms = test_below(&random, 10) == 0 ? test_below(&random, 100000) : 0};
            const struct irsa_attempt_facts facts = {.err = &err,
                                                     .attempts = attempts,
                                                     .runs = ++runs,
                                                     .elapsed_ms = now_ms,
                                                     .random = (uint32_t)test_random(&random)};
            verdict = irsa_settle_judge(&policy, &facts);
            attempts += verdict.counts;
            now_ms += verdict.kind == IRSA_VERDICT_RETRY ? verdict.delay_ms : 0;
            assert_true(now_ms <= policy.window_ms + 3000);
        }
        assert_int_equal(verdict.kind, IRSA_VERDICT_FAIL);
        assert_true(attempts <= policy.max_attempts);
        assert_true(attempts == policy.max_attempts || now_ms > policy.window_ms - 100000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_is_judged_by_its_fate),
        cmocka_unit_test(the_fifth_attempt_is_the_last),
        cmocka_unit_test(a_throttle_and_a_cluster_that_is_not_ready_are_no_attempts),
        cmocka_unit_test(what_a_service_asks_us_to_wait_is_obeyed),
        cmocka_unit_test(delays_spread_and_grow_up_to_the_cap),
        cmocka_unit_test(a_job_that_always_fails_ends_within_its_attempts_and_its_window),
    };
    return RUN_TESTS("settle");
}
