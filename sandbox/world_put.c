/*
 * PUT /world: what others made, changed or removed. What is absent is made; what exists gets exactly the parts that are
 * given; "delete" removes.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/contract/names.h"
#include "sandbox/fields.h"
#include "sandbox/inside.h"
#include "sandbox/kube/kube.h"

#define NOBODYS_TRUST "{\"Version\":\"2012-10-17\",\"Statement\":[]}"

struct change {
    struct irsa_sandbox_account *account;
    struct irsa_sandbox_moment moment;
    struct irsa_arena *arena;
};

/* --- bags ---------------------------------------------------------------------------------------------------------------------- */

/* An array of texts, or an object of texts or documents, in place of what the bag held. */
static bool fill_bag(struct irsa_sandbox_bag *bag, struct irsa_arena *arena, const struct irsa_json *value,
                     struct irsa_error *err) {
    irsa_sandbox_bag_done(bag);
    *bag = (struct irsa_sandbox_bag){NULL};
    for (const struct irsa_json *member = value->first; member != NULL; member = member->next) {
        if (value->kind == IRSA_JSON_ARRAY && member->kind == IRSA_JSON_STRING)
            irsa_sandbox_bag_put(bag, member->text, NULL);
        else if (value->kind == IRSA_JSON_OBJECT && member->kind == IRSA_JSON_STRING)
            irsa_sandbox_bag_put(bag, member->key, member->text);
        else if (value->kind == IRSA_JSON_OBJECT && member->kind == IRSA_JSON_OBJECT)
            irsa_sandbox_bag_put(bag, member->key, irsa_json_to_text(arena, member));
        else
            return IRSA_FAIL(err, INVALID, "\"%s\" is a list of texts or an object of texts or documents",
                             value->key != NULL ? value->key : "");
    }
    return true;
}

static bool fill_if_given(struct irsa_sandbox_bag *bag, struct irsa_arena *arena, const struct irsa_json *value,
                          struct irsa_error *err) {
    return value == NULL || fill_bag(bag, arena, value, err);
}

/* --- roles ----------------------------------------------------------------------------------------------------------------------- */

struct role_draft {
    const char *name, *path, *arn, *id, *description, *boundary;
    const struct irsa_json *trust, *boundary_value, *tags, *attached, *inlines;
};

#define DRAFT(member) offsetof(struct role_draft, member)

static const struct irsa_sandbox_field role_fields[] = {
    {.name = "roleName", .kind = IRSA_SANDBOX_FIELD_TEXT, .offset = DRAFT(name)},
    {.name = "path", .kind = IRSA_SANDBOX_FIELD_TEXT, .offset = DRAFT(path)},
    {.name = "arn", .kind = IRSA_SANDBOX_FIELD_TEXT, .offset = DRAFT(arn)},
    {.name = "roleId", .kind = IRSA_SANDBOX_FIELD_TEXT, .offset = DRAFT(id)},
    {.name = "description", .kind = IRSA_SANDBOX_FIELD_TEXT, .offset = DRAFT(description)},
    {.name = "assumeRolePolicyDocument", .kind = IRSA_SANDBOX_FIELD_OBJECT, .offset = DRAFT(trust)},
    {.name = "permissionsBoundary", .kind = IRSA_SANDBOX_FIELD_ANY, .offset = DRAFT(boundary_value)},
    {.name = "tags", .kind = IRSA_SANDBOX_FIELD_OBJECT, .offset = DRAFT(tags)},
    {.name = "attachedPolicies", .kind = IRSA_SANDBOX_FIELD_ARRAY, .offset = DRAFT(attached)},
    {.name = "inlinePolicies", .kind = IRSA_SANDBOX_FIELD_OBJECT, .offset = DRAFT(inlines)},
};

static struct irsa_sandbox_role *new_role(const struct change *change, const struct role_draft *draft) {
    const char *path = draft->path != NULL ? draft->path : "/";
    struct irsa_sandbox_role *role = irsa_sandbox_role_new();
    irsa_sandbox_set_text(&role->name, draft->name);
    irsa_sandbox_set_text(&role->path, path);
    irsa_sandbox_set_text(&role->arn, irsa_arena_format(change->arena, "arn:%s:iam::%s:role%s%s",
                                                        change->account->partition, change->account->id, path,
                                                        draft->name));
    role->id = irsa_sandbox_unique_id("AROA");
    irsa_sandbox_set_text(&role->trust, NOBODYS_TRUST);
    role->created_ms = change->moment.now_ms;
    return role;
}

static bool fill_role(const struct change *change, const struct role_draft *draft, struct irsa_sandbox_role *role,
                      struct irsa_error *err) {
    if (draft->description != NULL)
        irsa_sandbox_set_text(&role->description, draft->description);
    if (draft->trust != NULL)
        irsa_sandbox_set_text(&role->trust, irsa_json_to_text(change->arena, draft->trust));
    if (draft->boundary_value != NULL)
        irsa_sandbox_set_text(&role->boundary,
                              draft->boundary_value->kind == IRSA_JSON_STRING ? draft->boundary_value->text : NULL);
    return fill_if_given(&role->tags, change->arena, draft->tags, err) &&
           fill_if_given(&role->attached, change->arena, draft->attached, err) &&
           fill_if_given(&role->inlines, change->arena, draft->inlines, err);
}

static bool put_role(const struct change *change, const struct irsa_json *document, struct irsa_error *err) {
    struct role_draft draft = {NULL};
    if (!irsa_sandbox_fields_read(role_fields, sizeof(role_fields) / sizeof(role_fields[0]), document, &draft, err))
        return false;
    if (draft.name == NULL || irsa_rule_role_name(draft.name) != NULL)
        return IRSA_FAIL(err, INVALID, "a role needs a \"roleName\" of at most 64 of A-Z a-z 0-9 _+=,.@-");
    const char *key = irsa_sandbox_lower_case(change->arena, draft.name);
    if (irsa_sandbox_shelf_now(change->account->roles, key) == NULL)
        irsa_sandbox_shelf_put(change->account->roles, key, new_role(change, &draft), change->moment);
    return fill_role(change, &draft, irsa_sandbox_shelf_edit(change->account->roles, key, change->moment), err);
}

/* --- customer policies -------------------------------------------------------------------------------------------------------------- */

struct policy_draft {
    const char *name, *path, *arn;
    const struct irsa_json *document;
};

static const struct irsa_sandbox_field policy_fields[] = {
    {.name = "policyName", .kind = IRSA_SANDBOX_FIELD_TEXT, .offset = offsetof(struct policy_draft, name)},
    {.name = "path", .kind = IRSA_SANDBOX_FIELD_TEXT, .offset = offsetof(struct policy_draft, path)},
    {.name = "arn", .kind = IRSA_SANDBOX_FIELD_TEXT, .offset = offsetof(struct policy_draft, arn)},
    {.name = "policyDocument", .kind = IRSA_SANDBOX_FIELD_OBJECT, .offset = offsetof(struct policy_draft, document)},
};

static struct irsa_sandbox_policy *new_policy(const struct change *change, const struct policy_draft *draft) {
    const char *path = draft->path != NULL ? draft->path : "/";
    struct irsa_sandbox_policy *policy = irsa_sandbox_policy_new();
    irsa_sandbox_set_text(&policy->name, draft->name);
    irsa_sandbox_set_text(&policy->path, path);
    irsa_sandbox_set_text(&policy->arn, irsa_arena_format(change->arena, "arn:%s:iam::%s:policy%s%s",
                                                          change->account->partition, change->account->id, path,
                                                          draft->name));
    policy->id = irsa_sandbox_unique_id("ANPA");
    policy->created_ms = change->moment.now_ms;
    irsa_sandbox_set_text(&policy->document, NOBODYS_TRUST);
    return policy;
}

static bool put_policy(const struct change *change, const struct irsa_json *document, struct irsa_error *err) {
    struct policy_draft draft = {NULL};
    if (!irsa_sandbox_fields_read(policy_fields, sizeof(policy_fields) / sizeof(policy_fields[0]), document, &draft,
                                  err))
        return false;
    if (draft.name == NULL)
        return IRSA_FAIL(err, INVALID, "a policy needs a \"policyName\"");
    struct irsa_sandbox_shelf *policies = change->account->policies;
    const char *key = irsa_sandbox_lower_case(change->arena, draft.name);
    if (irsa_sandbox_shelf_now(policies, key) == NULL)
        irsa_sandbox_shelf_put(policies, key, new_policy(change, &draft), change->moment);
    struct irsa_sandbox_policy *policy = irsa_sandbox_shelf_edit(policies, key, change->moment);
    if (draft.document != NULL)
        irsa_sandbox_set_text(&policy->document, irsa_json_to_text(change->arena, draft.document));
    return true;
}

/* --- OIDC providers --------------------------------------------------------------------------------------------------------------------- */

struct provider_draft {
    const char *url, *arn;
    const struct irsa_json *clients, *tags;
};

static const struct irsa_sandbox_field provider_fields[] = {
    {.name = "url", .kind = IRSA_SANDBOX_FIELD_TEXT, .offset = offsetof(struct provider_draft, url)},
    {.name = "arn", .kind = IRSA_SANDBOX_FIELD_TEXT, .offset = offsetof(struct provider_draft, arn)},
    {.name = "clientIDs", .kind = IRSA_SANDBOX_FIELD_ARRAY, .offset = offsetof(struct provider_draft, clients)},
    {.name = "tags", .kind = IRSA_SANDBOX_FIELD_OBJECT, .offset = offsetof(struct provider_draft, tags)},
};

static bool put_provider(const struct change *change, const struct irsa_json *document, struct irsa_error *err) {
    struct provider_draft draft = {NULL};
    if (!irsa_sandbox_fields_read(provider_fields, sizeof(provider_fields) / sizeof(provider_fields[0]), document,
                                  &draft, err))
        return false;
    if (draft.url == NULL)
        return IRSA_FAIL(err, INVALID, "a provider needs a \"url\"");
    const char *url = irsa_text_starts_with(draft.url, "https://") ? draft.url + strlen("https://") : draft.url;
    struct irsa_sandbox_shelf *providers = change->account->providers;
    if (irsa_sandbox_shelf_now(providers, url) == NULL) {
        struct irsa_sandbox_provider *provider = irsa_sandbox_provider_new();
        irsa_sandbox_set_text(&provider->url, url);
        irsa_sandbox_set_text(&provider->arn, irsa_arena_format(change->arena, "arn:%s:iam::%s:oidc-provider/%s",
                                                                change->account->partition, change->account->id, url));
        provider->created_ms = change->moment.now_ms;
        irsa_sandbox_shelf_put(providers, url, provider, change->moment);
    }
    struct irsa_sandbox_provider *provider = irsa_sandbox_shelf_edit(providers, url, change->moment);
    return fill_if_given(&provider->clients, change->arena, draft.clients, err) &&
           fill_if_given(&provider->tags, change->arena, draft.tags, err);
}

/* --- removing ----------------------------------------------------------------------------------------------------------------------------- */

static void remove_from(const struct change *change, struct irsa_sandbox_shelf *shelf, const char *name) {
    const char *plain = name;
    if (irsa_text_starts_with(name, "arn:"))
        plain = strstr(name, "oidc-provider/") != NULL ? strstr(name, "oidc-provider/") + strlen("oidc-provider/")
                                                        : irsa_arn_name(name);
    const char *lower = irsa_sandbox_lower_case(change->arena, plain);
    const char *const keys[] = {plain, lower};
    for (size_t i = 0; i < 2; i++)
        if (irsa_sandbox_shelf_now(shelf, keys[i]) != NULL)
            irsa_sandbox_shelf_remove(shelf, keys[i], change->moment);
}

static bool remove_things(const struct change *change, const struct irsa_json *document, struct irsa_error *err) {
    const struct {
        const char *name;
        struct irsa_sandbox_shelf *shelf;
    } kinds[] = {{"roles", change->account->roles},
                 {"policies", change->account->policies},
                 {"oidcProviders", change->account->providers}};
    for (const struct irsa_json *member = document->first; member != NULL; member = member->next) {
        size_t kind = 0;
        while (kind < 3 && strcmp(kinds[kind].name, member->key) != 0)
            kind++;
        if (kind == 3 || member->kind != IRSA_JSON_ARRAY)
            return IRSA_FAIL(err, INVALID, "\"delete\" has lists \"roles\", \"policies\" and \"oidcProviders\"");
        for (const struct irsa_json *name = member->first; name != NULL; name = name->next)
            if (name->kind == IRSA_JSON_STRING)
                remove_from(change, kinds[kind].shelf, name->text);
    }
    return true;
}

/* --- accounts and clusters ------------------------------------------------------------------------------------------------------------------ */

struct account_draft {
    const struct irsa_json *roles, *policies, *providers, *removed;
};

static const struct irsa_sandbox_field account_fields[] = {
    {.name = "roles", .kind = IRSA_SANDBOX_FIELD_ARRAY, .offset = offsetof(struct account_draft, roles)},
    {.name = "policies", .kind = IRSA_SANDBOX_FIELD_ARRAY, .offset = offsetof(struct account_draft, policies)},
    {.name = "oidcProviders", .kind = IRSA_SANDBOX_FIELD_ARRAY, .offset = offsetof(struct account_draft, providers)},
    {.name = "delete", .kind = IRSA_SANDBOX_FIELD_OBJECT, .offset = offsetof(struct account_draft, removed)},
};

static bool put_all(const struct change *change, const struct irsa_json *list,
                    bool (*put)(const struct change *, const struct irsa_json *, struct irsa_error *),
                    struct irsa_error *err) {
    size_t index = 0;
    for (const struct irsa_json *item = list == NULL ? NULL : list->first; item != NULL; item = item->next, index++)
        if (!put(change, item, err))
            return irsa_error_at(err, "/%s/%zu", list->key, index);
    return true;
}

static bool change_account(struct irsa_sandbox *sandbox, struct irsa_arena *arena, const struct irsa_json *document,
                           struct irsa_error *err) {
    struct account_draft draft = {NULL};
    if (irsa_rule_account_id(document->key) != NULL)
        return IRSA_FAIL(err, INVALID, "\"%s\" is no account: 12 digits", document->key);
    if (!irsa_sandbox_fields_read(account_fields, sizeof(account_fields) / sizeof(account_fields[0]), document, &draft,
                                  err))
        return false;
    const struct change change = {
        .account = irsa_sandbox_world_account(&sandbox->world, document->key),
        .moment = {.now_ms = irsa_clock_now_ms(sandbox->clock), .lag_ms = sandbox->model.propagation_ms},
        .arena = arena,
    };
    return put_all(&change, draft.policies, put_policy, err) && put_all(&change, draft.providers, put_provider, err) &&
           put_all(&change, draft.roles, put_role, err) &&
           (draft.removed == NULL || remove_things(&change, draft.removed, err));
}

static bool change_cluster(struct irsa_sandbox *sandbox, const struct irsa_json *document, struct irsa_error *err) {
    const char *slash = strchr(document->key, '/');
    for (size_t i = 0; i < sandbox->world.cluster_count; i++)
        if (strcmp(sandbox->world.clusters[i]->key, document->key) == 0)
            return irsa_sandbox_kube_merge(sandbox->world.clusters[i], document, irsa_clock_now_ms(sandbox->clock),
                                           err);
    return IRSA_FAIL(err, INVALID, "there is no cluster \"%s\"%s", document->key,
                     slash == NULL ? ": write region/name" : "");
}

bool irsa_sandbox_world_change(struct irsa_sandbox *sandbox, struct irsa_arena *arena, const struct irsa_json *document,
                               struct irsa_error *err) {
    if (document->kind != IRSA_JSON_OBJECT)
        return IRSA_FAIL(err, INVALID, "a world is an object");
    for (const struct irsa_json *part = document->first; part != NULL; part = part->next) {
        bool is_account = strcmp(part->key, "accounts") == 0;
        if ((!is_account && strcmp(part->key, "clusters") != 0) || part->kind != IRSA_JSON_OBJECT)
            return IRSA_FAIL(err, INVALID, "a world has objects \"accounts\" and \"clusters\", not \"%s\"", part->key);
        for (const struct irsa_json *item = part->first; item != NULL; item = item->next)
            if (!(is_account ? change_account(sandbox, arena, item, err) : change_cluster(sandbox, item, err)))
                return irsa_error_at(err, "/%s/%s", part->key, item->key);
    }
    return true;
}
