/*
 * Worlds that lack just what the request has to call for.
 */
#include "tests/support/error_scene.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "tests/support/test.h"

#define ACCOUNT  "111122223333"
#define POLICY   "arn:aws:iam::aws:policy/"
#define CLUSTER  "\"cluster\":{\"name\":\"cluster-13\",\"region\":\"us-west-2\"}"
#define METADATA "\"metadata\":{\"name\":\"s3-reader\",\"namespace\":\"apps\"}"
#define INLINE                                                                                                         \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}" \
    "]}"
#define CREATE_WITH(options)                                                                                           \
    "{\"action\":\"create\"," CLUSTER ",\"serviceAccount\":{" METADATA ",\"roleName\":\"reader\",\"tags\":{\"team\":"  \
    "\"apps\"},\"permissionsBoundary\":\"" POLICY "PowerUserAccess\",\"attachPolicyARNs\":[\"" POLICY                  \
    "AmazonS3ReadOnlyAccess\"],\"attachPolicy\":" INLINE "},\"options\":{" options "}}"
#define CREATE    CREATE_WITH("")
#define WITH_OIDC CREATE_WITH("\"withOIDC\":true")
#define OVERRIDE  CREATE_WITH("\"overrideExistingServiceAccounts\":true")
#define ADOPT     CREATE_WITH("\"adopt\":true")
#define DELETE                                                                                                         \
    "{\"action\":\"delete\"," CLUSTER ",\"serviceAccount\":{" METADATA ",\"roleName\":\"reader\"},\"options\":{}}"
#define ASSOCIATE     "{\"action\":\"associate-oidc\"," CLUSTER ",\"options\":{}}"
#define ROLE(members) "{\"accounts\":{\"" ACCOUNT "\":{\"roles\":[{\"roleName\":\"reader\"," members "}]}}}"

#define FIRST_OFFSET (ERROR_SCENE_OFFSET - 1)

/* --- worlds ------------------------------------------------------------------------------------------------------------- */

static void nothing(struct stage *stage) {
    (void)stage;
}

static void provider(struct stage *stage) {
    (void)stage_must_deliver(stage, ASSOCIATE, FIRST_OFFSET);
}

static void provider_and_namespace(struct stage *stage) {
    provider(stage);
    stage_control(stage, "PUT", "/world", "{\"clusters\":{\"us-west-2/cluster-13\":{\"namespaces\":[\"apps\"]}}}");
}

static void provider_without_audience(struct stage *stage) {
    provider(stage);
    const struct irsa_json *there =
        irsa_json_at(stage_control(stage, "GET", "/world", NULL), "/accounts/" ACCOUNT "/oidcProviders/0");
    stage_control(
        stage, "PUT", "/world",
        irsa_arena_format(stage->arena,
                          "{\"accounts\":{\"" ACCOUNT
                          "\":{\"oidcProviders\":[{\"arn\":\"%s\",\"url\":\"%s\",\"clientIDs\":[\"others\"]}]}}}",
                          irsa_json_get_text(there, "arn"), irsa_json_get_text(there, "url")));
}

static void pair(struct stage *stage) {
    (void)stage_must_deliver(stage, WITH_OIDC, FIRST_OFFSET);
}

/* Every part of the role is as it should not be. */
static void drifted_pair(struct stage *stage) {
    pair(stage);
    stage_control(
        stage, "PUT", "/world",
        ROLE("\"permissionsBoundary\":null,\"attachedPolicies\":[\"" POLICY "AmazonDynamoDBFullAccess\"],"
             "\"inlinePolicies\":{\"theirs\":" INLINE "},\"assumeRolePolicyDocument\":{\"Version\":"
             "\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Principal\":"
             "{\"Service\":\"ec2.amazonaws.com\"}}]}"));
}

static void account_of_others(struct stage *stage) {
    provider(stage);
    stage_control(stage, "PUT", "/world",
                  "{\"clusters\":{\"us-west-2/cluster-13\":{\"serviceAccounts\":[{\"metadata\":{\"name\":\"s3-reader\","
                  "\"namespace\":\"apps\",\"labels\":{\"tier\":\"gold\"}},\"fieldManager\":\"helm\"}]}}}");
    (void)stage_must_deliver(stage, OVERRIDE, FIRST_OFFSET);
}

static void offered_role(struct stage *stage) {
    provider(stage);
    stage_control(
        stage, "PUT", "/world",
        ROLE("\"tags\":{\"irsa.dev/adopt\":\"arn:aws:eks:us-west-2:" ACCOUNT ":cluster/cluster-13/apps/s3-reader\"}"));
}

static void full_account(struct stage *stage) {
    provider(stage);
    stage_control(stage, "PUT", "/world", "{\"accounts\":{\"" ACCOUNT "\":{\"roles\":[{\"roleName\":\"theirs\"}]}}}");
    stage_control(stage, "POST", "/model", "{\"quotas\":{\"rolesPerAccount\":1}}");
}

/* --- calls -------------------------------------------------------------------------------------------------------------- */

#define IAM(action)  "iam", action
#define KUBE(action) "kubernetes", action

/* clang-format off */
const struct error_scene ERROR_SCENES[] = {
    {"DescribeCluster",                  "eks", "DescribeCluster",   provider,                  CREATE,    true},
    {"GetCallerIdentity",                "sts", "GetCallerIdentity", offered_role,              ADOPT,     true},
    {"GetOpenIDConnectProvider",         IAM("GetOpenIDConnectProvider"), provider,             CREATE,    true},
    {"CreateOpenIDConnectProvider",      IAM("CreateOpenIDConnectProvider"), nothing,           WITH_OIDC, true},
    {"AddClientIDToOpenIDConnectProvider", IAM("AddClientIDToOpenIDConnectProvider"), provider_without_audience, WITH_OIDC, true},
    {"CreateRole",                       IAM("CreateRole"),          provider,                  CREATE,    true},
    {"CreateRole after its provider",    IAM("CreateRole"),          nothing,                   WITH_OIDC, false},
    {"GetRole",                          IAM("GetRole"),             pair,                      CREATE,    true},
    {"ListAttachedRolePolicies",         IAM("ListAttachedRolePolicies"), pair,                 CREATE,    true},
    {"ListRolePolicies",                 IAM("ListRolePolicies"),    pair,                      CREATE,    true},
    {"GetRolePolicy",                    IAM("GetRolePolicy"),       pair,                      CREATE,    true},
    {"ListInstanceProfilesForRole",      IAM("ListInstanceProfilesForRole"), offered_role,      ADOPT,     true},
    {"UpdateAssumeRolePolicy",           IAM("UpdateAssumeRolePolicy"), drifted_pair,           CREATE,    true},
    {"PutRolePermissionsBoundary",       IAM("PutRolePermissionsBoundary"), drifted_pair,       CREATE,    true},
    {"TagRole",                          IAM("TagRole"),             drifted_pair,              CREATE,    true},
    {"AttachRolePolicy",                 IAM("AttachRolePolicy"),    drifted_pair,              CREATE,    true},
    {"AttachRolePolicy on a new role",   IAM("AttachRolePolicy"),    provider,                  CREATE,    false},
    {"PutRolePolicy",                    IAM("PutRolePolicy"),       drifted_pair,              CREATE,    true},
    {"PutRolePolicy on a new role",      IAM("PutRolePolicy"),       provider,                  CREATE,    false},
    {"DetachRolePolicy",                 IAM("DetachRolePolicy"),    drifted_pair,              CREATE,    true},
    {"DeleteRolePolicy",                 IAM("DeleteRolePolicy"),    drifted_pair,              CREATE,    true},
    {"DeleteRole",                       IAM("DeleteRole"),          pair,                      DELETE,    true},
    {"GetAccountSummary",                IAM("GetAccountSummary"),   full_account,              CREATE,    false},
    {"get",                              KUBE("get"),                pair,                      CREATE,    true},
    {"get-namespace",                    KUBE("get-namespace"),      provider_and_namespace,    CREATE,    true},
    {"create-namespace",                 KUBE("create-namespace"),   provider,                  CREATE,    true},
    {"apply",                            KUBE("apply"),              provider_and_namespace,    CREATE,    true},
    {"apply that releases",              KUBE("apply"),              account_of_others,         DELETE,    true},
    {"delete",                           KUBE("delete"),             pair,                      DELETE,    true},
};
/* clang-format on */

const size_t ERROR_SCENE_COUNT = COUNT_OF(ERROR_SCENES);

void error_scene_open(const struct error_scene *scene, struct stage *stage) {
    stage_open(stage);
    scene->arrange(stage);
    stage_restart(stage);
}

const struct error_scene *error_scene_find(const char *call) {
    for (size_t i = 0; i < ERROR_SCENE_COUNT; i++)
        if (strcmp(ERROR_SCENES[i].call, call) == 0)
            return &ERROR_SCENES[i];
    return NULL;
}

const char *error_scene_any(const char *call) {
    static const char *const SERVICES[][2] = {{"any call to IAM", "iam"},
                                              {"any call to STS", "sts"},
                                              {"any call to EKS", "eks"},
                                              {"any call to Kubernetes", "kubernetes"}};
    for (size_t i = 0; i < COUNT_OF(SERVICES); i++)
        if (strcmp(SERVICES[i][0], call) == 0)
            return SERVICES[i][1];
    return NULL;
}
