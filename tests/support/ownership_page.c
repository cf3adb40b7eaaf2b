/*
 * Reading the tables: a table is told by the first two cells of its head.
 */
#include "tests/support/ownership_page.h"

#include <string.h>

#include "tests/support/page.h"

#define PAGE         "docs/ownership.md"
#define WIDE_CELLS   5
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
    const struct page_row *row;
};

static const struct ownership_word *find_word(const struct reading *reading, const char *name) {
    for (size_t i = 0; i < reading->page->word_count; i++)
        if (strcmp(reading->page->words[i].name, name) == 0)
            return &reading->page->words[i];
    page_give_up(reading->row, "no word of the tables:", name);
}

static const struct ownership_case *find_case(const struct reading *reading, const struct ownership_half *half,
                                              const char *name) {
    for (size_t i = 0; i < half->case_count; i++)
        if (strcmp(half->cases[i].name, name) == 0)
            return &half->cases[i];
    page_give_up(reading->row, "this case has not been told of:", name);
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
        plain = page_trimmed(arena, plain, (size_t)(slash - plain));
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

static void take_cells(struct reading *reading, const char *const *cells, size_t count) {
    size_t wanted = reading->table == ROLE_CASES || reading->table == ACCOUNT_CASES ? CASE_CELLS : WIDE_CELLS;
    if (count != wanted)
        page_give_up(reading->row, "a row with more or fewer cells than its head:", cells[0]);
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
        page_give_up(reading->row, "a table of another head:", cells[0]);
    }
}

static enum table table_of(const struct page_row *head) {
    for (size_t i = 0; i < sizeof HEADS / sizeof *HEADS; i++)
        if (strcmp(head->cells[0], HEADS[i].first) == 0 && strcmp(head->cells[1], HEADS[i].second) == 0)
            return HEADS[i].table;
    return NO_TABLE;
}

static void take(void *self, const struct page_row *row) {
    struct reading *reading = self;
    reading->row = row;
    if (row->is_head)
        reading->table = table_of(row);
    if (!row->is_head || reading->table == NO_TABLE)
        take_cells(reading, row->cells, row->count);
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
    page_read(arena, PAGE, take, &reading);
    return page;
}
