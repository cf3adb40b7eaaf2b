/*
 * What json_read.c, json_string.c, json_tree.c and json_write.c share and nobody else needs.
 */
#ifndef IRSA_BASE_JSON_PRIVATE_H
#define IRSA_BASE_JSON_PRIVATE_H

#include <string.h>

#include "core/base/json.h"

#define IRSA_JSON_EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/*
 * Where the run of bytes ends that stand for themselves in a string: ASCII without '"', '\\' and control characters.
 * Eight at a time: a byte's highest bit is set in the difference when it is the one looked for, or below it.
 */
static inline const char *irsa_json_end_of_plain(const char *at, const char *end) {
    while (end - at >= 8) {
        uint64_t eight;
        memcpy(&eight, at, sizeof eight);
        uint64_t quote = (eight ^ IRSA_JSON_EACH_BYTE('"')) - IRSA_JSON_EACH_BYTE(1);
        uint64_t escape = (eight ^ IRSA_JSON_EACH_BYTE('\\')) - IRSA_JSON_EACH_BYTE(1);
        uint64_t control = eight - IRSA_JSON_EACH_BYTE(' ');
        if (((eight | quote | escape | control) & IRSA_JSON_EACH_BYTE(0x80)) != 0)
            break;
        at += 8;
    }
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= ' ' && (unsigned char)*at < 0x80)
        at++;
    return at;
}

/* What is wrong within a string. */
struct irsa_json_fault {
    const uint8_t *at; /* NULL: the string as a whole */
    const char *what;
};

/*
 * The rest of a string, from its first escape or character beyond ASCII on, with the escapes undone.
 *
 * at       where the rest begins, before `end`
 * out      where it goes on; may be the copy of the same bytes, as it only gets shorter. Moved to the end, without a NUL
 * returns  the closing quote; NULL with the fault
 */
const uint8_t *irsa_json_read_rest(const uint8_t *at, const uint8_t *end, char **out, struct irsa_json_fault *fault);

/* The members sorted by key, equal keys in the order of the text; object->count of them. free() it. */
const struct irsa_json **irsa_json_sorted_members(const struct irsa_json *object);

#endif
