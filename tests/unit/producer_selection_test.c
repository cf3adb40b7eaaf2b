#include "producer/selection.h"

#include <stdlib.h>

#include "core/base/arena.h"
#include "tests/support/test.h"

struct choice {
    struct irsa_arena *arena;
    struct irsa_selection selection;
    struct irsa_error err;
};

static int setup(void **state) {
    struct choice *choice = irsa_new(sizeof *choice);
    choice->arena = irsa_arena_new();
    *state = choice;
    return 0;
}

static int teardown(void **state) {
    struct choice *choice = *state;
    irsa_arena_free(choice->arena);
    free(choice);
    return 0;
}

#define GLOBS(...)                                                                                                     \
    ((struct irsa_strings){(const char *const[]){__VA_ARGS__}, COUNT_OF(((const char *const[]){__VA_ARGS__}))})

static const struct irsa_strings none = {NULL, 0};

static void init(struct choice *choice, struct irsa_strings include, struct irsa_strings exclude) {
    assert_ok(irsa_selection_init(&choice->selection, choice->arena, include, exclude, &choice->err), choice->err);
}

static bool takes(struct choice *choice, const char *namespace_name, const char *name) {
    return irsa_selection_takes(&choice->selection, namespace_name, name);
}

static void without_globs_everything_is_taken(void **state) {
    struct choice *choice = *state;
    init(choice, none, none);
    assert_true(takes(choice, "default", "a"));
    assert_ok(irsa_selection_finish(&choice->selection, &choice->err), choice->err);
}

static void an_include_glob_is_matched_against_namespace_and_name(void **state) {
    struct choice *choice = *state;
    init(choice, GLOBS("backend-apps/*"), none);
    assert_true(takes(choice, "backend-apps", "s3-reader"));
    assert_false(takes(choice, "kube-system", "cluster-autoscaler"));
    assert_ok(irsa_selection_finish(&choice->selection, &choice->err), choice->err);
}

static void a_star_matches_the_slash_too(void **state) {
    struct choice *choice = *state;
    init(choice, GLOBS("*reader"), none);
    assert_true(takes(choice, "backend-apps", "s3-reader"));
}

static void an_exclude_glob_counts_more_than_an_include_glob(void **state) {
    struct choice *choice = *state;
    init(choice, GLOBS("backend-apps/*"), GLOBS("*/cache-*"));
    assert_true(takes(choice, "backend-apps", "s3-reader"));
    assert_false(takes(choice, "backend-apps", "cache-access"));
    assert_ok(irsa_selection_finish(&choice->selection, &choice->err), choice->err);
}

static void an_exclude_glob_alone_leaves_the_others(void **state) {
    struct choice *choice = *state;
    init(choice, none, GLOBS("kube-system/*", "nothing/*"));
    assert_false(takes(choice, "kube-system", "cluster-autoscaler"));
    assert_true(takes(choice, "backend-apps", "s3-reader"));
    assert_ok(irsa_selection_finish(&choice->selection, &choice->err), choice->err);
}

static void an_include_glob_that_fits_nothing_is_an_error_with_the_names_that_there_are(void **state) {
    struct choice *choice = *state;
    init(choice, GLOBS("backend-apps/*", "frontend/*"), none);
    takes(choice, "backend-apps", "s3-reader");
    takes(choice, "kube-system", "cluster-autoscaler");
    takes(choice, "backend-apps", "s3-reader");
    assert_false(irsa_selection_finish(&choice->selection, &choice->err));
    assert_code(choice->err, INVALID);
    assert_string_equal(choice->err.message,
                        "--include \"frontend/*\" fits nothing; there are: backend-apps/s3-reader, "
                        "kube-system/cluster-autoscaler");
}

static void a_bare_name_is_told_what_globs_are_matched_against(void **state) {
    struct choice *choice = *state;
    init(choice, GLOBS("s3-reader"), none);
    assert_false(takes(choice, "backend-apps", "s3-reader"));
    assert_false(irsa_selection_finish(&choice->selection, &choice->err));
    assert_string_equal(choice->err.message, "--include \"s3-reader\" fits nothing (a glob is matched against "
                                             "namespace/name); there are: backend-apps/s3-reader");
}

/* Both have done their work: what an exclude glob takes away again was there. */
static void an_include_glob_whose_matches_are_all_excluded_has_fitted(void **state) {
    struct choice *choice = *state;
    init(choice, GLOBS("a/*"), GLOBS("a/x"));
    assert_false(takes(choice, "a", "x"));
    assert_ok(irsa_selection_finish(&choice->selection, &choice->err), choice->err);
}

static void only_a_few_names_are_listed(void **state) {
    struct choice *choice = *state;
    init(choice, GLOBS("z/*"), none);
    for (int i = 0; i < 1000; i++)
        takes(choice, "n", irsa_arena_format(choice->arena, "a%d", i));
    assert_false(irsa_selection_finish(&choice->selection, &choice->err));
    assert_non_null(strstr(choice->err.message, "n/a11 and others"));
    assert_null(strstr(choice->err.message, "n/a12"));
}

static void a_glob_that_cannot_be_read_is_refused(void **state) {
    struct choice *choice = *state;
    assert_false(irsa_selection_init(&choice->selection, choice->arena, GLOBS("a/[b"), none, &choice->err));
    assert_code(choice->err, INVALID);
    assert_non_null(strstr(choice->err.message, "--include \"a/[b\""));
    assert_false(irsa_selection_init(&choice->selection, choice->arena, none, GLOBS("{a"), &choice->err));
    assert_non_null(strstr(choice->err.message, "--exclude \"{a\""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(without_globs_everything_is_taken),
        TEST(an_include_glob_is_matched_against_namespace_and_name),
        TEST(a_star_matches_the_slash_too),
        TEST(an_exclude_glob_counts_more_than_an_include_glob),
        TEST(an_exclude_glob_alone_leaves_the_others),
        TEST(an_include_glob_that_fits_nothing_is_an_error_with_the_names_that_there_are),
        TEST(a_bare_name_is_told_what_globs_are_matched_against),
        TEST(an_include_glob_whose_matches_are_all_excluded_has_fitted),
        TEST(only_a_few_names_are_listed),
        TEST(a_glob_that_cannot_be_read_is_refused),
    };
    return RUN_TESTS("a file's service accounts are chosen by globs");
}
