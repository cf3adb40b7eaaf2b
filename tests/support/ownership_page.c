/*
 * Reading the tables: a line that starts with "|" is a row; a table is told by the first two cells of its head.
 */
#include "tests/support/ownership_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

#define PAGE         "docs/ownership.md"
#define LINE_BYTES   2048
#define MAX_CELLS    5
#define MAX_ROWS     128
#define FIRST_CELL   2 /* behind the case and the action */
#define CASE_CELLS   3
#define REFUSAL_CELL 2

const char *const OWNERSHIP_MODE_NAMES[OWNERSHIP_MODES] = {"plain", "override", "adopt"};

enum table { NO_TABLE, WORDS, ROLE_CASES, ROLE_CELLS, ACCOUNT_CASES, ACCOUNT_CELLS };

static const struct {
    const char *first, *second;
    enum table table;
} HEADS[] = {
    {"word", "outcome", WORDS},           {"role", "how it is told", ROLE_CASES},
    {"role", "action", ROLE_CELLS},       {"account", "how it is told", ACCOUNT_CASES},
    {"account", "action", ACCOUNT_CELLS},
};

struct reading {
    struct irsa_arena *arena;
    struct ownership_page *page;
    enum table table;
    unsigned line;
};

static _Noreturn void give_up(const struct reading *reading, const char *why, const char *what) {
    fprintf(stderr, PAGE ":%u: %s \"%s\"\n", reading->line, why, what);
    exit(2);
}

/* Without the blanks and backticks around it. */
static const char *trimmed(struct irsa_arena *arena, const char *start, size_t length) {
    while (length > 0 && strchr(" `", start[0]) != NULL) {
        start++;
        length--;
    }
    while (length > 0 && strchr(" `\n", start[length - 1]) != NULL)
        length--;
    return irsa_arena_copy_bytes(arena, start, length);
}

static size_t split(struct irsa_arena *arena, const char *line, const char *out_cells[MAX_CELLS]) {
    size_t count = 0;
    for (const char *at = line + 1; count < MAX_CELLS; count++) {
        const char *end = strchr(at, '|');
        if (end == NULL)
            break;
        out_cells[count] = trimmed(arena, at, (size_t)(end - at));
        at = end + 1;
    }
    return count;
}

static const struct ownership_word *find_word(const struct reading *reading, const char *name) {
    for (size_t i = 0; i < reading->page->word_count; i++)
        if (strcmp(reading->page->words[i].name, name) == 0)
            return &reading->page->words[i];
    give_up(reading, "no word of the tables:", name);
}

static const struct ownership_case *find_case(const struct reading *reading, const struct ownership_half *half,
                                              const char *name) {
    for (size_t i = 0; i < half->case_count; i++)
        if (strcmp(half->cases[i].name, name) == 0)
            return &half->cases[i];
    give_up(reading, "this case has not been told of:", name);
}

static void take_word(struct reading *reading, const char *const *cells) {
    reading->page->words[reading->page->word_count++] = (struct ownership_word){cells[0], cells[1], cells[2], cells[3]};
}

/* "what it says", or "what it says / what it says with adopt". */
static void take_case(struct irsa_arena *arena, struct ownership_half *half, const char *const *cells) {
    const char *plain = cells[REFUSAL_CELL], *adopt = plain;
    const char *slash = strstr(plain, " / ");
    if (slash != NULL) {
        adopt = slash + strlen(" / ");
        plain = trimmed(arena, plain, (size_t)(slash - plain));
    }
    half->cases[half->case_count++] = (struct ownership_case){cells[0], {plain, plain, adopt}};
}

static void take_row(struct reading *reading, struct ownership_half *half, const char *const *cells) {
    struct ownership_row *row = &half->rows[half->row_count++];
    row->who = find_case(reading, half, cells[0]);
    row->action = cells[1];
    for (size_t i = 0; i < OWNERSHIP_MODES; i++)
        row->cells[i] = find_word(reading, cells[FIRST_CELL + i]);
}

static void take(struct reading *reading, const char *const *cells, size_t count) {
    size_t wanted = reading->table == ROLE_CASES || reading->table == ACCOUNT_CASES ? CASE_CELLS : MAX_CELLS;
    if (count != wanted)
        give_up(reading, "a row with more or fewer cells than its head:", cells[0]);
    switch (reading->table) {
    case WORDS:
        take_word(reading, cells);
        break;
    case ROLE_CASES:
        take_case(reading->arena, &reading->page->roles, cells);
        break;
    case ROLE_CELLS:
        take_row(reading, &reading->page->roles, cells);
        break;
    case ACCOUNT_CASES:
        take_case(reading->arena, &reading->page->accounts, cells);
        break;
    case ACCOUNT_CELLS:
        take_row(reading, &reading->page->accounts, cells);
        break;
    case NO_TABLE:
        give_up(reading, "a table of another head:", cells[0]);
    }
}

static void take_line(struct reading *reading, const char *line) {
    const char *cells[MAX_CELLS];
    reading->line++;
    if (line[0] != '|') {
        reading->table = NO_TABLE;
        return;
    }
    size_t count = split(reading->arena, line, cells);
    if (count < 2)
        give_up(reading, "a row of fewer than two cells:", line);
    if (strncmp(cells[0], "--", 2) == 0)
        return;
    for (size_t i = 0; reading->table == NO_TABLE && i < sizeof HEADS / sizeof *HEADS; i++)
        if (strcmp(cells[0], HEADS[i].first) == 0 && strcmp(cells[1], HEADS[i].second) == 0) {
            reading->table = HEADS[i].table;
            return;
        }
    take(reading, cells, count);
}

static struct ownership_half new_half(struct irsa_arena *arena) {
    return (struct ownership_half){.cases = IRSA_NEW_ARRAY(arena, struct ownership_case, MAX_ROWS),
                                   .rows = IRSA_NEW_ARRAY(arena, struct ownership_row, MAX_ROWS)};
}

struct ownership_page ownership_page_read(struct irsa_arena *arena) {
    struct ownership_page page = {.words = IRSA_NEW_ARRAY(arena, struct ownership_word, MAX_ROWS),
                                  .roles = new_half(arena),
                                  .accounts = new_half(arena)};
    struct reading reading = {.arena = arena, .page = &page};
    char line[LINE_BYTES];
    FILE *file = fopen(PAGE, "r");
    if (file == NULL)
        give_up(&reading, "cannot be opened from", "the working directory");
    while (fgets(line, sizeof line, file) != NULL)
        take_line(&reading, line);
    (void)fclose(file);
    return page;
}
