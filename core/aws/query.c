/*
 * The Query protocol: forms with numbered lists, XML answers and errors.
 */
#include "core/aws/query.h"

#include <stdio.h>
#include <string.h>

#include "core/aws/endpoint.h"
#include "core/aws/failure.h"
#include "core/base/arena.h"
#include "core/base/url.h"

#define MAX_BODY_BYTES ((size_t)256 * 1024)
#define NAME_BYTES     64

static const char *const versions[IRSA_AWS_SERVICE_COUNT] = {
    [IRSA_AWS_IAM] = "2010-05-08",
    [IRSA_AWS_STS] = "2011-06-15",
};

void irsa_query_init(struct irsa_query *query, struct irsa_arena *arena, enum irsa_aws_service service,
                     const struct irsa_partition *partition, const char *region, const char *action) {
    *query = (struct irsa_query){.service = service, .partition = partition, .region = region, .action = action};
    irsa_text_init(&query->body, arena, MAX_BODY_BYTES);
    irsa_form_add(&query->body, "Action", action);
    irsa_form_add(&query->body, "Version", versions[service]);
}

void irsa_query_add(struct irsa_query *query, const char *name, const char *value) {
    if (value != NULL)
        irsa_form_add(&query->body, name, value);
}

void irsa_query_add_list(struct irsa_query *query, const char *list, struct irsa_strings values) {
    char name[NAME_BYTES];
    for (size_t i = 0; i < values.count; i++) {
        snprintf(name, sizeof name, "%s.member.%zu", list, i + 1);
        irsa_form_add(&query->body, name, values.at[i]);
    }
}

void irsa_query_add_pairs(struct irsa_query *query, const char *list, struct irsa_pairs pairs) {
    char name[NAME_BYTES];
    for (size_t i = 0; i < pairs.count; i++) {
        snprintf(name, sizeof name, "%s.member.%zu.Key", list, i + 1);
        irsa_form_add(&query->body, name, pairs.at[i].key);
        snprintf(name, sizeof name, "%s.member.%zu.Value", list, i + 1);
        irsa_form_add(&query->body, name, pairs.at[i].value);
    }
}

/* What an answer is read into. */
struct reading {
    struct irsa_arena *arena;
    const char *service;
    const char *action;
    const struct irsa_xml *result;
};

/* <ErrorResponse><Error><Code>…</Code><Message>…; anything else is judged by its status. */
static bool read_failure(const struct reading *reading, const struct irsa_http_reply *reply, struct irsa_error *err) {
    const struct irsa_xml *root = NULL;
    if (!irsa_xml_parse(reading->arena, reply->body, reply->body_length, &root, err))
        return irsa_aws_failure(err, reading->service, reply->status, NULL, NULL);
    const struct irsa_xml *error = irsa_xml_get(root, "Error");
    return irsa_aws_failure(err, reading->service, reply->status, irsa_xml_get_text(error, "Code"),
                            irsa_xml_get_text(error, "Message"));
}

static bool read_answer(void *self, const struct irsa_http_reply *reply, struct irsa_error *err) {
    struct reading *reading = self;
    const struct irsa_xml *root;
    char expected[NAME_BYTES];
    if (reply->status < 200 || reply->status > 299)
        return read_failure(reading, reply, err);
    if (!irsa_xml_parse(reading->arena, reply->body, reply->body_length, &root, err)) {
        err->code = IRSA_CODE_UNAVAILABLE; /* something between us and the service answered, or it was cut short */
        return irsa_error_wrap(err, "the answer of %s to %s", reading->service, reading->action);
    }
    snprintf(expected, sizeof expected, "%sResponse", reading->action);
    if (strcmp(root->name, expected) != 0)
        return IRSA_FAIL(err, UNAVAILABLE, "%s answered %s with something else", reading->service, reading->action);
    snprintf(expected, sizeof expected, "%sResult", reading->action);
    reading->result = irsa_xml_get(root, expected);
    return true;
}

bool irsa_query_send(struct irsa_query *query, struct irsa_aws *aws, struct irsa_attempt *attempt,
                     const struct irsa_xml **out_result, struct irsa_error *err) {
    const char *service = irsa_aws_service_name(query->service);
    struct reading reading = {attempt->arena, service, query->action, NULL};
    if (query->body.is_over) {
        IRSA_FAIL(err, TOO_LARGE, "the form of %s is over %zu bytes", query->action, MAX_BODY_BYTES);
        return irsa_error_from(err, service, NULL);
    }
    struct irsa_aws_call call = {
        .service = query->service,
        .action = query->action,
        .partition = query->partition,
        .region = query->region,
        .method = "POST",
        .path = "/",
        .content_type = "application/x-www-form-urlencoded; charset=utf-8",
        .body = query->body.at,
        .body_length = query->body.length,
        .judge = read_answer,
        .self = &reading,
    };
    if (!irsa_aws_send(aws, attempt, &call, err))
        return false;
    *out_result = reading.result;
    return true;
}
