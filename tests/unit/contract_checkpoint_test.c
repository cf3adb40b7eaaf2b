#include "core/contract/checkpoint.h"

#include <stdlib.h>

#include "core/base/arena.h"
#include "tests/support/seed.h"

static void a_checkpoint_is_read_as_it_was_written(void **state) {
    (void)state;
    uint64_t random = test_seed();
    for (int round = 0; round < 500; round++) {
        struct irsa_arena *arena = irsa_arena_new();
        uint8_t bits[2048] = {0};
        size_t length = test_below(&random, sizeof bits) + 1;
        for (size_t i = 0; i < length; i++)
            bits[i] = (uint8_t)test_random(&random);
        bits[length - 1] |= 0x80;
        int64_t base = (int64_t)(test_random(&random) >> test_below(&random, 60) >> 1);
        const char *text = irsa_checkpoint_encode(arena, base, bits, length);
        assert_true(strlen(text) <= 4096);
        const uint8_t *found;
        size_t found_length;
        struct irsa_error err;
        assert_ok(irsa_checkpoint_decode(arena, text, base, &found, &found_length, &err), err);
        assert_int_equal(found_length, length);
        assert_memory_equal(found, bits, length);
        irsa_arena_free(arena);
    }
}

/* The checksum was computed bit by bit in Python, over "7 gQ==". */
static void its_form_is_the_one_that_is_documented(void **state) {
    (void)state;
    struct irsa_arena *arena = irsa_arena_new();
    const uint8_t bits[] = {0x81, 0, 0};
    const char *text = irsa_checkpoint_encode(arena, 7, bits, sizeof bits);
    assert_string_equal(text, "irsa1 7 f78fa2ba gQ==");
    irsa_arena_free(arena);
}

static void without_bits_there_is_none(void **state) {
    (void)state;
    struct irsa_arena *arena = irsa_arena_new();
    const uint8_t bits[8] = {0};
    const uint8_t *found;
    size_t length;
    struct irsa_error err;
    assert_null(irsa_checkpoint_encode(arena, 7, bits, sizeof bits));
    assert_ok(irsa_checkpoint_decode(arena, NULL, 7, &found, &length, &err), err);
    assert_int_equal(length, 0);
    assert_ok(irsa_checkpoint_decode(arena, "", 7, &found, &length, &err), err);
    assert_int_equal(length, 0);
    irsa_arena_free(arena);
}

static void any_damage_is_seen(void **state) {
    (void)state;
    struct irsa_arena *arena = irsa_arena_new();
    const uint8_t bits[] = {0x13, 0x80, 0xff, 0x01};
    const char *text = irsa_checkpoint_encode(arena, 1234, bits, sizeof bits);
    const uint8_t *found;
    size_t length;
    struct irsa_error err;
    for (size_t at = 0; text[at] != '\0'; at++) { // another byte, or an end, anywhere
        char *damaged = irsa_arena_copy(arena, text);
        damaged[at] = damaged[at] == '1' ? '2' : '1';
        assert_false(irsa_checkpoint_decode(arena, damaged, 1234, &found, &length, &err));
        assert_code(err, SCHEMA);
        damaged[at] = '\0';
        assert_true(at == 0 || !irsa_checkpoint_decode(arena, damaged, 1234, &found, &length, &err));
    }
    irsa_arena_free(arena);
}

static void another_offset_version_or_writer_is_refused(void **state) {
    (void)state;
    struct irsa_arena *arena = irsa_arena_new();
    const uint8_t bits[] = {1};
    const char *text = irsa_checkpoint_encode(arena, 1234, bits, sizeof bits);
    const char *const others[] = {"irsa2 1234 00000000 AQ==", "irsa1", "irsa1 ", "irsa1 1234", "{}", "AQ==", " "};
    const uint8_t *found;
    size_t length;
    struct irsa_error err;
    assert_false(irsa_checkpoint_decode(arena, text, 1235, &found, &length, &err));
    assert_false(irsa_checkpoint_decode(arena, text, 123, &found, &length, &err));
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_false(irsa_checkpoint_decode(arena, others[i], 1234, &found, &length, &err));
        assert_code(err, SCHEMA);
    }
    irsa_arena_free(arena);
}

static void a_full_window_fits_into_kafkas_limit(void **state) {
    (void)state;
    struct irsa_arena *arena = irsa_arena_new();
    static uint8_t bits[4096];
    memset(bits, 0xff, sizeof bits);
    assert_int_equal(strlen(irsa_checkpoint_encode(arena, INT64_MAX, bits, 2048)), 2732 + 35);
    assert_true(strlen(irsa_checkpoint_encode(arena, INT64_MAX, bits, sizeof bits)) <= 4096);
    irsa_arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_checkpoint_is_read_as_it_was_written),
        cmocka_unit_test(its_form_is_the_one_that_is_documented),
        cmocka_unit_test(without_bits_there_is_none),
        cmocka_unit_test(any_damage_is_seen),
        cmocka_unit_test(another_offset_version_or_writer_is_refused),
        cmocka_unit_test(a_full_window_fits_into_kafkas_limit),
    };
    return RUN_TESTS("checkpoint");
}
