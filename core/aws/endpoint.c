/*
 * Endpoints: the SDKs' variables first, then the services' own hosts by botocore's endpoint rules.
 */
#include "core/aws/endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/base/url.h"

static const struct {
    const char *name;
    const char *variable;
} services[IRSA_AWS_SERVICE_COUNT] = {
    [IRSA_AWS_IAM] = {"iam", "AWS_ENDPOINT_URL_IAM"},
    [IRSA_AWS_STS] = {"sts", "AWS_ENDPOINT_URL_STS"},
    [IRSA_AWS_EKS] = {"eks", "AWS_ENDPOINT_URL_EKS"},
};

const char *irsa_aws_service_name(enum irsa_aws_service service) {
    return services[service].name;
}

/* Set and not empty, else NULL. */
static const char *variable(const char *name) {
    const char *value = getenv(name);
    return irsa_text_is_empty(value) ? NULL : value;
}

static bool is_true(const char *name) {
    const char *value = variable(name);
    return value != NULL && irsa_text_equal_ignoring_case(value, "true");
}

/* A URL of a setting must be one that the HTTP client will take. */
static bool parse(struct irsa_arena *arena, const char *text, struct irsa_url *out_url, struct irsa_error *err) {
    if (!irsa_url_parse(arena, text, out_url, err)) {
        err->code = IRSA_CODE_CONFIG;
        return false;
    }
    if (*out_url->query != '\0')
        return IRSA_FAIL(err, CONFIG, "an endpoint's URL with a query");
    if (strcmp(out_url->scheme, "http") == 0 && !irsa_url_is_loopback(out_url))
        return IRSA_FAIL(err, CONFIG, "plain http is for loopback addresses only, and %s is none; use https",
                         out_url->authority);
    return true;
}

bool irsa_aws_endpoints_read(struct irsa_aws_endpoints *out_endpoints, struct irsa_error *err) {
    struct irsa_aws_endpoints endpoints = {
        .use_fips = is_true("AWS_USE_FIPS_ENDPOINT"),
        .use_dual_stack = is_true("AWS_USE_DUALSTACK_ENDPOINT"),
    };
    bool is_ignored = is_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    struct irsa_arena *arena = irsa_arena_new();
    bool is_valid = true;
    for (int i = 0; i < IRSA_AWS_SERVICE_COUNT && !is_ignored && is_valid; i++) {
        struct irsa_url url;
        const char *own = variable(services[i].variable);
        const char *text = own != NULL ? own : variable("AWS_ENDPOINT_URL");
        if (text == NULL)
            continue;
        endpoints.url[i] = text;
        is_valid = parse(arena, text, &url, err) ||
                   irsa_error_wrap(err, "%s", own != NULL ? services[i].variable : "AWS_ENDPOINT_URL");
    }
    irsa_arena_free(arena);
    if (is_valid)
        *out_endpoints = endpoints;
    return is_valid;
}

static enum irsa_endpoint_variant variant_of(const struct irsa_aws_endpoints *settings) {
    if (settings->use_fips)
        return settings->use_dual_stack ? IRSA_ENDPOINT_FIPS_DUAL_STACK : IRSA_ENDPOINT_FIPS;
    return settings->use_dual_stack ? IRSA_ENDPOINT_DUAL_STACK : IRSA_ENDPOINT_PLAIN;
}

/* What stands before ".<region>.<suffix>" when it is not the service's name. NULL partition: in all others. */
static const struct {
    enum irsa_aws_service service;
    enum irsa_endpoint_variant variant;
    const char *partition;
    const char *prefix;
} prefixes[] = {
    {IRSA_AWS_STS, IRSA_ENDPOINT_FIPS, "aws-us-gov", "sts"},
    {IRSA_AWS_EKS, IRSA_ENDPOINT_FIPS, "aws-us-gov", "eks"},
    {IRSA_AWS_EKS, IRSA_ENDPOINT_FIPS, "aws", "fips.eks"},
    {IRSA_AWS_STS, IRSA_ENDPOINT_FIPS, NULL, "sts-fips"},
    {IRSA_AWS_EKS, IRSA_ENDPOINT_FIPS, NULL, "eks-fips"},
    {IRSA_AWS_STS, IRSA_ENDPOINT_FIPS_DUAL_STACK, NULL, "sts-fips"},
    {IRSA_AWS_EKS, IRSA_ENDPOINT_FIPS_DUAL_STACK, NULL, "eks-fips"},
};

static const char *prefix_of(enum irsa_aws_service service, enum irsa_endpoint_variant variant,
                             const struct irsa_partition *partition) {
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        bool is_here = prefixes[i].partition == NULL || strcmp(prefixes[i].partition, partition->name) == 0;
        if (prefixes[i].service == service && prefixes[i].variant == variant && is_here)
            return prefixes[i].prefix;
    }
    return services[service].name;
}

/* NULL when the partition has no such endpoint. */
static const char *own_host(struct irsa_arena *arena, enum irsa_aws_service service, enum irsa_endpoint_variant variant,
                            const struct irsa_partition *partition, const char *region) {
    bool is_dual = variant == IRSA_ENDPOINT_DUAL_STACK || variant == IRSA_ENDPOINT_FIPS_DUAL_STACK;
    const char *suffix = is_dual ? partition->dual_stack_suffix : partition->dns_suffix;
    if (service == IRSA_AWS_IAM)
        return partition->iam_hosts[variant];
    if (suffix == NULL)
        return NULL;
    return irsa_arena_format(arena, "%s.%s.%s", prefix_of(service, variant, partition), region, suffix);
}

static bool read_setting(struct irsa_arena *arena, const char *text, struct irsa_endpoint *endpoint,
                         struct irsa_error *err) {
    struct irsa_url url;
    if (!parse(arena, text, &url, err))
        return false;
    size_t length = strlen(url.path);
    while (length > 0 && url.path[length - 1] == '/')
        length--;
    endpoint->path = irsa_arena_copy_bytes(arena, url.path, length);
    endpoint->authority = url.authority;
    endpoint->base = irsa_arena_format(arena, "%s://%s%s", url.scheme, url.authority, endpoint->path);
    return true;
}

bool irsa_endpoint_find(struct irsa_arena *arena, const struct irsa_aws_endpoints *settings,
                        enum irsa_aws_service service, const struct irsa_partition *partition, const char *region,
                        struct irsa_endpoint *out_endpoint, struct irsa_error *err) {
    struct irsa_endpoint endpoint = {.path = "",
                                     .signing_region = service == IRSA_AWS_IAM ? partition->iam_region : region};
    if (settings->url[service] != NULL) {
        if (!read_setting(arena, settings->url[service], &endpoint, err))
            return irsa_error_wrap(err, "the endpoint of %s", services[service].name);
        *out_endpoint = endpoint;
        return true;
    }
    endpoint.authority = own_host(arena, service, variant_of(settings), partition, region);
    if (endpoint.authority == NULL)
        return IRSA_FAIL(err, CONFIG, "%s has no dual-stack endpoint in %s", services[service].name, partition->name);
    endpoint.base = irsa_arena_format(arena, "https://%s", endpoint.authority);
    *out_endpoint = endpoint;
    return true;
}
