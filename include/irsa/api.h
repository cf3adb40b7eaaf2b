/*
 * Attributes that the public headers share.
 */
#ifndef IRSA_API_H
#define IRSA_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IRSA_VERSION "0.1.0"

#define IRSA_API                       __attribute__((visibility("default")))
#define IRSA_MUST_CHECK                __attribute__((warn_unused_result))
#define IRSA_PRINTF(text_at, first_at) __attribute__((format(printf, text_at, first_at)))

/* A time that is absent. All times are milliseconds since 1970-01-01T00:00:00Z. */
#define IRSA_NO_TIME INT64_MIN

/*
 * Lists of borrowed text, as a caller's own arrays or from an arena. `at` NULL means that the field is absent, which
 * an update treats differently from a list of length 0.
 */
struct irsa_strings {
    const char *const *at;
    size_t count;
};

struct irsa_pair {
    const char *key;
    const char *value;
};

struct irsa_pairs {
    const struct irsa_pair *at;
    size_t count;
};

#endif
