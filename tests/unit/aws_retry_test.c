#include "core/aws/attempt.h"

#include "core/base/arena.h"
#include "tests/support/test.h"
#include "tests/unit/aws_fixture.h"

/* Statuses over 299 fail: 500 as UNAVAILABLE, 429 as THROTTLED, others as INVALID. */
static bool judge(void *self, const struct irsa_http_reply *reply, struct irsa_error *err) {
    (void)self;
    if (reply->status < 300)
        return true;
    enum irsa_code code = reply->status >= 500   ? IRSA_CODE_UNAVAILABLE
                          : reply->status == 429 ? IRSA_CODE_THROTTLED
                                                 : IRSA_CODE_INVALID;
    return irsa_error_set(err, code, "status %d", reply->status);
}

static bool call_it(void) {
    struct irsa_outgoing outgoing = {&f.transport.transport, "iam", "GetRole", judge, NULL};
    struct irsa_http_call call = {.method = "POST", .url = "https://h/"};
    return irsa_attempt_call(&f.attempt, &outgoing, &call, f.arena, &f.err);
}

static void a_failure_of_the_service_is_tried_again_at_most_twice(void **state) {
    (void)state;
    ANSWER({.status = 500}, {.status = 502}, {.status = 503});
    assert_false(call_it());
    assert_code(f.err, UNAVAILABLE);
    assert_string_equal(f.err.service, "iam");
    assert_string_equal(f.told.at, "iam.GetRole=500 iam.GetRole=502 iam.GetRole=503");
    assert_int_equal(f.clock.sleeps, 2);
    assert_in_range(f.clock.longest_sleep_ms, 25, 100);
}

static void what_was_lost_once_succeeds_on_its_second_try(void **state) {
    (void)state;
    ANSWER({.code = IRSA_CODE_UNAVAILABLE}, {.status = 200});
    assert_ok(call_it(), f.err);
    assert_string_equal(f.told.at, "iam.GetRole=0 iam.GetRole=200");
}

static void a_refused_connection_is_tried_again(void **state) {
    (void)state;
    ANSWER({.code = IRSA_CODE_UNAVAILABLE, .upstream = IRSA_HTTP_CONNECT}, {.status = 200});
    assert_ok(call_it(), f.err);
}

static void a_certificate_that_was_not_accepted_is_not_tried_again(void **state) {
    (void)state;
    ANSWER({.code = IRSA_CODE_UNAVAILABLE, .upstream = IRSA_HTTP_TLS});
    assert_false(call_it());
    assert_code(f.err, UNAVAILABLE);
    assert_string_equal(f.err.upstream, "TLS");
}

static void only_what_is_unavailable_is_tried_again(void **state) {
    (void)state;
    static const enum irsa_code codes[] = {IRSA_CODE_TIMEOUT, IRSA_CODE_INVALID, IRSA_CODE_CONFIG};
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        struct fake_answer answer = {.code = codes[i]};
        fake_transport_answers(&f.transport, &answer, 1);
        assert_false(call_it());
        assert_string_equal(irsa_code_name(f.err.code), irsa_code_name(codes[i]));
    }
    ANSWER({.status = 404});
    assert_false(call_it());
    assert_code(f.err, INVALID);
}

static void an_answer_that_is_too_large_is_none_of_the_service(void **state) {
    (void)state;
    ANSWER({.code = IRSA_CODE_TOO_LARGE}, {.code = IRSA_CODE_TOO_LARGE}, {.code = IRSA_CODE_TOO_LARGE});
    assert_false(call_it());
    assert_code(f.err, UNAVAILABLE);
}

static void a_throttle_goes_up_at_once_with_the_wait_that_was_asked_for(void **state) {
    (void)state;
    ANSWER({.status = 429, .headers = {{"retry-after", "7"}}});
    assert_false(call_it());
    assert_code(f.err, THROTTLED);
    assert_int_equal(f.last_code, IRSA_CODE_THROTTLED); // those who count are told as well
    assert_int_equal(f.err.retry_after_ms, 7000);
    ANSWER({.status = 429, .headers = {{"x-amz-retry-after", "1500"}, {"retry-after", "7"}}});
    assert_false(call_it());
    assert_int_equal(f.err.retry_after_ms, 1500);
    ANSWER({.status = 429, .headers = {{"retry-after", "Tue, 24 Nov 2026 10:03:31 GMT"}}});
    assert_false(call_it());
    assert_int_equal(f.err.retry_after_ms, 0);
    ANSWER({.status = 429, .headers = {{"retry-after", "99999999999999999999"}}});
    assert_false(call_it());
    assert_int_equal(f.err.retry_after_ms, 0);
    assert_int_equal(f.clock.sleeps, 0);
}

static void a_longer_wait_is_left_to_the_caller(void **state) {
    (void)state;
    ANSWER({.status = 503, .headers = {{"retry-after", "1"}}});
    assert_false(call_it());
    assert_code(f.err, UNAVAILABLE);
    assert_int_equal(f.err.retry_after_ms, 1000);
    ANSWER({.status = 503, .headers = {{"x-amz-retry-after", "90"}}}, {.status = 200});
    assert_ok(call_it(), f.err);
    assert_in_range(f.clock.longest_sleep_ms, 90, 100);
}

static void no_try_begins_later_than_a_second_after_the_first(void **state) {
    (void)state;
    f.transport.clock = &f.clock;
    f.transport.takes_ms = 600;
    ANSWER({.status = 500}, {.status = 500});
    assert_false(call_it());
    assert_int_equal(f.transport.call_count, 2);
    f.transport.takes_ms = 1000;
    ANSWER({.status = 500});
    assert_false(call_it());
    assert_int_equal(f.transport.call_count, 1);
}

static void a_cancelled_attempt_sends_nothing(void **state) {
    (void)state;
    ANSWER({.status = 200});
    irsa_cancel_set(&f.cancel);
    assert_false(call_it());
    assert_code(f.err, UNAVAILABLE);
    assert_int_equal(f.transport.call_count, 0);
    assert_string_equal(f.told.at, "");
}

static void cancel(void *self, size_t number) {
    (void)number;
    irsa_cancel_set(self);
}

static void an_attempt_that_is_cancelled_meanwhile_is_not_tried_again(void **state) {
    (void)state;
    f.transport.on_call = cancel;
    f.transport.self = &f.cancel;
    ANSWER({.status = 500}, {.status = 200});
    assert_false(call_it());
    assert_code(f.err, UNAVAILABLE);
    assert_int_equal(f.transport.call_count, 1);
}

static void an_attempt_over_its_deadline_sends_nothing(void **state) {
    (void)state;
    ANSWER({.status = 200});
    f.clock.monotonic_ms = f.attempt.deadline_ms;
    assert_false(call_it());
    assert_code(f.err, TIMEOUT);
    assert_int_equal(f.transport.call_count, 0);
}

static void a_call_has_30_seconds_but_no_more_than_its_attempt(void **state) {
    (void)state;
    ANSWER({.status = 200}, {.status = 200});
    assert_ok(call_it(), f.err);
    assert_int_equal(f.transport.calls[0].deadline_ms, f.clock.monotonic_ms + 30000);
    f.clock.monotonic_ms = f.attempt.deadline_ms - 10;
    assert_ok(call_it(), f.err);
    assert_int_equal(f.transport.calls[1].deadline_ms, f.attempt.deadline_ms);
}

static void the_last_request_id_is_that_of_the_last_answer(void **state) {
    (void)state;
    ANSWER({.status = 200, .headers = {{"x-amzn-requestid", "id-1"}}}, {.status = 200});
    assert_ok(call_it(), f.err);
    assert_string_equal(f.attempt.last_request_id, "id-1");
    assert_ok(call_it(), f.err);
    assert_null(f.attempt.last_request_id);
    ANSWER({.status = 200, .headers = {{"x-amzn-requestid", "id-1"}}}, {.code = IRSA_CODE_TIMEOUT});
    assert_ok(call_it(), f.err);
    assert_false(call_it());
    assert_null(f.attempt.last_request_id);
}

static void callers_do_not_come_back_in_step(void **state) {
    (void)state;
    bool seen[101] = {false};
    unsigned different = 0;
    ANSWER({.status = 500}, {.status = 200});
    for (int i = 0; i < 64; i++) {
        f.transport.call_count = 0;
        f.clock.longest_sleep_ms = 0;
        assert_ok(call_it(), f.err);
        different += !seen[f.clock.longest_sleep_ms];
        seen[f.clock.longest_sleep_ms] = true;
    }
    assert_true(different > 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_failure_of_the_service_is_tried_again_at_most_twice),
        CASE(what_was_lost_once_succeeds_on_its_second_try),
        CASE(a_refused_connection_is_tried_again),
        CASE(a_certificate_that_was_not_accepted_is_not_tried_again),
        CASE(only_what_is_unavailable_is_tried_again),
        CASE(an_answer_that_is_too_large_is_none_of_the_service),
        CASE(a_throttle_goes_up_at_once_with_the_wait_that_was_asked_for),
        CASE(a_longer_wait_is_left_to_the_caller),
        CASE(no_try_begins_later_than_a_second_after_the_first),
        CASE(a_cancelled_attempt_sends_nothing),
        CASE(an_attempt_that_is_cancelled_meanwhile_is_not_tried_again),
        CASE(an_attempt_over_its_deadline_sends_nothing),
        CASE(a_call_has_30_seconds_but_no_more_than_its_attempt),
        CASE(the_last_request_id_is_that_of_the_last_answer),
        CASE(callers_do_not_come_back_in_step),
    };
    return RUN_TESTS("short failures are mended in place, long ones go up");
}
