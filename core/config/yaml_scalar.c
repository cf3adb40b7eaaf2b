/*
 * Plain scalars, as eksctl's reader (sigs.k8s.io/yaml over go-yaml v2) resolves them: YAML 1.1's booleans and nulls by a
 * table of words, then integers of any base, then floats. No base 60, and dates stay text.
 */
#include "core/config/yaml_scalar.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"

static const struct word {
    const char *text;
    enum irsa_json_kind kind; /* NUMBER: one that JSON cannot write */
} words[] = {
    {"y", IRSA_JSON_TRUE},       {"Y", IRSA_JSON_TRUE},       {"yes", IRSA_JSON_TRUE},     {"Yes", IRSA_JSON_TRUE},
    {"YES", IRSA_JSON_TRUE},     {"true", IRSA_JSON_TRUE},    {"True", IRSA_JSON_TRUE},    {"TRUE", IRSA_JSON_TRUE},
    {"on", IRSA_JSON_TRUE},      {"On", IRSA_JSON_TRUE},      {"ON", IRSA_JSON_TRUE},      {"n", IRSA_JSON_FALSE},
    {"N", IRSA_JSON_FALSE},      {"no", IRSA_JSON_FALSE},     {"No", IRSA_JSON_FALSE},     {"NO", IRSA_JSON_FALSE},
    {"false", IRSA_JSON_FALSE},  {"False", IRSA_JSON_FALSE},  {"FALSE", IRSA_JSON_FALSE},  {"off", IRSA_JSON_FALSE},
    {"Off", IRSA_JSON_FALSE},    {"OFF", IRSA_JSON_FALSE},    {"~", IRSA_JSON_NULL},       {"null", IRSA_JSON_NULL},
    {"Null", IRSA_JSON_NULL},    {"NULL", IRSA_JSON_NULL},    {".nan", IRSA_JSON_NUMBER},  {".NaN", IRSA_JSON_NUMBER},
    {".NAN", IRSA_JSON_NUMBER},  {".inf", IRSA_JSON_NUMBER},  {".Inf", IRSA_JSON_NUMBER},  {".INF", IRSA_JSON_NUMBER},
    {"+.inf", IRSA_JSON_NUMBER}, {"+.Inf", IRSA_JSON_NUMBER}, {"+.INF", IRSA_JSON_NUMBER}, {"-.inf", IRSA_JSON_NUMBER},
    {"-.Inf", IRSA_JSON_NUMBER}, {"-.INF", IRSA_JSON_NUMBER},
};

#define LONGEST_WORD 5

static const struct word *find_word(const char *text, size_t length) {
    if (length > LONGEST_WORD)
        return NULL;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].text, text) == 0)
            return &words[i];
    return NULL;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static unsigned digit_value(char c) {
    static const char digits[] = "0123456789abcdef";
    const char *found = c == '\0' ? NULL : strchr(digits, tolower((unsigned char)c));
    return found == NULL ? 16 : (unsigned)(found - digits);
}

enum integer { NO_INTEGER, INTEGER, INTEGER_TOO_LARGE };

/* Digits of a base up to the end. */
static enum integer read_digits(const char *digits, unsigned base, uint64_t *out_value) {
    uint64_t value = 0;
    bool is_over = false;
    if (*digits == '\0')
        return NO_INTEGER;
    for (; *digits != '\0'; digits++) {
        unsigned digit = digit_value(*digits);
        if (digit >= base)
            return NO_INTEGER;
        is_over =
            is_over || __builtin_mul_overflow(value, base, &value) || __builtin_add_overflow(value, digit, &value);
    }
    *out_value = value;
    return is_over ? INTEGER_TOO_LARGE : INTEGER;
}

/* Go's syntax: 0x, 0b, 0o or a leading 0 for octal, else decimal. `digits` has no sign. */
static enum integer read_integer(const char *digits, uint64_t *out_value) {
    int mark = digits[0] == '0' ? tolower((unsigned char)digits[1]) : 0;
    if (mark == 'x')
        return read_digits(digits + 2, 16, out_value);
    if (mark == 'b')
        return read_digits(digits + 2, 2, out_value);
    if (mark == 'o')
        return read_digits(digits + 2, 8, out_value);
    return read_digits(digits, digits[0] == '0' ? 8 : 10, out_value);
}

/* (.digits | digits[.digits])[e[+-]digits], without a sign. */
static bool is_float(const char *at) {
    size_t whole = strspn(at, "0123456789");
    at += whole;
    size_t fraction = 0;
    if (*at == '.') {
        fraction = strspn(at + 1, "0123456789");
        at += 1 + fraction;
    }
    if (whole == 0 && fraction == 0)
        return false;
    if ((*at | 0x20) == 'e') {
        at += 1 + (at[1] == '+' || at[1] == '-');
        size_t exponent = strspn(at, "0123456789");
        if (exponent == 0)
            return false;
        at += exponent;
    }
    return *at == '\0';
}

/* A float as JSON writes it: a digit on both sides of the point, no leading zeros. */
static const char *float_text(struct irsa_arena *arena, const char *digits, bool is_negative) {
    while (digits[0] == '0' && is_digit(digits[1]))
        digits++;
    size_t whole = strspn(digits, "0123456789");
    const char *rest = digits + whole;
    bool has_bare_point = rest[0] == '.' && !is_digit(rest[1]);
    return irsa_arena_format(arena, "%s%.*s%s", is_negative ? "-" : "", whole == 0 ? 1 : (int)whole,
                             whole == 0 ? "0" : digits, has_bare_point ? rest + 1 : rest);
}

static void set_number(struct irsa_json *value, const char *text) {
    value->kind = IRSA_JSON_NUMBER;
    value->text = text;
    value->text_length = strlen(text);
}

/* The text without '_', which may stand between digits. */
static const char *without_underscores(struct irsa_arena *arena, const char *text, size_t length) {
    if (memchr(text, '_', length) == NULL)
        return text;
    char *plain = irsa_arena_copy_bytes(arena, text, length);
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        if (text[i] != '_')
            plain[count++] = text[i];
    plain[count] = '\0';
    return plain;
}

/* Sets a number if it is one; the value stays text else. */
static bool resolve_number(struct irsa_arena *arena, const char *text, size_t length, struct irsa_json *value,
                           struct irsa_error *err) {
    const char *plain = text[0] == '.' ? text : without_underscores(arena, text, length);
    bool is_negative = plain[0] == '-';
    const char *digits = plain + (is_negative || plain[0] == '+');
    uint64_t integer = 0;
    enum integer found = read_integer(digits, &integer);
    if (found == INTEGER && (!is_negative || integer <= (uint64_t)INT64_MAX + 1)) {
        set_number(value, irsa_arena_format(arena, "%s%llu", is_negative && integer > 0 ? "-" : "",
                                            (unsigned long long)integer));
        return true;
    }
    if (is_float(digits)) {
        if (isfinite(strtod(digits, NULL)))
            set_number(value, float_text(arena, digits, is_negative));
        return true;
    }
    return found == NO_INTEGER || IRSA_FAIL(err, SCHEMA, "the number is too large; put it in quotes if it is text");
}

bool irsa_yaml_resolve(struct irsa_arena *arena, const char *text, size_t length, struct irsa_json *value,
                       struct irsa_error *err) {
    value->text = text;
    value->text_length = length; /* 0 also of null and truth values, which are equal whatever the word */
    value->kind = length == 0 ? IRSA_JSON_NULL : IRSA_JSON_STRING;
    if (length == 0 || strchr("yYnNtTfFoO~.+-0123456789", text[0]) == NULL)
        return true;
    const struct word *word = find_word(text, length);
    if (word == NULL)
        return is_digit(text[0]) || strchr(".+-", text[0]) != NULL ? resolve_number(arena, text, length, value, err)
                                                                   : true;
    if (word->kind == IRSA_JSON_NUMBER)
        return IRSA_FAIL(err, SCHEMA, "%s is a number that has no form in JSON; put it in quotes if it is text", text);
    value->kind = word->kind;
    value->text_length = 0;
    return true;
}

const char *irsa_yaml_key(struct irsa_arena *arena, const struct irsa_json *value) {
    if (value->kind == IRSA_JSON_TRUE || value->kind == IRSA_JSON_FALSE)
        return irsa_json_kind_name(value->kind);
    if (value->kind != IRSA_JSON_NUMBER || strpbrk(value->text, ".eE") == NULL)
        return value->text;
    double number = strtod(value->text, NULL);
    const char *text = value->text;
    for (int digits = 1; digits <= 17; digits++) {
        text = irsa_arena_format(arena, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    return text;
}
