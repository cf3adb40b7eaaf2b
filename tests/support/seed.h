/*
 * Seeds of model tests: other schedules at every run, and the same one again with IRSA_TEST_SEED.
 */
#ifndef IRSA_TESTS_SEED_H
#define IRSA_TESTS_SEED_H

#include <stdlib.h>
#include <time.h>

#include "tests/support/test.h"

/* Printed, so that a failure can be repeated. */
static inline uint64_t test_seed(void) {
    const char *given = getenv("IRSA_TEST_SEED");
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t seed =
        given != NULL ? strtoull(given, NULL, 10) : (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    print_message("IRSA_TEST_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

static inline unsigned test_below(uint64_t *state, unsigned bound) {
    return (unsigned)(test_random(state) % bound);
}

#endif
