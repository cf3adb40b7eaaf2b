/*
 * Requests as they would come in by a socket.
 */
#include "tests/unit/sandbox_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "core/aws/sigv4.h"
#include "core/base/crypto.h"

#define START_MS    INT64_C(1795514611000) /* 2026-11-24T10:03:31Z */
#define HOST        "iam.amazonaws.com"
#define MAX_BYTES   ((size_t)64 * 1024 * 1024)
#define IAM_VERSION "&Version=2010-05-08"

static int64_t now(void *self) {
    return ((struct box *)self)->now_ms;
}

int box_open(void **state) {
    static const struct irsa_sandbox_cluster_options cluster = {CLUSTER, REGION, ACCOUNT};
    struct box *box = irsa_new(sizeof(*box));
    box->arena = irsa_arena_new();
    box->now_ms = START_MS;
    box->clock = (struct irsa_clock){.now_ms = now, .monotonic_ms = now, .self = box};
    const struct irsa_sandbox_options options = {.clusters = &cluster, .cluster_count = 1, .clock = &box->clock};
    box->sandbox = irsa_sandbox_new(&options);
    *state = box;
    (void)box_control(box, "PUT", "/world",
                      "{\"clusters\":{\"" REGION "/" CLUSTER "\":{\"tokens\":{\"" ADMIN
                      "\":{\"user\":\"admin\",\"admin\":true}}}}}");
    return 0;
}

int box_close(void **state) {
    struct box *box = *state;
    irsa_sandbox_free(box->sandbox);
    irsa_arena_free(box->arena);
    free(box);
    return 0;
}

struct irsa_httpd_reply box_call(struct box *box, struct irsa_sandbox_origin origin,
                                 const struct irsa_httpd_request *request) {
    struct irsa_httpd_request sent = *request;
    struct irsa_httpd_reply reply = {0};
    const char *mark = strchr(sent.target, '?');
    sent.arena = box->arena;
    sent.path = irsa_arena_copy_bytes(box->arena, sent.target, strcspn(sent.target, "?"));
    sent.query = mark == NULL ? "" : mark + 1;
    sent.body = sent.body == NULL ? "" : sent.body;
    sent.body_length = strlen(sent.body);
    irsa_sandbox_handle(box->sandbox, origin, &sent, &reply);
    return reply;
}

struct irsa_httpd_reply box_iam(struct box *box, const char *form) {
    static const char content_type[] = "application/x-www-form-urlencoded";
    const char *body = irsa_arena_format(box->arena, "%s" IAM_VERSION, form);
    const char *authorization;
    const char *date;
    char key_id[IRSA_SANDBOX_KEY_BYTES];
    char secret[IRSA_SANDBOX_SECRET_BYTES];
    char payload[IRSA_SHA256_HEX_BYTES];
    const struct irsa_sigv4_header to_sign[] = {{"content-type", content_type}, {"host", HOST}};
    const struct irsa_sigv4_scope scope = {"us-east-1", "iam", box->now_ms + box->skew_ms};
    irsa_sandbox_keys(ACCOUNT, key_id, secret);
    irsa_sha256_hex(body, strlen(body), payload);
    const struct irsa_sigv4_keys keys = {key_id, secret, NULL};
    const struct irsa_sigv4_request signing = {"POST", "/", "", to_sign, 2, payload};
    irsa_sigv4_sign(box->arena, &signing, &scope, &keys, &authorization, &date);
    const struct irsa_httpd_field headers[] = {
        {"content-type", content_type}, {"host", HOST}, {"x-amz-date", date}, {"authorization", authorization}};
    const struct irsa_httpd_request request = {
        .method = "POST", .target = "/", .body = body, .headers = headers, .header_count = 4};
    return box_call(box, (struct irsa_sandbox_origin){.door = IRSA_SANDBOX_AWS}, &request);
}

struct irsa_httpd_reply box_kube(struct box *box, const char *method, const char *target, const char *body,
                                 const char *type) {
    const struct irsa_httpd_field headers[] = {{"authorization", "Bearer " ADMIN},
                                               {"user-agent", "test/1"},
                                               {"content-type", type == NULL ? "application/json" : type}};
    const struct irsa_httpd_request request = {
        .method = method, .target = target, .body = body, .headers = headers, .header_count = 3};
    return box_call(box, (struct irsa_sandbox_origin){.door = IRSA_SANDBOX_KUBERNETES}, &request);
}

const struct irsa_json *box_json(struct box *box, const struct irsa_httpd_reply *reply) {
    const struct irsa_json *tree;
    struct irsa_error err;
    const struct irsa_json_limits limits = {.max_bytes = MAX_BYTES, .max_depth = 64};
    if (!irsa_json_parse(box->arena, reply->body, reply->body_length, limits, &tree, &err))
        fail_msg("%s: %s", err.message, reply->body);
    return tree;
}

const struct irsa_json *box_control(struct box *box, const char *method, const char *path, const char *body) {
    const struct irsa_httpd_request request = {.method = method, .target = path, .body = body};
    struct irsa_httpd_reply reply = box_call(box, (struct irsa_sandbox_origin){.door = IRSA_SANDBOX_CONTROL}, &request);
    assert_reply(reply, 200, "");
    return box_json(box, &reply);
}
