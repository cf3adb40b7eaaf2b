/*
 * TokenRequest: judged as the real server judges it, then refused, since the sandbox signs no service account tokens.
 */
#include <string.h>

#include "core/base/arena.h"
#include "sandbox/inside.h"
#include "sandbox/kube/body.h"
#include "sandbox/kube/kube.h"
#include "sandbox/kube/objects.h"

#define LEAST_SECONDS 600

static void fail_too_short(struct irsa_sandbox_kube *kube, int64_t seconds) {
    const char *why = irsa_arena_format(
        kube->arena, "Invalid value: %lld: may not specify a duration less than 10 minutes", (long long)seconds);
    const struct irsa_sandbox_cause cause = {
        .reason = "FieldValueInvalid", .message = why, .field = "spec.expirationSeconds"};
    irsa_sandbox_status(
        kube->call,
        &(struct irsa_sandbox_status){
            .code = 422,
            .reason = "Invalid",
            .message = irsa_arena_format(
                kube->arena, "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: %s", why),
            .group = "authentication.k8s.io",
            .kind = "TokenRequest",
            .causes = &cause,
            .cause_count = 1});
}

void irsa_sandbox_kube_create_token(struct irsa_sandbox_kube *kube) {
    const struct irsa_json *body;
    int64_t seconds = 3600;
    if (!irsa_sandbox_kube_body(kube, "TokenRequest", &body))
        return;
    if (irsa_sandbox_shelf_now(kube->cluster->accounts, kube->key) == NULL) {
        irsa_sandbox_kube_absent(kube, kube->resource->plural, kube->name);
        return;
    }
    const struct irsa_json *wanted = irsa_json_get(irsa_json_get(body, "spec"), "expirationSeconds");
    if (wanted != NULL && irsa_json_integer(wanted, &seconds) && seconds < LEAST_SECONDS) {
        fail_too_short(kube, seconds);
        return;
    }
    irsa_sandbox_status(kube->call,
                        &(struct irsa_sandbox_status){.code = 501,
                                                      .reason = "NotImplemented",
                                                      .message = "the sandbox signs no service account tokens"});
}
