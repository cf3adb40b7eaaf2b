/*
 * The evaluator of policies. Expectations: the IAM User Guide's evaluation logic and its reference of policy elements.
 */
#include "sandbox/policy.h"

#include "core/base/arena.h"
#include "sandbox/policy_condition.h"
#include "tests/support/test.h"

#define ROLE "arn:aws:iam::111122223333:role/irsa/us-west-2/c/x"

static struct irsa_arena *arena;

static const struct irsa_json *parse(const char *text) {
    const struct irsa_json_limits limits = {.max_bytes = 65536, .max_depth = 16};
    const struct irsa_json *json;
    struct irsa_error err;
    assert_ok(irsa_json_parse(arena, text, strlen(text), limits, &json, &err), err);
    return json;
}

/* Statements without their brackets, as one policy. */
static const struct irsa_json *policy_of(const char *statements) {
    return parse(irsa_arena_format(arena, "{\"Version\":\"2012-10-17\",\"Statement\":[%s]}", statements));
}

static enum irsa_sandbox_verdict judge(const char *statements, const char *action, const char *resource,
                                       const struct irsa_pair *context, size_t count) {
    const struct irsa_json *policy = policy_of(statements);
    struct irsa_error err;
    assert_ok(irsa_sandbox_policy_check(policy, &err), err);
    const struct irsa_sandbox_policy_question question = {
        .action = action, .resource = resource, .context = {.at = context, .count = count}};
    return irsa_sandbox_policy_judge(policy, &question);
}

#define ALLOW "{\"Effect\":\"Allow\",\"Action\":\"iam:*\",\"Resource\":\"*\"}"

static void what_nobody_names_is_not_allowed(void **state) {
    (void)state;
    const char *one = "{\"Effect\":\"Allow\",\"Action\":\"iam:GetRole\",\"Resource\":\"arn:aws:iam::*:role/irsa/*\"}";
    assert_int_equal(judge(one, "iam:GetRole", ROLE, NULL, 0), IRSA_SANDBOX_ALLOWED);
    assert_int_equal(judge(one, "iam:GetRolePolicy", ROLE, NULL, 0), IRSA_SANDBOX_NOT_ALLOWED);
    assert_int_equal(judge(one, "iam:GetRole", "arn:aws:iam::111122223333:role/x", NULL, 0), IRSA_SANDBOX_NOT_ALLOWED);
}

static void an_explicit_deny_wins_wherever_it_stands(void **state) {
    (void)state;
    const char *deny = "{\"Effect\":\"Deny\",\"Action\":[\"iam:DeleteRole\"],\"Resource\":\"*\"}";
    const char *first = irsa_arena_format(arena, "%s," ALLOW, deny),
               *last = irsa_arena_format(arena, ALLOW ",%s", deny);
    assert_int_equal(judge(first, "iam:DeleteRole", ROLE, NULL, 0), IRSA_SANDBOX_DENIED);
    assert_int_equal(judge(last, "iam:DeleteRole", ROLE, NULL, 0), IRSA_SANDBOX_DENIED);
    assert_int_equal(judge(last, "iam:CreateRole", ROLE, NULL, 0), IRSA_SANDBOX_ALLOWED);
}

static void actions_ignore_case_and_resources_do_not(void **state) {
    (void)state;
    const char *one = "{\"Effect\":\"Allow\",\"Action\":\"IAM:get*\",\"Resource\":\"arn:aws:iam::*:role/App-?\"}";
    assert_int_equal(judge(one, "iam:GetRole", "arn:aws:iam::1:role/App-x", NULL, 0), IRSA_SANDBOX_ALLOWED);
    assert_int_equal(judge(one, "iam:GetRole", "arn:aws:iam::1:role/app-x", NULL, 0), IRSA_SANDBOX_NOT_ALLOWED);
    assert_int_equal(judge(one, "iam:GetRole", "arn:aws:iam::1:role/App-xy", NULL, 0), IRSA_SANDBOX_NOT_ALLOWED);
}

static void the_negative_elements_name_all_the_rest(void **state) {
    (void)state;
    const char *one = "{\"Effect\":\"Allow\",\"NotAction\":\"iam:Delete*\",\"NotResource\":[\"a\",\"b*\"]}";
    assert_int_equal(judge(one, "iam:GetRole", "c", NULL, 0), IRSA_SANDBOX_ALLOWED);
    assert_int_equal(judge(one, "iam:DeleteRole", "c", NULL, 0), IRSA_SANDBOX_NOT_ALLOWED);
    assert_int_equal(judge(one, "iam:GetRole", "bc", NULL, 0), IRSA_SANDBOX_NOT_ALLOWED);
}

/* One condition with the context that a row has. */
static void conditions_hold_as_the_reference_says(void **state) {
    static const struct {
        const char *condition;
        struct irsa_pair context[2];
        size_t count;
        bool holds;
    } rows[] = {
        {"{\"StringEquals\":{\"aws:RequestTag/owner\":\"irsa\"}}", {{"aws:RequestTag/owner", "irsa"}}, 1, true},
        {"{\"StringEquals\":{\"aws:RequestTag/owner\":\"irsa\"}}", {{"aws:RequestTag/owner", "Irsa"}}, 1, false},
        {"{\"StringEquals\":{\"aws:RequestTag/owner\":\"irsa\"}}", {{NULL, NULL}}, 0, false},
        {"{\"StringEquals\":{\"aws:requesttag/OWNER\":[\"a\",\"b\"]}}", {{"aws:RequestTag/owner", "b"}}, 1, true},
        {"{\"StringEqualsIgnoreCase\":{\"iam:PolicyARN\":\"X\"}}", {{"iam:PolicyARN", "x"}}, 1, true},
        {"{\"StringNotEquals\":{\"iam:PermissionsBoundary\":\"b\"}}", {{NULL, NULL}}, 0, true},
        {"{\"StringNotEquals\":{\"iam:PermissionsBoundary\":[\"a\",\"b\"]}}",
         {{"iam:PermissionsBoundary", "b"}},
         1,
         false},
        {"{\"StringEqualsIfExists\":{\"iam:PermissionsBoundary\":\"b\"}}", {{NULL, NULL}}, 0, true},
        {"{\"StringEquals\":{\"iam:PolicyARN\":\"a*\"}}", {{"iam:PolicyARN", "ab"}}, 1, false},
        {"{\"StringLike\":{\"iam:PolicyARN\":\"a*\"}}", {{"iam:PolicyARN", "ab"}}, 1, true},
        {"{\"ArnLike\":{\"iam:PolicyARN\":\"arn:*:policy/R?\"}}", {{"iam:PolicyARN", "arn:aws:policy/R1"}}, 1, true},
        {"{\"ArnNotLike\":{\"iam:PolicyARN\":\"arn:*\"}}", {{"iam:PolicyARN", "arn:x"}}, 1, false},
        {"{\"Null\":{\"iam:PermissionsBoundary\":\"true\"}}", {{NULL, NULL}}, 0, true},
        {"{\"Null\":{\"iam:PermissionsBoundary\":\"false\"}}", {{NULL, NULL}}, 0, false},
        {"{\"ForAnyValue:StringEquals\":{\"aws:TagKeys\":\"a\"}}",
         {{"aws:TagKeys", "b"}, {"aws:TagKeys", "a"}},
         2,
         true},
        {"{\"ForAnyValue:StringEquals\":{\"aws:TagKeys\":\"a\"}}", {{NULL, NULL}}, 0, false},
        {"{\"ForAllValues:StringEquals\":{\"aws:TagKeys\":\"a\"}}",
         {{"aws:TagKeys", "b"}, {"aws:TagKeys", "a"}},
         2,
         false},
        {"{\"ForAllValues:StringEquals\":{\"aws:TagKeys\":\"a\"}}", {{NULL, NULL}}, 0, true},
        {"{\"StringEquals\":{\"aws:TagKeys\":\"a\"},\"Null\":{\"iam:PolicyARN\":\"false\"}}",
         {{"aws:TagKeys", "a"}},
         1,
         false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *statement = irsa_arena_format(
            arena, "{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":%s}", rows[i].condition);
        bool holds = judge(statement, "iam:X", "*", rows[i].context, rows[i].count) == IRSA_SANDBOX_ALLOWED;
        if (holds != rows[i].holds)
            fail_msg("row %zu %s", i, rows[i].condition);
    }
}

static void what_is_not_understood_is_refused_with_its_place(void **state) {
    static const struct {
        const char *statement, *at, *words;
    } rows[] = {
        {"{\"Effect\":\"Maybe\",\"Action\":\"*\",\"Resource\":\"*\"}", "/Statement/0/Effect", "Allow or Deny"},
        {"{\"Effect\":\"Allow\",\"Resource\":\"*\"}", "/Statement/0", "either Action or NotAction"},
        {"{\"Effect\":\"Allow\",\"Action\":\"*\",\"NotAction\":\"*\",\"Resource\":\"*\"}", "/Statement/0",
         "either Action or NotAction"},
        {"{\"Effect\":\"Allow\",\"Action\":[],\"Resource\":\"*\"}", "/Statement/0/Action", "empty"},
        {"{\"Effect\":\"Allow\",\"Action\":[\"*\",7],\"Resource\":\"*\"}", "/Statement/0/Action/1", "a string"},
        {"{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"a${aws:username}\"}", "/Statement/0/Resource",
         "variables"},
        {"{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Principal\":\"*\"}", "/Statement/0", "Principal"},
        {"{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"DateLessThan\":{}}}",
         "/Statement/0/Condition", "DateLessThan"},
        {"{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"StringLike\":{\"aws:SourceIp\":"
         "\"x\"}}}",
         "/Statement/0/Condition/StringLike", "aws:SourceIp"},
        {"{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"Null\":{\"aws:TagKeys\":\"x\"}}}",
         "/Statement/0/Condition/Null/aws:TagKeys", "true"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct irsa_error err;
        irsa_error_clear(&err);
        if (irsa_sandbox_policy_check(policy_of(rows[i].statement), &err))
            fail_msg("row %zu is accepted", i);
        assert_string_equal(err.at, rows[i].at);
        assert_non_null(strstr(err.message, rows[i].words));
    }
}

static void patterns_match_the_whole_text(void **state) {
    static const struct {
        const char *pattern, *text;
        bool matches;
    } rows[] = {{"", "", true},        {"*", "", true},         {"?", "", false},    {"a*b*c", "axxbyyc", true},
                {"a*b", "abab", true}, {"a*b", "abac", false},  {"*?", "a", true},   {"a", "ab", false},
                {"ab", "a", false},    {"*a*a*a", "aa", false}, {"**", "x/y", true}, {"a?c", "a*c", true}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (irsa_sandbox_policy_matches(rows[i].pattern, rows[i].text, false) != rows[i].matches)
            fail_msg("%s and %s", rows[i].pattern, rows[i].text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nobody_names_is_not_allowed),
        cmocka_unit_test(an_explicit_deny_wins_wherever_it_stands),
        cmocka_unit_test(actions_ignore_case_and_resources_do_not),
        cmocka_unit_test(the_negative_elements_name_all_the_rest),
        cmocka_unit_test(conditions_hold_as_the_reference_says),
        cmocka_unit_test(what_is_not_understood_is_refused_with_its_place),
        cmocka_unit_test(patterns_match_the_whole_text),
    };
    arena = irsa_arena_new();
    int failed = RUN_TESTS("policies are evaluated as IAM does");
    irsa_arena_free(arena);
    return failed;
}
