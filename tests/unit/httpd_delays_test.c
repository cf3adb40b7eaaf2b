/*
 * Things that are due later come in the order of their time, from one thread.
 */
#include "core/httpd/delays.h"

#include <pthread.h>

#include "tests/support/test.h"

#define COUNT 200

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int handed_over[COUNT];
static int numbers[COUNT];
static int count;

static void hand_over(void *thing) {
    pthread_mutex_lock(&mutex);
    handed_over[count++] = *(int *)thing;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&mutex);
}

static int start(void **state) {
    count = 0;
    for (int i = 0; i < COUNT; i++)
        numbers[i] = i;
    *state = irsa_delays_new(hand_over);
    return 0;
}

static int stop(void **state) {
    irsa_delays_close(*state);
    irsa_delays_free(*state);
    return 0;
}

static void wait_for(int wanted) {
    pthread_mutex_lock(&mutex);
    while (count < wanted)
        pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
}

static void things_come_in_the_order_of_their_time(void **state) {
    static const int due_ms[] = {30, 10, 50, 20, 40};
    for (int i = 0; i < 5; i++)
        assert_true(irsa_delays_add(*state, due_ms[i], &numbers[due_ms[i]]));
    wait_for(5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(handed_over[i], (i + 1) * 10);
}

static void many_things_come_once_each(void **state) {
    bool is_seen[COUNT] = {false};
    for (int i = 0; i < COUNT; i++)
        assert_true(irsa_delays_add(*state, i * 7 % 20, &numbers[i]));
    wait_for(COUNT);
    for (int i = 0; i < COUNT; i++) {
        assert_false(is_seen[handed_over[i]]);
        is_seen[handed_over[i]] = true;
    }
}

static void closing_hands_over_what_waits_and_takes_no_more(void **state) {
    assert_true(irsa_delays_add(*state, 3600000, &numbers[1]));
    irsa_delays_close(*state);
    assert_int_equal(count, 1);
    assert_false(irsa_delays_add(*state, 0, &numbers[2]));
    assert_int_equal(count, 1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(things_come_in_the_order_of_their_time),
        CASE(many_things_come_once_each),
        CASE(closing_hands_over_what_waits_and_takes_no_more),
    };
    return RUN_TESTS("httpd_delays");
}
