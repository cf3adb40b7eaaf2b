/*
 * The tables of docs/ownership.md, as the ownership test reads them: the page is the test's data.
 */
#ifndef IRSA_TESTS_OWNERSHIP_PAGE_H
#define IRSA_TESTS_OWNERSHIP_PAGE_H

#include "core/base/arena.h"

#define OWNERSHIP_MODES 3 /* plain, override, adopt */

extern const char *const OWNERSHIP_MODE_NAMES[OWNERSHIP_MODES];

/* A word of the tables: what becomes of one half of the pair. */
struct ownership_word {
    const char *name;
    const char *outcome; /* "succeeded", "unchanged", "failed" */
    const char *error;   /* wire name of the code, "" for none */
    const char *writes;  /* names of the steps in their order, ", " between */
};

/* Who has the role, or the account, of the request. */
struct ownership_case {
    const char *name;
    const char *refusal[OWNERSHIP_MODES]; /* what a refusal says, in part; "" when the case is never refused */
};

/* One row of cells. */
struct ownership_row {
    const struct ownership_case *who;
    const char *action;
    const struct ownership_word *cells[OWNERSHIP_MODES];
};

struct ownership_half {
    struct ownership_case *cases;
    size_t case_count;
    struct ownership_row *rows;
    size_t row_count;
};

struct ownership_page {
    struct ownership_word *words;
    size_t word_count;
    struct ownership_half roles, accounts;
};

/* Read docs/ownership.md from the working directory. A page that cannot be read ends the program with a line that says why. */
struct ownership_page ownership_page_read(struct irsa_arena *arena);

#endif
