/*
 * Aligning cells. Widths count characters, not bytes.
 */
#include "producer/table.h"

#include <assert.h>
#include <string.h>

#include "core/base/text.h"

#define GAP 2

/* Characters of UTF-8: all bytes but continuations. */
static unsigned width_of(const char *text) {
    unsigned width = 0;
    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

/* The cell as it may be shown: itself when it is plain ASCII, as nearly all are, else a copy in `room`. */
static const char *printable(const char *cell, char room[IRSA_CELL_MAX_BYTES]) {
    struct irsa_text text;
    const char *at = cell == NULL ? "" : cell;
    size_t length = 0;
    while (at[length] >= ' ' && at[length] <= '~')
        length++;
    if (at[length] == '\0')
        return at;
    irsa_text_init_fixed(&text, room, IRSA_CELL_MAX_BYTES);
    irsa_text_add_printable(&text, at, IRSA_CELL_MAX_BYTES - 1);
    return text.at;
}

static void widen(struct irsa_table *table, size_t column, const char *cell) {
    char room[IRSA_CELL_MAX_BYTES];
    unsigned width = width_of(printable(cell, room));
    if (width > table->widths[column])
        table->widths[column] = width;
}

void irsa_table_measure(struct irsa_table *table, const char *const *cells) {
    for (size_t i = 0; i + 1 < table->columns; i++)
        widen(table, i, cells[i]);
    for (size_t i = table->filled; i < table->columns; i++)
        if (!irsa_text_is_empty(cells[i]))
            table->filled = i + 1;
}

void irsa_table_init(struct irsa_table *table, const char *const *headings, FILE *out) {
    *table = (struct irsa_table){.headings = headings, .out = out, .has_colours = irsa_terminal_has_colours(out)};
    while (headings[table->columns] != NULL)
        table->columns++;
    assert(table->columns <= IRSA_TABLE_COLUMNS_MAX);
    table->coloured = table->columns;
    irsa_table_measure(table, headings);
    table->filled = 0;
}

static void print_cell(const struct irsa_table *table, size_t column, const char *cell, enum irsa_colour colour) {
    char room[IRSA_CELL_MAX_BYTES];
    const char *text = printable(cell, room);
    bool is_coloured = table->has_colours && column == table->coloured && colour != IRSA_COLOUR_NONE;
    unsigned width = width_of(text);
    unsigned blanks = width < table->widths[column] ? table->widths[column] - width : 0;
    if (is_coloured)
        fputs(irsa_colour_sequence(colour), table->out);
    fputs(text, table->out);
    if (is_coloured)
        fputs(irsa_colour_sequence(IRSA_COLOUR_NONE), table->out);
    for (blanks += GAP; column + 1 < table->columns && blanks > 0; blanks--)
        fputc(' ', table->out);
}

/* Empty cells at the end of a row leave no blanks behind. */
void irsa_table_print(const struct irsa_table *table, const char *const *cells, enum irsa_colour colour) {
    size_t last = table->columns;
    while (last > 1 && irsa_text_is_empty(cells[last - 1]))
        last--;
    struct irsa_table row = *table;
    row.columns = last;
    for (size_t i = 0; i < last; i++)
        print_cell(&row, i, cells[i], colour);
    fputc('\n', table->out);
}

void irsa_table_print_headings(const struct irsa_table *table) {
    struct irsa_table row = *table;
    row.columns = table->filled > 0 ? table->filled : table->columns;
    irsa_table_print(&row, table->headings, IRSA_COLOUR_NONE);
}

void irsa_table_print_all(struct irsa_table *table, size_t count, irsa_table_row_fn *row, void *self) {
    const char *cells[IRSA_TABLE_COLUMNS_MAX];
    for (size_t i = 0; i < count; i++) {
        (void)row(self, i, cells);
        irsa_table_measure(table, cells);
    }
    irsa_table_print_headings(table);
    for (size_t i = 0; i < count; i++) {
        enum irsa_colour colour = row(self, i, cells);
        irsa_table_print(table, cells, colour);
    }
}
