/*
 * One signed call to a service of AWS.
 */
#ifndef IRSA_AWS_CALL_H
#define IRSA_AWS_CALL_H

#include "core/aws/attempt.h"
#include "core/aws/partition.h"

/*
 * region   where the service is asked; NULL for IAM
 * path     percent-encoded, from "/"
 * body     NULL: none
 * judge    as in struct irsa_outgoing
 */
struct irsa_aws_call {
    enum irsa_aws_service service;
    const char *action;
    const struct irsa_partition *partition;
    const char *region;
    const char *method;
    const char *path;
    const char *content_type;
    const char *body;
    size_t body_length;
    bool (*judge)(void *self, const struct irsa_http_reply *reply, struct irsa_error *err);
    void *self;
};

/*
 * Sign and send it; repeat in place what irsa_attempt_call repeats. Beyond that it is signed anew once with fresh
 * credentials when they are said to have expired, and once with the service's own time when ours is off.
 *
 * fails    what irsa_attempt_call fails with; CREDENTIALS, CONFIG (the endpoint)
 */
IRSA_MUST_CHECK bool irsa_aws_send(struct irsa_aws *aws, struct irsa_attempt *attempt, const struct irsa_aws_call *call,
                                   struct irsa_error *err);

/* The time of an HTTP date ("Tue, 24 Nov 2026 10:03:31 GMT", RFC 9110) or IRSA_NO_TIME. */
int64_t irsa_http_date_ms(const char *text);

#endif
