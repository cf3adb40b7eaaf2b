#include "core/base/cache.h"

#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/arena.h"
#include "tests/support/test.h"

#define LIFETIME_MS 1000
#define FOR_EVER    INT64_MAX

/* A clock that tests move, and that counts the threads which have asked it: those who wait in the cache ask. */
static atomic_int_fast64_t now_ms;
static atomic_uint threads_that_asked;
static _Thread_local bool has_asked;

static int64_t read_clock(void *self) {
    (void)self;
    if (!has_asked) {
        has_asked = true;
        atomic_fetch_add(&threads_that_asked, 1);
    }
    return atomic_load(&now_ms);
}

static const struct irsa_clock clock_of_test = {.now_ms = read_clock, .monotonic_ms = read_clock};

static atomic_int values_alive;

static void free_value(void *value) {
    free(value);
    atomic_fetch_sub(&values_alive, 1);
}

/* What the next fetches do. */
struct source {
    atomic_uint fetches;
    atomic_bool is_open;   /* a fetch of "key" does not end before */
    atomic_bool is_broken; /* a fetch fails */
    int64_t lifetime_ms;   /* 0: as the cache says */
};

static bool load(void *self, const char *key, void **out_value, int64_t *out_lifetime_ms, struct irsa_error *err) {
    struct source *source = self;
    unsigned n = atomic_fetch_add(&source->fetches, 1) + 1;
    while (!atomic_load(&source->is_open) && strcmp(key, "key") == 0)
        sched_yield();
    if (atomic_load(&source->is_broken))
        return IRSA_FAIL(err, UNAVAILABLE, "fetch %u failed", n);
    char *value = irsa_new(64);
    snprintf(value, 64, "%s #%u", key, n);
    atomic_fetch_add(&values_alive, 1);
    if (source->lifetime_ms > 0)
        *out_lifetime_ms = source->lifetime_ms;
    *out_value = value;
    return true;
}

static struct irsa_cache *cache;
static struct source source;
static struct irsa_error err;

static int setup(void **state) {
    (void)state;
    source = (struct source){.is_open = true};
    atomic_store(&now_ms, 5000);
    atomic_store(&threads_that_asked, 0);
    has_asked = true; /* the test's own thread is not counted */
    cache = irsa_cache_new(&(struct irsa_cache_options){
        .lifetime_ms = LIFETIME_MS, .max_entries = 3, .free_value = free_value, .clock = &clock_of_test});
    return 0;
}

static int teardown(void **state) {
    (void)state;
    irsa_cache_free(cache);
    return atomic_load(&values_alive); /* 0: all was freed, and once */
}

static const char *get_and_release(const char *key) {
    static char text[64];
    struct irsa_cache_ref ref;
    assert_ok(irsa_cache_get(cache, key, load, &source, FOR_EVER, NULL, &ref, &err), err);
    snprintf(text, sizeof text, "%s", (const char *)ref.value);
    irsa_cache_release(cache, &ref);
    assert_null(ref.value);
    irsa_cache_release(cache, &ref);
    return text;
}

static void a_value_is_fetched_once_while_it_is_fresh(void **state) {
    (void)state;
    assert_string_equal(get_and_release("a"), "a #1");
    atomic_fetch_add(&now_ms, LIFETIME_MS - 1);
    assert_string_equal(get_and_release("a"), "a #1");
    assert_string_equal(get_and_release("b"), "b #2");
}

static void an_old_value_is_fetched_again(void **state) {
    (void)state;
    assert_string_equal(get_and_release("a"), "a #1");
    atomic_fetch_add(&now_ms, LIFETIME_MS);
    assert_string_equal(get_and_release("a"), "a #2");
    assert_string_equal(get_and_release("a"), "a #2");
}

static void a_fetch_may_shorten_the_life_of_its_value(void **state) {
    (void)state;
    source.lifetime_ms = 10;
    assert_string_equal(get_and_release("a"), "a #1");
    atomic_fetch_add(&now_ms, 10);
    assert_string_equal(get_and_release("a"), "a #2");
}

static void a_dropped_key_is_fetched_again_and_its_value_lives_until_released(void **state) {
    (void)state;
    struct irsa_cache_ref ref;
    assert_ok(irsa_cache_get(cache, "a", load, &source, FOR_EVER, NULL, &ref, &err), err);
    irsa_cache_drop(cache, "a");
    irsa_cache_drop(cache, "a");
    irsa_cache_drop(cache, "never seen");
    assert_string_equal(get_and_release("a"), "a #2");
    assert_string_equal(ref.value, "a #1");
    assert_int_equal(atomic_load(&values_alive), 2);
    irsa_cache_release(cache, &ref);
    assert_int_equal(atomic_load(&values_alive), 1);
}

static void the_longest_unused_goes_when_there_are_too_many(void **state) {
    (void)state;
    get_and_release("a");
    get_and_release("b");
    get_and_release("c");
    get_and_release("a");
    get_and_release("d");
    assert_int_equal(atomic_load(&values_alive), 3);
    assert_string_equal(get_and_release("a"), "a #1");
    assert_string_equal(get_and_release("c"), "c #3");
    assert_string_equal(get_and_release("d"), "d #4");
    assert_string_equal(get_and_release("b"), "b #5");
}

/* Tens of thousands of namespaces are kept. Sanitizers tell no figures of the heap; there it holds by itself. */
static void a_kept_value_takes_no_more_than_a_few_hundred_bytes(void **state) {
    (void)state;
    enum { ENTRIES = 1000, BYTES_MAX = 512 };
    struct irsa_cache *large = irsa_cache_new(&(struct irsa_cache_options){
        .lifetime_ms = LIFETIME_MS, .max_entries = ENTRIES, .free_value = free_value, .clock = &clock_of_test});
    size_t before = mallinfo2().uordblks;
    for (int i = 0; i < ENTRIES; i++) {
        char key[16];
        struct irsa_cache_ref ref;
        snprintf(key, sizeof key, "%d", i);
        assert_ok(irsa_cache_get(large, key, load, &source, FOR_EVER, NULL, &ref, &err), err);
        irsa_cache_release(large, &ref);
    }
    assert_in_range(mallinfo2().uordblks - before, 0, (size_t)ENTRIES * BYTES_MAX);
    irsa_cache_free(large);
}

static void finding_fetches_nothing(void **state) {
    (void)state;
    struct irsa_cache_ref ref;
    assert_false(irsa_cache_find(cache, "a", &ref));
    get_and_release("a");
    assert_true(irsa_cache_find(cache, "a", &ref));
    assert_string_equal(ref.value, "a #1");
    irsa_cache_release(cache, &ref);
    atomic_fetch_add(&now_ms, LIFETIME_MS);
    assert_false(irsa_cache_find(cache, "a", &ref));
    assert_int_equal(atomic_load(&source.fetches), 1);
}

static void a_failed_fetch_is_not_kept(void **state) {
    (void)state;
    struct irsa_cache_ref ref;
    atomic_store(&source.is_broken, true);
    assert_false(irsa_cache_get(cache, "a", load, &source, FOR_EVER, NULL, &ref, &err));
    assert_code(err, UNAVAILABLE);
    atomic_store(&source.is_broken, false);
    assert_string_equal(get_and_release("a"), "a #2");
}

/* One thread's call, and what came of it. */
struct call {
    pthread_t thread;
    int64_t deadline_ms;
    const struct irsa_cancel *cancel;
    char value[64];
    struct irsa_error err;
    bool is_there;
};

static void *run_call(void *self) {
    struct call *call = self;
    struct irsa_cache_ref ref;
    call->is_there = irsa_cache_get(cache, "key", load, &source, call->deadline_ms, call->cancel, &ref, &call->err);
    if (call->is_there) {
        snprintf(call->value, sizeof call->value, "%s", (const char *)ref.value);
        irsa_cache_release(cache, &ref);
    }
    return NULL;
}

static void start_call(struct call *call, int64_t deadline_ms, const struct irsa_cancel *cancel) {
    *call = (struct call){.deadline_ms = deadline_ms, .cancel = cancel};
    assert_int_equal(pthread_create(&call->thread, NULL, run_call, call), 0);
}

static void end_call(struct call *call) {
    assert_int_equal(pthread_join(call->thread, NULL), 0);
}

static void wait_until(const atomic_uint *counter, unsigned value) {
    while (atomic_load(counter) < value)
        sched_yield();
}

/* A fetch that does not end yet, and `count` threads that wait for it. */
static void start_waiting(struct call *fetching, struct call *waiting, unsigned count) {
    atomic_store(&source.is_open, false);
    start_call(fetching, FOR_EVER, NULL);
    wait_until(&source.fetches, 1);
    for (unsigned i = 0; i < count; i++)
        start_call(&waiting[i], FOR_EVER, NULL);
    wait_until(&threads_that_asked, count);
}

enum { WAITING = 32 };

static void threads_that_ask_together_share_one_fetch(void **state) {
    (void)state;
    struct call fetching, waiting[WAITING];
    start_waiting(&fetching, waiting, WAITING);
    atomic_store(&source.is_open, true);
    end_call(&fetching);
    assert_string_equal(fetching.value, "key #1");
    for (unsigned i = 0; i < WAITING; i++) {
        end_call(&waiting[i]);
        assert_string_equal(waiting[i].value, "key #1");
    }
    assert_int_equal(atomic_load(&source.fetches), 1);
}

static void all_who_wait_get_the_error_and_the_next_one_tries_anew(void **state) {
    (void)state;
    struct call fetching, waiting[WAITING];
    start_waiting(&fetching, waiting, WAITING);
    atomic_store(&source.is_broken, true);
    atomic_store(&source.is_open, true);
    end_call(&fetching);
    for (unsigned i = 0; i < WAITING; i++) {
        end_call(&waiting[i]);
        assert_false(waiting[i].is_there);
        assert_code(waiting[i].err, UNAVAILABLE);
        assert_string_equal(waiting[i].err.message, "fetch 1 failed");
    }
    atomic_store(&source.is_broken, false);
    assert_string_equal(get_and_release("key"), "key #2");
}

static void waiting_ends_at_its_deadline(void **state) {
    (void)state;
    struct call fetching, waiting;
    atomic_store(&source.is_open, false);
    start_call(&fetching, 0, NULL); /* is for waiting only, so it does not concern the one that fetches */
    wait_until(&source.fetches, 1);
    start_call(&waiting, 6000, NULL);
    wait_until(&threads_that_asked, 1);
    atomic_store(&now_ms, 6000);
    end_call(&waiting);
    assert_false(waiting.is_there);
    assert_code(waiting.err, TIMEOUT);
    atomic_store(&source.is_open, true);
    end_call(&fetching);
    assert_true(fetching.is_there);
}

static void waiting_ends_when_it_is_cancelled(void **state) {
    (void)state;
    struct call fetching, waiting;
    struct irsa_cancel cancel;
    irsa_cancel_init(&cancel);
    start_waiting(&fetching, NULL, 0);
    start_call(&waiting, FOR_EVER, &cancel);
    wait_until(&threads_that_asked, 1);
    irsa_cancel_set(&cancel);
    end_call(&waiting);
    assert_false(waiting.is_there);
    assert_code(waiting.err, UNAVAILABLE);
    atomic_store(&source.is_open, true);
    end_call(&fetching);
    irsa_cancel_done(&cancel);
}

static void one_who_waits_takes_over_a_fetch_that_was_cancelled(void **state) {
    (void)state;
    struct call fetching, waiting[2];
    struct irsa_cancel cancel;
    irsa_cancel_init(&cancel);
    atomic_store(&source.is_open, false);
    atomic_store(&source.is_broken, true);
    start_call(&fetching, FOR_EVER, &cancel);
    wait_until(&source.fetches, 1);
    start_call(&waiting[0], FOR_EVER, NULL);
    start_call(&waiting[1], FOR_EVER, NULL);
    wait_until(&threads_that_asked, 2);
    irsa_cancel_set(&cancel);
    atomic_store(&source.is_open, true); /* the broken fetch ends, and so does what follows */
    end_call(&fetching);
    assert_false(fetching.is_there);
    end_call(&waiting[0]);
    end_call(&waiting[1]);
    assert_int_not_equal(atomic_load(&source.fetches), 1);
    assert_string_not_equal(waiting[0].err.message, "fetch 1 failed");
    assert_string_not_equal(waiting[1].err.message, "fetch 1 failed");
    irsa_cancel_done(&cancel);
}

static void a_key_dropped_during_its_fetch_is_fetched_again(void **state) {
    (void)state;
    struct call fetching, waiting, later;
    start_waiting(&fetching, &waiting, 1);
    irsa_cache_drop(cache, "key");
    start_call(&later, FOR_EVER, NULL);
    wait_until(&source.fetches, 2);
    atomic_store(&source.is_open, true);
    end_call(&fetching);
    end_call(&waiting);
    end_call(&later);
    assert_string_equal(fetching.value, "key #1");
    assert_string_equal(waiting.value, "key #1");
    assert_string_equal(later.value, "key #2");
    assert_string_equal(get_and_release("key"), "key #2");
}

static void what_is_being_fetched_is_not_evicted(void **state) {
    (void)state;
    struct call fetching, waiting;
    start_waiting(&fetching, NULL, 0);
    static const char *const others[] = {"a", "b", "c", "d", "e"};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        get_and_release(others[i]);
    start_call(&waiting, FOR_EVER, NULL);
    wait_until(&threads_that_asked, 1);
    assert_int_equal(atomic_load(&source.fetches), 1 + COUNT_OF(others));
    atomic_store(&source.is_open, true);
    end_call(&fetching);
    end_call(&waiting);
    assert_string_equal(waiting.value, "key #1");
    assert_true(atomic_load(&values_alive) <= 3);
}

static atomic_uint turns;

static void *use_many_keys(void *argument) {
    uint64_t seed = (uintptr_t)argument;
    for (int i = 0; i < 3000; i++) {
        char key[16], expected[16];
        struct irsa_cache_ref ref;
        struct irsa_error error;
        snprintf(key, sizeof key, "k%d", (int)(test_random(&seed) % 8));
        snprintf(expected, sizeof expected, "%s #", key);
        if (test_random(&seed) % 16 == 0)
            irsa_cache_drop(cache, key);
        if (test_random(&seed) % 16 == 0)
            atomic_fetch_add(&now_ms, 100);
        if (!irsa_cache_get(cache, key, load, &source, FOR_EVER, NULL, &ref, &error))
            continue;
        if (strncmp(ref.value, expected, strlen(expected)) == 0)
            atomic_fetch_add(&turns, 1);
        irsa_cache_release(cache, &ref);
    }
    return NULL;
}

static void many_threads_and_keys_get_the_right_values(void **state) {
    (void)state;
    pthread_t threads[8];
    atomic_store(&turns, 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_many_keys, (void *)(i + 1)), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&turns), 8 * 3000);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_value_is_fetched_once_while_it_is_fresh),
        CASE(an_old_value_is_fetched_again),
        CASE(a_fetch_may_shorten_the_life_of_its_value),
        CASE(a_dropped_key_is_fetched_again_and_its_value_lives_until_released),
        CASE(the_longest_unused_goes_when_there_are_too_many),
        CASE(a_kept_value_takes_no_more_than_a_few_hundred_bytes),
        CASE(finding_fetches_nothing),
        CASE(a_failed_fetch_is_not_kept),
        CASE(threads_that_ask_together_share_one_fetch),
        CASE(all_who_wait_get_the_error_and_the_next_one_tries_anew),
        CASE(waiting_ends_at_its_deadline),
        CASE(waiting_ends_when_it_is_cancelled),
        CASE(one_who_waits_takes_over_a_fetch_that_was_cancelled),
        CASE(what_is_being_fetched_is_not_evicted),
        CASE(a_key_dropped_during_its_fetch_is_fetched_again),
        CASE(many_threads_and_keys_get_the_right_values),
    };
    return RUN_TESTS("a cache fetches once and keeps for a while");
}
