/*
 * The HTTP client: which URLs are allowed, which connection serves a call, and when the system's authorities are read.
 */
#include "core/http/http.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/base/trust.h"
#include "core/base/url.h"
#include "core/http/pool.h"

#define DEFAULT_CONNECT_TIMEOUT_MS  5000
#define DEFAULT_MAX_IDLE_PER_ORIGIN 64
#define DEFAULT_MAX_IDLE            512
#define DEFAULT_IDLE_LIFETIME_MS    50000
#define MAX_CALL_HEADERS            64

struct irsa_http {
    struct irsa_pool *pool;
    struct irsa_connection_options connection;
    struct irsa_transport transport;
    char *user_agent;
    pthread_mutex_t trust_mutex; /* held while the authorities are read */
    struct irsa_trust *trust;    /* NULL until the first https call that brings none; never changes after */
    atomic_uint_fast64_t opened;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void start_curl(void) {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
}

/* What the caller's trust is when it brings none. */
static const struct irsa_trust *own_trust(struct irsa_http *http, struct irsa_error *err) {
    pthread_mutex_lock(&http->trust_mutex);
    if (http->trust == NULL)
        http->trust = irsa_trust_from_file(NULL, err);
    const struct irsa_trust *trust = http->trust;
    pthread_mutex_unlock(&http->trust_mutex);
    return trust;
}

static bool is_token(const char *text) {
    return *text != '\0' &&
           text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")] == '\0';
}

/* Nobody's value may end the header that it stands in. */
static bool is_header_value(const char *text) {
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            return false;
    return true;
}

static bool check_call(const struct irsa_http_call *call, struct irsa_error *err) {
    if (!is_token(call->method))
        return IRSA_FAIL(err, INVALID, "an HTTP method that is no token");
    if (call->header_count > MAX_CALL_HEADERS)
        return IRSA_FAIL(err, INVALID, "more than %d headers", MAX_CALL_HEADERS);
    for (size_t i = 0; i < call->header_count; i++)
        if (!is_token(call->headers[i].name) || !is_header_value(call->headers[i].value))
            return IRSA_FAIL(err, INVALID, "the header %zu has a name or a value that is not allowed", i + 1);
    return true;
}

/* https anywhere, http to this machine only. out_trust stays NULL for http. */
static bool choose_trust(struct irsa_http *http, const struct irsa_http_call *call, const struct irsa_url *url,
                         const struct irsa_trust **out_trust, struct irsa_error *err) {
    *out_trust = NULL;
    if (strcmp(url->scheme, "http") == 0)
        return irsa_url_is_loopback(url) ||
               IRSA_FAIL(err, INVALID, "plain http is for loopback addresses only, and %s is none; use https",
                         url->authority);
    *out_trust = call->trust != NULL ? call->trust : own_trust(http, err);
    return *out_trust != NULL;
}

static bool may_start(const struct irsa_http_call *call, int64_t now_ms, struct irsa_error *err) {
    if (irsa_cancel_is_set(call->cancel))
        return IRSA_FAIL(err, UNAVAILABLE, "aborted before it was sent");
    return now_ms < call->deadline_ms || IRSA_FAIL(err, TIMEOUT, "the deadline passed before it was sent");
}

static bool run(struct irsa_http *http, const struct irsa_http_call *call, const struct irsa_url *url,
                const struct irsa_trust *trust, struct irsa_arena *arena, struct irsa_http_reply *out_reply,
                struct irsa_error *err) {
    const struct irsa_clock *clock = irsa_clock_system();
    uint64_t trust_id = trust == NULL ? 0 : irsa_trust_id(trust);
    const char *origin = irsa_arena_format(arena, "%s %" PRIu64, url->authority, trust_id);
    struct irsa_connection *connection = irsa_pool_take(http->pool, origin, irsa_clock_monotonic_ms(clock));
    long connects = 0;
    if (connection == NULL)
        connection = irsa_connection_new(&http->connection, origin, trust_id, irsa_url_is_loopback(url));
    bool is_done = irsa_connection_exchange(connection, call, trust, arena, out_reply, &connects, err);
    atomic_fetch_add_explicit(&http->opened, (uint64_t)connects, memory_order_relaxed);
    if (!is_done) {
        irsa_connection_free(connection);
        return irsa_error_wrap(err, "%s", url->authority);
    }
    irsa_pool_put(http->pool, connection, irsa_clock_monotonic_ms(clock));
    return true;
}

static bool exchange(void *self, const struct irsa_http_call *call, struct irsa_arena *arena,
                     struct irsa_http_reply *out_reply, struct irsa_error *err) {
    struct irsa_http *http = self;
    const struct irsa_trust *trust;
    struct irsa_url url;
    return check_call(call, err) && irsa_url_parse(arena, call->url, &url, err) &&
           choose_trust(http, call, &url, &trust, err) &&
           may_start(call, irsa_clock_monotonic_ms(irsa_clock_system()), err) &&
           run(http, call, &url, trust, arena, out_reply, err);
}

static size_t or_default(size_t value, size_t otherwise) {
    return value == 0 ? otherwise : value;
}

struct irsa_http *irsa_http_new(const struct irsa_http_options *options, struct irsa_error *err) {
    struct irsa_trust *trust = NULL;
    if (options->ca_bundle != NULL && (trust = irsa_trust_from_file(options->ca_bundle, err)) == NULL)
        return NULL;
    pthread_once(&curl_once, start_curl);
    struct irsa_http *http = irsa_new(sizeof *http);
    pthread_mutex_init(&http->trust_mutex, NULL);
    http->trust = trust;
    http->user_agent = irsa_new_copy(options->user_agent == NULL ? "irsa/" IRSA_VERSION : options->user_agent);
    http->connection = (struct irsa_connection_options){
        http->user_agent,
        (int)or_default((size_t)options->connect_timeout_ms, DEFAULT_CONNECT_TIMEOUT_MS),
    };
    http->pool = irsa_pool_new((struct irsa_pool_options){
        or_default(options->max_idle_per_origin, DEFAULT_MAX_IDLE_PER_ORIGIN),
        or_default(options->max_idle, DEFAULT_MAX_IDLE),
        options->idle_lifetime_ms == 0 ? DEFAULT_IDLE_LIFETIME_MS : options->idle_lifetime_ms,
    });
    http->transport = (struct irsa_transport){exchange, http};
    return http;
}

void irsa_http_free(struct irsa_http *http) {
    if (http == NULL)
        return;
    irsa_pool_free(http->pool);
    irsa_trust_free(http->trust);
    pthread_mutex_destroy(&http->trust_mutex);
    free(http->user_agent);
    free(http);
}

const struct irsa_transport *irsa_http_transport(struct irsa_http *http) {
    return &http->transport;
}

void irsa_http_forget(struct irsa_http *http, const struct irsa_trust *trust) {
    irsa_pool_forget(http->pool, irsa_trust_id(trust));
}

uint64_t irsa_http_connections_opened(const struct irsa_http *http) {
    return atomic_load_explicit(&http->opened, memory_order_relaxed);
}

const char *irsa_http_header(const struct irsa_http_reply *reply, const char *name) {
    for (size_t i = 0; i < reply->header_count; i++)
        if (strcmp(reply->headers[i].name, name) == 0)
            return reply->headers[i].value;
    return NULL;
}
