#include "worker/engine/hands.h"

#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/test.h"

#define EXECUTORS 4
#define MANY      3000 /* more than are remembered */

static struct irsa_hands *hands;

static int set_up(void **state) {
    (void)state;
    struct irsa_error err;
    hands = irsa_hands_new(EXECUTORS, &err);
    return hands == NULL;
}

static int tear_down(void **state) {
    (void)state;
    irsa_hands_free(hands);
    return 0;
}

static struct irsa_record record_at(int64_t offset) {
    return (struct irsa_record){.topic = "requests", .partition = 3, .offset = offset, .timestamp_ms = 1000 + offset};
}

static unsigned deaths_of(int64_t offset) {
    bool may_be_read;
    const struct irsa_record record = record_at(offset);
    return irsa_hands_deaths(hands, &record, &may_be_read);
}

static bool may_be_read(int64_t offset) {
    bool may_be_read;
    const struct irsa_record record = record_at(offset);
    irsa_hands_deaths(hands, &record, &may_be_read);
    return may_be_read;
}

static void take(unsigned hand, int64_t offset, enum irsa_hand_use use) {
    const struct irsa_record record = record_at(offset);
    irsa_hands_take(hands, hand, &record, use);
}

static void die_with(int64_t offset, enum irsa_hand_use use) {
    take(0, offset, use);
    assert_int_equal(irsa_hands_bury(hands, true), 1);
}

static void only_what_was_in_hand_at_the_death_is_suspect(void **state) {
    (void)state;
    take(0, 10, IRSA_HAND_ACCEPTS);
    irsa_hands_put(hands, 0);
    take(1, 11, IRSA_HAND_RUNS);
    take(4, 14, IRSA_HAND_RUNS);
    assert_int_equal(irsa_hands_bury(hands, true), 2);
    assert_int_equal(deaths_of(10), 0);
    assert_int_equal(deaths_of(11), 1);
    assert_int_equal(deaths_of(14), 1);
    assert_int_equal(irsa_hands_suspects(hands), 2);
    assert_int_equal(irsa_hands_bury(hands, true), 0); // the next one had nothing in hand
    assert_int_equal(deaths_of(11), 1);
    assert_int_equal(irsa_hands_restarts(hands), 2);
}

static void a_death_that_was_no_fault_of_its_own_makes_no_suspect(void **state) {
    (void)state;
    take(2, 7, IRSA_HAND_RUNS);
    assert_int_equal(irsa_hands_bury(hands, false), 1);
    assert_int_equal(irsa_hands_suspects(hands), 0);
    assert_int_equal(irsa_hands_restarts(hands), 1);
    assert_int_equal(irsa_hands_bury(hands, true), 0); // and its hands are empty
}

static void deaths_add_up_until_the_request_is_settled(void **state) {
    (void)state;
    die_with(7, IRSA_HAND_RUNS);
    die_with(8, IRSA_HAND_RUNS);
    die_with(7, IRSA_HAND_RUNS);
    assert_int_equal(deaths_of(7), 2);
    const struct irsa_record settled = record_at(7);
    irsa_hands_clear(hands, &settled);
    assert_int_equal(deaths_of(7), 0);
    assert_int_equal(irsa_hands_suspects(hands), 1);
    die_with(7, IRSA_HAND_RUNS); // it came once more, since its offset was not committed yet
    assert_int_equal(deaths_of(7), 1);
    assert_int_equal(deaths_of(8), 1);
}

static void a_record_of_a_topic_made_anew_is_another_one(void **state) {
    (void)state;
    bool may_be_read;
    die_with(7, IRSA_HAND_RUNS);
    struct irsa_record other = record_at(7);
    other.timestamp_ms++;
    assert_int_equal(irsa_hands_deaths(hands, &other, &may_be_read), 0);
    other = record_at(7);
    other.partition++;
    assert_int_equal(irsa_hands_deaths(hands, &other, &may_be_read), 0);
}

static void what_was_being_read_is_not_read_again_nor_what_dies_untried(void **state) {
    (void)state;
    die_with(5, IRSA_HAND_ACCEPTS);
    assert_false(may_be_read(5));
    for (int death = 0; death < IRSA_DEATHS_MAX; death++)
        die_with(7, IRSA_HAND_RUNS);
    assert_true(may_be_read(7));
    die_with(7, IRSA_HAND_REPORTS); // it was only told of
    assert_false(may_be_read(7));
    assert_true(may_be_read(99));
}

/* Write over an offset wherever it stands in memory that is shared. */
static unsigned damage(int64_t offset) {
    char line[256];
    unsigned found = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps) != NULL) {
        void *begin, *end;
        if (sscanf(line, "%p-%p rw-s", &begin, &end) != 2 || strstr(line, " rw-s ") == NULL)
            continue;
        for (int64_t *at = begin; at < (int64_t *)end; at++)
            if (*at == offset) {
                *at += 1;
                found++;
            }
    }
    fclose(maps);
    return found;
}

static void a_hand_that_was_written_over_accuses_nobody(void **state) {
    (void)state;
    enum { STRANGE = 0x5EED5EED };
    take(1, STRANGE, IRSA_HAND_RUNS);
    take(2, 8, IRSA_HAND_RUNS);
    assert_int_equal(damage(STRANGE), 1);
    assert_int_equal(irsa_hands_bury(hands, true), 1);
    assert_int_equal(irsa_hands_suspects(hands), 1);
    assert_int_equal(deaths_of(8), 1);
}

static void those_with_the_fewest_deaths_are_forgotten_first(void **state) {
    (void)state;
    die_with(0, IRSA_HAND_RUNS);
    die_with(0, IRSA_HAND_RUNS);
    for (int64_t offset = 1; offset < MANY; offset++)
        die_with(offset, IRSA_HAND_RUNS);
    assert_int_equal(deaths_of(0), 2);
    assert_int_equal(deaths_of(1), 0);
    assert_int_equal(deaths_of(MANY - 1), 1);
}

static void what_a_child_takes_and_clears_is_known_when_it_is_dead(void **state) {
    (void)state;
    int wait_status;
    die_with(7, IRSA_HAND_RUNS);
    pid_t child = fork();
    if (child == 0) {
        const struct irsa_record settled = record_at(7);
        take(3, 8, IRSA_HAND_RUNS);
        irsa_hands_clear(hands, &settled);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &wait_status, 0), child);
    assert_int_equal(irsa_hands_bury(hands, true), 1);
    assert_int_equal(deaths_of(7), 0);
    assert_int_equal(deaths_of(8), 1);
}

static void where_nobody_watches_nobody_is_suspect(void **state) {
    (void)state;
    bool may_be_read;
    const struct irsa_record record = record_at(1);
    irsa_hands_take(NULL, 1, &record, IRSA_HAND_RUNS);
    irsa_hands_put(NULL, 1);
    irsa_hands_clear(NULL, &record);
    assert_int_equal(irsa_hands_deaths(NULL, &record, &may_be_read), 0);
    assert_true(may_be_read);
    assert_int_equal(irsa_hands_suspects(NULL), 0);
    assert_int_equal(irsa_hands_restarts(NULL), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(only_what_was_in_hand_at_the_death_is_suspect),
        CASE(a_death_that_was_no_fault_of_its_own_makes_no_suspect),
        CASE(deaths_add_up_until_the_request_is_settled),
        CASE(a_record_of_a_topic_made_anew_is_another_one),
        CASE(what_was_being_read_is_not_read_again_nor_what_dies_untried),
        CASE(a_hand_that_was_written_over_accuses_nobody),
        CASE(those_with_the_fewest_deaths_are_forgotten_first),
        CASE(what_a_child_takes_and_clears_is_known_when_it_is_dead),
        CASE(where_nobody_watches_nobody_is_suspect),
    };
    return RUN_TESTS("hands");
}
