/*
 * Time as a function table, so that tests own it, and RFC 3339 timestamps.
 */
#ifndef IRSA_BASE_CLOCK_H
#define IRSA_BASE_CLOCK_H

#include "core/base/error.h"

struct irsa_cancel;

/*
 * now_ms        wall clock, ms since 1970
 * monotonic_ms  never goes back; for deadlines and durations
 * sleep_ms      waits, or returns false at once when `cancel` (may be NULL) is set
 */
struct irsa_clock {
    int64_t (*now_ms)(void *self);
    int64_t (*monotonic_ms)(void *self);
    bool (*sleep_ms)(void *self, int64_t duration_ms, const struct irsa_cancel *cancel);
    void *self;
};

/* The system's clock. Static. */
const struct irsa_clock *irsa_clock_system(void);

static inline int64_t irsa_clock_now_ms(const struct irsa_clock *clock) {
    return clock->now_ms(clock->self);
}

static inline int64_t irsa_clock_monotonic_ms(const struct irsa_clock *clock) {
    return clock->monotonic_ms(clock->self);
}

/* "2026-11-24T10:03:31.123Z" and its terminator. */
#define IRSA_TIMESTAMP_BYTES 25

/* Years 0001 to 9999; others are clamped. */
void irsa_timestamp_format(int64_t epoch_ms, char out_text[IRSA_TIMESTAMP_BYTES]);

/* RFC 3339 with any offset and any fraction (cut to ms); leap second 60 is taken as 59. fails SCHEMA */
IRSA_MUST_CHECK bool irsa_timestamp_parse(const char *text, int64_t *out_epoch_ms, struct irsa_error *err);

/* "90s", "1m30s", "2h", "500ms", "1d"; a bare number is seconds. fails INVALID */
IRSA_MUST_CHECK bool irsa_duration_parse(const char *text, int64_t *out_ms, struct irsa_error *err);

#endif
