/*
 * One pass over the statements; each member of a statement has a check of its own in a table.
 *
 * Source: "IAM JSON policy elements reference", IAM user guide; the texts are those that IAM answers.
 */
#include "sandbox/iam/document.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/contract/names.h"
#include "sandbox/partition.h"

#define MAX_BYTES 131072
#define MAX_DEPTH 20

enum form { TRUST, PERMISSIONS };

struct judge {
    const struct irsa_sandbox_document_place *place;
    enum form form;
};

const char *irsa_sandbox_each_string(const struct irsa_sandbox_document_place *place, const struct irsa_json *value,
                                     irsa_sandbox_string_fn *check) {
    if (value->kind == IRSA_JSON_STRING)
        return check(place, value->text);
    if (value->kind != IRSA_JSON_ARRAY)
        return IRSA_SANDBOX_SYNTAX;
    for (const struct irsa_json *item = value->first; item != NULL; item = item->next) {
        const char *fault = item->kind == IRSA_JSON_STRING ? check(place, item->text) : IRSA_SANDBOX_SYNTAX;
        if (fault != NULL)
            return fault;
    }
    return NULL;
}

const char *irsa_sandbox_arn_resource(const char *arn) {
    for (int i = 0; i < 5 && arn != NULL; i++) {
        arn = strchr(arn, ':');
        arn = arn == NULL ? NULL : arn + 1;
    }
    return arn;
}

static const char *check_principal(const struct judge *judge, const struct irsa_json *value) {
    return judge->form == PERMISSIONS ? "Policy document should not specify a principal."
                                      : irsa_sandbox_principal_fault(judge->place, value);
}

static const char *check_trusted_action(const struct irsa_sandbox_document_place *place, const char *value) {
    (void)place;
    bool is_known = irsa_text_equal_ignoring_case(value, "sts:TagSession") ||
                    irsa_text_equal_ignoring_case(value, "sts:SetSourceIdentity") ||
                    irsa_text_equal_ignoring_case(value, "sts:*") ||
                    (strlen(value) >= 14 && strncasecmp(value, "sts:AssumeRole", 14) == 0);
    return is_known ? NULL : "AssumeRole policy may only specify STS AssumeRole actions.";
}

static const char *check_action(const struct irsa_sandbox_document_place *place, const char *value) {
    (void)place;
    const char *colon = strchr(value, ':');
    if (strcmp(value, "*") == 0 || (colon != NULL && colon != value && colon[1] != '\0'))
        return NULL;
    return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
}

static const char *check_actions(const struct judge *judge, const struct irsa_json *value) {
    return irsa_sandbox_each_string(judge->place, value, judge->form == TRUST ? check_trusted_action : check_action);
}

static const char *check_resource(const struct irsa_sandbox_document_place *place, const char *value) {
    char partition[16];
    if (strcmp(value, "*") == 0)
        return NULL;
    if (!irsa_text_starts_with(value, "arn:") || irsa_sandbox_arn_resource(value) == NULL)
        return irsa_arena_format(place->arena, "Resource %s must be in ARN format or \"*\".", value);
    irsa_arn_partition(value, partition);
    if (strcmp(partition, "*") != 0 && irsa_sandbox_partition_find(partition) == NULL)
        return irsa_arena_format(place->arena, "Partition \"%s\" is not valid for resource \"%s\".", partition, value);
    return NULL;
}

static const char *check_resources(const struct judge *judge, const struct irsa_json *value) {
    if (judge->form == TRUST)
        return irsa_arena_format(judge->place->arena, "Has prohibited field %s", value->key);
    return irsa_sandbox_each_string(judge->place, value, check_resource);
}

static const char *check_effect(const struct judge *judge, const struct irsa_json *value) {
    (void)judge;
    bool is_known =
        value->kind == IRSA_JSON_STRING && (strcmp(value->text, "Allow") == 0 || strcmp(value->text, "Deny") == 0);
    return is_known ? NULL : IRSA_SANDBOX_SYNTAX;
}

static const char *check_sid(const struct judge *judge, const struct irsa_json *value) {
    (void)judge;
    if (value->kind != IRSA_JSON_STRING)
        return IRSA_SANDBOX_SYNTAX;
    if (value->text[strspn(value->text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")] != '\0')
        return "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
               "[0-9A-Za-z]*";
    return NULL;
}

/* The operator without ForAllValues:, ForAnyValue: and IfExists. */
static bool is_operator(struct irsa_arena *arena, const char *name) {
    static const char *const operators[] = {"StringEquals",
                                            "StringNotEquals",
                                            "StringEqualsIgnoreCase",
                                            "StringNotEqualsIgnoreCase",
                                            "StringLike",
                                            "StringNotLike",
                                            "NumericEquals",
                                            "NumericNotEquals",
                                            "NumericLessThan",
                                            "NumericLessThanEquals",
                                            "NumericGreaterThan",
                                            "NumericGreaterThanEquals",
                                            "DateEquals",
                                            "DateNotEquals",
                                            "DateLessThan",
                                            "DateLessThanEquals",
                                            "DateGreaterThan",
                                            "DateGreaterThanEquals",
                                            "Bool",
                                            "BinaryEquals",
                                            "IpAddress",
                                            "NotIpAddress",
                                            "ArnEquals",
                                            "ArnLike",
                                            "ArnNotEquals",
                                            "ArnNotLike",
                                            "Null"};
    static const char *const prefixes[] = {"ForAllValues:", "ForAnyValue:"};
    for (size_t i = 0; i < 2; i++)
        if (irsa_text_starts_with(name, prefixes[i]))
            name += strlen(prefixes[i]);
    if (irsa_text_ends_with(name, "IfExists"))
        name = irsa_arena_copy_bytes(arena, name, strlen(name) - strlen("IfExists"));
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
        if (irsa_text_equal_ignoring_case(operators[i], name))
            return true;
    return false;
}

static bool is_condition_value(const struct irsa_json *value) {
    if (value->kind != IRSA_JSON_ARRAY)
        return value->kind != IRSA_JSON_OBJECT && value->kind != IRSA_JSON_NULL;
    for (const struct irsa_json *item = value->first; item != NULL; item = item->next)
        if (item->kind == IRSA_JSON_OBJECT || item->kind == IRSA_JSON_ARRAY || item->kind == IRSA_JSON_NULL)
            return false;
    return true;
}

static const char *check_condition(const struct judge *judge, const struct irsa_json *value) {
    if (value->kind != IRSA_JSON_OBJECT)
        return IRSA_SANDBOX_SYNTAX;
    for (const struct irsa_json *operator= value->first; operator!= NULL; operator= operator->next) {
        if (!is_operator(judge->place->arena, operator->key))
            return irsa_arena_format(judge->place->arena, "Invalid Condition type : %s.", operator->key);
        if (operator->kind != IRSA_JSON_OBJECT)
            return IRSA_SANDBOX_SYNTAX;
        for (const struct irsa_json *key = operator->first; key != NULL; key = key->next) {
            if (strchr(key->key, ':') == NULL)
                return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
            if (!is_condition_value(key))
                return IRSA_SANDBOX_SYNTAX;
        }
    }
    return NULL;
}

static const struct {
    const char *name;
    const char *(*check)(const struct judge *judge, const struct irsa_json *value);
} members[] = {
    {"Sid", check_sid},
    {"Effect", check_effect},
    {"Principal", check_principal},
    {"NotPrincipal", check_principal},
    {"Action", check_actions},
    {"NotAction", check_actions},
    {"Resource", check_resources},
    {"NotResource", check_resources},
    {"Condition", check_condition},
};

#define MEMBER_COUNT (sizeof(members) / sizeof(members[0]))

static bool has_either(const struct irsa_json *statement, const char *one, const char *other) {
    return irsa_json_get(statement, one) != NULL || irsa_json_get(statement, other) != NULL;
}

/* An element and its opposite stand in each other's place (grammar of the policy language). */
static bool has_both(const struct irsa_json *statement) {
    static const char *const pairs[][2] = {
        {"Principal", "NotPrincipal"}, {"Action", "NotAction"}, {"Resource", "NotResource"}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        if (irsa_json_get(statement, pairs[i][0]) != NULL && irsa_json_get(statement, pairs[i][1]) != NULL)
            return true;
    return false;
}

static const char *find_missing(const struct judge *judge, const struct irsa_json *statement) {
    if (irsa_json_get(statement, "Effect") == NULL)
        return "Missing required field Effect";
    if (judge->form == TRUST && !has_either(statement, "Principal", "NotPrincipal"))
        return "Missing required field Principal";
    if (!has_either(statement, "Action", "NotAction"))
        return judge->form == TRUST ? "Missing required field Action" : "Policy statement must contain actions.";
    if (judge->form == PERMISSIONS && !has_either(statement, "Resource", "NotResource"))
        return "Policy statement must contain resources.";
    return has_both(statement) ? IRSA_SANDBOX_SYNTAX : NULL;
}

static const char *check_statement(const struct judge *judge, const struct irsa_json *statement) {
    if (statement->kind != IRSA_JSON_OBJECT)
        return IRSA_SANDBOX_SYNTAX;
    for (const struct irsa_json *member = statement->first; member != NULL; member = member->next) {
        size_t i = 0;
        while (i < MEMBER_COUNT && strcmp(members[i].name, member->key) != 0)
            i++;
        if (i == MEMBER_COUNT)
            return irsa_arena_format(judge->place->arena, "Unknown field %s", member->key);
        const char *fault = members[i].check(judge, member);
        if (fault != NULL)
            return fault;
    }
    return find_missing(judge, statement);
}

static bool has_repeated_sid(const struct irsa_json *statements) {
    for (const struct irsa_json *a = statements->first; a != NULL; a = a->next)
        for (const struct irsa_json *b = a->next; b != NULL; b = b->next)
            if (irsa_json_get_text(a, "Sid") != NULL &&
                irsa_text_equal(irsa_json_get_text(a, "Sid"), irsa_json_get_text(b, "Sid")))
                return true;
    return false;
}

static const char *check_statements(const struct judge *judge, const struct irsa_json *statements) {
    if (statements == NULL)
        return "Missing required field Statement";
    if (statements->kind != IRSA_JSON_ARRAY)
        return check_statement(judge, statements);
    if (statements->first == NULL)
        return IRSA_SANDBOX_SYNTAX;
    for (const struct irsa_json *statement = statements->first; statement != NULL; statement = statement->next) {
        const char *fault = check_statement(judge, statement);
        if (fault != NULL)
            return fault;
    }
    return has_repeated_sid(statements) ? "Statement IDs (SID) in a single policy must be unique." : NULL;
}

static const char *check_version(const struct irsa_json *document, bool is_needed) {
    const struct irsa_json *version = irsa_json_get(document, "Version");
    if (version == NULL)
        return is_needed ? "Policy document must be version 2012-10-17 or greater." : NULL;
    const char *text = irsa_json_get_text(document, "Version");
    bool is_known = irsa_text_equal(text, "2012-10-17") || (!is_needed && irsa_text_equal(text, "2008-10-17"));
    return is_known ? NULL : "Policy document must be version 2012-10-17 or greater.";
}

static const char *check_document(const struct judge *judge, const char *text, bool is_managed) {
    const struct irsa_json *document;
    struct irsa_error err;
    struct irsa_json_limits limits = {.max_bytes = MAX_BYTES, .max_depth = MAX_DEPTH};
    if (!irsa_json_parse(judge->place->arena, text, strlen(text), limits, &document, &err))
        return judge->form == TRUST ? "This policy contains invalid Json" : IRSA_SANDBOX_SYNTAX;
    if (document->kind != IRSA_JSON_OBJECT)
        return IRSA_SANDBOX_SYNTAX;
    for (const struct irsa_json *member = document->first; member != NULL; member = member->next)
        if (strcmp(member->key, "Version") != 0 && strcmp(member->key, "Id") != 0 &&
            strcmp(member->key, "Statement") != 0)
            return irsa_arena_format(judge->place->arena, "Unknown field %s", member->key);
    const char *fault = check_version(document, is_managed);
    return fault != NULL ? fault : check_statements(judge, irsa_json_get(document, "Statement"));
}

const char *irsa_sandbox_trust_fault(const struct irsa_sandbox_document_place *place, const char *document) {
    return check_document(&(struct judge){.place = place, .form = TRUST}, document, false);
}

const char *irsa_sandbox_policy_fault(const struct irsa_sandbox_document_place *place, const char *document,
                                      bool is_managed) {
    return check_document(&(struct judge){.place = place, .form = PERMISSIONS}, document, is_managed);
}

size_t irsa_sandbox_document_length(const char *document) {
    size_t length = 0;
    for (; *document != '\0'; document++)
        length += strchr(" \t\r\n", *document) == NULL ? 1 : 0;
    return length;
}
