/*
 * How the simulated services behave (POST /model): latency, rates, quotas, page size, propagation.
 */
#ifndef IRSA_SANDBOX_MODEL_H
#define IRSA_SANDBOX_MODEL_H

#include <stdint.h>

#include "core/base/error.h"
#include "sandbox/service.h"

struct irsa_json;
struct irsa_json_writer;

/* ROW(member, name, default): AWS's default quotas. */
/* clang-format off */
#define IRSA_SANDBOX_QUOTA_TABLE(ROW)                        \
    ROW(roles_per_account,    "rolesPerAccount",    1000)    \
    ROW(policies_per_role,    "policiesPerRole",    10)      \
    ROW(trust_length,         "trustLength",        2048)    \
    ROW(inline_length,        "inlineLength",       10240)   \
    ROW(policy_length,        "policyLength",       6144)    \
    ROW(tags_per_role,        "tagsPerRole",        50)      \
    ROW(providers,            "providersPerAccount", 100)    \
    ROW(clients_per_provider, "clientsPerProvider", 100)     \
    ROW(policies,             "policiesPerAccount", 1500)    \
    ROW(profiles,             "instanceProfilesPerAccount", 1000)
/* clang-format on */

struct irsa_sandbox_quotas {
#define IRSA_SANDBOX_QUOTA_ROW(member, name, value) int64_t member;
    IRSA_SANDBOX_QUOTA_TABLE(IRSA_SANDBOX_QUOTA_ROW)
#undef IRSA_SANDBOX_QUOTA_ROW
};

/* Calls per second that one account (AWS) or one cluster (Kubernetes) may make; 0: no limit. */
struct irsa_sandbox_rates {
    int64_t reads;
    int64_t writes;
    int64_t all;
};

struct irsa_sandbox_model {
    int64_t latency_ms[IRSA_SANDBOX_SERVICE_COUNT];
    struct irsa_sandbox_rates rates[IRSA_SANDBOX_SERVICE_COUNT];
    struct irsa_sandbox_quotas quotas;
    int64_t page_size; /* of IAM's lists, when it is below what the caller asks for; 0: 100 */
    int64_t propagation_ms;
    /*
     * IAM takes only signatures for its one region per partition, as the real one does. SDKs sign for the caller's region
     * when AWS_ENDPOINT_URL is set, so it is off unless a test wants to know.
     */
    bool has_strict_regions;
};

void irsa_sandbox_model_init(struct irsa_sandbox_model *model);

/*
 * Change what stands in the document; null gives a member its default.
 *
 * fails    INVALID, and nothing is changed
 */
IRSA_MUST_CHECK bool irsa_sandbox_model_change(struct irsa_sandbox_model *model, const struct irsa_json *document,
                                               struct irsa_error *err);

/* The whole model as a document that irsa_sandbox_model_change takes. */
void irsa_sandbox_model_write(const struct irsa_sandbox_model *model, struct irsa_json_writer *w);

#endif
