/*
 * The rules for names and values that come from outside, one function per rule, each with its source.
 *
 * Each gives a text that says what the value must be ("must be 12 digits"), or NULL when it is fine. Static text.
 */
#ifndef IRSA_CONTRACT_NAMES_H
#define IRSA_CONTRACT_NAMES_H

#include <stdbool.h>
#include <stddef.h>

typedef const char *irsa_name_rule_fn(const char *value);

const char *irsa_rule_cluster_name(const char *value); /* EKS API: 1-100, [0-9A-Za-z][A-Za-z0-9_-]* */
const char *irsa_rule_region(const char *value);     /* botocore partitions.json: [a-z]{2,}(-[a-z]+){1,2}-[0-9]{1,2} */
const char *irsa_rule_account_id(const char *value); /* 12 digits */
const char *irsa_rule_namespace(const char *value);  /* RFC 1123 label, 1-63 */
const char *irsa_rule_account_name(const char *value); /* RFC 1123 subdomain, 1-253 */
const char *irsa_rule_role_name(const char *value);    /* IAM: [\w+=,.@-]{1,64} */
const char *irsa_rule_role_id(const char *value);      /* IAM: AROA and 12-124 capitals and digits */
const char *irsa_rule_policy_arn(const char *value);   /* arn:<partition>:iam::<aws or 12 digits>:policy/…, to 2048 */
const char *irsa_rule_role_arn(const char *value);     /* arn:<partition>:iam::<12 digits>:role/… */
const char *irsa_rule_subject_pattern(const char *value); /* [a-z0-9.*?-]{1,253} */
const char *irsa_rule_uid(const char *value);             /* Kubernetes: a UUID */
const char *irsa_rule_label_key(const char *value);       /* Kubernetes: [prefix/]name, name 1-63, prefix a subdomain */
const char *irsa_rule_label_value(const char *value);     /* Kubernetes: "" or 1-63, [A-Za-z0-9]([-._A-Za-z0-9]*…)? */
const char *irsa_rule_annotation_key(const char *value);  /* as a label's key, capitals in the prefix too */
const char *irsa_rule_text(const char *value);            /* UTF-8 */
const char *irsa_rule_tag_key(const char *value);         /* IAM: 1-128 of letters, digits, space and _.:/=+-@ */
const char *irsa_rule_tag_value(const char *value);       /* IAM: 0-256 of the same */
const char *irsa_rule_topic_prefix(const char *value);    /* Kafka: [A-Za-z0-9._-], 1-200 */
const char *irsa_rule_event_id(const char *value);        /* 1-256 characters, none of them a control character */
const char *irsa_rule_event_text(const char *value);      /* 1-1024 of the same */
const char *irsa_rule_event_source(const char *value);    /* RFC 3986 URI reference: 1-1024 printable ASCII, no space */

/* A subject: <12 digits or ->/<region>/<cluster>[/<namespace>/<name>], as the names above allow it. */
const char *irsa_rule_subject(const char *value);

/* The partition of an ARN, e.g. "aws-cn", as a copy of at most 15 bytes; "" when the ARN has none. */
void irsa_arn_partition(const char *arn, char out_partition[16]);

/* The account of an ARN, or "" when it has none (12 digits or "aws" for AWS's own policies). */
void irsa_arn_account(const char *arn, char out_account[16]);

/* What follows the last '/' or ':' of an ARN. Borrowed from it. */
const char *irsa_arn_name(const char *arn);

/* The partition of a region by its form ("cn-north-1" -> "aws-cn"), "aws" when no other fits. Static text. */
const char *irsa_region_partition(const char *region);

#endif
