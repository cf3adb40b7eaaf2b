/*
 * Kafka settings: what is refused and in which words. No network: clients connect lazily.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/kafka/consumer.h"
#include "core/kafka/producer.h"
#include "core/kafka/settings.h"

#define PAIRS(...)                                                                                                     \
    ((struct irsa_pairs){(const struct irsa_pair[]){__VA_ARGS__},                                                      \
                         sizeof((const struct irsa_pair[]){__VA_ARGS__}) / sizeof(struct irsa_pair)})

static void assert_contains(const char *text, const char *part) {
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static void an_unknown_name_is_told_with_its_nearest_match_and_the_version(void **state) {
    (void)state;
    struct irsa_error err;
    assert_false(irsa_kafka_settings_check(PAIRS({"bootstrap.server", "a:9092"}), &err));
    assert_int_equal(err.code, IRSA_CODE_CONFIG);
    assert_contains(err.message, "\"bootstrap.server\"");
    assert_contains(err.message, "did you mean \"bootstrap.servers\"?");
    assert_contains(err.message, irsa_kafka_version());
    assert_string_equal(err.service, "kafka");
}

static void a_name_that_resembles_nothing_is_told_without_a_guess(void **state) {
    (void)state;
    struct irsa_error err;
    assert_false(irsa_kafka_settings_check(PAIRS({"zzzzzzzz", "1"}), &err));
    assert_null(strstr(err.message, "did you mean"));
}

static void client_and_topic_settings_of_both_roles_are_known(void **state) {
    (void)state;
    struct irsa_error err;
    const struct irsa_pairs settings =
        PAIRS({"bootstrap.servers", "a:9092"}, {"group.id", "g"}, {"acks", "all"}, {"request.timeout.ms", "1000"},
              {"linger.ms", "0"}, {"fetch.min.bytes", "1"}, {"partitioner", "murmur2_random"},
              {"sasl.mechanism", "SCRAM-SHA-512"});
    if (!irsa_kafka_settings_check(settings, &err))
        fail_msg("%s", err.message);
}

static void an_impossible_value_is_told_with_its_name_and_value(void **state) {
    (void)state;
    struct irsa_error err;
    assert_false(irsa_kafka_settings_check(PAIRS({"fetch.wait.max.ms", "soon"}), &err));
    assert_int_equal(err.code, IRSA_CODE_CONFIG);
    assert_contains(err.message, "fetch.wait.max.ms");
    assert_contains(err.message, "soon");
}

static void callbacks_are_no_settings(void **state) {
    (void)state;
    struct irsa_error err;
    assert_false(irsa_kafka_settings_check(PAIRS({"log_cb", "x"}), &err));
    assert_contains(err.message, "has no setting");
}

static void a_secret_is_in_no_error(void **state) {
    (void)state;
    struct irsa_error err;
    const struct irsa_producer_options options = {
        .kafka = PAIRS({"bootstrap.servers", "127.0.0.1:1"}, {"security.protocol", "sasl_ssl"},
                       {"sasl.mechanism", "PLAIN"}, {"sasl.username", "u"}, {"sasl.password", "hunter2"},
                       {"ssl.key.pem", "hunter2"}, {"ssl.key.password", "hunter2"})};
    struct irsa_producer *producer = irsa_producer_open(&options, &err);
    assert_null(producer);
    assert_int_equal(err.code, IRSA_CODE_CONFIG);
    assert_null(strstr(err.message, "hunter2"));
}

static void the_last_of_repeated_settings_counts(void **state) {
    (void)state;
    const struct irsa_pairs settings = PAIRS({"group.id", "a"}, {"group.id", "b"});
    assert_string_equal(irsa_kafka_setting(settings, "group.id"), "b");
    assert_null(irsa_kafka_setting(settings, "client.id"));
}

static void a_producer_takes_a_consumers_settings_and_leaves_them_alone(void **state) {
    (void)state;
    struct irsa_error err;
    const struct irsa_producer_options options = {
        .kafka = PAIRS({"bootstrap.servers", "127.0.0.1:1"}, {"group.id", "g"}, {"session.timeout.ms", "6000"})};
    struct irsa_producer *producer = irsa_producer_open(&options, &err);
    if (producer == NULL)
        fail_msg("%s", err.message);
    irsa_producer_close(producer);
}

static void settings_that_contradict_each_other_are_refused(void **state) {
    (void)state;
    struct irsa_error err;
    const struct irsa_producer_options options = {.kafka = PAIRS({"bootstrap.servers", "127.0.0.1:1"}, {"acks", "1"})};
    assert_null(irsa_producer_open(&options, &err));
    assert_int_equal(err.code, IRSA_CODE_CONFIG);
    assert_contains(err.message, "idempotence");
}

static void ignore_assignment(void *self, const struct irsa_assignment *assignment) {
    (void)self;
    (void)assignment;
}

static void a_consumers_promises_cannot_be_set_away(void **state) {
    (void)state;
    struct irsa_error err;
    const struct irsa_consumer_options options = {
        .kafka = PAIRS({"bootstrap.servers", "127.0.0.1:1"}, {"group.id", "g"}, {"enable.auto.commit", "true"}),
        .topic = "t",
        .events = {.assigned = ignore_assignment}};
    assert_null(irsa_consumer_open(&options, &err));
    assert_int_equal(err.code, IRSA_CODE_CONFIG);
    assert_contains(err.message, "enable.auto.commit");
    assert_contains(err.message, "\"false\"");
}

static void a_consumer_without_a_group_is_refused(void **state) {
    (void)state;
    struct irsa_error err;
    const struct irsa_consumer_options options = {
        .kafka = PAIRS({"bootstrap.servers", "127.0.0.1:1"}), .topic = "t", .events = {.assigned = ignore_assignment}};
    assert_null(irsa_consumer_open(&options, &err));
    assert_int_equal(err.code, IRSA_CODE_CONFIG);
    assert_contains(err.message, "group.id");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_name_is_told_with_its_nearest_match_and_the_version),
        cmocka_unit_test(a_name_that_resembles_nothing_is_told_without_a_guess),
        cmocka_unit_test(client_and_topic_settings_of_both_roles_are_known),
        cmocka_unit_test(an_impossible_value_is_told_with_its_name_and_value),
        cmocka_unit_test(callbacks_are_no_settings),
        cmocka_unit_test(a_secret_is_in_no_error),
        cmocka_unit_test(the_last_of_repeated_settings_counts),
        cmocka_unit_test(a_producer_takes_a_consumers_settings_and_leaves_them_alone),
        cmocka_unit_test(settings_that_contradict_each_other_are_refused),
        cmocka_unit_test(a_consumers_promises_cannot_be_set_away),
        cmocka_unit_test(a_consumer_without_a_group_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
