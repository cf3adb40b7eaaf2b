/*
 * The rules for names and values that come from outside, one function per rule, each with its source.
 *
 * Each gives a text that says what is wrong and how to mend it, or NULL when the value is fine. Static text.
 */
#ifndef IRSA_CONTRACT_NAMES_H
#define IRSA_CONTRACT_NAMES_H

#include <stdbool.h>
#include <stddef.h>

typedef const char *irsa_name_rule_fn(const char *value);

const char *irsa_rule_cluster_name(const char *value);    /* EKS API: 1-100, [0-9A-Za-z][A-Za-z0-9_-]* */
const char *irsa_rule_region(const char *value);          /* SDKs: a host label; [a-z]{2,}(-[a-z0-9]+)+-[0-9]+ */
const char *irsa_rule_account_id(const char *value);      /* 12 digits */
const char *irsa_rule_namespace(const char *value);       /* RFC 1123 label, 1-63 */
const char *irsa_rule_account_name(const char *value);    /* RFC 1123 subdomain, 1-253 */
const char *irsa_rule_role_name(const char *value);       /* IAM: [\w+=,.@-]{1,64} */
const char *irsa_rule_policy_arn(const char *value);      /* arn:<partition>:iam::<aws or 12 digits>:policy/… 20-2048 */
const char *irsa_rule_role_arn(const char *value);        /* arn:<partition>:iam::<12 digits>:role/… */
const char *irsa_rule_subject_pattern(const char *value); /* [a-z0-9.*?-]{1,253} */
const char *irsa_rule_label_key(const char *value);       /* Kubernetes: [prefix/]name, name 1-63, prefix a subdomain */
const char *irsa_rule_label_value(const char *value);     /* Kubernetes: "" or 1-63, [A-Za-z0-9]([-._A-Za-z0-9]*…)? */
const char *irsa_rule_annotation_key(const char *value);  /* as a label's key, case of the prefix ignored */
const char *irsa_rule_tag_key(const char *value);         /* IAM: 1-128 of letters, digits, space and _.:/=+-@ */
const char *irsa_rule_tag_value(const char *value);       /* IAM: 0-256 of the same */
const char *irsa_rule_topic_prefix(const char *value);    /* Kafka: [A-Za-z0-9._-], 1-200 */

/* The partition of an ARN, e.g. "aws-cn", as a copy of at most 15 bytes; "" when the ARN has none. */
void irsa_arn_partition(const char *arn, char out_partition[16]);

/* The account of an ARN, or "" when it has none (12 digits or "aws" for AWS's own policies). */
void irsa_arn_account(const char *arn, char out_account[16]);

/* What follows the last '/' or ':' of an ARN. Borrowed from it. */
const char *irsa_arn_name(const char *arn);

#endif
