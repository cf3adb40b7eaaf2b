#include "worker/engine/frontier.h"

#include "core/contract/checkpoint.h"
#include "tests/support/seed.h"

#define WINDOW  INT64_C(128)
#define OFFSETS 2000

static void the_watermark_is_the_first_offset_that_is_not_settled(void **state) {
    (void)state;
    struct irsa_frontier frontier;
    irsa_frontier_init(&frontier, 100, WINDOW);
    for (int64_t offset = 100; offset < 105; offset++)
        assert_int_equal(irsa_frontier_take(&frontier, offset), IRSA_TAKE_OK);
    assert_false(irsa_frontier_settle(&frontier, 101));
    assert_false(irsa_frontier_settle(&frontier, 103));
    assert_int_equal(frontier.watermark, 100);
    assert_true(irsa_frontier_settle(&frontier, 100));
    assert_int_equal(frontier.watermark, 102);
    assert_true(irsa_frontier_settle(&frontier, 102));
    assert_int_equal(frontier.watermark, 104);
    assert_false(irsa_frontier_is_clean(&frontier));
    assert_true(irsa_frontier_settle(&frontier, 104));
    assert_true(irsa_frontier_is_clean(&frontier));
    irsa_frontier_done(&frontier);
}

static void offsets_that_do_not_exist_count_as_settled(void **state) {
    (void)state;
    struct irsa_frontier frontier;
    irsa_frontier_init(&frontier, 0, WINDOW);
    assert_int_equal(irsa_frontier_take(&frontier, 3), IRSA_TAKE_OK); // 0, 1 and 2 are not there
    assert_int_equal(frontier.watermark, 3);
    assert_int_equal(irsa_frontier_take(&frontier, 10), IRSA_TAKE_OK);
    assert_true(irsa_frontier_settle(&frontier, 3));
    assert_int_equal(frontier.watermark, 10);
    assert_true(irsa_frontier_settle(&frontier, 10));
    assert_true(irsa_frontier_end(&frontier, 20)); // transaction markers at the end
    assert_int_equal(frontier.watermark, 20);
    assert_int_equal(irsa_frontier_take(&frontier, 1000000), IRSA_TAKE_OK); // nothing in hand: any gap fits
    assert_int_equal(frontier.watermark, 1000000);
    irsa_frontier_done(&frontier);
}

static void what_is_beyond_the_window_waits_for_the_watermark(void **state) {
    (void)state;
    struct irsa_frontier frontier;
    irsa_frontier_init(&frontier, 0, WINDOW);
    assert_int_equal(irsa_frontier_take(&frontier, 0), IRSA_TAKE_OK);
    assert_int_equal(irsa_frontier_take(&frontier, WINDOW), IRSA_TAKE_FULL);
    assert_false(irsa_frontier_has_room(&frontier));
    assert_int_equal(irsa_frontier_take(&frontier, WINDOW), IRSA_TAKE_FULL);
    assert_true(irsa_frontier_settle(&frontier, 0));
    assert_int_equal(irsa_frontier_take(&frontier, WINDOW), IRSA_TAKE_OK);
    assert_int_equal(frontier.watermark, WINDOW);
    assert_false(irsa_frontier_end(&frontier, 3 * WINDOW));
    assert_true(irsa_frontier_settle(&frontier, WINDOW));
    assert_true(irsa_frontier_end(&frontier, 3 * WINDOW));
    assert_int_equal(frontier.watermark, 3 * WINDOW);
    irsa_frontier_done(&frontier);
}

static void a_narrowed_frontier_takes_half_as_far_ahead_and_forgets_nothing(void **state) {
    (void)state;
    struct irsa_frontier frontier;
    irsa_frontier_init(&frontier, 0, 256);
    for (int64_t offset = 0; offset < 200; offset++)
        assert_int_equal(irsa_frontier_take(&frontier, offset), IRSA_TAKE_OK);
    for (int64_t offset = 1; offset < 200; offset++)
        assert_false(irsa_frontier_settle(&frontier, offset));
    irsa_frontier_narrow(&frontier);
    assert_false(irsa_frontier_has_room(&frontier));
    assert_int_equal(irsa_frontier_take(&frontier, 200), IRSA_TAKE_FULL);
    assert_true(irsa_frontier_settle(&frontier, 0));
    assert_int_equal(frontier.watermark, 200);
    assert_int_equal(irsa_frontier_take(&frontier, 327), IRSA_TAKE_OK);
    assert_int_equal(irsa_frontier_take(&frontier, 200 + 128 + 128), IRSA_TAKE_FULL);
    irsa_frontier_done(&frontier);
}

static void what_is_in_hand_or_settled_is_not_taken_twice(void **state) {
    (void)state;
    struct irsa_frontier frontier;
    irsa_frontier_init(&frontier, -1, WINDOW);
    assert_int_equal(irsa_frontier_take(&frontier, 5), IRSA_TAKE_OK);
    assert_int_equal(frontier.watermark, 5);
    assert_int_equal(irsa_frontier_take(&frontier, 5), IRSA_TAKE_KNOWN);
    assert_int_equal(irsa_frontier_take(&frontier, 6), IRSA_TAKE_OK);
    irsa_frontier_settle(&frontier, 6);
    assert_int_equal(irsa_frontier_take(&frontier, 6), IRSA_TAKE_KNOWN);
    irsa_frontier_settle(&frontier, 5);
    assert_int_equal(irsa_frontier_take(&frontier, 2), IRSA_TAKE_KNOWN);
    irsa_frontier_done(&frontier);
}

static void a_checkpoint_whose_offsets_are_all_gone_does_not_stop_the_partition(void **state) {
    (void)state;
    struct irsa_frontier frontier;
    const uint8_t bits[] = {0x12, 0x40};
    irsa_frontier_init(&frontier, 0, WINDOW);
    irsa_frontier_restore(&frontier, bits, sizeof bits);
    assert_int_equal(irsa_frontier_take(&frontier, 1000000), IRSA_TAKE_OK);
    assert_int_equal(frontier.watermark, 1000000);
    assert_int_equal(frontier.settled, 0);
    irsa_frontier_done(&frontier);
}

/* --- against a model ----------------------------------------------------------------------------------------------------- */

/* A partition with gaps, and what is known of each of its offsets, in the plainest way. */
struct model {
    bool exists[OFFSETS], is_taken[OFFSETS], is_settled[OFFSETS];
    int64_t read_to;  /* what comes next */
    int64_t seen_to;  /* what is not there below it is known to be missing: a record or the end has been seen at it */
    int64_t restored; /* what a checkpoint told of: everything below it that was settled or known to be missing */
};

static void make_partition(struct model *model, uint64_t *random) {
    *model = (struct model){0};
    unsigned density = 1 + test_below(random, 8);
    for (size_t i = 0; i < OFFSETS; i++) {
        model->exists[i] = test_below(random, 8) < density;
        if (test_below(random, 300) == 0)
            i += test_below(random, (unsigned)(2 * WINDOW)); // a gap wider than the window
    }
}

static int64_t model_watermark(const struct model *model, int64_t begin) {
    int64_t offset = begin;
    for (; offset < OFFSETS; offset++) {
        bool is_seen = offset < model->seen_to || offset < model->restored;
        if (!is_seen || (model->exists[offset] && !model->is_settled[offset]))
            break;
    }
    return offset;
}

static int64_t next_existing(const struct model *model, int64_t offset) {
    while (offset < OFFSETS && !model->exists[offset])
        offset++;
    return offset;
}

static void deliver(struct model *model, struct irsa_frontier *frontier) {
    int64_t offset = next_existing(model, model->read_to);
    model->seen_to = offset;
    if (offset == OFFSETS) {
        if (irsa_frontier_end(frontier, OFFSETS))
            model->read_to = OFFSETS;
        return;
    }
    enum irsa_take take = irsa_frontier_take(frontier, offset);
    if (take == IRSA_TAKE_FULL) {
        assert_true(offset - frontier->watermark >= (int64_t)frontier->window); // never without need
        assert_true(frontier->watermark < frontier->next);                      // and something will move it
        return;
    }
    assert_int_equal(take == IRSA_TAKE_KNOWN, model->is_settled[offset] || model->is_taken[offset]);
    model->is_taken[offset] = true;
    model->read_to = model->seen_to = offset + 1;
}

static void settle_one(struct model *model, struct irsa_frontier *frontier, uint64_t *random) {
    int64_t candidates[WINDOW];
    size_t count = 0;
    for (int64_t offset = frontier->watermark; offset < model->read_to; offset++)
        if (model->is_taken[offset] && !model->is_settled[offset])
            candidates[count++] = offset;
    if (count == 0)
        return;
    int64_t offset = candidates[test_below(random, (unsigned)count)];
    model->is_settled[offset] = true;
    irsa_frontier_settle(frontier, offset);
    if (model->seen_to > model->read_to)
        deliver(model, frontier); // what is held back is offered again, as intake does it
}

/* Commit, lose everything that was in memory, and begin again where the commit says. */
static void restart(struct model *model, struct irsa_frontier *frontier) {
    struct irsa_arena *arena = irsa_arena_new();
    struct irsa_error err;
    const uint8_t *bits;
    size_t length;
    int64_t committed = frontier->watermark;
    if (model->restored < frontier->next)
        model->restored = frontier->next;
    const char *metadata = irsa_frontier_checkpoint(frontier, arena);
    irsa_frontier_done(frontier);
    irsa_frontier_init(frontier, committed, WINDOW);
    assert_ok(irsa_checkpoint_decode(arena, metadata, committed, &bits, &length, &err), err);
    irsa_frontier_restore(frontier, bits, length);
    irsa_arena_free(arena);
    model->read_to = model->seen_to = committed;
    memset(model->is_taken, false, sizeof model->is_taken);
}

static void the_frontier_agrees_with_a_model_over_random_schedules_and_restarts(void **state) {
    (void)state;
    uint64_t random = test_seed();
    static struct model model;
    for (int round = 0; round < 2000; round++) {
        struct irsa_frontier frontier;
        make_partition(&model, &random);
        int64_t begin = test_below(&random, 20);
        irsa_frontier_init(&frontier, begin, WINDOW);
        model.read_to = model.seen_to = begin;
        unsigned readiness = 1 + test_below(&random, 9);
        for (int step = 0; step < 1000000 && frontier.watermark < OFFSETS; step++) {
            if (test_below(&random, 2000) == 0)
                restart(&model, &frontier);
            else if (test_below(&random, 10) < readiness)
                deliver(&model, &frontier);
            else
                settle_one(&model, &frontier, &random);
            if (frontier.watermark != model_watermark(&model, begin))
                fail_msg("round %d, step %d: the watermark is %lld, not %lld", round, step,
                         (long long)frontier.watermark, (long long)model_watermark(&model, begin));
            begin = frontier.watermark; // it never goes back
        }
        assert_int_equal(frontier.watermark, OFFSETS);
        assert_true(irsa_frontier_is_clean(&frontier));
        assert_int_equal(frontier.settled, 0);
        irsa_frontier_done(&frontier);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_watermark_is_the_first_offset_that_is_not_settled),
        cmocka_unit_test(offsets_that_do_not_exist_count_as_settled),
        cmocka_unit_test(what_is_beyond_the_window_waits_for_the_watermark),
        cmocka_unit_test(a_narrowed_frontier_takes_half_as_far_ahead_and_forgets_nothing),
        cmocka_unit_test(what_is_in_hand_or_settled_is_not_taken_twice),
        cmocka_unit_test(a_checkpoint_whose_offsets_are_all_gone_does_not_stop_the_partition),
        cmocka_unit_test(the_frontier_agrees_with_a_model_over_random_schedules_and_restarts),
    };
    return RUN_TESTS("frontier");
}
