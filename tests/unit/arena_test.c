#include "core/base/arena.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/test.h"

static void memory_is_zero_and_aligned(void **state) {
    (void)state;
    struct irsa_arena *arena = irsa_arena_new();
    for (size_t size = 0; size < 300; size++) {
        unsigned char *at = irsa_arena_alloc(arena, size);
        assert_int_equal((uintptr_t)at % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(at[i], 0);
        memset(at, 0xA5, size);
    }
    irsa_arena_free(arena);
}

static void pieces_do_not_touch_each_other(void **state) {
    (void)state;
    struct irsa_arena *arena = irsa_arena_new();
    enum { PIECES = 500 };
    unsigned char *at[PIECES];
    for (size_t i = 0; i < PIECES; i++) {
        at[i] = irsa_arena_alloc(arena, i * 3);
        memset(at[i], (int)i, i * 3);
    }
    for (size_t i = 0; i < PIECES; i++)
        for (size_t j = 0; j < i * 3; j++)
            assert_int_equal(at[i][j], (unsigned char)i);
    irsa_arena_free(arena);
}

static void a_piece_may_be_larger_than_any_block(void **state) {
    (void)state;
    struct irsa_arena *arena = irsa_arena_new();
    size_t size = (size_t)3 << 20;
    char *large = irsa_arena_alloc(arena, size);
    char *small = irsa_arena_alloc(arena, 10);
    memset(large, 1, size);
    assert_int_equal(small[0], 0);
    assert_int_equal(irsa_arena_used(arena), size + 10);
    irsa_arena_free(arena);
}

static void a_cleared_arena_gives_wiped_memory_again(void **state) {
    (void)state;
    struct irsa_arena *arena = irsa_arena_new();
    char *first = irsa_arena_copy(arena, "a secret that must not stay");
    irsa_arena_alloc(arena, 100000);
    irsa_arena_clear(arena);
    assert_int_equal(irsa_arena_used(arena), 0);
    char *again = irsa_arena_alloc(arena, 64);
    assert_ptr_equal(first, again);
    for (int i = 0; i < 64; i++)
        assert_int_equal(again[i], 0);
    irsa_arena_free(arena);
}

static void the_last_piece_is_extended_in_place(void **state) {
    (void)state;
    struct irsa_arena *arena = irsa_arena_new();
    char *at = irsa_arena_alloc(arena, 10);
    memset(at, 7, 10);
    char *more = irsa_arena_extend(arena, at, 10, 1000);
    assert_ptr_equal(at, more);
    assert_int_equal(more[9], 7);
    for (int i = 10; i < 1000; i++)
        assert_int_equal(more[i], 0);
    assert_int_equal(irsa_arena_used(arena), 1000);
    irsa_arena_free(arena);
}

static void an_earlier_piece_is_copied_when_extended(void **state) {
    (void)state;
    struct irsa_arena *arena = irsa_arena_new();
    char *at = irsa_arena_alloc(arena, 16);
    memset(at, 7, 16);
    char *behind = irsa_arena_alloc(arena, 16);
    char *more = irsa_arena_extend(arena, at, 16, 100);
    assert_ptr_not_equal(at, more);
    assert_int_equal(more[15], 7);
    assert_int_equal(more[16], 0);
    memset(more, 9, 100);
    assert_int_equal(behind[0], 0);
    assert_non_null(irsa_arena_extend(arena, NULL, 0, 5));
    irsa_arena_free(arena);
}

static void an_extended_piece_may_leave_its_block(void **state) {
    (void)state;
    struct irsa_arena *arena = irsa_arena_new();
    size_t size = 1;
    char *at = irsa_arena_alloc(arena, size);
    at[0] = 1;
    for (; size < 1 << 20; size *= 2) {
        at = irsa_arena_extend(arena, at, size, size * 2);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(at[i], 1);
        memset(at + size, 1, size);
    }
    irsa_arena_free(arena);
}

static void texts_are_formatted_and_copied(void **state) {
    (void)state;
    struct irsa_arena *arena = irsa_arena_new();
    assert_string_equal(irsa_arena_format(arena, "%s-%d", "cluster", 13), "cluster-13");
    char *wide = irsa_arena_format(arena, "%5000d", 1);
    assert_int_equal(strlen(wide), 5000);
    assert_int_equal(wide[4999], '1');
    assert_string_equal(irsa_arena_copy(arena, "text"), "text");
    assert_null(irsa_arena_copy(arena, NULL));
    assert_string_equal(irsa_arena_copy_bytes(arena, "bytes", 3), "byt");
    assert_string_equal(irsa_arena_copy_bytes(arena, NULL, 0), "");
    irsa_arena_free(arena);
}

static void what_an_arena_holds_is_counted_in_blocks(void **state) {
    (void)state;
    struct irsa_arena *arena = irsa_arena_new();
    size_t empty = irsa_arena_held(arena);
    irsa_arena_alloc(arena, 16);
    assert_int_equal(irsa_arena_held(arena), empty);
    irsa_arena_alloc(arena, 100000);
    assert_true(irsa_arena_held(arena) >= empty + 100000);
    irsa_arena_clear(arena);
    assert_int_equal(irsa_arena_held(arena), empty);
    irsa_arena_free(arena);
}

static void freeing_no_arena_does_nothing(void **state) {
    (void)state;
    irsa_arena_free(NULL);
}

static void an_overflowing_array_aborts(void **state) {
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct irsa_arena *arena = irsa_arena_new();
        close(STDERR_FILENO);
        IRSA_NEW_ARRAY(
            arena, struct { char a[16]; }, SIZE_MAX / 8);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void heap_memory_is_zero_and_copies_are_equal(void **state) {
    (void)state;
    char *at = irsa_new(100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(at[i], 0);
    strcpy(at, "kept");
    at = irsa_grow(at, 100, 100);
    assert_string_equal(at, "kept");
    free(at);
    char *copy = irsa_new_copy("copy");
    assert_string_equal(copy, "copy");
    free(copy);
    assert_null(irsa_new_copy(NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zero_and_aligned),
        cmocka_unit_test(pieces_do_not_touch_each_other),
        cmocka_unit_test(a_piece_may_be_larger_than_any_block),
        cmocka_unit_test(a_cleared_arena_gives_wiped_memory_again),
        cmocka_unit_test(the_last_piece_is_extended_in_place),
        cmocka_unit_test(an_earlier_piece_is_copied_when_extended),
        cmocka_unit_test(an_extended_piece_may_leave_its_block),
        cmocka_unit_test(texts_are_formatted_and_copied),
        cmocka_unit_test(what_an_arena_holds_is_counted_in_blocks),
        cmocka_unit_test(freeing_no_arena_does_nothing),
        cmocka_unit_test(an_overflowing_array_aborts),
        cmocka_unit_test(heap_memory_is_zero_and_copies_are_equal),
    };
    return RUN_TESTS("an arena hands out wiped memory and releases it at once");
}
