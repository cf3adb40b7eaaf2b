/*
 * Calls to the Kubernetes API.
 */
#include "core/kube/kube.h"

#include <string.h>

#include "core/aws/attempt.h"
#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/base/url.h"
#include "core/kube/account.h"
#include "core/kube/status.h"

#define MAX_URL_BYTES  8192
#define MAX_BODY_BYTES ((size_t)1024 * 1024)
#define JSON           "application/json"

static const struct irsa_json_limits limits = {IRSA_HTTP_DEFAULT_REPLY_BYTES, 32};

/* One call on its way. */
struct exchange {
    struct irsa_arena *arena;
    const char *action;
    const char *method;
    struct irsa_text url;
    const char *content_type; /* NULL: no body */
    struct irsa_text body;
    int status;
    const struct irsa_json *answer;
};

static void begin(struct exchange *exchange, const struct irsa_kube *kube, struct irsa_attempt *attempt,
                  const char *action, const char *method) {
    *exchange = (struct exchange){.arena = attempt->arena, .action = action, .method = method};
    irsa_text_init(&exchange->url, attempt->arena, MAX_URL_BYTES);
    irsa_text_init(&exchange->body, attempt->arena, MAX_BODY_BYTES);
    size_t length = strlen(kube->endpoint);
    while (length > 0 && kube->endpoint[length - 1] == '/')
        length--;
    irsa_text_add_bytes(&exchange->url, kube->endpoint, length);
}

/* "<collection>/<name>". A name that would make it another path is no name: without one, DELETE empties a collection. */
static void add_path(struct exchange *exchange, const char *collection, const char *name) {
    irsa_text_add(&exchange->url, collection);
    irsa_text_add_char(&exchange->url, '/');
    irsa_url_encode(&exchange->url, name, strlen(name), false);
    if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        exchange->url.is_over = true;
}

static void add_account_path(struct exchange *exchange, const char *namespace_name, const char *name) {
    add_path(exchange, "/api/v1/namespaces", namespace_name);
    add_path(exchange, "/serviceaccounts", name);
}

static bool read_answer(void *self, const struct irsa_http_reply *reply, struct irsa_error *err) {
    struct exchange *exchange = self;
    if (reply->status < 200 || reply->status > 299)
        return irsa_kube_failure(exchange->arena, reply, err);
    exchange->status = reply->status;
    if (!irsa_json_parse(exchange->arena, reply->body, reply->body_length, limits, &exchange->answer, err)) {
        err->code = IRSA_CODE_UNAVAILABLE; /* something between us and the API server answered, or it was cut short */
        return irsa_error_wrap(err, "the answer of the API server");
    }
    return true;
}

/* A cluster that cannot be reached, or shows another certificate, may be one that is still being made. */
static bool explain(struct irsa_error *err) {
    if (err->code == IRSA_CODE_UNAVAILABLE &&
        (strcmp(err->upstream, IRSA_HTTP_TLS) == 0 || strcmp(err->upstream, IRSA_HTTP_CONNECT) == 0))
        err->code = IRSA_CODE_CLUSTER_NOT_READY;
    return false;
}

static bool send_exchange(struct exchange *exchange, const struct irsa_kube *kube, struct irsa_attempt *attempt,
                          struct irsa_error *err) {
    struct irsa_outgoing outgoing = {kube->transport, "kubernetes", exchange->action, read_answer, exchange};
    if (exchange->url.is_over || exchange->body.is_over) {
        IRSA_FAIL(err, INVALID, "a name or a value is empty or too long for a call to the API server");
        return irsa_error_from(err, "kubernetes", NULL);
    }
    struct irsa_arena *scratch = irsa_arena_new(); /* holds the token, so it is wiped right after */
    struct irsa_http_header headers[] = {{"Authorization", irsa_arena_format(scratch, "Bearer %s", kube->token)},
                                         {"Accept", JSON},
                                         {"Content-Type", exchange->content_type}};
    bool has_body = exchange->content_type != NULL;
    struct irsa_http_call call = {.method = exchange->method,
                                  .url = exchange->url.at,
                                  .headers = headers,
                                  .header_count = has_body ? 3 : 2,
                                  .body = has_body ? exchange->body.at : NULL,
                                  .body_length = exchange->body.length,
                                  .trust = kube->trust};
    bool is_done = irsa_attempt_call(attempt, &outgoing, &call, scratch, err) || explain(err);
    irsa_arena_free(scratch);
    return is_done;
}

static bool fail_form(struct irsa_error *err, const char *kind) {
    IRSA_FAIL(err, UNAVAILABLE, "the API server answered with something that is no %s", kind);
    return irsa_error_from(err, "kubernetes", NULL);
}

bool irsa_kube_get_account(const struct irsa_kube *kube, struct irsa_attempt *attempt, const char *namespace_name,
                           const char *name, struct irsa_kube_account *out_account, struct irsa_error *err) {
    struct exchange exchange;
    begin(&exchange, kube, attempt, "get", "GET");
    add_account_path(&exchange, namespace_name, name);
    return send_exchange(&exchange, kube, attempt, err) &&
           (irsa_kube_read_account(attempt->arena, exchange.answer, out_account) || fail_form(err, "ServiceAccount"));
}

bool irsa_kube_apply_account(const struct irsa_kube *kube, struct irsa_attempt *attempt,
                             const struct irsa_kube_apply *apply, struct irsa_kube_account *out_account,
                             bool *out_created, struct irsa_error *err) {
    struct exchange exchange;
    begin(&exchange, kube, attempt, "apply", "PATCH");
    add_account_path(&exchange, apply->namespace_name, apply->name);
    irsa_text_add(&exchange.url, "?fieldManager=" IRSA_FIELD_MANAGER);
    if (apply->force)
        irsa_text_add(&exchange.url, "&force=true");
    if (apply->dry_run)
        irsa_text_add(&exchange.url, "&dryRun=All");
    exchange.content_type = "application/apply-patch+yaml";
    irsa_kube_write_apply(apply, &exchange.body);
    if (!send_exchange(&exchange, kube, attempt, err))
        return false;
    if (!irsa_kube_read_account(attempt->arena, exchange.answer, out_account))
        return fail_form(err, "ServiceAccount");
    *out_created = exchange.status == 201;
    return true;
}

bool irsa_kube_delete_account(const struct irsa_kube *kube, struct irsa_attempt *attempt, const char *namespace_name,
                              const char *name, const char *uid, struct irsa_error *err) {
    struct exchange exchange;
    struct irsa_json_writer w;
    if (irsa_text_is_empty(uid))
        return IRSA_FAIL(err, INTERNAL, "a service account is to be deleted without its uid");
    begin(&exchange, kube, attempt, "delete", "DELETE");
    add_account_path(&exchange, namespace_name, name);
    exchange.content_type = JSON;
    irsa_json_begin(&w, &exchange.body);
    irsa_json_open_object(&w, NULL);
    irsa_json_add_text(&w, "apiVersion", "v1");
    irsa_json_add_text(&w, "kind", "DeleteOptions");
    irsa_json_open_object(&w, "preconditions");
    irsa_json_add_text(&w, "uid", uid);
    irsa_json_close_object(&w);
    irsa_json_close_object(&w);
    return send_exchange(&exchange, kube, attempt, err);
}

bool irsa_kube_get_namespace(const struct irsa_kube *kube, struct irsa_attempt *attempt, const char *name,
                             bool *out_is_terminating, struct irsa_error *err) {
    struct exchange exchange;
    begin(&exchange, kube, attempt, "get-namespace", "GET");
    add_path(&exchange, "/api/v1/namespaces", name);
    if (!send_exchange(&exchange, kube, attempt, err))
        return false;
    if (!irsa_text_equal(irsa_json_get_text(exchange.answer, "kind"), "Namespace"))
        return fail_form(err, "Namespace");
    const char *phase = irsa_json_get_text(irsa_json_get(exchange.answer, "status"), "phase");
    *out_is_terminating = irsa_text_equal(phase, "Terminating");
    return true;
}

bool irsa_kube_create_namespace(const struct irsa_kube *kube, struct irsa_attempt *attempt, const char *name,
                                bool *out_created, struct irsa_error *err) {
    struct exchange exchange;
    struct irsa_json_writer w;
    begin(&exchange, kube, attempt, "create-namespace", "POST");
    irsa_text_add(&exchange.url, "/api/v1/namespaces?fieldManager=" IRSA_FIELD_MANAGER);
    exchange.content_type = JSON;
    irsa_json_begin(&w, &exchange.body);
    irsa_json_open_object(&w, NULL);
    irsa_json_add_text(&w, "apiVersion", "v1");
    irsa_json_add_text(&w, "kind", "Namespace");
    irsa_json_open_object(&w, "metadata");
    irsa_json_add_text(&w, "name", name);
    irsa_json_close_object(&w);
    irsa_json_close_object(&w);
    bool is_created = send_exchange(&exchange, kube, attempt, err);
    if (!is_created && strcmp(err->upstream, "AlreadyExists") != 0)
        return false;
    *out_created = is_created;
    return true;
}
