/*
 * What the files of the IAM client share.
 */
#ifndef IRSA_AWS_IAM_REQUEST_H
#define IRSA_AWS_IAM_REQUEST_H

#include "core/aws/iam.h"
#include "core/aws/query.h"

/* Entries of a list that we take; a role of ours has at most 25 policies and 50 tags. */
#define IRSA_IAM_MAX_ENTRIES 1000

/* Start a call. fails INVALID (no such partition) */
IRSA_MUST_CHECK bool irsa_iam_begin(struct irsa_query *query, struct irsa_iam iam, struct irsa_attempt *attempt,
                                    const char *action, struct irsa_error *err);

/* An action on one thing that answers nothing. Parameters whose value is NULL are left out. */
struct irsa_iam_parameter {
    const char *name;
    const char *value;
};

IRSA_MUST_CHECK bool irsa_iam_do(struct irsa_iam iam, struct irsa_attempt *attempt, const char *action,
                                 const struct irsa_iam_parameter *parameters, size_t count, struct irsa_error *err);

/*
 * All pages of an action that lists something of a role.
 *
 * list, field   the entries are <list><member><field>, or <list><member> itself with NULL
 * fails         TOO_LARGE (over IRSA_IAM_MAX_ENTRIES)
 */
IRSA_MUST_CHECK bool irsa_iam_list(struct irsa_iam iam, struct irsa_attempt *attempt, const char *action,
                                   const char *role, const char *list, const char *field,
                                   struct irsa_strings *out_entries, struct irsa_error *err);

/* <list><member>… of one answer. */
struct irsa_strings irsa_iam_read_list(struct irsa_arena *arena, const struct irsa_xml *list);
/* <Tags><member><Key>, <Value>. */
struct irsa_pairs irsa_iam_read_tags(struct irsa_arena *arena, const struct irsa_xml *tags);

/* An answer without what it must have. Always false. */
bool irsa_iam_fail_form(struct irsa_error *err, const char *action, const char *what);

#endif
