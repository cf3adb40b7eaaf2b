/*
 * What others may do to a pair of ours, and what the same create again does about it.
 */
#ifndef IRSA_TESTS_REPAIR_TABLE_H
#define IRSA_TESTS_REPAIR_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/support/world_diff.h"

/* JSON is written in these tests with ' for ", and $DNS for the document of the well-known policy externalDNS. */
#define REPAIR_ACCOUNT "111122223333"
#define REPAIR_POLICY  "arn:aws:iam::aws:policy/"
#define REPAIR_ALLOW(action)                                                                                           \
    "{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Action':'" action "','Resource':'*'}]}"

/* Requests about apps/s3-reader in cluster-13; `fields` begins within its metadata. */
#define REPAIR_REQUEST(action, fields, options)                                                                        \
    "{'action':'" action "','cluster':{'name':'cluster-13','region':'us-west-2'},'serviceAccount':{'metadata':{"       \
    "'name':'s3-reader','namespace':'apps'" fields "},'options':{" options "}}"

/* With something of everything that a role and a service account can have. */
#define REPAIR_ROLE_FIELDS                                                                                             \
    "'attachPolicyARNs':['" REPAIR_POLICY "AmazonS3ReadOnlyAccess','" REPAIR_POLICY "AmazonSQSReadOnlyAccess'],"       \
    "'attachPolicy':" REPAIR_ALLOW("s3:ListAllMyBuckets") ",'wellKnownPolicies':{'externalDNS':true},"                 \
                                                          "'permissionsBoundary':'" REPAIR_POLICY                      \
                                                          "PowerUserAccess','tags':{'team':'a'}"
#define REPAIR_FIELDS ",'labels':{'team':'a'},'annotations':{'note':'x'}}," REPAIR_ROLE_FIELDS

#define REPAIR_CREATE REPAIR_REQUEST("create", REPAIR_FIELDS, "'withOIDC':true")
#define REPAIR_FORCED_CREATE                                                                                           \
    REPAIR_REQUEST("create", REPAIR_FIELDS, "'withOIDC':true,'overrideExistingServiceAccounts':true")
#define REPAIR_CREATE_ROLE REPAIR_REQUEST("create", "}," REPAIR_ROLE_FIELDS ",'roleOnly':true", "'withOIDC':true")
#define REPAIR_DELETE      REPAIR_REQUEST("delete", "}", "")

struct repair {
    const char *name;    /* the sentence that the row proves */
    const char *changes; /* what others did: PUT /world */
    const char *asked;   /* and what was asked of a worker of ours after that; NULL: nothing */
    const char *steps;   /* of the repeated create, each with the last word of its target; "" is unchanged */
    const char *leaves;  /* what is different after it from the world before the change */
    const char *foreign; /* what it reports; NULL: nothing */
    bool is_forced;      /* the repeat has overrideExistingServiceAccounts */
    bool wants_restart;  /* of the pods, it says */
    bool is_remembered;  /* what has changed is remembered by a worker that runs on, for five minutes */
};

extern const struct repair REPAIRS[];
extern const size_t REPAIR_COUNT;

/* A change that the same create refuses. */
struct repair_refusal {
    const char *name;
    const char *changes;
    const char *says; /* its message, in part */
};

extern const struct repair_refusal REPAIR_REFUSALS[];
extern const size_t REPAIR_REFUSAL_COUNT;

/* "role", "account", "provider" and "cluster" for their paths. */
extern const struct world_alias REPAIR_ALIASES[];

#endif
