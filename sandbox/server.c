/*
 * A thin layer: which socket a request came in by is all that is added to it.
 */
#include "sandbox/server.h"

#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/certificate.h"

#define AWS_THREADS       2
#define MAX_CONTROL_BYTES ((size_t)64 * 1024 * 1024)

struct door {
    struct irsa_sandbox *sandbox;
    struct irsa_sandbox_origin origin;
    struct irsa_httpd *httpd;
};

struct irsa_sandbox_server {
    struct irsa_arena *arena;
    struct irsa_certificate certificate; /* for 127.0.0.1; all TLS origins share it */
    struct door aws;
    struct door control;
    struct door *clusters;
    size_t cluster_count;
    const char *aws_url;
    const char *control_url;
};

static void handle(void *self, const struct irsa_httpd_request *request, struct irsa_httpd_reply *out_reply) {
    const struct door *door = self;
    irsa_sandbox_handle(door->sandbox, door->origin, request, out_reply);
}

static bool open_door(struct door *door, struct irsa_httpd_options options, struct irsa_error *err) {
    options.handle = handle;
    options.self = door;
    door->httpd = irsa_httpd_open(&options, err);
    return door->httpd != NULL;
}

static const char *url_of(struct irsa_arena *arena, const char *scheme, const struct door *door) {
    return irsa_arena_format(arena, "%s://127.0.0.1:%u", scheme, irsa_httpd_port(door->httpd));
}

static void with_tls(const struct irsa_sandbox_server *server, struct irsa_httpd_options *options) {
    options->certificate_pem = server->certificate.certificate_pem;
    options->key_pem = server->certificate.key_pem;
}

static bool open_control(struct irsa_sandbox_server *server, struct irsa_sandbox *sandbox, uint16_t port,
                         struct irsa_error *err) {
    server->control = (struct door){.sandbox = sandbox, .origin = {.door = IRSA_SANDBOX_CONTROL}};
    struct irsa_httpd_options options = {.port = port, .max_body_bytes = MAX_CONTROL_BYTES};
    if (!open_door(&server->control, options, err))
        return false;
    server->control_url = url_of(server->arena, "http", &server->control);
    return true;
}

static bool open_aws(struct irsa_sandbox_server *server, struct irsa_sandbox *sandbox,
                     const struct irsa_sandbox_server_options *wanted, struct irsa_error *err) {
    server->aws = (struct door){.sandbox = sandbox, .origin = {.door = IRSA_SANDBOX_AWS}};
    struct irsa_httpd_options options = {.port = wanted->aws_port, .threads = AWS_THREADS};
    if (wanted->aws_tls)
        with_tls(server, &options);
    if (!open_door(&server->aws, options, err))
        return false;
    server->aws_url = url_of(server->arena, wanted->aws_tls ? "https" : "http", &server->aws);
    return true;
}

static bool open_clusters(struct irsa_sandbox_server *server, struct irsa_sandbox *sandbox, struct irsa_error *err) {
    size_t count = irsa_sandbox_cluster_count(sandbox);
    server->clusters = IRSA_NEW_ARRAY(server->arena, struct door, count);
    for (size_t i = 0; i < count; i++) {
        struct door *door = &server->clusters[i];
        *door = (struct door){.sandbox = sandbox, .origin = {.door = IRSA_SANDBOX_KUBERNETES, .cluster = i}};
        struct irsa_httpd_options options = {0};
        with_tls(server, &options);
        if (!open_door(door, options, err))
            return false;
        server->cluster_count++;
        irsa_sandbox_set_endpoint(sandbox, i, url_of(server->arena, "https", door));
    }
    return true;
}

struct irsa_sandbox_server *irsa_sandbox_server_open(struct irsa_sandbox *sandbox,
                                                     const struct irsa_sandbox_server_options *options,
                                                     struct irsa_error *err) {
    static const char *const names[] = {"127.0.0.1", "localhost"};
    struct irsa_sandbox_server *server = irsa_new(sizeof(*server));
    server->arena = irsa_arena_new();
    bool is_good = open_control(server, sandbox, options->control_port, err);
    if (is_good && options->has_cloud) {
        server->certificate = irsa_authority_issue(irsa_sandbox_authority(sandbox), server->arena, names,
                                                   sizeof(names) / sizeof(names[0]));
        is_good = open_aws(server, sandbox, options, err) && open_clusters(server, sandbox, err);
    }
    if (is_good)
        return server;
    irsa_sandbox_server_close(server);
    return NULL;
}

void irsa_sandbox_server_close(struct irsa_sandbox_server *server) {
    if (server == NULL)
        return;
    irsa_httpd_close(server->control.httpd);
    irsa_httpd_close(server->aws.httpd);
    for (size_t i = 0; i < server->cluster_count; i++)
        irsa_httpd_close(server->clusters[i].httpd);
    irsa_arena_free(server->arena);
    free(server);
}

const char *irsa_sandbox_server_aws_url(const struct irsa_sandbox_server *server) {
    return server->aws_url;
}

const char *irsa_sandbox_server_control_url(const struct irsa_sandbox_server *server) {
    return server->control_url;
}
