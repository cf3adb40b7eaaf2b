#include "core/provision/recent.h"

#include "core/base/arena.h"
#include "tests/support/test.h"

#define ROLE "arn:aws:iam::111122223333:role/r"

static int64_t now_ms;

static int64_t test_now(void *self) {
    (void)self;
    return now_ms;
}

static const struct irsa_clock CLOCK = {.now_ms = test_now, .monotonic_ms = test_now};

static int open_recent(void **state) {
    now_ms = 1000;
    *state = irsa_recent_new(&CLOCK);
    return 0;
}

static int close_recent(void **state) {
    irsa_recent_free(*state);
    return 0;
}

static size_t count(struct irsa_recent *recent, const char *role, enum irsa_written kind) {
    struct irsa_arena *arena = irsa_arena_new();
    size_t found = irsa_recent_list(recent, arena, role, kind).count;
    irsa_arena_free(arena);
    return found;
}

static void a_write_is_remembered_for_a_minute_and_no_longer(void **state) {
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_MANAGED, "a");
    now_ms += IRSA_RECENT_MS - 1;
    assert_int_equal(count(*state, ROLE, IRSA_WRITTEN_MANAGED), 1);
    now_ms += 1;
    assert_int_equal(count(*state, ROLE, IRSA_WRITTEN_MANAGED), 0);
}

static void roles_and_kinds_are_apart(void **state) {
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_MANAGED, "a");
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_INLINE, "b");
    assert_int_equal(count(*state, ROLE, IRSA_WRITTEN_MANAGED), 1);
    assert_int_equal(count(*state, ROLE, IRSA_WRITTEN_INLINE), 1);
    assert_int_equal(count(*state, ROLE "2", IRSA_WRITTEN_MANAGED), 0);
}

static void what_is_written_twice_is_listed_once_and_lives_from_its_last_write(void **state) {
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_MANAGED, "a");
    now_ms += IRSA_RECENT_MS / 2;
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_MANAGED, "a");
    assert_int_equal(count(*state, ROLE, IRSA_WRITTEN_MANAGED), 1);
    now_ms += IRSA_RECENT_MS / 2;
    assert_int_equal(count(*state, ROLE, IRSA_WRITTEN_MANAGED), 1);
}

static void what_was_removed_again_is_forgotten_until_it_is_written_anew(void **state) {
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_MANAGED, "a");
    irsa_recent_forget(*state, ROLE, IRSA_WRITTEN_MANAGED, "a");
    assert_int_equal(count(*state, ROLE, IRSA_WRITTEN_MANAGED), 0);
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_MANAGED, "a");
    assert_int_equal(count(*state, ROLE, IRSA_WRITTEN_MANAGED), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_write_is_remembered_for_a_minute_and_no_longer, open_recent, close_recent),
        cmocka_unit_test_setup_teardown(roles_and_kinds_are_apart, open_recent, close_recent),
        cmocka_unit_test_setup_teardown(what_is_written_twice_is_listed_once_and_lives_from_its_last_write, open_recent,
                                        close_recent),
        cmocka_unit_test_setup_teardown(what_was_removed_again_is_forgotten_until_it_is_written_anew, open_recent,
                                        close_recent),
    };
    return RUN_TESTS("writes of the last minute are remembered, since IAM's lists lag");
}
