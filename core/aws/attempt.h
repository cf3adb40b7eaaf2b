/*
 * One outgoing call of an attempt: sent, judged, and repeated in place when its failure is a short one.
 *
 * This is the one place that retries in place; core/kube sends through it too.
 */
#ifndef IRSA_AWS_ATTEMPT_H
#define IRSA_AWS_ATTEMPT_H

#include "core/aws/aws.h"

/*
 * service, action  as results and metrics name the call: "iam", "CreateRole"
 * judge            looks at an answer: true takes it, false fills `err`
 */
struct irsa_outgoing {
    const struct irsa_transport *transport;
    const char *service;
    const char *action;
    bool (*judge)(void *self, const struct irsa_http_reply *reply, struct irsa_error *err);
    void *self;
};

/*
 * Send `call`, at most three times: a failure that is UNAVAILABLE (but for a certificate that was not accepted) is
 * tried again after at most 100 ms, as long as less than a second has passed since the first try began and the service
 * did not ask for a longer wait. What takes longer is for the caller's own retry. `call` gets deadline and cancel here.
 *
 * scratch  owns what the transport makes of the call and its answer; the caller clears it
 * fails    what the transport and `judge` fail with, but UNAVAILABLE for an answer that is too large; err->service is
 *          filled, err->retry_after_ms from the headers Retry-After (seconds) and x-amz-retry-after (ms)
 */
IRSA_MUST_CHECK bool irsa_attempt_call(struct irsa_attempt *attempt, const struct irsa_outgoing *outgoing,
                                       struct irsa_http_call *call, struct irsa_arena *scratch, struct irsa_error *err);

#endif
