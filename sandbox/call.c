/*
 * How every call goes: counted, met by a fault, throttled, carried out, delayed. And how each service says an error.
 */
#include "sandbox/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/json.h"
#include "sandbox/inside.h"
#include "sandbox/kube/status.h"
#include "sandbox/xml.h"

#define ERROR_MAX_BYTES   65536
#define MESSAGE_MAX_BYTES 16384
#define SCRIPTED          "a scripted fault of the sandbox"

const char *irsa_sandbox_time_text(struct irsa_arena *arena, int64_t epoch_ms) {
    char text[IRSA_TIMESTAMP_BYTES];
    irsa_timestamp_format(epoch_ms, text);
    return irsa_arena_format(arena, "%.19sZ", text);
}

void irsa_sandbox_add_header(struct irsa_sandbox_call *call, const char *name, const char *value) {
    struct irsa_httpd_reply *reply = call->reply;
    struct irsa_httpd_field *fields = IRSA_NEW_ARRAY(call->arena, struct irsa_httpd_field, reply->header_count + 1);
    for (size_t i = 0; i < reply->header_count; i++)
        fields[i] = reply->headers[i];
    fields[reply->header_count] = (struct irsa_httpd_field){.name = name, .value = value};
    reply->headers = fields;
    reply->header_count++;
}

static void fail_query(struct irsa_sandbox_call *call, int status, const char *code, const char *message) {
    bool is_iam = call->service == IRSA_SANDBOX_IAM;
    struct irsa_text xml;
    irsa_text_init(&xml, call->arena, ERROR_MAX_BYTES);
    irsa_text_addf(&xml, "<ErrorResponse xmlns=\"https://%s/\">",
                   is_iam ? "iam.amazonaws.com/doc/2010-05-08" : "sts.amazonaws.com/doc/2011-06-15");
    irsa_sandbox_xml_open(&xml, "Error");
    irsa_sandbox_xml_text(&xml, "Type", status >= 500 ? "Receiver" : "Sender");
    irsa_sandbox_xml_text(&xml, "Code", code);
    irsa_sandbox_xml_text(&xml, "Message", message);
    irsa_sandbox_xml_close(&xml, "Error");
    irsa_sandbox_xml_text(&xml, "RequestId", call->request_id);
    irsa_sandbox_xml_close(&xml, "ErrorResponse");
    call->reply->content_type = "text/xml";
    call->reply->body = xml.at;
    call->reply->body_length = xml.length;
}

static void fail_rest(struct irsa_sandbox_call *call, int status, const char *code, const char *message) {
    (void)status;
    struct irsa_text json;
    struct irsa_json_writer w;
    irsa_text_init(&json, call->arena, ERROR_MAX_BYTES);
    irsa_json_begin(&w, &json);
    irsa_json_open_object(&w, NULL);
    irsa_json_add_text(&w, "message", message);
    irsa_json_close_object(&w);
    irsa_sandbox_add_header(call, "x-amzn-ErrorType", code);
    call->reply->content_type = "application/json";
    call->reply->body = json.at;
    call->reply->body_length = json.length;
}

bool irsa_sandbox_fail(struct irsa_sandbox_call *call, int status, const char *code, const char *format, ...) {
    char *message = irsa_arena_alloc(call->arena, MESSAGE_MAX_BYTES);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, MESSAGE_MAX_BYTES, format, arguments);
    va_end(arguments);
    *call->reply = (struct irsa_httpd_reply){.status = status};
    switch (call->service) {
    case IRSA_SANDBOX_IAM:
    case IRSA_SANDBOX_STS:
        fail_query(call, status, code, message);
        break;
    case IRSA_SANDBOX_EKS:
        fail_rest(call, status, code, message);
        break;
    case IRSA_SANDBOX_KUBE:
    case IRSA_SANDBOX_SERVICE_COUNT:
        irsa_sandbox_status(call, &(struct irsa_sandbox_status){.code = status, .reason = code, .message = message});
        break;
    }
    return false;
}

static const char *owner_of(const struct irsa_sandbox_call *call) {
    return call->cluster != NULL ? call->cluster->key : call->account_id;
}

/* Real API servers refuse in plain text here, not with a Status. */
static void throttle_kubernetes(struct irsa_sandbox_call *call) {
    static const char text[] = "Too many requests, please try again later.\n";
    *call->reply = (struct irsa_httpd_reply){
        .status = 429, .content_type = "text/plain; charset=utf-8", .body = text, .body_length = sizeof(text) - 1};
    irsa_sandbox_add_header(call, "Retry-After", "1");
}

static void throttle(struct irsa_sandbox_call *call) {
    if (call->service == IRSA_SANDBOX_KUBE)
        throttle_kubernetes(call);
    else if (call->service == IRSA_SANDBOX_EKS)
        irsa_sandbox_fail(call, 429, "ThrottlingException", "Rate exceeded");
    else
        irsa_sandbox_fail(call, 400, "Throttling", "Rate exceeded");
}

/* The code that goes with a status when the script names none: of IAM and STS, of EKS, of Kubernetes. */
static const char *usual_code(enum irsa_sandbox_service service, int status) {
    static const struct {
        int status; /* the last row is for all others */
        const char *of_query, *of_eks, *of_kubernetes;
    } rows[] = {{400, "Throttling", "ClientException", "BadRequest"},
                {401, "Unauthorized", "UnauthorizedException", "Unauthorized"},
                {403, "AccessDenied", "AccessDeniedException", "Forbidden"},
                {404, "NoSuchEntity", "ResourceNotFoundException", "NotFound"},
                {409, "ConcurrentModification", "ResourceInUseException", "Conflict"},
                {422, "InternalFailure", "ServerException", "Invalid"},
                {429, "Throttling", "ThrottlingException", "TooManyRequests"},
                {503, "ServiceUnavailable", "ServiceUnavailableException", "ServiceUnavailable"},
                {504, "ServiceUnavailable", "ServiceUnavailableException", "Timeout"},
                {0, "InternalFailure", "ServerException", "InternalError"}};
    size_t i = 0;
    while (rows[i].status != 0 && rows[i].status != status)
        i++;
    if (service == IRSA_SANDBOX_KUBE)
        return rows[i].of_kubernetes;
    return service == IRSA_SANDBOX_EKS ? rows[i].of_eks : rows[i].of_query;
}

static void ask_to_wait(struct irsa_sandbox_call *call, const struct irsa_sandbox_fault *fault) {
    if (fault->retry_after_s > 0)
        irsa_sandbox_add_header(call, "Retry-After",
                                irsa_arena_format(call->arena, "%lld", (long long)fault->retry_after_s));
}

static void apply_status(struct irsa_sandbox_call *call, const struct irsa_sandbox_fault *fault) {
    const char *code = fault->code[0] == '\0' ? usual_code(call->service, fault->status) : fault->code;
    const char *message = fault->message[0] == '\0' ? SCRIPTED : fault->message;
    const struct irsa_sandbox_cause cause = {.reason = fault->cause, .message = message};
    if (fault->cause[0] == '\0' || call->service != IRSA_SANDBOX_KUBE)
        irsa_sandbox_fail(call, fault->status, code, "%s", message);
    else
        irsa_sandbox_status(
            call, &(struct irsa_sandbox_status){
                      .code = fault->status, .reason = code, .message = message, .causes = &cause, .cause_count = 1});
    ask_to_wait(call, fault);
}

static void apply_page(struct irsa_sandbox_call *call, const struct irsa_sandbox_fault *fault) {
    static const char page[] = "<html><body>a scripted fault of the sandbox</body></html>\n";
    *call->reply = (struct irsa_httpd_reply){
        .status = fault->status, .content_type = "text/html", .body = page, .body_length = sizeof(page) - 1};
    ask_to_wait(call, fault);
}

/* What becomes of the answer. */
static void apply_fault(struct irsa_sandbox_call *call, const struct irsa_sandbox_fault *fault) {
    switch (fault->kind) {
    case IRSA_SANDBOX_FAULT_STATUS:
        apply_status(call, fault);
        break;
    case IRSA_SANDBOX_FAULT_PAGE:
        apply_page(call, fault);
        break;
    case IRSA_SANDBOX_FAULT_DROP:
        call->reply->fault = IRSA_HTTPD_DROP;
        break;
    case IRSA_SANDBOX_FAULT_RESET:
        call->reply->fault = IRSA_HTTPD_RESET;
        break;
    case IRSA_SANDBOX_FAULT_TRUNCATE:
        if (!fault->is_after)
            irsa_sandbox_fail(call, 500, usual_code(call->service, 500), "%s", SCRIPTED);
        call->reply->fault = IRSA_HTTPD_TRUNCATE;
        break;
    case IRSA_SANDBOX_FAULT_DELAY:
    case IRSA_SANDBOX_FAULT_KIND_COUNT:
        break;
    }
    call->reply->delay_ms += fault->delay_ms;
}

static void carry_out(struct irsa_sandbox_call *call, irsa_sandbox_effect_fn *effect, void *self) {
    struct irsa_sandbox *sandbox = call->sandbox;
    int64_t now_ms = irsa_clock_monotonic_ms(sandbox->clock);
    if (irsa_sandbox_throttle_allows(sandbox->throttle, &sandbox->model, call->service, call->is_write, owner_of(call),
                                     now_ms))
        effect(call, self);
    else
        throttle(call);
}

static void log_call(const struct irsa_sandbox_call *call, const struct irsa_sandbox_fault *fault, int status) {
    irsa_sandbox_calls_add(
        call->sandbox->calls,
        &(struct irsa_sandbox_called){.service = call->service,
                                      .action = call->action,
                                      .owner = owner_of(call),
                                      .status = status,
                                      .fault = fault == NULL ? NULL : irsa_sandbox_fault_kind_name(fault->kind)});
}

static void perform_first(struct irsa_sandbox_call *call, irsa_sandbox_effect_fn *effect, void *self) {
    struct irsa_sandbox *sandbox = call->sandbox;
    const struct irsa_sandbox_fault *fault =
        irsa_sandbox_faults_meet(sandbox->faults, call->service, call->action, owner_of(call));
    bool comes_later = fault != NULL && fault->kind == IRSA_SANDBOX_FAULT_DELAY && !fault->is_after;
    if (comes_later) {
        call->reply->again_ms = fault->delay_ms > 0 ? fault->delay_ms : 1;
        log_call(call, fault, 0);
        return;
    }
    if (fault == NULL || fault->is_after)
        carry_out(call, effect, self);
    if (fault != NULL)
        apply_fault(call, fault);
    log_call(call, fault, call->reply->fault == IRSA_HTTPD_NO_FAULT ? call->reply->status : 0);
}

void irsa_sandbox_perform(struct irsa_sandbox_call *call, irsa_sandbox_effect_fn *effect, void *self) {
    struct irsa_sandbox *sandbox = call->sandbox;
    pthread_mutex_lock(&sandbox->mutex);
    call->moment.now_ms = irsa_clock_now_ms(sandbox->clock);
    call->moment.lag_ms = sandbox->model.propagation_ms;
    if (call->request->is_again)
        carry_out(call, effect, self);
    else
        perform_first(call, effect, self);
    call->reply->delay_ms += sandbox->model.latency_ms[call->service];
    pthread_mutex_unlock(&sandbox->mutex);
}
