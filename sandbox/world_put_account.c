/*
 * PUT /world: roles, policies, providers and instance profiles of one account.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/contract/names.h"
#include "sandbox/world_put.h"

static void set_pairs(struct irsa_sandbox_bag *bag, const struct irsa_json *object) {
    irsa_sandbox_bag_done(bag);
    for (const struct irsa_json *member = object->first; member != NULL; member = member->next)
        irsa_sandbox_bag_put(bag, member->key, member->text);
}

static void set_keys(struct irsa_sandbox_bag *bag, const struct irsa_json *array) {
    irsa_sandbox_bag_done(bag);
    for (const struct irsa_json *item = array->first; item != NULL; item = item->next)
        irsa_sandbox_bag_put(bag, item->text, NULL);
}

/* A document is given as JSON, or as the very text. */
static const char *document_text(struct irsa_arena *arena, const struct irsa_json *document) {
    return document->kind == IRSA_JSON_STRING ? document->text : irsa_json_to_text(arena, document);
}

static void set_documents(struct irsa_arena *arena, struct irsa_sandbox_bag *bag, const struct irsa_json *object) {
    irsa_sandbox_bag_done(bag);
    for (const struct irsa_json *member = object->first; member != NULL; member = member->next)
        irsa_sandbox_bag_put(bag, member->key, document_text(arena, member));
}

/* A thing as it is written. */
struct draft {
    const char *name, *path, *arn, *id, *description, *url;
    const struct irsa_json *document, *boundary, *tags, *attached, *inlines, *clients, *role;
};

/* clang-format off */
#define ROW(name, kind, member) IRSA_SANDBOX_FIELD(name, kind, struct draft, member)
#define TEXT(name, member)      ROW(name, TEXT, member)

static const struct irsa_sandbox_field role_fields[] = {
    TEXT("roleName", name), TEXT("path", path), TEXT("arn", arn), TEXT("roleId", id), TEXT("description", description),
    ROW("assumeRolePolicyDocument", ANY, document), ROW("permissionsBoundary", ANY, boundary), ROW("tags", PAIRS, tags),
    ROW("attachedPolicies", TEXTS, attached), ROW("inlinePolicies", OBJECT, inlines),
};
static const struct irsa_sandbox_field policy_fields[] = {
    TEXT("policyName", name), TEXT("path", path), TEXT("arn", arn), ROW("policyDocument", ANY, document),
    ROW("tags", PAIRS, tags),
};
static const struct irsa_sandbox_field provider_fields[] = {
    TEXT("arn", arn), TEXT("url", url), ROW("clientIDs", TEXTS, clients), ROW("tags", PAIRS, tags),
};
static const struct irsa_sandbox_field profile_fields[] = {
    TEXT("instanceProfileName", name), TEXT("path", path), TEXT("arn", arn), ROW("roleName", ANY, role),
};
/* clang-format on */

static const char *account_arn(const struct irsa_sandbox_put *put, const char *kind, const char *path,
                               const char *name) {
    return irsa_arena_format(put->arena, "arn:%s:iam::%s:%s%s%s", put->account->partition, put->account->id, kind, path,
                             name);
}

static void change_role(const struct irsa_sandbox_put *put, struct irsa_sandbox_role *role, const struct draft *draft) {
    if (draft->document != NULL)
        irsa_sandbox_set_text(&role->trust, document_text(put->arena, draft->document));
    if (draft->boundary != NULL)
        irsa_sandbox_set_text(&role->boundary,
                              draft->boundary->kind == IRSA_JSON_STRING ? draft->boundary->text : NULL);
    if (draft->description != NULL)
        irsa_sandbox_set_text(&role->description, draft->description);
    if (draft->tags != NULL)
        set_pairs(&role->tags, draft->tags);
    if (draft->attached != NULL)
        set_keys(&role->attached, draft->attached);
    if (draft->inlines != NULL)
        set_documents(put->arena, &role->inlines, draft->inlines);
    if (draft->id != NULL)
        irsa_sandbox_set_text(&role->id, draft->id);
    if (draft->path != NULL) {
        irsa_sandbox_set_text(&role->path, draft->path);
        irsa_sandbox_set_text(&role->arn, account_arn(put, "role", role->path, role->name));
    }
}

static struct irsa_sandbox_role *new_role(const struct irsa_sandbox_put *put, const struct draft *draft) {
    struct irsa_sandbox_role *role = irsa_sandbox_role_new();
    const char *path = draft->path == NULL ? "/" : draft->path;
    irsa_sandbox_set_text(&role->name, draft->name);
    irsa_sandbox_set_text(&role->path, path);
    irsa_sandbox_set_text(&role->arn, account_arn(put, "role", path, draft->name));
    irsa_sandbox_set_text(&role->trust, "{\"Version\":\"2012-10-17\",\"Statement\":[]}");
    role->id = irsa_sandbox_unique_id("AROA");
    role->created_ms = irsa_clock_now_ms(put->sandbox->clock);
    return role;
}

static bool put_role(const struct irsa_sandbox_put *put, const struct irsa_json *value, struct irsa_error *err) {
    struct draft draft = {0};
    if (!IRSA_SANDBOX_READ(role_fields, value, &draft, err))
        return false;
    if (draft.name == NULL || irsa_rule_role_name(draft.name) != NULL)
        return IRSA_FAIL(err, INVALID, "\"roleName\" must be 1 to 64 of letters, digits and +=,.@_-");
    const char *key = irsa_sandbox_lower_case(put->arena, draft.name);
    if (irsa_sandbox_shelf_now(put->account->roles, key) == NULL)
        irsa_sandbox_shelf_put(put->account->roles, key, new_role(put, &draft), IRSA_SANDBOX_SETTLED);
    change_role(put, irsa_sandbox_shelf_edit(put->account->roles, key, IRSA_SANDBOX_SETTLED), &draft);
    return true;
}

/* "/team/" of "arn:aws:iam::111122223333:policy/team/boundary", or NULL. */
static const char *path_in_arn(const struct irsa_sandbox_put *put, const char *arn) {
    const char *resource = arn == NULL ? NULL : strstr(arn, ":policy/");
    if (resource == NULL)
        return NULL;
    const char *path = resource + strlen(":policy");
    return irsa_arena_copy_bytes(put->arena, path, (size_t)(irsa_arn_name(arn) - path));
}

static struct irsa_sandbox_policy *new_policy(const struct irsa_sandbox_put *put, const struct draft *draft) {
    struct irsa_sandbox_policy *policy = irsa_sandbox_policy_new();
    irsa_sandbox_set_text(&policy->name, draft->name);
    irsa_sandbox_set_text(&policy->path, "/");
    irsa_sandbox_set_text(&policy->document, "{\"Version\":\"2012-10-17\",\"Statement\":[]}");
    policy->id = irsa_sandbox_unique_id("ANPA");
    policy->created_ms = irsa_clock_now_ms(put->sandbox->clock);
    return policy;
}

static bool put_policy(const struct irsa_sandbox_put *put, const struct irsa_json *value, struct irsa_error *err) {
    struct draft draft = {0};
    if (!IRSA_SANDBOX_READ(policy_fields, value, &draft, err))
        return false;
    if (draft.name == NULL && draft.arn != NULL)
        draft.name = irsa_arn_name(draft.arn);
    if (draft.name == NULL)
        return IRSA_FAIL(err, INVALID, "\"policyName\" is missing");
    if (draft.path == NULL)
        draft.path = path_in_arn(put, draft.arn);
    const char *key = irsa_sandbox_lower_case(put->arena, draft.name);
    if (irsa_sandbox_shelf_now(put->account->policies, key) == NULL)
        irsa_sandbox_shelf_put(put->account->policies, key, new_policy(put, &draft), IRSA_SANDBOX_SETTLED);
    struct irsa_sandbox_policy *policy = irsa_sandbox_shelf_edit(put->account->policies, key, IRSA_SANDBOX_SETTLED);
    if (draft.path != NULL)
        irsa_sandbox_set_text(&policy->path, draft.path);
    irsa_sandbox_set_text(&policy->arn, account_arn(put, "policy", policy->path, policy->name));
    if (draft.document != NULL)
        irsa_sandbox_set_text(&policy->document, document_text(put->arena, draft.document));
    if (draft.tags != NULL)
        set_pairs(&policy->tags, draft.tags);
    return true;
}

/* Providers are known by their URL, whose scheme may be left out. */
static const char *provider_key(const struct draft *draft) {
    const char *marker = ":oidc-provider/";
    const char *in_arn = draft->arn == NULL ? NULL : strstr(draft->arn, marker);
    if (draft->url == NULL)
        return in_arn == NULL ? NULL : in_arn + strlen(marker);
    return irsa_text_starts_with(draft->url, "https://") ? draft->url + strlen("https://") : draft->url;
}

static bool put_provider(const struct irsa_sandbox_put *put, const struct irsa_json *value, struct irsa_error *err) {
    struct draft draft = {0};
    if (!IRSA_SANDBOX_READ(provider_fields, value, &draft, err))
        return false;
    const char *key = provider_key(&draft);
    if (key == NULL)
        return IRSA_FAIL(err, INVALID, "\"url\" is missing");
    if (irsa_sandbox_shelf_now(put->account->providers, key) == NULL) {
        struct irsa_sandbox_provider *provider = irsa_sandbox_provider_new();
        irsa_sandbox_set_text(&provider->url, key);
        irsa_sandbox_set_text(&provider->arn, account_arn(put, "oidc-provider/", "", key));
        provider->created_ms = irsa_clock_now_ms(put->sandbox->clock);
        irsa_sandbox_shelf_put(put->account->providers, key, provider, IRSA_SANDBOX_SETTLED);
    }
    struct irsa_sandbox_provider *provider =
        irsa_sandbox_shelf_edit(put->account->providers, key, IRSA_SANDBOX_SETTLED);
    if (draft.clients != NULL)
        set_keys(&provider->clients, draft.clients);
    if (draft.tags != NULL)
        set_pairs(&provider->tags, draft.tags);
    return true;
}

static struct irsa_sandbox_profile *new_profile(const struct irsa_sandbox_put *put, const struct draft *draft) {
    struct irsa_sandbox_profile *profile = irsa_sandbox_profile_new();
    irsa_sandbox_set_text(&profile->name, draft->name);
    irsa_sandbox_set_text(&profile->path, "/");
    profile->id = irsa_sandbox_unique_id("AIPA");
    profile->created_ms = irsa_clock_now_ms(put->sandbox->clock);
    return profile;
}

static bool put_profile(const struct irsa_sandbox_put *put, const struct irsa_json *value, struct irsa_error *err) {
    struct draft draft = {0};
    if (!IRSA_SANDBOX_READ(profile_fields, value, &draft, err))
        return false;
    if (draft.name == NULL)
        return IRSA_FAIL(err, INVALID, "\"instanceProfileName\" is missing");
    const char *key = irsa_sandbox_lower_case(put->arena, draft.name);
    if (irsa_sandbox_shelf_now(put->account->profiles, key) == NULL)
        irsa_sandbox_shelf_put(put->account->profiles, key, new_profile(put, &draft), IRSA_SANDBOX_SETTLED);
    struct irsa_sandbox_profile *profile = irsa_sandbox_shelf_edit(put->account->profiles, key, IRSA_SANDBOX_SETTLED);
    if (draft.path != NULL)
        irsa_sandbox_set_text(&profile->path, draft.path);
    irsa_sandbox_set_text(&profile->arn, account_arn(put, "instance-profile", profile->path, profile->name));
    if (draft.role != NULL)
        irsa_sandbox_set_text(&profile->role, draft.role->kind == IRSA_JSON_STRING ? draft.role->text : NULL);
    return true;
}

/* The key that a name, an ARN or a URL stands for; `is_provider`: of OIDC providers, whose case counts. */
static const char *key_of(const struct irsa_sandbox_put *put, const char *name, bool is_provider) {
    if (is_provider)
        return provider_key(&(struct draft){.arn = irsa_text_starts_with(name, "arn:") ? name : NULL,
                                            .url = irsa_text_starts_with(name, "arn:") ? NULL : name});
    return irsa_sandbox_lower_case(put->arena, irsa_text_starts_with(name, "arn:") ? irsa_arn_name(name) : name);
}

static bool delete_each(const struct irsa_sandbox_put *put, struct irsa_sandbox_shelf *shelf,
                        const struct irsa_json *names, struct irsa_error *err) {
    if (!irsa_sandbox_is_texts(names, err))
        return false;
    for (const struct irsa_json *name = names->first; name != NULL; name = name->next) {
        const char *key = key_of(put, name->text, shelf == put->account->providers);
        if (key == NULL)
            return IRSA_FAIL(err, INVALID, "\"%s\" is no ARN of an OIDC provider", name->text);
        irsa_sandbox_put_remove(shelf, key);
    }
    return true;
}

static bool delete_from_account(const struct irsa_sandbox_put *put, const struct irsa_json *document,
                                struct irsa_error *err) {
    const struct {
        const char *key;
        struct irsa_sandbox_shelf *shelf;
    } shelves[] = {{"roles", put->account->roles},
                   {"policies", put->account->policies},
                   {"oidcProviders", put->account->providers},
                   {"instanceProfiles", put->account->profiles}};
    if (!irsa_sandbox_is_object(document, err))
        return false;
    for (const struct irsa_json *list = document->first; list != NULL; list = list->next) {
        size_t i = 0;
        while (i < sizeof(shelves) / sizeof(shelves[0]) && strcmp(shelves[i].key, list->key) != 0)
            i++;
        if (i == sizeof(shelves) / sizeof(shelves[0]))
            return IRSA_FAIL(err, INVALID,
                             "\"delete\" lists roles, policies, oidcProviders or instanceProfiles, no \"%s\"",
                             list->key);
        if (!delete_each(put, shelves[i].shelf, list, err))
            return irsa_error_at_key(err, list->key);
    }
    return true;
}

bool irsa_sandbox_put_account(const struct irsa_sandbox_put *put, const struct irsa_json *document,
                              struct irsa_error *err) {
    static const struct {
        const char *key;
        irsa_sandbox_put_fn *one;
    } lists[] = {{"roles", put_role},
                 {"policies", put_policy},
                 {"oidcProviders", put_provider},
                 {"instanceProfiles", put_profile}};
    if (!irsa_sandbox_is_object(document, err))
        return false;
    for (const struct irsa_json *member = document->first; member != NULL; member = member->next) {
        bool is_delete = strcmp(member->key, "delete") == 0;
        size_t i = 0;
        while (i < sizeof(lists) / sizeof(lists[0]) && strcmp(lists[i].key, member->key) != 0)
            i++;
        if (!is_delete && i == sizeof(lists) / sizeof(lists[0]))
            return IRSA_FAIL(err, INVALID,
                             "an account has roles, policies, oidcProviders, instanceProfiles and delete, no \"%s\"",
                             member->key);
        if (!(is_delete ? delete_from_account(put, member, err)
                        : irsa_sandbox_put_each(put, member, lists[i].one, err)))
            return irsa_error_at_key(err, member->key);
    }
    return true;
}
