/*
 * Tables on the pages of docs/, for tests whose data they are.
 */
#ifndef IRSA_TESTS_PAGE_H
#define IRSA_TESTS_PAGE_H

#include <stdbool.h>

#include "core/base/arena.h"

#define PAGE_MAX_CELLS 8

/* A line that starts with "|". Cells come without the blanks and backticks around them. */
struct page_row {
    const char *page;
    unsigned line;
    bool is_head; /* the first one of its table */
    size_t count;
    const char *cells[PAGE_MAX_CELLS];
};

typedef void page_row_fn(void *self, const struct page_row *row);

/*
 * Hand all rows of all tables of the page to `take`, but for the rulers under the heads. The page is read from the working
 * directory; one that cannot be read ends the program with a line that says why.
 */
void page_read(struct irsa_arena *arena, const char *page, page_row_fn *take, void *self);

/* End the program with a line that names the row. */
_Noreturn void page_give_up(const struct page_row *row, const char *why, const char *what);

/* `length` characters without the blanks and backticks around them. */
const char *page_trimmed(struct irsa_arena *arena, const char *start, size_t length);

#endif
