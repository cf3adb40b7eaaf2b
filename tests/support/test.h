/*
 * What every unit test includes: cmocka with the headers that it wants before it, and a few shared helpers.
 */
#ifndef IRSA_TESTS_TEST_H
#define IRSA_TESTS_TEST_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <irsa/error.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Run the array `tests` as one group; yields what main returns. */
#define RUN_TESTS(sentence) cmocka_run_group_tests_name((sentence), tests, NULL, NULL)

/* The error has this code. Its message is shown when not. */
#define assert_code(err, CODE)                                                                                         \
    do {                                                                                                               \
        if ((err).code != IRSA_CODE_##CODE)                                                                            \
            fail_msg("the error is %s (%s), not %s", irsa_code_name((err).code), (err).message, #CODE);                \
    } while (0)

/* `call` succeeds, filling `err` if it does not. */
#define assert_ok(call, err)                                                                                           \
    do {                                                                                                               \
        if (!(call))                                                                                                   \
            fail_msg("%s: %s (%s)", #call, (err).message, irsa_code_name((err).code));                                 \
    } while (0)

/* Seeded pseudo-random numbers (SplitMix64) for generated cases: the same on every machine. */
static inline uint64_t test_random(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

#endif
