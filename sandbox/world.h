/*
 * The simulated world: accounts with their IAM, and EKS clusters with their Kubernetes objects.
 *
 * Nothing here knows of HTTP. One mutex (sandbox.c) guards all of it.
 */
#ifndef IRSA_SANDBOX_WORLD_H
#define IRSA_SANDBOX_WORLD_H

#include "core/base/clock.h"
#include "sandbox/bag.h"
#include "sandbox/shelf.h"

struct irsa_json;

struct irsa_sandbox_role {
    char *name;
    char *path;
    char *arn;
    char *id;          /* AROA… */
    char *description; /* NULL: none */
    char *trust;       /* as it was sent */
    char *boundary;    /* ARN; NULL: none */
    int64_t created_ms;
    int64_t max_session_s;
    struct irsa_sandbox_bag tags;
    struct irsa_sandbox_bag attached; /* ARN -> "" */
    struct irsa_sandbox_bag inlines;  /* name -> document as it was sent */
};

struct irsa_sandbox_provider {
    char *arn;
    char *url; /* without scheme */
    int64_t created_ms;
    struct irsa_sandbox_bag clients;
    struct irsa_sandbox_bag thumbprints;
    struct irsa_sandbox_bag tags;
};

/* A customer's managed policy. */
struct irsa_sandbox_policy {
    char *arn;
    char *name;
    char *path;
    char *id; /* ANPA… */
    char *description;
    char *document;
    int64_t created_ms;
    struct irsa_sandbox_bag tags;
};

struct irsa_sandbox_profile {
    char *arn;
    char *name;
    char *path;
    char *id;   /* AIPA… */
    char *role; /* NULL: none */
    int64_t created_ms;
};

/* Roles, policies and profiles are keyed by their name in lower case (one namespace whatever the path), providers by URL. */
struct irsa_sandbox_account {
    char id[13];
    const char *partition;
    struct irsa_sandbox_shelf *roles;
    struct irsa_sandbox_shelf *providers;
    struct irsa_sandbox_shelf *policies;
    struct irsa_sandbox_shelf *profiles;
};

/* One Kubernetes object: its JSON text as a GET answers it. */
struct irsa_sandbox_object {
    char *json;
};

struct irsa_sandbox_cluster {
    char *name;
    char *region;
    char *account_id;
    const char *partition;
    char *key; /* "us-west-2/cluster-13" */
    char *arn;
    char *issuer; /* with https:// */
    char *endpoint;
    char *status; /* ACTIVE */
    int64_t created_ms;
    int64_t version;                       /* the last resourceVersion given out */
    struct irsa_sandbox_shelf *namespaces; /* by name */
    struct irsa_sandbox_shelf *accounts;   /* by "namespace/name" */
    struct irsa_sandbox_bag tokens;        /* static bearer tokens: token -> user */
    struct irsa_sandbox_bag plain_users;   /* of those, the ones without rights */
};

struct irsa_sandbox_world {
    const struct irsa_clock *clock;
    struct irsa_sandbox_account **accounts;
    size_t account_count;
    struct irsa_sandbox_cluster **clusters;
    size_t cluster_count;
};

struct irsa_sandbox_role *irsa_sandbox_role_new(void);
struct irsa_sandbox_provider *irsa_sandbox_provider_new(void);
void irsa_sandbox_provider_free(void *provider);
struct irsa_sandbox_policy *irsa_sandbox_policy_new(void);
void irsa_sandbox_policy_free(void *policy);
struct irsa_sandbox_profile *irsa_sandbox_profile_new(void);

/* A unique id as IAM makes them: the prefix and 17 characters of A-Z and 2-7. On the heap. */
char *irsa_sandbox_unique_id(const char *prefix);
/* A random UUID in the caller's buffer. */
void irsa_sandbox_uuid(char out_text[37]);

/* What names are compared by: a copy in lower case. */
const char *irsa_sandbox_lower_case(struct irsa_arena *arena, const char *text);

/* Replace a heap text. */
void irsa_sandbox_set_text(char **text, const char *value);

struct irsa_sandbox_account *irsa_sandbox_world_account(struct irsa_sandbox_world *world, const char *id);
struct irsa_sandbox_cluster *irsa_sandbox_world_cluster(const struct irsa_sandbox_world *world, const char *region,
                                                        const char *name);
struct irsa_sandbox_cluster *irsa_sandbox_world_add_cluster(struct irsa_sandbox_world *world, const char *name,
                                                            const char *region, const char *account_id);
/* The clusters stay, with the namespaces that every cluster has, and their accounts, empty. */
void irsa_sandbox_world_reset(struct irsa_sandbox_world *world);
void irsa_sandbox_world_done(struct irsa_sandbox_world *world);

#endif
