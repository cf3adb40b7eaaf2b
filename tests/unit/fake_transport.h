/*
 * A transport that answers from a list and remembers what it was asked, and a clock that tests move by hand.
 */
#ifndef IRSA_TESTS_FAKE_TRANSPORT_H
#define IRSA_TESTS_FAKE_TRANSPORT_H

#include "core/base/clock.h"
#include "core/http/http.h"

#define FAKE_MAX_CALLS 256

/* One answer. code other than NONE: the exchange fails with it. */
struct fake_answer {
    int status;
    const char *body;
    struct irsa_http_header headers[4]; /* up to the first without a name */
    enum irsa_code code;
    const char *upstream;
};

/* One call, copied. headers: "Name: value\n" lines. */
struct fake_call {
    const char *method;
    const char *url;
    const char *headers;
    const char *body; /* NULL: none */
    int64_t deadline_ms;
    const struct irsa_trust *trust;
};

/*
 * answers   in order; one call more than there are answers fails the test
 * takes_ms  how far an exchange moves `clock`
 */
struct fake_transport {
    struct irsa_transport transport;
    const struct fake_answer *answers;
    size_t answer_count;
    struct fake_call calls[FAKE_MAX_CALLS];
    size_t call_count;
    struct fake_clock *clock;
    int64_t takes_ms;
    void (*on_call)(void *self, size_t number); /* may be NULL */
    void *self;
    struct irsa_arena *arena;
};

void fake_transport_init(struct fake_transport *fake, struct irsa_arena *arena);
void fake_transport_answers(struct fake_transport *fake, const struct fake_answer *answers, size_t count);

/* The value of a header of a call, or NULL. */
const char *fake_header(struct irsa_arena *arena, const struct fake_call *call, const char *name);

struct fake_clock {
    struct irsa_clock clock;
    int64_t now_ms, monotonic_ms;
    unsigned sleeps;
    int64_t slept_ms, longest_sleep_ms;
};

/* 2026-11-24T10:03:31Z */
#define FAKE_NOW_MS INT64_C(1795514611000)

void fake_clock_init(struct fake_clock *fake);

#endif
