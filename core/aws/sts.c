/*
 * STS: who we are, and presigned proof of it.
 */
#include "core/aws/sts.h"

#include <string.h>

#include "core/aws/client.h"
#include "core/aws/endpoint.h"
#include "core/aws/query.h"
#include "core/base/arena.h"
#include "core/base/crypto.h"
#include "core/contract/names.h"

#define PRESIGN_EXPIRES_S 60

bool irsa_sts_caller(struct irsa_aws *aws, struct irsa_attempt *attempt, const char *region,
                     struct irsa_caller *out_caller, struct irsa_error *err) {
    struct irsa_query query;
    const struct irsa_xml *result;
    char partition[16];
    irsa_query_init(&query, attempt->arena, IRSA_AWS_STS, irsa_partition_of_region(region), region,
                    "GetCallerIdentity");
    if (!irsa_query_send(&query, aws, attempt, &result, err)) {
        if (err->code == IRSA_CODE_ACCESS_DENIED) /* nobody can be denied this call: it is the credentials */
            err->code = IRSA_CODE_CREDENTIALS;
        return false;
    }
    struct irsa_caller caller = {.account_id = irsa_xml_get_text(result, "Account"),
                                 .arn = irsa_xml_get_text(result, "Arn"),
                                 .user_id = irsa_xml_get_text(result, "UserId")};
    if (caller.account_id == NULL || caller.arn == NULL || caller.user_id == NULL) {
        IRSA_FAIL(err, UNAVAILABLE, "the answer to GetCallerIdentity lacks Account, Arn or UserId");
        return irsa_error_from(err, "sts", NULL);
    }
    irsa_arn_partition(caller.arn, partition);
    caller.partition = irsa_arena_copy(attempt->arena, partition);
    *out_caller = caller;
    return true;
}

bool irsa_sts_presign_for_cluster(struct irsa_aws *aws, struct irsa_arena *arena, const char *region,
                                  const char *cluster, const char **out_url, struct irsa_error *err) {
    static const char empty_digest[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const struct irsa_aws_endpoints no_settings = {{NULL}, false, false};
    struct irsa_credentials credentials;
    struct irsa_endpoint endpoint;
    /* the cluster takes the region's own host only, so settings of the environment do not count */
    if (!irsa_endpoint_find(arena, &no_settings, IRSA_AWS_STS, irsa_partition_of_region(region), region, &endpoint,
                            err) ||
        !irsa_aws_credentials(aws, &credentials, err))
        return irsa_error_from(err, "sts", NULL);
    struct irsa_sigv4_header headers[] = {{"host", endpoint.authority}, {"x-k8s-aws-id", cluster}};
    struct irsa_sigv4_request request = {.method = "GET",
                                         .path = "/",
                                         .query = "Action=GetCallerIdentity&Version=2011-06-15",
                                         .headers = headers,
                                         .header_count = 2,
                                         .payload_sha256_hex = empty_digest};
    struct irsa_sigv4_scope scope = {region, "sts", irsa_aws_now_ms(aws)};
    struct irsa_sigv4_keys keys = irsa_aws_keys(&credentials);
    const char *query = irsa_sigv4_presign(arena, &request, &scope, &keys, PRESIGN_EXPIRES_S);
    irsa_wipe(&credentials, sizeof credentials);
    *out_url = irsa_arena_format(arena, "%s/?%s", endpoint.base, query);
    return true;
}
