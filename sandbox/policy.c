/*
 * Statements: their form, and whether one speaks of a question.
 */
#include "sandbox/policy.h"

#include <string.h>

#include "sandbox/policy_condition.h"

#define VERSION "2012-10-17"

typedef bool check_fn(const struct irsa_json *value, struct irsa_error *err);

static bool check_effect(const struct irsa_json *value, struct irsa_error *err) {
    bool is_effect =
        value->kind == IRSA_JSON_STRING && (strcmp(value->text, "Allow") == 0 || strcmp(value->text, "Deny") == 0);
    return is_effect || IRSA_FAIL(err, INVALID, "an Effect is Allow or Deny");
}

static bool check_text(const struct irsa_json *value, struct irsa_error *err) {
    return value->kind == IRSA_JSON_STRING || IRSA_FAIL(err, INVALID, "a string must stand here");
}

static const struct {
    const char *name;
    check_fn *check;
} elements[] = {
    {"Sid", check_text},
    {"Effect", check_effect},
    {"Action", irsa_sandbox_policy_check_strings},
    {"NotAction", irsa_sandbox_policy_check_strings},
    {"Resource", irsa_sandbox_policy_check_strings},
    {"NotResource", irsa_sandbox_policy_check_strings},
    {"Condition", irsa_sandbox_condition_check},
};

static bool check_element(const struct irsa_json *element, struct irsa_error *err) {
    for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
        if (strcmp(elements[i].name, element->key) == 0)
            return elements[i].check(element, err) || irsa_error_at_key(err, element->key);
    return IRSA_FAIL(err, INVALID, "the sandbox knows no element \"%s\" of a statement", element->key);
}

static bool has_one_of(const struct irsa_json *statement, const char *one, const char *other) {
    return (irsa_json_get(statement, one) != NULL) != (irsa_json_get(statement, other) != NULL);
}

static bool check_statement(const struct irsa_json *statement, struct irsa_error *err) {
    if (statement->kind != IRSA_JSON_OBJECT)
        return IRSA_FAIL(err, INVALID, "a statement is an object");
    for (const struct irsa_json *each = statement->first; each != NULL; each = each->next)
        if (!check_element(each, err))
            return false;
    if (irsa_json_get(statement, "Effect") == NULL)
        return IRSA_FAIL(err, INVALID, "a statement has an Effect");
    if (!has_one_of(statement, "Action", "NotAction"))
        return IRSA_FAIL(err, INVALID, "a statement has either Action or NotAction");
    return has_one_of(statement, "Resource", "NotResource") ||
           IRSA_FAIL(err, INVALID, "a statement has either Resource or NotResource");
}

static bool check_statements(const struct irsa_json *statements, struct irsa_error *err) {
    size_t i = 0;
    if (statements->kind != IRSA_JSON_ARRAY)
        return check_statement(statements, err);
    for (const struct irsa_json *each = statements->first; each != NULL; each = each->next, i++)
        if (!check_statement(each, err))
            return irsa_error_at(err, "/%zu", i);
    return true;
}

bool irsa_sandbox_policy_check(const struct irsa_json *policy, struct irsa_error *err) {
    const struct irsa_json *version = irsa_json_get(policy, "Version");
    const struct irsa_json *statements = irsa_json_get(policy, "Statement");
    if (version == NULL || version->kind != IRSA_JSON_STRING || strcmp(version->text, VERSION) != 0)
        return IRSA_FAIL(err, INVALID, "a policy has \"Version\": \"" VERSION "\"");
    if (statements == NULL)
        return IRSA_FAIL(err, INVALID, "a policy has a Statement");
    for (const struct irsa_json *each = policy->first; each != NULL; each = each->next)
        if (each != version && each != statements && strcmp(each->key, "Id") != 0)
            return IRSA_FAIL(err, INVALID, "a policy has no element \"%s\"", each->key);
    return check_statements(statements, err) || irsa_error_at_key(err, "Statement");
}

static bool matches_any(const struct irsa_json *patterns, const char *text, bool ignores_case) {
    if (patterns->kind == IRSA_JSON_STRING)
        return irsa_sandbox_policy_matches(patterns->text, text, ignores_case);
    for (const struct irsa_json *each = patterns->first; each != NULL; each = each->next)
        if (irsa_sandbox_policy_matches(each->text, text, ignores_case))
            return true;
    return false;
}

/* `positive` matches, or `negative`, which stands in its place, does not. */
static bool names(const struct irsa_json *statement, const char *positive, const char *negative, const char *text,
                  bool ignores_case) {
    const struct irsa_json *patterns = irsa_json_get(statement, positive);
    return patterns != NULL ? matches_any(patterns, text, ignores_case)
                            : !matches_any(irsa_json_get(statement, negative), text, ignores_case);
}

static bool speaks_of(const struct irsa_json *statement, const struct irsa_sandbox_policy_question *question) {
    const struct irsa_json *condition = irsa_json_get(statement, "Condition");
    return names(statement, "Action", "NotAction", question->action, true) &&
           names(statement, "Resource", "NotResource", question->resource, false) &&
           (condition == NULL || irsa_sandbox_condition_holds(condition, question->context));
}

static enum irsa_sandbox_verdict judge_statement(const struct irsa_json *statement,
                                                 const struct irsa_sandbox_policy_question *question) {
    if (!speaks_of(statement, question))
        return IRSA_SANDBOX_NOT_ALLOWED;
    return strcmp(irsa_json_get_text(statement, "Effect"), "Deny") == 0 ? IRSA_SANDBOX_DENIED : IRSA_SANDBOX_ALLOWED;
}

enum irsa_sandbox_verdict irsa_sandbox_policy_judge(const struct irsa_json *policy,
                                                    const struct irsa_sandbox_policy_question *question) {
    const struct irsa_json *statements = irsa_json_get(policy, "Statement");
    enum irsa_sandbox_verdict verdict = IRSA_SANDBOX_NOT_ALLOWED;
    if (statements->kind == IRSA_JSON_OBJECT)
        return judge_statement(statements, question);
    for (const struct irsa_json *each = statements->first; each != NULL; each = each->next) {
        enum irsa_sandbox_verdict one = judge_statement(each, question);
        verdict = one > verdict ? one : verdict;
    }
    return verdict;
}
