/*
 * The tables of a request's fields.
 */
#include <stddef.h>

#include "core/contract/request.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const action_names[] = {
    [IRSA_ACTION_CREATE] = "create", [IRSA_ACTION_UPDATE] = "update",
    [IRSA_ACTION_DELETE] = "delete", [IRSA_ACTION_ASSOCIATE_OIDC] = "associate-oidc",
    [IRSA_ACTION_COUNT] = NULL,
};

const char *const irsa_well_known_names[] = {
    "imageBuilder", "autoScaler",       "awsLoadBalancerController", "externalDNS",
    "certManager",  "ebsCSIController", "efsCSIController",          NULL,
};

const char *irsa_action_name(enum irsa_action action) {
    return action_names[action];
}

#define ACCOUNT(member) offsetof(struct irsa_service_account, member)
#define OPTION(member)  offsetof(struct irsa_options, member)
#define REQUEST(member) offsetof(struct irsa_request, member)

/* clang-format off */
static const struct irsa_field metadata_rows[] = {
    {.key = "name", .kind = IRSA_FIELD_TEXT, .is_required = true, .offset = ACCOUNT(name),
     .rule = irsa_rule_account_name},
    {.key = "namespace", .kind = IRSA_FIELD_TEXT, .offset = ACCOUNT(namespace_name), .rule = irsa_rule_namespace},
    {.key = "labels", .kind = IRSA_FIELD_PAIRS, .offset = ACCOUNT(labels),
     .key_rule = irsa_rule_label_key, .rule = irsa_rule_label_value},
    {.key = "annotations", .kind = IRSA_FIELD_PAIRS, .offset = ACCOUNT(annotations),
     .key_rule = irsa_rule_annotation_key, .rule = irsa_rule_text},
};
static const struct irsa_fields metadata_fields = {"metadata", metadata_rows, COUNT(metadata_rows), false};

static const struct irsa_field account_rows[] = {
    {.key = "metadata", .kind = IRSA_FIELD_OBJECT, .is_required = true, .nested = &metadata_fields},
    {.key = "attachPolicyARNs", .kind = IRSA_FIELD_TEXTS, .offset = ACCOUNT(attach_policy_arns),
     .rule = irsa_rule_policy_arn, .max_count = IRSA_MANAGED_POLICIES_MAX},
    {.key = "attachPolicy", .kind = IRSA_FIELD_JSON, .offset = ACCOUNT(attach_policy)},
    {.key = "wellKnownPolicies", .kind = IRSA_FIELD_FLAGS, .offset = ACCOUNT(well_known_policies),
     .has_offset = ACCOUNT(has_well_known_policies), .names = irsa_well_known_names},
    {.key = "permissionsBoundary", .kind = IRSA_FIELD_TEXT, .offset = ACCOUNT(permissions_boundary),
     .rule = irsa_rule_policy_arn},
    {.key = "roleName", .kind = IRSA_FIELD_TEXT, .offset = ACCOUNT(role_name), .rule = irsa_rule_role_name},
    {.key = "roleOnly", .kind = IRSA_FIELD_BOOLEAN, .offset = ACCOUNT(role_only)},
    {.key = "attachRoleARN", .kind = IRSA_FIELD_TEXT, .offset = ACCOUNT(attach_role_arn), .rule = irsa_rule_role_arn},
    {.key = "tags", .kind = IRSA_FIELD_PAIRS, .offset = ACCOUNT(tags),
     .key_rule = irsa_rule_tag_key, .rule = irsa_rule_tag_value, .max_count = IRSA_TAGS_MAX},
    {.key = "subjectPattern", .kind = IRSA_FIELD_TEXT, .offset = ACCOUNT(subject_pattern),
     .rule = irsa_rule_subject_pattern},
    {.key = "status", .kind = IRSA_FIELD_IGNORED}, /* the last: requests do not have it */
};
const struct irsa_fields irsa_service_account_fields =
    {"a service account", account_rows, COUNT(account_rows) - 1, false};
const struct irsa_fields irsa_config_account_fields = {"a service account", account_rows, COUNT(account_rows), true};

static const struct irsa_field expect_rows[] = {
    {.key = "roleID", .kind = IRSA_FIELD_TEXT, .offset = OPTION(expect_role_id), .rule = irsa_rule_role_id},
    {.key = "uid", .kind = IRSA_FIELD_TEXT, .offset = OPTION(expect_uid), .rule = irsa_rule_uid},
};
static const struct irsa_fields expect_fields = {"expect", expect_rows, COUNT(expect_rows), false};

static const struct irsa_field option_rows[] = {
    {.key = "overrideExistingServiceAccounts", .kind = IRSA_FIELD_BOOLEAN,
     .offset = OPTION(override_existing_service_accounts)},
    {.key = "withOIDC", .kind = IRSA_FIELD_BOOLEAN, .offset = OPTION(with_oidc)},
    {.key = "dryRun", .kind = IRSA_FIELD_BOOLEAN, .offset = OPTION(dry_run)},
    {.key = "adopt", .kind = IRSA_FIELD_BOOLEAN, .offset = OPTION(adopt)},
    {.key = "clusterGone", .kind = IRSA_FIELD_BOOLEAN, .offset = OPTION(cluster_gone)},
    {.key = "expect", .kind = IRSA_FIELD_OBJECT, .nested = &expect_fields},
};
const struct irsa_fields irsa_options_fields = {"options", option_rows, COUNT(option_rows), false};

static const struct irsa_field cluster_rows[] = {
    {.key = "name", .kind = IRSA_FIELD_TEXT, .is_required = true,
     .offset = offsetof(struct irsa_cluster_name, name), .rule = irsa_rule_cluster_name},
    {.key = "region", .kind = IRSA_FIELD_TEXT, .is_required = true,
     .offset = offsetof(struct irsa_cluster_name, region), .rule = irsa_rule_region},
    {.key = "accountID", .kind = IRSA_FIELD_TEXT,
     .offset = offsetof(struct irsa_cluster_name, account_id), .rule = irsa_rule_account_id},
};
static const struct irsa_fields cluster_fields = {"cluster", cluster_rows, COUNT(cluster_rows), false};

static const struct irsa_field request_rows[] = {
    {.key = "action", .kind = IRSA_FIELD_ENUM, .is_required = true, .offset = REQUEST(action), .names = action_names},
    {.key = "cluster", .kind = IRSA_FIELD_OBJECT, .is_required = true, .offset = REQUEST(cluster),
     .nested = &cluster_fields},
    {.key = "serviceAccount", .kind = IRSA_FIELD_OBJECT, .offset = REQUEST(service_account),
     .nested = &irsa_service_account_fields},
    {.key = "options", .kind = IRSA_FIELD_OBJECT, .offset = REQUEST(options), .nested = &irsa_options_fields},
};
const struct irsa_fields irsa_request_fields = {"a request", request_rows, COUNT(request_rows), false};
/* clang-format on */
