#include "producer/output.h"

#include <stdlib.h>

#include "core/base/arena.h"
#include "tests/support/test.h"

/* What the items look like in one form. */
static char *render(enum irsa_output_format format, const char *const *items, size_t count) {
    struct irsa_output output;
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    irsa_output_begin(&output, format, out);
    for (size_t i = 0; i < count; i++)
        irsa_output_add(&output, items[i], strlen(items[i]));
    irsa_output_end(&output);
    fclose(out);
    return text;
}

static const char *const items[] = {"{\"b\":1,\"a\":[true,null]}", "\"x\""};

static void assert_rendered(enum irsa_output_format format, const char *const *of, size_t count, const char *expected) {
    char *text = render(format, of, count);
    assert_string_equal(text, expected);
    free(text);
}

static void json_is_one_indented_array_with_members_in_their_order(void **state) {
    (void)state;
    assert_rendered(IRSA_OUTPUT_JSON, items, 2,
                    "[\n"
                    "  {\n"
                    "    \"b\": 1,\n"
                    "    \"a\": [\n"
                    "      true,\n"
                    "      null\n"
                    "    ]\n"
                    "  },\n"
                    "  \"x\"\n"
                    "]\n");
}

static void json_lines_are_one_value_each(void **state) {
    (void)state;
    assert_rendered(IRSA_OUTPUT_JSONL, items, 2, "{\"b\":1,\"a\":[true,null]}\n\"x\"\n");
}

static void nothing_is_an_empty_list(void **state) {
    (void)state;
    assert_rendered(IRSA_OUTPUT_JSON, NULL, 0, "[]\n");
    assert_rendered(IRSA_OUTPUT_YAML, NULL, 0, "[]\n");
    assert_rendered(IRSA_OUTPUT_JSONL, NULL, 0, "");
}

static void yaml_is_a_list_in_block_style(void **state) {
    (void)state;
    static const char *const one[] = {
        "{\"name\":\"s3-reader\",\"steps\":[{\"name\":\"create-role\",\"changed\":true},{\"name\":\"x\"}],\"none\":[],"
        "\"lists\":[[1,2],[\"a\"]],\"calls\":{\"iam.CreateRole\":1}}"};
    assert_rendered(IRSA_OUTPUT_YAML, one, 1,
                    "- name: s3-reader\n"
                    "  steps:\n"
                    "    - name: create-role\n"
                    "      changed: true\n"
                    "    - name: x\n"
                    "  none: []\n"
                    "  lists:\n"
                    "    - - 1\n"
                    "      - 2\n"
                    "    - - a\n"
                    "  calls:\n"
                    "    iam.CreateRole: 1\n");
}

static void yaml_quotes_what_could_be_read_as_anything_but_text(void **state) {
    (void)state;
    static const char *const quoted[] = {
        "\"yes\"", "\"No\"",   "\"null\"", "\"\"",  "\"111122223333\"", "\"1e3\"",  "\"- a\"", "\"a: b\"",
        "\"a:\"",  "\"a #b\"", "\"~\"",    "\"*\"", "\"a\\nb\"",        "\"0x1f\"", "\" a\"",  "\"y\""};
    for (size_t i = 0; i < COUNT_OF(quoted); i++) {
        char expected[64];
        snprintf(expected, sizeof expected, "- %s\n", quoted[i]);
        assert_rendered(IRSA_OUTPUT_YAML, &quoted[i], 1, expected);
    }
}

static void yaml_leaves_plain_words_plain(void **state) {
    (void)state;
    static const char *const plain[][2] = {
        {"\"us-west-2/cluster-13\"", "- us-west-2/cluster-13\n"},
        {"\"arn:aws:iam::111122223333:role/irsa/x\"", "- arn:aws:iam::111122223333:role/irsa/x\n"},
        {"\"succeeded\"", "- succeeded\n"},
    };
    for (size_t i = 0; i < COUNT_OF(plain); i++)
        assert_rendered(IRSA_OUTPUT_YAML, &plain[i][0], 1, plain[i][1]);
}

static void what_is_not_json_is_written_as_text(void **state) {
    (void)state;
    static const char *const broken[] = {"{\"a\":"};
    assert_rendered(IRSA_OUTPUT_JSONL, broken, 1, "\"{\\\"a\\\":\"\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_one_indented_array_with_members_in_their_order),
        cmocka_unit_test(json_lines_are_one_value_each),
        cmocka_unit_test(nothing_is_an_empty_list),
        cmocka_unit_test(yaml_is_a_list_in_block_style),
        cmocka_unit_test(yaml_quotes_what_could_be_read_as_anything_but_text),
        cmocka_unit_test(yaml_leaves_plain_words_plain),
        cmocka_unit_test(what_is_not_json_is_written_as_text),
    };
    return RUN_TESTS("data are printed in three forms");
}
