/*
 * The inside of a JSON string: escapes undone, characters checked (RFC 8259 section 7, RFC 3629).
 */
#include <string.h>

#include "core/base/json.h"
#include "core/base/json_private.h"
#include "core/base/text.h"

#define NOT_CLOSED "a string is not closed"

/* The four digits at `at`, or -1. */
static int32_t read_hex(const uint8_t *at, const uint8_t *end) {
    if (end - at < 4)
        return -1;
    int32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = irsa_hex_digit((char)at[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static char *put_utf8(char *out, uint32_t character) {
    if (character < 0x80) {
        *out++ = (char)character;
    } else if (character < 0x800) {
        *out++ = (char)(0xC0 | character >> 6);
        *out++ = (char)(0x80 | (character & 0x3F));
    } else if (character < 0x10000) {
        *out++ = (char)(0xE0 | character >> 12);
        *out++ = (char)(0x80 | (character >> 6 & 0x3F));
        *out++ = (char)(0x80 | (character & 0x3F));
    } else {
        *out++ = (char)(0xF0 | character >> 18);
        *out++ = (char)(0x80 | (character >> 12 & 0x3F));
        *out++ = (char)(0x80 | (character >> 6 & 0x3F));
        *out++ = (char)(0x80 | (character & 0x3F));
    }
    return out;
}

static bool fail(struct irsa_json_fault *fault, const uint8_t *at, const char *what) {
    *fault = (struct irsa_json_fault){at, what};
    return false;
}

/* `*at` is behind "\u". */
static bool read_unicode_escape(const uint8_t **at, const uint8_t *end, char **out, struct irsa_json_fault *fault) {
    const uint8_t *escape = *at - 2;
    int32_t unit = read_hex(*at, end);
    if (unit < 0)
        return fail(fault, escape, "\\u needs four hexadecimal digits");
    *at += 4;
    if (unit == 0)
        return fail(fault, escape, "\\u0000 is not accepted");
    if (unit < 0xD800 || unit > 0xDFFF) {
        *out = put_utf8(*out, (uint32_t)unit);
        return true;
    }
    bool is_pair = unit < 0xDC00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u';
    int32_t low = is_pair ? read_hex(*at + 2, end) : -1;
    if (low < 0xDC00 || low > 0xDFFF)
        return fail(fault, escape, "half of a surrogate pair stands alone");
    *at += 6;
    *out = put_utf8(*out, 0x10000 + ((uint32_t)(unit - 0xD800) << 10) + (uint32_t)(low - 0xDC00));
    return true;
}

/* `*at` is at a backslash. */
static bool read_escape(const uint8_t **at, const uint8_t *end, char **out, struct irsa_json_fault *fault) {
    static const char plain[256] = {
        ['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t'};
    const uint8_t *escape = *at;
    if (end - escape < 2)
        return fail(fault, NULL, NOT_CLOSED);
    *at += 2;
    if (escape[1] == 'u')
        return read_unicode_escape(at, end, out, fault);
    if (plain[escape[1]] == 0)
        return fail(fault, escape, "this escape does not exist");
    *(*out)++ = plain[escape[1]];
    return true;
}

/* Why no character can be read at `at`. */
static const uint8_t *explain(const uint8_t *at, const uint8_t *end, struct irsa_json_fault *fault) {
    if (at == end)
        fail(fault, NULL, NOT_CLOSED);
    else if (*at < ' ')
        fail(fault, at, "a control character in a string must be escaped");
    else
        fail(fault, at, "a string is not valid UTF-8");
    return NULL;
}

const uint8_t *irsa_json_read_rest(const uint8_t *at, const uint8_t *end, char **out, struct irsa_json_fault *fault) {
    while (at < end && *at != '"') {
        if (*at == '\\') {
            if (!read_escape(&at, end, out, fault))
                return NULL;
            continue;
        }
        size_t run = (size_t)(irsa_json_end_of_plain((const char *)at, (const char *)end) - (const char *)at);
        if (run == 0 && *at >= 0x80)
            run = irsa_utf8_sequence(at, (size_t)(end - at));
        if (run == 0)
            return explain(at, end, fault);
        memcpy(*out, at, run);
        *out += run;
        at += run;
    }
    return at < end ? at : explain(at, end, fault);
}
