#include "producer/spool.h"

#include <stdlib.h>

#include "core/base/arena.h"
#include "tests/support/test.h"

static void add(struct irsa_spool *spool, const void *bytes, size_t length, uint64_t *out_position) {
    struct irsa_error err;
    assert_ok(irsa_spool_add(spool, bytes, length, out_position, &err), err);
}

static uint64_t assert_entry(struct irsa_spool *spool, uint64_t position, const void *bytes, size_t length) {
    struct irsa_error err;
    const void *found;
    size_t found_length;
    uint64_t next;
    assert_ok(irsa_spool_read(spool, position, &found, &found_length, &next, &err), err);
    assert_int_equal(found_length, length);
    assert_memory_equal(found, bytes, length);
    return next;
}

static void entries_come_back_in_order_and_by_position(void **state) {
    (void)state;
    struct irsa_spool *spool = irsa_spool_new();
    uint64_t first, second, third;
    add(spool, "one", 3, &first);
    add(spool, "", 0, &second);
    add(spool, "three\0four", 10, &third);
    assert_int_equal(first, 0);
    uint64_t next = assert_entry(spool, first, "one", 3);
    assert_int_equal(next, second);
    next = assert_entry(spool, next, "", 0);
    assert_int_equal(assert_entry(spool, next, "three\0four", 10), irsa_spool_end(spool));
    assert_entry(spool, first, "one", 3);
    irsa_spool_free(spool);
}

/* Sizes by which entries fall on both sides of every border of the implementation. */
static size_t size_of(size_t i) {
    return i * 7919 % 5000;
}

static void fill(char *entry, size_t i) {
    memset(entry, (int)('a' + i % 26), size_of(i));
}

static void entries_beyond_memory_come_back_from_the_file(void **state) {
    (void)state;
    enum { COUNT = 4000 };
    struct irsa_spool *spool = irsa_spool_new();
    static uint64_t positions[COUNT];
    static char entry[5000];
    for (size_t i = 0; i < COUNT; i++) {
        fill(entry, i);
        add(spool, entry, size_of(i), &positions[i]);
    }
    assert_in_range(irsa_spool_end(spool), 8 * 1024 * 1024, UINT64_MAX);
    uint64_t next = 0;
    for (size_t i = 0; i < COUNT; i++) {
        fill(entry, i);
        assert_int_equal(next, positions[i]);
        next = assert_entry(spool, next, entry, size_of(i));
    }
    assert_int_equal(next, irsa_spool_end(spool));
    uint64_t seed = 4;
    for (size_t n = 0; n < 2000; n++) {
        size_t i = test_random(&seed) % COUNT;
        fill(entry, i);
        assert_entry(spool, positions[i], entry, size_of(i));
    }
    irsa_spool_free(spool);
}

static void reading_and_adding_may_alternate(void **state) {
    (void)state;
    struct irsa_spool *spool = irsa_spool_new();
    char *entry = irsa_new(300000);
    uint64_t positions[20];
    for (size_t i = 0; i < 20; i++) {
        memset(entry, (int)('a' + i), 300000);
        add(spool, entry, 300000, &positions[i]);
        for (size_t j = 0; j <= i; j++) {
            memset(entry, (int)('a' + j), 300000);
            assert_entry(spool, positions[j], entry, 300000);
        }
    }
    free(entry);
    irsa_spool_free(spool);
}

static void an_entry_over_the_bound_is_refused(void **state) {
    (void)state;
    struct irsa_spool *spool = irsa_spool_new();
    char *entry = irsa_new(IRSA_SPOOL_ENTRY_MAX_BYTES + 1);
    uint64_t position;
    struct irsa_error err;
    add(spool, entry, IRSA_SPOOL_ENTRY_MAX_BYTES, &position);
    assert_false(irsa_spool_add(spool, entry, IRSA_SPOOL_ENTRY_MAX_BYTES + 1, &position, &err));
    assert_code(err, TOO_LARGE);
    free(entry);
    irsa_spool_free(spool);
}

static void a_folder_that_cannot_be_written_is_told_by_its_variable(void **state) {
    (void)state;
    struct irsa_spool *spool = irsa_spool_new();
    char *entry = irsa_new(1000000);
    uint64_t position;
    struct irsa_error err;
    assert_int_equal(setenv("TMPDIR", "/nowhere", 1), 0);
    add(spool, entry, 1000000, &position);
    assert_false(irsa_spool_add(spool, entry, 1000000, &position, &err));
    assert_code(err, UNAVAILABLE);
    assert_non_null(strstr(err.message, "/nowhere"));
    assert_int_equal(unsetenv("TMPDIR"), 0);
    free(entry);
    irsa_spool_free(spool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_come_back_in_order_and_by_position),
        cmocka_unit_test(entries_beyond_memory_come_back_from_the_file),
        cmocka_unit_test(reading_and_adding_may_alternate),
        cmocka_unit_test(an_entry_over_the_bound_is_refused),
        cmocka_unit_test(a_folder_that_cannot_be_written_is_told_by_its_variable),
    };
    return RUN_TESTS("what is spooled comes back as it was");
}
