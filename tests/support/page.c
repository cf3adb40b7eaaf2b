/*
 * Reading Markdown's tables, line by line.
 */
#include "tests/support/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 2048

_Noreturn void page_give_up(const struct page_row *row, const char *why, const char *what) {
    fprintf(stderr, "%s:%u: %s \"%s\"\n", row->page, row->line, why, what);
    exit(2);
}

const char *page_trimmed(struct irsa_arena *arena, const char *start, size_t length) {
    while (length > 0 && strchr(" `", start[0]) != NULL) {
        start++;
        length--;
    }
    while (length > 0 && strchr(" `\n", start[length - 1]) != NULL)
        length--;
    return irsa_arena_copy_bytes(arena, start, length);
}

static void split(struct irsa_arena *arena, const char *line, struct page_row *row) {
    row->count = 0;
    for (const char *at = line + 1; row->count < PAGE_MAX_CELLS; row->count++) {
        const char *end = strchr(at, '|');
        if (end == NULL)
            break;
        row->cells[row->count] = page_trimmed(arena, at, (size_t)(end - at));
        at = end + 1;
    }
}

static bool is_ruler(const struct page_row *row) {
    return strncmp(row->cells[0], "--", 2) == 0;
}

void page_read(struct irsa_arena *arena, const char *page, page_row_fn *take, void *self) {
    char line[LINE_BYTES];
    struct page_row row = {.page = page};
    bool is_in_table = false;
    FILE *file = fopen(page, "r");
    if (file == NULL)
        page_give_up(&row, "cannot be opened from", "the working directory");
    while (fgets(line, sizeof line, file) != NULL) {
        row.line++;
        row.is_head = !is_in_table;
        is_in_table = line[0] == '|';
        if (!is_in_table)
            continue;
        split(arena, line, &row);
        if (row.count < 2)
            page_give_up(&row, "a row of fewer than two cells:", line);
        if (!is_ruler(&row))
            take(self, &row);
    }
    (void)fclose(file);
}
