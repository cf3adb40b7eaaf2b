/*
 * What readers see of a shelf while they lag behind its writers.
 */
#include <stdlib.h>
#include <string.h>

#include "sandbox/shelf.h"
#include "tests/unit/sandbox_fixture.h"

static void *copy(const void *thing) {
    return irsa_new_copy(thing);
}

static void rewrite(struct irsa_sandbox_shelf *shelf, const char *text, int64_t now_ms) {
    char *thing = irsa_sandbox_shelf_edit(shelf, "k", (struct irsa_sandbox_moment){.now_ms = now_ms, .lag_ms = 100});
    memcpy(thing, text, strlen(thing));
}

static const struct irsa_sandbox_shelf_kind texts = {copy, free};

static struct irsa_sandbox_moment at(int64_t now_ms) {
    return (struct irsa_sandbox_moment){now_ms, 100};
}

static int open_shelf(void **state) {
    *state = irsa_sandbox_shelf_new(&texts);
    return 0;
}

static int close_shelf(void **state) {
    irsa_sandbox_shelf_free(*state);
    return 0;
}

static void a_new_thing_is_seen_after_the_lag(void **state) {
    irsa_sandbox_shelf_put(*state, "k", irsa_new_copy("one"), at(1000));
    assert_string_equal(irsa_sandbox_shelf_now(*state, "k"), "one");
    assert_null(irsa_sandbox_shelf_seen(*state, "k", at(1099)));
    assert_string_equal(irsa_sandbox_shelf_seen(*state, "k", at(1100)), "one");
}

static void each_state_is_seen_in_its_turn(void **state) {
    irsa_sandbox_shelf_put(*state, "k", irsa_new_copy("one"), at(1000));
    rewrite(*state, "two", 1050);
    rewrite(*state, "six", 1060);
    irsa_sandbox_shelf_remove(*state, "k", at(1070));
    irsa_sandbox_shelf_put(*state, "k", irsa_new_copy("new"), at(1080));
    assert_string_equal(irsa_sandbox_shelf_seen(*state, "k", at(1149)), "one");
    assert_string_equal(irsa_sandbox_shelf_seen(*state, "k", at(1150)), "two");
    assert_string_equal(irsa_sandbox_shelf_seen(*state, "k", at(1160)), "six");
    assert_null(irsa_sandbox_shelf_seen(*state, "k", at(1170)));
    assert_string_equal(irsa_sandbox_shelf_seen(*state, "k", at(1180)), "new");
}

static void a_removed_thing_is_seen_until_the_lag_has_passed(void **state) {
    irsa_sandbox_shelf_put(*state, "k", irsa_new_copy("one"), (struct irsa_sandbox_moment){0});
    irsa_sandbox_shelf_remove(*state, "k", at(1000));
    assert_null(irsa_sandbox_shelf_now(*state, "k"));
    assert_int_equal(irsa_sandbox_shelf_count(*state), 0);
    assert_string_equal(irsa_sandbox_shelf_seen(*state, "k", at(1099)), "one");
    assert_null(irsa_sandbox_shelf_seen(*state, "k", at(1100)));
}

static void a_list_is_sorted_and_shows_what_is_seen(void **state) {
    struct irsa_arena *arena = irsa_arena_new();
    const void *const *things;
    irsa_sandbox_shelf_put(*state, "b", irsa_new_copy("B"), (struct irsa_sandbox_moment){0});
    irsa_sandbox_shelf_put(*state, "a", irsa_new_copy("A"), (struct irsa_sandbox_moment){0});
    irsa_sandbox_shelf_put(*state, "c", irsa_new_copy("C"), at(1000));
    irsa_sandbox_shelf_remove(*state, "a", at(1000));
    assert_int_equal(irsa_sandbox_shelf_list(*state, arena, at(1050), &things), 2);
    assert_string_equal(things[0], "A");
    assert_string_equal(things[1], "B");
    assert_int_equal(irsa_sandbox_shelf_list(*state, arena, at(1100), &things), 2);
    assert_string_equal(things[0], "B");
    assert_string_equal(things[1], "C");
    irsa_arena_free(arena);
}

static void without_a_lag_what_is_now_is_seen_whatever_there_was(void **state) {
    const struct irsa_sandbox_moment settled = {0};
    struct irsa_arena *arena = irsa_arena_new();
    const void *const *things;
    irsa_sandbox_shelf_put(*state, "k", irsa_new_copy("one"), at(1000));
    rewrite(*state, "two", 1050);
    assert_string_equal(irsa_sandbox_shelf_seen(*state, "k", settled), "two");
    assert_int_equal(irsa_sandbox_shelf_list(*state, arena, settled, &things), 1);
    assert_string_equal(things[0], "two");
    irsa_arena_free(arena);
}

static void a_settled_write_is_seen_at_once_by_readers_that_lag(void **state) {
    irsa_sandbox_shelf_put(*state, "k", irsa_new_copy("one"), at(1000));
    char *thing = irsa_sandbox_shelf_edit(*state, "k", (struct irsa_sandbox_moment){0});
    memcpy(thing, "two", 3);
    assert_string_equal(irsa_sandbox_shelf_seen(*state, "k", at(1001)), "two");
    irsa_sandbox_shelf_remove(*state, "k", (struct irsa_sandbox_moment){0});
    assert_null(irsa_sandbox_shelf_seen(*state, "k", at(1001)));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, open_shelf, close_shelf)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_new_thing_is_seen_after_the_lag),
        CASE(each_state_is_seen_in_its_turn),
        CASE(a_removed_thing_is_seen_until_the_lag_has_passed),
        CASE(a_list_is_sorted_and_shows_what_is_seen),
        CASE(without_a_lag_what_is_now_is_seen_whatever_there_was),
        CASE(a_settled_write_is_seen_at_once_by_readers_that_lag),
    };
    return cmocka_run_group_tests_name("sandbox_shelf", tests, NULL, NULL);
}
