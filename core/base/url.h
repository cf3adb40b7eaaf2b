/*
 * URLs as far as we need them: splitting, percent-encoding, form bodies (RFC 3986).
 */
#ifndef IRSA_BASE_URL_H
#define IRSA_BASE_URL_H

#include "core/base/error.h"
#include "core/base/text.h"

struct irsa_url {
    const char *scheme;    /* "https" or "http" */
    const char *host;      /* lower case, without port and brackets */
    int port;              /* -1: none was written */
    const char *authority; /* host and port as they go into a Host header: no port when it is the scheme's own */
    const char *path;      /* "/" at least, still encoded */
    const char *query;     /* still encoded, without '?'; "" if there is none */
};

/* At most 8 KiB, no user information, no fragment. fails INVALID */
IRSA_MUST_CHECK bool irsa_url_parse(struct irsa_arena *arena, const char *text, struct irsa_url *out_url,
                                    struct irsa_error *err);

/* 127.0.0.0/8, ::1, "localhost" and "*.localhost": where plain http is allowed. */
bool irsa_url_is_loopback(const struct irsa_url *url);

/* Append with everything but A-Z a-z 0-9 - . _ ~ percent-encoded in upper case; '/' stays when `keep_slash`. */
void irsa_url_encode(struct irsa_text *out, const char *bytes, size_t length, bool keep_slash);

/* Percent-decoding; false on a broken escape or a decoded NUL. `plus_is_space` for forms. The result is in the arena. */
IRSA_MUST_CHECK bool irsa_url_decode(struct irsa_arena *arena, const char *text, size_t length, bool plus_is_space,
                                     const char **out_text);

/* Append "&name=value", both encoded; no '&' when `out` is empty. */
void irsa_form_add(struct irsa_text *out, const char *name, const char *value);

#endif
