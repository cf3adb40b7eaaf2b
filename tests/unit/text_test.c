#include "core/base/text.h"

#include "core/base/arena.h"
#include "tests/support/test.h"

static struct irsa_arena *arena;

static int make_arena(void **state) {
    (void)state;
    arena = irsa_arena_new();
    return 0;
}

static int free_arena(void **state) {
    (void)state;
    irsa_arena_free(arena);
    return 0;
}

static void text_grows_and_stays_terminated(void **state) {
    (void)state;
    struct irsa_text text;
    irsa_text_init(&text, arena, SIZE_MAX);
    assert_string_equal(text.at, "");
    for (int i = 0; i < 10000; i++) {
        irsa_text_add(&text, "ab");
        irsa_text_add_char(&text, 'c');
        assert_int_equal(text.at[text.length], '\0');
    }
    assert_int_equal(text.length, 30000);
    assert_int_equal(strspn(text.at, "abc"), 30000);
    irsa_text_addf(&text, "%d %s", 42, "end");
    assert_string_equal(text.at + 30000, "42 end");
    irsa_text_addf(&text, "%1000d", 1);
    assert_int_equal(text.length, 31006);
    irsa_text_clear(&text);
    assert_string_equal(text.at, "");
}

static void text_fills_its_bound_and_no_more(void **state) {
    (void)state;
    for (size_t max = 0; max < 200; max++) {
        struct irsa_text text;
        irsa_text_init(&text, arena, max);
        for (size_t i = 0; i < max; i++)
            irsa_text_add_char(&text, 'x');
        assert_false(text.is_over);
        assert_int_equal(strlen(text.at), max);
        irsa_text_add_char(&text, 'y');
        assert_true(text.is_over);
        assert_int_equal(strlen(text.at), max);
    }
}

static void nothing_is_added_after_what_did_not_fit(void **state) {
    (void)state;
    struct irsa_text text;
    irsa_text_init(&text, arena, 10);
    irsa_text_add(&text, "12345");
    irsa_text_add(&text, "678901");
    irsa_text_add(&text, "6");
    irsa_text_addf(&text, "%d", 6);
    assert_null(irsa_text_extend(&text, 1));
    assert_string_equal(text.at, "12345");
    assert_true(text.is_over);
    irsa_text_clear(&text);
    irsa_text_add(&text, "1234567890");
    assert_string_equal(text.at, "1234567890");
    assert_false(text.is_over);
}

static void a_callers_buffer_bounds_a_text(void **state) {
    (void)state;
    char buffer[8];
    struct irsa_text text;
    irsa_text_init_fixed(&text, buffer, sizeof buffer);
    irsa_text_add(&text, "1234567");
    assert_string_equal(buffer, "1234567");
    assert_false(text.is_over);
    irsa_text_add(&text, "8");
    assert_true(text.is_over);
}

static void texts_are_compared(void **state) {
    (void)state;
    assert_true(irsa_text_equal("a", "a"));
    assert_false(irsa_text_equal("a", "A"));
    assert_true(irsa_text_equal(NULL, NULL));
    assert_false(irsa_text_equal(NULL, ""));
    assert_false(irsa_text_equal("", NULL));
    assert_true(irsa_text_equal_ignoring_case("Role", "rOLE"));
    assert_false(irsa_text_equal_ignoring_case("Role", "Roles"));
    assert_false(irsa_text_equal_ignoring_case("@", "`"));
    assert_true(irsa_text_equal_ignoring_case(NULL, NULL));
    assert_false(irsa_text_equal_ignoring_case(NULL, ""));
    assert_true(irsa_text_starts_with("arn:aws", "arn:"));
    assert_false(irsa_text_starts_with("ar", "arn"));
    assert_true(irsa_text_ends_with("file.yaml", ".yaml"));
    assert_false(irsa_text_ends_with("yaml", ".yaml"));
    assert_true(irsa_text_ends_with("yaml", "yaml"));
    assert_true(irsa_text_is_empty(NULL));
    assert_true(irsa_text_is_empty(""));
    assert_false(irsa_text_is_empty(" "));
}

static void integers_fill_the_whole_text(void **state) {
    (void)state;
    int64_t value = 5;
    assert_true(irsa_text_to_integer("9223372036854775807", INT64_MIN, INT64_MAX, &value));
    assert_true(value == INT64_MAX);
    assert_true(irsa_text_to_integer("-9223372036854775808", INT64_MIN, INT64_MAX, &value));
    assert_true(value == INT64_MIN);
    assert_true(irsa_text_to_integer("0", 0, 0, &value));
    static const char *const wrong[] = {"",
                                        "-",
                                        "+1",
                                        " 1",
                                        "1 ",
                                        "1x",
                                        "0x1",
                                        "1.0",
                                        "9223372036854775808",
                                        "-9223372036854775809",
                                        "99999999999999999999",
                                        "11",
                                        "-1"};
    value = 5;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(irsa_text_to_integer(wrong[i], 0, 10, &value));
    for (size_t i = 0; i < COUNT_OF(wrong) - 2; i++) /* but "11" and "-1" */
        assert_false(irsa_text_to_integer(wrong[i], INT64_MIN, INT64_MAX, &value));
    assert_false(irsa_text_to_integer("9223372036854775808", INT64_MIN, INT64_MAX, &value));
    assert_false(irsa_text_to_integer("-9223372036854775809", INT64_MIN, INT64_MAX, &value));
    assert_int_equal(value, 5);
}

/* An independent decoder: decode, then ask whether the code point could have been written so. */
static size_t slow_sequence(const unsigned char *at, size_t length) {
    unsigned lead = at[0];
    size_t bytes = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (bytes == 0 || bytes > length)
        return 0;
    uint32_t point = bytes == 1 ? lead : lead & (0x7FU >> bytes);
    for (size_t i = 1; i < bytes; i++) {
        if (at[i] >> 6 != 2)
            return 0;
        point = point << 6 | (at[i] & 63U);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    bool is_right = point >= least[bytes] && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
    return is_right ? bytes : 0;
}

static void utf8_is_what_rfc_3629_says(void **state) {
    (void)state;
    static const unsigned char tails[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
    for (unsigned lead = 0; lead < 256; lead++) {
        for (unsigned second = 0; second < 256; second++) {
            for (size_t i = 0; i < COUNT_OF(tails) * COUNT_OF(tails); i++) {
                unsigned char text[4] = {(unsigned char)lead, (unsigned char)second, tails[i % COUNT_OF(tails)],
                                         tails[i / COUNT_OF(tails)]};
                for (size_t length = 1; length <= 4; length++)
                    if (irsa_utf8_sequence(text, length) != slow_sequence(text, length))
                        fail_msg("%02x %02x %02x %02x, %zu bytes", text[0], text[1], text[2], text[3], length);
            }
        }
    }
    assert_int_equal(irsa_utf8_sequence("", 0), 0);
}

static void the_valid_prefix_ends_before_the_fault(void **state) {
    (void)state;
    char text[64];
    for (size_t length = 0; length < sizeof text; length++) {
        memset(text, 'a', sizeof text);
        assert_int_equal(irsa_utf8_valid_prefix(text, length), length);
        for (size_t at = 0; at < length; at++) {
            text[at] = '\xFF';
            assert_int_equal(irsa_utf8_valid_prefix(text, length), at);
            text[at] = 'a';
        }
    }
    assert_int_equal(irsa_utf8_valid_prefix("aé€😀", 10), 10);
    assert_int_equal(irsa_utf8_valid_prefix("aé€😀", 9), 6);
    assert_int_equal(irsa_utf8_valid_prefix("12345678\xed\xa0\x80", 11), 8);
}

static void the_nearest_name_is_what_was_meant(void **state) {
    (void)state;
    static const char *const names[] = {
        "metadata", "attachPolicyARNs", "attachPolicy", "wellKnownPolicies", "roleName", "tags", "id"};
    static const struct {
        const char *word, *meant;
    } cases[] = {
        {"metdata", "metadata"},
        {"METADATA", "metadata"},
        {"matadata", "metadata"},
        {"emtadata", "metadata"},
        {"rolename", "roleName"},
        {"attachPolicyARN", "attachPolicyARNs"},
        {"attachPolicies", "attachPolicy"},
        {"tag", "tags"},
        {"ID", "id"},
        {"tgas", "tags"},
        {"tsga", NULL},
        {"wellKnowPolicys", "wellKnownPolicies"},
        {"zebra", NULL},
        {"", NULL},
        {"ix", NULL},
        {"a-word-that-is-much-longer-than-any-name-that-could-be-meant-by-it-at-all", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *nearest = irsa_text_nearest(cases[i].word, names, COUNT_OF(names));
        if (!irsa_text_equal(nearest, cases[i].meant))
            fail_msg("%s -> %s", cases[i].word, nearest == NULL ? "nothing" : nearest);
    }
    assert_null(irsa_text_nearest("any", NULL, 0));
    char long_name[1001];
    memset(long_name, 'a', 1000);
    long_name[1000] = '\0';
    const char *const long_names[] = {long_name, "aa"};
    assert_string_equal(irsa_text_nearest("aaa", long_names, 2), "aa");
}

static void what_a_terminal_would_obey_is_made_visible(void **state) {
    (void)state;
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"plain é€😀", "plain é€😀"},
        {"\x1b[31m", "\\x1b[31m"},
        {"a\nb\tc\x7f", "a\\x0ab\\x09c\\x7f"},
        {"\xc2\x9b"
         "31m",
         "\\xc2\\x9b31m"},
        {"a\xffz", "a\\xffz"},
        {"\xe2\x80\xae"
         "evil",
         "\\xe2\\x80\\xaeevil"},
        {"\xe2\x81\xa6", "\\xe2\\x81\\xa6"},
        {"\xc2\xa0", "\xc2\xa0"},
        {"…’語\xe3\x80\xaa\xe2\x82\xa8", "…’語\xe3\x80\xaa\xe2\x82\xa8"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(irsa_text_printable(arena, cases[i].text, 100), cases[i].shown);
    assert_string_equal(irsa_text_printable(arena, NULL, 100), "");
}

static void a_printable_text_is_cut_at_its_bound(void **state) {
    (void)state;
    assert_string_equal(irsa_text_printable(arena, "12345", 5), "12345");
    assert_string_equal(irsa_text_printable(arena, "123456", 5), "12…");
    assert_string_equal(irsa_text_printable(arena, "é€éé", 7), "é…");
    assert_string_equal(irsa_text_printable(arena, "a\x1b\x1b", 8), "a\\x1b…");
    assert_string_equal(irsa_text_printable(arena, "123", 2), "");
    for (size_t max = 0; max < 40; max++)
        assert_true(strlen(irsa_text_printable(arena, "a\x1b€é\xff😀 and more than there is room for", max)) <= max);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_grows_and_stays_terminated),
        cmocka_unit_test(text_fills_its_bound_and_no_more),
        cmocka_unit_test(nothing_is_added_after_what_did_not_fit),
        cmocka_unit_test(a_callers_buffer_bounds_a_text),
        cmocka_unit_test(texts_are_compared),
        cmocka_unit_test(integers_fill_the_whole_text),
        cmocka_unit_test(utf8_is_what_rfc_3629_says),
        cmocka_unit_test(the_valid_prefix_ends_before_the_fault),
        cmocka_unit_test(the_nearest_name_is_what_was_meant),
        cmocka_unit_test(what_a_terminal_would_obey_is_made_visible),
        cmocka_unit_test(a_printable_text_is_cut_at_its_bound),
    };
    return cmocka_run_group_tests_name("text is bounded, valid and fit to be shown", tests, make_arena, free_arena);
}
