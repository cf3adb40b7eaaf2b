/*
 * The Query protocol of IAM and STS: a form goes out, XML comes back.
 */
#ifndef IRSA_AWS_QUERY_H
#define IRSA_AWS_QUERY_H

#include "core/aws/call.h"
#include "core/aws/xml.h"

/* A call being built. Parameters whose value is NULL are left out. */
struct irsa_query {
    enum irsa_aws_service service;
    const struct irsa_partition *partition;
    const char *region; /* NULL for IAM */
    const char *action;
    struct irsa_text body;
};

void irsa_query_init(struct irsa_query *query, struct irsa_arena *arena, enum irsa_aws_service service,
                     const struct irsa_partition *partition, const char *region, const char *action);
void irsa_query_add(struct irsa_query *query, const char *name, const char *value);
/* "<list>.member.N" from 1. */
void irsa_query_add_list(struct irsa_query *query, const char *list, struct irsa_strings values);
/* "<list>.member.N.Key" and "….Value". */
void irsa_query_add_pairs(struct irsa_query *query, const char *list, struct irsa_pairs pairs);

/*
 * Send it. out_result, in the attempt's arena, is the element <ActionResult>, or NULL where the answer has none.
 *
 * fails    as irsa_aws_send; TOO_LARGE (the form); UNAVAILABLE for an answer that is no XML
 */
IRSA_MUST_CHECK bool irsa_query_send(struct irsa_query *query, struct irsa_aws *aws, struct irsa_attempt *attempt,
                                     const struct irsa_xml **out_result, struct irsa_error *err);

#endif
