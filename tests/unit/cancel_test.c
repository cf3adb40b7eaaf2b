#include "core/base/cancel.h"

#include <poll.h>
#include <pthread.h>

#include "tests/support/test.h"

static bool is_readable(const struct irsa_cancel *cancel) {
    struct pollfd fd = {.fd = cancel->fd, .events = POLLIN};
    return poll(&fd, 1, 0) == 1;
}

static void a_flag_is_clear_until_it_is_set(void **state) {
    (void)state;
    struct irsa_cancel cancel;
    irsa_cancel_init(&cancel);
    assert_false(irsa_cancel_is_set(&cancel));
    assert_false(is_readable(&cancel));
    irsa_cancel_set(&cancel);
    assert_true(irsa_cancel_is_set(&cancel));
    assert_true(is_readable(&cancel));
    irsa_cancel_done(&cancel);
}

static void setting_it_again_changes_nothing(void **state) {
    (void)state;
    struct irsa_cancel cancel;
    irsa_cancel_init(&cancel);
    for (int i = 0; i < 3; i++)
        irsa_cancel_set(&cancel);
    irsa_cancel_reset(&cancel);
    assert_false(irsa_cancel_is_set(&cancel));
    assert_false(is_readable(&cancel));
    irsa_cancel_reset(&cancel);
    irsa_cancel_set(&cancel);
    assert_true(is_readable(&cancel));
    irsa_cancel_done(&cancel);
}

static void no_flag_is_never_set(void **state) {
    (void)state;
    assert_false(irsa_cancel_is_set(NULL));
}

static void *set(void *cancel) {
    irsa_cancel_set(cancel);
    return NULL;
}

static void another_thread_wakes_a_poll(void **state) {
    (void)state;
    struct irsa_cancel cancel;
    pthread_t threads[4];
    irsa_cancel_init(&cancel);
    struct pollfd fd = {.fd = cancel.fd, .events = POLLIN};
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, set, &cancel);
    assert_int_equal(poll(&fd, 1, -1), 1);
    assert_true(irsa_cancel_is_set(&cancel));
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    irsa_cancel_done(&cancel);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flag_is_clear_until_it_is_set),
        cmocka_unit_test(setting_it_again_changes_nothing),
        cmocka_unit_test(no_flag_is_never_set),
        cmocka_unit_test(another_thread_wakes_a_poll),
    };
    return RUN_TESTS("a cancel flag can be looked at and waited for");
}
