/*
 * IAM: what an account has, and how much it may have.
 */
#include <string.h>

#include "core/aws/iam_request.h"

static const char *value_of(const struct irsa_xml *map, const char *key) {
    for (const struct irsa_xml *entry = map == NULL ? NULL : map->first; entry != NULL; entry = entry->next)
        if (irsa_text_equal(irsa_xml_get_text(entry, "key"), key))
            return irsa_xml_get_text(entry, "value");
    return NULL;
}

bool irsa_iam_get_usage(struct irsa_iam iam, struct irsa_attempt *attempt, const char *thing,
                        struct irsa_iam_usage *out_usage, struct irsa_error *err) {
    struct irsa_query query;
    const struct irsa_xml *result;
    if (!irsa_iam_begin(&query, iam, attempt, "GetAccountSummary", err) ||
        !irsa_query_send(&query, iam.aws, attempt, &result, err))
        return false;
    const struct irsa_xml *map = irsa_xml_get(result, "SummaryMap");
    struct irsa_iam_usage usage = {
        .used = value_of(map, thing),
        .limit = value_of(map, irsa_arena_format(attempt->arena, "%sQuota", thing)),
    };
    if (usage.used == NULL || usage.limit == NULL)
        return irsa_iam_fail_form(err, query.action, thing);
    *out_usage = usage;
    return true;
}
