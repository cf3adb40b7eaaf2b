/*
 * Patterns: the input's first line is the pattern, the rest the text. Only a pattern that is accepted matches, and
 * taking the meaning away from every character of a text makes the pattern that matches it.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/glob.h"
#include "core/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must(bool is_so) {
    if (!is_so)
        abort();
}

static const char *escape(struct irsa_arena *arena, const char *text) {
    struct irsa_text escaped;
    irsa_text_init(&escaped, arena, SIZE_MAX);
    for (; *text != '\0'; text++) {
        if (strchr("*?[]{},!-\\", *text) != NULL)
            irsa_text_add_char(&escaped, '\\');
        irsa_text_add_char(&escaped, *text);
    }
    return escaped.at;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    struct irsa_arena *arena = irsa_arena_new();
    struct irsa_error err;
    char *pattern = irsa_arena_copy_bytes(arena, bytes, length);
    const char *text = "";
    char *line_end = strchr(pattern, '\n');
    if (line_end != NULL) {
        *line_end = '\0';
        text = line_end + 1;
    }
    bool is_good = irsa_glob_check(pattern, &err);
    bool matches = irsa_glob_matches(pattern, text);
    must(is_good ? true : !matches && err.code == IRSA_CODE_INVALID);
    const char *literal = escape(arena, text);
    if (strlen(literal) <= 1024)
        must(irsa_glob_check(literal, &err) && irsa_glob_matches(literal, text));
    irsa_arena_free(arena);
    return 0;
}
