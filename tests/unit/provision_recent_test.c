#include "core/provision/recent.h"

#include "core/base/arena.h"
#include "core/base/text.h"
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
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_MANAGED, "a", IRSA_WRITTEN_ATTACHED);
    now_ms += IRSA_RECENT_MS - 1;
    assert_int_equal(count(*state, ROLE, IRSA_WRITTEN_MANAGED), 1);
    now_ms += 1;
    assert_int_equal(count(*state, ROLE, IRSA_WRITTEN_MANAGED), 0);
}

static void roles_and_kinds_are_apart(void **state) {
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_MANAGED, "a", IRSA_WRITTEN_ATTACHED);
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_INLINE, "b", "digest");
    assert_int_equal(count(*state, ROLE, IRSA_WRITTEN_MANAGED), 1);
    assert_int_equal(count(*state, ROLE, IRSA_WRITTEN_INLINE), 1);
    assert_int_equal(count(*state, ROLE "2", IRSA_WRITTEN_MANAGED), 0);
}

static void what_is_written_twice_is_listed_once_and_lives_from_its_last_write(void **state) {
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_MANAGED, "a", IRSA_WRITTEN_ATTACHED);
    now_ms += IRSA_RECENT_MS / 2;
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_MANAGED, "a", IRSA_WRITTEN_ATTACHED);
    irsa_recent_settle(*state, ROLE, IRSA_WRITTEN_MANAGED, "a", true);
    assert_int_equal(count(*state, ROLE, IRSA_WRITTEN_MANAGED), 1);
    now_ms += IRSA_RECENT_MS / 2;
    assert_int_equal(count(*state, ROLE, IRSA_WRITTEN_MANAGED), 1);
}

/* "x, (gone)": the values of the key "a", the last written first. */
static void values_are(struct irsa_recent *recent, enum irsa_written kind, const char *wanted) {
    struct irsa_arena *arena = irsa_arena_new();
    struct irsa_pairs list = irsa_recent_list(recent, arena, ROLE, kind);
    struct irsa_text text;
    irsa_text_init(&text, arena, 1024);
    for (size_t i = 0; i < list.count; i++)
        if (strcmp(list.at[i].key, "a") == 0)
            irsa_text_addf(&text, "%s%s", text.length > 0 ? ", " : "",
                           list.at[i].value != NULL ? list.at[i].value : "(gone)");
    assert_string_equal(text.at, wanted);
    irsa_arena_free(arena);
}

static void what_a_call_may_have_done_is_possible_beside_what_was_there(void **state) {
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_INLINE, "a", "x");
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_INLINE, "a", NULL);
    values_are(*state, IRSA_WRITTEN_INLINE, "(gone), x");
}

static void what_was_refused_was_not_written(void **state) {
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_INLINE, "a", "x");
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_INLINE, "a", "y");
    irsa_recent_settle(*state, ROLE, IRSA_WRITTEN_INLINE, "a", false);
    values_are(*state, IRSA_WRITTEN_INLINE, "x");
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_INLINE, "a", "x");
    irsa_recent_settle(*state, ROLE, IRSA_WRITTEN_INLINE, "a", false);
    values_are(*state, IRSA_WRITTEN_INLINE, "x");
}

static void what_a_call_is_known_to_have_done_is_all_that_is_possible(void **state) {
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_TAG, "a", "x");
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_TAG, "b", "x");
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_TAG, "a", "y");
    irsa_recent_settle(*state, ROLE, IRSA_WRITTEN_TAG, "a", true);
    values_are(*state, IRSA_WRITTEN_TAG, "y");
    assert_int_equal(count(*state, ROLE, IRSA_WRITTEN_TAG), 2);
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_TAG, "a", NULL);
    irsa_recent_settle(*state, ROLE, IRSA_WRITTEN_TAG, "a", true);
    values_are(*state, IRSA_WRITTEN_TAG, "(gone)");
}

static void a_role_that_is_gone_is_forgotten(void **state) {
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_TAG, "a", "x");
    irsa_recent_note(*state, ROLE "2", IRSA_WRITTEN_TAG, "a", "x");
    irsa_recent_forget(*state, ROLE);
    assert_int_equal(count(*state, ROLE, IRSA_WRITTEN_TAG), 0);
    assert_int_equal(count(*state, ROLE "2", IRSA_WRITTEN_TAG), 1);
    irsa_recent_note(*state, ROLE, IRSA_WRITTEN_TAG, "a", "x");
    assert_int_equal(count(*state, ROLE, IRSA_WRITTEN_TAG), 1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, open_recent, close_recent)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_write_is_remembered_for_a_minute_and_no_longer),
        CASE(roles_and_kinds_are_apart),
        CASE(what_is_written_twice_is_listed_once_and_lives_from_its_last_write),
        CASE(what_a_call_may_have_done_is_possible_beside_what_was_there),
        CASE(what_a_call_is_known_to_have_done_is_all_that_is_possible),
        CASE(what_was_refused_was_not_written),
        CASE(a_role_that_is_gone_is_forgotten),
    };
    return RUN_TESTS("writes of the last minute are remembered, since IAM's readers lag");
}
