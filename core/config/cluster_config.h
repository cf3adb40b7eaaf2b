/*
 * eksctl's ClusterConfig, the part about iamserviceaccounts: metadata, iam.withOIDC, iam.serviceAccounts. The rest of the
 * file is ignored, this part is closed: what eksctl would ignore or misread is an error with line, column and nearest word.
 */
#ifndef IRSA_CONFIG_CLUSTER_CONFIG_H
#define IRSA_CONFIG_CLUSTER_CONFIG_H

#include <irsa/request.h>

#include "core/base/json.h"

#define IRSA_ACCOUNT_ID_ANNOTATION "irsa.dev/account-id" /* in metadata.annotations */

/* One service account with its place in the file. */
struct irsa_config_account {
    struct irsa_service_account account; /* namespace_name is set; metadata.tags of the file are merged below its own */
    unsigned line;
    unsigned index; /* in iam.serviceAccounts, from 0 */
};

struct irsa_cluster_config {
    const char *path; /* of the file, as given; for messages */
    struct irsa_cluster_name cluster;
    bool has_iam;
    bool has_with_oidc;
    bool with_oidc;
    bool has_accounts; /* iam.serviceAccounts is there, though it may be empty */
    const struct irsa_config_account *accounts;
    size_t account_count;
};

#define IRSA_CONFIG_PROBLEMS_MAX 20 /* of one file; then its reading stops */

/* What becomes of a file. */
struct irsa_cluster_config_receiver {
    /* Each ClusterConfig, when all of the file is right. False stops, with an error that is told as a problem. */
    bool (*config)(void *self, const struct irsa_cluster_config *config, struct irsa_error *err);
    /* Each problem as it is found. Its message begins with "path:line:column: "; SCHEMA, INVALID or TOO_LARGE. */
    void (*problem)(void *self, const struct irsa_error *err);
    void *self;
};

/*
 * Read the ClusterConfigs in one file's bytes, checked by the rules of requests: the first problem of every service account
 * and of every document is found before anything is sent. Repeated namespace/name within a file are refused.
 *
 * arena    owns everything
 * path     for messages
 * returns  false when a problem was told
 */
IRSA_MUST_CHECK bool irsa_cluster_config_read(struct irsa_arena *arena, const char *path, const void *bytes,
                                              size_t length, const struct irsa_cluster_config_receiver *receiver);

#endif
