/*
 * The transport that leads astray.
 */
#include "tests/support/line.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "tests/support/test.h"

static const char *const LOOPBACK[] = {"127.0.0.1"};

static bool is_led_astray(const struct line *line, const struct irsa_http_call *call) {
    const struct line_call *wanted = &line->call;
    return line->place != NULL && (wanted->method == NULL || strcmp(call->method, wanted->method) == 0) &&
           (wanted->url == NULL || strstr(call->url, wanted->url) != NULL) &&
           (wanted->body == NULL || (call->body != NULL && strstr(call->body, wanted->body) != NULL));
}

/* The same path at the place; AWS is plain http on the stage, and gets TLS where a certificate is what fails. */
static const char *url_at_place(const struct line *line, const char *url, struct irsa_arena *arena) {
    bool is_tls = irsa_text_starts_with(url, "https://") || line->place->is_foreign;
    const char *path = strchr(strstr(url, "://") + strlen("://"), '/');
    int port = line->closed_port;
    if (line->place->script != NULL)
        port = is_tls ? line->tls.port : line->plain.port;
    return irsa_arena_format(arena, "http%s://127.0.0.1:%d%s", is_tls ? "s" : "", port, path != NULL ? path : "/");
}

static bool exchange(void *self, const struct irsa_http_call *call, struct irsa_arena *arena,
                     struct irsa_http_reply *out_reply, struct irsa_error *err) {
    struct line *line = self;
    const struct irsa_transport *http = irsa_http_transport(line->http);
    if (!is_led_astray(line, call))
        return http->exchange(http->self, call, arena, out_reply, err);
    line->asked++;
    if (line->times == 0)
        return http->exchange(http->self, call, arena, out_reply, err);
    line->times -= line->times > 0;
    struct irsa_http_call astray = *call;
    astray.url = url_at_place(line, call->url, arena);
    if (line->place->patience_ms > 0)
        astray.deadline_ms = irsa_clock_monotonic_ms(irsa_clock_system()) + line->place->patience_ms;
    return http->exchange(http->self, &astray, arena, out_reply, err);
}

/* A client that trusts an authority which has vouched for nobody. */
static void open_client(struct line *line) {
    struct irsa_error err;
    struct irsa_authority *unknown = irsa_authority_new("of nobody");
    const char *pem = irsa_authority_pem(unknown);
    (void)snprintf(line->ca_path, sizeof line->ca_path, "/tmp/irsa-line-XXXXXX");
    int fd = mkstemp(line->ca_path);
    assert_true(fd >= 0 && write(fd, pem, strlen(pem)) == (ssize_t)strlen(pem) && close(fd) == 0);
    irsa_authority_free(unknown);
    line->http = irsa_http_new(&(struct irsa_http_options){.ca_bundle = line->ca_path}, &err);
    if (line->http == NULL)
        fail_msg("%s", err.message);
}

/* A port that is taken and where nobody listens. */
static void take_closed_port(struct line *line) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    line->closed_fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(bind(line->closed_fd, (struct sockaddr *)&address, sizeof address) == 0 &&
                getsockname(line->closed_fd, (struct sockaddr *)&address, &length) == 0);
    line->closed_port = ntohs(address.sin_port);
}

void line_open(struct line *line) {
    struct irsa_error err;
    *line = (struct line){.foreign = irsa_authority_new("foreign")};
    stage_open(&line->stage);
    line->server =
        irsa_sandbox_server_open(line->stage.sandbox, &(struct irsa_sandbox_server_options){.has_cloud = true}, &err);
    if (line->server == NULL)
        fail_msg("%s", err.message);
    open_client(line);
    take_closed_port(line);
    line->stage.aws_url = irsa_sandbox_server_aws_url(line->server);
    line->stage.transport = (struct irsa_transport){.exchange = exchange, .self = line};
    stage_restart(&line->stage);
}

void line_close(struct line *line) {
    stage_restart(&line->stage);
    irsa_sandbox_server_close(line->server);
    stage_close(&line->stage);
    irsa_http_free(line->http);
    irsa_authority_free(line->foreign);
    (void)unlink(line->ca_path);
    (void)close(line->closed_fd);
}

void line_lead(struct line *line, const struct line_place *place, struct line_call call, long times) {
    line->place = place;
    line->call = call;
    line->times = times == 0 ? -1 : times;
    line->asked = 0;
    if (place->script == NULL)
        return;
    struct irsa_authority *authority = place->is_foreign ? line->foreign : irsa_sandbox_authority(line->stage.sandbox);
    const struct irsa_certificate certificate =
        irsa_authority_issue(authority, line->stage.arena, LOOPBACK, COUNT_OF(LOOPBACK));
    tiny_server_start(&line->plain, place->script, NULL, NULL, 0);
    tiny_server_start(&line->tls, place->script, certificate.certificate_pem, certificate.key_pem, 0);
}

long line_mend(struct line *line) {
    if (line->place != NULL && line->place->script != NULL) {
        tiny_server_stop(&line->plain);
        tiny_server_stop(&line->tls);
    }
    line->place = NULL;
    return line->asked;
}
