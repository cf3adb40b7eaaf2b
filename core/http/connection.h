/*
 * One connection of the client: an easy handle of libcurl that is bound to an origin, and the multi handle that drives it.
 *
 * A connection is either in the hands of one exchange or idle in the pool, which links it.
 */
#ifndef IRSA_HTTP_CONNECTION_H
#define IRSA_HTTP_CONNECTION_H

#include <curl/curl.h>

#include "core/http/http.h"

/*
 * newer, older   neighbours among the idle ones of its origin; NULL at the ends and in an exchange
 * newer_of_all, older_of_all   the same among all idle ones
 * trust, exchange   borrowed, set during an exchange only
 */
struct irsa_connection {
    CURL *easy;
    CURLM *multi;
    char *origin;
    uint64_t trust_id; /* 0: plain http */
    int64_t idle_since_ms;
    struct irsa_connection *newer, *older;
    struct irsa_connection *newer_of_all, *older_of_all;
    const struct irsa_trust *trust;
    struct irsa_exchange *exchange;
    char error_text[CURL_ERROR_SIZE];
};

/* What all connections of one client have in common. */
struct irsa_connection_options {
    const char *user_agent;
    int connect_timeout_ms;
};

/* Nothing is connected yet. is_loopback: no proxy is used, whatever the environment says. */
struct irsa_connection *irsa_connection_new(const struct irsa_connection_options *options, const char *origin,
                                            uint64_t trust_id, bool is_loopback);
void irsa_connection_free(struct irsa_connection *connection);

/*
 * Send one request and read its answer.
 *
 * trust         NULL for plain http
 * out_connects  how many connections libcurl opened for it; also filled after a failure
 * fails         as struct irsa_transport says; the connection is to be freed then
 */
IRSA_MUST_CHECK bool irsa_connection_exchange(struct irsa_connection *connection, const struct irsa_http_call *call,
                                              const struct irsa_trust *trust, struct irsa_arena *arena,
                                              struct irsa_http_reply *out_reply, long *out_connects,
                                              struct irsa_error *err);

#endif
