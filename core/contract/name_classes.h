/*
 * Classes of characters, and small readers over them, for the rules for names. Private to names_*.c.
 */
#ifndef IRSA_CONTRACT_NAME_CLASSES_H
#define IRSA_CONTRACT_NAME_CLASSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/base/text.h"

enum irsa_name_class {
    LOWER = 1 << 0,
    UPPER = 1 << 1,
    DIGIT = 1 << 2,
    DASH = 1 << 3,
    DOT = 1 << 4,
    UNDERSCORE = 1 << 5,
    COMMA = 1 << 6,
    SIGN = 1 << 7,     /* + = @ */
    JOINT = 1 << 8,    /* : / */
    WILDCARD = 1 << 9, /* * ? */
    OTHER = 1 << 10,   /* the rest of printable ASCII */
    SPACE = 1 << 11,
    BEYOND_ASCII = 1 << 12,
};

#define LETTER     (LOWER | UPPER)
#define ALNUM      (LETTER | DIGIT)
#define DNS        (LOWER | DIGIT)
#define ROLE_CHARS (ALNUM | DASH | DOT | UNDERSCORE | COMMA | SIGN)
#define TAG_CHARS  (ALNUM | DASH | DOT | UNDERSCORE | SIGN | JOINT | SPACE | BEYOND_ASCII)
#define PRINTABLE  (ALNUM | DASH | DOT | UNDERSCORE | COMMA | SIGN | JOINT | WILDCARD | OTHER)

extern const uint16_t irsa_name_classes[256];

static inline bool is_in(char c, unsigned set) {
    return (irsa_name_classes[(unsigned char)c] & set) != 0;
}

/* How many characters from the start on are in the set. */
static inline size_t span(const char *text, unsigned set) {
    size_t length = 0;
    while (is_in(text[length], set))
        length++;
    return length;
}

/* min to max characters, all in the set. */
static inline bool is_made_of(const char *value, unsigned set, size_t min, size_t max) {
    size_t length = span(value, set);
    return value[length] == '\0' && length >= min && length <= max;
}

/* The same, and the first and last are in `ends`. */
static inline bool is_framed(const char *value, size_t length, unsigned set, unsigned ends, size_t max) {
    return length >= 1 && length <= max && span(value, set) >= length && is_in(value[0], ends) &&
           is_in(value[length - 1], ends);
}

/* Characters of valid UTF-8. */
static inline size_t count_characters(const char *value) {
    size_t count = 0;
    for (; *value != '\0'; value++)
        count += ((unsigned char)*value & 0xC0) != 0x80;
    return count;
}

static inline bool is_utf8(const char *value) {
    size_t length = strlen(value);
    return irsa_utf8_valid_prefix(value, length) == length;
}

/* Pass over `what` at `*at`. */
static inline bool take(const char **at, const char *what) {
    size_t length = strlen(what);
    if (strncmp(*at, what, length) != 0)
        return false;
    *at += length;
    return true;
}

#endif
