/*
 * The form of an inline IAM policy, judged before the first call: which keys, which types, at least one statement.
 * (IAM's policy grammar; what actions, resources and conditions mean is IAM's to say.)
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/contract/request.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* One key of an object, and how its value is judged. */
struct member_rule {
    const char *key;
    bool (*judge)(const struct irsa_json *value, struct irsa_error *err);
};

static bool fail_kind(const struct irsa_json *value, const char *wanted, struct irsa_error *err) {
    return IRSA_FAIL(err, SCHEMA, "must be %s, not %s", wanted, irsa_json_kind_name(value->kind));
}

static bool judge_text(const struct irsa_json *value, struct irsa_error *err) {
    return value->kind == IRSA_JSON_STRING || fail_kind(value, "a string", err);
}

static bool judge_version(const struct irsa_json *value, struct irsa_error *err) {
    if (!judge_text(value, err))
        return false;
    if (strcmp(value->text, "2012-10-17") == 0 || strcmp(value->text, "2008-10-17") == 0)
        return true;
    return irsa_error_set_rule(err, value->text, "is no version of the policy language; write 2012-10-17");
}

static bool judge_sid(const struct irsa_json *value, struct irsa_error *err) {
    if (!judge_text(value, err))
        return false;
    for (const char *at = value->text; *at != '\0'; at++) {
        bool is_letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
        if (!is_letter && (*at < '0' || *at > '9'))
            return irsa_error_set_rule(err, value->text, "must be the name of a statement: letters and digits");
    }
    return true;
}

static bool judge_effect(const struct irsa_json *value, struct irsa_error *err) {
    if (!judge_text(value, err))
        return false;
    if (strcmp(value->text, "Allow") == 0 || strcmp(value->text, "Deny") == 0)
        return true;
    return irsa_error_set_rule(err, value->text, "must be Allow or Deny");
}

static bool judge_nonempty_text(const struct irsa_json *value, struct irsa_error *err) {
    if (!judge_text(value, err))
        return false;
    return value->text_length > 0 || IRSA_FAIL(err, INVALID, "must not be empty");
}

/* One text, or a list of at least one. */
static bool judge_texts(const struct irsa_json *value, struct irsa_error *err) {
    if (value->kind == IRSA_JSON_STRING)
        return judge_nonempty_text(value, err);
    if (value->kind != IRSA_JSON_ARRAY)
        return fail_kind(value, "a string or a list of strings", err);
    if (value->count == 0)
        return IRSA_FAIL(err, INVALID, "must not be empty");
    unsigned index = 0;
    for (const struct irsa_json *item = value->first; item != NULL; item = item->next, index++)
        if (!judge_nonempty_text(item, err))
            return irsa_error_at(err, "/%u", index);
    return true;
}

/* Numbers keep their text, but readers that make doubles of them must not get an infinity. */
static bool are_numbers_finite(const struct irsa_json *value, struct irsa_error *err) {
    if (value->kind == IRSA_JSON_NUMBER && !isfinite(strtod(value->text, NULL)))
        return IRSA_FAIL(err, SCHEMA, "the number is too large");
    unsigned index = 0;
    for (const struct irsa_json *child = value->first; child != NULL; child = child->next, index++)
        if (!are_numbers_finite(child, err))
            return child->key != NULL ? irsa_error_at_key(err, child->key) : irsa_error_at(err, "/%u", index);
    return true;
}

static bool judge_condition(const struct irsa_json *value, struct irsa_error *err) {
    if (value->kind != IRSA_JSON_OBJECT)
        return fail_kind(value, "an object", err);
    return are_numbers_finite(value, err);
}

static bool fail_unknown(const struct irsa_json *member, const struct member_rule *rules, size_t count,
                         struct irsa_error *err) {
    const char *names[8];
    for (size_t i = 0; i < count; i++)
        names[i] = rules[i].key;
    const char *nearest = irsa_text_nearest(member->key, names, count);
    if (nearest != NULL)
        IRSA_FAIL(err, SCHEMA, "this field is unknown in a policy; did you mean %s?", nearest);
    else
        IRSA_FAIL(err, SCHEMA, "this field is unknown in the policy of a role");
    err->line = member->key_line;
    err->column = member->key_column;
    return irsa_error_at_key(err, member->key);
}

static bool judge_members(const struct irsa_json *object, const struct member_rule *rules, size_t count,
                          struct irsa_error *err) {
    if (object->kind != IRSA_JSON_OBJECT)
        return fail_kind(object, "an object", err);
    for (const struct irsa_json *member = object->first; member != NULL; member = member->next) {
        size_t i = 0;
        while (i < count && strcmp(rules[i].key, member->key) != 0)
            i++;
        if (i == count)
            return fail_unknown(member, rules, count, err);
        if (!rules[i].judge(member, err))
            return irsa_error_at_key(err, member->key);
    }
    return true;
}

/* Exactly one of a key and its negation. */
static bool has_one(const struct irsa_json *statement, const char *key, const char *negation, struct irsa_error *err) {
    bool has_key = irsa_json_get(statement, key) != NULL;
    bool has_negation = irsa_json_get(statement, negation) != NULL;
    if (!has_key && !has_negation)
        return IRSA_FAIL(err, SCHEMA, "%s is missing", key);
    if (!has_key || !has_negation)
        return true;
    IRSA_FAIL(err, INVALID, "a statement has %s or %s, not both", key, negation);
    return irsa_error_at_key(err, negation);
}

static bool judge_statement(const struct irsa_json *value, struct irsa_error *err) {
    static const struct member_rule rules[] = {
        {"Sid", judge_sid},
        {"Effect", judge_effect},
        {"Action", judge_texts},
        {"NotAction", judge_texts},
        {"Resource", judge_texts},
        {"NotResource", judge_texts},
        {"Condition", judge_condition},
    };
    if (!judge_members(value, rules, COUNT(rules), err))
        return false;
    if (irsa_json_get(value, "Effect") == NULL)
        return IRSA_FAIL(err, SCHEMA, "Effect is missing");
    return has_one(value, "Action", "NotAction", err) && has_one(value, "Resource", "NotResource", err);
}

static bool judge_statements(const struct irsa_json *value, struct irsa_error *err) {
    if (value->kind == IRSA_JSON_OBJECT)
        return judge_statement(value, err);
    if (value->kind != IRSA_JSON_ARRAY)
        return fail_kind(value, "an object or a list of objects", err);
    if (value->count == 0)
        return IRSA_FAIL(err, INVALID, "must have at least one statement");
    unsigned index = 0;
    for (const struct irsa_json *item = value->first; item != NULL; item = item->next, index++)
        if (!judge_statement(item, err))
            return irsa_error_at(err, "/%u", index);
    return true;
}

static bool judge_policy(const struct irsa_json *policy, struct irsa_error *err) {
    static const struct member_rule rules[] = {
        {"Version", judge_version}, {"Id", judge_text}, {"Statement", judge_statements}};
    if (!judge_members(policy, rules, COUNT(rules), err))
        return false;
    if (policy->count > 0 && irsa_json_get(policy, "Statement") == NULL)
        return IRSA_FAIL(err, SCHEMA, "Statement is missing");
    return true;
}

bool irsa_policy_check(const struct irsa_json *policy, const char *pointer, struct irsa_error *err) {
    if (policy == NULL || judge_policy(policy, err))
        return true;
    irsa_error_at(err, "%s", pointer);
    return irsa_error_name_place(err);
}
