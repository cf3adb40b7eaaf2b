/*
 * The parameters of a call, judged by the rows of its action.
 */
#include <string.h>

#include "core/base/arena.h"
#include "sandbox/iam/iam.h"

#define SHOWN_BYTES   256
#define PROSE_PATTERN "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*"

/* "RoleName" -> "roleName", as IAM's messages have it. */
static const char *member_name(struct irsa_arena *arena, const char *name) {
    char *copy = irsa_arena_copy(arena, name);
    if (copy[0] >= 'A' && copy[0] <= 'Z')
        copy[0] = (char)(copy[0] - 'A' + 'a');
    return copy;
}

size_t irsa_sandbox_iam_length(const char *text) {
    size_t length = 0;
    for (; *text != '\0'; text++)
        length += ((unsigned char)*text & 0xc0) == 0x80 ? 0 : 1; /* the first byte of a sequence */
    return length;
}

/* Latin-1 is one byte, or two that start with 0xc2 or 0xc3; U+0080 to U+00A0 are not among it. */
static bool is_prose(const char *value) {
    for (const unsigned char *c = (const unsigned char *)value; *c != '\0'; c++) {
        bool is_plain = (*c >= ' ' && *c < 0x7f) || *c == '\t' || *c == '\n' || *c == '\r';
        bool is_pair = (*c == 0xc2 && c[1] >= 0xa1 && c[1] <= 0xbf) || (*c == 0xc3 && c[1] >= 0x80 && c[1] <= 0xbf);
        if (!is_plain && !is_pair)
            return false;
        c += is_pair ? 1 : 0;
    }
    return true;
}

/* As much of a value as an error shows, without half a character at its end. */
static const char *shown(struct irsa_arena *arena, const char *value) {
    size_t length = strlen(value);
    return irsa_arena_copy_bytes(arena, value,
                                 irsa_utf8_valid_prefix(value, length > SHOWN_BYTES ? SHOWN_BYTES : length));
}

/* The constraint that a value breaks, or NULL. */
static const char *broken_constraint(struct irsa_arena *arena, const struct irsa_sandbox_iam_parameter *row,
                                     const char *value) {
    int64_t measure = 0;
    const char *what = "length";
    if (row->rule == IRSA_SANDBOX_RULE_INTEGER) {
        what = "value";
        if (!irsa_text_to_integer(value, INT32_MIN, INT32_MAX, &measure))
            return "Member must be an integer";
    } else {
        measure = (int64_t)irsa_sandbox_iam_length(value);
    }
    if (measure < row->min)
        return irsa_arena_format(arena, "Member must have %s greater than or equal to %lld", what, (long long)row->min);
    if (measure > row->max)
        return irsa_arena_format(arena, "Member must have %s less than or equal to %lld", what, (long long)row->max);
    if (row->rule == IRSA_SANDBOX_RULE_PROSE && !is_prose(value))
        return "Member must satisfy regular expression pattern: " PROSE_PATTERN;
    return NULL;
}

/* All broken constraints in one text, as IAM reports them; NULL when there is none. */
static const char *broken_constraints(struct irsa_sandbox_iam *iam, const struct irsa_sandbox_iam_action *action) {
    struct irsa_text text;
    size_t count = 0;
    irsa_text_init(&text, iam->arena, 16384);
    for (const struct irsa_sandbox_iam_parameter *row = action->parameters; row->name != NULL; row++) {
        const char *value = irsa_sandbox_iam_get(iam, row->name);
        const char *broken = NULL;
        if (value != NULL)
            broken = broken_constraint(iam->arena, row, value);
        else if (row->is_required)
            broken = "Member must not be null";
        if (broken == NULL)
            continue;
        irsa_text_add(&text, count++ == 0 ? "" : "; ");
        if (value == NULL)
            irsa_text_addf(&text, "Value null at '%s'", member_name(iam->arena, row->name));
        else
            irsa_text_addf(&text, "Value '%s' at '%s'", shown(iam->arena, value), member_name(iam->arena, row->name));
        irsa_text_addf(&text, " failed to satisfy constraint: %s", broken);
    }
    if (count == 0)
        return NULL;
    return irsa_arena_format(iam->arena, "%zu validation error%s detected: %s", count, count == 1 ? "" : "s", text.at);
}

static bool is_name(const char *value) {
    return value[strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-")] == '\0';
}

/* /[\u0021-\u007E]* */
static bool is_prefix(const char *value) {
    for (const char *c = value; *c != '\0'; c++)
        if (*c < 0x21 || *c > 0x7e)
            return false;
    return *value == '/';
}

/* (/)|(/[\u0021-\u007E]+/) */
static bool is_path(const char *value) {
    size_t length = strlen(value);
    return is_prefix(value) && value[length - 1] == '/' && length != 2;
}

static bool check_form(struct irsa_sandbox_iam *iam, const struct irsa_sandbox_iam_parameter *row) {
    const char *value = irsa_sandbox_iam_get(iam, row->name);
    if (value == NULL)
        return true;
    if (row->rule == IRSA_SANDBOX_RULE_NAME && !is_name(value))
        return irsa_sandbox_iam_fail(iam, "ValidationError",
                                     "The specified value for %s is invalid. It must contain only alphanumeric "
                                     "characters and/or the following: +=,.@_-",
                                     member_name(iam->arena, row->name));
    if (row->rule == IRSA_SANDBOX_RULE_PATH && !is_path(value))
        return irsa_sandbox_iam_fail(iam, "ValidationError",
                                     "The specified value for %s is invalid. It must begin and end with / and contain "
                                     "only alphanumeric characters and/or / characters.",
                                     member_name(iam->arena, row->name));
    if (row->rule == IRSA_SANDBOX_RULE_PREFIX && !is_prefix(value))
        return irsa_sandbox_iam_fail(iam, "ValidationError",
                                     "The specified value for %s is invalid. It must begin with /",
                                     member_name(iam->arena, row->name));
    return true;
}

bool irsa_sandbox_iam_check_parameters(struct irsa_sandbox_iam *iam, const struct irsa_sandbox_iam_action *action) {
    const char *broken = broken_constraints(iam, action);
    if (broken != NULL)
        return irsa_sandbox_iam_fail(iam, "ValidationError", "%s", broken);
    for (const struct irsa_sandbox_iam_parameter *row = action->parameters; row->name != NULL; row++)
        if (!check_form(iam, row))
            return false;
    return true;
}
