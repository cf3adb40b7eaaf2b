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
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Run the array `tests` as one group; yields what main returns. With IRSA_TEST_SHARD=i/n only every n-th case, from the
 * i-th on: cases that wait more than they work run side by side so. */
#define RUN_TESTS(sentence) test_run((sentence), tests, COUNT_OF(tests))

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

static inline int test_run(const char *sentence, const struct CMUnitTest *tests, size_t count) {
    struct CMUnitTest kept[256];
    size_t kept_count = 0;
    unsigned index = 0, shards = 1;
    const char *shard = getenv("IRSA_TEST_SHARD");
    bool is_wrong = shard != NULL && (sscanf(shard, "%u/%u", &index, &shards) != 2 || index >= shards);
    if (is_wrong || count > COUNT_OF(kept)) {
        fprintf(stderr, "IRSA_TEST_SHARD is i/n, and a group has at most %zu cases\n", COUNT_OF(kept));
        return 2;
    }
    for (size_t i = index; i < count; i += shards)
        kept[kept_count++] = tests[i];
    return _cmocka_run_group_tests(sentence, kept, kept_count, NULL, NULL);
}

/* Seeded pseudo-random numbers (SplitMix64) for generated cases: the same on every machine. */
static inline uint64_t test_random(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

#endif
