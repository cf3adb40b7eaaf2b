/*
 * What the fields of a request say together: tables of small rules, each of which blames one place.
 */
#include <string.h>
#include <strings.h>

#include "core/contract/request.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define MASK(ACTION) (1u << IRSA_ACTION_##ACTION)

#define ROLE_ANNOTATION "eks.amazonaws.com/role-arn"
#define OUR_PREFIX      "irsa.dev/"

/* Of the well-known policies, those that are attached as managed policies. */
#define MANAGED_WELL_KNOWN (IRSA_WELL_KNOWN_IMAGE_BUILDER | IRSA_WELL_KNOWN_EBS_CSI_CONTROLLER)

/* What a rule about one service account looks at. */
struct account_case {
    const struct irsa_service_account *account;
    const char *region;
    enum irsa_action action;
};

typedef bool account_rule_fn(const struct account_case *c, struct irsa_error *err);

static bool is_empty_document(const char *document) {
    return document != NULL && document[strspn(document, "{} \t\r\n")] == '\0';
}

static bool has_inline_policy(const struct irsa_service_account *account) {
    return account->attach_policy != NULL && !is_empty_document(account->attach_policy);
}

static bool has_policies(const struct irsa_service_account *account) {
    return account->attach_policy_arns.count > 0 || has_inline_policy(account) || account->well_known_policies != 0;
}

static bool says_what_to_allow(const struct account_case *c, struct irsa_error *err) {
    if (c->action != IRSA_ACTION_CREATE || has_policies(c->account) || c->account->attach_role_arn != NULL)
        return true;
    return IRSA_FAIL(err, INVALID,
                     "says nothing of what the role may do; give attachPolicyARNs, attachPolicy, wellKnownPolicies or "
                     "attachRoleARN");
}

static bool updates_a_role_of_ours(const struct account_case *c, struct irsa_error *err) {
    if (c->action != IRSA_ACTION_UPDATE || c->account->attach_role_arn == NULL)
        return true;
    IRSA_FAIL(err, INVALID, "belongs to create; an update changes a role of ours");
    return irsa_error_at_key(err, "attachRoleARN");
}

static bool says_what_to_update(const struct account_case *c, struct irsa_error *err) {
    const struct irsa_service_account *account = c->account;
    bool has_change = account->attach_policy_arns.at != NULL || account->attach_policy != NULL ||
                      account->has_well_known_policies || account->permissions_boundary != NULL ||
                      account->tags.at != NULL || account->subject_pattern != NULL || account->labels.at != NULL ||
                      account->annotations.at != NULL;
    if (c->action != IRSA_ACTION_UPDATE || has_change)
        return true;
    return IRSA_FAIL(err, INVALID,
                     "says nothing to change; give attachPolicyARNs, attachPolicy, wellKnownPolicies, "
                     "permissionsBoundary, tags, subjectPattern, labels or annotations");
}

static const char *first_well_known(uint32_t flags) {
    size_t i = 0;
    while ((flags >> i & 1) == 0)
        i++;
    return irsa_well_known_names[i];
}

/* With attachRoleARN the role is somebody else's, and nothing of it is ours to choose. */
static bool leaves_an_attached_role_alone(const struct account_case *c, struct irsa_error *err) {
    const struct irsa_service_account *account = c->account;
    if (account->attach_role_arn == NULL)
        return true;
    const struct {
        const char *key;
        bool is_given;
    } parts[] = {
        {"attachPolicyARNs", account->attach_policy_arns.count > 0},
        {"attachPolicy", has_inline_policy(account)},
        {"wellKnownPolicies", account->well_known_policies != 0},
        {"permissionsBoundary", account->permissions_boundary != NULL},
        {"roleName", account->role_name != NULL},
        {"roleOnly", account->role_only},
        {"tags", account->tags.count > 0},
        {"subjectPattern", account->subject_pattern != NULL},
    };
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (!parts[i].is_given)
            continue;
        IRSA_FAIL(err, INVALID, "contradicts attachRoleARN, which uses a role as somebody else keeps it");
        if (strcmp(parts[i].key, "wellKnownPolicies") == 0)
            irsa_error_at_key(err, first_well_known(account->well_known_policies));
        return irsa_error_at_key(err, parts[i].key);
    }
    return true;
}

static bool has_room_for_managed_policies(const struct account_case *c, struct irsa_error *err) {
    size_t well_known = (size_t)__builtin_popcount(c->account->well_known_policies & MANAGED_WELL_KNOWN);
    size_t count = c->account->attach_policy_arns.count + well_known;
    if (count <= IRSA_MANAGED_POLICIES_MAX)
        return true;
    IRSA_FAIL(err, INVALID, "has %zu managed policies together with wellKnownPolicies; a role takes at most %d", count,
              IRSA_MANAGED_POLICIES_MAX);
    return irsa_error_at_key(err, "attachPolicyARNs");
}

static bool has_each_policy_once(const struct account_case *c, struct irsa_error *err) {
    const struct irsa_strings *arns = &c->account->attach_policy_arns;
    for (size_t i = 1; i < arns->count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(arns->at[i], arns->at[j]) != 0)
                continue;
            IRSA_FAIL(err, INVALID, "\"%s\" is listed twice", arns->at[i]);
            return irsa_error_at(err, "/attachPolicyARNs/%zu", i);
        }
    }
    return true;
}

static bool is_of_partition(const char *arn, const char *region, struct irsa_error *err) {
    char partition[16];
    irsa_arn_partition(arn, partition);
    const char *wanted = irsa_region_partition(region);
    if (strcmp(partition, wanted) == 0)
        return true;
    return IRSA_FAIL(err, INVALID, "\"%s\" is in the partition %s, and the cluster in %s (%s)", arn, partition, wanted,
                     region);
}

static bool stays_in_its_partition(const struct account_case *c, struct irsa_error *err) {
    const struct irsa_service_account *account = c->account;
    for (size_t i = 0; i < account->attach_policy_arns.count; i++)
        if (!is_of_partition(account->attach_policy_arns.at[i], c->region, err))
            return irsa_error_at(err, "/attachPolicyARNs/%zu", i);
    if (account->permissions_boundary != NULL && !is_of_partition(account->permissions_boundary, c->region, err))
        return irsa_error_at_key(err, "permissionsBoundary");
    if (account->attach_role_arn != NULL && !is_of_partition(account->attach_role_arn, c->region, err))
        return irsa_error_at_key(err, "attachRoleARN");
    return true;
}

/* IAM compares `sub` with the whole subject of the token; more than 255 characters it does not take. */
static bool has_a_subject_that_fits(const struct account_case *c, struct irsa_error *err) {
    const struct irsa_service_account *account = c->account;
    const char *namespace_name = account->namespace_name == NULL ? "default" : account->namespace_name;
    const char *name = account->subject_pattern == NULL ? account->name : account->subject_pattern;
    size_t length = strlen("system:serviceaccount:") + strlen(namespace_name) + strlen(":") + strlen(name);
    if (length <= IRSA_SUBJECT_MAX)
        return true;
    IRSA_FAIL(err, INVALID, "makes a subject system:serviceaccount:<namespace>:<name> of %zu characters; IAM takes %d",
              length, IRSA_SUBJECT_MAX);
    return irsa_error_at(err, "%s", account->subject_pattern == NULL ? "/metadata/name" : "/subjectPattern");
}

static bool is_tag_free(const struct irsa_pair *tag, struct irsa_error *err) {
    static const struct {
        const char *prefix;
        const char *why;
    } reserved[] = {
        {"aws:", "is AWS's own"},
        {OUR_PREFIX, "is for the worker to write"},
        {"alpha.eksctl.io/", "would make the role look like one of eksctl's"},
        {"eksctl.cluster.k8s.io/", "would make the role look like one of eksctl's"},
    };
    for (size_t i = 0; i < COUNT(reserved); i++)
        if (strncasecmp(tag->key, reserved[i].prefix, strlen(reserved[i].prefix)) == 0)
            return IRSA_FAIL(err, INVALID, "a key with %s %s; use another one", reserved[i].prefix, reserved[i].why);
    return true;
}

static bool is_tag_new(const struct irsa_pairs *tags, size_t index, struct irsa_error *err) {
    for (size_t i = 0; i < index; i++)
        if (irsa_text_equal_ignoring_case(tags->at[i].key, tags->at[index].key))
            return IRSA_FAIL(err, INVALID, "is the same key as \"%s\": IAM does not tell them by their case",
                             tags->at[i].key);
    return true;
}

static bool are_tags_fine(const struct irsa_pairs *tags, struct irsa_error *err) {
    for (size_t i = 0; i < tags->count; i++)
        if (!is_tag_free(&tags->at[i], err) || !is_tag_new(tags, i, err))
            return irsa_error_at_key(err, tags->at[i].key);
    return true;
}

bool irsa_tags_check(const struct irsa_pairs *tags, const char *pointer, struct irsa_error *err) {
    if (are_tags_fine(tags, err))
        return true;
    irsa_error_at(err, "%s", pointer);
    return irsa_error_name_place(err);
}

static bool has_fine_tags(const struct account_case *c, struct irsa_error *err) {
    return are_tags_fine(&c->account->tags, err) || irsa_error_at_key(err, "tags");
}

static bool has_free_labels(const struct account_case *c, struct irsa_error *err) {
    const struct irsa_pairs *labels = &c->account->labels;
    for (size_t i = 0; i < labels->count; i++) {
        const char *key = labels->at[i].key;
        if (strcmp(key, "app.kubernetes.io/managed-by") != 0 && !irsa_text_starts_with(key, OUR_PREFIX))
            continue;
        IRSA_FAIL(err, INVALID, "is for the worker to write; leave it out");
        irsa_error_at_key(err, key);
        return irsa_error_at(err, "/metadata/labels");
    }
    return true;
}

/* Go's strconv.ParseBool, which amazon-eks-pod-identity-webhook reads it with. */
static const char *rule_endpoints(const char *value) {
    static const char *const spellings[] = {"true",  "True",  "TRUE",  "t", "T", "1",
                                            "false", "False", "FALSE", "f", "F", "0"};
    for (size_t i = 0; i < COUNT(spellings); i++)
        if (strcmp(spellings[i], value) == 0)
            return NULL;
    return "must be \"true\" or \"false\"; the pod identity webhook passes over anything else";
}

/* The webhook raises what is too short; what is no number it passes over. */
static const char *rule_expiration(const char *value) {
    size_t digits = strspn(value, "0123456789");
    if (digits >= 1 && digits <= 9 && value[digits] == '\0')
        return NULL;
    return "must be the life of a token in seconds, such as \"86400\"";
}

/* The role trusts this audience only (in every partition). */
static const char *rule_audience(const char *value) {
    return strcmp(value, "sts.amazonaws.com") == 0 ? NULL : "must be \"sts.amazonaws.com\", which the role trusts";
}

static bool is_annotation_free(const char *key, struct irsa_error *err) {
    if (irsa_text_starts_with(key, OUR_PREFIX))
        return IRSA_FAIL(err, INVALID, "is for the worker to write; leave it out");
    if (strcmp(key, ROLE_ANNOTATION) == 0)
        return IRSA_FAIL(err, INVALID,
                         "is for the worker to write; to use a role that somebody else keeps, give attachRoleARN");
    return true;
}

static bool is_annotation_read(const struct irsa_pair *annotation, struct irsa_error *err) {
    static const struct {
        const char *key;
        irsa_name_rule_fn *rule;
    } known[] = {
        {"eks.amazonaws.com/audience", rule_audience},
        {"eks.amazonaws.com/sts-regional-endpoints", rule_endpoints},
        {"eks.amazonaws.com/token-expiration", rule_expiration},
    };
    for (size_t i = 0; i < COUNT(known); i++) {
        const char *problem = strcmp(known[i].key, annotation->key) == 0 ? known[i].rule(annotation->value) : NULL;
        if (problem != NULL)
            return irsa_error_set_rule(err, annotation->value, problem);
    }
    return true;
}

static bool has_fine_annotations(const struct account_case *c, struct irsa_error *err) {
    const struct irsa_pairs *annotations = &c->account->annotations;
    for (size_t i = 0; i < annotations->count; i++) {
        const struct irsa_pair *annotation = &annotations->at[i];
        if (is_annotation_free(annotation->key, err) && is_annotation_read(annotation, err))
            continue;
        irsa_error_at_key(err, annotation->key);
        return irsa_error_at(err, "/metadata/annotations");
    }
    return true;
}

/* As IAM counts: characters that are no white space. */
static size_t count_policy_characters(const char *document) {
    size_t count = 0;
    for (; *document != '\0'; document++)
        count += strchr(" \t\r\n", *document) == NULL && ((unsigned char)*document & 0xC0) != 0x80;
    return count;
}

/* IAM's limit is for all inline policies of a role together. The well-known ones alone always fit. */
static bool has_an_inline_policy_that_fits(const struct account_case *c, struct irsa_error *err) {
    const struct irsa_service_account *account = c->account;
    if (account->attach_policy == NULL)
        return true;
    size_t count = count_policy_characters(account->attach_policy);
    size_t others = irsa_well_known_characters(account->well_known_policies, irsa_region_partition(c->region));
    if (count + others <= IRSA_INLINE_POLICY_MAX)
        return true;
    if (others == 0)
        IRSA_FAIL(err, INVALID, "has %zu characters without white space; IAM takes at most %d", count,
                  IRSA_INLINE_POLICY_MAX);
    else
        IRSA_FAIL(
            err, INVALID,
            "has %zu characters without white space, and wellKnownPolicies has %zu; IAM takes at most %d together",
            count, others, IRSA_INLINE_POLICY_MAX);
    return irsa_error_at_key(err, "attachPolicy");
}

static account_rule_fn *const account_rules[] = {
    updates_a_role_of_ours,        says_what_to_allow,   says_what_to_update,    leaves_an_attached_role_alone,
    has_room_for_managed_policies, has_each_policy_once, stays_in_its_partition, has_an_inline_policy_that_fits,
    has_a_subject_that_fits,       has_fine_tags,        has_free_labels,        has_fine_annotations,
};

bool irsa_service_account_check(const struct irsa_service_account *account, const char *region, enum irsa_action action,
                                const char *pointer, struct irsa_error *err) {
    const struct account_case c = {.account = account, .region = region, .action = action};
    for (size_t i = 0; i < COUNT(account_rules); i++) {
        if (account_rules[i](&c, err))
            continue;
        irsa_error_at(err, "%s", pointer);
        return irsa_error_name_place(err);
    }
    return true;
}

/* Who asks for what an action cannot honour is told so, and not passed over. */
static bool has_options_of_its_action(const struct irsa_request *request, struct irsa_error *err) {
    const struct irsa_options *options = &request->options;
    const struct {
        const char *key;
        bool is_given;
        unsigned actions;
    } rules[] = {
        {"overrideExistingServiceAccounts", options->override_existing_service_accounts, MASK(CREATE) | MASK(UPDATE)},
        {"withOIDC", options->with_oidc, MASK(CREATE) | MASK(UPDATE) | MASK(ASSOCIATE_OIDC)},
        {"adopt", options->adopt, MASK(CREATE) | MASK(UPDATE)},
        {"clusterGone", options->cluster_gone, MASK(DELETE)},
        {"expect", options->expect_role_id != NULL || options->expect_uid != NULL, MASK(DELETE)},
    };
    for (size_t i = 0; i < COUNT(rules); i++) {
        if (!rules[i].is_given || (rules[i].actions >> request->action & 1) != 0)
            continue;
        IRSA_FAIL(err, INVALID, "is no option of %s", irsa_action_name(request->action));
        irsa_error_at_key(err, rules[i].key);
        return irsa_error_at_key(err, "options");
    }
    return true;
}

static bool speaks_of_what_its_action_needs(const struct irsa_request *request, struct irsa_error *err) {
    bool is_given = irsa_fields_are_present(&irsa_service_account_fields, &request->service_account);
    if (request->action != IRSA_ACTION_ASSOCIATE_OIDC)
        return is_given || IRSA_FAIL(err, SCHEMA, "serviceAccount is missing");
    if (!is_given)
        return true;
    IRSA_FAIL(err, INVALID, "does not belong to associate-oidc, which speaks of the cluster alone");
    return irsa_error_at_key(err, "serviceAccount");
}

bool irsa_request_check(const struct irsa_request *request, struct irsa_error *err) {
    if (speaks_of_what_its_action_needs(request, err) && has_options_of_its_action(request, err))
        return true;
    return irsa_error_name_place(err);
}
