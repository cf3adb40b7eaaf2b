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

static void members_are_found_by_their_exact_key(void **state) {
    (void)state;
    const struct irsa_json *object = parse("{\"name\":\"x\",\"Name\":1,\"none\":null}");
    assert_string_equal(irsa_json_get_text(object, "name"), "x");
    assert_null(irsa_json_get_text(object, "Name"));
    assert_null(irsa_json_get(object, "NAME"));
    assert_int_equal(irsa_json_get(object, "none")->kind, IRSA_JSON_NULL);
    assert_null(irsa_json_get(NULL, "name"));
    assert_null(irsa_json_get(object->first, "name"));
    assert_null(irsa_json_get_text(parse("[]"), "name"));
}

static void pointers_name_values_as_rfc_6901_says(void **state) {
    (void)state;
    const struct irsa_json *root =
        parse("{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"m~n\":8,\" \":7,\"~1\":9}");
    assert_ptr_equal(irsa_json_at(root, ""), root);
    assert_int_equal(irsa_json_at(root, "/foo")->count, 2);
    assert_string_equal(irsa_json_at(root, "/foo/0")->text, "bar");
    assert_string_equal(irsa_json_at(root, "/foo/1")->text, "baz");
    assert_string_equal(irsa_json_at(root, "/")->text, "0");
    assert_string_equal(irsa_json_at(root, "/a~1b")->text, "1");
    assert_string_equal(irsa_json_at(root, "/c%d")->text, "2");
    assert_string_equal(irsa_json_at(root, "/m~0n")->text, "8");
    assert_string_equal(irsa_json_at(root, "/ ")->text, "7");
    assert_string_equal(irsa_json_at(root, "/~01")->text, "9");
    static const char *const absent[] = {
        "foo",   "/foo/2", "/foo/-", "/foo/01", "/foo/+1", "/foo/", "/foo/0/0", "/m~n",
        "/m~2n", "/m~",    "/fo",    "/foo/1 ", "/fooo",   "/a/b",  "//",       "/foo/99999999999999999999"};
    for (size_t i = 0; i < COUNT_OF(absent); i++)
        if (irsa_json_at(root, absent[i]) != NULL)
            fail_msg("%s is there", absent[i]);
    assert_null(irsa_json_at(NULL, "/a"));
    const struct irsa_json *twelve = parse("[0,1,2,3,4,5,6,7,8,9,10,11]");
    assert_string_equal(irsa_json_at(twelve, "/11")->text, "11");
    assert_string_equal(irsa_json_at(twelve, "/9")->text, "9");
    assert_null(irsa_json_at(twelve, "/:"));
    assert_null(irsa_json_at(twelve, "/1/"));
    assert_null(irsa_json_at(twelve, "/12"));
}

static void integers_are_exact_and_within_53_bits(void **state) {
    (void)state;
    int64_t value = 0;
    assert_true(irsa_json_integer(parse("9007199254740991"), &value));
    assert_true(value == INT64_C(9007199254740991));
    assert_true(irsa_json_integer(parse("-9007199254740991"), &value));
    assert_true(value == INT64_C(-9007199254740991));
    assert_true(irsa_json_integer(parse("-0"), &value));
    assert_int_equal(value, 0);
    static const char *const wrong[] = {
        "9007199254740992", "-9007199254740992", "1.0", "1e0", "\"1\"", "null", "[]", "99999999999999999999999"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(irsa_json_integer(parse(wrong[i]), &value));
    assert_false(irsa_json_integer(NULL, &value));
    assert_int_equal(value, 0);
}

static void equality_is_by_meaning(void **state) {
    (void)state;
    static const struct {
        const char *a, *b;
        bool are_equal;
    } cases[] = {
        {"{\"a\":1,\"b\":[2,{\"c\":null}]}", "{\"b\":[2,{\"c\":null}],\"a\":1}", true},
        {"{\"a\":1}", "{\"a\":1,\"b\":2}", false},
        {"{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":2}", false},
        {"{\"a\":1}", "{\"a\":2}", false},
        {"[1,2]", "[2,1]", false},
        {"[1]", "[1,1]", false},
        {"\"é\"", "\"\\u00e9\"", true},
        {"\"a\"", "\"ab\"", false},
        {"1", "1.0", false},
        {"1", "\"1\"", false},
        {"true", "false", false},
        {"null", "null", true},
        {"{}", "[]", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(irsa_json_equal(parse(cases[i].a), parse(cases[i].b)), cases[i].are_equal);
        assert_int_equal(irsa_json_equal(parse(cases[i].b), parse(cases[i].a)), cases[i].are_equal);
    }
    assert_true(irsa_json_equal(NULL, NULL));
    assert_false(irsa_json_equal(NULL, parse("null")));
    assert_false(irsa_json_equal(parse("null"), NULL));
}

static void large_objects_are_compared_in_any_order(void **state) {
    (void)state;
    for (unsigned count = 10; count <= 3000; count = count * 3 / 2) {
        struct irsa_text up, down, other;
        irsa_text_init(&up, arena, SIZE_MAX);
        irsa_text_init(&down, arena, SIZE_MAX);
        irsa_text_init(&other, arena, SIZE_MAX);
        for (unsigned i = 0; i < count; i++) {
            irsa_text_addf(&up, "%c\"k%u\":%u", i == 0 ? '{' : ',', i, i);
            irsa_text_addf(&down, "%c\"k%u\":%u", i == 0 ? '{' : ',', count - 1 - i, count - 1 - i);
            irsa_text_addf(&other, "%c\"k%u\":%u", i == 0 ? '{' : ',', i, i == count / 2 ? 99999 : i);
        }
        irsa_text_add(&up, "}");
        irsa_text_add(&down, "}");
        irsa_text_add(&other, "}");
        assert_true(irsa_json_equal(parse(up.at), parse(down.at)));
        assert_false(irsa_json_equal(parse(other.at), parse(down.at)));
    }
}

static void trees_are_made_by_hand(void **state) {
    (void)state;
    struct irsa_json *root = irsa_json_new(arena, IRSA_JSON_OBJECT);
    struct irsa_json *list = irsa_json_new(arena, IRSA_JSON_ARRAY);
    struct irsa_json *tail = NULL;
    struct irsa_json *list_tail = NULL;
    char name[] = "value";
    irsa_json_append(root, &tail, "text", irsa_json_new_text(arena, name));
    irsa_json_append(root, &tail, "list", list);
    name[0] = 'V';
    irsa_json_append(list, &list_tail, NULL, irsa_json_new(arena, IRSA_JSON_TRUE));
    irsa_json_append(list, &list_tail, NULL, irsa_json_new(arena, IRSA_JSON_NULL));
    assert_true(irsa_json_equal(root, parse("{\"text\":\"value\",\"list\":[true,null]}")));
    assert_int_equal(root->count, 2);
    assert_int_equal(root->line, 0);
    assert_string_equal(irsa_json_to_text(arena, root), "{\"text\":\"value\",\"list\":[true,null]}");
}

static void kinds_have_names_for_people(void **state) {
    (void)state;
    assert_string_equal(irsa_json_kind_name(IRSA_JSON_STRING), "a string");
    assert_string_equal(irsa_json_kind_name(IRSA_JSON_OBJECT), "an object");
    assert_string_equal(irsa_json_kind_name(IRSA_JSON_NULL), "null");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_found_by_their_exact_key),
        cmocka_unit_test(pointers_name_values_as_rfc_6901_says),
        cmocka_unit_test(integers_are_exact_and_within_53_bits),
        cmocka_unit_test(equality_is_by_meaning),
        cmocka_unit_test(large_objects_are_compared_in_any_order),
        cmocka_unit_test(trees_are_made_by_hand),
        cmocka_unit_test(kinds_have_names_for_people),
    };
    return cmocka_run_group_tests_name("a JSON tree answers questions", tests, make_arena, free_arena);
}
