#include "core/base/glob.h"

#include "core/base/arena.h"
#include "core/base/text.h"
#include "tests/support/test.h"

static struct irsa_error err;

struct match {
    const char *pattern, *text;
    bool matches;
};

static void check(const struct match *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        assert_ok(irsa_glob_check(cases[i].pattern, &err), err);
        if (irsa_glob_matches(cases[i].pattern, cases[i].text) != cases[i].matches)
            fail_msg("%s %s %s", cases[i].pattern, cases[i].matches ? "does not match" : "matches", cases[i].text);
    }
}

static void literals_match_themselves_whole(void **state) {
    (void)state;
    static const struct match cases[] = {
        {"", "", true},       {"", "a", false},      {"abc", "abc", true}, {"abc", "abcd", false}, {"abc", "ab", false},
        {"abc", "", false},   {"ABC", "abc", false}, {"é", "é", true},     {"a,b", "a,b", true},   {"a}b", "a}b", true},
        {"a]b", "a]b", true}, {"a-b", "a-b", true},  {"a!b", "a!b", true}, {"a,b}", "a,b}", true},
    };
    check(cases, COUNT_OF(cases));
}

static void stars_match_any_text_and_slashes(void **state) {
    (void)state;
    static const struct match cases[] = {
        {"*", "", true},
        {"*", "anything/at all", true},
        {"backend-*", "backend-apps", true},
        {"backend-*", "backend-", true},
        {"backend-*", "front-backend-", false},
        {"*/s3-*", "backend-apps/s3-reader", true},
        {"*/s3-*", "backend-apps/cache", false},
        {"*a*b*c*", "xxaxxbxxcxx", true},
        {"*a*b*c*", "xxaxxcxxbxx", false},
        {"a**b", "ab", true},
        {"*ab", "aab", true},
        {"*aab", "aaab", true},
        {"?*", "", false},
        {"?*", "x", true},
        {"*?", "", false},
    };
    check(cases, COUNT_OF(cases));
}

static void a_question_mark_matches_one_character(void **state) {
    (void)state;
    static const struct match cases[] = {
        {"?", "a", true},   {"?", "", false},     {"?", "ab", false},  {"?", "é", true},         {"?", "😀", true},
        {"??", "é", false}, {"a?c", "a/c", true}, {"?", "\xff", true}, {"??", "\xc3\xff", true},
    };
    check(cases, COUNT_OF(cases));
}

static void brackets_match_one_of_their_characters(void **state) {
    (void)state;
    static const struct match cases[] = {
        {"[abc]", "b", true},   {"[abc]", "d", false},   {"[a-c]", "b", true},  {"[a-c]", "-", false},
        {"[!a-c]", "d", true},  {"[!a-c]", "b", false},  {"[!a]", "", false},   {"[a-cx-z]", "y", true},
        {"[-a]", "-", true},    {"[a-]", "-", true},     {"[a-]", "b", false},  {"[a!]", "!", true},
        {"[\\]]", "]", true},   {"[\\\\]", "\\", true},  {"[*?]", "*", true},   {"[*?]", "a", false},
        {"[{,}]", ",", true},   {"[é-ü]", "ö", true},    {"[é-ü]", "z", false}, {"[0-9][0-9]", "13", true},
        {"[\\a-c]", "b", true}, {"x[!y]z", "x/z", true}, {"[a-a]", "a", true},  {"[^a]", "^", true},
        {"[[]", "[", true},     {"[]", "", false},
    };
    check(cases, COUNT_OF(cases) - 1);
    assert_false(irsa_glob_check("[]", &err));
}

static void braces_match_one_of_their_alternatives(void **state) {
    (void)state;
    static const struct match cases[] = {
        {"{a,b}", "a", true},       {"{a,b}", "b", true},       {"{a,b}", "c", false},
        {"{a,b}", "a,b", false},    {"x{a,bc}y", "xbcy", true}, {"x{a,bc}y", "xby", false},
        {"{a}", "a", true},         {"{}", "", true},           {"{}", "a", false},
        {"{,a}b", "b", true},       {"{a,}b", "b", true},       {"{a,}b", "ab", true},
        {"{a*,b?}", "axyz", true},  {"{a*,b?}", "bx", true},    {"{a*,b?}", "bxy", false},
        {"{a,b{c,d}}", "bd", true}, {"{a,b{c,d}}", "b", false}, {"{{a,b},c}d", "bd", true},
        {"{{a,b},c}d", "cd", true}, {"{a,b}{c,d}", "bc", true}, {"{a\\,b,c}", "a,b", true},
        {"{[,],x}", ",", true},     {"{a\\},b}", "a}", true},   {"{kube,back}*/*", "backend-apps/s3", true},
        {"*{a,b}", "xxb", true},    {"{*,x}y", "zzzy", true},   {"{*}", "", true},
        {"{a,a}b", "ab", true},     {",{a,b},", ",b,", true},
    };
    check(cases, COUNT_OF(cases));
}

static void a_backslash_takes_the_meaning_away(void **state) {
    (void)state;
    static const struct match cases[] = {
        {"\\*", "*", true},           {"\\*", "a", false},  {"\\?", "?", true}, {"\\[a]", "[a]", true},
        {"\\{a,b\\}", "{a,b}", true}, {"\\\\", "\\", true}, {"\\a", "a", true}, {"\\é", "é", true},
    };
    check(cases, COUNT_OF(cases));
}

static void a_pattern_that_cannot_be_read_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"[", "[a", "[a-",  "[!",     "[!]", "[]", "[c-a]", "[\\",   "[a\\",   "[a-\\",
                                        "{", "{a", "{a,b", "{a,{b}", "{[}", "\\", "a\\",   "x[a-z", "{a,b}{", "{a\\}"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        if (irsa_glob_check(wrong[i], &err))
            fail_msg("%s was accepted", wrong[i]);
        assert_code(err, INVALID);
        assert_false(irsa_glob_matches(wrong[i], wrong[i]));
    }
    assert_false(irsa_glob_check("ab[", &err));
    assert_string_equal(err.message,
                        "the pattern \"ab[\" has a bracket that is empty, not closed or in the wrong order, "
                        "at byte 3");
    assert_false(irsa_glob_check("a{b", &err));
    assert_string_equal(err.message, "the pattern \"a{b\" has a brace that is not closed, at byte 2");
    assert_false(irsa_glob_check("abc\\", &err));
    assert_string_equal(err.message, "the pattern \"abc\\\" has a backslash at the end, at byte 4");
    char text[1026];
    memset(text, 'a', sizeof text);
    text[1025] = '\0';
    assert_false(irsa_glob_check(text, &err));
    assert_code(err, INVALID);
    text[1024] = '\0';
    assert_true(irsa_glob_check(text, &err));
    assert_true(irsa_glob_matches(text, text));
    text[0] = '{';
    text[1023] = '}';
    assert_true(irsa_glob_check(text, &err));
}

static void a_hostile_pattern_takes_no_time(void **state) {
    (void)state;
    char pattern[1025], text[2001];
    memset(text, 'a', sizeof text - 1);
    text[2000] = '\0';
    for (size_t i = 0; i < 1022; i += 2)
        memcpy(pattern + i, "*a", 2);
    memcpy(pattern + 1022, "b", 2);
    assert_true(irsa_glob_check(pattern, &err));
    assert_false(irsa_glob_matches(pattern, text));
    for (size_t i = 0; i < 1020; i += 6)
        memcpy(pattern + i, "{a,aa}", 6);
    memcpy(pattern + 1020, "b", 2);
    assert_true(irsa_glob_check(pattern, &err));
    assert_false(irsa_glob_matches(pattern, text));
    memset(pattern, '{', 512);
    memset(pattern + 512, '}', 512);
    pattern[1024] = '\0';
    assert_true(irsa_glob_check(pattern, &err));
    assert_true(irsa_glob_matches(pattern, ""));
    memset(pattern, '{', 1024);
    assert_false(irsa_glob_check(pattern, &err));
}

/* The plain definition, exponential, for small patterns without brackets and braces. */
static bool slow_matches(const char *pattern, const char *text) {
    if (*pattern == '\0')
        return *text == '\0';
    if (*pattern == '*')
        return slow_matches(pattern + 1, text) || (*text != '\0' && slow_matches(pattern, text + 1));
    if (*text == '\0' || (*pattern != '?' && *pattern != *text))
        return false;
    return slow_matches(pattern + 1, text + 1);
}

static void generated_patterns_match_as_defined(void **state) {
    (void)state;
    uint64_t seed = 42;
    unsigned matched = 0;
    for (int i = 0; i < 50000; i++) {
        char pattern[9] = "", text[9] = "";
        size_t length = test_random(&seed) % sizeof pattern;
        for (size_t j = 0; j < length; j++)
            pattern[j] = "ab?*"[test_random(&seed) % 4];
        length = test_random(&seed) % sizeof text;
        for (size_t j = 0; j < length; j++)
            text[j] = "ab"[test_random(&seed) % 2];
        bool expected = slow_matches(pattern, text);
        matched += expected;
        if (irsa_glob_matches(pattern, text) != expected)
            fail_msg("%s and %s", pattern, text);
    }
    assert_in_range(matched, 1000, 49000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_match_themselves_whole),
        cmocka_unit_test(stars_match_any_text_and_slashes),
        cmocka_unit_test(a_question_mark_matches_one_character),
        cmocka_unit_test(brackets_match_one_of_their_characters),
        cmocka_unit_test(braces_match_one_of_their_alternatives),
        cmocka_unit_test(a_backslash_takes_the_meaning_away),
        cmocka_unit_test(a_pattern_that_cannot_be_read_is_refused),
        cmocka_unit_test(a_hostile_pattern_takes_no_time),
        cmocka_unit_test(generated_patterns_match_as_defined),
    };
    return RUN_TESTS("patterns match as those of a shell");
}
