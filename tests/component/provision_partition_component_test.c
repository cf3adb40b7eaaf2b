/*
 * Each partition of AWS: its ARNs, hosts, signing regions, issuers and policies. The hosts are those that botocore's
 * endpoint rules give; the sandbox refuses signatures and tokens of another region.
 */
#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/contract/request.h"
#include "tests/support/stage.h"
#include "tests/support/test.h"

#define ACCOUNT "111122223333"

static const struct partition {
    const char *name;
    struct stage_place place;
    const char *issuer; /* what it starts with */
    const char *other;  /* a partition that it is not */
} PARTITIONS[] = {
    {"aws",
     {"us-west-2", {"iam.amazonaws.com", "sts.us-west-2.amazonaws.com", "eks.us-west-2.amazonaws.com"}},
     "https://oidc.eks.us-west-2.amazonaws.com/id/",
     "aws-cn"},
    {"aws-cn",
     {"cn-northwest-1",
      {"iam.cn-north-1.amazonaws.com.cn", "sts.cn-northwest-1.amazonaws.com.cn",
       "eks.cn-northwest-1.amazonaws.com.cn"}},
     "https://oidc.eks.cn-northwest-1.amazonaws.com.cn/id/",
     "aws"},
    {"aws-us-gov",
     {"us-gov-east-1",
      {"iam.us-gov.amazonaws.com", "sts.us-gov-east-1.amazonaws.com", "eks.us-gov-east-1.amazonaws.com"}},
     "https://oidc.eks.us-gov-east-1.amazonaws.com/id/",
     "aws"},
    {"aws-iso",
     {"us-iso-west-1",
      {"iam.us-iso-east-1.c2s.ic.gov", "sts.us-iso-west-1.c2s.ic.gov", "eks.us-iso-west-1.c2s.ic.gov"}},
     "https://oidc.eks.us-iso-west-1.c2s.ic.gov/id/",
     "aws-iso-b"},
    {"aws-iso-b",
     {"us-isob-east-1",
      {"iam.us-isob-east-1.sc2s.sgov.gov", "sts.us-isob-east-1.sc2s.sgov.gov", "eks.us-isob-east-1.sc2s.sgov.gov"}},
     "https://oidc.eks.us-isob-east-1.sc2s.sgov.gov/id/",
     "aws-iso"},
    {"aws-iso-e",
     {"eu-isoe-west-1",
      {"iam.eu-isoe-west-1.cloud.adc-e.uk", "sts.eu-isoe-west-1.cloud.adc-e.uk", "eks.eu-isoe-west-1.cloud.adc-e.uk"}},
     "https://oidc.eks.eu-isoe-west-1.cloud.adc-e.uk/id/",
     "aws-iso"},
    {"aws-iso-f",
     {"us-isof-south-1",
      {"iam.us-isof-south-1.csp.hci.ic.gov", "sts.us-isof-south-1.csp.hci.ic.gov",
       "eks.us-isof-south-1.csp.hci.ic.gov"}},
     "https://oidc.eks.us-isof-south-1.csp.hci.ic.gov/id/",
     "aws-iso"},
    {"aws-eusc",
     {"eusc-de-east-1",
      {"iam.eusc-de-east-1.amazonaws.eu", "sts.eusc-de-east-1.amazonaws.eu", "eks.eusc-de-east-1.amazonaws.eu"}},
     "https://oidc.eks.eusc-de-east-1.amazonaws.eu/id/",
     "aws"},
};

/* --- requests ------------------------------------------------------------------------------------------------------------ */

static const char *create_request(struct stage *stage, const struct partition *partition,
                                  const char *policy_partition) {
    return irsa_arena_format(
        stage->arena,
        "{\"action\":\"create\",\"cluster\":{\"name\":\"cluster-13\",\"region\":\"%s\"},\"serviceAccount\":{"
        "\"metadata\":{"
        "\"name\":\"all\",\"namespace\":\"apps\"},\"attachPolicyARNs\":[\"arn:%s:iam::aws:policy/"
        "AmazonS3ReadOnlyAccess\"],"
        "\"wellKnownPolicies\":{\"imageBuilder\":true,\"autoScaler\":true,\"awsLoadBalancerController\":true,"
        "\"externalDNS\":true,\"certManager\":true,\"ebsCSIController\":true,\"efsCSIController\":true}},"
        "\"options\":{\"withOIDC\":true}}",
        partition->place.region, policy_partition);
}

static const char *delete_request(struct stage *stage, const struct partition *partition, const char *options) {
    return irsa_arena_format(
        stage->arena,
        "{\"action\":\"delete\",\"cluster\":{\"name\":\"cluster-13\",\"region\":\"%s\"},"
        "\"serviceAccount\":{\"metadata\":{\"name\":\"all\",\"namespace\":\"apps\"}},\"options\":{%s}}",
        partition->place.region, options);
}

/* --- what is looked at ---------------------------------------------------------------------------------------------------- */

static const struct irsa_json *in_account(struct stage *stage, const char *what) {
    return irsa_json_at(stage_control(stage, "GET", "/world", NULL),
                        irsa_arena_format(stage->arena, "/accounts/" ACCOUNT "/%s", what));
}

/* Every ARN in the text is of this partition; there are at least `least`. */
static void expect_arns_of(const struct partition *partition, const char *text, int least) {
    int count = 0;
    for (const char *arn = text; (arn = strstr(arn, "arn:")) != NULL; count++) {
        arn += strlen("arn:");
        size_t length = strcspn(arn, ":");
        if (strlen(partition->name) != length || strncmp(arn, partition->name, length) != 0)
            fail_msg("an ARN that is not of %s: arn:%.60s", partition->name, arn);
    }
    if (count < least)
        fail_msg("%d ARNs, not at least %d, in %s", count, least, text);
}

static void expect_trust(struct stage *stage, const struct irsa_json *role, const char *issuer) {
    const struct irsa_json *statement = irsa_json_at(role, "/assumeRolePolicyDocument/Statement/0");
    const struct irsa_json *equals = irsa_json_at(statement, "/Condition/StringEquals");
    const struct irsa_json *provider = in_account(stage, "oidcProviders/0");
    assert_string_equal(irsa_json_get_text(irsa_json_get(statement, "Principal"), "Federated"),
                        irsa_json_get_text(provider, "arn"));
    assert_string_equal(irsa_json_get_text(equals, irsa_arena_format(stage->arena, "%s:aud", issuer)),
                        "sts.amazonaws.com"); /* in every partition */
    assert_string_equal(irsa_json_get_text(equals, irsa_arena_format(stage->arena, "%s:sub", issuer)),
                        "system:serviceaccount:apps:all");
}

/* --- the promises ---------------------------------------------------------------------------------------------------------- */

static void a_pair_with_all_well_known_policies_is_of_its_partition(const struct partition *partition) {
    struct stage stage;
    stage_open_at(&stage, &partition->place);
    struct irsa_result result = stage_must_deliver(&stage, create_request(&stage, partition, partition->name), 1);
    assert_memory_equal(result.issuer, partition->issuer, strlen(partition->issuer));
    const struct irsa_json *role = in_account(&stage, "roles/0");
    expect_trust(&stage, role, result.issuer + strlen("https://"));
    assert_int_equal(irsa_json_get(role, "attachedPolicies")->count, 3);
    assert_int_equal(irsa_json_get(role, "inlinePolicies")->count, 5);
    expect_arns_of(partition, result.role_arn, 1);
    expect_arns_of(partition, irsa_json_to_text(stage.arena, role), 10);
    expect_arns_of(partition, irsa_json_to_text(stage.arena, in_account(&stage, "oidcProviders")), 2);
    assert_int_equal(stage_must_deliver(&stage, create_request(&stage, partition, partition->name), 2).outcome,
                     IRSA_OUTCOME_UNCHANGED);
    stage_must_deliver(&stage, delete_request(&stage, partition, ""), 3);
    assert_null(in_account(&stage, "roles/0"));
    stage_close(&stage);
}

static void what_a_cluster_left_is_found_by_its_partitions_arn(const struct partition *partition) {
    struct stage stage;
    stage_open_at(&stage, &partition->place);
    stage_must_deliver(&stage, create_request(&stage, partition, partition->name), 1);
    stage_control(&stage, "POST", "/faults",
                  "[{\"service\":\"eks\",\"times\":0,\"kind\":\"status\",\"status\":404,\"code\":"
                  "\"ResourceNotFoundException\"}]");
    stage_must_deliver(&stage, delete_request(&stage, partition, "\"clusterGone\":true"), 2);
    assert_null(in_account(&stage, "roles/0"));
    stage_close(&stage);
}

static void a_policy_of_another_partition_is_refused_before_the_first_call(const struct partition *partition) {
    struct stage stage;
    stage_open_at(&stage, &partition->place);
    const char *data = create_request(&stage, partition, partition->other);
    const struct irsa_record record = {.topic = "irsa.requests", .value = data, .value_length = strlen(data)};
    struct irsa_request request;
    struct irsa_error err;
    assert_false(irsa_request_decode(stage.arena, &record, &request, &err));
    assert_code(err, INVALID);
    assert_string_equal(err.at, "/serviceAccount/attachPolicyARNs/0");
    stage_close(&stage);
}

/* --- one test per promise and partition -------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*check)(const struct partition *partition);
} PROMISES[] = {
    {"a pair with all well-known policies is of its partition",
     a_pair_with_all_well_known_policies_is_of_its_partition},
    {"what a cluster left is found by its partition's ARN", what_a_cluster_left_is_found_by_its_partitions_arn},
    {"a policy of another partition is refused before the first call",
     a_policy_of_another_partition_is_refused_before_the_first_call},
};

struct promise {
    char name[128];
    size_t promise, partition;
};

static void keep(void **state) {
    const struct promise *promise = *state;
    PROMISES[promise->promise].check(&PARTITIONS[promise->partition]);
}

int main(void) {
    enum { COUNT = COUNT_OF(PROMISES) * COUNT_OF(PARTITIONS) };
    static struct promise promises[COUNT];
    struct CMUnitTest tests[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        struct promise *promise = &promises[i];
        promise->partition = i / COUNT_OF(PROMISES);
        promise->promise = i % COUNT_OF(PROMISES);
        (void)snprintf(promise->name, sizeof promise->name, "%s: %s", PARTITIONS[promise->partition].name,
                       PROMISES[promise->promise].name);
        tests[i] = (struct CMUnitTest){promise->name, keep, NULL, NULL, promise};
    }
    return RUN_TESTS("every partition has ARNs, hosts and policies of its own");
}
