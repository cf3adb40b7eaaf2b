#include "core/base/clock.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "core/base/cancel.h"
#include "core/base/text.h"
#include "tests/support/test.h"

static struct irsa_error err;

static void timestamps_are_written_in_utc_with_milliseconds(void **state) {
    (void)state;
    static const struct {
        int64_t epoch_ms;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {INT64_C(1795514611123), "2026-11-24T10:03:31.123Z"},
        {INT64_C(951782400000), "2000-02-29T00:00:00.000Z"},
        {INT64_C(951868800000), "2000-03-01T00:00:00.000Z"},
        {INT64_C(4107542400000), "2100-03-01T00:00:00.000Z"},
        {INT64_C(-62135596800000), "0001-01-01T00:00:00.000Z"},
        {INT64_C(253402300799999), "9999-12-31T23:59:59.999Z"},
        {INT64_MIN, "0001-01-01T00:00:00.000Z"},
        {INT64_MAX, "9999-12-31T23:59:59.999Z"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[IRSA_TIMESTAMP_BYTES];
        irsa_timestamp_format(cases[i].epoch_ms, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void timestamps_agree_with_the_c_library(void **state) {
    (void)state;
    for (int64_t day = -719162; day < 2932897; day += 13) {
        time_t seconds = (time_t)(day * 86400 + (day & 0xFFFF));
        struct tm parts;
        char text[IRSA_TIMESTAMP_BYTES], expected[64];
        gmtime_r(&seconds, &parts);
        snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02d.007Z", parts.tm_year + 1900,
                 parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
        irsa_timestamp_format((int64_t)seconds * 1000 + 7, text);
        assert_string_equal(text, expected);
        int64_t back;
        assert_ok(irsa_timestamp_parse(text, &back, &err), err);
        assert_true(back == (int64_t)seconds * 1000 + 7);
    }
}

static void every_form_of_rfc_3339_is_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t epoch_ms;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01t00:00:00z", 0},
        {"1970-01-01T00:00:00+00:00", 0},
        {"1970-01-01T00:00:00-00:00", 0},
        {"1970-01-01T01:30:00+01:30", 0},
        {"1969-12-31T16:00:00-08:00", 0},
        {"1970-01-01T00:00:00.1Z", 100},
        {"1970-01-01T00:00:00.0129Z", 12},
        {"1970-01-01T00:00:00.123456789012345678901234567890Z", 123},
        {"1970-01-01T00:00:60Z", 59000},
        {"1990-12-31T15:59:60-08:00", INT64_C(662687999000)},
        {"1937-01-01T12:00:27.87+00:20", INT64_C(-1041337172130)},
        {"2024-02-29T00:00:00Z", INT64_C(1709164800000)},
        {"2000-02-29T00:00:00Z", INT64_C(951782400000)},
        {"0001-01-01T23:59:00+23:59", INT64_C(-62135596800000)},
        {"9999-12-31T23:59:59.999Z", INT64_C(253402300799999)},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t epoch_ms;
        assert_ok(irsa_timestamp_parse(cases[i].text, &epoch_ms, &err), err);
        if (epoch_ms != cases[i].epoch_ms)
            fail_msg("%s is read as %lld", cases[i].text, (long long)epoch_ms);
    }
}

static void what_is_no_time_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",
        "now",
        "1970-01-01",
        "1970-01-01T00:00:00",
        "1970-01-01T00:00Z",
        "1970-01-01 00:00:00Z",
        "1970-1-01T00:00:00Z",
        "70-01-01T00:00:00Z",
        "1970-13-01T00:00:00Z",
        "1970-00-01T00:00:00Z",
        "1970-01-32T00:00:00Z",
        "1970-01-00T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "1970-04-31T00:00:00Z",
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:60:00Z",
        "1970-01-01T00:00:61Z",
        "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00,5Z",
        "1970-01-01T00:00:00+0000",
        "1970-01-01T00:00:00+00",
        "1970-01-01T00:00:00+24:00",
        "1970-01-01T00:00:00+00:60",
        "1970-01-01T00:00:00ZZ",
        "1970-01-01T00:00:00Z ",
        " 1970-01-01T00:00:00Z",
        "+1970-01-01T00:00:00Z",
        "0000-12-31T23:59:59Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "1970-01-01T00:00:0\xd9\xa1Z",
        "1970-01-0:T00:00:00Z",
        "1970-01-1/T00:00:00Z",
        "197:-01-01T00:00:00Z",
    };
    int64_t epoch_ms = 5;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        if (irsa_timestamp_parse(wrong[i], &epoch_ms, &err))
            fail_msg("%s was read", wrong[i]);
        assert_code(err, SCHEMA);
    }
    assert_int_equal(epoch_ms, 5);
}

static void durations_are_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"0", 0},        {"90", 90000},    {"90s", 90000},   {"1m30s", 90000},
        {"2h", 7200000}, {"500ms", 500},   {"1d", 86400000}, {"1d2h3m4s5ms", 93784005},
        {"1s1ms", 1001}, {"1m1ms", 60001}, {"0s", 0},        {"9223372036854775807ms", INT64_MAX},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t ms;
        assert_ok(irsa_duration_parse(cases[i].text, &ms, &err), err);
        if (ms != cases[i].ms)
            fail_msg("%s is read as %lld", cases[i].text, (long long)ms);
    }
}

static void what_is_no_duration_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"",
                                        "s",
                                        "-1s",
                                        "+1s",
                                        "1.5s",
                                        "1 s",
                                        " 1s",
                                        "1s ",
                                        "1w",
                                        "1S",
                                        "1min",
                                        "1s1m",
                                        "1s1s",
                                        "1ms1s",
                                        "1m30",
                                        "1h30",
                                        "9223372036854775808ms",
                                        "9223372036854775807s",
                                        "106751991168d",
                                        "9223372036854775s9223372036854775807ms",
                                        "99999999999999999999"};
    int64_t ms = 5;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        if (irsa_duration_parse(wrong[i], &ms, &err))
            fail_msg("%s was read", wrong[i]);
        assert_code(err, INVALID);
    }
    assert_int_equal(ms, 5);
}

static void the_systems_clock_goes_on(void **state) {
    (void)state;
    const struct irsa_clock *clock = irsa_clock_system();
    int64_t before_ms = irsa_clock_monotonic_ms(clock);
    assert_true(clock->sleep_ms(clock->self, 20, NULL));
    assert_true(irsa_clock_monotonic_ms(clock) - before_ms >= 20);
    assert_true(clock->sleep_ms(clock->self, 0, NULL));
    assert_true(clock->sleep_ms(clock->self, -5, NULL));
    struct timespec before, after;
    for (int i = 0; i < 1000; i++) {
        clock_gettime(CLOCK_REALTIME, &before);
        int64_t now_ms = irsa_clock_now_ms(clock);
        clock_gettime(CLOCK_REALTIME, &after);
        assert_true(now_ms >= (int64_t)before.tv_sec * 1000 + before.tv_nsec / 1000000);
        assert_true(now_ms <= (int64_t)after.tv_sec * 1000 + after.tv_nsec / 1000000);
    }
}

static void a_cancelled_sleep_does_not_begin(void **state) {
    (void)state;
    struct irsa_cancel cancel;
    irsa_cancel_init(&cancel);
    irsa_cancel_set(&cancel);
    const struct irsa_clock *clock = irsa_clock_system();
    assert_false(clock->sleep_ms(clock->self, INT64_MAX, &cancel));
    assert_false(clock->sleep_ms(clock->self, 0, &cancel));
    irsa_cancel_reset(&cancel);
    assert_true(clock->sleep_ms(clock->self, 1, &cancel));
    irsa_cancel_done(&cancel);
}

static void a_descriptor_that_can_be_read_ends_a_sleep_by_itself(void **state) {
    (void)state;
    const struct irsa_clock *clock = irsa_clock_system();
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    const struct irsa_cancel cancel = {.fd = ends[0]};
    assert_false(clock->sleep_ms(clock->self, INT64_MAX, &cancel));
    close(ends[0]);
    close(ends[1]);
}

static void *sleep_for_ever(void *cancel) {
    const struct irsa_clock *clock = irsa_clock_system();
    return clock->sleep_ms(clock->self, INT64_MAX / 2, cancel) ? cancel : NULL;
}

static void cancelling_ends_a_sleep(void **state) {
    (void)state;
    struct irsa_cancel cancel;
    pthread_t thread;
    void *result = &cancel;
    irsa_cancel_init(&cancel);
    assert_int_equal(pthread_create(&thread, NULL, sleep_for_ever, &cancel), 0);
    irsa_cancel_set(&cancel);
    pthread_join(thread, &result); /* would not return if the sleep did not end */
    assert_null(result);
    irsa_cancel_done(&cancel);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timestamps_are_written_in_utc_with_milliseconds),
        cmocka_unit_test(timestamps_agree_with_the_c_library),
        cmocka_unit_test(every_form_of_rfc_3339_is_read),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(durations_are_read),
        cmocka_unit_test(what_is_no_duration_is_refused),
        cmocka_unit_test(the_systems_clock_goes_on),
        cmocka_unit_test(a_cancelled_sleep_does_not_begin),
        cmocka_unit_test(a_descriptor_that_can_be_read_ends_a_sleep_by_itself),
        cmocka_unit_test(cancelling_ends_a_sleep),
    };
    return RUN_TESTS("time is read, written and waited for");
}
