/*
 * What is wrong with the input: every problem is told, up to a bound, before anything is sent.
 */
#ifndef IRSA_PRODUCER_PROBLEMS_H
#define IRSA_PRODUCER_PROBLEMS_H

#include "core/base/error.h"

#define IRSA_PROBLEMS_SHOWN 50 /* on standard error; the others are counted */

/* One problem. Borrowed until the call returns. */
struct irsa_problem {
    const char *path;      /* NULL: of no file */
    unsigned line, column; /* 0: unknown */
    const char *code;
    const char *message; /* without the place */
};

/* tell  called for each problem; NULL: a line on standard error, "path:line:column: message" */
struct irsa_problems {
    size_t count;
    void (*tell)(void *self, const struct irsa_problem *problem);
    void *self;
};

/* path  of the file, or NULL. A message that begins with "path:line:column: " is cut to what comes behind. */
void irsa_problems_add(struct irsa_problems *problems, const char *path, const struct irsa_error *err);

#endif
