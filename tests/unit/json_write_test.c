#include "core/base/json.h"

#include <stdio.h>

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

static const struct irsa_json *parse(const char *text) {
    struct irsa_error err;
    const struct irsa_json *value;
    assert_ok(irsa_json_parse(arena, text, strlen(text), (struct irsa_json_limits){1 << 20, 32}, &value, &err), err);
    return value;
}

static void a_document_is_written_piece_by_piece(void **state) {
    (void)state;
    struct irsa_text text;
    struct irsa_json_writer w;
    irsa_text_init(&text, arena, 1000);
    irsa_json_begin(&w, &text);
    irsa_json_open_object(&w, NULL);
    irsa_json_add_text(&w, "name", "x");
    irsa_json_open_array(&w, "list");
    irsa_json_add_integer(&w, NULL, 1);
    irsa_json_add_text(&w, NULL, "two");
    irsa_json_open_object(&w, NULL);
    irsa_json_close_object(&w);
    irsa_json_open_array(&w, NULL);
    irsa_json_close_array(&w);
    irsa_json_add_boolean(&w, NULL, true);
    irsa_json_add_boolean(&w, NULL, false);
    irsa_json_add_null(&w, NULL);
    irsa_json_close_array(&w);
    irsa_json_add_value(&w, "tree", parse("{\"a\":[1.50,null]}"));
    irsa_json_add_raw(&w, "raw", "{}");
    irsa_json_add_text_bytes(&w, "bytes", "abcdef", 3);
    irsa_json_add_boolean(&w, "last", true);
    irsa_json_close_object(&w);
    assert_string_equal(text.at,
                        "{\"name\":\"x\",\"list\":[1,\"two\",{},[],true,false,null],\"tree\":{\"a\":[1.50,null]},"
                        "\"raw\":{},\"bytes\":\"abc\",\"last\":true}");
}

static void what_is_absent_is_left_out_with_its_key(void **state) {
    (void)state;
    struct irsa_text text;
    struct irsa_json_writer w;
    irsa_text_init(&text, arena, 1000);
    irsa_json_begin(&w, &text);
    irsa_json_open_object(&w, NULL);
    irsa_json_add_text(&w, "a", NULL);
    irsa_json_add_text_bytes(&w, "b", NULL, 0);
    irsa_json_add_value(&w, "c", NULL);
    irsa_json_add_text(&w, "d", "");
    irsa_json_close_object(&w);
    assert_string_equal(text.at, "{\"d\":\"\"}");
}

static const char *written(const char *bytes, size_t length) {
    struct irsa_text text;
    struct irsa_json_writer w;
    irsa_text_init(&text, arena, 1000);
    irsa_json_begin(&w, &text);
    irsa_json_add_text_bytes(&w, NULL, bytes, length);
    return text.at;
}

static void strings_are_escaped_as_rfc_8259_says(void **state) {
    (void)state;
    assert_string_equal(written("\"\\/\b\f\n\r\t\x01\x1f\x7f", 11), "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
    assert_string_equal(written("é€😀", 9), "\"é€😀\"");
    assert_string_equal(written("a\0b", 3), "\"a\\u0000b\"");
    assert_string_equal(written("", 0), "\"\"");
    assert_string_equal(written("12345678\n12345678\"", 18), "\"12345678\\n12345678\\\"\"");
}

static void what_is_no_utf8_is_replaced(void **state) {
    (void)state;
    assert_string_equal(written("a\xff"
                                "b\xc3",
                                4),
                        "\"a\xef\xbf\xbd"
                        "b\xef\xbf\xbd\"");
    assert_string_equal(written("\xed\xa0\x80", 3), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void keys_are_escaped_too(void **state) {
    (void)state;
    struct irsa_text text;
    struct irsa_json_writer w;
    irsa_text_init(&text, arena, 1000);
    irsa_json_begin(&w, &text);
    irsa_json_open_object(&w, NULL);
    irsa_json_add_integer(&w, "a\"b", 1);
    irsa_json_add_integer(&w, "é\n", 2);
    irsa_json_close_object(&w);
    assert_string_equal(text.at, "{\"a\\\"b\":1,\"é\\n\":2}");
}

static void integers_are_written_to_their_limits(void **state) {
    (void)state;
    static const int64_t values[] = {0, 1, -1, 10, -10, 99, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        char expected[32];
        struct irsa_text text;
        struct irsa_json_writer w;
        snprintf(expected, sizeof expected, "%lld", (long long)values[i]);
        irsa_text_init(&text, arena, 100);
        irsa_json_begin(&w, &text);
        irsa_json_add_integer(&w, NULL, values[i]);
        assert_string_equal(text.at, expected);
    }
}

static void a_document_over_its_bound_says_so(void **state) {
    (void)state;
    static const char whole[] = "{\"key\":\"value\",\"list\":[1,2,\"\\n\"]}";
    for (size_t max = 0; max <= sizeof whole - 1; max++) {
        struct irsa_text text;
        struct irsa_json_writer w;
        irsa_text_init(&text, arena, max);
        irsa_json_begin(&w, &text);
        irsa_json_add_value(&w, NULL, parse(whole));
        assert_int_equal(text.is_over, max < sizeof whole - 1);
        assert_int_equal(strncmp(text.at, whole, strlen(text.at)), 0);
    }
}

static void what_is_written_reads_the_same(void **state) {
    (void)state;
    static const char document[] =
        "{\"a\":[1,-2.5e+10,\"x\\\"\\u0001\",{\"b\":{},\"c\":[]},true,false,null],\"\":\"é\"}";
    const struct irsa_json *tree = parse(document);
    assert_string_equal(irsa_json_to_text(arena, tree), document);
    assert_true(irsa_json_equal(tree, parse(irsa_json_to_pretty_text(arena, tree))));
}

static void a_pretty_text_is_indented_by_two(void **state) {
    (void)state;
    assert_string_equal(irsa_json_to_pretty_text(arena, parse("{\"a\":[1,{\"b\":2}],\"c\":{},\"d\":[],\"e\":\"f\"}")),
                        "{\n"
                        "  \"a\": [\n"
                        "    1,\n"
                        "    {\n"
                        "      \"b\": 2\n"
                        "    }\n"
                        "  ],\n"
                        "  \"c\": {},\n"
                        "  \"d\": [],\n"
                        "  \"e\": \"f\"\n"
                        "}");
    assert_string_equal(irsa_json_to_pretty_text(arena, parse("[]")), "[]");
    assert_string_equal(irsa_json_to_pretty_text(arena, parse("\"x\"")), "\"x\"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_is_written_piece_by_piece),
        cmocka_unit_test(what_is_absent_is_left_out_with_its_key),
        cmocka_unit_test(strings_are_escaped_as_rfc_8259_says),
        cmocka_unit_test(what_is_no_utf8_is_replaced),
        cmocka_unit_test(keys_are_escaped_too),
        cmocka_unit_test(integers_are_written_to_their_limits),
        cmocka_unit_test(a_document_over_its_bound_says_so),
        cmocka_unit_test(what_is_written_reads_the_same),
        cmocka_unit_test(a_pretty_text_is_indented_by_two),
    };
    return cmocka_run_group_tests_name("what is written is JSON", tests, make_arena, free_arena);
}
