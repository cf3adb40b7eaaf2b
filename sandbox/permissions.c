/*
 * The document, and the rules of Kubernetes. Source: pkg/registry/rbac/validation and plugin/pkg/auth/authorizer/rbac of
 * Kubernetes.
 */
#include "sandbox/permissions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "sandbox/policy_condition.h"

#define MAX_BYTES  ((size_t)1024 * 1024)
#define MAX_DEPTH  32
#define RBAC_GROUP "rbac.authorization.k8s.io/v1"

struct irsa_sandbox_permissions {
    struct irsa_arena *arena;
    const struct irsa_json *document;
};

typedef bool check_fn(const struct irsa_json *value, struct irsa_error *err);

static bool check_each(const struct irsa_json *array, check_fn *check, struct irsa_error *err) {
    size_t i = 0;
    if (array->kind != IRSA_JSON_ARRAY)
        return IRSA_FAIL(err, INVALID, "an array must stand here");
    for (const struct irsa_json *each = array->first; each != NULL; each = each->next, i++)
        if (!check(each, err))
            return irsa_error_at(err, "/%zu", i);
    return true;
}

static bool check_rule(const struct irsa_json *rule, struct irsa_error *err) {
    static const char *const members[] = {"apiGroups", "resources", "verbs", "resourceNames"};
    for (size_t i = 0; i < 3; i++)
        if (irsa_json_get(rule, members[i]) == NULL)
            return IRSA_FAIL(err, INVALID, "a rule has %s", members[i]);
    for (const struct irsa_json *each = rule->first; each != NULL; each = each->next) {
        size_t i = 0;
        while (i < 4 && strcmp(members[i], each->key) != 0)
            i++;
        if (i == 4)
            return IRSA_FAIL(err, INVALID, "the sandbox knows no \"%s\" of a rule", each->key);
        if (each->kind != IRSA_JSON_ARRAY)
            return IRSA_FAIL(err, INVALID, "\"%s\" is an array", each->key);
        if (!irsa_sandbox_policy_check_strings(each, err))
            return irsa_error_at_key(err, each->key);
    }
    return true;
}

static bool is_cluster_role(const struct irsa_json *role) {
    const char *kind = irsa_json_get_text(role, "kind");
    return kind != NULL && strcmp(kind, "ClusterRole") == 0;
}

static const char *namespace_of(const struct irsa_json *role) {
    return irsa_json_get_text(irsa_json_get(role, "metadata"), "namespace");
}

static bool check_role(const struct irsa_json *role, struct irsa_error *err) {
    const char *version = irsa_json_get_text(role, "apiVersion");
    const char *kind = irsa_json_get_text(role, "kind");
    const struct irsa_json *rules = irsa_json_get(role, "rules");
    if (version == NULL || strcmp(version, RBAC_GROUP) != 0 || kind == NULL ||
        (strcmp(kind, "Role") != 0 && strcmp(kind, "ClusterRole") != 0))
        return IRSA_FAIL(err, INVALID, "a Role or a ClusterRole of " RBAC_GROUP " must stand here");
    if (is_cluster_role(role) == (namespace_of(role) != NULL))
        return IRSA_FAIL(err, INVALID, "a Role has a metadata.namespace, and a ClusterRole has none");
    for (const struct irsa_json *each = role->first; each != NULL; each = each->next)
        if (strcmp(each->key, "apiVersion") != 0 && strcmp(each->key, "kind") != 0 &&
            strcmp(each->key, "metadata") != 0 && each != rules)
            return IRSA_FAIL(err, INVALID, "the sandbox knows no \"%s\" of a %s", each->key, kind);
    if (rules == NULL)
        return IRSA_FAIL(err, INVALID, "a %s has rules", kind);
    return check_each(rules, check_rule, err) || irsa_error_at_key(err, "rules");
}

static bool check(const struct irsa_json *document, struct irsa_error *err) {
    if (document->kind != IRSA_JSON_OBJECT)
        return IRSA_FAIL(err, INVALID, "the permissions are an object");
    for (const struct irsa_json *each = document->first; each != NULL; each = each->next) {
        bool are_policies = strcmp(each->key, "policies") == 0;
        if (!are_policies && strcmp(each->key, "roles") != 0)
            return IRSA_FAIL(err, INVALID, "the permissions have policies and roles, no \"%s\"", each->key);
        if (!check_each(each, are_policies ? irsa_sandbox_policy_check : check_role, err))
            return irsa_error_at_key(err, each->key);
    }
    return true;
}

struct irsa_sandbox_permissions *irsa_sandbox_permissions_new(const struct irsa_json *document,
                                                              struct irsa_error *err) {
    const struct irsa_json_limits limits = {.max_bytes = MAX_BYTES, .max_depth = MAX_DEPTH};
    if (!check(document, err))
        return NULL;
    struct irsa_sandbox_permissions *permissions = irsa_new(sizeof(*permissions));
    permissions->arena = irsa_arena_new();
    const char *text = irsa_json_to_text(permissions->arena, document);
    if (!irsa_json_parse(permissions->arena, text, strlen(text), limits, &permissions->document, err)) {
        irsa_sandbox_permissions_free(permissions);
        return NULL;
    }
    return permissions;
}

void irsa_sandbox_permissions_free(struct irsa_sandbox_permissions *permissions) {
    if (permissions == NULL)
        return;
    irsa_arena_free(permissions->arena);
    free(permissions);
}

void irsa_sandbox_permissions_write(const struct irsa_sandbox_permissions *permissions, struct irsa_json_writer *w) {
    if (permissions != NULL) {
        irsa_json_add_value(w, NULL, permissions->document);
        return;
    }
    irsa_json_open_object(w, NULL);
    irsa_json_close_object(w);
}

static const struct irsa_json *first_of(const struct irsa_sandbox_permissions *permissions, const char *member) {
    const struct irsa_json *array = irsa_json_get(permissions->document, member);
    return array == NULL ? NULL : array->first;
}

/* A kind of permission that the document does not speak of is not restricted by it. */
enum irsa_sandbox_verdict irsa_sandbox_permissions_judge(const struct irsa_sandbox_permissions *permissions,
                                                         const struct irsa_sandbox_policy_question *question) {
    enum irsa_sandbox_verdict verdict = IRSA_SANDBOX_NOT_ALLOWED;
    if (permissions == NULL || irsa_json_get(permissions->document, "policies") == NULL)
        return IRSA_SANDBOX_ALLOWED;
    for (const struct irsa_json *each = first_of(permissions, "policies"); each != NULL; each = each->next) {
        enum irsa_sandbox_verdict one = irsa_sandbox_policy_judge(each, question);
        verdict = one > verdict ? one : verdict;
    }
    return verdict;
}

static bool lists(const struct irsa_json *rule, const char *member, const char *word) {
    const struct irsa_json *array = irsa_json_get(rule, member);
    for (const struct irsa_json *each = array->first; each != NULL; each = each->next)
        if (strcmp(each->text, "*") == 0 || strcmp(each->text, word) == 0)
            return true;
    return false;
}

static bool lists_name(const struct irsa_json *rule, const char *name) {
    const struct irsa_json *array = irsa_json_get(rule, "resourceNames");
    if (array == NULL)
        return true;
    for (const struct irsa_json *each = array->first; each != NULL; each = each->next)
        if (strcmp(each->text, name) == 0)
            return true;
    return false;
}

static bool rule_names(const struct irsa_json *rule, const struct irsa_sandbox_rbac_question *question,
                       const char *resource) {
    return lists(rule, "verbs", question->verb) && lists(rule, "apiGroups", question->group) &&
           lists(rule, "resources", resource) && lists_name(rule, question->name);
}

static bool role_allows(const struct irsa_json *role, const struct irsa_sandbox_rbac_question *question,
                        const char *resource) {
    if (!is_cluster_role(role) && strcmp(namespace_of(role), question->namespace_name) != 0)
        return false;
    for (const struct irsa_json *rule = irsa_json_get(role, "rules")->first; rule != NULL; rule = rule->next)
        if (rule_names(rule, question, resource))
            return true;
    return false;
}

bool irsa_sandbox_permissions_may(const struct irsa_sandbox_permissions *permissions,
                                  const struct irsa_sandbox_rbac_question *question) {
    char resource[256];
    if (permissions == NULL || irsa_json_get(permissions->document, "roles") == NULL)
        return true;
    bool has_subresource = *question->subresource != '\0';
    int length = snprintf(resource, sizeof(resource), "%s%s%s", question->resource, has_subresource ? "/" : "",
                          question->subresource);
    for (const struct irsa_json *each = first_of(permissions, "roles"); each != NULL; each = each->next)
        if (length < (int)sizeof(resource) && role_allows(each, question, resource))
            return true;
    return false;
}
