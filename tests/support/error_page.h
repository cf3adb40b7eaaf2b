/*
 * The tables of errors of docs/provisioning.md, as the tests of errors read them: the page is their data.
 */
#ifndef IRSA_TESTS_ERROR_PAGE_H
#define IRSA_TESTS_ERROR_PAGE_H

#include <stdbool.h>

#include "core/base/arena.h"

#define ERROR_PAGE "docs/provisioning.md"
#define ERROR_DONE "done"

/* One cell's list: what stands between ", ". */
struct error_words {
    const char **at;
    size_t count;
};

/*
 * calls    "CreateRole", "any call to IAM"
 * errors   `Code` status, `Code` status: what it says, `Code` status (`Cause`), a page status; in the table of connections a sentence
 * once     what becomes of the attempt when the error is met once: a code, or ERROR_DONE
 * always   the same, when each call like it meets the error
 * fate     of `always`; "" for ERROR_DONE
 * asked    how often the call is made then
 */
struct error_row {
    unsigned line;
    struct error_words calls, errors;
    const char *once, *always, *fate;
    long asked;
};

struct error_page {
    struct error_row *answers; /* errors that a service answers with */
    size_t answer_count;
    struct error_row *connections; /* failures without an answer */
    size_t connection_count;
};

/* Read it from the working directory. A page that cannot be read ends the program with a line that says why. */
struct error_page error_page_read(struct irsa_arena *arena);

/* An error of `errors`. */
struct error_told {
    const char *code; /* NULL: a page of something on the way */
    int status;
    const char *message; /* NULL: any */
    const char *cause;   /* NULL: none */
};

/* False when it does not have the form. */
bool error_tell(struct irsa_arena *arena, const char *text, struct error_told *out_told);

/* Does `words` have `word`? */
bool error_words_have(const struct error_words *words, const char *word);

#endif
