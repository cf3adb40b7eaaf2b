/*
 * IAM, 2010-05-08: a table of actions, and what their handlers share.
 */
#ifndef IRSA_SANDBOX_IAM_IAM_H
#define IRSA_SANDBOX_IAM_IAM_H

#include <irsa/api.h>

#include "core/base/text.h"
#include "sandbox/call.h"
#include "sandbox/iam/document.h"

/* Names of all actions, for the script of faults. Gives how many. */
size_t irsa_sandbox_iam_action_names(const char *out_names[IRSA_SANDBOX_MAX_ACTIONS]);

/* Set the call's action. */
void irsa_sandbox_iam_name(struct irsa_sandbox_call *call);

/* With the lock; the signature is right. */
void irsa_sandbox_iam_answer(struct irsa_sandbox_call *call);

/* One call of an action: the form that came and the result that is being written. */
struct irsa_sandbox_iam {
    struct irsa_sandbox_call *call;
    struct irsa_sandbox_account *account;
    struct irsa_arena *arena;
    struct irsa_sandbox_moment moment;
    struct irsa_pairs form;
    struct irsa_text out; /* what goes within <…Result> */
};

/* Do it and write the result; false when irsa_sandbox_fail has answered. */
typedef bool irsa_sandbox_iam_fn(struct irsa_sandbox_iam *iam);

/* What a parameter must look like, beside its length. */
enum irsa_sandbox_iam_rule {
    IRSA_SANDBOX_RULE_ANY,
    IRSA_SANDBOX_RULE_NAME,    /* [\w+=,.@-]+ */
    IRSA_SANDBOX_RULE_PATH,    /* / or /…/ */
    IRSA_SANDBOX_RULE_PREFIX,  /* of a path: /… */
    IRSA_SANDBOX_RULE_PROSE,   /* Latin-1 without control characters, but for tabs and ends of lines */
    IRSA_SANDBOX_RULE_INTEGER, /* min and max are of the value */
};

struct irsa_sandbox_iam_parameter {
    const char *name; /* NULL ends the list */
    bool is_required;
    enum irsa_sandbox_iam_rule rule;
    int64_t min, max; /* of the length in characters */
};

#define IRSA_SANDBOX_IAM_MAX_PARAMETERS 8

struct irsa_sandbox_iam_action {
    const char *name;
    irsa_sandbox_iam_fn *handle;
    bool is_write;
    bool has_result;
    struct irsa_sandbox_iam_parameter parameters[IRSA_SANDBOX_IAM_MAX_PARAMETERS];
};

/* One group of actions per file. */
struct irsa_sandbox_iam_group {
    const struct irsa_sandbox_iam_action *actions;
    size_t count;
};

extern const struct irsa_sandbox_iam_group irsa_sandbox_iam_roles;
extern const struct irsa_sandbox_iam_group irsa_sandbox_iam_attachments;
extern const struct irsa_sandbox_iam_group irsa_sandbox_iam_inlines;
extern const struct irsa_sandbox_iam_group irsa_sandbox_iam_tags;
extern const struct irsa_sandbox_iam_group irsa_sandbox_iam_providers;
extern const struct irsa_sandbox_iam_group irsa_sandbox_iam_policies;
extern const struct irsa_sandbox_iam_group irsa_sandbox_iam_profiles;
extern const struct irsa_sandbox_iam_group irsa_sandbox_iam_summaries;

/* The rows that many actions have. */
/* clang-format off */
#define IRSA_SANDBOX_ROLE_NAME   {"RoleName",   true,  IRSA_SANDBOX_RULE_NAME, 1, 64}
#define IRSA_SANDBOX_POLICY_NAME {"PolicyName", true,  IRSA_SANDBOX_RULE_NAME, 1, 128}
#define IRSA_SANDBOX_POLICY_ARN  {"PolicyArn",  true,  IRSA_SANDBOX_RULE_ANY,  20, 2048}
#define IRSA_SANDBOX_DESCRIPTION {"Description", false, IRSA_SANDBOX_RULE_PROSE, 0, 1000}
#define IRSA_SANDBOX_MARKER      {"Marker",     false, IRSA_SANDBOX_RULE_ANY,  1, 1024}
#define IRSA_SANDBOX_MAX_ITEMS   {"MaxItems",   false, IRSA_SANDBOX_RULE_INTEGER, 1, 1000}
/* clang-format on */

/* The value of a parameter, or NULL. */
const char *irsa_sandbox_iam_get(const struct irsa_sandbox_iam *iam, const char *name);

/* Does every parameter keep to its row (parameters.c)? When not, ValidationError has been answered. */
IRSA_MUST_CHECK bool irsa_sandbox_iam_check_parameters(struct irsa_sandbox_iam *iam,
                                                       const struct irsa_sandbox_iam_action *action);

/* What IAM's limits count: characters, not bytes. */
size_t irsa_sandbox_iam_length(const char *text);

/* "Tags.member.3.Key": `list` and `member` ("" for plain lists) of number `n` from 1, or NULL. */
const char *irsa_sandbox_iam_member(const struct irsa_sandbox_iam *iam, const char *list, size_t n, const char *member);

/* Fail with a message in printf's form: NoSuchEntity 404, EntityAlreadyExists and other conflicts 409, the rest 400. */
bool irsa_sandbox_iam_fail(struct irsa_sandbox_iam *iam, const char *code, const char *format, ...) IRSA_PRINTF(3, 4);

/* The role that RoleName names, as readers see it; NULL when the call has failed. */
const struct irsa_sandbox_role *irsa_sandbox_iam_role(struct irsa_sandbox_iam *iam);

/* The same for a write: as the last write left it, and not one that only AWS may change. */
const struct irsa_sandbox_role *irsa_sandbox_iam_role_to_change(struct irsa_sandbox_iam *iam);

/* Change it, after all checks. */
struct irsa_sandbox_role *irsa_sandbox_iam_edit(struct irsa_sandbox_iam *iam, const struct irsa_sandbox_role *role);

/* Read and check Tags; `bag` gets them on top of what it has. */
IRSA_MUST_CHECK bool irsa_sandbox_iam_read_tags(struct irsa_sandbox_iam *iam, struct irsa_sandbox_bag *bag);
void irsa_sandbox_iam_write_tags(struct irsa_sandbox_iam *iam, const struct irsa_sandbox_bag *tags);

/* Where the documents of this call are to be valid. */
struct irsa_sandbox_document_place irsa_sandbox_iam_place(const struct irsa_sandbox_iam *iam);

/* Does a managed policy exist that can be attached to a role? */
bool irsa_sandbox_iam_has_policy(struct irsa_sandbox_iam *iam, const char *arn);

/* Is `name_with_path` ("service-role/AmazonEBSCSIDriverPolicy") a policy of AWS? The list is compiled in. */
bool irsa_sandbox_iam_is_aws_managed(const char *name_with_path);

/* May the caller do it (access.c)? When not, the refusal has been answered. The parameters have been checked. */
IRSA_MUST_CHECK bool irsa_sandbox_iam_may(struct irsa_sandbox_iam *iam, const char *action);

const char *irsa_sandbox_iam_arn(struct irsa_sandbox_iam *iam, const char *kind, const char *path, const char *name);

/*
 * The page that Marker and MaxItems ask for, of items with ascending keys. Write the items from `first` up to `end`,
 * then irsa_sandbox_iam_end_page.
 */
struct irsa_sandbox_iam_page {
    size_t first;
    size_t end;
    const char *marker; /* of the next page; NULL: this is the last */
};

IRSA_MUST_CHECK bool irsa_sandbox_iam_begin_page(struct irsa_sandbox_iam *iam, const char *const *keys, size_t count,
                                                 struct irsa_sandbox_iam_page *out_page);
void irsa_sandbox_iam_end_page(struct irsa_sandbox_iam *iam, const struct irsa_sandbox_iam_page *page);

/* The keys of a bag. */
const char *const *irsa_sandbox_iam_bag_keys(struct irsa_sandbox_iam *iam, const struct irsa_sandbox_bag *bag);

#endif
