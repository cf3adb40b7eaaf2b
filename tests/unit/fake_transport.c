/*
 * A transport and a clock for tests.
 */
#include "tests/unit/fake_transport.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "tests/support/test.h"

static void remember(struct fake_transport *fake, const struct irsa_http_call *call) {
    struct irsa_text headers;
    assert_true(fake->call_count < FAKE_MAX_CALLS);
    irsa_text_init(&headers, fake->arena, 65536);
    for (size_t i = 0; i < call->header_count; i++)
        irsa_text_addf(&headers, "%s: %s\n", call->headers[i].name, call->headers[i].value);
    fake->calls[fake->call_count++] = (struct fake_call){
        .method = irsa_arena_copy(fake->arena, call->method),
        .url = irsa_arena_copy(fake->arena, call->url),
        .headers = headers.at,
        .body = call->body == NULL ? NULL : irsa_arena_copy_bytes(fake->arena, call->body, call->body_length),
        .deadline_ms = call->deadline_ms,
        .trust = call->trust,
    };
}

static bool exchange(void *self, const struct irsa_http_call *call, struct irsa_arena *arena,
                     struct irsa_http_reply *out_reply, struct irsa_error *err) {
    struct fake_transport *fake = self;
    size_t number = fake->call_count;
    remember(fake, call);
    if (fake->on_call != NULL)
        fake->on_call(fake->self, number);
    if (number >= fake->answer_count)
        fail_msg("call %zu was not expected: %s %s %s", number + 1, call->method, call->url,
                 call->body == NULL ? "" : call->body);
    const struct fake_answer *answer = &fake->answers[number];
    if (fake->clock != NULL)
        fake->clock->monotonic_ms += fake->takes_ms;
    if (answer->code != IRSA_CODE_NONE) {
        irsa_error_set(err, answer->code, "the transport fails");
        return irsa_error_from(err, NULL, answer->upstream);
    }
    size_t count = 0;
    struct irsa_http_header *headers = IRSA_NEW_ARRAY(arena, struct irsa_http_header, 4);
    for (; count < 4 && answer->headers[count].name != NULL; count++)
        headers[count] = answer->headers[count];
    const char *body = answer->body == NULL ? "" : answer->body;
    /* a copy, as the client's would be: it goes when the caller clears its arena */
    *out_reply = (struct irsa_http_reply){answer->status, irsa_arena_copy(arena, body), strlen(body), headers, count};
    return true;
}

void fake_transport_init(struct fake_transport *fake, struct irsa_arena *arena) {
    *fake = (struct fake_transport){.transport = {exchange, fake}, .arena = arena};
}

void fake_transport_answers(struct fake_transport *fake, const struct fake_answer *answers, size_t count) {
    fake->answers = answers;
    fake->answer_count = count;
    fake->call_count = 0;
}

const char *fake_header(struct irsa_arena *arena, const struct fake_call *call, const char *name) {
    const char *key = irsa_arena_format(arena, "%s: ", name);
    for (const char *line = call->headers; *line != '\0'; line = strchr(line, '\n') + 1)
        if (irsa_text_starts_with(line, key))
            return irsa_arena_copy_bytes(arena, line + strlen(key), strcspn(line + strlen(key), "\n"));
    return NULL;
}

static int64_t now_ms(void *self) {
    struct fake_clock *fake = self;
    return fake->now_ms;
}

static int64_t monotonic_ms(void *self) {
    struct fake_clock *fake = self;
    return fake->monotonic_ms;
}

static bool sleep_ms(void *self, int64_t duration_ms, const struct irsa_cancel *cancel) {
    struct fake_clock *fake = self;
    fake->sleeps++;
    fake->slept_ms += duration_ms;
    if (duration_ms > fake->longest_sleep_ms)
        fake->longest_sleep_ms = duration_ms;
    fake->monotonic_ms += duration_ms;
    fake->now_ms += duration_ms;
    return !irsa_cancel_is_set(cancel);
}

void fake_clock_init(struct fake_clock *fake) {
    *fake = (struct fake_clock){
        .clock = {now_ms, monotonic_ms, sleep_ms, fake}, .now_ms = FAKE_NOW_MS, .monotonic_ms = 1000};
}
