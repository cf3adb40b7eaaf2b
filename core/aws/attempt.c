/*
 * Sending within an attempt: its bounds, its counts, the retry in place.
 */
#include "core/aws/attempt.h"

#include <string.h>

#include "core/base/crypto.h"
#include "core/base/text.h"

#define MAX_TRIES         3
#define STEP_MS           1000  /* no try begins later than this after the first one */
#define CALL_MS           30000 /* one call takes no longer */
#define FIRST_WAIT_MS     50
#define MAX_WAIT_MS       100
#define MAX_RETRY_AFTER_S 3600
#define HOLD_MS           10 /* between looks while calls are held back */

static bool is_held(const struct irsa_attempt *attempt) {
    return attempt->may_call != NULL && !attempt->may_call(attempt->holder);
}

bool irsa_attempt_may_go_on(const struct irsa_attempt *attempt, struct irsa_error *err) {
    while (is_held(attempt) && irsa_clock_monotonic_ms(attempt->clock) < attempt->deadline_ms &&
           attempt->clock->sleep_ms(attempt->clock->self, HOLD_MS, attempt->cancel)) {
        // cut short when cancelled
    }
    if (irsa_cancel_is_set(attempt->cancel))
        return IRSA_FAIL(err, UNAVAILABLE, "the attempt was cancelled");
    if (irsa_clock_monotonic_ms(attempt->clock) >= attempt->deadline_ms)
        return IRSA_FAIL(err, TIMEOUT, "the attempt's deadline passed");
    return true;
}

/* 0 when the header is absent or no plain number. The HTTP-date form is not used by these services. */
static int64_t wait_asked_for(const struct irsa_http_reply *reply) {
    int64_t value;
    const char *ms = irsa_http_header(reply, "x-amz-retry-after");
    const char *seconds = irsa_http_header(reply, "retry-after");
    if (ms != NULL && irsa_text_to_integer(ms, 0, MAX_RETRY_AFTER_S * INT64_C(1000), &value))
        return value;
    if (seconds != NULL && irsa_text_to_integer(seconds, 0, MAX_RETRY_AFTER_S, &value))
        return value * 1000;
    return 0;
}

/* An answer is taken, or judged to be a failure. */
static bool judge_answer(struct irsa_attempt *attempt, const struct irsa_outgoing *outgoing,
                         const struct irsa_http_reply *reply, struct irsa_error *err) {
    attempt->last_request_id = irsa_arena_copy(attempt->arena, irsa_http_header(reply, "x-amzn-requestid"));
    if (outgoing->judge(outgoing->self, reply, err))
        return true;
    if (err->retry_after_ms == 0)
        err->retry_after_ms = wait_asked_for(reply);
    return false;
}

static bool has_no_answer(struct irsa_attempt *attempt, struct irsa_error *err) {
    attempt->last_request_id = NULL;
    if (err->code == IRSA_CODE_TOO_LARGE) /* no answer of these services is so large: something on the way gave it */
        err->code = IRSA_CODE_UNAVAILABLE;
    return false;
}

/* One try: sent, judged, told of. */
static bool try_once(struct irsa_attempt *attempt, const struct irsa_outgoing *outgoing, struct irsa_http_call *call,
                     struct irsa_arena *scratch, struct irsa_error *err) {
    struct irsa_http_reply reply = {0};
    const struct irsa_transport *transport = outgoing->transport;
    int64_t start_ms = irsa_clock_monotonic_ms(attempt->clock);
    call->cancel = attempt->cancel;
    call->deadline_ms = start_ms + CALL_MS < attempt->deadline_ms ? start_ms + CALL_MS : attempt->deadline_ms;
    bool is_answered = transport->exchange(transport->self, call, scratch, &reply, err);
    int64_t duration_ms = irsa_clock_monotonic_ms(attempt->clock) - start_ms;
    bool is_done = is_answered ? judge_answer(attempt, outgoing, &reply, err) : has_no_answer(attempt, err);
    const struct irsa_called called = {.service = outgoing->service,
                                       .action = outgoing->action,
                                       .status = is_answered ? reply.status : 0,
                                       .code = is_done ? IRSA_CODE_NONE : err->code,
                                       .duration_ms = duration_ms};
    if (attempt->called != NULL)
        attempt->called(attempt->self, &called);
    return is_done;
}

static bool is_worth_another(const struct irsa_error *err) {
    return err->code == IRSA_CODE_UNAVAILABLE && strcmp(err->upstream, IRSA_HTTP_TLS) != 0 &&
           err->retry_after_ms <= MAX_WAIT_MS;
}

/* Half of the longest wait, and a random part of the other half, so that many callers do not come back together. */
static int64_t choose_wait_ms(int tries, int64_t asked_ms) {
    uint16_t random;
    int64_t longest = tries == 1 ? FIRST_WAIT_MS : MAX_WAIT_MS;
    irsa_random_bytes(&random, sizeof random);
    int64_t wait_ms = longest / 2 + longest / 2 * random / UINT16_MAX;
    return wait_ms > asked_ms ? wait_ms : asked_ms;
}

bool irsa_attempt_call(struct irsa_attempt *attempt, const struct irsa_outgoing *outgoing, struct irsa_http_call *call,
                       struct irsa_arena *scratch, struct irsa_error *err) {
    int64_t start_ms = irsa_clock_monotonic_ms(attempt->clock);
    for (int tries = 1;; tries++) {
        if (!irsa_attempt_may_go_on(attempt, err))
            break;
        if (try_once(attempt, outgoing, call, scratch, err))
            return true;
        if (tries == MAX_TRIES || !is_worth_another(err))
            break;
        int64_t wait_ms = choose_wait_ms(tries, err->retry_after_ms);
        if (irsa_clock_monotonic_ms(attempt->clock) + wait_ms - start_ms > STEP_MS)
            break;
        attempt->repeats++;
        /* cut short when cancelled: the next look at the attempt says so */
        (void)attempt->clock->sleep_ms(attempt->clock->self, wait_ms, attempt->cancel);
    }
    return irsa_error_from(err, outgoing->service, NULL);
}
