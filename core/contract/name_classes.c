/*
 * The table of character classes.
 */
#include "core/contract/name_classes.h"

/* clang-format off */
const uint16_t irsa_name_classes[256] = {
    ['a' ... 'z'] = LOWER, ['A' ... 'Z'] = UPPER, ['0' ... '9'] = DIGIT,
    ['-'] = DASH, ['.'] = DOT, ['_'] = UNDERSCORE, [','] = COMMA,
    ['+'] = SIGN, ['='] = SIGN, ['@'] = SIGN,
    [':'] = JOINT, ['/'] = JOINT,
    ['*'] = WILDCARD, ['?'] = WILDCARD,
    ['!' ... ')'] = OTHER, [';' ... '<'] = OTHER, ['>'] = OTHER, ['[' ... '^'] = OTHER, ['`'] = OTHER, ['{' ... '~'] = OTHER,
    [' '] = SPACE,
    [0x80 ... 0xFF] = BEYOND_ASCII,
};
/* clang-format on */
