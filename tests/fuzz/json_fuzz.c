/*
 * The JSON reader: what it takes is written and read again as the same tree; what it refuses has a code and a place.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must(bool is_so) {
    if (!is_so)
        abort();
}

static const struct irsa_json_limits limits = {.max_bytes = 1 << 20, .max_depth = 32};

static void check_text(const char *text, size_t length) {
    must(strlen(text) == length && irsa_utf8_valid_prefix(text, length) == length);
}

static void check_tree(const struct irsa_json *value) {
    unsigned count = 0;
    must(value->line > 0 && value->column > 0);
    if (value->kind == IRSA_JSON_STRING || value->kind == IRSA_JSON_NUMBER)
        check_text(value->text, value->text_length);
    for (const struct irsa_json *child = value->first; child != NULL; child = child->next, count++) {
        must((child->key != NULL) == (value->kind == IRSA_JSON_OBJECT));
        must(child->key == NULL || irsa_json_get(value, child->key) == child); /* no key stands twice */
        check_tree(child);
    }
    must(count == value->count);
}

static void read_again(struct irsa_arena *arena, const struct irsa_json *tree, const char *text) {
    const struct irsa_json *again;
    struct irsa_error err;
    struct irsa_json_limits wide = {.max_bytes = SIZE_MAX, .max_depth = limits.max_depth};
    must(irsa_json_parse(arena, text, strlen(text), wide, &again, &err));
    must(irsa_json_equal(tree, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    struct irsa_arena *arena = irsa_arena_new();
    const struct irsa_json *tree;
    struct irsa_error err;
    if (irsa_json_parse(arena, bytes, length, limits, &tree, &err)) {
        check_tree(tree);
        read_again(arena, tree, irsa_json_to_text(arena, tree));
        read_again(arena, tree, irsa_json_to_pretty_text(arena, tree));
    } else {
        must(err.code == IRSA_CODE_SCHEMA || err.code == IRSA_CODE_TOO_LARGE);
        must((err.line > 0 && err.column > 0) || length > limits.max_bytes);
        check_text(err.message, strlen(err.message));
        check_text(err.at, strlen(err.at));
    }
    irsa_arena_free(arena);
    return 0;
}
