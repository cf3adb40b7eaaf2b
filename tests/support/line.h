/*
 * A stage whose calls go over real sockets, by the HTTP client of the product, to the sandbox's own servers; and a line that
 * leads chosen calls to a place where they fail.
 */
#ifndef IRSA_TESTS_LINE_H
#define IRSA_TESTS_LINE_H

#include "core/base/certificate.h"
#include "core/http/http.h"
#include "sandbox/server.h"
#include "tests/component/tiny_server.h"
#include "tests/support/stage.h"

/* Where a call ends up. */
struct line_place {
    const char *name;
    tiny_script_fn *script; /* what answers there; NULL: nobody listens */
    bool is_foreign;        /* its certificate is of an authority that nobody trusts */
    int64_t patience_ms;    /* how long the caller waits; 0: its own deadline */
};

/* Which calls are led astray. Parts of the URL and of the body; NULL: any. */
struct line_call {
    const char *method, *url, *body;
};

struct line {
    struct stage stage;
    struct irsa_sandbox_server *server;
    struct irsa_http *http;
    struct irsa_authority *foreign;
    char ca_path[64]; /* a bundle with an authority of no server */
    /* private, while a place is set */
    const struct line_place *place;
    struct line_call call;
    long times; /* calls that are still led astray; less than 0: all */
    long asked; /* calls of that kind since line_lead() */
    struct tiny_server plain, tls;
    int closed_port, closed_fd;
};

void line_open(struct line *line);
void line_close(struct line *line);

/* From now on `times` calls of that kind (0: all) end up at `place`. */
void line_lead(struct line *line, const struct line_place *place, struct line_call call, long times);

/* All is well again. Returns how many calls of that kind were made. */
long line_mend(struct line *line);

#endif
