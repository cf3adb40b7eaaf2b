#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "tests/support/seed.h"
#include "tests/support/test.h"
#include "worker/engine/cancels.h"

#define DAY_MS INT64_C(86400000)
#define NOW_MS INT64_C(1764000000000)

static struct irsa_cancels *cancels;

static struct irsa_control request(const char *id, const char *source) {
    return (struct irsa_control){.id = id, .source = source, .sender = "ops"};
}

static struct irsa_control batch(const char *name) {
    return (struct irsa_control){.batch = name, .sender = "ops"};
}

static void note(struct irsa_control word, int64_t at_ms) {
    irsa_cancels_note(cancels, &word, at_ms, NOW_MS);
}

static bool covers(const char *id, const char *source, const char *in_batch, int64_t enqueued_ms) {
    const struct irsa_cancel_names names = {id, source, in_batch, enqueued_ms};
    return irsa_cancels_cover(cancels, &names, NOW_MS);
}

static void a_request_is_cancelled_by_id_and_source_together(void **state) {
    (void)state;
    note(request("a", "urn:x"), NOW_MS);
    assert_true(covers("a", "urn:x", NULL, NOW_MS));
    assert_true(covers("a", "urn:x", "b", NOW_MS));
    assert_false(covers("a", "urn:y", NULL, NOW_MS));
    assert_false(covers("b", "urn:x", NULL, NOW_MS));
    assert_false(covers("a", NULL, NULL, NOW_MS));
    assert_false(covers(NULL, NULL, "a", NOW_MS));
    note(request("ab", "c"), NOW_MS);
    assert_false(covers("a", "bc", NULL, NOW_MS));
}

static void a_batch_is_cancelled_whatever_the_ids(void **state) {
    (void)state;
    note(batch("nightly"), NOW_MS);
    assert_true(covers("a", "urn:x", "nightly", NOW_MS));
    assert_true(covers(NULL, NULL, "nightly", NOW_MS));
    assert_false(covers("nightly", "", NULL, NOW_MS));
    assert_false(covers("a", "urn:x", "nightl", NOW_MS));
    assert_false(covers("a", "urn:x", NULL, NOW_MS));
}

static void what_is_enqueued_after_the_word_is_not_meant(void **state) {
    (void)state;
    note(batch("nightly"), NOW_MS - 10);
    note(request("a", "urn:x"), NOW_MS - 10);
    assert_true(covers("a", "urn:x", NULL, NOW_MS - 10));
    assert_false(covers("a", "urn:x", NULL, NOW_MS - 9));
    assert_true(covers("b", "urn:x", "nightly", NOW_MS - 10));
    assert_false(covers("b", "urn:x", "nightly", NOW_MS - 9));
    assert_true(covers("b", "urn:x", "nightly", IRSA_NO_TIME)); // nobody can say when that was
}

static void said_again_the_later_time_counts(void **state) {
    (void)state;
    note(batch("nightly"), NOW_MS - 10);
    note(batch("nightly"), NOW_MS - 5);
    note(batch("nightly"), NOW_MS - 20);
    assert_true(covers("a", "urn:x", "nightly", NOW_MS - 5));
    assert_false(covers("a", "urn:x", "nightly", NOW_MS - 4));
    assert_int_equal(irsa_cancels_count(cancels), 1);
}

static void a_word_is_forgotten_after_a_day(void **state) {
    (void)state;
    note(batch("nightly"), NOW_MS - DAY_MS);
    assert_true(covers("a", "urn:x", "nightly", NOW_MS - DAY_MS));
    note(batch("older"), NOW_MS - DAY_MS - 1);
    assert_false(covers("a", "urn:x", "older", NOW_MS - DAY_MS - 2));
    const struct irsa_cancel_names names = {NULL, NULL, "nightly", NOW_MS - DAY_MS};
    assert_false(irsa_cancels_cover(cancels, &names, NOW_MS + 1));
    const struct irsa_control other = batch("other");
    irsa_cancels_note(cancels, &other, NOW_MS + 1, NOW_MS + 1);
    assert_int_equal(irsa_cancels_count(cancels), 1);
    assert_int_equal(irsa_cancels_lost(cancels), 0);
}

static void a_time_far_ahead_is_not_believed(void **state) {
    (void)state;
    note(batch("nightly"), INT64_MAX);
    const struct irsa_cancel_names names = {NULL, NULL, "nightly", NOW_MS + DAY_MS};
    assert_true(irsa_cancels_cover(cancels, &names, NOW_MS));
    assert_false(irsa_cancels_cover(cancels, &names, NOW_MS + 2 * DAY_MS + 1));
    note(batch("before"), -7);
    assert_false(covers(NULL, NULL, "before", 1));
}

static void over_the_number_the_oldest_is_forgotten_and_counted(void **state) {
    (void)state;
    char name[16];
    for (int i = 0; i < 10; i++) {
        snprintf(name, sizeof name, "b%d", i);
        note(batch(name), NOW_MS);
    }
    note(batch("b0"), NOW_MS); // said again: it is the youngest now
    note(batch("b10"), NOW_MS);
    assert_int_equal(irsa_cancels_count(cancels), 10);
    assert_int_equal(irsa_cancels_lost(cancels), 1);
    assert_true(covers(NULL, NULL, "b0", NOW_MS));
    assert_false(covers(NULL, NULL, "b1", NOW_MS));
    assert_true(covers(NULL, NULL, "b10", NOW_MS));
}

static void bytes_are_bounded_too(void **state) {
    (void)state;
    char source[1025];
    memset(source, 's', sizeof source - 1);
    source[sizeof source - 1] = '\0';
    for (int i = 0; i < 8; i++) {
        char id[16];
        snprintf(id, sizeof id, "%d", i);
        note(request(id, source), NOW_MS);
    }
    assert_in_range(irsa_cancels_count(cancels), 1, 5);
    assert_true(covers("7", source, NULL, NOW_MS));
    assert_false(covers("0", source, NULL, NOW_MS));
}

static void the_longest_names_are_names_like_others(void **state) {
    (void)state;
    char id[256 * 4 + 1] = "", source[1025];
    for (size_t i = 0; i < 256; i++)
        memcpy(id + 4 * i, "\xF0\x9F\x98\x80", 5);
    memset(source, 's', sizeof source - 1);
    source[sizeof source - 1] = '\0';
    note(request(id, source), NOW_MS);
    assert_true(covers(id, source, NULL, NOW_MS));
    source[1023] = 't';
    assert_false(covers(id, source, NULL, NOW_MS));
}

/* Against a list that is looked through. */
static void it_says_what_a_plain_list_says(void **state) {
    (void)state;
    enum { WORDS = 7, STEPS = 20000 };
    int64_t at[WORDS], now_ms = NOW_MS;
    uint64_t random = test_seed();
    for (int i = 0; i < WORDS; i++)
        at[i] = 0;
    for (int step = 0; step < STEPS; step++) {
        unsigned which = test_below(&random, WORDS);
        char name[] = {(char)('a' + which), '\0'};
        struct irsa_control word = batch(name);
        int64_t time_ms = now_ms - test_below(&random, 2000) + 500;
        if (test_below(&random, 3) == 0) {
            irsa_cancels_note(cancels, &word, time_ms, now_ms);
            if (now_ms - at[which] > DAY_MS || time_ms > at[which])
                at[which] = time_ms;
        }
        const struct irsa_cancel_names names = {NULL, NULL, name, now_ms - test_below(&random, 3000) + 500};
        bool is_expected = now_ms - at[which] <= DAY_MS && names.enqueued_ms <= at[which];
        assert_int_equal(irsa_cancels_cover(cancels, &names, now_ms), is_expected);
        now_ms += test_below(&random, 1000) == 0 ? DAY_MS - 600 + test_below(&random, 1200) : test_below(&random, 50);
    }
}

static int set_up(void **state) {
    (void)state;
    cancels = irsa_cancels_new((struct irsa_cancels_limits){.count = 10, .bytes = 12000, .keep_ms = DAY_MS});
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    irsa_cancels_free(cancels);
    return 0;
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_request_is_cancelled_by_id_and_source_together),
        CASE(a_batch_is_cancelled_whatever_the_ids),
        CASE(what_is_enqueued_after_the_word_is_not_meant),
        CASE(said_again_the_later_time_counts),
        CASE(a_word_is_forgotten_after_a_day),
        CASE(a_time_far_ahead_is_not_believed),
        CASE(over_the_number_the_oldest_is_forgotten_and_counted),
        CASE(bytes_are_bounded_too),
        CASE(the_longest_names_are_names_like_others),
        CASE(it_says_what_a_plain_list_says),
    };
    return RUN_TESTS("cancels");
}
