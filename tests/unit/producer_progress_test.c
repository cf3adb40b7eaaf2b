#include "producer/progress.h"

#include "tests/support/test.h"

static void assert_line(const struct irsa_tally *tally, int64_t elapsed_ms, const char *expected) {
    char room[256];
    struct irsa_text line;
    irsa_text_init_fixed(&line, room, sizeof room);
    irsa_progress_write(&line, tally, elapsed_ms);
    assert_string_equal(line.at, expected);
}

static void assert_duration(int64_t duration_ms, const char *expected) {
    char room[64];
    struct irsa_text text;
    irsa_text_init_fixed(&text, room, sizeof room);
    irsa_duration_write(&text, duration_ms);
    assert_string_equal(text.at, expected);
}

static void a_line_says_what_is_done_failed_retrying_and_queued(void **state) {
    (void)state;
    const struct irsa_tally tally = {.expected = 500, .settled = 122, .failed = 2, .retrying = 1};
    assert_line(&tally, 0, "120 of 500 done, 2 failed, 1 retrying, 377 queued");
}

static void nought_is_left_out(void **state) {
    (void)state;
    const struct irsa_tally tally = {.expected = 3};
    assert_line(&tally, 0, "0 of 3 done, 3 queued");
    const struct irsa_tally all = {.expected = 3, .settled = 3};
    assert_line(&all, 0, "3 of 3 done");
}

static void the_rate_gives_the_time_that_is_left(void **state) {
    (void)state;
    const struct irsa_tally tally = {.expected = 500, .settled = 100};
    assert_line(&tally, 2000, "100 of 500 done, 400 queued, 50/s, 8.0s left");
    const struct irsa_tally slow = {.expected = 500, .settled = 10};
    assert_line(&slow, 20000, "10 of 500 done, 490 queued, 0.5/s, 16m20s left");
    const struct irsa_tally all = {.expected = 500, .settled = 500};
    assert_line(&all, 2000, "500 of 500 done, 250/s");
}

static void in_the_first_second_there_is_no_rate(void **state) {
    (void)state;
    const struct irsa_tally tally = {.expected = 500, .settled = 100};
    assert_line(&tally, 900, "100 of 500 done, 400 queued");
}

static void the_bar_fills_as_requests_settle(void **state) {
    (void)state;
    const struct {
        size_t settled;
        const char *bar;
    } cases[] = {{0, "[----------]"}, {50, "[#####-----]"}, {99, "[#########-]"}, {100, "[##########]"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char room[32];
        struct irsa_text bar;
        const struct irsa_tally tally = {.expected = 100, .settled = cases[i].settled};
        irsa_text_init_fixed(&bar, room, sizeof room);
        irsa_progress_write_bar(&bar, &tally, 12);
        assert_string_equal(bar.at, cases[i].bar);
    }
}

static void durations_are_short(void **state) {
    (void)state;
    assert_duration(0, "0ms");
    assert_duration(850, "850ms");
    assert_duration(12345, "12.3s");
    assert_duration(245000, "4m05s");
    assert_duration(7380000, "2h03m");
}

static void the_tally_names_every_outcome_that_there_is(void **state) {
    (void)state;
    char room[128];
    struct irsa_text text;
    struct irsa_tally tally = {0};
    tally.outcomes[IRSA_OUTCOME_SUCCEEDED] = 498;
    tally.outcomes[IRSA_OUTCOME_DENIED] = 2;
    irsa_text_init_fixed(&text, room, sizeof room);
    irsa_tally_write(&text, &tally);
    assert_string_equal(text.at, "498 succeeded, 2 denied");
}

static void an_outcome_is_good_when_the_sender_has_what_it_wanted(void **state) {
    (void)state;
    static const enum irsa_outcome good[] = {IRSA_OUTCOME_SUCCEEDED, IRSA_OUTCOME_UNCHANGED, IRSA_OUTCOME_PLANNED,
                                             IRSA_OUTCOME_SUPERSEDED};
    static const enum irsa_outcome bad[] = {IRSA_OUTCOME_FAILED, IRSA_OUTCOME_DENIED, IRSA_OUTCOME_EXPIRED,
                                            IRSA_OUTCOME_CANCELLED};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_true(irsa_outcome_is_good(good[i]));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(irsa_outcome_is_good(bad[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_says_what_is_done_failed_retrying_and_queued),
        cmocka_unit_test(nought_is_left_out),
        cmocka_unit_test(the_rate_gives_the_time_that_is_left),
        cmocka_unit_test(in_the_first_second_there_is_no_rate),
        cmocka_unit_test(the_bar_fills_as_requests_settle),
        cmocka_unit_test(durations_are_short),
        cmocka_unit_test(the_tally_names_every_outcome_that_there_is),
        cmocka_unit_test(an_outcome_is_good_when_the_sender_has_what_it_wanted),
    };
    return RUN_TESTS("progress is told in one line");
}
