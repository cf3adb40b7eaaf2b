#include "core/base/error.h"

#include <stdio.h>

#include "core/base/text.h"
#include "tests/support/test.h"

static void every_code_has_a_name_that_finds_it(void **state) {
    (void)state;
    for (int code = IRSA_CODE_NONE + 1; code < IRSA_CODE_COUNT; code++) {
        const char *name = irsa_code_name((enum irsa_code)code);
        assert_int_equal(irsa_code_find(name), code);
        assert_true(strlen(irsa_code_meaning((enum irsa_code)code)) > 0);
    }
    assert_string_equal(irsa_code_name(IRSA_CODE_NONE), "");
    assert_int_equal(irsa_code_find("no_such_code"), IRSA_CODE_NONE);
    assert_int_equal(irsa_code_find(""), IRSA_CODE_NONE);
    assert_int_equal(irsa_code_find(NULL), IRSA_CODE_NONE);
}

static void fates_are_those_of_the_design(void **state) {
    (void)state;
    assert_int_equal(irsa_code_fate(IRSA_CODE_SCHEMA), IRSA_FATE_REJECT);
    assert_int_equal(irsa_code_fate(IRSA_CODE_ACCESS_DENIED), IRSA_FATE_REJECT);
    assert_int_equal(irsa_code_fate(IRSA_CODE_INTERNAL), IRSA_FATE_REJECT);
    assert_int_equal(irsa_code_fate(IRSA_CODE_CLUSTER_NOT_READY), IRSA_FATE_RETRY);
    assert_int_equal(irsa_code_fate(IRSA_CODE_THROTTLED), IRSA_FATE_RETRY);
    assert_int_equal(irsa_code_fate(IRSA_CODE_UNAVAILABLE), IRSA_FATE_RETRY);
    assert_int_equal(irsa_code_fate(IRSA_CODE_TIMEOUT), IRSA_FATE_RETRY);
    assert_int_equal(irsa_code_fate(IRSA_CODE_CREDENTIALS), IRSA_FATE_HALT);
    assert_int_equal(irsa_code_fate(IRSA_CODE_CONFIG), IRSA_FATE_HALT);
}

static void failing_forgets_what_was_there(void **state) {
    (void)state;
    struct irsa_error err;
    memset(&err, 'x', sizeof err);
    assert_false(IRSA_FAIL(&err, CONFLICT, "role %s is not ours", "r1"));
    assert_code(err, CONFLICT);
    assert_string_equal(err.message, "role r1 is not ours");
    assert_string_equal(err.at, "");
    assert_string_equal(err.service, "");
    assert_string_equal(err.upstream, "");
    assert_int_equal(err.line, 0);
    assert_int_equal(err.column, 0);
    assert_int_equal(err.retry_after_ms, 0);
}

static void wrapping_puts_context_before_the_message(void **state) {
    (void)state;
    struct irsa_error err;
    IRSA_FAIL(&err, ACCESS_DENIED, "no permission");
    assert_false(irsa_error_from(&err, "iam", "AccessDenied"));
    assert_false(irsa_error_wrap(&err, "create role %s", "r1"));
    assert_false(irsa_error_wrap(&err, "request %d", 7));
    assert_string_equal(err.message, "request 7: create role r1: no permission");
    assert_string_equal(err.service, "iam");
    assert_string_equal(err.upstream, "AccessDenied");
    assert_code(err, ACCESS_DENIED);
}

static void a_message_may_be_made_of_the_old_message(void **state) {
    (void)state;
    struct irsa_error err;
    IRSA_FAIL(&err, INVALID, "inner");
    IRSA_FAIL(&err, INTERNAL, "outer (%s)", err.message);
    assert_string_equal(err.message, "outer (inner)");
    irsa_error_wrap(&err, "again %s", err.message);
    assert_string_equal(err.message, "again outer (inner): outer (inner)");
}

static void a_place_keeps_the_inner_place_as_its_tail(void **state) {
    (void)state;
    struct irsa_error err;
    IRSA_FAIL(&err, SCHEMA, "wrong");
    assert_false(irsa_error_at(&err, "/%u", 3));
    assert_false(irsa_error_at_key(&err, "eks.amazonaws.com/role~arn"));
    irsa_error_at(&err, "/metadata");
    assert_string_equal(err.at, "/metadata/eks.amazonaws.com~1role~0arn/3");
}

static void a_long_text_is_cut_visibly_and_between_characters(void **state) {
    (void)state;
    struct irsa_error err;
    char text[3001];
    for (size_t i = 0; i < 3000; i += 3)
        memcpy(text + i, "€", 3);
    text[3000] = '\0';
    for (int shift = 0; shift < 3; shift++) {
        IRSA_FAIL(&err, INVALID, "%.*s%s", shift, "ab", text);
        size_t length = strlen(err.message);
        assert_true(length >= sizeof err.message - 4 && length < sizeof err.message);
        assert_true(irsa_text_ends_with(err.message, "€…"));
        assert_int_equal(irsa_utf8_valid_prefix(err.message, length), length);
    }
    irsa_error_wrap(&err, "%s", "context");
    assert_true(irsa_text_starts_with(err.message, "context: "));
    assert_int_equal(irsa_utf8_valid_prefix(err.message, strlen(err.message)), strlen(err.message));
    irsa_error_from(&err, "a name that is longer than sixteen bytes", NULL);
    assert_true(strlen(err.service) < sizeof err.service);
    for (int i = 0; i < 100; i++)
        irsa_error_at_key(&err, "a-key-of-a-few-bytes");
    assert_true(irsa_text_ends_with(err.at, "…"));
}

static void what_is_no_utf8_becomes_question_marks(void **state) {
    (void)state;
    struct irsa_error err;
    IRSA_FAIL(&err, INVALID, "a\xff\xfe%s\xc3", "\xe2\x82");
    assert_string_equal(err.message, "a?????");
}

static void a_terminal_obeys_nothing_in_a_message(void **state) {
    (void)state;
    struct irsa_error err;
    IRSA_FAIL(&err, INVALID, "a%sb", "\n\x1b[31m\x7f");
    assert_string_equal(err.message, "a??[31m?b");
    irsa_error_wrap(&err, "in \t%s", "x");
    assert_string_equal(err.message, "in ?x: a??[31m?b");
    irsa_error_from(&err, "iam", "No\rSuch");
    assert_string_equal(err.upstream, "No?Such");
    irsa_error_at_key(&err, "a\nb"); /* a place is for programs: it stays what it is */
    assert_string_equal(err.at, "/a\nb");
}

static void clearing_leaves_nothing(void **state) {
    (void)state;
    struct irsa_error err;
    IRSA_FAIL(&err, INVALID, "x");
    irsa_error_clear(&err);
    assert_int_equal(err.code, IRSA_CODE_NONE);
    assert_string_equal(err.message, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_a_name_that_finds_it),
        cmocka_unit_test(fates_are_those_of_the_design),
        cmocka_unit_test(failing_forgets_what_was_there),
        cmocka_unit_test(wrapping_puts_context_before_the_message),
        cmocka_unit_test(a_message_may_be_made_of_the_old_message),
        cmocka_unit_test(a_place_keeps_the_inner_place_as_its_tail),
        cmocka_unit_test(a_long_text_is_cut_visibly_and_between_characters),
        cmocka_unit_test(what_is_no_utf8_becomes_question_marks),
        cmocka_unit_test(a_terminal_obeys_nothing_in_a_message),
        cmocka_unit_test(clearing_leaves_nothing),
    };
    return RUN_TESTS("an error says what went wrong within its bounds");
}
