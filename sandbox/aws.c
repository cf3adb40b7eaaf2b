/*
 * The AWS origin: tells IAM, STS and EKS apart, and lets nobody in whose signature is wrong.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "sandbox/eks.h"
#include "sandbox/iam/iam.h"
#include "sandbox/inside.h"
#include "sandbox/partition.h"
#include "sandbox/signature.h"
#include "sandbox/sts.h"

/* What each kind of refusal is called by the Query services and by EKS. */
static const struct {
    int status;
    const char *query_code;
    const char *eks_code;
} refusals[] = {
    [IRSA_SANDBOX_UNSIGNED] = {403, "MissingAuthenticationToken", "MissingAuthenticationTokenException"},
    [IRSA_SANDBOX_INCOMPLETE] = {403, "IncompleteSignature", "IncompleteSignatureException"},
    [IRSA_SANDBOX_UNKNOWN_KEY] = {403, "InvalidClientTokenId", "UnrecognizedClientException"},
    [IRSA_SANDBOX_WRONG] = {403, "SignatureDoesNotMatch", "InvalidSignatureException"},
};

/* Without a readable signature the form of the request says which service is meant. */
static enum irsa_sandbox_service guess_service(const struct irsa_httpd_request *request) {
    if (irsa_text_starts_with(request->path, "/clusters"))
        return IRSA_SANDBOX_EKS;
    const char *version = irsa_httpd_parameter(request, request->body, "Version");
    return irsa_text_equal(version, IRSA_SANDBOX_STS_VERSION) ? IRSA_SANDBOX_STS : IRSA_SANDBOX_IAM;
}

static enum irsa_sandbox_service find_service(const struct irsa_httpd_request *request,
                                              const struct irsa_sandbox_signer *signer) {
    enum irsa_sandbox_service service;
    if (signer->service != NULL && irsa_sandbox_service_find(signer->service, &service) && service != IRSA_SANDBOX_KUBE)
        return service;
    return guess_service(request);
}

/* IAM has one region per partition; a signature for another one, or for another service, is not for here. */
static const char *judge_scope(struct irsa_sandbox_call *call, const struct irsa_sandbox_signer *signer) {
    if (strcmp(signer->service, irsa_sandbox_service_name(call->service)) != 0)
        return irsa_arena_format(call->arena, "Credential should be scoped to correct service: '%s'. ",
                                 irsa_sandbox_service_name(call->service));
    const struct irsa_sandbox_partition *partition = irsa_sandbox_partition_of_region(signer->region);
    bool is_foreign = strcmp(partition->name, call->account->partition) != 0;
    bool is_elsewhere = call->service == IRSA_SANDBOX_IAM && call->sandbox->model.has_strict_regions &&
                        strcmp(signer->region, partition->iam_region) != 0;
    if (is_foreign || is_elsewhere)
        return irsa_arena_format(call->arena, "Credential should be scoped to a valid region. ");
    return NULL;
}

static void refuse(struct irsa_sandbox_call *call, enum irsa_sandbox_refusal refusal, const char *reason) {
    const char *code = call->service == IRSA_SANDBOX_EKS ? refusals[refusal].eks_code : refusals[refusal].query_code;
    irsa_sandbox_fail(call, refusals[refusal].status, code, "%s", reason);
}

static void answer(struct irsa_sandbox_call *call, void *self) {
    const struct irsa_sandbox_signer *signer = self;
    if (signer->refusal != IRSA_SANDBOX_ACCEPTED) {
        refuse(call, signer->refusal, signer->reason);
        return;
    }
    call->account = irsa_sandbox_world_account(&call->sandbox->world, signer->account_id);
    const char *reason = judge_scope(call, signer);
    if (reason != NULL) {
        refuse(call, IRSA_SANDBOX_WRONG, reason);
        return;
    }
    if (call->service == IRSA_SANDBOX_IAM)
        irsa_sandbox_iam_answer(call);
    else if (call->service == IRSA_SANDBOX_STS)
        irsa_sandbox_sts_answer(call);
    else
        irsa_sandbox_eks_answer(call);
}

static void name_action(struct irsa_sandbox_call *call) {
    if (call->service == IRSA_SANDBOX_IAM)
        irsa_sandbox_iam_name(call);
    else if (call->service == IRSA_SANDBOX_STS)
        irsa_sandbox_sts_name(call);
    else
        irsa_sandbox_eks_name(call);
}

void irsa_sandbox_aws(struct irsa_sandbox_call *call) {
    struct irsa_sandbox_signer signer = irsa_sandbox_signature_judge(call->request, call->moment.now_ms);
    call->service = find_service(call->request, &signer);
    call->account_id = signer.account_id;
    call->is_session = signer.is_session;
    call->region = signer.region;
    name_action(call);
    irsa_sandbox_perform(call, answer, &signer);
    irsa_sandbox_add_header(call, "x-amzn-RequestId", call->request_id);
}
