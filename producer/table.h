/*
 * Tables for people: columns as wide as their widest cell, the last one as it is.
 *
 * Either all rows are measured first and then printed, or, for what never ends, printed as they come.
 */
#ifndef IRSA_PRODUCER_TABLE_H
#define IRSA_PRODUCER_TABLE_H

#include <stdio.h>

#include "producer/terminal.h"

#define IRSA_TABLE_COLUMNS_MAX 8
#define IRSA_CELL_MAX_BYTES    4096

struct irsa_table {
    const char *const *headings;
    size_t columns;
    unsigned widths[IRSA_TABLE_COLUMNS_MAX];
    size_t filled; /* columns up to the last one that a measured row has something in; 0: none was measured */
    bool has_colours;
    size_t coloured; /* the column that takes a row's colour; `columns`: none */
    FILE *out;
};

/* `headings` is borrowed and ended by NULL. */
void irsa_table_init(struct irsa_table *table, const char *const *headings, FILE *out);

/* Widen the columns for a row. Cells may be NULL. Columns at the end that stay empty get no heading. */
void irsa_table_measure(struct irsa_table *table, const char *const *cells);

/*
 * Fill the cells of row `index`; they are looked at before the next call. Gives back the row's colour.
 */
typedef enum irsa_colour irsa_table_row_fn(void *self, size_t index, const char **out_cells);

/* Measure all rows, then print headings and rows: each row is asked for twice. */
void irsa_table_print_all(struct irsa_table *table, size_t count, irsa_table_row_fn *row, void *self);

void irsa_table_print_headings(const struct irsa_table *table);

/* Cells are made printable. Longer ones than were measured push the others to the right. */
void irsa_table_print(const struct irsa_table *table, const char *const *cells, enum irsa_colour colour);

#endif
