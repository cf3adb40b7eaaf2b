/*
 * Sockets for the doors of the sandbox.
 */
#include "sandbox/server.h"

#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/certificate.h"

/* One socket and the door behind it. */
struct doorway {
    struct irsa_sandbox *sandbox;
    struct irsa_sandbox_origin origin;
    struct irsa_httpd *httpd;
};

struct irsa_sandbox_server {
    struct irsa_arena *arena;
    struct irsa_certificate certificate;
    struct doorway *doorways; /* AWS, control, then the clusters */
    size_t count;
    const char *aws_url;
    const char *control_url;
};

static void handle(void *self, const struct irsa_httpd_request *request, struct irsa_httpd_reply *out_reply) {
    const struct doorway *doorway = self;
    irsa_sandbox_handle(doorway->sandbox, doorway->origin, request, out_reply);
}

/* Opens the next doorway; gives its URL. */
static const char *open_doorway(struct irsa_sandbox_server *server, struct irsa_sandbox *sandbox,
                                struct irsa_sandbox_origin origin, bool with_tls, struct irsa_error *err) {
    struct doorway *doorway = &server->doorways[server->count];
    *doorway = (struct doorway){.sandbox = sandbox, .origin = origin};
    const struct irsa_httpd_options options = {
        .certificate_pem = with_tls ? server->certificate.certificate_pem : NULL,
        .key_pem = with_tls ? server->certificate.key_pem : NULL,
        .handle = handle,
        .self = doorway,
    };
    doorway->httpd = irsa_httpd_open(&options, err);
    if (doorway->httpd == NULL)
        return NULL;
    server->count++;
    return irsa_arena_format(server->arena, "http%s://127.0.0.1:%u", with_tls ? "s" : "",
                             (unsigned)irsa_httpd_port(doorway->httpd));
}

static bool open_clusters(struct irsa_sandbox_server *server, struct irsa_sandbox *sandbox, struct irsa_error *err) {
    for (size_t i = 0; i < irsa_sandbox_cluster_count(sandbox); i++) {
        const struct irsa_sandbox_origin origin = {IRSA_SANDBOX_KUBERNETES, i};
        const char *url = open_doorway(server, sandbox, origin, true, err);
        if (url == NULL)
            return false;
        irsa_sandbox_set_endpoint(sandbox, i, url);
    }
    return true;
}

struct irsa_sandbox_server *irsa_sandbox_server_open(struct irsa_sandbox *sandbox, bool with_tls,
                                                     struct irsa_error *err) {
    static const char *const names[] = {"127.0.0.1", "localhost"};
    struct irsa_sandbox_server *server = irsa_new(sizeof(*server));
    server->arena = irsa_arena_new();
    server->certificate = irsa_authority_issue(irsa_sandbox_authority(sandbox), server->arena, names, 2);
    server->doorways = IRSA_NEW_ARRAY(server->arena, struct doorway, irsa_sandbox_cluster_count(sandbox) + 2);
    server->aws_url =
        open_doorway(server, sandbox, (struct irsa_sandbox_origin){IRSA_SANDBOX_AWS, 0}, with_tls, err);
    if (server->aws_url != NULL)
        server->control_url =
            open_doorway(server, sandbox, (struct irsa_sandbox_origin){IRSA_SANDBOX_CONTROL, 0}, false, err);
    if (server->control_url == NULL || !open_clusters(server, sandbox, err)) {
        irsa_sandbox_server_close(server);
        return NULL;
    }
    return server;
}

void irsa_sandbox_server_close(struct irsa_sandbox_server *server) {
    if (server == NULL)
        return;
    for (size_t i = 0; i < server->count; i++)
        irsa_httpd_close(server->doorways[i].httpd);
    irsa_arena_free(server->arena);
    free(server);
}

const char *irsa_sandbox_server_aws_url(const struct irsa_sandbox_server *server) {
    return server->aws_url;
}

const char *irsa_sandbox_server_control_url(const struct irsa_sandbox_server *server) {
    return server->control_url;
}
