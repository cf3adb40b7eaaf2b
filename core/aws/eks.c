/*
 * EKS: DescribeCluster over REST and JSON.
 */
#include "core/aws/eks.h"

#include <string.h>

#include "core/aws/call.h"
#include "core/aws/failure.h"
#include "core/base/arena.h"
#include "core/base/crypto.h"
#include "core/base/json.h"
#include "core/base/url.h"
#include "core/contract/names.h"

#define MAX_PATH_BYTES 1024
#define HTTPS          "https://"

static const struct irsa_json_limits limits = {IRSA_HTTP_DEFAULT_REPLY_BYTES, 32};

struct reading {
    struct irsa_arena *arena;
    const struct irsa_json *root;
};

/* The error's name: a header, maybe with ":http://…" behind it, or a member of the body, maybe with "…#" before it. */
static const char *error_name(struct irsa_arena *arena, const struct irsa_http_reply *reply,
                              const struct irsa_json *body) {
    const char *name = irsa_http_header(reply, "x-amzn-errortype");
    if (irsa_text_is_empty(name))
        name = irsa_json_get_text(body, "__type");
    if (irsa_text_is_empty(name))
        name = irsa_json_get_text(body, "code");
    if (irsa_text_is_empty(name))
        return NULL;
    const char *start = strchr(name, '#');
    start = start == NULL ? name : start + 1;
    return irsa_arena_copy_bytes(arena, start, strcspn(start, ":"));
}

static bool read_failure(const struct reading *reading, const struct irsa_http_reply *reply, struct irsa_error *err) {
    const struct irsa_json *body = NULL;
    if (!irsa_json_parse(reading->arena, reply->body, reply->body_length, limits, &body, err))
        body = NULL; /* the header may say enough */
    const char *message = irsa_json_get_text(body, "message");
    if (message == NULL)
        message = irsa_json_get_text(body, "Message");
    return irsa_aws_failure(err, "eks", reply->status, error_name(reading->arena, reply, body), message);
}

static bool read_answer(void *self, const struct irsa_http_reply *reply, struct irsa_error *err) {
    struct reading *reading = self;
    if (reply->status != 200)
        return read_failure(reading, reply, err);
    if (!irsa_json_parse(reading->arena, reply->body, reply->body_length, limits, &reading->root, err)) {
        err->code = IRSA_CODE_UNAVAILABLE; /* something between us and the service answered, or it was cut short */
        return irsa_error_wrap(err, "the answer of eks to DescribeCluster");
    }
    return true;
}

static bool fail(struct irsa_error *err, const char *name, const char *what) {
    IRSA_FAIL(err, INVALID, "EKS's description of cluster %s has no usable %s", name, what);
    return irsa_error_from(err, "eks", NULL);
}

/* What is not there yet while the cluster is being made. */
static bool fail_not_ready(struct irsa_error *err, const char *name, const char *why) {
    IRSA_FAIL(err, CLUSTER_NOT_READY, "cluster %s %s", name, why);
    return irsa_error_from(err, "eks", NULL);
}

static const struct {
    const char *status;
    const char *why;
} states[] = {
    {"CREATING", "is being created"},
    {"PENDING", "is being created"},
    {"DELETING", "is being deleted"},
};

static bool check_status(const struct irsa_json *cluster, const char *name, struct irsa_error *err) {
    const char *status = irsa_json_get_text(cluster, "status");
    if (status == NULL)
        return fail(err, name, "status");
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(states[i].status, status) == 0)
            return fail_not_ready(err, name, states[i].why);
    if (strcmp(status, "FAILED") != 0)
        return true; /* ACTIVE, UPDATING, and what EKS may think of later */
    IRSA_FAIL(err, INVALID, "cluster %s has failed, says EKS", name);
    return irsa_error_from(err, "eks", NULL);
}

static bool read_ca(struct irsa_arena *arena, const struct irsa_json *cluster, const char *name, const char **out_pem,
                    struct irsa_error *err) {
    const char *data = irsa_json_get_text(irsa_json_get(cluster, "certificateAuthority"), "data");
    uint8_t *bytes;
    size_t length;
    if (irsa_text_is_empty(data))
        return fail_not_ready(err, name, "has no certificate authority yet");
    if (!irsa_base64_decode(arena, IRSA_BASE64_STANDARD, data, strlen(data), &bytes, &length, err))
        return fail(err, name, "certificateAuthority.data");
    *out_pem = irsa_arena_copy_bytes(arena, bytes, length);
    return true;
}

/* arn:PARTITION:eks:REGION:ACCOUNT:cluster/NAME, of the very cluster that was asked for: another one's issuer would be trusted. */
static bool read_arn(struct irsa_arena *arena, const char *region, const char *name, struct irsa_eks_cluster *cluster,
                     struct irsa_error *err) {
    char partition[16], account[16];
    if (cluster->arn == NULL)
        return fail(err, name, "arn");
    irsa_arn_partition(cluster->arn, partition);
    irsa_arn_account(cluster->arn, account);
    const char *wanted = irsa_arena_format(arena, "arn:%s:eks:%s:%s:cluster/%s", partition, region, account, name);
    if (*partition == '\0' || irsa_rule_account_id(account) != NULL || strcmp(wanted, cluster->arn) != 0)
        return fail(err, name, "arn");
    cluster->partition = irsa_arena_copy(arena, partition);
    cluster->account_id = irsa_arena_copy(arena, account);
    return true;
}

/*
 * "https://" and a host, in the characters of plain URLs. The issuer becomes the name of condition keys in trust policies: an
 * empty one would make them keys that nobody sets; and the endpoint is given a token.
 */
static bool is_plain_https(const char *url) {
    static const char CHARACTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/:[]";
    if (!irsa_text_starts_with(url, HTTPS))
        return false;
    const char *host = url + strlen(HTTPS);
    return host[0] != '\0' && host[0] != '/' && host[0] != ':' && host[strspn(host, CHARACTERS)] == '\0';
}

static bool read_cluster(const struct reading *reading, const char *region, const char *name,
                         struct irsa_eks_cluster *out_cluster, struct irsa_error *err) {
    struct irsa_arena *arena = reading->arena;
    const struct irsa_json *json = irsa_json_get(reading->root, "cluster");
    const char *issuer = irsa_json_get_text(irsa_json_get(irsa_json_get(json, "identity"), "oidc"), "issuer");
    struct irsa_eks_cluster cluster = {.arn = irsa_json_get_text(json, "arn"),
                                       .endpoint = irsa_json_get_text(json, "endpoint")};
    if (!check_status(json, name, err) || !read_arn(arena, region, name, &cluster, err))
        return false;
    if (irsa_text_is_empty(cluster.endpoint))
        return fail_not_ready(err, name, "has no endpoint yet");
    if (irsa_text_is_empty(issuer))
        return fail_not_ready(err, name, "has no OIDC issuer yet");
    if (!is_plain_https(cluster.endpoint))
        return fail(err, name, "endpoint");
    if (!is_plain_https(issuer))
        return fail(err, name, "issuer");
    cluster.issuer = issuer + strlen(HTTPS);
    if (!read_ca(arena, json, name, &cluster.ca_pem, err))
        return false;
    *out_cluster = cluster;
    return true;
}

/* Only EKS's own word makes a cluster absent: a 404 of something on the way proves nothing. */
static bool explain(struct irsa_error *err) {
    if (err->code == IRSA_CODE_NOT_FOUND)
        err->code =
            strcmp(err->upstream, "ResourceNotFoundException") == 0 ? IRSA_CODE_CLUSTER_NOT_FOUND : IRSA_CODE_INVALID;
    return false;
}

bool irsa_eks_describe(struct irsa_aws *aws, struct irsa_attempt *attempt, const char *region, const char *name,
                       struct irsa_eks_cluster *out_cluster, struct irsa_error *err) {
    struct reading reading = {attempt->arena, NULL};
    struct irsa_text path;
    irsa_text_init(&path, attempt->arena, MAX_PATH_BYTES);
    irsa_text_add(&path, "/clusters/");
    irsa_url_encode(&path, name, strlen(name), false);
    if (path.is_over)
        return IRSA_FAIL(err, INVALID, "the name of the cluster is too long");
    struct irsa_aws_call call = {.service = IRSA_AWS_EKS,
                                 .action = "DescribeCluster",
                                 .partition = irsa_partition_of_region(region),
                                 .region = region,
                                 .method = "GET",
                                 .path = path.at,
                                 .judge = read_answer,
                                 .self = &reading};
    if (!irsa_aws_send(aws, attempt, &call, err))
        return explain(err);
    return read_cluster(&reading, region, name, out_cluster, err);
}
