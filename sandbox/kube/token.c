/*
 * Taking a token apart and signing it again.
 */
#include "sandbox/kube/token.h"

#include <string.h>

#include "core/aws/sigv4.h"
#include "core/base/arena.h"
#include "core/base/crypto.h"
#include "core/base/text.h"
#include "core/base/url.h"
#include "core/contract/names.h"
#include "sandbox/partition.h"
#include "sandbox/sandbox.h"

#define PREFIX          "k8s-aws-v1."
#define TOKEN_MAX_BYTES 4096
#define MAX_AGE_MS      INT64_C(900000)
#define MAX_AHEAD_MS    INT64_C(300000)
#define MAX_EXPIRES_S   900
#define KEY_PREFIX      "AKIASBOX"
#define EMPTY_SHA256    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* The query of the URL, each known key once. */
enum part { ACTION, VERSION, ALGORITHM, CREDENTIAL, DATE, EXPIRES, SIGNED_HEADERS, SIGNATURE, SECURITY_TOKEN, PARTS };

static const char *const part_names[PARTS] = {
    "Action",        "Version",        "X-Amz-Algorithm",     "X-Amz-Credential", "X-Amz-Date",
    "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Security-Token"};

struct parts {
    const char *values[PARTS]; /* decoded */
    const char *unsigned_query; /* the query without its signature */
};

static bool take_part(struct irsa_arena *arena, const char *pair, struct parts *parts, struct irsa_text *rest) {
    size_t name_length = strcspn(pair, "=");
    if (pair[name_length] == '\0')
        return false;
    const char *name = irsa_arena_copy_bytes(arena, pair, name_length);
    for (int part = 0; part < PARTS; part++) {
        if (strcmp(part_names[part], name) != 0)
            continue;
        if (parts->values[part] != NULL)
            return false;
        if (part != SIGNATURE)
            irsa_text_addf(rest, "%s%s", rest->length > 0 ? "&" : "", pair);
        const char *value = pair + name_length + 1;
        return irsa_url_decode(arena, value, strlen(value), false, &parts->values[part]);
    }
    return false;
}

static bool split_query(struct irsa_arena *arena, const char *query, struct parts *parts) {
    struct irsa_text rest;
    irsa_text_init(&rest, arena, TOKEN_MAX_BYTES);
    for (const char *at = query; *at != '\0';) {
        size_t length = strcspn(at, "&");
        if (!take_part(arena, irsa_arena_copy_bytes(arena, at, length), parts, &rest))
            return false;
        at += length + (at[length] == '&' ? 1 : 0);
    }
    for (int part = 0; part < SECURITY_TOKEN; part++)
        if (parts->values[part] == NULL)
            return false;
    parts->unsigned_query = rest.at;
    return true;
}

static bool are_constants_right(const struct parts *parts) {
    int64_t expires;
    return strcmp(parts->values[ACTION], "GetCallerIdentity") == 0 &&
           strcmp(parts->values[VERSION], "2011-06-15") == 0 &&
           strcmp(parts->values[ALGORITHM], "AWS4-HMAC-SHA256") == 0 &&
           strcmp(parts->values[SIGNED_HEADERS], "host;x-k8s-aws-id") == 0 &&
           irsa_text_to_integer(parts->values[EXPIRES], 0, MAX_EXPIRES_S, &expires);
}

static bool read_date(struct irsa_arena *arena, const char *date, int64_t *out_epoch_ms) {
    struct irsa_error ignored; /* a date of another form is none */
    if (strlen(date) != IRSA_SIGV4_DATE_BYTES - 1)
        return false;
    return irsa_timestamp_parse(irsa_arena_format(arena, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", date, date + 4, date + 6,
                                                  date + 9, date + 11, date + 13),
                                out_epoch_ms, &ignored);
}

/* The account of the key in "AKIASBOX111122223333/20261124/us-west-2/sts/aws4_request"; NULL when the scope is another. */
static const char *account_of(const struct irsa_sandbox_call *call, const struct parts *parts) {
    const char *credential = parts->values[CREDENTIAL];
    size_t length = strcspn(credential, "/");
    const char *key_id = irsa_arena_copy_bytes(call->arena, credential, length);
    const char *scope = irsa_arena_format(call->arena, "/%.8s/%s/sts/aws4_request", parts->values[DATE],
                                          call->cluster->region);
    if (strcmp(credential + length, scope) != 0 || !irsa_text_starts_with(key_id, KEY_PREFIX))
        return NULL;
    const char *account_id = key_id + strlen(KEY_PREFIX);
    return irsa_rule_account_id(account_id) == NULL ? account_id : NULL;
}

static bool is_signature_right(const struct irsa_sandbox_call *call, const struct irsa_url *url,
                               const struct parts *parts, const char *account_id, int64_t signed_ms) {
    char key_id[IRSA_SANDBOX_KEY_BYTES], secret[IRSA_SANDBOX_SECRET_BYTES], expected[IRSA_SIGV4_HEX_BYTES];
    const struct irsa_sigv4_header headers[] = {{"host", url->authority}, {"x-k8s-aws-id", call->cluster->name}};
    const struct irsa_sigv4_request request = {.method = "GET",
                                               .path = url->path,
                                               .query = parts->unsigned_query,
                                               .headers = headers,
                                               .header_count = 2,
                                               .payload_sha256_hex = EMPTY_SHA256};
    const struct irsa_sigv4_scope scope = {.region = call->cluster->region, .service = "sts", .epoch_ms = signed_ms};
    const char *names;
    const char *canonical = irsa_sigv4_canonical_request(call->arena, &request, &names);
    irsa_sandbox_keys(account_id, key_id, secret);
    irsa_sigv4_signature(secret, &scope, irsa_sigv4_string_to_sign(call->arena, &scope, canonical), expected);
    return strcmp(expected, parts->values[SIGNATURE]) == 0;
}

static bool is_host_right(const struct irsa_sandbox_call *call, const struct irsa_url *url) {
    const char *suffix = irsa_sandbox_partition_of_region(call->cluster->region)->dns_suffix;
    const char *host = irsa_arena_format(call->arena, "sts.%s.%s", call->cluster->region, suffix);
    return strcmp(url->scheme, "https") == 0 && strcmp(url->path, "/") == 0 && strcmp(url->authority, host) == 0;
}

/* The account whose identity signed the URL for this cluster, or NULL. */
static const char *verify(const struct irsa_sandbox_call *call, const char *text) {
    struct irsa_url url;
    struct parts parts = {{NULL}, NULL};
    struct irsa_error ignored; /* whatever is wrong: the token is refused */
    int64_t signed_ms;
    if (!irsa_url_parse(call->arena, text, &url, &ignored) || !is_host_right(call, &url) ||
        !split_query(call->arena, url.query, &parts) || !are_constants_right(&parts) ||
        !read_date(call->arena, parts.values[DATE], &signed_ms) || signed_ms < call->moment.now_ms - MAX_AGE_MS ||
        signed_ms > call->moment.now_ms + MAX_AHEAD_MS)
        return NULL;
    const char *account_id = account_of(call, &parts);
    if (account_id == NULL || !is_signature_right(call, &url, &parts, account_id, signed_ms))
        return NULL;
    return account_id;
}

static const char *eks_user(const struct irsa_sandbox_call *call, const char *token) {
    uint8_t *bytes;
    size_t length;
    struct irsa_error ignored;
    if (strlen(token) > TOKEN_MAX_BYTES || !irsa_text_starts_with(token, PREFIX) ||
        !irsa_base64_decode(call->arena, IRSA_BASE64_URL, token + strlen(PREFIX), strlen(token + strlen(PREFIX)), &bytes,
                            &length, &ignored))
        return NULL;
    const char *account_id = verify(call, irsa_arena_copy_bytes(call->arena, bytes, length));
    /* only the cluster's own account has an access entry */
    if (account_id == NULL || strcmp(account_id, call->cluster->account_id) != 0)
        return NULL;
    return irsa_arena_format(call->arena, "arn:%s:iam::%s:user/irsa-sandbox", call->cluster->partition, account_id);
}

const char *irsa_sandbox_token_user(const struct irsa_sandbox_call *call) {
    const char *header = irsa_httpd_header(call->request, "authorization");
    if (header == NULL)
        return IRSA_SANDBOX_ANONYMOUS;
    if (strncmp(header, "Bearer ", 7) != 0)
        return NULL;
    const char *known = irsa_sandbox_bag_find(&call->cluster->tokens, header + 7);
    return known != NULL ? known : eks_user(call, header + 7);
}
