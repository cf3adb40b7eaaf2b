#include "core/contract/topics.h"

#include "core/base/text.h"
#include "tests/support/test.h"

static const char *config_of(enum irsa_topic topic, const char *key) {
    const struct irsa_pairs *configs = &irsa_topic_plans[topic].configs;
    for (size_t i = 0; i < configs->count; i++)
        if (irsa_text_equal(configs->at[i].key, key))
            return configs->at[i].value;
    return NULL;
}

static void topics_are_named_by_prefix_and_purpose(void **state) {
    (void)state;
    struct irsa_arena *arena = irsa_arena_new();
    static const char *const names[] = {
        [IRSA_TOPIC_REQUESTS] = "irsa.requests", [IRSA_TOPIC_RESULTS] = "irsa.results",
        [IRSA_TOPIC_STATE] = "irsa.state",       [IRSA_TOPIC_DEAD_LETTERS] = "irsa.dead-letters",
        [IRSA_TOPIC_CONTROL] = "irsa.control",
    };
    for (int topic = 0; topic < IRSA_TOPIC_COUNT; topic++)
        assert_string_equal(irsa_topic_name(arena, IRSA_DEFAULT_TOPICS_PREFIX, (enum irsa_topic)topic), names[topic]);
    assert_string_equal(irsa_topic_name(arena, "team-a", IRSA_TOPIC_STATE), "team-a.state");
    irsa_arena_free(arena);
}

static void dead_letters_have_the_partitions_of_requests_so_that_a_replay_keeps_the_order(void **state) {
    (void)state;
    assert_int_equal(irsa_topic_plans[IRSA_TOPIC_DEAD_LETTERS].partitions,
                     irsa_topic_plans[IRSA_TOPIC_REQUESTS].partitions);
    assert_int_equal(irsa_topic_plans[IRSA_TOPIC_CONTROL].partitions, 1);
}

static void each_topic_keeps_what_it_holds_as_long_as_promised(void **state) {
    (void)state;
    static const struct {
        enum irsa_topic topic;
        const char *days;
    } cases[] = {
        {IRSA_TOPIC_REQUESTS, "604800000"},
        {IRSA_TOPIC_RESULTS, "7776000000"},
        {IRSA_TOPIC_DEAD_LETTERS, "2592000000"},
        {IRSA_TOPIC_CONTROL, "86400000"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(config_of(cases[i].topic, "retention.ms"), cases[i].days);
        assert_string_equal(config_of(cases[i].topic, "cleanup.policy"), "delete");
    }
    assert_string_equal(config_of(IRSA_TOPIC_STATE, "cleanup.policy"), "compact");
    assert_null(config_of(IRSA_TOPIC_STATE, "retention.ms"));
    assert_string_equal(config_of(IRSA_TOPIC_DEAD_LETTERS, "max.message.bytes"), "16777216");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(topics_are_named_by_prefix_and_purpose),
        cmocka_unit_test(dead_letters_have_the_partitions_of_requests_so_that_a_replay_keeps_the_order),
        cmocka_unit_test(each_topic_keeps_what_it_holds_as_long_as_promised),
    };
    return RUN_TESTS("topics");
}
