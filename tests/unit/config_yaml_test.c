#include "core/config/yaml.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/arena.h"
#include "tests/support/test.h"

/*
 * One document in YAML per line, and what sigs.k8s.io/yaml v1.4.0, eksctl's reader, makes of it. Made by yaml.go beside it.
 */
#define GOLDEN "tests/unit/golden/yaml.jsonl"

static struct irsa_arena *arena;
static struct irsa_error err;

#define DOCUMENTS_MAX 8

struct stream {
    const struct irsa_json *documents[DOCUMENTS_MAX];
    size_t count, stop_after;
};

static bool keep(void *self, const struct irsa_json *root, struct irsa_error *out_err) {
    struct stream *stream = self;
    stream->documents[stream->count++] = root;
    if (stream->count == stream->stop_after) {
        out_err->code = IRSA_CODE_CONFLICT;
        return false;
    }
    return true;
}

static bool read_bytes(const char *yaml, size_t length, struct stream *stream) {
    *stream = (struct stream){0};
    return irsa_yaml_read(arena, yaml, length, keep, stream, &err);
}

static bool read_text(const char *yaml, struct stream *stream) {
    return read_bytes(yaml, strlen(yaml), stream);
}

/* The only document as compact JSON. */
static const char *json_of(const char *yaml) {
    struct stream stream;
    if (!read_text(yaml, &stream))
        fail_msg("%s: %u:%u: %s", yaml, err.line, err.column, err.message);
    return stream.count == 0 ? "null" : irsa_json_to_text(arena, stream.documents[0]);
}

static const struct irsa_json *parse(const char *json, size_t length) {
    const struct irsa_json_limits limits = {1 << 20, 64};
    const struct irsa_json *value;
    assert_ok(irsa_json_parse(arena, json, length, limits, &value, &err), err);
    return value;
}

/* Equal, numbers by their value: Go writes what it has computed. */
static bool is_same(const struct irsa_json *ours, const struct irsa_json *theirs) {
    if (ours->kind != theirs->kind || ours->count != theirs->count)
        return false;
    if (ours->kind == IRSA_JSON_NUMBER)
        return strtod(ours->text, NULL) == strtod(theirs->text, NULL);
    if (ours->kind == IRSA_JSON_STRING)
        return strcmp(ours->text, theirs->text) == 0;
    const struct irsa_json *b = theirs->first;
    for (const struct irsa_json *a = ours->first; a != NULL; a = a->next, b = b->next) {
        const struct irsa_json *other = ours->kind == IRSA_JSON_OBJECT ? irsa_json_get(theirs, a->key) : b;
        if (other == NULL || !is_same(a, other))
            return false;
    }
    return true;
}

static void check_golden(const struct irsa_json *row) {
    const char *yaml = irsa_json_get_text(row, "yaml");
    const struct irsa_json *wanted = irsa_json_get(row, "json");
    struct stream stream;
    bool is_read = read_text(yaml, &stream);
    if (wanted == NULL) {
        if (is_read)
            fail_msg("%s is read as %s", yaml, json_of(yaml));
        assert_in_range(err.line, 1, 100);
        assert_in_range(err.column, 1, 1000);
        return;
    }
    if (!is_read)
        fail_msg("%s: %s", yaml, err.message);
    /* what we write is JSON, too */
    const char *text = json_of(yaml);
    if (!is_same(parse(text, strlen(text)), wanted))
        fail_msg("%s is read as %s, not %s", yaml, text, irsa_json_to_text(arena, wanted));
}

static void documents_are_read_as_eksctls_reader_reads_them(void **state) {
    (void)state;
    FILE *file = fopen(GOLDEN, "r");
    assert_non_null(file);
    char line[4096];
    size_t count = 0;
    for (; fgets(line, sizeof line, file) != NULL; count++) {
        check_golden(parse(line, strlen(line)));
        irsa_arena_clear(arena);
    }
    fclose(file);
    assert_in_range(count, 350, 1000);
}

static void numbers_keep_their_digits(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"111122223333", "111122223333"},
        {"1.50", "1.50"},
        {"0.10", "0.10"},
        {"1E3", "1E3"},
        {"-0", "0"},
        {"-0.0", "-0.0"},
        {"+7", "7"},
        {"08.50", "8.50"},
        {".5", "0.5"},
        {"5.", "5"},
        {"-.5e3", "-0.5e3"},
        {"5.e3", "5e3"},
        {"0x1F", "31"},
        {"010", "8"},
        {"1_000", "1000"},
        {"123456789012345678901234567890", "123456789012345678901234567890"},
        {"18446744073709551615", "18446744073709551615"},
        {"-9223372036854775808", "-9223372036854775808"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(json_of(cases[i][0]), cases[i][1]);
}

static void what_json_cannot_write_is_refused(void **state) {
    (void)state;
    static const char *const cases[] = {".nan", "-.inf", "0xfffffffffffffffffff", "!!float .inf"};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct stream stream;
        assert_false(read_text(cases[i], &stream));
        assert_code(err, SCHEMA);
        assert_non_null(strstr(err.message, "put it in quotes"));
    }
}

static void values_and_keys_know_where_they_stand(void **state) {
    (void)state;
    struct stream stream;
    assert_true(read_text("# a comment\nmetadata:\n  name: c\n  tags: {a: 'b', ü: c}\nlist:\n- x\n", &stream));
    const struct irsa_json *root = stream.documents[0];
    const struct {
        const char *pointer;
        unsigned line, column, key_line, key_column;
    } cases[] = {
        {"/metadata", 3, 3, 2, 1},
        {"/metadata/name", 3, 9, 3, 3},
        {"/metadata/tags", 4, 9, 4, 3},
        {"/metadata/tags/a", 4, 13, 4, 10},
        {"/metadata/tags/ü", 4, 21, 4, 18},
        {"/list", 6, 1, 5, 1},
        {"/list/0", 6, 3, 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct irsa_json *value = irsa_json_at(root, cases[i].pointer);
        assert_non_null(value);
        assert_int_equal(value->line, cases[i].line);
        assert_int_equal(value->column, cases[i].column);
        assert_int_equal(value->key_line, cases[i].key_line);
        assert_int_equal(value->key_column, cases[i].key_column);
    }
}

static void a_merge_key_adds_what_is_not_there_wherever_it_stands(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"b: &b {x: 1, w: 2}\nd: {w: 3, <<: *b}\n", "{\"b\":{\"x\":1,\"w\":2},\"d\":{\"w\":3,\"x\":1}}"},
        {"b: &b {x: 1}\nc: &c {x: 2, z: 3}\nd: {<<: *b, <<: *c}\n",
         "{\"b\":{\"x\":1},\"c\":{\"x\":2,\"z\":3},\"d\":{\"x\":1,\"z\":3}}"},
        {"d: {<<: [], a: 1}\n", "{\"d\":{\"a\":1}}"},
        {"d: {<<: {a: {b: c}}, e: f}\n", "{\"d\":{\"e\":\"f\",\"a\":{\"b\":\"c\"}}}"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(json_of(cases[i][0]), cases[i][1]);
    static const char *const wrong[] = {"a: {<<: 1}\n", "a: {<<: [1]}\n", "x: &x [a]\na: {<<: *x}\n", "a:\n  <<:\n"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct stream stream;
        assert_false(read_text(wrong[i], &stream));
        assert_code(err, SCHEMA);
        assert_non_null(strstr(err.message, "merge key"));
    }
}

static void merging_many_keys_is_the_same_as_merging_few(void **state) {
    (void)state;
    struct irsa_text text;
    irsa_text_init(&text, arena, SIZE_MAX);
    irsa_text_add(&text, "base: &b {");
    for (int i = 0; i < 100; i++)
        irsa_text_addf(&text, "%sk%d: base", i == 0 ? "" : ", ", i);
    irsa_text_add(&text, "}\nd:\n  <<: *b\n");
    for (int i = 50; i < 150; i++)
        irsa_text_addf(&text, "  k%d: own\n", i);
    struct stream stream;
    assert_true(read_text(text.at, &stream));
    const struct irsa_json *d = irsa_json_get(stream.documents[0], "d");
    assert_int_equal(d->count, 150);
    assert_string_equal(irsa_json_get_text(d, "k49"), "base");
    assert_string_equal(irsa_json_get_text(d, "k50"), "own");
    assert_string_equal(irsa_json_get_text(d, "k149"), "own");
    assert_int_equal(irsa_json_get(stream.documents[0], "base")->count, 100);
}

/* Text, the place, the pointer, and words that the message must have. */
struct fault {
    const char *yaml;
    enum irsa_code code;
    unsigned line, column;
    const char *at;
    const char *words;
};

static void check_faults(const struct fault *faults, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct stream stream;
        const struct fault *fault = &faults[i];
        if (read_text(fault->yaml, &stream))
            fail_msg("%s is read", fault->yaml);
        if (err.code != fault->code || err.line != fault->line || err.column != fault->column ||
            strcmp(err.at, fault->at) != 0 || strstr(err.message, fault->words) == NULL)
            fail_msg("%s\nwanted %s %u:%u %s %s\ngot %s %u:%u %s %s", fault->yaml, irsa_code_name(fault->code),
                     fault->line, fault->column, fault->at, fault->words, irsa_code_name(err.code), err.line,
                     err.column, err.at, err.message);
    }
}

static void repeated_keys_are_refused_with_both_lines(void **state) {
    (void)state;
    static const struct fault faults[] = {
        {"a: 1\nb: 2\na: 3\n", IRSA_CODE_SCHEMA, 3, 1, "/a", "the key \"a\" is repeated; it is in line 1 already"},
        {"x:\n- z: {k/1: 1,\n   k/1: 2}\n", IRSA_CODE_SCHEMA, 3, 4, "/x/0/z/k~11", "in line 2 already"},
        {"1: a\n'1': b\n", IRSA_CODE_SCHEMA, 2, 1, "/1", "\"1\" is repeated"},
        {"{\"a\": 1, \"a\": 2}", IRSA_CODE_SCHEMA, 1, 10, "/a", "repeated"},
    };
    check_faults(faults, COUNT_OF(faults));
    struct irsa_text text;
    struct stream one_line;
    irsa_text_init(&text, arena, SIZE_MAX);
    irsa_text_add(&text, "{k7: v");
    for (int i = 20; i > 0; i--)
        irsa_text_addf(&text, ", k%d: v", i);
    irsa_text_add(&text, "}");
    assert_false(read_text(text.at, &one_line));
    assert_int_equal(err.column, strstr(text.at, ", k7") + 2 - text.at + 1);
    irsa_text_clear(&text);
    for (int i = 0; i < 1000; i++)
        irsa_text_addf(&text, "k%d: v\n", i * 7 % 1000);
    struct stream stream;
    assert_true(read_text(text.at, &stream));
    irsa_text_add(&text, "k7: w\n");
    assert_false(read_text(text.at, &stream));
    assert_int_equal(err.line, 1001);
    assert_non_null(strstr(err.message, "line 2 already"));
}

static void faults_are_told_with_their_place_and_in_plain_words(void **state) {
    (void)state;
    static const struct fault faults[] = {
        {"iam:\n\twithOIDC: true\n", IRSA_CODE_SCHEMA, 2, 1, "", "a tab cannot indent in YAML; use spaces"},
        {"iam:\n  a: 1\n \t b: 2\n", IRSA_CODE_SCHEMA, 3, 2, "", "a tab cannot indent"},
        {"a: [b,\nc: d\n", IRSA_CODE_SCHEMA, 3, 1, "", "did not find expected ',' or ']'"},
        {"a:\n  - b\n c: d\n", IRSA_CODE_SCHEMA, 3, 2, "", "that begins in line"},
        {"a: \"\\q\"\n", IRSA_CODE_SCHEMA, 1, 5, "", "found unknown escape character, while parsing a quoted scalar"},
        {"a: *b\n", IRSA_CODE_SCHEMA, 1, 4, "/a", "there is no anchor &b before"},
        {"a: &x\n- b\n- *x\n", IRSA_CODE_SCHEMA, 3, 3, "/a/1", "stands within what it stands for"},
        {"a:\n  - {b: !custom c}\n", IRSA_CODE_SCHEMA, 2, 9, "/a/0/b", "the tag !custom is not read here"},
        {"a: !!binary aGVsbG8=\n", IRSA_CODE_SCHEMA, 1, 4, "/a", "the tag !!binary is not read here"},
        {"a: !!set {b}\n", IRSA_CODE_SCHEMA, 1, 4, "/a", "is not read here"},
        {"a: !x [b]\n", IRSA_CODE_SCHEMA, 1, 4, "/a", "!x is not read here"},
        {"a: !!int b\n", IRSA_CODE_SCHEMA, 1, 4, "/a", "\"b\" is no !!int"},
        {"? [a]\n: b\n", IRSA_CODE_SCHEMA, 1, 3, "", "a key must be a single word or text"},
        {"a: &x [1]\n*x : b\n", IRSA_CODE_SCHEMA, 2, 1, "", "a key must be a single word or text"},
        {"~: b\n", IRSA_CODE_SCHEMA, 1, 1, "", "a key must not be null"},
        {"a: \"b\\0c\"\n", IRSA_CODE_SCHEMA, 1, 4, "/a", "NUL"},
        {"a: b\n\xff\n", IRSA_CODE_SCHEMA, 2, 1, "", "not UTF-8"},
        {"a: b\nc: \x01\n", IRSA_CODE_SCHEMA, 2, 4, "", "control characters"},
    };
    check_faults(faults, COUNT_OF(faults));
    struct stream stream;
    assert_false(read_bytes("a: b\n\0c", 7, &stream));
    assert_code(err, SCHEMA);
    assert_int_equal(err.line, 2);
}

static void every_document_of_a_stream_is_told_on_its_own(void **state) {
    (void)state;
    struct stream stream;
    assert_true(read_text("---\na: &x 1\n---\n---\n# nothing\n---\nb: 2\n...\n---\n- c\n", &stream));
    assert_int_equal(stream.count, 5);
    assert_string_equal(irsa_json_to_text(arena, stream.documents[0]), "{\"a\":1}");
    assert_int_equal(stream.documents[1]->kind, IRSA_JSON_NULL);
    assert_int_equal(stream.documents[2]->kind, IRSA_JSON_NULL);
    assert_string_equal(irsa_json_to_text(arena, stream.documents[4]), "[\"c\"]");
    assert_false(read_text("a: &x 1\n---\nb: *x\n", &stream));
    assert_non_null(strstr(err.message, "no anchor"));
    stream = (struct stream){.stop_after = 2};
    assert_false(irsa_yaml_read(arena, "1\n---\n2\n---\n3\n", 14, keep, &stream, &err));
    assert_code(err, CONFLICT);
    assert_int_equal(stream.count, 2);
}

static void a_bare_exclamation_mark_is_the_tag_of_what_stands_there(void **state) {
    (void)state;
    assert_string_equal(json_of("a: ! [b]\nc: ! {d: e}\nf: ! 7\n"), "{\"a\":[\"b\"],\"c\":{\"d\":\"e\"},\"f\":\"7\"}");
    assert_string_equal(json_of("a: !!seq [b]\nc: !!map {d: e}\nf: !!timestamp 2012-10-17\n"),
                        "{\"a\":[\"b\"],\"c\":{\"d\":\"e\"},\"f\":\"2012-10-17\"}");
}

static void json_is_read_as_json(void **state) {
    (void)state;
    assert_string_equal(json_of(" {\"a\": \"\\ud83d\\ude80\",\t\"b\": [true]}"),
                        "{\"a\":\"\xf0\x9f\x9a\x80\",\"b\":[true]}");
    assert_string_equal(json_of("\n{\n\t\"a\": \"\\u20ac\\/\"\n}\n"), "{\"a\":\"\xe2\x82\xac/\"}");
    assert_string_equal(json_of("\xEF\xBB\xBF{\"a\": \"\\ud83d\\ude80\"}"), "{\"a\":\"\xf0\x9f\x9a\x80\"}");
    assert_string_equal(json_of("\xEF\xBB\xBF"
                                "a: 1"),
                        "{\"a\":1}");
}

/* "a: &a [x, x, …]", then each list has the one before `fan` times. */
static const char *bomb(unsigned lists, unsigned fan) {
    struct irsa_text text;
    irsa_text_init(&text, arena, SIZE_MAX);
    irsa_text_add(&text, "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (unsigned i = 1; i < lists; i++) {
        irsa_text_addf(&text, "l%u: &l%u [", i, i);
        for (unsigned j = 0; j < fan; j++)
            irsa_text_addf(&text, "%s*l%u", j == 0 ? "" : ", ", i - 1);
        irsa_text_add(&text, "]\n");
    }
    return text.at;
}

static void an_alias_bomb_is_too_large_and_costs_nothing(void **state) {
    (void)state;
    struct stream stream;
    assert_true(read_text(bomb(5, 10), &stream)); /* about 122,000 values */
    irsa_arena_clear(arena);
    const char *yaml = bomb(40, 10);
    size_t before = irsa_arena_used(arena);
    assert_false(read_text(yaml, &stream));
    assert_code(err, TOO_LARGE);
    assert_int_equal(err.line, 6);
    assert_non_null(strstr(err.message, "aliases are expanded"));
    assert_in_range(irsa_arena_used(arena) - before, 0, 100000);
}

static void nesting_is_bounded_also_through_aliases(void **state) {
    (void)state;
    for (unsigned depth = IRSA_YAML_MAX_DEPTH; depth <= IRSA_YAML_MAX_DEPTH + 1; depth++) {
        struct irsa_text flow;
        struct stream stream;
        irsa_text_init(&flow, arena, SIZE_MAX);
        irsa_text_add(&flow, "- ");
        for (unsigned i = 1; i < depth; i++)
            irsa_text_add(&flow, "[");
        for (unsigned i = 1; i < depth; i++)
            irsa_text_add(&flow, "]");
        bool is_read = read_text(flow.at, &stream);
        assert_int_equal(is_read, depth <= IRSA_YAML_MAX_DEPTH);

        /* list n has list n - 1: its depth is n + 1, and the mapping is one more */
        is_read = read_text(bomb(depth - 1, 1), &stream);
        assert_int_equal(is_read, depth <= IRSA_YAML_MAX_DEPTH);
        if (!is_read)
            assert_code(err, TOO_LARGE);
    }
}

static void a_file_of_more_than_4_mib_is_too_large(void **state) {
    (void)state;
    struct stream stream;
    char *spaces = irsa_arena_alloc(arena, IRSA_YAML_MAX_BYTES + 1);
    memset(spaces, '\n', IRSA_YAML_MAX_BYTES + 1);
    spaces[0] = '7';
    assert_true(read_bytes(spaces, IRSA_YAML_MAX_BYTES, &stream));
    assert_false(read_bytes(spaces, IRSA_YAML_MAX_BYTES + 1, &stream));
    assert_code(err, TOO_LARGE);
}

static void many_values_are_too_many_per_document_and_not_per_stream(void **state) {
    (void)state;
    struct irsa_text text;
    struct stream stream;
    irsa_text_init(&text, arena, SIZE_MAX);
    for (int document = 0; document < 2; document++) {
        irsa_text_add(&text, "---\n");
        for (int i = 0; i < IRSA_YAML_MAX_NODES - 1; i++)
            irsa_text_add(&text, "- x\n");
    }
    assert_true(read_text(text.at, &stream));
    irsa_text_add(&text, "- x\n");
    assert_false(read_text(text.at, &stream));
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(documents_are_read_as_eksctls_reader_reads_them),
        TEST(numbers_keep_their_digits),
        TEST(what_json_cannot_write_is_refused),
        TEST(values_and_keys_know_where_they_stand),
        TEST(a_merge_key_adds_what_is_not_there_wherever_it_stands),
        TEST(merging_many_keys_is_the_same_as_merging_few),
        TEST(repeated_keys_are_refused_with_both_lines),
        TEST(faults_are_told_with_their_place_and_in_plain_words),
        TEST(every_document_of_a_stream_is_told_on_its_own),
        TEST(a_bare_exclamation_mark_is_the_tag_of_what_stands_there),
        TEST(json_is_read_as_json),
        TEST(an_alias_bomb_is_too_large_and_costs_nothing),
        TEST(nesting_is_bounded_also_through_aliases),
        TEST(a_file_of_more_than_4_mib_is_too_large),
        TEST(many_values_are_too_many_per_document_and_not_per_stream),
    };
    return RUN_TESTS("YAML");
}
