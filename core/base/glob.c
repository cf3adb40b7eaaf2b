/*
 * Shell-like patterns, matched as a set of places in the pattern that moves over the text.
 *
 * No place is visited twice for one character, so the time is bounded by the product of both lengths, whatever the
 * pattern. Braces are jumps between places, worked out once.
 */
#include "core/base/glob.h"

#include <string.h>

#include "core/base/text.h"

#define MAX_BYTES  1024
#define PLACE_BITS 64
#define WORDS      (MAX_BYTES / PLACE_BITS + 1)

/* A place is an offset in the pattern; `length` is the end. */
struct pattern {
    const char *at;
    size_t length;
    uint16_t next[MAX_BYTES];  /* of a brace and its commas: the next comma, after the last one the close */
    uint16_t close[MAX_BYTES]; /* of a brace, its commas and its close: the close; 0 for literals */
};

struct places {
    uint64_t words[WORDS];
};

static void add_place(struct places *places, size_t at) {
    places->words[at / PLACE_BITS] |= UINT64_C(1) << at % PLACE_BITS;
}

static bool has_place(const struct places *places, size_t at) {
    return (places->words[at / PLACE_BITS] >> at % PLACE_BITS & 1) != 0;
}

/* Bytes of the character at `at`; those that are no UTF-8 are characters of their own. */
static size_t character_bytes(const char *at, size_t length) {
    size_t bytes = irsa_utf8_sequence(at, length);
    return bytes == 0 ? 1 : bytes;
}

/* An escape or a character of a bracket or a literal: its bytes, and the character within them. */
struct character {
    const char *at;
    size_t bytes;
};

/* 0 when a backslash ends the pattern. */
static size_t read_character(const struct pattern *p, size_t at, struct character *out) {
    size_t escape = p->at[at] == '\\';
    if (at + escape >= p->length)
        return 0;
    out->at = p->at + at + escape;
    out->bytes = character_bytes(out->at, p->length - at - escape);
    return escape + out->bytes;
}

/* UTF-8 sorts like the characters that it stands for. */
static int compare(struct character a, struct character b) {
    size_t shared = a.bytes < b.bytes ? a.bytes : b.bytes;
    int order = memcmp(a.at, b.at, shared);
    return order != 0 ? order : (a.bytes > b.bytes) - (a.bytes < b.bytes);
}

/* One element of a bracket, a character or a range; yields its bytes, 0 when it cannot be read. */
static size_t read_range(const struct pattern *p, size_t at, struct character *low, struct character *high) {
    size_t bytes = read_character(p, at, low);
    *high = *low;
    size_t dash = at + bytes;
    if (bytes == 0 || dash + 1 >= p->length || p->at[dash] != '-' || p->at[dash + 1] == ']')
        return bytes;
    size_t more = read_character(p, dash + 1, high);
    return more == 0 || compare(*low, *high) > 0 ? 0 : bytes + 1 + more;
}

/*
 * The bracket at `at`: its bytes, 0 when it cannot be read; and, with a character, whether it is in it.
 */
static size_t read_bracket(const struct pattern *p, size_t at, const struct character *wanted, bool *out_matches) {
    size_t from = at + 1;
    bool is_negated = from < p->length && p->at[from] == '!';
    bool is_in = false;
    from += is_negated;
    size_t first = from;
    while (from < p->length && p->at[from] != ']') {
        struct character low, high;
        size_t bytes = read_range(p, from, &low, &high);
        if (bytes == 0)
            return 0;
        if (wanted != NULL && compare(low, *wanted) <= 0 && compare(*wanted, high) <= 0)
            is_in = true;
        from += bytes;
    }
    if (from >= p->length || from == first)
        return 0;
    if (wanted != NULL)
        *out_matches = is_in != is_negated;
    return from + 1 - at;
}

/* Bytes of the piece of pattern at `at`, 0 when it cannot be read. */
static size_t piece_bytes(const struct pattern *p, size_t at) {
    struct character ignored;
    if (p->at[at] == '[')
        return read_bracket(p, at, NULL, NULL);
    return read_character(p, at, &ignored);
}

/* A brace while its commas are joined. */
struct open_brace {
    size_t brace;
    size_t last; /* the brace itself or its latest comma */
};

/* Chain each brace, its commas and its close. Yields the offset of the fault, or SIZE_MAX. */
static size_t join_braces(struct pattern *p) {
    struct open_brace open[MAX_BYTES / 2 + 1];
    size_t depth = 0;
    size_t bytes;
    for (size_t at = 0; at < p->length; at += bytes) {
        bytes = piece_bytes(p, at);
        if (bytes == 0)
            return at;
        char c = p->at[at];
        if (c == '{') {
            if (depth == MAX_BYTES / 2)
                return at;
            open[depth++] = (struct open_brace){.brace = at, .last = at};
        } else if (depth > 0 && (c == ',' || c == '}')) {
            p->next[open[depth - 1].last] = (uint16_t)at;
            open[depth - 1].last = at;
            p->close[at] = c == '}' ? (uint16_t)at : 0;
            depth -= c == '}';
        }
    }
    return depth == 0 ? SIZE_MAX : open[depth - 1].brace;
}

/* From the back, so that each comma takes over what the next one knows. */
static void find_closes(struct pattern *p) {
    for (size_t at = p->length; at-- > 0;) {
        size_t next = p->next[at];
        if (next != 0)
            p->close[at] = p->close[next];
    }
}

static size_t read_pattern(struct pattern *p, const char *text) {
    p->at = text;
    p->length = strlen(text);
    if (p->length > MAX_BYTES)
        return 0;
    memset(p->next, 0, p->length * sizeof p->next[0]);
    memset(p->close, 0, p->length * sizeof p->close[0]);
    size_t fault = join_braces(p);
    if (fault == SIZE_MAX)
        find_closes(p);
    return fault;
}

bool irsa_glob_check(const char *pattern, struct irsa_error *err) {
    struct pattern p;
    size_t fault = read_pattern(&p, pattern);
    if (fault == SIZE_MAX)
        return true;
    if (p.length > MAX_BYTES)
        return IRSA_FAIL(err, INVALID, "a pattern of %zu bytes is longer than %d", p.length, MAX_BYTES);
    const char *what = p.at[fault] == '['   ? "a bracket that is empty, not closed or in the wrong order"
                       : p.at[fault] == '{' ? "a brace that is not closed"
                                            : "a backslash at the end";
    return IRSA_FAIL(err, INVALID, "the pattern \"%s\" has %s, at byte %zu", pattern, what, fault + 1);
}

/* Add the places that are reached from `at` without a character, which all lie behind it; false when there are none. */
static bool jump(const struct pattern *p, size_t at, struct places *places) {
    char c = p->at[at];
    if (c == '*' || (c == '}' && p->close[at] != 0)) {
        add_place(places, at + 1);
    } else if (c == '{') {
        for (size_t alternative = at; alternative != p->close[at]; alternative = p->next[alternative])
            add_place(places, alternative + 1);
    } else if (c == ',' && p->close[at] != 0) {
        add_place(places, p->close[at]);
    } else {
        return false;
    }
    return c != '*'; /* which also takes a character */
}

/* Move over one character from `at`, if its piece of the pattern takes it. */
static void step(const struct pattern *p, size_t at, const struct character *c, struct places *out) {
    struct character literal = {.at = "", .bytes = 0};
    bool matches = false;
    size_t bytes = 1;
    switch (p->at[at]) {
    case '*':
        add_place(out, at);
        return;
    case '?':
        matches = true;
        break;
    case '[':
        bytes = read_bracket(p, at, c, &matches);
        break;
    default:
        bytes = read_character(p, at, &literal);
        matches = compare(literal, *c) == 0;
    }
    if (matches)
        add_place(out, at + bytes);
}

/* Move all places over one character, NULL at the end of the text, where they only jump. */
static void step_all(const struct pattern *p, struct places *here, const struct character *c, struct places *out) {
    for (size_t at = 0; at < p->length; at++)
        if (has_place(here, at) && !jump(p, at, here) && c != NULL)
            step(p, at, c, out);
}

bool irsa_glob_matches(const char *pattern, const char *text) {
    struct pattern p;
    struct places here = {0};
    if (read_pattern(&p, pattern) != SIZE_MAX)
        return false;
    add_place(&here, 0);
    size_t left = strlen(text);
    while (left > 0) {
        struct character c = {.at = text, .bytes = character_bytes(text, left)};
        struct places next = {0};
        step_all(&p, &here, &c, &next);
        here = next;
        text += c.bytes;
        left -= c.bytes;
    }
    step_all(&p, &here, NULL, NULL);
    return has_place(&here, p.length);
}
