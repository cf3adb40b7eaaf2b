/*
 * Operators are a table; ForAnyValue:, ForAllValues: and …IfExists are taken off a name before it is looked up.
 */
#include "sandbox/policy_condition.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"

#define MAX_OPERATOR_BYTES 64
#define FOR_ANY            "ForAnyValue:"
#define FOR_ALL            "ForAllValues:"
#define IF_EXISTS          "IfExists"

struct comparison {
    const char *name;
    bool is_pattern;
    bool ignores_case;
    bool is_negated;
};

/* ARNs are compared as patterns by both of their comparisons, as IAM does. */
static const struct comparison comparisons[] = {
    {"StringEquals", false, false, false},
    {"StringNotEquals", false, false, true},
    {"StringEqualsIgnoreCase", false, true, false},
    {"StringNotEqualsIgnoreCase", false, true, true},
    {"StringLike", true, false, false},
    {"StringNotLike", true, false, true},
    {"ArnEquals", true, false, false},
    {"ArnLike", true, false, false},
    {"ArnNotEquals", true, false, true},
    {"ArnNotLike", true, false, true},
};

/* The ones that the sandbox fills in; a slash at the end: followed by the key of a tag. */
static const char *const keys[] = {"aws:RequestTag/", "aws:ResourceTag/",        "iam:ResourceTag/",
                                   "aws:TagKeys",     "iam:PermissionsBoundary", "iam:PolicyARN"};

struct wish {
    const struct comparison *comparison;
    bool is_null; /* the operator Null */
    bool is_any, is_all, is_if_exists;
};

static bool read_operator(const char *text, struct wish *out_wish) {
    char name[MAX_OPERATOR_BYTES];
    *out_wish =
        (struct wish){.is_any = irsa_text_starts_with(text, FOR_ANY), .is_all = irsa_text_starts_with(text, FOR_ALL)};
    text += out_wish->is_any ? strlen(FOR_ANY) : out_wish->is_all ? strlen(FOR_ALL) : 0;
    size_t length = strlen(text);
    size_t tail = strlen(IF_EXISTS);
    out_wish->is_if_exists = length > tail && strcmp(text + length - tail, IF_EXISTS) == 0;
    length -= out_wish->is_if_exists ? tail : 0;
    if (length >= sizeof(name))
        return false;
    (void)snprintf(name, sizeof(name), "%.*s", (int)length, text);
    out_wish->is_null = strcmp(name, "Null") == 0;
    for (size_t i = 0; i < sizeof(comparisons) / sizeof(comparisons[0]); i++)
        if (strcmp(comparisons[i].name, name) == 0)
            out_wish->comparison = &comparisons[i];
    return out_wish->comparison != NULL ||
           (out_wish->is_null && !out_wish->is_any && !out_wish->is_all && !out_wish->is_if_exists);
}

static bool is_key(const char *key) {
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        size_t length = strlen(keys[i]);
        bool is_prefix = keys[i][length - 1] == '/';
        if (is_prefix ? strncasecmp(keys[i], key, length) == 0 && key[length] != '\0' : strcasecmp(keys[i], key) == 0)
            return true;
    }
    return false;
}

bool irsa_sandbox_policy_matches(const char *pattern, const char *text, bool ignores_case) {
    const char *star = NULL;
    const char *retry = NULL;
    while (*text != '\0') {
        bool is_same = *pattern != '*' &&
                       (*pattern == '?' || *pattern == *text || (ignores_case && strncasecmp(pattern, text, 1) == 0));
        if (*pattern == '*') {
            star = pattern++;
            retry = text;
        } else if (is_same && *pattern != '\0') {
            pattern++;
            text++;
        } else if (star != NULL) {
            pattern = star + 1;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

static bool check_string(const struct irsa_json *value, struct irsa_error *err) {
    if (value->kind != IRSA_JSON_STRING)
        return IRSA_FAIL(err, INVALID, "a string must stand here, not %s", irsa_json_kind_name(value->kind));
    if (strstr(value->text, "${") != NULL)
        return IRSA_FAIL(err, INVALID, "the sandbox knows no policy variables: \"%s\"", value->text);
    return true;
}

bool irsa_sandbox_policy_check_strings(const struct irsa_json *value, struct irsa_error *err) {
    size_t i = 0;
    if (value->kind != IRSA_JSON_ARRAY)
        return check_string(value, err);
    for (const struct irsa_json *each = value->first; each != NULL; each = each->next, i++)
        if (!check_string(each, err))
            return irsa_error_at(err, "/%zu", i);
    return value->count > 0 || IRSA_FAIL(err, INVALID, "the list is empty");
}

static bool check_null_value(const struct irsa_json *value, struct irsa_error *err) {
    bool is_word =
        value->kind == IRSA_JSON_STRING && (strcmp(value->text, "true") == 0 || strcmp(value->text, "false") == 0);
    return is_word || IRSA_FAIL(err, INVALID, "Null takes \"true\" or \"false\"");
}

static bool check_keys(const struct wish *wish, const struct irsa_json *members, struct irsa_error *err) {
    if (members->kind != IRSA_JSON_OBJECT)
        return IRSA_FAIL(err, INVALID, "an object of condition keys must stand here");
    for (const struct irsa_json *each = members->first; each != NULL; each = each->next) {
        if (!is_key(each->key))
            return IRSA_FAIL(err, INVALID, "the sandbox knows no condition key \"%s\"", each->key);
        if (!(wish->is_null ? check_null_value(each, err) : irsa_sandbox_policy_check_strings(each, err)))
            return irsa_error_at_key(err, each->key);
    }
    return true;
}

bool irsa_sandbox_condition_check(const struct irsa_json *condition, struct irsa_error *err) {
    struct wish wish;
    if (condition->kind != IRSA_JSON_OBJECT)
        return IRSA_FAIL(err, INVALID, "a condition is an object of operators");
    for (const struct irsa_json *each = condition->first; each != NULL; each = each->next) {
        if (!read_operator(each->key, &wish))
            return IRSA_FAIL(err, INVALID, "the sandbox knows no condition operator \"%s\"", each->key);
        if (!check_keys(&wish, each, err))
            return irsa_error_at_key(err, each->key);
    }
    return true;
}

static bool equals(const struct comparison *comparison, const char *wanted, const char *value) {
    if (comparison->is_pattern)
        return irsa_sandbox_policy_matches(wanted, value, comparison->ignores_case);
    return comparison->ignores_case ? strcasecmp(wanted, value) == 0 : strcmp(wanted, value) == 0;
}

/* One value of the context against the values of the policy: any of them, or none when negated. */
static bool passes(const struct comparison *comparison, const struct irsa_json *wanted, const char *value) {
    bool is_equal = false;
    if (wanted->kind == IRSA_JSON_STRING)
        is_equal = equals(comparison, wanted->text, value);
    for (const struct irsa_json *each = wanted->first; each != NULL; each = each->next)
        is_equal = is_equal || equals(comparison, each->text, value);
    return is_equal != comparison->is_negated;
}

static bool holds_for_key(const struct wish *wish, const struct irsa_json *wanted, struct irsa_pairs context) {
    size_t found = 0;
    size_t passed = 0;
    for (size_t i = 0; i < context.count; i++) {
        if (strcasecmp(context.at[i].key, wanted->key) != 0)
            continue;
        found++;
        if (!wish->is_null && passes(wish->comparison, wanted, context.at[i].value))
            passed++;
    }
    if (wish->is_null)
        return (found == 0) == (strcmp(wanted->text, "true") == 0);
    if (found == 0)
        return wish->is_all || wish->is_if_exists || (!wish->is_any && wish->comparison->is_negated);
    return wish->is_any ? passed > 0 : passed == found;
}

bool irsa_sandbox_condition_holds(const struct irsa_json *condition, struct irsa_pairs context) {
    struct wish wish;
    for (const struct irsa_json *each = condition->first; each != NULL; each = each->next) {
        if (!read_operator(each->key, &wish))
            return false;
        for (const struct irsa_json *wanted = each->first; wanted != NULL; wanted = wanted->next)
            if (!holds_for_key(&wish, wanted, context))
                return false;
    }
    return true;
}
