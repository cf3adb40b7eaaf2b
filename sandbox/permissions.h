/*
 * What the sandbox's own identity may do (PUT /permissions): IAM policies of every account's irsa-worker, and roles of
 * every cluster that are bound to it. Without such a document everybody may do everything. With the sandbox's lock.
 */
#ifndef IRSA_SANDBOX_PERMISSIONS_H
#define IRSA_SANDBOX_PERMISSIONS_H

#include "sandbox/policy.h"

struct irsa_sandbox_permissions;

/* A document as PUT /permissions takes it, copied. NULL: fails INVALID */
struct irsa_sandbox_permissions *irsa_sandbox_permissions_new(const struct irsa_json *document, struct irsa_error *err);
void irsa_sandbox_permissions_free(struct irsa_sandbox_permissions *permissions);

/* The document; {} for NULL. */
void irsa_sandbox_permissions_write(const struct irsa_sandbox_permissions *permissions, struct irsa_json_writer *w);

/* By all policies together. NULL allows everything. */
enum irsa_sandbox_verdict irsa_sandbox_permissions_judge(const struct irsa_sandbox_permissions *permissions,
                                                         const struct irsa_sandbox_policy_question *question);

/* What RBAC is asked. Absent parts are "". */
struct irsa_sandbox_rbac_question {
    const char *verb;
    const char *group;
    const char *namespace_name;
    const char *resource;
    const char *name;
    const char *subresource;
};

/* Does a rule of a ClusterRole, or of a Role of that namespace, name it? NULL allows everything. */
bool irsa_sandbox_permissions_may(const struct irsa_sandbox_permissions *permissions,
                                  const struct irsa_sandbox_rbac_question *question);

#endif
