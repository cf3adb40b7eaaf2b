#include "core/base/map.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/arena.h"
#include "tests/support/test.h"

static void values_are_found_by_their_keys(void **state) {
    (void)state;
    struct irsa_map *map = irsa_map_new();
    int one, two, three;
    assert_null(irsa_map_find(map, "a", 1));
    assert_null(irsa_map_put(map, "a", 1, &one));
    assert_null(irsa_map_put(map, "ab", 2, &two));
    assert_null(irsa_map_put(map, "", 0, &three));
    assert_ptr_equal(irsa_map_find(map, "a", 1), &one);
    assert_ptr_equal(irsa_map_find(map, "ab", 2), &two);
    assert_ptr_equal(irsa_map_find(map, NULL, 0), &three);
    assert_null(irsa_map_find(map, "b", 1));
    assert_int_equal(irsa_map_count(map), 3);
    irsa_map_free(map, NULL);
    irsa_map_free(NULL, NULL);
}

static void keys_are_bytes_and_copied(void **state) {
    (void)state;
    struct irsa_map *map = irsa_map_new();
    int one, two;
    char key[] = {'k', '\0', '1'};
    irsa_map_put(map, key, 3, &one);
    key[2] = '2';
    irsa_map_put(map, key, 3, &two);
    assert_ptr_equal(irsa_map_find(map,
                                   "k\0"
                                   "1",
                                   3),
                     &one);
    assert_ptr_equal(irsa_map_find(map,
                                   "k\0"
                                   "2",
                                   3),
                     &two);
    irsa_map_free(map, NULL);
}

static void putting_again_gives_the_old_value_back(void **state) {
    (void)state;
    struct irsa_map *map = irsa_map_new();
    int one, two;
    irsa_map_put(map, "k", 1, &one);
    assert_ptr_equal(irsa_map_put(map, "k", 1, &two), &one);
    assert_ptr_equal(irsa_map_find(map, "k", 1), &two);
    assert_int_equal(irsa_map_count(map), 1);
    assert_ptr_equal(irsa_map_remove(map, "k", 1), &two);
    assert_null(irsa_map_remove(map, "k", 1));
    assert_int_equal(irsa_map_count(map), 0);
    irsa_map_free(map, NULL);
}

enum { KEYS = 2000 };

/* Random puts and removals against a plain array; the sizes swing, so that the table grows and shrinks. */
static void a_map_agrees_with_a_plain_array(void **state) {
    (void)state;
    static char plain[KEYS];
    struct irsa_map *map = irsa_map_new();
    uint64_t seed = 3;
    size_t count = 0;
    memset(plain, 0, sizeof plain);
    for (unsigned i = 0; i < 400000; i++) {
        size_t key = test_random(&seed) % KEYS;
        bool fills = test_random(&seed) % 100 < (i / 40000 % 2 == 0 ? 90U : 10U);
        char text[32];
        size_t length = (size_t)snprintf(text, sizeof text, "key-%zu", key);
        void *expected = plain[key] ? &plain[key] : NULL;
        assert_ptr_equal(irsa_map_find(map, text, length), expected);
        void *old = fills ? irsa_map_put(map, text, length, &plain[key]) : irsa_map_remove(map, text, length);
        assert_ptr_equal(old, expected);
        count += fills && !plain[key];
        count -= !fills && plain[key];
        plain[key] = fills;
        assert_int_equal(irsa_map_count(map), count);
    }
    for (size_t key = 0; key < KEYS; key++) {
        char text[32];
        size_t length = (size_t)snprintf(text, sizeof text, "key-%zu", key);
        assert_ptr_equal(irsa_map_find(map, text, length), plain[key] ? &plain[key] : NULL);
    }
    irsa_map_free(map, NULL);
}

static void a_walk_meets_every_key_once(void **state) {
    (void)state;
    for (size_t count = 0; count < 300; count = count * 2 + 1) {
        static char seen[300];
        struct irsa_map *map = irsa_map_new();
        memset(seen, 0, sizeof seen);
        for (size_t i = 0; i < count; i++)
            irsa_map_put(map, &i, sizeof i, &seen[i]);
        size_t cursor = 0, key_length, met = 0;
        const void *key;
        void *value;
        while (irsa_map_next(map, &cursor, &key, &key_length, &value)) {
            size_t i;
            assert_int_equal(key_length, sizeof i);
            memcpy(&i, key, sizeof i);
            assert_ptr_equal(value, &seen[i]);
            assert_int_equal(seen[i]++, 0);
            met++;
        }
        assert_int_equal(met, count);
        irsa_map_free(map, NULL);
    }
}

static void a_walk_may_remove_the_key_that_it_stands_on(void **state) {
    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        static char seen[1000];
        struct irsa_map *map = irsa_map_new();
        memset(seen, 0, sizeof seen);
        size_t count = round % 2 ? 9 : 620; /* close to the fullest table */
        for (size_t i = 0; i < count; i++) {
            size_t key = i + round * 1000;
            irsa_map_put(map, &key, sizeof key, &seen[i]);
        }
        size_t cursor = 0, key_length, met = 0, removed = 0;
        const void *key;
        void *value;
        while (irsa_map_next(map, &cursor, &key, &key_length, &value)) {
            assert_int_equal((*(char *)value)++, 0);
            met++;
            if (met % 3 != 0) {
                size_t copy;
                memcpy(&copy, key, sizeof copy);
                assert_ptr_equal(irsa_map_remove(map, &copy, sizeof copy), value);
                removed++;
            }
        }
        assert_int_equal(met, count);
        assert_int_equal(irsa_map_count(map), count - removed);
        irsa_map_free(map, NULL);
    }
}

static unsigned freed;

static void count_free(void *value) {
    free(value);
    freed++;
}

static void freeing_a_map_frees_its_values(void **state) {
    (void)state;
    struct irsa_map *map = irsa_map_new();
    for (size_t i = 0; i < 100; i++)
        irsa_map_put(map, &i, sizeof i, irsa_new(1));
    freed = 0;
    irsa_map_free(map, count_free);
    assert_int_equal(freed, 100);
}

/*
 * Low halves as in Linux's lib/test_siphash.c (key 00..0f, messages of bytes 00, 01, …); whole ones as CPython 3.11
 * hashes bytes without a seed.
 */
static void the_hash_is_siphash_1_3(void **state) {
    (void)state;
    static const uint32_t halves[] = {0x050fc4dc, 0x7d57ca93, 0x4dc7d44d, 0xe7ddf7fb};
    static const struct {
        const char *message;
        size_t length;
        uint64_t hash;
    } cases[] = {
        {"a", 1, UINT64_C(0x407448d2b89b1813)},
        {"\0\1\2\3\4\5\6", 7, UINT64_C(0x2f098ab0c751325a)},
        {"\0\1\2\3\4\5\6\7", 8, UINT64_C(0xead411e67ebe2eea)},
        {"us-west-2/cluster-13/backend-apps/s3-reader", 43, UINT64_C(0xffbb7ad0f357361a)},
    };
    static const uint64_t key[2] = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};
    static const uint64_t no_key[2];
    for (size_t length = 0; length < COUNT_OF(halves); length++)
        assert_true((uint32_t)irsa_siphash13(key, "\0\1\2\3", length) == halves[length]);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_true(irsa_siphash13(no_key, cases[i].message, cases[i].length) == cases[i].hash);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_found_by_their_keys),
        cmocka_unit_test(keys_are_bytes_and_copied),
        cmocka_unit_test(putting_again_gives_the_old_value_back),
        cmocka_unit_test(a_map_agrees_with_a_plain_array),
        cmocka_unit_test(a_walk_meets_every_key_once),
        cmocka_unit_test(a_walk_may_remove_the_key_that_it_stands_on),
        cmocka_unit_test(freeing_a_map_frees_its_values),
        cmocka_unit_test(the_hash_is_siphash_1_3),
    };
    return RUN_TESTS("a map keeps values by their keys");
}
