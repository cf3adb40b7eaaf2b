/*
 * A result as one row of a table.
 */
#ifndef IRSA_PRODUCER_OUTCOME_ROW_H
#define IRSA_PRODUCER_OUTCOME_ROW_H

#include "core/base/json.h"
#include "producer/table.h"

enum { IRSA_ROW_ACCOUNT, IRSA_ROW_CLUSTER, IRSA_ROW_OUTCOME, IRSA_ROW_ROLE, IRSA_ROW_DETAIL, IRSA_ROW_COLUMNS };

/* Ended by NULL. */
extern const char *const irsa_outcome_headings[];

struct irsa_outcome_row {
    const char *cells[IRSA_ROW_COLUMNS];
    enum irsa_colour colour;
};

/*
 * The row of a result's data; texts are in the arena or borrowed from the tree.
 *
 * data     NULL: there is none yet, and the outcome is "pending"
 * subject  of the request, for results that name none; may be NULL
 * id       of the request, shown where no subject is known
 */
void irsa_outcome_row_fill(struct irsa_outcome_row *row, struct irsa_arena *arena, const struct irsa_json *data,
                           const char *subject, const char *id);

/* What a plan would do, or a failure left behind: "  + create-role  arn:…" and "  - detach-policy  arn:…" lines below a row. */
void irsa_outcome_print_steps(const struct irsa_json *data, FILE *out);

#endif
