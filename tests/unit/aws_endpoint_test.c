#include "core/aws/endpoint.h"

#include <stdlib.h>

#include "core/base/arena.h"
#include "tests/support/test.h"

static struct irsa_arena *arena;
static struct irsa_error err;

static const char *const variables[] = {"AWS_ENDPOINT_URL",           "AWS_ENDPOINT_URL_IAM",
                                        "AWS_ENDPOINT_URL_STS",       "AWS_ENDPOINT_URL_EKS",
                                        "AWS_USE_DUALSTACK_ENDPOINT", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                                        "AWS_USE_FIPS_ENDPOINT"};

static void clear_variables(void) {
    for (size_t i = 0; i < COUNT_OF(variables); i++)
        unsetenv(variables[i]);
}

static int start(void **state) {
    (void)state;
    clear_variables();
    arena = irsa_arena_new();
    return 0;
}

static int stop(void **state) {
    (void)state;
    clear_variables();
    irsa_arena_free(arena);
    return 0;
}

static void regions_find_their_partition_by_their_form(void **state) {
    (void)state;
    static const struct {
        const char *region, *partition;
    } cases[] = {
        {"us-east-1", "aws"},
        {"eu-west-3", "aws"},
        {"ap-southeast-7", "aws"},
        {"mx-central-1", "aws"},
        {"il-central-1", "aws"},
        {"xx-new-1", "aws"},
        {"cn-north-1", "aws-cn"},
        {"cn-northwest-1", "aws-cn"},
        {"us-gov-west-1", "aws-us-gov"},
        {"us-iso-east-1", "aws-iso"},
        {"us-isob-east-1", "aws-iso-b"},
        {"eu-isoe-west-1", "aws-iso-e"},
        {"us-isof-south-1", "aws-iso-f"},
        {"eusc-de-east-1", "aws-eusc"},
        {"", "aws"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(irsa_partition_of_region(cases[i].region)->name, cases[i].partition);
    assert_null(irsa_partition_find("aws-mars"));
}

/* Region; then for IAM, STS, EKS: the region that is signed for; plain, dual-stack, FIPS, both. What botocore 1.44 asks. */
static const struct {
    const char *region;
    struct {
        const char *signing_region;
        const char *hosts[IRSA_ENDPOINT_VARIANT_COUNT];
    } services[IRSA_AWS_SERVICE_COUNT];
} golden[] = {
    /* clang-format off */
    {"us-west-2",
     {{"us-east-1", {"iam.amazonaws.com", "iam.global.api.aws", "iam-fips.amazonaws.com", "iam-fips.global.api.aws"}},
      {"us-west-2", {"sts.us-west-2.amazonaws.com", "sts.us-west-2.api.aws", "sts-fips.us-west-2.amazonaws.com", "sts-fips.us-west-2.api.aws"}},
      {"us-west-2", {"eks.us-west-2.amazonaws.com", "eks.us-west-2.api.aws", "fips.eks.us-west-2.amazonaws.com", "eks-fips.us-west-2.api.aws"}}}},
    {"cn-northwest-1",
     {{"cn-north-1", {"iam.cn-north-1.amazonaws.com.cn", "iam.global.api.amazonwebservices.com.cn", "iam-fips.amazonaws.com.cn", "iam-fips.api.amazonwebservices.com.cn"}},
      {"cn-northwest-1", {"sts.cn-northwest-1.amazonaws.com.cn", "sts.cn-northwest-1.api.amazonwebservices.com.cn", "sts-fips.cn-northwest-1.amazonaws.com.cn", "sts-fips.cn-northwest-1.api.amazonwebservices.com.cn"}},
      {"cn-northwest-1", {"eks.cn-northwest-1.amazonaws.com.cn", "eks.cn-northwest-1.api.amazonwebservices.com.cn", "eks-fips.cn-northwest-1.amazonaws.com.cn", "eks-fips.cn-northwest-1.api.amazonwebservices.com.cn"}}}},
    {"us-gov-east-1",
     {{"us-gov-west-1", {"iam.us-gov.amazonaws.com", "iam.us-gov.api.aws", "iam.us-gov.amazonaws.com", "iam.us-gov.api.aws"}},
      {"us-gov-east-1", {"sts.us-gov-east-1.amazonaws.com", "sts.us-gov-east-1.api.aws", "sts.us-gov-east-1.amazonaws.com", "sts-fips.us-gov-east-1.api.aws"}},
      {"us-gov-east-1", {"eks.us-gov-east-1.amazonaws.com", "eks.us-gov-east-1.api.aws", "eks.us-gov-east-1.amazonaws.com", "eks-fips.us-gov-east-1.api.aws"}}}},
    {"us-iso-west-1",
     {{"us-iso-east-1", {"iam.us-iso-east-1.c2s.ic.gov", "iam.api.aws.ic.gov", "iam-fips.us-iso-east-1.c2s.ic.gov", "iam-fips.api.aws.ic.gov"}},
      {"us-iso-west-1", {"sts.us-iso-west-1.c2s.ic.gov", "sts.us-iso-west-1.api.aws.ic.gov", "sts-fips.us-iso-west-1.c2s.ic.gov", "sts-fips.us-iso-west-1.api.aws.ic.gov"}},
      {"us-iso-west-1", {"eks.us-iso-west-1.c2s.ic.gov", "eks.us-iso-west-1.api.aws.ic.gov", "eks-fips.us-iso-west-1.c2s.ic.gov", "eks-fips.us-iso-west-1.api.aws.ic.gov"}}}},
    {"us-isob-east-1",
     {{"us-isob-east-1", {"iam.us-isob-east-1.sc2s.sgov.gov", "iam.api.aws.scloud", "iam-fips.us-isob-east-1.sc2s.sgov.gov", "iam-fips.api.aws.scloud"}},
      {"us-isob-east-1", {"sts.us-isob-east-1.sc2s.sgov.gov", "sts.us-isob-east-1.api.aws.scloud", "sts-fips.us-isob-east-1.sc2s.sgov.gov", "sts-fips.us-isob-east-1.api.aws.scloud"}},
      {"us-isob-east-1", {"eks.us-isob-east-1.sc2s.sgov.gov", "eks.us-isob-east-1.api.aws.scloud", "eks-fips.us-isob-east-1.sc2s.sgov.gov", "eks-fips.us-isob-east-1.api.aws.scloud"}}}},
    {"eu-isoe-west-1",
     {{"eu-isoe-west-1", {"iam.eu-isoe-west-1.cloud.adc-e.uk", NULL, "iam-fips.cloud.adc-e.uk", NULL}},
      {"eu-isoe-west-1", {"sts.eu-isoe-west-1.cloud.adc-e.uk", NULL, "sts-fips.eu-isoe-west-1.cloud.adc-e.uk", NULL}},
      {"eu-isoe-west-1", {"eks.eu-isoe-west-1.cloud.adc-e.uk", NULL, "eks-fips.eu-isoe-west-1.cloud.adc-e.uk", NULL}}}},
    {"us-isof-east-1",
     {{"us-isof-south-1", {"iam.us-isof-south-1.csp.hci.ic.gov", NULL, "iam-fips.csp.hci.ic.gov", NULL}},
      {"us-isof-east-1", {"sts.us-isof-east-1.csp.hci.ic.gov", NULL, "sts-fips.us-isof-east-1.csp.hci.ic.gov", NULL}},
      {"us-isof-east-1", {"eks.us-isof-east-1.csp.hci.ic.gov", NULL, "eks-fips.us-isof-east-1.csp.hci.ic.gov", NULL}}}},
    {"eusc-de-east-1",
     {{"eusc-de-east-1", {"iam.eusc-de-east-1.amazonaws.eu", "iam.global.api.amazonwebservices.eu", "iam-fips.amazonaws.eu", "iam-fips.api.amazonwebservices.eu"}},
      {"eusc-de-east-1", {"sts.eusc-de-east-1.amazonaws.eu", "sts.eusc-de-east-1.api.amazonwebservices.eu", "sts-fips.eusc-de-east-1.amazonaws.eu", "sts-fips.eusc-de-east-1.api.amazonwebservices.eu"}},
      {"eusc-de-east-1", {"eks.eusc-de-east-1.amazonaws.eu", "eks.eusc-de-east-1.api.amazonwebservices.eu", "eks-fips.eusc-de-east-1.amazonaws.eu", "eks-fips.eusc-de-east-1.api.amazonwebservices.eu"}}}},
    /* clang-format on */
};

static void check_golden(const char *region, int service, int variant, const char *host, const char *signing_region) {
    struct irsa_aws_endpoints settings = {.use_dual_stack = variant & 1, .use_fips = variant & 2};
    struct irsa_endpoint endpoint;
    bool is_found = irsa_endpoint_find(arena, &settings, (enum irsa_aws_service)service,
                                       irsa_partition_of_region(region), region, &endpoint, &err);
    if (host == NULL) {
        assert_false(is_found);
        assert_code(err, CONFIG);
        return;
    }
    assert_true(is_found);
    assert_string_equal(endpoint.authority, host);
    assert_string_equal(endpoint.base, irsa_arena_format(arena, "https://%s", host));
    assert_string_equal(endpoint.path, "");
    assert_string_equal(endpoint.signing_region, signing_region);
}

static void hosts_and_signing_regions_are_those_of_botocore(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(golden); i++)
        for (int service = 0; service < IRSA_AWS_SERVICE_COUNT; service++)
            for (int variant = 0; variant < IRSA_ENDPOINT_VARIANT_COUNT; variant++)
                check_golden(golden[i].region, service, variant, golden[i].services[service].hosts[variant],
                             golden[i].services[service].signing_region);
}

static struct irsa_aws_endpoints settings;

static const char *base(enum irsa_aws_service service) {
    struct irsa_endpoint endpoint;
    assert_ok(irsa_endpoint_find(arena, &settings, service, irsa_partition_find("aws"), "eu-west-1", &endpoint, &err),
              err);
    return endpoint.base;
}

static void a_variable_of_the_service_wins_over_the_one_for_all(void **state) {
    (void)state;
    setenv("AWS_ENDPOINT_URL", "https://all.example", 1);
    setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:4566", 1);
    assert_ok(irsa_aws_endpoints_read(&settings, &err), err);
    assert_string_equal(base(IRSA_AWS_IAM), "https://all.example");
    assert_string_equal(base(IRSA_AWS_STS), "http://127.0.0.1:4566");
    assert_string_equal(base(IRSA_AWS_EKS), "https://all.example");
}

static void without_variables_the_services_have_their_own_hosts(void **state) {
    (void)state;
    setenv("AWS_ENDPOINT_URL", "", 1);
    assert_ok(irsa_aws_endpoints_read(&settings, &err), err);
    assert_string_equal(base(IRSA_AWS_IAM), "https://iam.amazonaws.com");
    setenv("AWS_USE_FIPS_ENDPOINT", "True", 1);
    assert_ok(irsa_aws_endpoints_read(&settings, &err), err);
    assert_string_equal(base(IRSA_AWS_EKS), "https://fips.eks.eu-west-1.amazonaws.com");
    setenv("AWS_USE_DUALSTACK_ENDPOINT", "true", 1);
    setenv("AWS_USE_FIPS_ENDPOINT", "false", 1);
    assert_ok(irsa_aws_endpoints_read(&settings, &err), err);
    assert_string_equal(base(IRSA_AWS_EKS), "https://eks.eu-west-1.api.aws");
}

static void urls_can_be_ignored(void **state) {
    (void)state;
    setenv("AWS_ENDPOINT_URL", "https://all.example", 1);
    setenv("AWS_ENDPOINT_URL_IAM", "not even a URL", 1);
    setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
    assert_ok(irsa_aws_endpoints_read(&settings, &err), err);
    assert_string_equal(base(IRSA_AWS_IAM), "https://iam.amazonaws.com");
}

static void a_url_may_have_a_path(void **state) {
    (void)state;
    struct irsa_endpoint endpoint;
    setenv("AWS_ENDPOINT_URL", "HTTP://LocalHost:4566/aws/v1//", 1);
    assert_ok(irsa_aws_endpoints_read(&settings, &err), err);
    assert_ok(irsa_endpoint_find(arena, &settings, IRSA_AWS_IAM, irsa_partition_find("aws-cn"), NULL, &endpoint, &err),
              err);
    assert_string_equal(endpoint.base, "http://localhost:4566/aws/v1");
    assert_string_equal(endpoint.path, "/aws/v1");
    assert_string_equal(endpoint.authority, "localhost:4566");
    assert_string_equal(endpoint.signing_region, "cn-north-1");
}

static void urls_that_cannot_be_used_are_found_at_the_start(void **state) {
    (void)state;
    static const char *const refused[] = {"http://aws.example", "aws.example", "https://a@b", "https://h/?q=1",
                                          "ftp://h"};
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        setenv("AWS_ENDPOINT_URL_EKS", refused[i], 1);
        if (irsa_aws_endpoints_read(&settings, &err))
            fail_msg("%s was taken", refused[i]);
        assert_code(err, CONFIG);
        assert_non_null(strstr(err.message, "AWS_ENDPOINT_URL_EKS"));
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(regions_find_their_partition_by_their_form),
        CASE(hosts_and_signing_regions_are_those_of_botocore),
        CASE(a_variable_of_the_service_wins_over_the_one_for_all),
        CASE(without_variables_the_services_have_their_own_hosts),
        CASE(urls_can_be_ignored),
        CASE(a_url_may_have_a_path),
        CASE(urls_that_cannot_be_used_are_found_at_the_start),
    };
    return RUN_TESTS("services are asked where the SDKs would ask them");
}
