/*
 * One row for each change.
 */
#include "tests/support/repair_table.h"

#define CLUSTER    "arn:aws:eks:us-west-2:" REPAIR_ACCOUNT ":cluster/cluster-13"
#define ARN        "arn:aws:iam::" REPAIR_ACCOUNT ":"
#define ISSUER     "oidc.eks.us-west-2.amazonaws.com/id/9DEF171DB624DCE1D94CD8EDC3087FAC" /* of cluster-13, always */
#define NEW_ISSUER "oidc.eks.us-west-2.amazonaws.com/id/NEW"
#define PROVIDER   ARN "oidc-provider/" ISSUER
#define ROLE       "cluster-13-apps-s3-reader-550f0c5b"
#define READ       REPAIR_POLICY "AmazonS3ReadOnlyAccess"
#define QUEUES     REPAIR_POLICY "AmazonSQSReadOnlyAccess"
#define BOUNDARY   REPAIR_POLICY "PowerUserAccess"
#define ADMIN      REPAIR_POLICY "AdministratorAccess"
#define DENY_ALL   REPAIR_POLICY "AWSDenyAll"
#define LISTING    REPAIR_ALLOW("s3:ListAllMyBuckets")
#define ANYTHING   REPAIR_ALLOW("*")
#define DENY       "{'Version':'2012-10-17','Statement':[{'Effect':'Deny','Action':'*','Resource':'*'}]}"
#define ANYBODY                                                                                                        \
    "{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Principal':{'AWS':'*'},'Action':'sts:AssumeRole'}]}"

/* Others, at work with their own tools. */
#define IN_IAM(members)     "{'accounts':{'" REPAIR_ACCOUNT "':{" members "}}}"
#define ROLE_SET(members)   IN_IAM("'roles':[{'roleName':'" ROLE "'," members "}]")
#define IN_CLUSTER(members) "{'clusters':{'us-west-2/cluster-13':{" members "}}}"
#define ACCOUNT_SET(members)                                                                                           \
    IN_CLUSTER("'serviceAccounts':[{'metadata':{'name':'s3-reader','namespace':'apps'," members                        \
               "},'fieldManager':'kubectl-edit','operation':'Update'}]")
#define PROVIDER_SET(members) IN_IAM("'oidcProviders':[{'url':'https://" ISSUER "'," members "}]")

#define ROLE_ANNOTATION "'eks.amazonaws.com/role-arn'"
#define SOMEBODYS_ROLE  "'" ARN "role/somebodys'"
#define OUR_CLUSTER     "'irsa.dev/cluster':'" CLUSTER "'"
#define OUR_ACCOUNT     "'irsa.dev/service-account':'apps/s3-reader'"
#define OUR_OWNER       "'irsa.dev/owner':'irsa'"
#define OUR_MARK        "'irsa.dev/request':'irsa.requests/0/1/1790000000001'"
#define OUR_TAGS        OUR_CLUSTER "," OUR_ACCOUNT "," OUR_OWNER "," OUR_MARK
#define TEAM            "'team':'a'"

/* The mark of the request is written with whatever else is written, and never alone. */
#define ROLE_MARK      "~role/tags/irsa.dev/request"
#define ACCOUNT_MARK   "~account/annotations/irsa.dev/request"
#define FIELDS_OF_IRSA "account/managedFields/Apply by irsa/fieldsV1/f:metadata/"
#define PRINCIPAL      "role/assumeRolePolicyDocument/Statement/0/Principal/Federated"
#define CONDITION      "role/assumeRolePolicyDocument/Statement/0/Condition/StringEquals/"

#define ALL_POLICIES                                                                                                   \
    "attach-policy AmazonS3ReadOnlyAccess, attach-policy AmazonSQSReadOnlyAccess, put-inline-policy irsa-inline, "     \
    "put-inline-policy irsa-externalDNS"

const struct world_alias REPAIR_ALIASES[] = {
    {"accounts/" REPAIR_ACCOUNT "/roles/" ROLE, "role"},
    {"accounts/" REPAIR_ACCOUNT "/oidcProviders/" PROVIDER, "provider"},
    {"clusters/us-west-2/cluster-13/serviceAccounts/apps/s3-reader/metadata", "account"},
    {"clusters/us-west-2/cluster-13", "cluster"},
    {NULL, NULL},
};

/* clang-format off */
const struct repair REPAIRS[] = {
    /* --- policies ------------------------------------------------------------------------------------------------ */
    {.name = "a managed policy that was detached is attached again",
     .changes = ROLE_SET("'attachedPolicies':['" READ "']"),
     .steps = "tag-role, attach-policy AmazonSQSReadOnlyAccess",
     .leaves = ROLE_MARK},
    {.name = "a managed policy that was added is detached",
     .changes = ROLE_SET("'attachedPolicies':['" READ "','" QUEUES "','" ADMIN "']"),
     .steps = "tag-role, detach-policy AdministratorAccess",
     .leaves = ROLE_MARK},
    {.name = "one that was exchanged is exchanged back, and nothing is lacking meanwhile",
     .changes = ROLE_SET("'attachedPolicies':['" QUEUES "','" ADMIN "']"),
     .steps = "tag-role, attach-policy AmazonS3ReadOnlyAccess, detach-policy AdministratorAccess",
     .leaves = ROLE_MARK},
    {.name = "a managed policy that an incident response attached stays and is reported",
     .changes = ROLE_SET("'attachedPolicies':['" READ "','" QUEUES "','" DENY_ALL "']"),
     .steps = "",
     .leaves = "+role/attachedPolicies/" DENY_ALL,
     .foreign = DENY_ALL},
    {.name = "sessions that an incident response revoked stay revoked, and that is reported",
     .changes = ROLE_SET("'inlinePolicies':{'irsa-inline':" LISTING ",'irsa-externalDNS':$DNS,"
                         "'AWSRevokeOlderSessions':" DENY "}"),
     .steps = "",
     .leaves = "+role/inlinePolicies/AWSRevokeOlderSessions",
     .foreign = "AWSRevokeOlderSessions"},
    {.name = "an incident response stays while the rest is mended",
     .changes = ROLE_SET("'attachedPolicies':['" DENY_ALL "','" ADMIN "']"),
     .steps = "tag-role, attach-policy AmazonS3ReadOnlyAccess, attach-policy AmazonSQSReadOnlyAccess, "
              "detach-policy AdministratorAccess",
     .leaves = ROLE_MARK ", +role/attachedPolicies/" DENY_ALL,
     .foreign = DENY_ALL},
    {.name = "an inline document of ours that was edited is written again",
     .changes = ROLE_SET("'inlinePolicies':{'irsa-inline':" ANYTHING ",'irsa-externalDNS':$DNS}"),
     .steps = "tag-role, put-inline-policy irsa-inline",
     .leaves = ROLE_MARK},
    {.name = "a well-known policy that was edited is written again",
     .changes = ROLE_SET("'inlinePolicies':{'irsa-inline':" LISTING ",'irsa-externalDNS':" ANYTHING "}"),
     .steps = "tag-role, put-inline-policy irsa-externalDNS",
     .leaves = ROLE_MARK},
    {.name = "inline policies of ours that were removed are put again",
     .changes = ROLE_SET("'inlinePolicies':{}"),
     .steps = "tag-role, put-inline-policy irsa-inline, put-inline-policy irsa-externalDNS",
     .leaves = ROLE_MARK},
    {.name = "an inline policy that was added is deleted",
     .changes = ROLE_SET("'inlinePolicies':{'irsa-inline':" LISTING ",'irsa-externalDNS':$DNS,'by-hand':" ANYTHING "}"),
     .steps = "tag-role, delete-inline-policy by-hand",
     .leaves = ROLE_MARK},

    /* --- trust and boundary -------------------------------------------------------------------------------------- */
    {.name = "a trust policy that was edited is put back",
     .changes = ROLE_SET("'assumeRolePolicyDocument':" ANYBODY),
     .steps = "update-trust-policy, tag-role",
     .leaves = ROLE_MARK},
    {.name = "of all that was changed the trust is mended first",
     .changes = ROLE_SET("'assumeRolePolicyDocument':" ANYBODY ",'permissionsBoundary':null,'tags':{" OUR_ACCOUNT "},"
                         "'attachedPolicies':['" ADMIN "'],'inlinePolicies':{'by-hand':" ANYTHING "}"),
     .steps = "update-trust-policy, put-permissions-boundary PowerUserAccess, tag-role, " ALL_POLICIES
              ", detach-policy AdministratorAccess, delete-inline-policy by-hand",
     .leaves = ROLE_MARK},
    {.name = "a boundary that was removed is set again",
     .changes = ROLE_SET("'permissionsBoundary':null"),
     .steps = "put-permissions-boundary PowerUserAccess, tag-role",
     .leaves = ROLE_MARK},
    {.name = "a boundary that was changed is set again",
     .changes = ROLE_SET("'permissionsBoundary':'" ADMIN "'"),
     .steps = "put-permissions-boundary PowerUserAccess, tag-role",
     .leaves = ROLE_MARK},

    /* --- tags ---------------------------------------------------------------------------------------------------- */
    {.name = "a lost tag of the cluster is set again",
     .changes = ROLE_SET("'tags':{" OUR_ACCOUNT "," OUR_OWNER "," OUR_MARK "," TEAM "}"),
     .steps = "tag-role",
     .leaves = ROLE_MARK},
    {.name = "a lost tag of the service account is set again",
     .changes = ROLE_SET("'tags':{" OUR_CLUSTER "," OUR_OWNER "," OUR_MARK "," TEAM "}"),
     .steps = "tag-role",
     .leaves = ROLE_MARK},
    {.name = "a lost tag of the owner is set again",
     .changes = ROLE_SET("'tags':{" OUR_CLUSTER "," OUR_ACCOUNT "," OUR_MARK "," TEAM "}"),
     .steps = "tag-role",
     .leaves = ROLE_MARK},
    {.name = "a lost tag of the file is set again",
     .changes = ROLE_SET("'tags':{" OUR_TAGS "}"),
     .steps = "tag-role",
     .leaves = ROLE_MARK},
    {.name = "a tag of the file that was changed is set again",
     .changes = ROLE_SET("'tags':{" OUR_TAGS ",'team':'b'}"),
     .steps = "tag-role",
     .leaves = ROLE_MARK},
    {.name = "a lost mark is no reason to write",
     .changes = ROLE_SET("'tags':{" OUR_CLUSTER "," OUR_ACCOUNT "," OUR_OWNER "," TEAM "}"),
     .steps = "",
     .leaves = "-role/tags/irsa.dev/request"},
    {.name = "a tag that a person added stays",
     .changes = ROLE_SET("'tags':{" OUR_TAGS "," TEAM ",'cost-center':'42'}"),
     .steps = "",
     .leaves = "+role/tags/cost-center"},
    {.name = "a tag that a person added stays while others are set again",
     .changes = ROLE_SET("'tags':{" OUR_TAGS ",'cost-center':'42'}"),
     .steps = "tag-role",
     .leaves = ROLE_MARK ", +role/tags/cost-center"},

    /* --- the role ------------------------------------------------------------------------------------------------ */
    {.name = "a role that was deleted is made again",
     .changes = IN_IAM("'delete':{'roles':['" ROLE "']}"),
     .steps = "create-role, " ALL_POLICIES,
     .leaves = "~role/roleId, " ROLE_MARK},
    {.name = "a role that was deleted and made anew by us is the one that serves",
     .changes = IN_IAM("'delete':{'roles':['" ROLE "']}"),
     .asked = REPAIR_CREATE_ROLE,
     .steps = "",
     .leaves = "~role/roleId, " ROLE_MARK},
    {.name = "a role that a person made anew with our tags is made to serve, and the account points to it",
     .changes = IN_IAM("'delete':{'roles':['" ROLE "']},'roles':[{'roleName':'" ROLE "','path':'/','tags':{" OUR_CLUSTER
                       "," OUR_ACCOUNT "},'assumeRolePolicyDocument':" ANYBODY "}]"),
     .steps = "update-trust-policy, put-permissions-boundary PowerUserAccess, tag-role, " ALL_POLICIES
              ", apply-service-account",
     .leaves = "~role/path, ~role/arn, ~role/roleId, -role/description, " ROLE_MARK
               ", ~account/annotations/eks.amazonaws.com/role-arn, " ACCOUNT_MARK,
     .wants_restart = true},

    /* --- the service account ------------------------------------------------------------------------------------- */
    {.name = "a service account that was deleted is made again",
     .changes = IN_CLUSTER("'delete':{'serviceAccounts':['apps/s3-reader']}"),
     .steps = "apply-service-account",
     .leaves = "~account/uid, " ACCOUNT_MARK},
    {.name = "both that were deleted are made again",
     .changes = "{'accounts':{'" REPAIR_ACCOUNT "':{'delete':{'roles':['" ROLE "']}}},'clusters':{"
                "'us-west-2/cluster-13':{'delete':{'serviceAccounts':['apps/s3-reader']}}}}",
     .steps = "create-role, " ALL_POLICIES ", apply-service-account",
     .leaves = "~role/roleId, " ROLE_MARK ", ~account/uid, " ACCOUNT_MARK},
    {.name = "a role annotation that was removed is set again",
     .changes = ACCOUNT_SET("'annotations':{" ROLE_ANNOTATION ":null}"),
     .steps = "apply-service-account",
     .leaves = ACCOUNT_MARK,
     .wants_restart = true},
    {.name = "a role annotation that was changed is set again where the request overrides",
     .changes = ACCOUNT_SET("'annotations':{" ROLE_ANNOTATION ":" SOMEBODYS_ROLE "}"),
     .steps = "apply-service-account",
     .leaves = ACCOUNT_MARK,
     .is_forced = true,
     .wants_restart = true},
    {.name = "an annotation of the file that was removed is set again",
     .changes = ACCOUNT_SET("'annotations':{'note':null}"),
     .steps = "apply-service-account",
     .leaves = ACCOUNT_MARK},
    {.name = "our label that was removed is set again",
     .changes = ACCOUNT_SET("'labels':{'app.kubernetes.io/managed-by':null}"),
     .steps = "apply-service-account",
     .leaves = ACCOUNT_MARK},
    {.name = "a label of the file that was removed is set again",
     .changes = ACCOUNT_SET("'labels':{'team':null}"),
     .steps = "apply-service-account",
     .leaves = ACCOUNT_MARK},
    {.name = "a label of the file that was changed is set again where the request overrides",
     .changes = ACCOUNT_SET("'labels':{'team':'b'}"),
     .steps = "apply-service-account",
     .leaves = ACCOUNT_MARK,
     .is_forced = true},
    {.name = "an account that has lost all of our fields is its keeper's, and is annotated where the request overrides",
     .changes = ACCOUNT_SET("'labels':null,'annotations':null"),
     .steps = "apply-service-account",
     .leaves = "-account/labels/app.kubernetes.io/managed-by, -account/annotations/irsa.dev/created, " ACCOUNT_MARK
               ", -" FIELDS_OF_IRSA "f:annotations/f:irsa.dev/created, -" FIELDS_OF_IRSA
               "f:labels/f:app.kubernetes.io/managed-by",
     .is_forced = true,
     .wants_restart = true},
    {.name = "labels and annotations that a person added stay",
     .changes = ACCOUNT_SET("'labels':{'tier':'gold'},'annotations':{'theirs':'stays'}"),
     .steps = "",
     .leaves = "+account/labels/tier, +account/annotations/theirs, +account/managedFields/Update by kubectl-edit"},
    {.name = "a namespace that was deleted is made again, and the service account in it",
     .changes = IN_CLUSTER("'delete':{'namespaces':['apps']}"),
     .steps = "create-namespace apps, apply-service-account",
     .leaves = "~account/uid, " ACCOUNT_MARK},

    /* --- the cluster --------------------------------------------------------------------------------------------- */
    {.name = "an OIDC provider that was deleted is made again",
     .changes = IN_IAM("'delete':{'oidcProviders':['" PROVIDER "']}"),
     .steps = "create-oidc-provider",
     .leaves = "",
     .is_remembered = true},
    {.name = "an audience that was removed is added again, and others stay",
     .changes = PROVIDER_SET("'clientIDs':['theirs']"),
     .steps = "add-audience",
     .leaves = "+provider/clientIDs/theirs",
     .is_remembered = true},
    {.name = "a provider that a person made anew is used as it is",
     .changes = IN_IAM("'delete':{'oidcProviders':['" PROVIDER "']},'oidcProviders':[{'url':'https://" ISSUER
                       "','clientIDs':['sts.amazonaws.com']}]"),
     .steps = "",
     .leaves = "-provider/tags/irsa.dev/cluster, -provider/tags/irsa.dev/owner",
     .is_remembered = true},
    {.name = "a cluster that was made anew with another issuer is trusted by its name, and the old provider stays",
     .changes = IN_CLUSTER("'issuer':'https://" NEW_ISSUER "','delete':{'serviceAccounts':['apps/s3-reader']}"),
     .steps = "create-oidc-provider, update-trust-policy, tag-role, apply-service-account",
     .leaves = "~" PRINCIPAL ", -" CONDITION ISSUER ":sub, -" CONDITION ISSUER ":aud, +" CONDITION NEW_ISSUER ":sub, +"
               CONDITION NEW_ISSUER ":aud, " ROLE_MARK ", +accounts/" REPAIR_ACCOUNT "/oidcProviders/" ARN
               "oidc-provider/" NEW_ISSUER ", ~cluster/issuer, ~account/uid, " ACCOUNT_MARK,
     .is_remembered = true},
};
/* clang-format on */

const size_t REPAIR_COUNT = sizeof REPAIRS / sizeof *REPAIRS;

const struct repair_refusal REPAIR_REFUSALS[] = {
    {"a role that a person made anew is a conflict and stays as it is",
     IN_IAM("'delete':{'roles':['" ROLE "']},'roles':[{'roleName':'" ROLE "','assumeRolePolicyDocument':" ANYBODY "}]"),
     "role " ROLE " exists and was made by others"},
    {"a role that has lost all of our tags is a conflict and stays as it is", ROLE_SET("'tags':{" TEAM "}"),
     "role " ROLE " exists and was made by others"},
    {"a role annotation that a person changed is a conflict that names its holder, unless the request overrides",
     ACCOUNT_SET("'annotations':{" ROLE_ANNOTATION ":" SOMEBODYS_ROLE "}"), "held by the field manager kubectl-edit"},
    {"a label of the file that a person changed is a conflict that names its holder, unless the request overrides",
     ACCOUNT_SET("'labels':{'team':'b'}"), "held by the field manager kubectl-edit"},
    {"an account that has lost all of our fields is its keeper's, and a conflict",
     ACCOUNT_SET("'labels':null,'annotations':null"), "service account apps/s3-reader exists and was made by others"},
};
const size_t REPAIR_REFUSAL_COUNT = sizeof REPAIR_REFUSALS / sizeof *REPAIR_REFUSALS;
