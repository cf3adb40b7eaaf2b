#include "core/base/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/arena.h"
#include "tests/support/test.h"

static struct irsa_arena *arena;
static struct irsa_error err;
static const struct irsa_json_limits limits = {.max_bytes = 1 << 20, .max_depth = 32};

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

/* From a heap copy of exactly these bytes, so that a sanitizer sees a read beyond them. NULL: refused. */
static const struct irsa_json *parse_bytes(const void *bytes, size_t length) {
    char *copy = irsa_new(length);
    memcpy(copy, bytes, length);
    const struct irsa_json *value = NULL;
    bool is_read = irsa_json_parse(arena, copy, length, limits, &value, &err);
    memset(copy, '!', length); /* the tree must not look at it */
    free(copy);
    return is_read ? value : NULL;
}

static const struct irsa_json *parse(const char *text) {
    return parse_bytes(text, strlen(text));
}

static const struct irsa_json *must_parse(const char *text) {
    const struct irsa_json *value = parse(text);
    if (value == NULL)
        fail_msg("%s: %s", text, err.message);
    return value;
}

static void scalars_are_read(void **state) {
    (void)state;
    assert_int_equal(must_parse("null")->kind, IRSA_JSON_NULL);
    assert_int_equal(must_parse("true")->kind, IRSA_JSON_TRUE);
    assert_int_equal(must_parse(" false\n")->kind, IRSA_JSON_FALSE);
    const struct irsa_json *text = must_parse("\"text\"");
    assert_int_equal(text->kind, IRSA_JSON_STRING);
    assert_string_equal(text->text, "text");
    assert_int_equal(text->text_length, 4);
    assert_string_equal(must_parse("\"\"")->text, "");
}

static void numbers_keep_their_text(void **state) {
    (void)state;
    static const char *const numbers[] = {"0",    "-0",   "1",    "-1",        "1234567890",
                                          "0.0",  "-0.5", "1.50", "1e5",       "1E5",
                                          "1e+5", "1E-5", "0e0",  "12.34e-56", "123456789012345678901234567890",
                                          "1e400"};
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        const struct irsa_json *number = must_parse(numbers[i]);
        assert_int_equal(number->kind, IRSA_JSON_NUMBER);
        assert_string_equal(number->text, numbers[i]);
        assert_int_equal(number->text_length, strlen(numbers[i]));
        char list[64];
        snprintf(list, sizeof list, "[%s,%s]", numbers[i], numbers[i]);
        assert_string_equal(must_parse(list)->first->next->text, numbers[i]);
    }
}

static void containers_keep_their_order(void **state) {
    (void)state;
    const struct irsa_json *root = must_parse(" { \"b\" : [ 1 , [ ] , { } ] , \"a\" : \"x\" } ");
    assert_int_equal(root->count, 2);
    assert_string_equal(root->first->key, "b");
    assert_string_equal(root->first->next->key, "a");
    assert_null(root->first->next->next);
    const struct irsa_json *array = root->first;
    assert_int_equal(array->count, 3);
    assert_null(array->first->key);
    assert_int_equal(array->first->next->kind, IRSA_JSON_ARRAY);
    assert_int_equal(array->first->next->count, 0);
    assert_int_equal(array->first->next->next->kind, IRSA_JSON_OBJECT);
    assert_null(array->first->next->next->first);
}

static void escapes_are_undone(void **state) {
    (void)state;
    static const struct {
        const char *json, *text;
    } cases[] = {
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"\\u0041\\u00e9\\u20AC\\ud83d\\uDE00\"", "Aé€😀"},
        {"\"\\uD800\\uDC00\\uDBFF\\uDFFF\"", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
        {"\"\\u0001\\u007f\\u0080\\u07ff\\u0800\\uffff\"", "\x01\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"},
        {"\"before \\n and after it é\\n\"", "before \n and after it é\n"},
        {"\"é€😀 as they are\"", "é€😀 as they are"},
        {"\"\\\\u0000\"", "\\u0000"},
        {"\"\x7f\"", "\x7f"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct irsa_json *value = must_parse(cases[i].json);
        assert_string_equal(value->text, cases[i].text);
        assert_int_equal(value->text_length, strlen(cases[i].text));
    }
    assert_non_null(irsa_json_get(must_parse("{\"\\u0061\\n\":1}"), "a\n"));
}

static void every_position_in_a_string_is_read_alike(void **state) {
    (void)state;
    static const char *const specials[] = {"\\n", "é", "😀", "\\\"", "\\ud83d\\ude00"};
    static const char *const meant[] = {"\n", "é", "😀", "\"", "😀"};
    for (size_t before = 0; before < 20; before++) {
        for (size_t after = 0; after < 20; after++) {
            for (size_t i = 0; i < COUNT_OF(specials); i++) {
                const char *json = irsa_arena_format(arena, "[\"%.*s%s%.*s\"]", (int)before, "aaaaaaaaaaaaaaaaaaaa",
                                                     specials[i], (int)after, "zzzzzzzzzzzzzzzzzzzz");
                const char *text = irsa_arena_format(arena, "%.*s%s%.*s", (int)before, "aaaaaaaaaaaaaaaaaaaa", meant[i],
                                                     (int)after, "zzzzzzzzzzzzzzzzzzzz");
                assert_string_equal(must_parse(json)->first->text, text);
            }
        }
    }
}

static void what_is_no_json_is_refused_with_its_place(void **state) {
    (void)state;
    static const struct {
        const char *json;
        unsigned line, column;
        const char *at;
    } cases[] = {
        {"", 1, 1, ""},
        {"   ", 1, 4, ""},
        {"\n\n ", 3, 2, ""},
        {"\xef\xbb\xbf{}", 1, 1, ""},
        {"\xff\xfe", 1, 1, ""},
        {"nul", 1, 1, ""},
        {"True", 1, 1, ""},
        {"NaN", 1, 1, ""},
        {"Infinity", 1, 1, ""},
        {"-Infinity", 1, 2, ""},
        {"nulll", 1, 5, ""},
        {"1 2", 1, 3, ""},
        {"{}}", 1, 3, ""},
        {"[]\v", 1, 3, ""},
        {"[1]\xc2\xa0", 1, 4, ""},
        {"[", 1, 2, "/0"},
        {"[1", 1, 3, ""},
        {"[1,", 1, 4, "/1"},
        {"[1,]", 1, 4, "/1"},
        {"[,1]", 1, 2, "/0"},
        {"[1,,2]", 1, 4, "/1"},
        {"[1 2]", 1, 4, ""},
        {"[1}", 1, 3, ""},
        {"]", 1, 1, ""},
        {"{", 1, 2, ""},
        {"{\"a\"", 1, 5, ""},
        {"{\"a\":", 1, 6, "/a"},
        {"{\"a\":1", 1, 7, ""},
        {"{\"a\":1,", 1, 8, ""},
        {"{\"a\":1,}", 1, 8, ""},
        {"{,}", 1, 2, ""},
        {"{\"a\" 1}", 1, 6, ""},
        {"{\"a\"::1}", 1, 6, "/a"},
        {"{a:1}", 1, 2, ""},
        {"{'a':1}", 1, 2, ""},
        {"{1:1}", 1, 2, ""},
        {"{\"a\":1 \"b\":2}", 1, 8, ""},
        {"{\"a\":1]", 1, 7, ""},
        {"{\"a\":\n  {\"b/c\":\n    [0, tru]}}", 3, 9, "/a/b~1c/1"},
        {"// comment\n1", 1, 1, ""},
        {"/* comment */1", 1, 1, ""},
        {"'a'", 1, 1, ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (parse(cases[i].json) != NULL)
            fail_msg("%s was read", cases[i].json);
        if (err.code != IRSA_CODE_SCHEMA || err.line != cases[i].line || err.column != cases[i].column ||
            strcmp(err.at, cases[i].at) != 0)
            fail_msg("%s: %s at %u:%u %s", cases[i].json, err.message, err.line, err.column, err.at);
        assert_true(strlen(err.message) > 0);
    }
}

static void numbers_beyond_the_grammar_are_refused(void **state) {
    (void)state;
    static const char *const numbers[] = {"-",  "+1",  "01",  "-01",  "00",       "1.",    ".5",  "-.5", "1.e5",
                                          "1e", "1e+", "1e-", "0x10", "1e5.5",    "1.2.3", "--1", "1-",  "1_000",
                                          "1a", "-a",  "0e",  "1E+x", "\xd9\xa1", "1e1e1", "0.",  "-0."};
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        if (parse(numbers[i]) != NULL)
            fail_msg("%s was read", numbers[i]);
        const char *list = irsa_arena_format(arena, "[%s]", numbers[i]);
        if (parse(list) != NULL)
            fail_msg("%s was read", list);
        assert_code(err, SCHEMA);
    }
}

static void a_string_with_a_fault_is_refused_with_its_column(void **state) {
    (void)state;
    static const struct {
        const char *json;
        unsigned column;
    } cases[] = {
        {"\"", 1},
        {"\"abc", 1},
        {"\"abc\\", 1},
        {"\"abc\\\"", 1},
        {"\"a\nb\"", 3},
        {"\"a\tb\"", 3},
        {"\"a\x01"
         "b\"",
         3},
        {"\"12345678\x1f\"", 10},
        {"\"\\x41\"", 2},
        {"\"\\a\"", 2},
        {"\"\\'\"", 2},
        {"\"\\U0041\"", 2},
        {"\"\\\n\"", 2},
        {"\"\\u\"", 2},
        {"\"\\u12\"", 2},
        {"\"\\u123g\"", 2},
        {"\"\\u+123\"", 2},
        {"\"\\u 123\"", 2},
        {"\"\\u123", 2},
        {"\"\\u0000\"", 2},
        {"\"a\\u0000b\"", 3},
        {"\"\\ud800\"", 2},
        {"\"\\uDFFF\"", 2},
        {"\"\\ud800\\u0041\"", 2},
        {"\"\\ud800\\ud800\"", 2},
        {"\"\\ud800\\n\"", 2},
        {"\"\\ud800\\\"", 2},
        {"\"\\ud800x\\udc00\"", 2},
        {"\"\\udc00\\ud800\"", 2},
        {"\"\\ud83d\\u\"", 2},
        {"\"\\ud83d\\ude0\"", 2},
        {"\"ab\xff\"", 4},
        {"\"ab\xc3\"", 4},
        {"\"\xc0\x80\"", 2},
        {"\"\xe0\x80\x80\"", 2},
        {"\"\xed\xa0\x80\"", 2},
        {"\"\xed\xa0\xbd\xed\xb8\x80\"", 2},
        {"\"\xf4\x90\x80\x80\"", 2},
        {"\"\xf8\x88\x80\x80\x80\"", 2},
        {"\"é\x80\"", 4},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (parse(cases[i].json) != NULL)
            fail_msg("%s was read", cases[i].json);
        if (err.code != IRSA_CODE_SCHEMA || err.line != 1 || err.column != cases[i].column)
            fail_msg("%s: %s at %u:%u", cases[i].json, err.message, err.line, err.column);
        const char *member = irsa_arena_format(arena, "{%s:1}", cases[i].json);
        assert_null(parse(member));
        assert_code(err, SCHEMA);
    }
}

static void a_nul_byte_is_refused_anywhere(void **state) {
    (void)state;
    static const char text[] = "{\"a\": [1, \"bc\"], \"d\": true}";
    size_t length = sizeof text - 1;
    for (size_t at = 0; at <= length; at++) {
        char broken[sizeof text + 1];
        memcpy(broken, text, at);
        broken[at] = '\0';
        memcpy(broken + at + 1, text + at, length - at);
        assert_null(parse_bytes(broken, length + 1));
        assert_code(err, SCHEMA);
    }
}

static void every_beginning_of_a_document_is_refused(void **state) {
    (void)state;
    static const char text[] = "{\"a\": [1.5e+3, \"b\\u00e9\\ud83d\\ude00é\", null, -0], \"d\": {\"e\": true}}";
    for (size_t length = 0; length < sizeof text - 1; length++) {
        if (parse_bytes(text, length) != NULL)
            fail_msg("%.*s was read", (int)length, text);
        assert_code(err, SCHEMA);
    }
    assert_non_null(parse(text));
}

static void a_repeated_key_is_refused_with_its_line(void **state) {
    (void)state;
    assert_null(parse("{\"a\": 1,\n \"b\": 2,\n  \"a\": 3}"));
    assert_code(err, SCHEMA);
    assert_int_equal(err.line, 3);
    assert_int_equal(err.column, 3);
    assert_string_equal(err.at, "/a");
    assert_non_null(strstr(err.message, "\"a\""));
    assert_null(parse("[{\"x\": {\"a\\u0062\": 1, \"ab\": 1}}]"));
    assert_string_equal(err.at, "/0/x/ab");
    assert_null(parse("{\"\":1,\"\":2}"));
    assert_non_null(parse("{\"a\":1,\"A\":2,\"a \":3,\"\":4}"));
    assert_non_null(parse("[{\"a\":1},{\"a\":1}]"));
}

/* {"k0":0,"k1":0,…} of `count` members; the last one has the key of member `twin` when it is less than count. */
static const char *many_members(unsigned count, unsigned twin) {
    struct irsa_text text;
    irsa_text_init(&text, arena, SIZE_MAX);
    irsa_text_add_char(&text, '{');
    for (unsigned i = 0; i < count; i++)
        irsa_text_addf(&text, "%s\n\"k%u\":0", i > 0 ? "," : "", i + 1 == count && twin < count ? twin : i);
    irsa_text_add_char(&text, '}');
    return text.at;
}

static void a_repeated_key_is_found_among_any_number(void **state) {
    (void)state;
    for (unsigned count = 2; count < 100; count++) {
        assert_int_equal(must_parse(many_members(count, count))->count, count);
        for (unsigned twin = 0; twin + 1 < count; twin++) {
            assert_null(parse(many_members(count, twin)));
            assert_code(err, SCHEMA);
            assert_int_equal(err.line, count + 1);
            assert_int_equal(err.column, 1);
        }
        irsa_arena_clear(arena);
    }
}

static void an_object_of_very_many_keys_is_read_in_time(void **state) {
    (void)state;
    const char *text = many_members(60000, 60000);
    assert_int_equal(must_parse(text)->count, 60000);
    text = many_members(60000, 59998);
    assert_null(parse(text));
    assert_int_equal(err.line, 60001);
}

static void of_several_repeated_keys_the_first_is_named(void **state) {
    (void)state;
    struct irsa_text text;
    irsa_text_init(&text, arena, SIZE_MAX);
    irsa_text_add_char(&text, '{');
    for (unsigned i = 0; i < 50; i++)
        irsa_text_addf(&text, "\"k%u\":0,\n", i);
    irsa_text_add(&text, "\"k7\":0,\n\"k3\":0,\n\"k7\":0}");
    assert_null(parse(text.at));
    assert_int_equal(err.line, 51);
    assert_string_equal(err.at, "/k7");
}

static void values_and_keys_know_their_places(void **state) {
    (void)state;
    const struct irsa_json *root = must_parse("\n {\"é\":\r\n\t[10, true]\n,\"b\"\n:\n\"x\"}");
    assert_int_equal(root->line, 2);
    assert_int_equal(root->column, 2);
    const struct irsa_json *array = root->first;
    assert_int_equal(array->key_line, 2);
    assert_int_equal(array->key_column, 3);
    assert_int_equal(array->line, 3);
    assert_int_equal(array->column, 2);
    assert_int_equal(array->first->next->line, 3);
    assert_int_equal(array->first->next->column, 7);
    assert_int_equal(array->next->key_line, 4);
    assert_int_equal(array->next->key_column, 2);
    assert_int_equal(array->next->line, 6);
    assert_int_equal(array->next->column, 1);
}

static const char *nested(unsigned depth, const char *open, const char *inner, const char *close) {
    struct irsa_text text;
    irsa_text_init(&text, arena, SIZE_MAX);
    for (unsigned i = 0; i < depth; i++)
        irsa_text_add(&text, open);
    irsa_text_add(&text, inner);
    for (unsigned i = 0; i < depth; i++)
        irsa_text_add(&text, close);
    return text.at;
}

static bool is_read_within(const char *text, unsigned max_depth) {
    const struct irsa_json *value;
    return irsa_json_parse(arena, text, strlen(text), (struct irsa_json_limits){1 << 20, max_depth}, &value, &err);
}

static void nesting_is_bounded(void **state) {
    (void)state;
    assert_true(is_read_within("1", 0));
    assert_false(is_read_within("[]", 0));
    assert_code(err, TOO_LARGE);
    for (unsigned depth = 1; depth <= 256; depth *= 2) {
        assert_true(is_read_within(nested(depth, "[", "1", "]"), depth));
        assert_true(is_read_within(nested(depth, "{\"a\":", "1", "}"), depth));
        assert_false(is_read_within(nested(depth + 1, "[", "1", "]"), depth));
        assert_code(err, TOO_LARGE);
        assert_int_equal(err.column, depth + 1);
        assert_false(is_read_within(nested(depth + 1, "{\"a\":", "1", "}"), depth));
        assert_code(err, TOO_LARGE);
    }
    assert_false(is_read_within(nested(100000, "[", "", "]"), 1000000));
    assert_code(err, TOO_LARGE);
    assert_int_equal(err.column, 257);
    assert_true(is_read_within("[[],[],[[]],[]]", 3));
}

static void size_is_bounded(void **state) {
    (void)state;
    const struct irsa_json *value;
    assert_true(irsa_json_parse(arena, "\"123\"", 5, (struct irsa_json_limits){5, 1}, &value, &err));
    assert_false(irsa_json_parse(arena, "\"1234\"", 6, (struct irsa_json_limits){5, 1}, &value, &err));
    assert_code(err, TOO_LARGE);
}

static void the_number_of_values_is_bounded(void **state) {
    (void)state;
    struct irsa_text text;
    irsa_text_init(&text, arena, SIZE_MAX);
    irsa_text_add(&text, "[0");
    for (unsigned i = 2; i < IRSA_JSON_MAX_MEMBERS; i++)
        irsa_text_add(&text, ",0");
    size_t length = text.length;
    irsa_text_add(&text, "]");
    assert_int_equal(must_parse(text.at)->count, IRSA_JSON_MAX_MEMBERS - 1);
    text.length = length;
    irsa_text_add(&text, ",0]");
    assert_null(parse(text.at));
    assert_code(err, TOO_LARGE);
}

static void a_refused_document_leaves_the_output_alone(void **state) {
    (void)state;
    const struct irsa_json *value = (const struct irsa_json *)&limits;
    assert_false(irsa_json_parse(arena, "[1,", 3, limits, &value, &err));
    assert_ptr_equal(value, &limits);
}

static void a_message_does_not_repeat_bytes_that_a_terminal_obeys(void **state) {
    (void)state;
    for (int c = 1; c < 256; c++) {
        char text[] = {'[', (char)c, '\0'};
        if (parse(text) != NULL)
            continue;
        for (const char *at = err.message; *at != '\0'; at++)
            assert_true(*at >= ' ' && *at < 0x7F);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_are_read),
        cmocka_unit_test(numbers_keep_their_text),
        cmocka_unit_test(containers_keep_their_order),
        cmocka_unit_test(escapes_are_undone),
        cmocka_unit_test(every_position_in_a_string_is_read_alike),
        cmocka_unit_test(what_is_no_json_is_refused_with_its_place),
        cmocka_unit_test(numbers_beyond_the_grammar_are_refused),
        cmocka_unit_test(a_string_with_a_fault_is_refused_with_its_column),
        cmocka_unit_test(a_nul_byte_is_refused_anywhere),
        cmocka_unit_test(every_beginning_of_a_document_is_refused),
        cmocka_unit_test(a_repeated_key_is_refused_with_its_line),
        cmocka_unit_test(a_repeated_key_is_found_among_any_number),
        cmocka_unit_test(an_object_of_very_many_keys_is_read_in_time),
        cmocka_unit_test(of_several_repeated_keys_the_first_is_named),
        cmocka_unit_test(values_and_keys_know_their_places),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(size_is_bounded),
        cmocka_unit_test(the_number_of_values_is_bounded),
        cmocka_unit_test(a_refused_document_leaves_the_output_alone),
        cmocka_unit_test(a_message_does_not_repeat_bytes_that_a_terminal_obeys),
    };
    return cmocka_run_group_tests_name("JSON is read strictly", tests, make_arena, free_arena);
}
