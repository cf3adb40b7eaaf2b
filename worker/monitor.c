/*
 * Three paths of one small server.
 */
#include "worker/monitor.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/httpd/httpd.h"

#define MAX_BODY_BYTES 1024 /* nobody sends one */

struct irsa_monitor {
    struct irsa_metrics *metrics;
    struct irsa_httpd *httpd;
    pthread_mutex_t mutex; /* held while the engine is looked at, so that it is not taken away meanwhile */
    const struct irsa_engine *engine;
};

/* --- the answers --------------------------------------------------------------------------------------------------------- */

static void say(struct irsa_httpd_reply *reply, int status, const char *text) {
    reply->status = status;
    reply->content_type = "text/plain; charset=utf-8";
    reply->body = text;
    reply->body_length = strlen(text);
}

/* Before there is an engine, main asks AWS who we are, again and again: alive. */
static void tell_health(struct irsa_monitor *monitor, struct irsa_arena *arena, struct irsa_httpd_reply *reply) {
    struct irsa_error err;
    if (monitor->engine == NULL || irsa_engine_is_healthy(monitor->engine, arena, &err))
        say(reply, 200, "ok\n");
    else
        say(reply, 503, irsa_arena_format(arena, "%s\n", err.message));
}

static void tell_readiness(struct irsa_monitor *monitor, struct irsa_arena *arena, struct irsa_httpd_reply *reply) {
    (void)arena;
    struct irsa_engine_figures figures = {.is_ready = false};
    if (monitor->engine != NULL)
        irsa_engine_read_figures(monitor->engine, &figures);
    say(reply, figures.is_ready ? 200 : 503,
        figures.is_ready    ? "ok\n"
        : figures.is_halted ? "halted\n"
                            : "not ready\n");
}

static void tell_metrics(struct irsa_monitor *monitor, struct irsa_arena *arena, struct irsa_httpd_reply *reply) {
    say(reply, 200, irsa_metrics_text(monitor->metrics, monitor->engine, arena));
    reply->content_type = IRSA_METRICS_CONTENT_TYPE;
}

typedef void tell_fn(struct irsa_monitor *monitor, struct irsa_arena *arena, struct irsa_httpd_reply *reply);

static const struct {
    const char *path;
    tell_fn *tell;
} PATHS[] = {{"/healthz", tell_health}, {"/readyz", tell_readiness}, {"/metrics", tell_metrics}};

static void handle(void *self, const struct irsa_httpd_request *request, struct irsa_httpd_reply *out_reply) {
    struct irsa_monitor *monitor = self;
    tell_fn *tell = NULL;
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++)
        if (strcmp(request->path, PATHS[i].path) == 0)
            tell = PATHS[i].tell;
    if (tell == NULL) {
        say(out_reply, 404, "there are /healthz, /readyz and /metrics\n");
    } else if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0) {
        say(out_reply, 405, "only GET and HEAD\n");
    } else {
        pthread_mutex_lock(&monitor->mutex);
        tell(monitor, request->arena, out_reply);
        pthread_mutex_unlock(&monitor->mutex);
    }
}

/* --- its life ------------------------------------------------------------------------------------------------------------ */

static bool split(struct irsa_arena *arena, const char *listen, struct irsa_httpd_options *options,
                  struct irsa_error *err) {
    const char *colon = strrchr(listen, ':');
    int64_t port;
    if (colon == NULL || colon == listen || !irsa_text_to_integer(colon + 1, 0, UINT16_MAX, &port))
        return IRSA_FAIL(err, CONFIG, "listen: %s is not ADDRESS:PORT, as 127.0.0.1:9464", listen);
    options->address = irsa_arena_copy_bytes(arena, listen, (size_t)(colon - listen));
    options->port = (uint16_t)port;
    return true;
}

static bool open_httpd(struct irsa_monitor *monitor, const char *listen, struct irsa_error *err) {
    struct irsa_httpd_options options = {.max_body_bytes = MAX_BODY_BYTES, .handle = handle, .self = monitor};
    struct irsa_arena *arena = irsa_arena_new();
    if (split(arena, listen, &options, err))
        monitor->httpd = irsa_httpd_open(&options, err);
    if (monitor->httpd != NULL)
        IRSA_LOG(INFO, "monitor.listening", IRSA_TEXT("address", options.address),
                 IRSA_NUMBER("port", irsa_httpd_port(monitor->httpd)));
    irsa_arena_free(arena);
    return monitor->httpd != NULL;
}

struct irsa_monitor *irsa_monitor_open(const char *listen, struct irsa_metrics *metrics, struct irsa_error *err) {
    struct irsa_monitor *monitor = irsa_new(sizeof *monitor);
    monitor->metrics = metrics;
    pthread_mutex_init(&monitor->mutex, NULL);
    if (open_httpd(monitor, listen, err))
        return monitor;
    irsa_monitor_close(monitor);
    return NULL;
}

void irsa_monitor_watch(struct irsa_monitor *monitor, const struct irsa_engine *engine) {
    if (monitor == NULL)
        return;
    pthread_mutex_lock(&monitor->mutex);
    monitor->engine = engine;
    pthread_mutex_unlock(&monitor->mutex);
}

void irsa_monitor_close(struct irsa_monitor *monitor) {
    if (monitor == NULL)
        return;
    irsa_httpd_close(monitor->httpd);
    pthread_mutex_destroy(&monitor->mutex);
    free(monitor);
}
