/*
 * IAM: OIDC providers.
 */
#include "core/aws/iam_request.h"

bool irsa_iam_get_provider(struct irsa_iam iam, struct irsa_attempt *attempt, const char *arn,
                           struct irsa_iam_provider *out_provider, struct irsa_error *err) {
    struct irsa_query query;
    const struct irsa_xml *result;
    if (!irsa_iam_begin(&query, iam, attempt, "GetOpenIDConnectProvider", err))
        return false;
    irsa_query_add(&query, "OpenIDConnectProviderArn", arn);
    if (!irsa_query_send(&query, iam.aws, attempt, &result, err))
        return false;
    if (result == NULL)
        return irsa_iam_fail_form(err, query.action, "result");
    *out_provider = (struct irsa_iam_provider){
        irsa_iam_read_list(attempt->arena, irsa_xml_get(result, "ClientIDList")),
        irsa_iam_read_tags(attempt->arena, irsa_xml_get(result, "Tags")),
    };
    return true;
}

bool irsa_iam_create_provider(struct irsa_iam iam, struct irsa_attempt *attempt, const char *url, const char *audience,
                              struct irsa_pairs tags, const char **out_arn, struct irsa_error *err) {
    struct irsa_query query;
    const struct irsa_xml *result;
    if (!irsa_iam_begin(&query, iam, attempt, "CreateOpenIDConnectProvider", err))
        return false;
    irsa_query_add(&query, "Url", url);
    irsa_query_add_list(&query, "ClientIDList", (struct irsa_strings){&audience, 1});
    irsa_query_add_pairs(&query, "Tags", tags);
    if (!irsa_query_send(&query, iam.aws, attempt, &result, err))
        return false;
    const char *arn = irsa_xml_get_text(result, "OpenIDConnectProviderArn");
    if (irsa_text_is_empty(arn))
        return irsa_iam_fail_form(err, query.action, "ARN");
    *out_arn = arn;
    return true;
}

bool irsa_iam_add_audience(struct irsa_iam iam, struct irsa_attempt *attempt, const char *arn, const char *audience,
                           struct irsa_error *err) {
    const struct irsa_iam_parameter parameters[] = {{"OpenIDConnectProviderArn", arn}, {"ClientID", audience}};
    return irsa_iam_do(iam, attempt, "AddClientIDToOpenIDConnectProvider", parameters, 2, err);
}
