/*
 * Repair: whatever others change, the same create again restores what is ours and touches nothing else. The table
 * tests/support/repair_table.c has a row for each change; here each is played by a worker that runs on and by a new one.
 */
#include "core/provision/place.h"
#include "tests/support/repair_scene.h"
#include "tests/support/test.h"

#define MAX_TESTS 128

static void check_repair(struct stage *stage, const struct repair *repair, const struct irsa_result *result) {
    assert_string_equal(repair_steps(stage, result), repair->steps);
    assert_string_equal(irsa_outcome_name(result->outcome), *repair->steps != '\0' ? "succeeded" : "unchanged");
    assert_string_equal(repair_joined(stage, result->foreign), repair->foreign != NULL ? repair->foreign : "");
    assert_string_equal(repair_joined(stage, result->notes), repair->wants_restart ? "pods-need-restart" : "");
    assert_string_equal(repair_writes(stage), repair_calls(stage, result));
    repair_check_facts(stage, result);
}

/* --- one test per row --------------------------------------------------------------------------------------------------- */

struct row {
    const struct repair *repair;
    const struct repair_refusal *refusal;
};

static void check_second_repeat(struct stage *stage, const struct repair *repair, const char *request) {
    const struct irsa_json *repaired = repair_world(stage);
    stage_control(stage, "DELETE", "/calls", NULL);
    struct irsa_result again = repair_deliver(stage, request, 4);
    assert_string_equal(irsa_outcome_name(again.outcome), "unchanged");
    assert_int_equal(again.step_count, 0);
    assert_string_equal(repair_joined(stage, again.foreign), repair->foreign != NULL ? repair->foreign : "");
    assert_string_equal(repair_writes(stage), "");
    assert_string_equal(repair_diff(stage, repaired), "");
}

static void play(struct stage *stage, const struct repair *repair, bool is_same_worker) {
    const char *request = repair->is_forced ? REPAIR_FORCED_CREATE : REPAIR_CREATE;
    const struct irsa_json *before = repair_set_the_scene(stage);
    repair_put(stage, repair->changes);
    if (repair->asked != NULL)
        repair_deliver(stage, repair->asked, 2);
    if (!is_same_worker)
        stage_restart(stage);
    else if (repair->is_remembered)
        stage->now_ms += IRSA_PLACE_LIFETIME_MS + 1;
    stage_control(stage, "DELETE", "/calls", NULL);
    struct irsa_result result = repair_deliver(stage, request, 3);
    check_repair(stage, repair, &result);
    assert_string_equal(repair_diff(stage, before), repair->leaves);
    check_second_repeat(stage, repair, request);
}

static void the_same_create_restores_what_is_ours_and_nothing_else(void **state) {
    const struct row *row = *state;
    for (int is_same_worker = 0; is_same_worker <= 1; is_same_worker++) {
        struct stage *stage = malloc(sizeof *stage);
        stage_open(stage);
        play(stage, row->repair, is_same_worker != 0);
        stage_close(stage);
        free(stage);
    }
}

static void the_same_create_is_refused_and_touches_nothing(void **state) {
    const struct repair_refusal *refusal = ((const struct row *)*state)->refusal;
    struct stage *stage = malloc(sizeof *stage);
    struct irsa_result result;
    struct irsa_error err;
    stage_open(stage);
    repair_set_the_scene(stage);
    repair_put(stage, refusal->changes);
    stage_restart(stage);
    stage_control(stage, "DELETE", "/calls", NULL);
    const struct irsa_json *changed = repair_world(stage);
    assert_false(stage_deliver(stage, repair_json(stage, REPAIR_CREATE), 3, &result, &err));
    assert_code(err, CONFLICT);
    if (strstr(err.message, refusal->says) == NULL)
        fail_msg("%s does not say: %s", err.message, refusal->says);
    assert_string_equal(repair_writes(stage), "");
    assert_string_equal(repair_diff(stage, changed), "");
    stage_close(stage);
    free(stage);
}

static void add(struct CMUnitTest *test, const char *name, CMUnitTestFunction run, struct row *row) {
    *test = (struct CMUnitTest){.name = name, .test_func = run, .initial_state = row};
}

int main(void) {
    static struct row rows[MAX_TESTS];
    struct CMUnitTest tests[MAX_TESTS];
    size_t count = 0;
    assert_true(REPAIR_COUNT + REPAIR_REFUSAL_COUNT <= MAX_TESTS);
    for (size_t i = 0; i < REPAIR_COUNT; i++, count++) {
        rows[count].repair = &REPAIRS[i];
        add(&tests[count], REPAIRS[i].name, the_same_create_restores_what_is_ours_and_nothing_else, &rows[count]);
    }
    for (size_t i = 0; i < REPAIR_REFUSAL_COUNT; i++, count++) {
        rows[count].refusal = &REPAIR_REFUSALS[i];
        add(&tests[count], REPAIR_REFUSALS[i].name, the_same_create_is_refused_and_touches_nothing, &rows[count]);
    }
    return test_run("whatever others change is put back, and nothing else", tests, count);
}
