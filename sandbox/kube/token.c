/*
 * Source of the rules: aws-iam-authenticator, pkg/token.
 */
#include "sandbox/kube/token.h"

#include <string.h>

#include "core/base/crypto.h"
#include "core/base/log.h"
#include "core/base/url.h"
#include "sandbox/kube/access.h"
#include "sandbox/partition.h"
#include "sandbox/sts.h"

#define PREFIX         "k8s-aws-v1."
#define MAX_BYTES      4096
#define CLUSTER_HEADER "x-k8s-aws-id"

/* Lower case; each at most once. */
static const char *const known_keys[] = {"action",
                                         "version",
                                         "x-amz-algorithm",
                                         "x-amz-credential",
                                         "x-amz-date",
                                         "x-amz-expires",
                                         "x-amz-security-token",
                                         "x-amz-signature",
                                         "x-amz-signedheaders",
                                         "x-amz-user-agent"};

#define KEY_COUNT (sizeof(known_keys) / sizeof(known_keys[0]))

static const char *judge_keys(struct irsa_arena *arena, const char *query) {
    bool is_seen[KEY_COUNT] = {false};
    while (*query != '\0') {
        size_t length = strcspn(query, "&");
        const char *key;
        if (!irsa_url_decode(arena, query, strcspn(query, "=&"), true, &key))
            return "a query key cannot be read";
        size_t i = 0;
        while (i < KEY_COUNT && !irsa_text_equal_ignoring_case(known_keys[i], key))
            i++;
        if (i == KEY_COUNT)
            return "the query has a key that is not on the list";
        if (is_seen[i])
            return "the query has a key twice";
        is_seen[i] = true;
        query += length + (query[length] == '&' ? 1 : 0);
    }
    return NULL;
}

/* A host of STS for that region: regional, FIPS, or the old global one. */
static bool is_sts_host(struct irsa_arena *arena, const char *host, const char *region) {
    const struct irsa_sandbox_partition *partition = irsa_sandbox_partition_of_region(region);
    if (strcmp(host, irsa_arena_format(arena, "sts.%s.%s", region, partition->dns_suffix)) == 0 ||
        strcmp(host, irsa_arena_format(arena, "sts-fips.%s.%s", region, partition->dns_suffix)) == 0)
        return true;
    return strcmp(host, "sts.amazonaws.com") == 0 && strcmp(region, "us-east-1") == 0;
}

static const char *judge_url(struct irsa_arena *arena, const struct irsa_url *url) {
    const struct irsa_httpd_request request = {.arena = arena};
    if (strcmp(url->scheme, "https") != 0)
        return "the URL is not https";
    if (strcmp(url->path, "/") != 0)
        return "the URL's path is not /";
    const char *fault = judge_keys(arena, url->query);
    if (fault != NULL)
        return fault;
    const char *action = irsa_httpd_parameter(&request, url->query, "Action");
    return action != NULL && strcmp(action, "GetCallerIdentity") == 0 ? NULL : "the action is not GetCallerIdentity";
}

static const char *decode(struct irsa_arena *arena, const char *token, const char **out_reason) {
    uint8_t *bytes;
    size_t length;
    struct irsa_error err;
    if (!irsa_text_starts_with(token, PREFIX)) {
        *out_reason = "the token has no prefix " PREFIX;
        return NULL;
    }
    if (strlen(token) > MAX_BYTES) {
        *out_reason = "the token is over 4,096 bytes";
        return NULL;
    }
    token += strlen(PREFIX);
    if (!irsa_base64_decode(arena, IRSA_BASE64_URL, token, strlen(token), &bytes, &length, &err) ||
        memchr(bytes, '\0', length) != NULL) {
        *out_reason = "the token is not base64url without padding";
        return NULL;
    }
    return irsa_arena_copy_bytes(arena, bytes, length);
}

static struct irsa_sandbox_signer refuse(const char *reason) {
    return (struct irsa_sandbox_signer){.refusal = IRSA_SANDBOX_WRONG, .reason = reason};
}

struct irsa_sandbox_signer irsa_sandbox_token_judge(struct irsa_arena *arena, const char *token, const char *cluster,
                                                    const char *partition, int64_t now_ms) {
    struct irsa_url url;
    struct irsa_error err;
    const char *reason = NULL;
    const char *text = decode(arena, token, &reason);
    if (text == NULL)
        return refuse(reason);
    if (!irsa_url_parse(arena, text, &url, &err))
        return refuse("the token holds no URL");
    reason = judge_url(arena, &url);
    if (reason != NULL)
        return refuse(reason);
    const struct irsa_sandbox_presigned presigned = {
        .host = url.authority, .path = url.path, .query = url.query, .header = CLUSTER_HEADER, .header_value = cluster};
    struct irsa_sandbox_signer signer = irsa_sandbox_signature_judge_presigned(arena, &presigned, now_ms);
    if (signer.refusal != IRSA_SANDBOX_ACCEPTED)
        return signer;
    if (strcmp(signer.service, "sts") != 0)
        return refuse("the token is not signed for sts");
    if (strcmp(irsa_sandbox_partition_of_region(signer.region)->name, partition) != 0)
        return refuse("the token is of another partition");
    return is_sts_host(arena, url.authority, signer.region) ? signer
                                                            : refuse("the host is not the STS of the signed region");
}

static const char *bearer(const struct irsa_httpd_request *request) {
    const char *authorization = irsa_httpd_header(request, "authorization");
    if (authorization == NULL || strncasecmp(authorization, "Bearer ", 7) != 0 || authorization[7] == '\0')
        return NULL;
    return authorization + 7;
}

const char *irsa_sandbox_kube_user(struct irsa_sandbox_call *call) {
    const char *token = bearer(call->request);
    if (token == NULL)
        return IRSA_SANDBOX_ANONYMOUS;
    const char *user = irsa_sandbox_bag_find(&call->cluster->tokens, token);
    if (user != NULL)
        return user;
    const struct irsa_sandbox_cluster *cluster = call->cluster;
    const struct irsa_sandbox_signer signer =
        irsa_sandbox_token_judge(call->arena, token, cluster->name, cluster->partition, call->moment.now_ms);
    const char *reason = signer.reason;
    if (reason == NULL && !irsa_text_equal(signer.account_id, cluster->account_id))
        reason = "no access entry: the identity is of another account";
    if (reason == NULL)
        return irsa_sandbox_identity_arn(call->arena, cluster->partition, signer.account_id, signer.is_session);
    IRSA_LOG(INFO, "token.refused", IRSA_TEXT("cluster", cluster->key), IRSA_TEXT("reason", reason));
    return NULL;
}
