/*
 * HTTP server: the fence round libmicrohttpd. Health and metrics of the worker, the services of the sandbox.
 *
 * A request is handed over whole (bounded), the handler fills the answer. libmicrohttpd's own threads call handlers, so
 * a handler locks what it shares. Loopback unless told otherwise.
 */
#ifndef IRSA_HTTPD_H
#define IRSA_HTTPD_H

#include "core/base/arena.h"
#include "core/base/error.h"

#define IRSA_HTTPD_MAX_HEADERS 64

struct irsa_httpd_field {
    const char *name; /* headers: lower case */
    const char *value;
};

/* Borrowed until the handler returns. */
struct irsa_httpd_request {
    const char *method;
    const char *target; /* path and query as they were sent, still encoded */
    const char *path;   /* as sent, still encoded, without the query */
    const char *query;  /* as sent, without '?'; "" if there is none */
    const struct irsa_httpd_field *headers;
    size_t header_count;
    const char *body; /* terminated; "" if there is none */
    size_t body_length;
    bool is_again;            /* this is the second call, which the first one's reply asked for (again_ms) */
    struct irsa_arena *arena; /* lives until the answer is sent: make the answer in it */
};

/* What becomes of the connection instead of an ordinary answer, for scripted faults. */
enum irsa_httpd_fault {
    IRSA_HTTPD_NO_FAULT,
    IRSA_HTTPD_DROP,     /* close without a byte */
    IRSA_HTTPD_RESET,    /* close with a TCP reset */
    IRSA_HTTPD_TRUNCATE, /* status, headers, half of the body, then close */
};

/* Comes zeroed. What it points to lives until the answer is sent: static, or in the request's arena. */
struct irsa_httpd_reply {
    int status;               /* 0: 500 */
    const char *content_type; /* NULL: none */
    const char *body;         /* NULL: empty */
    size_t body_length;
    const struct irsa_httpd_field *headers; /* more of them */
    size_t header_count;
    int64_t delay_ms; /* answer so much later, without holding a thread (suspend and resume) */
    int64_t again_ms; /* do not answer: call the handler once more, so much later */
    enum irsa_httpd_fault fault;
};

/* Fill the reply. Thread: one of the server's. */
typedef void irsa_httpd_handler_fn(void *self, const struct irsa_httpd_request *request,
                                   struct irsa_httpd_reply *out_reply);

struct irsa_httpd;

struct irsa_httpd_options {
    const char *address;         /* NULL: "127.0.0.1" */
    uint16_t port;               /* 0: any that is free */
    const char *certificate_pem; /* NULL: plain http */
    const char *key_pem;
    size_t max_body_bytes; /* 0: 4 MiB; beyond it 413 */
    unsigned threads;      /* 0: 1 */
    irsa_httpd_handler_fn *handle;
    void *self;
};

/* fails CONFIG (the address is taken or not ours) */
IRSA_MUST_CHECK struct irsa_httpd *irsa_httpd_open(const struct irsa_httpd_options *options, struct irsa_error *err);
uint16_t irsa_httpd_port(const struct irsa_httpd *httpd);
void irsa_httpd_close(struct irsa_httpd *httpd);

/* The first header of that name (lower case), or NULL. */
const char *irsa_httpd_header(const struct irsa_httpd_request *request, const char *name);

/* A decoded parameter of the query or of a form body, or NULL. In the request's arena. */
const char *irsa_httpd_parameter(const struct irsa_httpd_request *request, const char *encoded, const char *name);

#endif
