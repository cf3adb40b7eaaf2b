/*
 * HTTP client: warm connections per origin, shared by all executors; deadlines; bounded replies; abort from outside.
 *
 * The services above see only `struct irsa_transport`, a function table, so that tests put another one in its place.
 */
#ifndef IRSA_HTTP_H
#define IRSA_HTTP_H

#include "core/base/arena.h"
#include "core/base/cancel.h"
#include "core/base/error.h"

struct irsa_trust;

#define IRSA_HTTP_MAX_HEADERS         32
#define IRSA_HTTP_DEFAULT_REPLY_BYTES ((size_t)4 * 1024 * 1024)

struct irsa_http_header {
    const char *name;
    const char *value;
};

/* One request. Everything is borrowed until the exchange returns. */
struct irsa_http_call {
    const char *method; /* "GET", "POST", "PATCH", "DELETE", "PUT" */
    const char *url;    /* absolute; https, or http to a loopback address only */
    const struct irsa_http_header *headers;
    size_t header_count;
    const char *body; /* NULL: none */
    size_t body_length;
    const struct irsa_trust *trust;   /* NULL: the client's own (the system's authorities or a bundle) */
    int64_t deadline_ms;              /* monotonic */
    size_t max_reply_bytes;           /* 0: IRSA_HTTP_DEFAULT_REPLY_BYTES */
    const struct irsa_cancel *cancel; /* NULL: cannot be aborted */
};

/* The answer, whatever its status. In the caller's arena. */
struct irsa_http_reply {
    int status;
    const char *body; /* terminated */
    size_t body_length;
    const struct irsa_http_header *headers; /* names in lower case; at most IRSA_HTTP_MAX_HEADERS are kept */
    size_t header_count;
};

/* err->upstream of an exchange that failed before anything was sent. */
#define IRSA_HTTP_TLS     "TLS"     /* the peer's certificate was not accepted */
#define IRSA_HTTP_CONNECT "CONNECT" /* no such name, refused, no connection in time */

/*
 * Send one request and read its whole answer.
 *
 * A request may reach the server although the exchange fails; it may also reach it twice, when a connection that was
 * reused dies before the answer begins. So every call of ours tolerates being repeated.
 *
 * fails    UNAVAILABLE (reset, cut short, aborted; with upstream IRSA_HTTP_TLS or IRSA_HTTP_CONNECT when nothing was
 *          sent), TIMEOUT, TOO_LARGE, INVALID (a URL or header that is not allowed), CONFIG (the system's authorities
 *          cannot be read)
 * thread   any
 */
struct irsa_transport {
    bool (*exchange)(void *self, const struct irsa_http_call *call, struct irsa_arena *arena,
                     struct irsa_http_reply *out_reply, struct irsa_error *err);
    void *self;
};

/* The first header of that name (lower case), or NULL. */
const char *irsa_http_header(const struct irsa_http_reply *reply, const char *name);

/*
 * The client over libcurl. One mutex guards the pool of idle connections; a connection belongs to one exchange at a time.
 */
struct irsa_http;

struct irsa_http_options {
    const char *ca_bundle;      /* PEM file; NULL: the system's authorities, loaded at the first https call */
    const char *user_agent;     /* NULL: "irsa/<version>" */
    int connect_timeout_ms;     /* 0: 5,000 */
    size_t max_idle_per_origin; /* 0: 64 */
    size_t max_idle;            /* 0: 512; beyond it the longest unused connection closes */
    int64_t idle_lifetime_ms;   /* 0: 50,000; AWS closes after about 60 s */
};

/* fails CONFIG */
IRSA_MUST_CHECK struct irsa_http *irsa_http_new(const struct irsa_http_options *options, struct irsa_error *err);
void irsa_http_free(struct irsa_http *http);

/* Its function table; valid as long as the client. */
const struct irsa_transport *irsa_http_transport(struct irsa_http *http);

/* Close idle connections to servers that `trust` vouched for: before the trust goes away. */
void irsa_http_forget(struct irsa_http *http, const struct irsa_trust *trust);

/* How many connections were opened since the start (a measure of warmth). */
uint64_t irsa_http_connections_opened(const struct irsa_http *http);

#endif
