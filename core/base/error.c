/*
 * Errors: the table of codes, and filling the caller's struct within its bounds.
 *
 * Texts may hold what others wrote. They leave here as valid UTF-8, so that a result can carry them, messages without
 * control characters, so that a terminal can show them, and what is too long is cut visibly.
 */
#include "core/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"

static const char cut_mark[] = "…";

static const struct {
    const char *name;
    enum irsa_fate fate;
    const char *meaning;
} codes[IRSA_CODE_COUNT] = {[IRSA_CODE_NONE] = {"", IRSA_FATE_REJECT, ""},
#define ROW(code, name, fate, meaning) [IRSA_CODE_##code] = {name, IRSA_FATE_##fate, meaning},
                            IRSA_ERROR_TABLE(ROW)
#undef ROW
};

const char *irsa_code_name(enum irsa_code code) {
    return codes[code].name;
}

const char *irsa_code_meaning(enum irsa_code code) {
    return codes[code].meaning;
}

enum irsa_fate irsa_code_fate(enum irsa_code code) {
    return codes[code].fate;
}

enum irsa_code irsa_code_find(const char *name) {
    for (int code = IRSA_CODE_NONE + 1; code < IRSA_CODE_COUNT; code++)
        if (irsa_text_equal(codes[code].name, name))
            return (enum irsa_code)code;
    return IRSA_CODE_NONE;
}

/* Bytes that are no UTF-8 become '?'. */
static void make_valid(char *text, size_t length) {
    for (size_t at = irsa_utf8_valid_prefix(text, length); at < length;
         at += irsa_utf8_valid_prefix(text + at, length - at))
        text[at] = '?';
}

static void drop_controls(char *text) {
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            *text = '?';
}

/* Copy what fits into `size` bytes; what does not fit is cut between characters and marked. */
static void put(char *out, size_t size, const char *text, size_t length) {
    if (length < size) {
        memcpy(out, text, length);
        out[length] = '\0';
        make_valid(out, length);
        return;
    }
    size_t room = size - sizeof cut_mark;
    while (room > 0 && ((unsigned char)text[room] & 0xC0) == 0x80)
        room--;
    memcpy(out, text, room);
    make_valid(out, room);
    memcpy(out + room, cut_mark, sizeof cut_mark);
}

/* The formatted text followed by `tail`. Both may be parts of `out`'s error: everything is made aside first. */
IRSA_PRINTF(4, 0) static void print(char *out, size_t size, const char *tail, const char *format, va_list args) {
    char aside[2 * sizeof((struct irsa_error *)0)->message];
    int printed = vsnprintf(aside, sizeof aside, format, args);
    size_t length = printed < 0 ? 0 : strlen(aside);
    snprintf(aside + length, sizeof aside - length, "%s", tail);
    put(out, size, aside, strlen(aside));
}

bool irsa_error_set(struct irsa_error *err, enum irsa_code code, const char *format, ...) {
    char message[sizeof err->message];
    va_list args;
    va_start(args, format);
    print(message, sizeof message, "", format, args);
    va_end(args);
    irsa_error_clear(err);
    err->code = code;
    snprintf(err->message, sizeof err->message, "%s", message);
    drop_controls(err->message);
    return false;
}

bool irsa_error_wrap(struct irsa_error *err, const char *format, ...) {
    char context[sizeof err->message];
    va_list args;
    va_start(args, format);
    print(context, sizeof context, ": ", format, args);
    va_end(args);
    char whole[2 * sizeof err->message];
    snprintf(whole, sizeof whole, "%s%s", context, err->message);
    put(err->message, sizeof err->message, whole, strlen(whole));
    drop_controls(err->message);
    return false;
}

bool irsa_error_from(struct irsa_error *err, const char *service, const char *upstream) {
    if (service != NULL)
        put(err->service, sizeof err->service, service, strlen(service));
    if (upstream != NULL)
        put(err->upstream, sizeof err->upstream, upstream, strlen(upstream));
    drop_controls(err->service);
    drop_controls(err->upstream);
    return false;
}

bool irsa_error_at(struct irsa_error *err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    print(err->at, sizeof err->at, err->at, format, args);
    va_end(args);
    return false;
}

bool irsa_error_at_key(struct irsa_error *err, const char *key) {
    char token[sizeof err->at];
    size_t length = 0;
    token[length++] = '/';
    for (; *key != '\0' && length < sizeof token - 2; key++) {
        if (*key == '~' || *key == '/') {
            token[length++] = '~';
            token[length++] = *key == '~' ? '0' : '1';
        } else {
            token[length++] = *key;
        }
    }
    token[length] = '\0';
    return irsa_error_at(err, "%s", token);
}
