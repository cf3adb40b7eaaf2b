/*
 * The engine on a mock broker that misbehaves: nothing is lost, and nothing is committed that is not told.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/log.h"
#include "tests/support/engine_scene.h"

/* Kafka's error codes. */
#define MESSAGE_TOO_LARGE            10
#define NOT_ENOUGH_REPLICAS          19
#define TOPIC_AUTHORIZATION_FAILED   29
#define OUT_OF_ORDER_SEQUENCE_NUMBER 45

static void after_a_fatal_producer_error_everything_is_sent_again(void **state) {
    (void)state;
    struct irsa_error err;
    put_many(1000);
    struct irsa_engine_options options = default_options();
    options.until_idle = true;
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).settled > 100);
    assert_true(irsa_mock_push_errors(mock, "Produce", (const int[]){OUT_OF_ORDER_SEQUENCE_NUMBER}, 1, &err));
    const struct irsa_engine_figures figures = join(&running);
    assert_int_equal(figures.settled, 1000);
    assert_int_equal(seen.disorder, 0);
    expect_all_told(1000);
}

static void without_the_right_to_tell_nothing_more_is_started_until_it_is_given(void **state) {
    (void)state;
    enum { REFUSALS = 1000 };
    static int codes[REFUSALS];
    struct irsa_error err;
    for (size_t i = 0; i < REFUSALS; i++)
        codes[i] = TOPIC_AUTHORIZATION_FAILED;
    put_many(2000);
    struct irsa_engine_options options = default_options();
    options.until_idle = true;
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).settled > 100);
    assert_true(irsa_mock_push_errors(mock, "Produce", codes, REFUSALS, &err));
    AWAIT(!figures_of(&running).is_ready && figures_of(&running).in_flight == 0);
    assert_true(figures_of(&running).waiting > 0);
    irsa_mock_clear_errors(mock, "Produce");
    const struct irsa_engine_figures figures = join(&running);
    assert_int_equal(figures.settled, 2000);
    expect_all_told(2000);
}

static void a_broker_that_is_away_for_a_while_costs_nothing_but_time(void **state) {
    (void)state;
    put_many(2000);
    struct irsa_engine_options options = default_options();
    options.until_idle = true;
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).settled > 100);
    irsa_mock_set_down(mock, true);
    pause_ms(300);
    irsa_mock_set_down(mock, false);
    const struct irsa_engine_figures figures = join(&running);
    assert_true(figures.settled >= 1900);
    assert_int_equal(seen.disorder, 0);
    expect_all_told(2000);
}

static void what_is_not_acknowledged_is_not_committed(void **state) {
    (void)state;
    enum { REFUSALS = 20000 };
    static int codes[REFUSALS];
    struct irsa_error err;
    for (size_t i = 0; i < REFUSALS; i++)
        codes[i] = NOT_ENOUGH_REPLICAS; // which librdkafka tries again by itself
    put_many(100);
    assert_true(irsa_mock_push_errors(mock, "Produce", codes, REFUSALS, &err));
    struct irsa_engine_options options = default_options();
    options.drain_ms = 30;
    struct running running;
    start(&running, &options);
    AWAIT(figures_of(&running).taken == 100 && figures_of(&running).in_flight == 0 &&
          figures_of(&running).waiting == 0);
    assert_int_equal(figures_of(&running).settled, 0);
    request_stop(&running);
    request_stop(&running); // it would wait for the acknowledgements
    join(&running);
    irsa_mock_clear_errors(mock, "Produce");
    const struct irsa_engine_figures figures = run_until_idle();
    assert_int_equal(figures.settled, 100);
    expect_all_told(100);
}

static void a_producer_whose_queue_is_full_takes_the_rest_later(void **state) {
    (void)state;
    settings[SETTING_OF_QUEUE] = (struct irsa_pair){"queue.buffering.max.messages", "5"};
    put_many(500);
    const struct irsa_engine_figures figures = run_until_idle();
    assert_int_equal(figures.settled, 500);
    expect_all_told(500);
    assert_int_equal(count_results(""), 500);
}

enum { LETTER_BYTES = 200000, CUT_BYTES = 65536 };

/* A record that nobody can read, too large for what follows; nothing but its dead letter is told. */
static void put_large(void) {
    struct irsa_error err;
    struct irsa_producer *producer = open_producer();
    char *value = malloc(LETTER_BYTES);
    memset(value, 'x', LETTER_BYTES);
    value[snprintf(value, LETTER_BYTES, "0 garbage 1 ")] = 'x'; // no NUL within
    const struct irsa_record record = {.topic = "work", .partition = 0, .value = value, .value_length = LETTER_BYTES};
    assert_true(irsa_producer_send(producer, &record, NULL, &err));
    close_producer(producer);
    free(value);
}

static size_t count_cut_letters(void) {
    struct listing letters = list_topic("dead");
    size_t cut = 0;
    for (size_t i = 0; i < letters.count; i++) {
        const struct irsa_record *letter = &letters.at[i];
        if (letter->value_length == LETTER_BYTES)
            continue;
        assert_int_equal(letter->value_length, CUT_BYTES);
        assert_string_equal(letter->headers[0].name, "irsa_truncated");
        assert_string_equal(letter->headers[0].value, "200000");
        cut++;
    }
    free_listing(&letters);
    return cut;
}

static void a_dead_letter_that_the_broker_refuses_goes_on_shortened(void **state) {
    (void)state;
    struct irsa_error err;
    put_large();
    assert_true(irsa_mock_push_errors(mock, "Produce", (const int[]){MESSAGE_TOO_LARGE}, 1, &err));
    assert_int_equal(run_until_idle().settled, 1);
    assert_int_equal(count_cut_letters(), 1);
}

static void a_dead_letter_over_the_producers_own_limit_goes_on_shortened(void **state) {
    (void)state;
    settings[SETTING_OF_QUEUE] = (struct irsa_pair){"message.max.bytes", "100000"};
    put_large();
    assert_int_equal(run_until_idle().settled, 1);
    assert_int_equal(count_cut_letters(), 1);
}

int main(void) {
    irsa_log_setup(IRSA_LOG_WARN, IRSA_LOG_LOGFMT);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(after_a_fatal_producer_error_everything_is_sent_again),
        TEST(without_the_right_to_tell_nothing_more_is_started_until_it_is_given),
        TEST(a_broker_that_is_away_for_a_while_costs_nothing_but_time),
        TEST(what_is_not_acknowledged_is_not_committed),
        TEST(a_producer_whose_queue_is_full_takes_the_rest_later),
        TEST(a_dead_letter_that_the_broker_refuses_goes_on_shortened),
        TEST(a_dead_letter_over_the_producers_own_limit_goes_on_shortened),
    };
    return RUN_TESTS("engine and broker");
}
