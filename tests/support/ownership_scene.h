/*
 * The worlds of the ownership test: a role and a service account of somebody's, as its cases in docs/ownership.md tell.
 */
#ifndef IRSA_TESTS_OWNERSHIP_SCENE_H
#define IRSA_TESTS_OWNERSHIP_SCENE_H

#include "core/base/json.h"
#include "tests/support/stage.h"

#define SCENE_ACCOUNT     "111122223333"
#define SCENE_CLUSTER_ARN "arn:aws:eks:us-west-2:" SCENE_ACCOUNT ":cluster/cluster-13"
#define SCENE_READ        "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"   /* what requests ask for */
#define SCENE_WRITE       "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess" /* what the roles have */

struct ownership_scene {
    struct stage *stage;
    const char *issuer;    /* of cluster-13, without the scheme */
    const char *role_name; /* of the case, and the request's roleName */
    const char *role_arn;
};

/* Into a fresh stage, whose worker is the role irsa-worker: these two and the cluster's OIDC provider. Fails the test for a case that it does not know. */
struct ownership_scene ownership_scene_open(struct stage *stage, const char *role_case, const char *account_case);

/* Now, whole; NULL when it is not there. */
const struct irsa_json *ownership_scene_world(const struct ownership_scene *scene);
const struct irsa_json *ownership_scene_role(const struct ownership_scene *scene, const struct irsa_json *world);
const struct irsa_json *ownership_scene_account(const struct irsa_json *world);

#endif
