/*
 * Idle connections in two kinds of lists at once: per origin, to be taken, and of all, to be aged.
 *
 * Both are ordered by the time of the last use, so the oldest of all is always the oldest of its origin too.
 * Connections are closed after the mutex is let go, since closing talks to the network.
 */
#include "core/http/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/map.h"

/* The idle connections of one origin. There is at least one. */
struct shelf {
    struct irsa_connection *newest, *oldest;
    size_t count;
};

struct irsa_pool {
    pthread_mutex_t mutex;
    struct irsa_pool_options options;
    struct irsa_map *shelves; /* origin -> struct shelf */
    struct irsa_connection *newest, *oldest;
    size_t count;
};

struct irsa_pool *irsa_pool_new(struct irsa_pool_options options) {
    struct irsa_pool *pool = irsa_new(sizeof *pool);
    pthread_mutex_init(&pool->mutex, NULL);
    pool->options = options;
    pool->shelves = irsa_map_new();
    return pool;
}

/* Connections to be closed are chained by `older`. */
static void close_all(struct irsa_connection *connection) {
    while (connection != NULL) {
        struct irsa_connection *next = connection->older;
        irsa_connection_free(connection);
        connection = next;
    }
}

static void chain(struct irsa_connection **closing, struct irsa_connection *connection) {
    connection->older = *closing;
    *closing = connection;
}

static void unlink_from_all(struct irsa_pool *pool, struct irsa_connection *connection) {
    *(connection->newer_of_all == NULL ? &pool->newest : &connection->newer_of_all->older_of_all) =
        connection->older_of_all;
    *(connection->older_of_all == NULL ? &pool->oldest : &connection->older_of_all->newer_of_all) =
        connection->newer_of_all;
    connection->newer_of_all = connection->older_of_all = NULL;
    pool->count--;
}

/* Take a connection off its shelf, and the shelf away when it is empty. */
static void remove_connection(struct irsa_pool *pool, struct irsa_connection *connection) {
    size_t length = strlen(connection->origin);
    struct shelf *shelf = irsa_map_find(pool->shelves, connection->origin, length);
    *(connection->newer == NULL ? &shelf->newest : &connection->newer->older) = connection->older;
    *(connection->older == NULL ? &shelf->oldest : &connection->older->newer) = connection->newer;
    connection->newer = connection->older = NULL;
    if (--shelf->count == 0)
        free(irsa_map_remove(pool->shelves, connection->origin, length));
    unlink_from_all(pool, connection);
}

static struct shelf *shelf_of(struct irsa_pool *pool, const char *origin) {
    struct shelf *shelf = irsa_map_find(pool->shelves, origin, strlen(origin));
    if (shelf == NULL) {
        shelf = irsa_new(sizeof *shelf);
        irsa_map_put(pool->shelves, origin, strlen(origin), shelf);
    }
    return shelf;
}

static void add_connection(struct irsa_pool *pool, struct shelf *shelf, struct irsa_connection *connection) {
    connection->older = shelf->newest;
    *(shelf->newest == NULL ? &shelf->oldest : &shelf->newest->newer) = connection;
    shelf->newest = connection;
    shelf->count++;
    connection->older_of_all = pool->newest;
    *(pool->newest == NULL ? &pool->oldest : &pool->newest->newer_of_all) = connection;
    pool->newest = connection;
    pool->count++;
}

static void remove_expired(struct irsa_pool *pool, int64_t now_ms, struct irsa_connection **closing) {
    struct irsa_connection *oldest;
    while ((oldest = pool->oldest) != NULL && now_ms - oldest->idle_since_ms >= pool->options.idle_lifetime_ms) {
        remove_connection(pool, oldest);
        chain(closing, oldest);
    }
}

struct irsa_connection *irsa_pool_take(struct irsa_pool *pool, const char *origin, int64_t now_ms) {
    struct irsa_connection *closing = NULL;
    struct irsa_connection *taken = NULL;
    pthread_mutex_lock(&pool->mutex);
    remove_expired(pool, now_ms, &closing);
    struct shelf *shelf = irsa_map_find(pool->shelves, origin, strlen(origin));
    if (shelf != NULL) {
        taken = shelf->newest;
        remove_connection(pool, taken);
    }
    pthread_mutex_unlock(&pool->mutex);
    close_all(closing);
    return taken;
}

void irsa_pool_put(struct irsa_pool *pool, struct irsa_connection *connection, int64_t now_ms) {
    struct irsa_connection *closing = NULL;
    connection->idle_since_ms = now_ms;
    pthread_mutex_lock(&pool->mutex);
    remove_expired(pool, now_ms, &closing);
    struct shelf *shelf = shelf_of(pool, connection->origin);
    add_connection(pool, shelf, connection);
    struct irsa_connection *surplus = shelf->count > pool->options.max_idle_per_origin ? shelf->oldest
                                      : pool->count > pool->options.max_idle           ? pool->oldest
                                                                                       : NULL;
    if (surplus != NULL) {
        remove_connection(pool, surplus);
        chain(&closing, surplus);
    }
    pthread_mutex_unlock(&pool->mutex);
    close_all(closing);
}

void irsa_pool_forget(struct irsa_pool *pool, uint64_t trust_id) {
    struct irsa_connection *closing = NULL;
    pthread_mutex_lock(&pool->mutex);
    struct irsa_connection *older;
    for (struct irsa_connection *at = pool->newest; at != NULL; at = older) {
        older = at->older_of_all;
        if (at->trust_id != trust_id)
            continue;
        remove_connection(pool, at);
        chain(&closing, at);
    }
    pthread_mutex_unlock(&pool->mutex);
    close_all(closing);
}

void irsa_pool_free(struct irsa_pool *pool) {
    while (pool->newest != NULL) {
        struct irsa_connection *connection = pool->newest;
        remove_connection(pool, connection);
        irsa_connection_free(connection);
    }
    irsa_map_free(pool->shelves, free);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}
