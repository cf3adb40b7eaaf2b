/*
 * Signing and sending; what is done when the credentials have expired or our clock is wrong.
 */
#include "core/aws/call.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/aws/client.h"
#include "core/aws/endpoint.h"
#include "core/aws/failure.h"
#include "core/base/crypto.h"

#define SKEW_MS (INT64_C(4) * 60 * 1000) /* AWS takes 5 minutes */

/* The caller's judge, and the time that the service showed with the last answer that was refused. */
struct judging {
    const struct irsa_aws_call *call;
    int64_t server_ms;
};

static bool judge(void *self, const struct irsa_http_reply *reply, struct irsa_error *err) {
    struct judging *judging = self;
    if (judging->call->judge(judging->call->self, reply, err))
        return true;
    const char *date = irsa_http_header(reply, "date");
    judging->server_ms = date == NULL ? IRSA_NO_TIME : irsa_http_date_ms(date);
    return false;
}

int64_t irsa_http_date_ms(const char *text) {
    struct tm utc = {0};
    const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    return end == NULL || *end != '\0' ? IRSA_NO_TIME : (int64_t)timegm(&utc) * 1000;
}

/* What is sent, all in the scratch arena. */
struct signed_call {
    struct irsa_http_call http;
    struct irsa_http_header headers[5];
};

static void add_header(struct signed_call *out, const char *name, const char *value) {
    if (value != NULL)
        out->headers[out->http.header_count++] = (struct irsa_http_header){name, value};
}

static void sign(struct irsa_aws *aws, const struct irsa_aws_call *call, const struct irsa_endpoint *endpoint,
                 const struct irsa_credentials *credentials, struct irsa_arena *scratch, struct signed_call *out) {
    char digest[IRSA_SHA256_HEX_BYTES];
    const char *authorization, *date;
    struct irsa_sigv4_keys keys = irsa_aws_keys(credentials);
    struct irsa_sigv4_header headers[] = {{"host", endpoint->authority}, {"content-type", call->content_type}};
    const char *path = irsa_arena_format(scratch, "%s%s", endpoint->path, call->path);
    irsa_sha256_hex(call->body, call->body_length, digest);
    struct irsa_sigv4_request request = {.method = call->method,
                                         .path = path,
                                         .query = "",
                                         .headers = headers,
                                         .header_count = call->content_type == NULL ? 1 : 2,
                                         .payload_sha256_hex = digest};
    struct irsa_sigv4_scope scope = {endpoint->signing_region, irsa_aws_service_name(call->service),
                                     irsa_aws_now_ms(aws)};
    irsa_sigv4_sign(scratch, &request, &scope, &keys, &authorization, &date);
    out->http = (struct irsa_http_call){.method = call->method,
                                        .url = irsa_arena_format(scratch, "%s%s", endpoint->base, call->path),
                                        .headers = out->headers,
                                        .body = call->body,
                                        .body_length = call->body_length};
    add_header(out, "Content-Type", call->content_type);
    add_header(out, "User-Agent", aws->user_agent);
    add_header(out, "X-Amz-Date", date);
    add_header(out, "X-Amz-Security-Token", irsa_arena_copy(scratch, keys.session_token));
    add_header(out, "Authorization", authorization);
}

/* Sign with what the client holds now, and send. The scratch memory is wiped after: it holds the signature. */
static bool send_signed(struct irsa_aws *aws, struct irsa_attempt *attempt, struct judging *judging,
                        struct irsa_error *err) {
    const struct irsa_aws_call *call = judging->call;
    struct irsa_outgoing outgoing = {aws->options.transport, irsa_aws_service_name(call->service), call->action, judge,
                                     judging};
    struct irsa_credentials credentials;
    struct irsa_endpoint endpoint;
    struct signed_call out;
    struct irsa_arena *scratch = irsa_arena_new();
    bool is_ready = irsa_endpoint_find(scratch, &aws->options.endpoints, call->service, call->partition, call->region,
                                       &endpoint, err) &&
                    irsa_aws_credentials(aws, &credentials, err);
    if (is_ready) {
        sign(aws, call, &endpoint, &credentials, scratch, &out);
        irsa_wipe(&credentials, sizeof credentials);
    }
    bool is_done = is_ready ? irsa_attempt_call(attempt, &outgoing, &out.http, scratch, err)
                            : irsa_error_from(err, outgoing.service, NULL);
    irsa_arena_free(scratch);
    return is_done;
}

/* The service's clock is far from what we took it for: take its time from now on. */
static bool corrects_skew(struct irsa_aws *aws, int64_t server_ms) {
    if (server_ms == IRSA_NO_TIME || llabs(server_ms - irsa_aws_now_ms(aws)) <= SKEW_MS)
        return false;
    atomic_store_explicit(&aws->skew_ms, server_ms - irsa_clock_now_ms(aws->options.clock), memory_order_relaxed);
    return true;
}

bool irsa_aws_send(struct irsa_aws *aws, struct irsa_attempt *attempt, const struct irsa_aws_call *call,
                   struct irsa_error *err) {
    struct judging judging = {call, IRSA_NO_TIME};
    bool has_renewed = false;
    bool has_corrected = false;
    while (!send_signed(aws, attempt, &judging, err)) {
        if (!has_renewed && irsa_aws_is_expired(err->upstream)) {
            irsa_aws_credentials_forget(aws);
            has_renewed = true;
        } else if (!has_corrected && irsa_aws_may_be_skew(err->upstream) && corrects_skew(aws, judging.server_ms)) {
            has_corrected = true;
        } else {
            return false;
        }
    }
    return true;
}
