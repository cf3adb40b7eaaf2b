/*
 * The pool of idle connections: by origin, the last used one first. One mutex inside.
 */
#ifndef IRSA_HTTP_POOL_H
#define IRSA_HTTP_POOL_H

#include "core/http/connection.h"

struct irsa_pool;

struct irsa_pool_options {
    size_t max_idle_per_origin;
    size_t max_idle;
    int64_t idle_lifetime_ms;
};

struct irsa_pool *irsa_pool_new(struct irsa_pool_options options);
void irsa_pool_free(struct irsa_pool *pool);

/* The warmest idle connection of an origin, now the caller's; NULL when there is none. Any thread. */
struct irsa_connection *irsa_pool_take(struct irsa_pool *pool, const char *origin, int64_t now_ms);

/* Give a connection (back); what is over a bound or too old is closed. Any thread. */
void irsa_pool_put(struct irsa_pool *pool, struct irsa_connection *connection, int64_t now_ms);

/* Close the idle connections of one trust. Any thread. */
void irsa_pool_forget(struct irsa_pool *pool, uint64_t trust_id);

#endif
