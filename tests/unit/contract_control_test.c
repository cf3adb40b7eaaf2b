#include <string.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/contract/control.h"
#include "tests/support/test.h"

static struct irsa_arena *arena;

static bool decode(const char *value, struct irsa_control *control, struct irsa_error *err) {
    const struct irsa_record record = {
        .topic = "irsa.control", .value = value, .value_length = value == NULL ? 0 : strlen(value)};
    return irsa_control_decode(arena, &record, control, err);
}

static void what_is_said_is_heard(void **state) {
    (void)state;
    const struct irsa_control words[] = {
        {.id = "a\"b", .source = "urn:x", .sender = "ops"},
        {.batch = "nightly ü", .sender = "alice@build-7"},
    };
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        struct irsa_record record;
        struct irsa_control heard;
        struct irsa_error err;
        assert_true(irsa_control_encode(arena, &words[i], "irsa.control", &record, &err));
        assert_string_equal(record.topic, "irsa.control");
        assert_null(record.key);
        assert_int_equal(record.timestamp_ms, IRSA_NO_TIME);
        assert_true(irsa_control_decode(arena, &record, &heard, &err));
        assert_true(irsa_text_equal(heard.id, words[i].id));
        assert_true(irsa_text_equal(heard.source, words[i].source));
        assert_true(irsa_text_equal(heard.batch, words[i].batch));
        assert_string_equal(heard.sender, words[i].sender);
    }
}

static void the_value_is_as_the_schema_has_it(void **state) {
    (void)state;
    const struct irsa_control one = {.id = "a", .source = "urn:x", .sender = "ops"};
    const struct irsa_control batch = {.batch = "b", .sender = "ops"};
    assert_string_equal(irsa_control_value(arena, &one),
                        "{\"cancel\":{\"id\":\"a\",\"source\":\"urn:x\"},\"sender\":\"ops\"}");
    assert_string_equal(irsa_control_value(arena, &batch), "{\"cancel\":{\"batch\":\"b\"},\"sender\":\"ops\"}");
}

static void a_word_that_breaks_a_rule_is_not_said(void **state) {
    (void)state;
    const struct {
        struct irsa_control word;
        const char *said;
    } cases[] = {
        {{.id = "a", .source = "urn:x"}, "sender is missing"},
        {{.id = "a", .sender = "ops"}, "id and the source"},
        {{.sender = "ops"}, "id and the source"},
        {{.id = "a", .source = "urn:x", .batch = "b", .sender = "ops"}, "a batch and neither"},
        {{.id = "a\n", .source = "urn:x", .sender = "ops"}, "cancel.id"},
        {{.id = "a", .source = "u rn:x", .sender = "ops"}, "cancel.source"},
        {{.batch = "", .sender = "ops"}, "cancel.batch"},
        {{.batch = "b", .sender = "\xff"}, "sender"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct irsa_record record;
        struct irsa_error err;
        assert_false(irsa_control_encode(arena, &cases[i].word, "irsa.control", &record, &err));
        assert_code(err, INVALID);
        assert_non_null(strstr(err.message, cases[i].said));
    }
}

static void a_record_without_a_value_says_nothing(void **state) {
    (void)state;
    struct irsa_control control;
    struct irsa_error err;
    assert_false(decode(NULL, &control, &err));
    assert_code(err, SCHEMA);
}

static void size_and_depth_are_bounded(void **state) {
    (void)state;
    struct irsa_control control;
    struct irsa_error err;
    char *large = irsa_arena_alloc(arena, IRSA_CONTROL_MAX_BYTES + 2);
    memset(large, ' ', IRSA_CONTROL_MAX_BYTES + 1);
    large[IRSA_CONTROL_MAX_BYTES + 1] = '\0';
    assert_false(decode(large, &control, &err));
    assert_code(err, TOO_LARGE);
    assert_false(decode("{\"cancel\":{\"id\":[[[[[1]]]]]}}", &control, &err));
    assert_code(err, TOO_LARGE);
}

static int set_up(void **state) {
    (void)state;
    arena = irsa_arena_new();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    irsa_arena_free(arena);
    return 0;
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(what_is_said_is_heard),
        CASE(the_value_is_as_the_schema_has_it),
        CASE(a_word_that_breaks_a_rule_is_not_said),
        CASE(a_record_without_a_value_says_nothing),
        CASE(size_and_depth_are_bounded),
    };
    return RUN_TESTS("words to the workers");
}
