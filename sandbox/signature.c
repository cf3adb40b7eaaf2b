/*
 * The signature is computed anew from the request as it came and compared.
 *
 * Source: "Signature Version 4 signing process", IAM user guide; the texts are those of IAM and STS.
 */
#include "sandbox/signature.h"

#include <stdlib.h>
#include <string.h>

#include "core/aws/sigv4.h"
#include "core/base/clock.h"
#include "core/base/crypto.h"
#include "core/base/text.h"
#include "sandbox/sandbox.h"

#define ALGORITHM          "AWS4-HMAC-SHA256"
#define SKEW_MS            ((int64_t)5 * 60 * 1000)
#define PRESIGNED_AGE_MS   ((int64_t)15 * 60 * 1000)
#define PRESIGNED_MAX_S    900
#define MAX_SIGNED_HEADERS 32
#define MAX_REASON_BYTES   8192
#define EMPTY_SHA256       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* The parts of an Authorization header, or of a presigned query. Absent ones are NULL. */
struct parts {
    const char *credential;
    const char *signed_headers;
    const char *signature;
    const char *date;
    const char *token;
};

struct scope {
    const char *key_id, *date, *region, *service, *terminator;
};

static struct irsa_sandbox_signer refuse(struct irsa_sandbox_signer signer, enum irsa_sandbox_refusal refusal,
                                         const char *reason) {
    signer.refusal = refusal;
    signer.reason = reason;
    return signer;
}

/* The value of NAME= in a list that is separated by commas and spaces, or NULL. */
static const char *part(struct irsa_arena *arena, const char *list, const char *name) {
    size_t name_length = strlen(name);
    while (*list != '\0') {
        list += strspn(list, ", ");
        size_t length = strcspn(list, ", ");
        if (length > name_length && strncmp(list, name, name_length) == 0 && list[name_length] == '=')
            return irsa_arena_copy_bytes(arena, list + name_length + 1, length - name_length - 1);
        list += length;
    }
    return NULL;
}

static bool split_credential(struct irsa_arena *arena, const char *credential, struct scope *out_scope) {
    const char *fields[5];
    size_t count = 0;
    for (const char *at = credential; count < 5; count++) {
        size_t length = strcspn(at, "/");
        fields[count] = irsa_arena_copy_bytes(arena, at, length);
        at += length;
        if (*at == '\0') {
            count++;
            break;
        }
        at++;
    }
    if (count != 5)
        return false;
    *out_scope = (struct scope){fields[0], fields[1], fields[2], fields[3], fields[4]};
    return strcmp(out_scope->terminator, "aws4_request") == 0;
}

static bool read_date(struct irsa_arena *arena, const char *text, int64_t *out_epoch_ms) {
    struct irsa_error err;
    if (text == NULL || strlen(text) != IRSA_SIGV4_DATE_BYTES - 1 || text[8] != 'T' || text[15] != 'Z')
        return false;
    return irsa_timestamp_parse(irsa_arena_format(arena, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", text, text + 4, text + 6,
                                                  text + 9, text + 11, text + 13),
                                out_epoch_ms, &err);
}

/* The account of an access key id, or NULL when it is none of the sandbox's. */
static const char *account_of_key(struct irsa_arena *arena, const char *key_id) {
    bool is_ours = irsa_text_starts_with(key_id, "AKIASBOX") || irsa_text_starts_with(key_id, "ASIASBOX");
    if (!is_ours || strlen(key_id) != IRSA_SANDBOX_KEY_BYTES - 1 || strspn(key_id + 8, "0123456789") != 12)
        return NULL;
    return irsa_arena_copy(arena, key_id + 8);
}

/* Long-term keys come without a session token, temporary ones (ASIA…) with one of their account. */
static bool is_token_right(struct irsa_arena *arena, const struct irsa_sandbox_signer *signer, const char *token) {
    if (!signer->is_session)
        return token == NULL;
    return token != NULL &&
           irsa_text_starts_with(token, irsa_arena_format(arena, "irsa-sandbox/%s/session", signer->account_id));
}

/* The parts that must be there, in the words of IAM. */
static const char *find_missing(struct irsa_arena *arena, const struct parts *parts, const char *authorization) {
    struct irsa_text text;
    irsa_text_init(&text, arena, MAX_REASON_BYTES);
    if (parts->credential == NULL)
        irsa_text_add(&text, "Authorization header requires 'Credential' parameter. ");
    if (parts->signature == NULL)
        irsa_text_add(&text, "Authorization header requires 'Signature' parameter. ");
    if (parts->signed_headers == NULL)
        irsa_text_add(&text, "Authorization header requires 'SignedHeaders' parameter. ");
    if (parts->date == NULL)
        irsa_text_add(&text, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
    if (text.length == 0)
        return NULL;
    irsa_text_add(&text, authorization);
    return text.at;
}

static const char *judge_date(struct irsa_arena *arena, int64_t date_ms, int64_t now_ms) {
    char date[IRSA_SIGV4_DATE_BYTES];
    char now[IRSA_SIGV4_DATE_BYTES];
    char limit[IRSA_SIGV4_DATE_BYTES];
    irsa_sigv4_date(date_ms, date);
    irsa_sigv4_date(now_ms, now);
    if (date_ms < now_ms - SKEW_MS) {
        irsa_sigv4_date(now_ms - SKEW_MS, limit);
        return irsa_arena_format(arena, "Signature expired: %s is now earlier than %s (%s - 5 min.)", date, limit, now);
    }
    if (date_ms > now_ms + SKEW_MS) {
        irsa_sigv4_date(now_ms + SKEW_MS, limit);
        return irsa_arena_format(arena, "Signature not yet current: %s is still later than %s (%s + 5 min.)", date,
                                 limit, now);
    }
    return NULL;
}

/* The headers that a list "host;x-amz-date" names; false when one of them did not come or there are too many. */
static bool pick_headers(const struct irsa_httpd_request *request, const char *list,
                         struct irsa_sigv4_header *out_headers, size_t *out_count) {
    *out_count = 0;
    if (list == NULL)
        return false;
    while (*list != '\0') {
        size_t length = strcspn(list, ";");
        const char *name = irsa_arena_copy_bytes(request->arena, list, length);
        const char *value = irsa_httpd_header(request, name);
        if (value == NULL || *out_count == MAX_SIGNED_HEADERS)
            return false;
        out_headers[(*out_count)++] = (struct irsa_sigv4_header){.name = name, .value = value};
        list += length + (list[length] == ';' ? 1 : 0);
    }
    return true;
}

static bool has_header(const struct irsa_sigv4_header *headers, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(headers[i].name, name) == 0)
            return true;
    return false;
}

/* A header of AWS's own that came and is not signed, or NULL. */
static const char *find_unsigned(const struct irsa_httpd_request *request, const struct irsa_sigv4_header *headers,
                                 size_t count) {
    for (size_t i = 0; i < request->header_count; i++) {
        const char *name = request->headers[i].name;
        if (irsa_text_starts_with(name, "x-amz-") && !has_header(headers, count, name))
            return name;
    }
    return NULL;
}

/* Compare; what should have been signed is said, since that is what a person needs. */
static const char *judge_signature(struct irsa_arena *arena, const struct irsa_sigv4_request *signing,
                                   const struct irsa_sigv4_scope *scope, const char *account_id,
                                   const char *signature) {
    char key_id[IRSA_SANDBOX_KEY_BYTES];
    char secret[IRSA_SANDBOX_SECRET_BYTES];
    char expected[IRSA_SIGV4_HEX_BYTES];
    const char *signed_headers;
    irsa_sandbox_keys(account_id, key_id, secret);
    const char *canonical = irsa_sigv4_canonical_request(arena, signing, &signed_headers);
    const char *to_sign = irsa_sigv4_string_to_sign(arena, scope, canonical);
    irsa_sigv4_signature(secret, scope, to_sign, expected);
    if (irsa_text_equal(expected, signature))
        return NULL;
    return irsa_arena_format(arena,
                             "The request signature we calculated does not match the signature you provided. Check "
                             "your AWS Secret Access Key and signing method. Consult the service documentation for "
                             "details.\n\nThe Canonical String for this request should have been\n'%s'\n\nThe "
                             "String-to-Sign should have been\n'%s'\n",
                             canonical, to_sign);
}

static const char *judge_header_signature(const struct irsa_httpd_request *request, const struct parts *parts,
                                          const struct irsa_sigv4_scope *scope, const char *account_id) {
    struct irsa_sigv4_header headers[MAX_SIGNED_HEADERS];
    size_t count;
    if (!pick_headers(request, parts->signed_headers, headers, &count) || !has_header(headers, count, "host"))
        return "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization, and every signed header must "
               "be "
               "sent.";
    const char *unsigned_header = find_unsigned(request, headers, count);
    if (unsigned_header != NULL)
        return irsa_arena_format(request->arena, "'%s' must be a 'SignedHeader' in the AWS Authorization.",
                                 unsigned_header);
    char payload[IRSA_SHA256_HEX_BYTES];
    irsa_sha256_hex(request->body, request->body_length, payload);
    struct irsa_sigv4_request signing = {.method = request->method,
                                         .path = request->path,
                                         .query = request->query,
                                         .headers = headers,
                                         .header_count = count,
                                         .payload_sha256_hex = payload};
    return judge_signature(request->arena, &signing, scope, account_id, parts->signature);
}

/* What header and presigned form have in common: the scope and whose key it is. False when it is refused. */
static bool judge_scope(struct irsa_arena *arena, const struct parts *parts, struct irsa_sandbox_signer *signer,
                        struct irsa_sigv4_scope *out_scope) {
    struct scope scope;
    int64_t date_ms;
    if (!split_credential(arena, parts->credential, &scope)) {
        *signer = refuse(*signer, IRSA_SANDBOX_INCOMPLETE,
                         "Credential must have exactly 5 slash-delimited elements, "
                         "the last of them 'aws4_request'.");
        return false;
    }
    signer->region = scope.region;
    signer->service = scope.service;
    if (!read_date(arena, parts->date, &date_ms)) {
        *signer = refuse(*signer, IRSA_SANDBOX_INCOMPLETE, "Date must be in ISO-8601 'basic format'.");
        return false;
    }
    if (strncmp(scope.date, parts->date, 8) != 0 || scope.date[8] != '\0') {
        *signer = refuse(*signer, IRSA_SANDBOX_WRONG,
                         "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.");
        return false;
    }
    signer->account_id = account_of_key(arena, scope.key_id);
    signer->is_session = irsa_text_starts_with(scope.key_id, "ASIA");
    if (signer->account_id == NULL || !is_token_right(arena, signer, parts->token)) {
        *signer = refuse(*signer, IRSA_SANDBOX_UNKNOWN_KEY, "The security token included in the request is invalid.");
        return false;
    }
    *out_scope = (struct irsa_sigv4_scope){.region = scope.region, .service = scope.service, .epoch_ms = date_ms};
    return true;
}

struct irsa_sandbox_signer irsa_sandbox_signature_judge(const struct irsa_httpd_request *request, int64_t now_ms) {
    struct irsa_arena *arena = request->arena;
    struct irsa_sandbox_signer signer = {0};
    const char *authorization = irsa_httpd_header(request, "authorization");
    if (authorization == NULL || !irsa_text_starts_with(authorization, ALGORITHM " "))
        return refuse(signer, IRSA_SANDBOX_UNSIGNED, "Request is missing Authentication Token");
    const char *list = authorization + sizeof(ALGORITHM);
    const char *date = irsa_httpd_header(request, "x-amz-date");
    struct parts parts = {.credential = part(arena, list, "Credential"),
                          .signed_headers = part(arena, list, "SignedHeaders"),
                          .signature = part(arena, list, "Signature"),
                          .date = date != NULL ? date : irsa_httpd_header(request, "date"),
                          .token = irsa_httpd_header(request, "x-amz-security-token")};
    const char *missing = find_missing(arena, &parts, "Authorization=" ALGORITHM);
    if (missing != NULL)
        return refuse(signer, IRSA_SANDBOX_INCOMPLETE, missing);
    struct irsa_sigv4_scope scope;
    if (!judge_scope(arena, &parts, &signer, &scope))
        return signer;
    const char *reason = judge_header_signature(request, &parts, &scope, signer.account_id);
    if (reason == NULL)
        reason = judge_date(arena, scope.epoch_ms, now_ms);
    return reason == NULL ? signer : refuse(signer, IRSA_SANDBOX_WRONG, reason);
}

/* The query without its signature, which cannot sign itself. */
static const char *without_signature(struct irsa_arena *arena, const char *query) {
    struct irsa_text text;
    irsa_text_init(&text, arena, strlen(query));
    while (*query != '\0') {
        size_t length = strcspn(query, "&");
        if (strncmp(query, "X-Amz-Signature=", 16) != 0) {
            if (text.length > 0)
                irsa_text_add_char(&text, '&');
            irsa_text_add_bytes(&text, query, length);
        }
        query += length + (query[length] == '&' ? 1 : 0);
    }
    return text.length == 0 ? "" : text.at;
}

static const char *judge_presigned_date(struct irsa_arena *arena, const char *expires, int64_t date_ms,
                                        int64_t now_ms) {
    int64_t seconds;
    if (expires == NULL || !irsa_text_to_integer(expires, 0, PRESIGNED_MAX_S, &seconds))
        return irsa_arena_format(arena, "X-Amz-Expires must be from 0 to %d", PRESIGNED_MAX_S);
    if (date_ms < now_ms - PRESIGNED_AGE_MS)
        return "X-Amz-Date parameter is expired (15 minute expiration)";
    if (date_ms > now_ms + SKEW_MS)
        return "X-Amz-Date is in the future";
    return NULL;
}

struct irsa_sandbox_signer irsa_sandbox_signature_judge_presigned(struct irsa_arena *arena,
                                                                  const struct irsa_sandbox_presigned *url,
                                                                  int64_t now_ms) {
    struct irsa_sandbox_signer signer = {0};
    struct irsa_httpd_request query = {.arena = arena, .query = url->query};
    struct parts parts = {.credential = irsa_httpd_parameter(&query, url->query, "X-Amz-Credential"),
                          .signed_headers = irsa_httpd_parameter(&query, url->query, "X-Amz-SignedHeaders"),
                          .signature = irsa_httpd_parameter(&query, url->query, "X-Amz-Signature"),
                          .date = irsa_httpd_parameter(&query, url->query, "X-Amz-Date"),
                          .token = irsa_httpd_parameter(&query, url->query, "X-Amz-Security-Token")};
    const char *algorithm = irsa_httpd_parameter(&query, url->query, "X-Amz-Algorithm");
    if (algorithm == NULL || strcmp(algorithm, ALGORITHM) != 0)
        return refuse(signer, IRSA_SANDBOX_UNSIGNED, "X-Amz-Algorithm must be " ALGORITHM);
    if (find_missing(arena, &parts, "") != NULL)
        return refuse(signer, IRSA_SANDBOX_INCOMPLETE, find_missing(arena, &parts, ""));
    if (strcmp(parts.signed_headers, irsa_arena_format(arena, "host;%s", url->header)) != 0)
        return refuse(signer, IRSA_SANDBOX_INCOMPLETE,
                      "host and the cluster's header must be signed, and nothing else");
    struct irsa_sigv4_scope scope;
    if (!judge_scope(arena, &parts, &signer, &scope))
        return signer;
    struct irsa_sigv4_header headers[2] = {{"host", url->host}, {url->header, url->header_value}};
    struct irsa_sigv4_request signing = {.method = "GET",
                                         .path = url->path,
                                         .query = without_signature(arena, url->query),
                                         .headers = headers,
                                         .header_count = 2,
                                         .payload_sha256_hex = EMPTY_SHA256};
    const char *reason = judge_signature(arena, &signing, &scope, signer.account_id, parts.signature);
    if (reason == NULL)
        reason = judge_presigned_date(arena, irsa_httpd_parameter(&query, url->query, "X-Amz-Expires"), scope.epoch_ms,
                                      now_ms);
    return reason == NULL ? signer : refuse(signer, IRSA_SANDBOX_WRONG, reason);
}
