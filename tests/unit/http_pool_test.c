#include "core/http/pool.h"

#include "core/base/arena.h"
#include "tests/support/test.h"

/* A pool of ten, three per origin, for 1,000 ms; and connections that are connected to nothing. */
static struct irsa_pool *pool;

static int start(void **state) {
    (void)state;
    pool =
        irsa_pool_new((struct irsa_pool_options){.max_idle_per_origin = 3, .max_idle = 10, .idle_lifetime_ms = 1000});
    return 0;
}

static int stop(void **state) {
    (void)state;
    irsa_pool_free(pool);
    return 0;
}

static struct irsa_connection *put(const char *origin, uint64_t trust_id, int64_t now_ms) {
    const struct irsa_connection_options options = {"test", 1000};
    struct irsa_connection *connection = irsa_connection_new(&options, origin, trust_id, true);
    irsa_pool_put(pool, connection, now_ms);
    return connection;
}

static void take(const char *origin, int64_t now_ms, const struct irsa_connection *expected) {
    struct irsa_connection *taken = irsa_pool_take(pool, origin, now_ms);
    assert_ptr_equal(taken, expected);
    if (taken != NULL)
        irsa_connection_free(taken);
}

static void an_empty_pool_has_nothing_to_give(void **state) {
    (void)state;
    take("a", 0, NULL);
}

static void the_last_one_put_is_the_first_one_taken(void **state) {
    (void)state;
    struct irsa_connection *first = put("a", 0, 1);
    struct irsa_connection *second = put("a", 0, 2);
    struct irsa_connection *third = put("a", 0, 3);
    take("a", 4, third);
    take("a", 4, second);
    take("a", 4, first);
    take("a", 4, NULL);
}

static void origins_do_not_mix(void **state) {
    (void)state;
    struct irsa_connection *a = put("a", 0, 1);
    struct irsa_connection *b = put("b", 0, 2);
    take("c", 3, NULL);
    take("a", 3, a);
    take("a", 3, NULL);
    take("b", 3, b);
}

static void one_that_was_idle_for_too_long_is_not_given(void **state) {
    (void)state;
    put("a", 0, 0);
    struct irsa_connection *young = put("a", 0, 500);
    take("a", 1000, young);
    take("a", 1000, NULL);
    struct irsa_connection *just_in_time = put("a", 0, 2000);
    take("a", 2999, just_in_time);
}

static void a_full_origin_loses_its_oldest(void **state) {
    (void)state;
    put("a", 0, 1);
    struct irsa_connection *b = put("b", 0, 1);
    struct irsa_connection *kept[3];
    for (int i = 0; i < 3; i++)
        kept[i] = put("a", 0, 2);
    for (int i = 2; i >= 0; i--)
        take("a", 3, kept[i]);
    take("a", 3, NULL);
    take("b", 3, b);
}

static void a_full_pool_loses_its_oldest_of_whatever_origin(void **state) {
    (void)state;
    struct irsa_connection *kept[11];
    for (int i = 0; i < 11; i++)
        kept[i] = put((const char[]){(char)('a' + i), '\0'}, 0, i);
    take("a", 20, NULL);
    for (int i = 1; i < 11; i++)
        take((const char[]){(char)('a' + i), '\0'}, 20, kept[i]);
}

static void a_trust_that_is_forgotten_takes_its_connections_along(void **state) {
    (void)state;
    put("a", 1, 1);
    struct irsa_connection *other = put("a", 2, 2);
    put("b", 1, 3);
    irsa_pool_forget(pool, 1);
    take("b", 4, NULL);
    take("a", 4, other);
    take("a", 4, NULL);
    irsa_pool_forget(pool, 1);
}

static void what_is_left_goes_with_the_pool(void **state) {
    (void)state;
    put("a", 0, 1);
    put("b", 1, 1); /* the leak checker of the asan preset is the judge */
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(an_empty_pool_has_nothing_to_give),
        CASE(the_last_one_put_is_the_first_one_taken),
        CASE(origins_do_not_mix),
        CASE(one_that_was_idle_for_too_long_is_not_given),
        CASE(a_full_origin_loses_its_oldest),
        CASE(a_full_pool_loses_its_oldest_of_whatever_origin),
        CASE(a_trust_that_is_forgotten_takes_its_connections_along),
        CASE(what_is_left_goes_with_the_pool),
    };
    return RUN_TESTS("idle connections are kept warm within bounds");
}
