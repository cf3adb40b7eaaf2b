#include "core/contract/ids.h"

#include <stdio.h>

#include "core/contract/mark.h"
#include "tests/support/test.h"

/*
 * The expected ids are Python's: hashlib.sha256(b"final\0" + source + b"\0" + id + b"\0" + replays + b"\0"), its first 16
 * bytes with uuid's version 8. tests/component/test_contract.py compares many more.
 */
static void a_final_id_is_made_of_source_id_and_replays(void **state) {
    (void)state;
    char id[IRSA_UUID_BYTES];
    irsa_final_id("urn:irsa:irsactl", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071", 0, id);
    assert_string_equal(id, "81be8162-92f3-81de-86f9-6b5d00845f98");
    irsa_final_id("urn:irsa:irsactl", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071", 1, id);
    assert_string_equal(id, "cd145e88-1155-8b06-a43d-b098dfe6c74c");
}

static void a_retrying_id_has_the_attempt_in_it_too(void **state) {
    (void)state;
    char id[IRSA_UUID_BYTES];
    irsa_retrying_id("urn:irsa:irsactl", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071", 0, 2, id);
    assert_string_equal(id, "89261ac8-a81e-8472-8262-05ec397345f3");
}

static void fields_do_not_run_into_each_other(void **state) {
    (void)state;
    char a[IRSA_UUID_BYTES], b[IRSA_UUID_BYTES];
    irsa_final_id("ab", "c", 0, a);
    irsa_final_id("a", "bc", 0, b);
    assert_string_not_equal(a, b);
    irsa_final_id("a", "b1", 2, a);
    irsa_final_id("a", "b", 12, b);
    assert_string_not_equal(a, b);
}

static void ids_of_requests_are_version_7_and_begin_with_their_time(void **state) {
    (void)state;
    char a[IRSA_UUID_BYTES], b[IRSA_UUID_BYTES];
    irsa_uuid7(0x0123456789ABLL, a);
    irsa_uuid7(0x0123456789ABLL, b);
    assert_memory_equal(a, "01234567-89ab-7", 15);
    assert_true(strchr("89ab", a[19]) != NULL);
    assert_int_equal(strlen(a), IRSA_UUID_BYTES - 1);
    assert_string_not_equal(a, b);
    irsa_uuid7(0x0123456789ACLL, b);
    assert_true(strcmp(a, b) < 0);
}

static void a_mark_is_read_as_it_was_written(void **state) {
    (void)state;
    struct irsa_arena *arena = irsa_arena_new();
    static const struct irsa_mark marks[] = {
        {"irsa.requests", 3, 4711, 1764000000123},
        {"a", 0, 0, 0},
        {"t", INT32_MAX, INT64_MAX, INT64_MAX},
        {"t", 1, 2, INT64_MIN},
    };
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        struct irsa_mark mark;
        assert_true(irsa_mark_parse(arena, irsa_mark_format(arena, &marks[i]), &mark));
        assert_string_equal(mark.topic, marks[i].topic);
        assert_int_equal(mark.partition, marks[i].partition);
        assert_int_equal(mark.offset, marks[i].offset);
        assert_int_equal(mark.timestamp_ms, marks[i].timestamp_ms);
    }
    assert_string_equal(irsa_mark_format(arena, &marks[0]), "irsa.requests/3/4711/1764000000123");
    irsa_arena_free(arena);
}

static void what_is_no_mark_is_not_read(void **state) {
    (void)state;
    struct irsa_arena *arena = irsa_arena_new();
    char long_topic[300];
    memset(long_topic, 't', 250);
    memcpy(long_topic + 250, "/1/2/3", 7);
    const char *const texts[] = {
        "",
        "t",
        "t/",
        "t/1/2",
        "t/1/2/",
        "t/1/2/3/",
        "t/1/2/3/4",
        "/1/2/3",
        "t/x/2/3",
        "t/1/2/x",
        "t/-1/2/3",
        "t/1/-2/3",
        "t/2147483648/2/3",
        "t/1/9223372036854775808/3",
        "t/1/2/3 ",
        "t//2/3",
        "t/1/000000000000000000000000002/3",
        long_topic,
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct irsa_mark mark;
        if (irsa_mark_parse(arena, texts[i], &mark))
            fail_msg("\"%s\" is read as a mark", texts[i]);
    }
    irsa_arena_free(arena);
}

static void only_a_lower_offset_of_the_same_partition_not_later_in_time_is_older(void **state) {
    (void)state;
    static const struct irsa_mark found = {"t", 1, 10, 1000};
    static const struct {
        struct irsa_mark request;
        bool is_older;
    } cases[] = {
        {{"t", 1, 9, 999}, true},   {{"t", 1, 9, 1000}, true}, {{"t", 1, 9, 1001}, false}, {{"t", 1, 10, 999}, false},
        {{"t", 1, 11, 999}, false}, {{"t", 2, 9, 999}, false}, {{"u", 1, 9, 999}, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(irsa_mark_is_older(&cases[i].request, &found), cases[i].is_older);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_final_id_is_made_of_source_id_and_replays),
        cmocka_unit_test(a_retrying_id_has_the_attempt_in_it_too),
        cmocka_unit_test(fields_do_not_run_into_each_other),
        cmocka_unit_test(ids_of_requests_are_version_7_and_begin_with_their_time),
        cmocka_unit_test(a_mark_is_read_as_it_was_written),
        cmocka_unit_test(what_is_no_mark_is_not_read),
        cmocka_unit_test(only_a_lower_offset_of_the_same_partition_not_later_in_time_is_older),
    };
    return RUN_TESTS("ids and marks");
}
