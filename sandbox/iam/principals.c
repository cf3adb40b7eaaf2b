/*
 * Whom a trust policy names: each must exist, as readers see the world.
 *
 * Source: "AWS JSON policy elements: Principal", IAM user guide; the texts are those that IAM answers.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/contract/names.h"
#include "sandbox/iam/document.h"
#include "sandbox/world.h"

#define FEDERATED   "Federated principals must be valid domain names or SAML metadata ARNs"
#define WORKER_USER "user/irsa-worker"

static const struct irsa_sandbox_account *find_account(const struct irsa_sandbox_document_place *place,
                                                       const char *id) {
    const struct irsa_sandbox_world *world = place->world;
    for (size_t i = 0; i < world->account_count; i++)
        if (strcmp(world->accounts[i]->id, id) == 0)
            return world->accounts[i];
    return NULL;
}

/* Roles of accounts that are not in this world are believed. */
static bool has_role(const struct irsa_sandbox_document_place *place, const char *account_id, const char *name) {
    const struct irsa_sandbox_account *account = find_account(place, account_id);
    if (account == NULL)
        return true;
    return irsa_sandbox_shelf_seen(account->roles, irsa_sandbox_lower_case(place->arena, name), place->moment) != NULL;
}

static bool is_principal_arn(const struct irsa_sandbox_document_place *place, const char *arn) {
    char partition[16];
    char account[16];
    irsa_arn_partition(arn, partition);
    irsa_arn_account(arn, account);
    const char *resource = irsa_sandbox_arn_resource(arn);
    if (resource == NULL || strcmp(partition, place->account->partition) != 0 || irsa_rule_account_id(account) != NULL)
        return false;
    if (strcmp(resource, "root") == 0)
        return true;
    if (irsa_text_starts_with(resource, "role/"))
        return has_role(place, account, irsa_arn_name(arn));
    if (irsa_text_starts_with(resource, "assumed-role/")) {
        const char *name = resource + strlen("assumed-role/");
        return has_role(place, account, irsa_arena_copy_bytes(place->arena, name, strcspn(name, "/")));
    }
    return find_account(place, account) == NULL || strcmp(resource, WORKER_USER) == 0;
}

static bool has_role_id(const struct irsa_sandbox_document_place *place, const char *id) {
    const void *const *roles;
    size_t count = irsa_sandbox_shelf_list(place->account->roles, place->arena, place->moment, &roles);
    for (size_t i = 0; i < count; i++)
        if (strcmp(((const struct irsa_sandbox_role *)roles[i])->id, id) == 0)
            return true;
    return false;
}

static const char *check_aws(const struct irsa_sandbox_document_place *place, const char *value) {
    if (strcmp(value, "*") == 0 || irsa_rule_account_id(value) == NULL || is_principal_arn(place, value) ||
        has_role_id(place, value))
        return NULL;
    return irsa_arena_format(place->arena, "Invalid principal in policy: \"AWS\":\"%s\"", value);
}

static const char *check_service(const struct irsa_sandbox_document_place *place, const char *value) {
    if (strstr(value, ".amazonaws.") != NULL || irsa_text_ends_with(value, ".amazon.com"))
        return NULL;
    return irsa_arena_format(place->arena, "Invalid principal in policy: \"SERVICE\":\"%s\"", value);
}

static bool is_domain_name(const char *value) {
    return strchr(value, '.') != NULL &&
           value[strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")] == '\0';
}

/* A provider must exist where readers look; one of another account cannot be trusted at all. */
static const char *check_federated(const struct irsa_sandbox_document_place *place, const char *value) {
    const struct irsa_sandbox_account *account = place->account;
    const char *prefix =
        irsa_arena_format(place->arena, "arn:%s:iam::%s:oidc-provider/", account->partition, account->id);
    if (irsa_text_starts_with(value, prefix))
        return irsa_sandbox_shelf_seen(account->providers, value + strlen(prefix), place->moment) == NULL ? FEDERATED
                                                                                                          : NULL;
    return is_domain_name(value) ? NULL : FEDERATED;
}

static const char *check_canonical(const struct irsa_sandbox_document_place *place, const char *value) {
    (void)place, (void)value;
    return NULL;
}

const char *irsa_sandbox_principal_fault(const struct irsa_sandbox_document_place *place,
                                         const struct irsa_json *value) {
    static const struct {
        const char *kind;
        irsa_sandbox_string_fn *check;
    } kinds[] = {{"AWS", check_aws},
                 {"Service", check_service},
                 {"Federated", check_federated},
                 {"CanonicalUser", check_canonical}};
    if (value->kind == IRSA_JSON_STRING)
        return strcmp(value->text, "*") == 0 ? NULL : IRSA_SANDBOX_SYNTAX;
    if (value->kind != IRSA_JSON_OBJECT || value->first == NULL)
        return IRSA_SANDBOX_SYNTAX;
    for (const struct irsa_json *member = value->first; member != NULL; member = member->next) {
        size_t i = 0;
        while (i < sizeof(kinds) / sizeof(kinds[0]) && strcmp(kinds[i].kind, member->key) != 0)
            i++;
        if (i == sizeof(kinds) / sizeof(kinds[0]))
            return irsa_arena_format(place->arena, "Invalid principal in policy: \"%s\"", member->key);
        const char *fault = irsa_sandbox_each_string(place, member, kinds[i].check);
        if (fault != NULL)
            return fault;
    }
    return NULL;
}
