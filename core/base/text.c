/*
 * Bounded text, UTF-8, and small questions about text.
 */
#include "core/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/base/arena.h"

#define FIRST_CAPACITY 64
#define NEAREST_MAX    64 /* longer names are nobody's typing error */
#define HIGH_BITS      UINT64_C(0x8080808080808080)

void irsa_text_init(struct irsa_text *text, struct irsa_arena *arena, size_t max) {
    size_t capacity = max < FIRST_CAPACITY ? max + 1 : FIRST_CAPACITY;
    *text = (struct irsa_text){.capacity = capacity, .max = max, .arena = arena};
    text->at = irsa_arena_alloc(arena, capacity);
}

void irsa_text_init_fixed(struct irsa_text *text, char *buffer, size_t size) {
    *text = (struct irsa_text){.at = buffer, .capacity = size, .max = size - 1};
    buffer[0] = '\0';
}

void irsa_text_clear(struct irsa_text *text) {
    text->length = 0;
    text->is_over = false;
    text->at[0] = '\0';
}

/* Only called with length + more within max. */
static void grow(struct irsa_text *text, size_t need) {
    size_t capacity = text->capacity * 2;
    if (capacity < need)
        capacity = need;
    if (capacity > text->max && text->max < SIZE_MAX)
        capacity = text->max + 1;
    text->at = irsa_arena_extend(text->arena, text->at, text->capacity, capacity);
    text->capacity = capacity;
}

char *irsa_text_extend(struct irsa_text *text, size_t length) {
    if (text->is_over || length > text->max - text->length) {
        text->is_over = true;
        return NULL;
    }
    if (length >= text->capacity - text->length)
        grow(text, text->length + length + 1);
    char *at = text->at + text->length;
    text->length += length;
    at[length] = '\0';
    return at;
}

void irsa_text_add_bytes(struct irsa_text *text, const void *bytes, size_t length) {
    char *at = irsa_text_extend(text, length);
    if (at != NULL && length > 0)
        memcpy(at, bytes, length);
}

void irsa_text_add(struct irsa_text *text, const char *more) {
    irsa_text_add_bytes(text, more, strlen(more));
}

void irsa_text_add_char(struct irsa_text *text, char c) {
    char *at = irsa_text_extend(text, 1);
    if (at != NULL)
        *at = c;
}

void irsa_text_addf(struct irsa_text *text, const char *format, ...) {
    char small[256];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (length < 0) {
        text->is_over = true;
        return;
    }
    if ((size_t)length < sizeof small) {
        irsa_text_add_bytes(text, small, (size_t)length);
        return;
    }
    char *at = irsa_text_extend(text, (size_t)length);
    if (at == NULL)
        return;
    va_start(args, format);
    vsnprintf(at, (size_t)length + 1, format, args);
    va_end(args);
}

bool irsa_text_equal(const char *a, const char *b) {
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static unsigned char to_lower(char c) {
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* ASCII only, whatever the locale says. */
bool irsa_text_equal_ignoring_case(const char *a, const char *b) {
    if (a == NULL || b == NULL)
        return a == b;
    while (*a != '\0' && to_lower(*a) == to_lower(*b)) {
        a++;
        b++;
    }
    return to_lower(*a) == to_lower(*b);
}

bool irsa_text_starts_with(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool irsa_text_ends_with(const char *text, const char *suffix) {
    size_t length = strlen(text);
    size_t tail = strlen(suffix);
    return length >= tail && memcmp(text + length - tail, suffix, tail) == 0;
}

bool irsa_text_is_empty(const char *text) {
    return text == NULL || *text == '\0';
}

bool irsa_text_to_integer(const char *text, int64_t min, int64_t max, int64_t *out_value) {
    bool is_negative = *text == '-';
    const char *digit = text + is_negative;
    if (*digit == '\0')
        return false;
    int64_t value = 0; /* kept negative, as INT64_MIN has no positive twin */
    for (; *digit != '\0'; digit++) {
        if (*digit < '0' || *digit > '9')
            return false;
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_sub_overflow(value, *digit - '0', &value))
            return false;
    }
    if (!is_negative && __builtin_sub_overflow(0, value, &value))
        return false;
    if (value < min || value > max)
        return false;
    *out_value = value;
    return true;
}

static bool is_tail(uint8_t byte) {
    return (byte & 0xC0) == 0x80;
}

/* The table of well-formed sequences of RFC 3629, section 4. */
int irsa_hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

size_t irsa_utf8_sequence(const void *bytes, size_t length) {
    const uint8_t *at = bytes;
    if (length == 0)
        return 0;
    uint8_t lead = at[0];
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4 || length < 2 || !is_tail(at[1]))
        return 0;
    if (lead < 0xE0)
        return 2;
    if (lead < 0xF0) {
        bool is_overlong = lead == 0xE0 && at[1] < 0xA0;
        bool is_surrogate = lead == 0xED && at[1] > 0x9F;
        return length < 3 || is_overlong || is_surrogate || !is_tail(at[2]) ? 0 : 3;
    }
    bool is_overlong = lead == 0xF0 && at[1] < 0x90;
    bool is_beyond = lead == 0xF4 && at[1] > 0x8F;
    return length < 4 || is_overlong || is_beyond || !is_tail(at[2]) || !is_tail(at[3]) ? 0 : 4;
}

size_t irsa_utf8_valid_prefix(const char *bytes, size_t length) {
    size_t at = 0;
    while (at < length) {
        uint64_t eight;
        if (length - at >= sizeof eight) {
            memcpy(&eight, bytes + at, sizeof eight);
            if ((eight & HIGH_BITS) == 0) {
                at += sizeof eight;
                continue;
            }
        }
        size_t sequence = irsa_utf8_sequence(bytes + at, length - at);
        if (sequence == 0)
            return at;
        at += sequence;
    }
    return length;
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* One row of the distance's matrix from the two before it. */
static void fill_row(size_t *row, const size_t *above, const size_t *two_above, const char *a, size_t i, const char *b,
                     size_t b_length) {
    row[0] = i;
    for (size_t j = 1; j <= b_length; j++) {
        bool is_same = to_lower(a[i - 1]) == to_lower(b[j - 1]);
        row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + !is_same);
        if (i > 1 && j > 1 && to_lower(a[i - 1]) == to_lower(b[j - 2]) && to_lower(a[i - 2]) == to_lower(b[j - 1]))
            row[j] = least(row[j], two_above[j - 2] + 1);
    }
}

/* Optimal string alignment: insertions, deletions, replacements, and neighbours that changed places. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length) {
    size_t rows[3][NEAREST_MAX + 1];
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++)
        fill_row(rows[i % 3], rows[(i - 1) % 3], rows[(i + 1) % 3], a, i, b, b_length);
    return rows[a_length % 3][b_length];
}

const char *irsa_text_nearest(const char *word, const char *const *names, size_t count) {
    const char *nearest = NULL;
    size_t length = strlen(word);
    if (length > NEAREST_MAX)
        return NULL;
    size_t bound = length / 3 + 1; /* the distance must be below it */
    for (size_t i = 0; i < count; i++) {
        size_t name_length = strlen(names[i]);
        if (name_length > NEAREST_MAX)
            continue;
        size_t here = distance(word, length, names[i], name_length);
        if (here < bound) {
            bound = here;
            nearest = names[i];
        }
    }
    return nearest;
}

/* Characters that a terminal obeys instead of showing them: C0, DEL, C1, and what turns the direction of text. */
static bool is_hidden(const uint8_t *at, size_t sequence) {
    if (sequence == 1)
        return at[0] < 0x20 || at[0] == 0x7F;
    if (sequence == 2)
        return at[0] == 0xC2 && at[1] < 0xA0;
    if (sequence != 3 || at[0] != 0xE2)
        return false;
    bool is_separator_or_bidi = at[1] == 0x80 && (at[2] == 0x8E || at[2] == 0x8F || (at[2] >= 0xA8 && at[2] <= 0xAE));
    bool is_isolate = at[1] == 0x81 && at[2] >= 0xA6 && at[2] <= 0xA9;
    return is_separator_or_bidi || is_isolate;
}

void irsa_text_add_printable(struct irsa_text *out, const char *text, size_t max) {
    static const char cut_mark[] = "…";
    size_t length = strlen(text);
    size_t room = max < sizeof cut_mark - 1 ? 0 : max - (sizeof cut_mark - 1);
    size_t written = 0;
    size_t safe = out->length; /* where the mark goes if not all of it fits */
    for (size_t at = 0; at < length;) {
        const uint8_t *here = (const uint8_t *)text + at;
        size_t sequence = irsa_utf8_sequence(here, length - at);
        size_t taken = sequence == 0 ? 1 : sequence;
        bool is_escaped = sequence == 0 || is_hidden(here, sequence);
        size_t size = is_escaped ? 4 * taken : taken;
        if (written + size > max) {
            out->length = safe;
            out->at[safe] = '\0';
            if (room > 0)
                irsa_text_add(out, cut_mark);
            return;
        }
        for (size_t i = 0; is_escaped && i < taken; i++)
            irsa_text_addf(out, "\\x%02x", here[i]);
        if (!is_escaped)
            irsa_text_add_bytes(out, here, taken);
        written += size;
        at += taken;
        if (written <= room)
            safe = out->length;
    }
}

const char *irsa_text_printable(struct irsa_arena *arena, const char *text, size_t max) {
    struct irsa_text out;
    irsa_text_init(&out, arena, max);
    if (text != NULL)
        irsa_text_add_printable(&out, text, max);
    return out.at;
}
