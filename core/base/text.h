/*
 * Bounded text: a buffer in an arena that grows to a limit and no further, and small questions about text.
 */
#ifndef IRSA_BASE_TEXT_H
#define IRSA_BASE_TEXT_H

#include <irsa/memory.h>

/*
 * Always terminated. Once an addition does not fit, it and all later ones are dropped and is_over is set, so that a
 * writer checks once, at the end.
 */
struct irsa_text {
    char *at;
    size_t length;
    size_t capacity; /* bytes at `at`, one of them for the terminator */
    size_t max;      /* length that may not be passed */
    bool is_over;
    struct irsa_arena *arena;
};

void irsa_text_init(struct irsa_text *text, struct irsa_arena *arena, size_t max);
/* Over the caller's own buffer, which is the bound; `size` is at least 1. */
void irsa_text_init_fixed(struct irsa_text *text, char *buffer, size_t size);
void irsa_text_clear(struct irsa_text *text);
void irsa_text_add(struct irsa_text *text, const char *more);
void irsa_text_add_bytes(struct irsa_text *text, const void *bytes, size_t length);
void irsa_text_add_char(struct irsa_text *text, char c);
void irsa_text_addf(struct irsa_text *text, const char *format, ...) IRSA_PRINTF(2, 3);

/* Room for `length` more bytes at the end, to be filled by the caller; NULL when over. The length grows by as much. */
char *irsa_text_extend(struct irsa_text *text, size_t length);

/* As irsa_text_printable; at most `max` bytes of it. */
void irsa_text_add_printable(struct irsa_text *out, const char *text, size_t max);

/* Equal texts; two NULLs are equal, NULL and a text are not. */
bool irsa_text_equal(const char *a, const char *b);
bool irsa_text_equal_ignoring_case(const char *a, const char *b);
bool irsa_text_starts_with(const char *text, const char *prefix);
bool irsa_text_ends_with(const char *text, const char *suffix);

/* NULL or "". */
bool irsa_text_is_empty(const char *text);

/* A decimal integer that fills the whole text and lies within min and max. */
IRSA_MUST_CHECK bool irsa_text_to_integer(const char *text, int64_t min, int64_t max, int64_t *out_value);

/* Length of the valid UTF-8 prefix; equal to `length` when all of it is valid (RFC 3629: no surrogates, no overlongs). */
size_t irsa_utf8_valid_prefix(const char *bytes, size_t length);

/* Bytes of the valid UTF-8 sequence (1 to 4) that starts at `bytes`, or 0. */
size_t irsa_utf8_sequence(const void *bytes, size_t length);

/* What a hexadecimal digit of either case stands for; -1: it is none. */
int irsa_hex_digit(char c);

/*
 * The name among `count` that the writer of `word` most likely meant (optimal string alignment distance, case ignored,
 * at most a third of the length), or NULL.
 */
const char *irsa_text_nearest(const char *word, const char *const *names, size_t count);

/*
 * Copy `text` with control characters, invalid UTF-8 and what turns the direction of text made visible ("\x1b"); over
 * `max` bytes it is cut and ends in "…". For what others wrote and a terminal or a log line is to show. NULL gives "".
 */
const char *irsa_text_printable(struct irsa_arena *arena, const char *text, size_t max);

#endif
