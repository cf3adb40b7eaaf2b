/*
 * Our reader against cJSON, which shares nothing with it: both accept generated documents and see the same in them,
 * and of damaged ones we accept none that cJSON refuses. The seed is printed; IRSA_TEST_SEED repeats a run.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "tests/support/test.h"

#define DOCUMENTS 6000

static uint64_t seed = 20261124;
static struct irsa_arena *arena;

static unsigned below(unsigned bound) {
    return (unsigned)(test_random(&seed) % bound);
}

static void add_space(struct irsa_text *out) {
    static const char *const spaces[] = {"", "", "", "", " ", "\n", "\t", "\r\n", "   "};
    irsa_text_add(out, spaces[below(COUNT_OF(spaces))]);
}

static void add_string(struct irsa_text *out, unsigned unique) {
    static const char *const pieces[] = {"a",       "bc",   "12345678", " ",   "é",       "€",       "😀",
                                         "\\n",     "\\\"", "\\\\",     "\\/", "\\u00e9", "\\u0041", "\\ud83d\\ude00",
                                         "\\u0001", "\x7f", "{",        "[",   ",",       ":",       "//"};
    irsa_text_add_char(out, '"');
    for (unsigned count = below(6); count > 0; count--)
        irsa_text_add(out, pieces[below(COUNT_OF(pieces))]);
    if (unique > 0)
        irsa_text_addf(out, "#%u", unique);
    irsa_text_add_char(out, '"');
}

static void add_number(struct irsa_text *out) {
    static const char *const numbers[] = {
        "0", "-0", "7", "-12", "3.25", "-0.5", "1e3", "2E-2", "9007199254740991", "6.02e+23", "0.1"};
    irsa_text_add(out, numbers[below(COUNT_OF(numbers))]);
}

static void add_value(struct irsa_text *out, unsigned depth) {
    unsigned kind = below(depth < 6 ? 8 : 5);
    add_space(out);
    if (kind < 2) {
        add_string(out, 0);
    } else if (kind < 4) {
        add_number(out);
    } else if (kind == 4) {
        static const char *const names[] = {"true", "false", "null"};
        irsa_text_add(out, names[below(3)]);
    } else {
        bool is_object = kind == 5;
        irsa_text_add_char(out, is_object ? '{' : '[');
        unsigned count = below(10) == 0 ? below(60) : below(6);
        for (unsigned i = 0; i < count; i++) {
            if (i > 0)
                irsa_text_add_char(out, ',');
            add_space(out);
            if (is_object) {
                add_string(out, i + 1);
                add_space(out);
                irsa_text_add_char(out, ':');
            }
            add_value(out, depth + 1);
        }
        add_space(out);
        irsa_text_add_char(out, is_object ? '}' : ']');
    }
    add_space(out);
}

static bool is_same(const struct irsa_json *ours, const cJSON *theirs);

static bool are_children_same(const struct irsa_json *ours, const cJSON *theirs) {
    const struct irsa_json *left = ours->first;
    const cJSON *right = theirs->child;
    unsigned count = 0;
    for (; left != NULL && right != NULL; left = left->next, right = right->next, count++) {
        if (!irsa_text_equal(left->key, right->string) || !is_same(left, right))
            return false;
    }
    return left == NULL && right == NULL && count == ours->count;
}

static bool is_same(const struct irsa_json *ours, const cJSON *theirs) {
    switch (ours->kind) {
    case IRSA_JSON_NULL:
        return cJSON_IsNull(theirs);
    case IRSA_JSON_FALSE:
        return cJSON_IsFalse(theirs);
    case IRSA_JSON_TRUE:
        return cJSON_IsTrue(theirs);
    case IRSA_JSON_NUMBER:
        return cJSON_IsNumber(theirs) && strtod(ours->text, NULL) == theirs->valuedouble;
    case IRSA_JSON_STRING:
        return cJSON_IsString(theirs) && ours->text_length == strlen(theirs->valuestring) &&
               strcmp(ours->text, theirs->valuestring) == 0;
    case IRSA_JSON_ARRAY:
        return cJSON_IsArray(theirs) && are_children_same(ours, theirs);
    case IRSA_JSON_OBJECT:
        return cJSON_IsObject(theirs) && are_children_same(ours, theirs);
    }
    return false;
}

static const struct irsa_json *parse(const char *text, size_t length) {
    struct irsa_error err;
    const struct irsa_json *value;
    struct irsa_json_limits limits = {.max_bytes = 1 << 20, .max_depth = 32};
    return irsa_json_parse(arena, text, length, limits, &value, &err) ? value : NULL;
}

static void both_readers_see_the_same(void **state) {
    (void)state;
    for (int i = 0; i < DOCUMENTS; i++) {
        struct irsa_text text;
        irsa_text_init(&text, arena, SIZE_MAX);
        add_value(&text, 0);
        const struct irsa_json *ours = parse(text.at, text.length);
        cJSON *theirs = cJSON_ParseWithLengthOpts(text.at, text.length + 1, NULL, 1);
        if (ours == NULL || theirs == NULL)
            fail_msg("%s is refused by %s", text.at, ours == NULL ? "us" : "cJSON");
        if (!is_same(ours, theirs))
            fail_msg("%s is seen differently", text.at);
        const char *rewritten = irsa_json_to_text(arena, ours);
        if (!irsa_json_equal(ours, parse(rewritten, strlen(rewritten))))
            fail_msg("%s is rewritten as %s", text.at, rewritten);
        cJSON_Delete(theirs);
        irsa_arena_clear(arena);
    }
}

/* One random byte changed, put in or taken out. */
static size_t damage(char *text, size_t length) {
    static const char bytes[] = "{}[],:\"\\0123456789.eE+-truefalsn \n\t\x01\x7f\x80\xc3\xff/u";
    size_t at = below((unsigned)length);
    switch (below(3)) {
    case 0:
        text[at] = bytes[below(sizeof bytes - 1)];
        return length;
    case 1:
        memmove(text + at + 1, text + at, length - at);
        text[at] = bytes[below(sizeof bytes - 1)];
        return length + 1;
    default:
        memmove(text + at, text + at + 1, length - at - 1);
        return length - 1;
    }
}

static void we_accept_nothing_that_the_other_refuses(void **state) {
    (void)state;
    unsigned accepted = 0;
    for (int i = 0; i < DOCUMENTS; i++) {
        struct irsa_text text;
        irsa_text_init(&text, arena, SIZE_MAX);
        add_value(&text, 0);
        char *damaged = irsa_arena_copy_bytes(arena, text.at, text.length + 1);
        size_t length = damage(damaged, text.length);
        damaged[length] = '\0';
        const struct irsa_json *ours = parse(damaged, length);
        if (ours != NULL) {
            cJSON *theirs = cJSON_ParseWithLengthOpts(damaged, length + 1, NULL, 1);
            if (theirs == NULL || !is_same(ours, theirs))
                fail_msg("%s is %s", damaged, theirs == NULL ? "refused by cJSON" : "seen differently");
            cJSON_Delete(theirs);
            accepted++;
        }
        irsa_arena_clear(arena);
    }
    assert_in_range(accepted, DOCUMENTS / 20, DOCUMENTS - DOCUMENTS / 20);
}

static void we_are_stricter_where_readers_disagree(void **state) {
    (void)state;
    static const char *const documents[] = {
        "{\"a\":1,\"a\":2}", /* one of them would be lost */
        "\xef\xbb\xbf{}",    /* a byte order mark */
        "\"\xff\"",          /* no UTF-8 */
        "\"\xed\xa0\x80\"",  /* a surrogate in UTF-8 */
        "\"a\nb\"",          /* a control character */
        "01",                /* a number with a leading zero */
        "1.",                /* a number without a fraction */
        "[1]\x0b",           /* white space that is none */
    };
    for (size_t i = 0; i < COUNT_OF(documents); i++) {
        cJSON *theirs = cJSON_ParseWithOpts(documents[i], NULL, 1);
        if (theirs == NULL)
            fail_msg("cJSON refuses case %zu too", i);
        cJSON_Delete(theirs);
        assert_null(parse(documents[i], strlen(documents[i])));
    }
}

int main(void) {
    const char *given = getenv("IRSA_TEST_SEED");
    if (given != NULL)
        seed = strtoull(given, NULL, 10);
    print_message("seed %llu\n", (unsigned long long)seed);
    arena = irsa_arena_new();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_readers_see_the_same),
        cmocka_unit_test(we_accept_nothing_that_the_other_refuses),
        cmocka_unit_test(we_are_stricter_where_readers_disagree),
    };
    int failed = RUN_TESTS("an independent reader agrees with ours");
    irsa_arena_free(arena);
    return failed;
}
