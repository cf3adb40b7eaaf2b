#include "core/base/arena.h"
#include "core/contract/event.h"
#include "core/contract/result.h"
#include "tests/support/test.h"

static struct irsa_arena *arena;

static const struct irsa_result_context context = {.dead_letters_topic = "irsa.dead-letters",
                                                   .group_id = "irsa-workers"};

static struct irsa_result a_result(void) {
    struct irsa_result result = {.attempt = 5};
    irsa_error_set(&result.error, IRSA_CODE_QUOTA, "the account has 1,000 of 1,000 roles");
    return result;
}

static const char value[] = "any\0bytes\xff";
static const struct irsa_header headers[] = {
    {"x-team", "payments", 8}, {"x-empty", NULL, 0}, {"x-binary", "\0\xff", 2}, {"x-team", "again", 5}};

static struct irsa_record a_record(void) {
    return (struct irsa_record){.topic = "irsa.requests",
                                .partition = 3,
                                .offset = 4711,
                                .timestamp_ms = 1,
                                .key = "k\0",
                                .key_length = 2,
                                .value = value,
                                .value_length = sizeof value,
                                .headers = headers,
                                .header_count = COUNT_OF(headers)};
}

static const char *text(const struct irsa_record *record, const char *name) {
    return irsa_record_header_text(arena, record, name);
}

static void key_value_and_headers_stay_as_they_came(void **state) {
    (void)state;
    struct irsa_record record = a_record(), letter;
    struct irsa_result result = a_result();
    irsa_dead_letter_encode(arena, &record, &result, &context, &letter);
    assert_string_equal(letter.topic, "irsa.dead-letters");
    assert_int_equal(letter.partition, -1);
    assert_int_equal(letter.key_length, 2);
    assert_memory_equal(letter.key, "k\0", 2);
    assert_int_equal(letter.value_length, sizeof value);
    assert_memory_equal(letter.value, value, sizeof value);
    assert_int_equal(letter.header_count, COUNT_OF(headers) + 7);
    assert_memory_equal(letter.headers, headers, sizeof headers);
}

static void the_reason_is_in_text_headers(void **state) {
    (void)state;
    struct irsa_record record = a_record(), letter;
    struct irsa_result result = a_result();
    irsa_dead_letter_encode(arena, &record, &result, &context, &letter);
    assert_string_equal(text(&letter, "__dlq.errors.topic"), "irsa.requests");
    assert_string_equal(text(&letter, "__dlq.errors.partition"), "3");
    assert_string_equal(text(&letter, "__dlq.errors.offset"), "4711");
    assert_string_equal(text(&letter, "__dlq.errors.group"), "irsa-workers");
    assert_string_equal(text(&letter, "__dlq.errors.message"), "the account has 1,000 of 1,000 roles");
    assert_string_equal(text(&letter, "irsa_error_code"), "quota");
    assert_string_equal(text(&letter, "irsa_attempts"), "5");
    result.error.message[0] = '\0';
    irsa_dead_letter_encode(arena, &record, &result, &context, &letter);
    assert_string_equal(text(&letter, "__dlq.errors.message"), "a quota of the account is used up");
}

static void a_letter_that_fails_again_does_not_pile_up_reasons(void **state) {
    (void)state;
    struct irsa_record record = a_record(), letter, cut, again;
    struct irsa_result result = a_result();
    irsa_dead_letter_encode(arena, &record, &result, &context, &letter);
    irsa_dead_letter_truncate(arena, &letter, &cut);
    irsa_error_set(&result.error, IRSA_CODE_SCHEMA, "another reason");
    irsa_dead_letter_encode(arena, &cut, &result, &context, &again);
    assert_int_equal(again.header_count, letter.header_count);
    assert_string_equal(text(&again, "__dlq.errors.message"), "another reason");
    assert_string_equal(text(&again, "irsa_error_code"), "schema");
    assert_null(text(&again, "irsa_truncated"));
    assert_string_equal(text(&again, "x-team"), "again");
}

static void a_letter_that_no_broker_takes_is_cut_to_64_kib(void **state) {
    (void)state;
    struct irsa_record record = a_record(), letter, cut;
    struct irsa_result result = a_result();
    record.value = irsa_arena_alloc(arena, 100000);
    record.value_length = 100000;
    irsa_dead_letter_encode(arena, &record, &result, &context, &letter);
    irsa_dead_letter_truncate(arena, &letter, &cut);
    assert_int_equal(cut.value_length, 65536);
    assert_ptr_equal(cut.value, record.value);
    assert_string_equal(text(&cut, "irsa_truncated"), "100000");
    assert_int_equal(cut.header_count, letter.header_count + 1);
    record.value_length = 65536;
    irsa_dead_letter_truncate(arena, &record, &cut);
    assert_int_equal(cut.value_length, 65536);
}

static void a_tombstone_without_headers_can_be_a_letter_too(void **state) {
    (void)state;
    struct irsa_record record = {.topic = "t", .partition = 0, .offset = 0}, letter;
    struct irsa_result result = a_result();
    irsa_dead_letter_encode(arena, &record, &result, &context, &letter);
    assert_null(letter.value);
    assert_null(letter.key);
    assert_int_equal(letter.header_count, 7);
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
        TEST(key_value_and_headers_stay_as_they_came),
        TEST(the_reason_is_in_text_headers),
        TEST(a_letter_that_fails_again_does_not_pile_up_reasons),
        TEST(a_letter_that_no_broker_takes_is_cut_to_64_kib),
        TEST(a_tombstone_without_headers_can_be_a_letter_too),
    };
    return RUN_TESTS("dead letters");
}
