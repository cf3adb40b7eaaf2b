/*
 * Reading the tables of errors: they are told by the first two cells of their heads.
 */
#include "tests/support/error_page.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "irsa/error.h"
#include "tests/support/page.h"

#define CELLS     6
#define MAX_ROWS  256
#define MAX_WORDS 32

enum { CALLS, ERRORS, ONCE, ALWAYS, FATE, ASKED };

struct reading {
    struct irsa_arena *arena;
    struct error_page *page;
    bool is_answers, is_connections;
};

static struct error_words split(struct irsa_arena *arena, const char *cell) {
    struct error_words words = {.at = IRSA_NEW_ARRAY(arena, const char *, MAX_WORDS)};
    while (words.count < MAX_WORDS) {
        const char *comma = strstr(cell, ", ");
        size_t length = comma == NULL ? strlen(cell) : (size_t)(comma - cell);
        words.at[words.count++] = page_trimmed(arena, cell, length);
        if (comma == NULL)
            break;
        cell = comma + strlen(", ");
    }
    return words;
}

static void check_outcome(const struct page_row *row, const char *name) {
    if (strcmp(name, ERROR_DONE) != 0 && irsa_code_find(name) == IRSA_CODE_NONE)
        page_give_up(row, "neither done nor a code:", name);
}

static struct error_row read_row(struct irsa_arena *arena, const struct page_row *row) {
    char *end;
    if (row->count != CELLS)
        page_give_up(row, "a row with more or fewer cells than its head:", row->cells[0]);
    check_outcome(row, row->cells[ONCE]);
    check_outcome(row, row->cells[ALWAYS]);
    long asked = strtol(row->cells[ASKED], &end, 10);
    if (*end != '\0' || asked < 1)
        page_give_up(row, "no number of calls:", row->cells[ASKED]);
    return (struct error_row){.line = row->line,
                              .calls = split(arena, row->cells[CALLS]),
                              .errors = split(arena, row->cells[ERRORS]),
                              .once = row->cells[ONCE],
                              .always = row->cells[ALWAYS],
                              .fate = row->cells[FATE],
                              .asked = asked};
}

static void take(void *self, const struct page_row *row) {
    struct reading *reading = self;
    struct error_page *page = reading->page;
    if (row->is_head) {
        reading->is_answers = strcmp(row->cells[0], "call") == 0 && strcmp(row->cells[1], "error") == 0;
        reading->is_connections = strcmp(row->cells[0], "call") == 0 && strcmp(row->cells[1], "failure") == 0;
    } else if (reading->is_answers && page->answer_count < MAX_ROWS) {
        page->answers[page->answer_count++] = read_row(reading->arena, row);
    } else if (reading->is_connections && page->connection_count < MAX_ROWS) {
        page->connections[page->connection_count++] = read_row(reading->arena, row);
    }
}

struct error_page error_page_read(struct irsa_arena *arena) {
    struct error_page page = {.answers = IRSA_NEW_ARRAY(arena, struct error_row, MAX_ROWS),
                              .connections = IRSA_NEW_ARRAY(arena, struct error_row, MAX_ROWS)};
    struct reading reading = {.arena = arena, .page = &page};
    page_read(arena, ERROR_PAGE, take, &reading);
    return page;
}

bool error_tell(struct irsa_arena *arena, const char *text, struct error_told *out_told) {
    static const char PAGE[] = "a page ";
    bool is_page = irsa_text_starts_with(text, PAGE);
    const char *tick = strstr(text, "` ");
    char *rest;
    if (!is_page && tick == NULL)
        return false;
    *out_told = (struct error_told){0};
    out_told->status = (int)strtol(is_page ? text + strlen(PAGE) : tick + strlen("` "), &rest, 10);
    if (!is_page)
        out_told->code = irsa_arena_copy_bytes(arena, text, (size_t)(tick - text));
    if (irsa_text_starts_with(rest, ": "))
        out_told->message = rest + strlen(": ");
    else if (irsa_text_starts_with(rest, " (`"))
        out_told->cause = irsa_arena_copy_bytes(arena, rest + strlen(" (`"), strcspn(rest + strlen(" (`"), "`"));
    else if (*rest != '\0')
        return false;
    return out_told->status != 0;
}

bool error_words_have(const struct error_words *words, const char *word) {
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(words->at[i], word) == 0)
            return true;
    return false;
}
