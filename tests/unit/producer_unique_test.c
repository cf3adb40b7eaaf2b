#include "producer/unique.h"

#include <stdio.h>

#include "tests/support/test.h"

/* The user of the set: a list of keys, where a position is an index. */
static char keys[200000][16];
static size_t comparisons;

static bool is_same(void *self, uint64_t position) {
    comparisons++;
    return strcmp(keys[position], self) == 0;
}

static bool add(struct irsa_unique *unique, uint64_t position, uint64_t *out_earlier) {
    char *key = keys[position];
    return irsa_unique_add(unique, irsa_unique_hash(key, strlen(key)), position, is_same, key, out_earlier);
}

static void a_repeat_is_found_with_the_place_of_the_first(void **state) {
    (void)state;
    struct irsa_unique *unique = irsa_unique_new();
    uint64_t earlier = 0;
    snprintf(keys[0], sizeof keys[0], "a/b");
    snprintf(keys[1], sizeof keys[1], "a/c");
    snprintf(keys[2], sizeof keys[2], "a/b");
    assert_true(add(unique, 0, &earlier));
    assert_true(add(unique, 1, &earlier));
    earlier = 99;
    assert_false(add(unique, 2, &earlier));
    assert_int_equal(earlier, 0);
    irsa_unique_free(unique);
}

static void a_hundred_thousand_keys_are_told_apart_without_reading_them(void **state) {
    (void)state;
    struct irsa_unique *unique = irsa_unique_new();
    uint64_t earlier;
    comparisons = 0;
    for (size_t i = 0; i < 100000; i++) {
        snprintf(keys[i], sizeof keys[i], "%zu", i);
        assert_true(add(unique, i, &earlier));
    }
    assert_int_equal(comparisons, 0);
    for (size_t i = 0; i < 100000; i++) {
        snprintf(keys[100000 + i], sizeof keys[0], "%zu", i);
        assert_false(add(unique, 100000 + i, &earlier));
        assert_int_equal(earlier, i);
    }
    irsa_unique_free(unique);
}

static bool never_same(void *self, uint64_t position) {
    (void)self;
    (void)position;
    return false;
}

/* Equal hashes do not make equal keys: the user has the last word. */
static void keys_whose_hashes_collide_are_told_apart(void **state) {
    (void)state;
    struct irsa_unique *unique = irsa_unique_new();
    uint64_t earlier;
    for (uint64_t i = 0; i < 3000; i++)
        assert_true(irsa_unique_add(unique, 42, i, never_same, NULL, &earlier));
    irsa_unique_free(unique);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repeat_is_found_with_the_place_of_the_first),
        cmocka_unit_test(a_hundred_thousand_keys_are_told_apart_without_reading_them),
        cmocka_unit_test(keys_whose_hashes_collide_are_told_apart),
    };
    return RUN_TESTS("repeats are found among many keys");
}
