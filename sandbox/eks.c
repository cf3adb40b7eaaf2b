/*
 * REST-JSON. Clusters are seen by their own account and in the region that the call was signed for.
 */
#include "sandbox/eks.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/certificate.h"
#include "core/base/crypto.h"
#include "core/base/json.h"
#include "core/base/url.h"
#include "core/contract/names.h"
#include "sandbox/inside.h"

#define ANSWER_MAX_BYTES ((size_t)64 * 1024)
#define KUBERNETES_MINOR "1.35"
#define PREFIX           "/clusters/"
#define MAX_RESULTS      100

static bool is_describe(const struct irsa_sandbox_call *call) {
    return strcmp(call->request->method, "GET") == 0 && irsa_text_starts_with(call->request->path, PREFIX) &&
           strchr(call->request->path + strlen(PREFIX), '/') == NULL;
}

static bool is_list(const struct irsa_sandbox_call *call) {
    return strcmp(call->request->method, "GET") == 0 && strcmp(call->request->path, "/clusters") == 0;
}

void irsa_sandbox_eks_name(struct irsa_sandbox_call *call) {
    call->action = is_describe(call) ? "DescribeCluster" : is_list(call) ? "ListClusters" : "unknown";
}

/* Seconds with three decimals, as EKS writes times. */
static void add_time(struct irsa_sandbox_call *call, struct irsa_json_writer *w, const char *key, int64_t epoch_ms) {
    irsa_json_add_raw(
        w, key, irsa_arena_format(call->arena, "%lld.%03d", (long long)(epoch_ms / 1000), (int)(epoch_ms % 1000)));
}

static void write_cluster(struct irsa_sandbox_call *call, const struct irsa_sandbox_cluster *cluster,
                          struct irsa_json_writer *w) {
    bool is_creating = strcmp(cluster->status, "CREATING") == 0;
    const char *pem = irsa_authority_pem(call->sandbox->authority);
    irsa_json_open_object(w, "cluster");
    irsa_json_add_text(w, "name", cluster->name);
    irsa_json_add_text(w, "arn", cluster->arn);
    add_time(call, w, "createdAt", cluster->created_ms);
    irsa_json_add_text(w, "version", KUBERNETES_MINOR);
    irsa_json_add_text(w, "status", cluster->status);
    irsa_json_add_text(w, "platformVersion", "eks.1");
    if (!is_creating) {
        irsa_json_add_text(w, "endpoint", cluster->endpoint);
        irsa_json_open_object(w, "certificateAuthority");
        irsa_json_add_text(w, "data", irsa_base64_encode(call->arena, IRSA_BASE64_STANDARD, pem, strlen(pem)));
        irsa_json_close_object(w);
        irsa_json_open_object(w, "identity");
        irsa_json_open_object(w, "oidc");
        irsa_json_add_text(w, "issuer", cluster->issuer);
        irsa_json_close_object(w);
        irsa_json_close_object(w);
    }
    irsa_json_open_object(w, "tags");
    irsa_json_close_object(w);
    irsa_json_close_object(w);
}

static void answer_json(struct irsa_sandbox_call *call, const struct irsa_text *json) {
    *call->reply = (struct irsa_httpd_reply){
        .status = 200, .content_type = "application/json", .body = json->at, .body_length = json->length};
}

static const struct irsa_sandbox_cluster *find_cluster(const struct irsa_sandbox_call *call, const char *name) {
    const struct irsa_sandbox_cluster *cluster = irsa_sandbox_world_cluster(&call->sandbox->world, call->region, name);
    return cluster != NULL && strcmp(cluster->account_id, call->account->id) == 0 ? cluster : NULL;
}

static bool may(struct irsa_sandbox_call *call, const char *resource) {
    const struct irsa_sandbox_policy_question question = {
        .action = irsa_arena_format(call->arena, "eks:%s", call->action),
        .resource = irsa_arena_format(call->arena, "arn:%s:eks:%s:%s:%s", call->account->partition, call->region,
                                      call->account->id, resource)};
    return irsa_sandbox_authorize(call, &question, NULL);
}

static void describe(struct irsa_sandbox_call *call) {
    const char *encoded = call->request->path + strlen(PREFIX);
    const char *name;
    if (!irsa_url_decode(call->arena, encoded, strlen(encoded), false, &name) || irsa_rule_cluster_name(name) != NULL) {
        irsa_sandbox_fail(call, 400, "InvalidParameterException",
                          "The name must be 1 to 100 letters, digits, '-' and '_', and start with a letter or digit");
        return;
    }
    if (!may(call, irsa_arena_format(call->arena, "cluster/%s", name)))
        return;
    const struct irsa_sandbox_cluster *cluster = find_cluster(call, name);
    if (cluster == NULL) {
        irsa_sandbox_fail(call, 404, "ResourceNotFoundException", "No cluster found for name: %s.", name);
        return;
    }
    struct irsa_text json;
    struct irsa_json_writer w;
    irsa_text_init(&json, call->arena, ANSWER_MAX_BYTES);
    irsa_json_begin(&w, &json);
    irsa_json_open_object(&w, NULL);
    write_cluster(call, cluster, &w);
    irsa_json_close_object(&w);
    answer_json(call, &json);
}

/* Which of the caller's clusters are asked for: those from the place that nextToken names, maxResults of them. */
struct page {
    int64_t first;
    int64_t most;
};

static bool fail_page(struct irsa_sandbox_call *call, const char *why) {
    irsa_sandbox_fail(call, 400, "InvalidParameterException", "%s", why);
    return false;
}

static bool read_page(struct irsa_sandbox_call *call, struct page *out_page) {
    const char *most = irsa_httpd_parameter(call->request, call->request->query, "maxResults");
    const char *token = irsa_httpd_parameter(call->request, call->request->query, "nextToken");
    struct page page = {.most = MAX_RESULTS};
    uint8_t *bytes;
    size_t length;
    struct irsa_error err;
    if (most != NULL && !irsa_text_to_integer(most, 1, MAX_RESULTS, &page.most))
        return fail_page(call, "maxResults must be from 1 to 100");
    if (!irsa_text_is_empty(token) &&
        (!irsa_base64_decode(call->arena, IRSA_BASE64_URL, token, strlen(token), &bytes, &length, &err) ||
         !irsa_text_to_integer(irsa_arena_copy_bytes(call->arena, bytes, length), 1, INT32_MAX, &page.first)))
        return fail_page(call, "nextToken is none of ours");
    *out_page = page;
    return true;
}

/* The names of the page; the token of the next one, or NULL. */
static const char *write_names(struct irsa_sandbox_call *call, struct page page, struct irsa_json_writer *w) {
    int64_t place = 0;
    int64_t end = page.first + page.most;
    for (size_t i = 0; i < call->sandbox->world.cluster_count; i++) {
        const struct irsa_sandbox_cluster *cluster = call->sandbox->world.clusters[i];
        if (find_cluster(call, cluster->name) != cluster || place++ < page.first)
            continue;
        if (place > end) {
            const char *next = irsa_arena_format(call->arena, "%lld", (long long)end);
            return irsa_base64_encode(call->arena, IRSA_BASE64_URL, next, strlen(next));
        }
        irsa_json_add_text(w, NULL, cluster->name);
    }
    return NULL;
}

static void list(struct irsa_sandbox_call *call) {
    struct page page;
    if (!read_page(call, &page) || !may(call, "cluster/*"))
        return;
    struct irsa_text json;
    struct irsa_json_writer w;
    irsa_text_init(&json, call->arena, ANSWER_MAX_BYTES);
    irsa_json_begin(&w, &json);
    irsa_json_open_object(&w, NULL);
    irsa_json_open_array(&w, "clusters");
    const char *next = write_names(call, page, &w);
    irsa_json_close_array(&w);
    irsa_json_add_text(&w, "nextToken", next);
    irsa_json_close_object(&w);
    answer_json(call, &json);
}

void irsa_sandbox_eks_answer(struct irsa_sandbox_call *call) {
    if (is_describe(call))
        describe(call);
    else if (is_list(call))
        list(call);
    else
        irsa_sandbox_fail(call, 404, "UnknownOperationException",
                          "The sandbox's EKS has DescribeCluster and ListClusters");
}
