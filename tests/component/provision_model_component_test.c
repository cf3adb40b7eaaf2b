/*
 * The randomized model test: requests of every kind, delivered once or again, and what others do meanwhile, drawn from
 * seeds, on a few names. After each step the world and the result must be what a small model of our promises says
 * (tests/support/model_rules.c, which knows nothing of core/provision).
 *
 * The seeds are fixed. IRSA_MODEL_SEED=n IRSA_MODEL_RUNS=m plays the m seeds from n on; a failure is shrunk and printed as
 * a script, one step a line, that IRSA_MODEL_SCRIPT=file plays again. HACKING.md tells what to break to see it fail.
 */
#include <stdlib.h>

#include "core/base/arena.h"
#include "tests/support/model_play.h"
#include "tests/support/test.h"

#define FIRST_SEED      1
#define RUNS            1500
#define CASES           8 /* of so many tests, for IRSA_TEST_SHARD */
#define MAX_FAULT_BYTES 4096

struct trial {
    struct model_script script;
    size_t step; /* the one that went wrong */
    char fault[MAX_FAULT_BYTES];
};

static bool goes_wrong(struct trial *trial) {
    return !model_play(&trial->script, &trial->step, trial->fault, sizeof trial->fault);
}

/* --- shrinking ------------------------------------------------------------------------------------------------------ */

/* Keep the candidate if it goes wrong as well, in whatever way; what comes after the fault is not needed. */
static bool keep(struct trial *trial, struct trial *candidate) {
    if (!model_script_is_valid(&candidate->script) || !goes_wrong(candidate))
        return false;
    candidate->script.count = candidate->step;
    *trial = *candidate;
    return true;
}

static bool drop_steps(struct trial *trial, struct trial *candidate, size_t at, size_t count) {
    struct model_script *script = &candidate->script;
    *candidate = *trial;
    memmove(&script->steps[at], &script->steps[at + count], (script->count - at - count) * sizeof script->steps[0]);
    script->count -= count;
    return keep(trial, candidate);
}

static bool drop_any_steps(struct trial *trial, struct trial *candidate) {
    bool has_shrunk = false;
    for (size_t size = trial->script.count / 2; size > 0; size /= 2)
        for (size_t at = 0; at + size <= trial->script.count;)
            if (drop_steps(trial, candidate, at, size))
                has_shrunk = true;
            else
                at += size;
    return has_shrunk;
}

/* First nothing at all, then one bit less. */
static bool lower(struct trial *trial, struct trial *candidate, size_t step, size_t member) {
    unsigned value = *model_step_member(&trial->script.steps[step], member);
    for (unsigned less = 0, bit = 0; value != 0 && bit <= 8; less = value & ~(1u << bit++)) {
        if (less == value)
            continue;
        *candidate = *trial;
        *model_step_member(&candidate->script.steps[step], member) = less;
        if (keep(trial, candidate))
            return true;
    }
    return false;
}

static bool lower_any_members(struct trial *trial, struct trial *candidate) {
    bool has_shrunk = false;
    struct model_step none = {0};
    for (size_t step = 0; step < trial->script.count; step++)
        for (size_t member = 0; model_step_member(&none, member) != NULL; member++)
            while (step < trial->script.count && lower(trial, candidate, step, member))
                has_shrunk = true;
    return has_shrunk;
}

static void shrink(struct trial *trial) {
    struct trial *candidate = malloc(sizeof *candidate);
    trial->script.count = trial->step;
    while (drop_any_steps(trial, candidate) || lower_any_members(trial, candidate))
        continue;
    free(candidate);
}

/* --- runs ----------------------------------------------------------------------------------------------------------- */

/* The end of the program for this trial; never for one that goes well. */
static void report(struct trial *trial, const char *origin) {
    struct irsa_arena *arena = irsa_arena_new();
    struct irsa_text text;
    char *lines;
    shrink(trial);
    irsa_text_init(&text, arena, 65536);
    model_script_write(&trial->script, &text);
    lines = strdup(text.at);
    irsa_arena_free(arena);
    print_error("%s goes wrong; the shortest script that does, for IRSA_MODEL_SCRIPT:\n\n%s\n", origin, lines);
    free(lines);
    fail_msg("after step %zu: %s", trial->step, trial->fault);
}

static uint64_t setting(const char *name, uint64_t fallback) {
    const char *given = getenv(name);
    return given != NULL ? strtoull(given, NULL, 10) : fallback;
}

static void the_world_is_what_the_model_says_after_each_step(void **state) {
    uint64_t first = setting("IRSA_MODEL_SEED", FIRST_SEED), runs = setting("IRSA_MODEL_RUNS", RUNS);
    struct trial trial;
    for (uint64_t i = *(unsigned *)*state; i < runs; i += CASES) {
        char origin[64];
        (void)snprintf(origin, sizeof origin, "seed %llu", (unsigned long long)(first + i));
        model_script_draw(&trial.script, first + i);
        if (goes_wrong(&trial))
            report(&trial, origin);
    }
}

static void the_given_script_goes_well(void **state) {
    const char *path = *state;
    char text[32768], word[64];
    struct trial trial;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail_msg("%s cannot be read", path);
    size_t length = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[length] = '\0';
    if (!model_script_read(&trial.script, text, word))
        fail_msg("%s: \"%s\" is no step and no part of one, or there are more than %d steps", path, word,
                 MODEL_MAX_STEPS);
    if (goes_wrong(&trial))
        fail_msg("after step %zu: %s", trial.step, trial.fault);
}

int main(void) {
    char *script = getenv("IRSA_MODEL_SCRIPT");
    struct CMUnitTest tests[CASES];
    unsigned numbers[CASES];
    if (script != NULL) {
        const struct CMUnitTest given[] = {
            {"the given script goes well", the_given_script_goes_well, NULL, NULL, script}};
        return test_run("provisioning does what the model says", given, 1);
    }
    print_message("IRSA_MODEL_SEED=%llu IRSA_MODEL_RUNS=%llu\n",
                  (unsigned long long)setting("IRSA_MODEL_SEED", FIRST_SEED),
                  (unsigned long long)setting("IRSA_MODEL_RUNS", RUNS));
    for (unsigned i = 0; i < CASES; i++) {
        numbers[i] = i;
        tests[i] = (struct CMUnitTest){"the world is what the model says after each step",
                                       the_world_is_what_the_model_says_after_each_step, NULL, NULL, &numbers[i]};
    }
    return RUN_TESTS("provisioning does what the model says");
}
