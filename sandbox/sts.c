/*
 * One action, in XML, or in JSON for those who ask for it (aws-iam-authenticator does).
 */
#include "sandbox/sts.h"

#include <string.h>

#include "core/base/json.h"
#include "sandbox/xml.h"

#define ANSWER_MAX_BYTES 4096
#define NAME             "irsa-worker"
#define SESSION          "irsa-sandbox"

static const char *parameter(const struct irsa_sandbox_call *call, const char *name) {
    const char *value = irsa_httpd_parameter(call->request, call->request->body, name);
    return value != NULL ? value : irsa_httpd_parameter(call->request, call->request->query, name);
}

void irsa_sandbox_sts_name(struct irsa_sandbox_call *call) {
    const char *action = parameter(call, "Action");
    call->action = irsa_text_equal(action, "GetCallerIdentity") ? "GetCallerIdentity" : "unknown";
}

const char *irsa_sandbox_identity_arn(struct irsa_arena *arena, const char *partition, const char *account_id,
                                      bool is_session) {
    return is_session ? irsa_arena_format(arena, "arn:%s:sts::%s:assumed-role/" NAME "/" SESSION, partition, account_id)
                      : irsa_arena_format(arena, "arn:%s:iam::%s:user/" NAME, partition, account_id);
}

const char *irsa_sandbox_caller_arn(struct irsa_sandbox_call *call) {
    return irsa_sandbox_identity_arn(call->arena, call->account->partition, call->account->id, call->is_session);
}

static const char *user_id(struct irsa_sandbox_call *call) {
    return call->is_session ? irsa_arena_format(call->arena, "AROASBOX%sXXXX1:" SESSION, call->account->id)
                            : irsa_arena_format(call->arena, "AIDASBOX%sXXXX1", call->account->id);
}

static void write_xml(struct irsa_sandbox_call *call, struct irsa_text *xml) {
    irsa_text_add(xml, "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">");
    irsa_sandbox_xml_open(xml, "GetCallerIdentityResult");
    irsa_sandbox_xml_text(xml, "Arn", irsa_sandbox_caller_arn(call));
    irsa_sandbox_xml_text(xml, "UserId", user_id(call));
    irsa_sandbox_xml_text(xml, "Account", call->account->id);
    irsa_sandbox_xml_close(xml, "GetCallerIdentityResult");
    irsa_sandbox_xml_open(xml, "ResponseMetadata");
    irsa_sandbox_xml_text(xml, "RequestId", call->request_id);
    irsa_sandbox_xml_close(xml, "ResponseMetadata");
    irsa_sandbox_xml_close(xml, "GetCallerIdentityResponse");
}

static void write_json(struct irsa_sandbox_call *call, struct irsa_text *json) {
    struct irsa_json_writer w;
    irsa_json_begin(&w, json);
    irsa_json_open_object(&w, NULL);
    irsa_json_open_object(&w, "GetCallerIdentityResponse");
    irsa_json_open_object(&w, "GetCallerIdentityResult");
    irsa_json_add_text(&w, "Account", call->account->id);
    irsa_json_add_text(&w, "Arn", irsa_sandbox_caller_arn(call));
    irsa_json_add_text(&w, "UserId", user_id(call));
    irsa_json_close_object(&w);
    irsa_json_open_object(&w, "ResponseMetadata");
    irsa_json_add_text(&w, "RequestId", call->request_id);
    irsa_json_close_object(&w);
    irsa_json_close_object(&w);
    irsa_json_close_object(&w);
}

void irsa_sandbox_sts_answer(struct irsa_sandbox_call *call) {
    const char *action = parameter(call, "Action");
    const char *version = parameter(call, "Version");
    if (!irsa_text_equal(action, "GetCallerIdentity") || !irsa_text_equal(version, IRSA_SANDBOX_STS_VERSION)) {
        irsa_sandbox_fail(call, 400, "InvalidAction", "Could not find operation %s for version %s",
                          action == NULL ? "NO_ACTION" : action, version == NULL ? "NO_VERSION_SPECIFIED" : version);
        return;
    }
    const char *accept = irsa_httpd_header(call->request, "accept");
    bool is_json = accept != NULL && irsa_text_starts_with(accept, "application/json");
    struct irsa_text text;
    irsa_text_init(&text, call->arena, ANSWER_MAX_BYTES);
    if (is_json)
        write_json(call, &text);
    else
        write_xml(call, &text);
    *call->reply = (struct irsa_httpd_reply){.status = 200,
                                             .content_type = is_json ? "application/json" : "text/xml",
                                             .body = text.at,
                                             .body_length = text.length};
}
