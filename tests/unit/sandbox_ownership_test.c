/*
 * Field ownership of the sandbox's Kubernetes: sets of fields, and who has what after each kind of write.
 */
#include <stdlib.h>
#include <string.h>

#include "sandbox/kube/managers.h"
#include "sandbox/kube/tree.h"
#include "tests/unit/sandbox_fixture.h"

static int open_arena(void **state) {
    *state = irsa_arena_new();
    return 0;
}

static int close_arena(void **state) {
    irsa_arena_free(*state);
    return 0;
}

static const struct irsa_json *parse(struct irsa_arena *arena, const char *text) {
    const struct irsa_json_limits limits = {.max_bytes = 65536, .max_depth = 32};
    const struct irsa_json *tree;
    struct irsa_error err;
    if (!irsa_json_parse(arena, text, strlen(text), limits, &tree, &err))
        fail_msg("%s in %s", err.message, text);
    return tree;
}

static struct irsa_sandbox_writer writer(struct irsa_arena *arena, const char *manager, bool force) {
    return (struct irsa_sandbox_writer){.arena = arena,
                                        .schema = irsa_sandbox_service_accounts.schema,
                                        .manager = manager,
                                        .time = "2026-11-24T10:03:31Z",
                                        .force = force};
}

/* Apply, and give the object with its managers, as it would be kept. */
static struct irsa_json *applied(struct irsa_arena *arena, const struct irsa_json *live, const char *manager,
                                 const char *config) {
    const struct irsa_sandbox_writer by = writer(arena, manager, false);
    struct irsa_sandbox_applied result = irsa_sandbox_apply(&by, live, parse(arena, config));
    assert_int_equal(result.conflict_count, 0);
    irsa_sandbox_managers_write(arena, &result.managers, result.object);
    return result.object;
}

/* "manager:FieldsV1" of each, joined by spaces. */
static const char *shown(struct irsa_arena *arena, const struct irsa_json *object) {
    struct irsa_text text;
    irsa_text_init(&text, arena, 65536);
    irsa_text_add(&text, "");
    const struct irsa_json *list = irsa_json_get(irsa_json_get(object, "metadata"), "managedFields");
    for (const struct irsa_json *entry = list == NULL ? NULL : list->first; entry != NULL; entry = entry->next)
        irsa_text_addf(&text, "%s%s:%s", text.length == 0 ? "" : " ", irsa_json_get_text(entry, "manager"),
                       irsa_json_to_text(arena, irsa_json_get(entry, "fieldsV1")));
    return text.at;
}

static const char *text_of(struct irsa_arena *arena, const struct irsa_json *object, const char *pointer) {
    const struct irsa_json *value = irsa_json_at(object, pointer);
    return value == NULL ? "absent" : irsa_json_to_text(arena, value);
}

#define ONE   "{\"metadata\":{\"labels\":{\"a\":\"1\"}}}"
#define TWO   "{\"metadata\":{\"labels\":{\"a\":\"2\"}}}"
#define BOTH  "{\"metadata\":{\"labels\":{\"a\":\"1\",\"b\":\"1\"}}}"
#define EMPTY "{\"metadata\":{}}"

static void an_apply_owns_leaves_and_not_the_maps_that_hold_them(void **state) {
    struct irsa_json *object = applied(*state, NULL, "irsa", ONE);
    assert_string_equal(shown(*state, object), "irsa:{\"f:metadata\":{\"f:labels\":{\"f:a\":{}}}}");
}

static void an_update_owns_the_maps_that_it_makes(void **state) {
    const struct irsa_sandbox_writer by = writer(*state, "kubectl", false);
    struct irsa_json *object = irsa_sandbox_tree_copy(*state, parse(*state, ONE));
    struct irsa_sandbox_managers managers = irsa_sandbox_update(&by, NULL, object);
    irsa_sandbox_managers_write(*state, &managers, object);
    assert_string_equal(shown(*state, object), "kubectl:{\"f:metadata\":{\"f:labels\":{\".\":{},\"f:a\":{}}}}");
}

static void the_same_value_is_shared(void **state) {
    struct irsa_json *object = applied(*state, applied(*state, NULL, "helm", ONE), "irsa", ONE);
    assert_string_equal(shown(*state, object), "irsa:{\"f:metadata\":{\"f:labels\":{\"f:a\":{}}}} "
                                               "helm:{\"f:metadata\":{\"f:labels\":{\"f:a\":{}}}}");
    object = applied(*state, object, "irsa", EMPTY);
    assert_string_equal(text_of(*state, object, "/metadata/labels/a"), "\"1\"");
    object = applied(*state, object, "helm", EMPTY);
    assert_string_equal(text_of(*state, object, "/metadata/labels/a"), "absent");
}

static void another_value_is_a_conflict_that_changes_nothing(void **state) {
    struct irsa_json *object = applied(*state, NULL, "helm", BOTH);
    const struct irsa_sandbox_writer by = writer(*state, "irsa", false);
    struct irsa_sandbox_applied result = irsa_sandbox_apply(&by, object, parse(*state, TWO));
    assert_int_equal(result.conflict_count, 1);
    assert_string_equal(result.conflicts[0].owner->name, "helm");
    assert_string_equal(irsa_sandbox_path_text(*state, result.conflicts[0].path), ".metadata.labels.a");
    assert_string_equal(text_of(*state, object, "/metadata/labels/a"), "\"1\"");
}

static void force_takes_what_is_named(void **state) {
    const struct irsa_sandbox_writer by = writer(*state, "irsa", true);
    struct irsa_sandbox_applied result =
        irsa_sandbox_apply(&by, applied(*state, NULL, "helm", BOTH), parse(*state, TWO));
    irsa_sandbox_managers_write(*state, &result.managers, result.object);
    assert_string_equal(shown(*state, result.object), "helm:{\"f:metadata\":{\"f:labels\":{\"f:b\":{}}}} "
                                                      "irsa:{\"f:metadata\":{\"f:labels\":{\"f:a\":{}}}}");
}

static void an_update_takes_what_it_changes_and_drops_what_it_removes(void **state) {
    const struct irsa_sandbox_writer by = writer(*state, "kubectl", false);
    struct irsa_json *live = applied(*state, NULL, "helm", BOTH);
    struct irsa_json *object = irsa_sandbox_tree_copy(*state, parse(*state, TWO));
    struct irsa_sandbox_managers managers = irsa_sandbox_update(&by, live, object);
    irsa_sandbox_managers_write(*state, &managers, object);
    assert_string_equal(shown(*state, object), "kubectl:{\"f:metadata\":{\"f:labels\":{\"f:a\":{}}}}");
}

static void an_apply_does_not_remove_what_an_update_of_the_same_name_owns(void **state) {
    const struct irsa_sandbox_writer by = writer(*state, "irsa", false);
    struct irsa_json *object = irsa_sandbox_tree_copy(*state, parse(*state, ONE));
    struct irsa_sandbox_managers managers = irsa_sandbox_update(&by, NULL, object);
    irsa_sandbox_managers_write(*state, &managers, object);
    object = applied(*state, applied(*state, object, "irsa", ONE), "irsa", EMPTY);
    assert_string_equal(text_of(*state, object, "/metadata/labels/a"), "\"1\"");
}

static void an_apply_that_changes_nothing_keeps_its_time(void **state) {
    struct irsa_json *object = applied(*state, NULL, "irsa", ONE);
    struct irsa_sandbox_writer later = writer(*state, "irsa", false);
    later.time = "2027-01-01T00:00:00Z";
    struct irsa_sandbox_applied result = irsa_sandbox_apply(&later, object, parse(*state, ONE));
    assert_string_equal(result.managers.at[0].time, "2026-11-24T10:03:31Z");
    result = irsa_sandbox_apply(&later, object, parse(*state, BOTH));
    assert_string_equal(result.managers.at[0].time, "2027-01-01T00:00:00Z");
}

static void an_owner_that_changed_nothing_has_no_time_and_comes_first(void **state) {
    struct irsa_json *object = applied(*state, applied(*state, NULL, "helm", ONE), "irsa", ONE);
    assert_string_equal(text_of(*state, object, "/metadata/managedFields/0/manager"), "\"irsa\"");
    assert_string_equal(text_of(*state, object, "/metadata/managedFields/0/time"), "absent");
    assert_string_equal(text_of(*state, object, "/metadata/managedFields/1/time"), "\"2026-11-24T10:03:31Z\"");
}

static void an_apply_that_only_orders_a_list_anew_has_a_time(void **state) {
    struct irsa_json *object = applied(*state, NULL, "helm", "{\"metadata\":{\"finalizers\":[\"a\",\"b\"]}}");
    object = applied(*state, object, "irsa", "{\"metadata\":{\"finalizers\":[\"b\",\"a\"]}}");
    assert_string_equal(text_of(*state, object, "/metadata/finalizers"), "[\"b\",\"a\"]");
    assert_string_equal(text_of(*state, object, "/metadata/managedFields/1/manager"), "\"irsa\"");
    assert_string_equal(text_of(*state, object, "/metadata/managedFields/1/time"), "\"2026-11-24T10:03:31Z\"");
}

static void what_was_there_before_the_first_apply_has_an_owner_from_then_on(void **state) {
    struct irsa_json *object = applied(*state, parse(*state, ONE), "irsa", ONE);
    assert_string_equal(shown(*state, object),
                        "irsa:{\"f:metadata\":{\"f:labels\":{\"f:a\":{}}}} "
                        "before-first-apply:{\"f:metadata\":{\"f:labels\":{\".\":{},\"f:a\":{}}}}");
    object = applied(*state, object, "irsa", EMPTY);
    assert_string_equal(text_of(*state, object, "/metadata/labels/a"), "\"1\"");
}

static void an_update_of_what_nobody_owns_gets_nothing_either(void **state) {
    const struct irsa_sandbox_writer by = writer(*state, "kubectl", false);
    struct irsa_sandbox_managers managers = irsa_sandbox_update(&by, parse(*state, ONE), parse(*state, BOTH));
    assert_int_equal(managers.count, 0);
}

static void an_apply_can_claim_an_empty_map(void **state) {
    struct irsa_json *object = applied(*state, NULL, "irsa", "{\"metadata\":{\"labels\":{}}}");
    assert_string_equal(shown(*state, object), "irsa:{\"f:metadata\":{\"f:labels\":{}}}");
    const struct irsa_sandbox_writer by = writer(*state, "helm", false);
    const struct irsa_json *kept = irsa_sandbox_schema_normalise(*state, by.schema, object);
    assert_string_equal(text_of(*state, kept, "/metadata/labels"), "absent");
    struct irsa_sandbox_applied result = irsa_sandbox_apply(&by, kept, parse(*state, ONE));
    assert_int_equal(result.conflict_count, 1);
    assert_string_equal(irsa_sandbox_path_text(*state, result.conflicts[0].path), ".metadata.labels");
}

static void an_update_that_changes_a_value_of_its_own_renews_its_time(void **state) {
    struct irsa_sandbox_writer by = writer(*state, "kubectl", false);
    struct irsa_json *object = irsa_sandbox_tree_copy(*state, parse(*state, ONE));
    struct irsa_sandbox_managers managers = irsa_sandbox_update(&by, NULL, object);
    irsa_sandbox_managers_write(*state, &managers, object);
    by.time = "2027-01-01T00:00:00Z";
    managers = irsa_sandbox_update(&by, object, parse(*state, TWO));
    assert_string_equal(managers.at[0].time, "2027-01-01T00:00:00Z");
}

static void items_of_two_lists_come_in_the_order_of_the_apply(void **state) {
    static const struct {
        const char *live, *config, *merged;
    } rows[] = {
        {"[\"a\",\"b\"]", "[\"b\",\"a\"]", "[\"b\",\"a\"]"},
        {"[\"a\",\"b\"]", "[\"c\"]", "[\"a\",\"b\",\"c\"]"},
        {"[\"a\",\"b\"]", "[\"c\",\"b\"]", "[\"a\",\"c\",\"b\"]"},
        {"[\"a\",\"b\",\"c\"]", "[\"c\",\"x\",\"a\"]", "[\"b\",\"c\",\"x\",\"a\"]"},
        {"[]", "[\"a\"]", "[\"a\"]"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *live = irsa_arena_format(*state, "{\"metadata\":{\"finalizers\":%s}}", rows[i].live);
        const char *config = irsa_arena_format(*state, "{\"metadata\":{\"finalizers\":%s}}", rows[i].config);
        struct irsa_json *object = irsa_sandbox_schema_merge(*state, irsa_sandbox_service_accounts.schema,
                                                             parse(*state, live), parse(*state, config));
        assert_string_equal(text_of(*state, object, "/metadata/finalizers"), rows[i].merged);
    }
}

static void a_path_is_told_as_conflicts_tell_it(void **state) {
    static const char *const rows[][2] = {
        {"f:metadata\x1f"
         "f:annotations\x1f"
         "f:eks.amazonaws.com/role-arn",
         ".metadata.annotations.eks.amazonaws.com/role-arn"},
        {"f:metadata\x1f"
         "f:finalizers\x1fv:\"a.b/c\"",
         ".metadata.finalizers[=\"a.b/c\"]"},
        {"f:secrets\x1fk:{\"name\":\"s\"}", ".secrets[name=\"s\"]"},
        {"f:automountServiceAccountToken", ".automountServiceAccountToken"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(irsa_sandbox_path_text(*state, rows[i][0]), rows[i][1]);
}

static void names_and_what_the_server_sets_are_owned_by_nobody(void **state) {
    struct irsa_json *object =
        applied(*state, NULL, "irsa",
                "{\"kind\":\"ServiceAccount\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"x\","
                "\"namespace\":\"y\",\"uid\":\"z\",\"resourceVersion\":\"1\"}}");
    assert_string_equal(shown(*state, object), "");
}

static void sets_are_written_as_they_were_read(void **state) {
    static const char *const texts[] = {
        "{\"f:metadata\":{\"f:labels\":{\".\":{},\"f:a\":{},\"f:b.c/d\":{}}}}",
        "{\"f:metadata\":{\"f:finalizers\":{\".\":{},\"v:\\\"x\\\"\":{}}}}",
        "{\"f:secrets\":{\"k:{\\\"name\\\":\\\"s\\\"}\":{}}}",
        "{}",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct irsa_json *out = irsa_json_new(*state, IRSA_JSON_OBJECT);
        struct irsa_sandbox_fields_set set = irsa_sandbox_set_read(*state, parse(*state, texts[i]));
        irsa_sandbox_set_write(*state, &set, out);
        assert_string_equal(irsa_json_to_text(*state, out), texts[i]);
    }
}

static void sets_unite_and_subtract(void **state) {
    const char *left_paths[] = {"a", "b", "d"};
    const char *right_paths[] = {"b", "c"};
    const struct irsa_sandbox_fields_set left = {left_paths, 3};
    const struct irsa_sandbox_fields_set right = {right_paths, 2};
    struct irsa_sandbox_fields_set sum = irsa_sandbox_set_plus(*state, &left, &right);
    struct irsa_sandbox_fields_set rest = irsa_sandbox_set_minus(*state, &left, &right);
    assert_int_equal(sum.count, 4);
    assert_string_equal(sum.at[2], "c");
    assert_int_equal(rest.count, 2);
    assert_string_equal(rest.at[1], "d");
    assert_true(irsa_sandbox_set_has(&sum, "a"));
    assert_false(irsa_sandbox_set_has(&rest, "b"));
}

static void a_merge_patch_is_that_of_its_rfc(void **state) {
    static const struct {
        const char *target, *patch, *result;
    } rows[] = {
        /* RFC 7386, appendix A */
        {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
        {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
        {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
        {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
        {"{\"a\":\"foo\"}", "\"bar\"", "\"bar\""},
        {"{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}"},
        {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(irsa_json_to_text(*state, irsa_sandbox_tree_merge(*state, parse(*state, rows[i].target),
                                                                              parse(*state, rows[i].patch))),
                            rows[i].result);
}

static void a_json_patch_is_that_of_its_rfc(void **state) {
    static const struct {
        const char *target, *patch, *result; /* NULL: it is refused */
    } rows[] = {
        /* RFC 6902, appendix A */
        {"{\"foo\":\"bar\"}", "[{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\"}]",
         "{\"foo\":\"bar\",\"baz\":\"qux\"}"},
        {"{\"foo\":[1,2]}", "[{\"op\":\"add\",\"path\":\"/foo/1\",\"value\":9}]", "{\"foo\":[1,9,2]}"},
        {"{\"foo\":[1]}", "[{\"op\":\"add\",\"path\":\"/foo/-\",\"value\":[2]}]", "{\"foo\":[1,[2]]}"},
        {"{\"a\":1,\"b\":2}", "[{\"op\":\"remove\",\"path\":\"/a\"}]", "{\"b\":2}"},
        {"{\"foo\":[1,2,3]}", "[{\"op\":\"remove\",\"path\":\"/foo/1\"}]", "{\"foo\":[1,3]}"},
        {"{\"a\":1}", "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":3}]", "{\"a\":3}"},
        {"{\"a\":{\"x\":1},\"b\":{}}", "[{\"op\":\"move\",\"from\":\"/a/x\",\"path\":\"/b/y\"}]",
         "{\"a\":{},\"b\":{\"y\":1}}"},
        {"{\"a\":1}", "[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/b\"}]", "{\"a\":1,\"b\":1}"},
        {"{\"~/\":1}", "[{\"op\":\"test\",\"path\":\"/~0~1\",\"value\":1}]", "{\"~/\":1}"},
        {"{\"a\":1}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":2}]", NULL},
        {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/x/y\",\"value\":2}]", NULL},
        {"{\"a\":1}", "[{\"op\":\"remove\",\"path\":\"/x\"}]", NULL},
        {"{\"a\":[]}", "[{\"op\":\"add\",\"path\":\"/a/1\",\"value\":2}]", NULL},
        {"{\"a\":1}", "{}", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct irsa_error err;
        struct irsa_json *tree = irsa_sandbox_tree_copy(*state, parse(*state, rows[i].target));
        bool is_done = irsa_sandbox_tree_patch(*state, &tree, parse(*state, rows[i].patch), &err);
        if (is_done != (rows[i].result != NULL))
            fail_msg("row %zu", i);
        if (is_done)
            assert_string_equal(irsa_json_to_text(*state, tree), rows[i].result);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, open_arena, close_arena)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(an_apply_owns_leaves_and_not_the_maps_that_hold_them),
        CASE(an_update_owns_the_maps_that_it_makes),
        CASE(the_same_value_is_shared),
        CASE(another_value_is_a_conflict_that_changes_nothing),
        CASE(force_takes_what_is_named),
        CASE(an_update_takes_what_it_changes_and_drops_what_it_removes),
        CASE(an_apply_does_not_remove_what_an_update_of_the_same_name_owns),
        CASE(an_apply_that_changes_nothing_keeps_its_time),
        CASE(an_owner_that_changed_nothing_has_no_time_and_comes_first),
        CASE(an_apply_that_only_orders_a_list_anew_has_a_time),
        CASE(what_was_there_before_the_first_apply_has_an_owner_from_then_on),
        CASE(an_update_of_what_nobody_owns_gets_nothing_either),
        CASE(an_apply_can_claim_an_empty_map),
        CASE(an_update_that_changes_a_value_of_its_own_renews_its_time),
        CASE(items_of_two_lists_come_in_the_order_of_the_apply),
        CASE(a_path_is_told_as_conflicts_tell_it),
        CASE(names_and_what_the_server_sets_are_owned_by_nobody),
        CASE(sets_are_written_as_they_were_read),
        CASE(sets_unite_and_subtract),
        CASE(a_merge_patch_is_that_of_its_rfc),
        CASE(a_json_patch_is_that_of_its_rfc),
    };
    return cmocka_run_group_tests_name("sandbox_ownership", tests, NULL, NULL);
}
