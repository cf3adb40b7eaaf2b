/*
 * PUT /world: what others made, changed or removed.
 *
 * A thing that exists gets exactly the parts that are given; "delete" lists the names of what goes. Nothing is judged but
 * its form: a test may make what IAM would refuse.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/contract/names.h"
#include "sandbox/fields.h"
#include "sandbox/inside.h"
#include "sandbox/kube/kube.h"
#include "sandbox/kube/objects.h"
#include "sandbox/kube/tree.h"

#define DEFAULT_MANAGER "kubectl"
#define AT_ONCE         ((struct irsa_sandbox_moment){0}) /* what others did is long settled */

/* Where the document is being carried out. */
struct put {
    struct irsa_sandbox *sandbox;
    struct irsa_arena *arena;
    struct irsa_sandbox_account *account;
    struct irsa_sandbox_cluster *cluster;
};

typedef bool put_fn(const struct put *put, const struct irsa_json *value, struct irsa_error *err);

/* Each of an array's values; the place of a fault is in `err`. */
static bool each(const struct put *put, const struct irsa_json *array, put_fn *one, struct irsa_error *err) {
    size_t i = 0;
    if (array->kind != IRSA_JSON_ARRAY)
        return IRSA_FAIL(err, INVALID, "an array must stand here");
    for (const struct irsa_json *value = array->first; value != NULL; value = value->next, i++)
        if (!one(put, value, err))
            return irsa_error_at(err, "/%zu", i);
    return true;
}

static void set_pairs(struct irsa_sandbox_bag *bag, const struct irsa_json *object) {
    irsa_sandbox_bag_done(bag);
    for (const struct irsa_json *member = object->first; member != NULL; member = member->next)
        irsa_sandbox_bag_put(bag, member->key, member->kind == IRSA_JSON_STRING ? member->text : "");
}

static void set_keys(struct irsa_sandbox_bag *bag, const struct irsa_json *array) {
    irsa_sandbox_bag_done(bag);
    for (const struct irsa_json *item = array->first; item != NULL; item = item->next)
        if (item->kind == IRSA_JSON_STRING)
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

struct draft {
    const char *name, *path, *arn, *id, *description, *url, *role, *manager, *operation;
    const struct irsa_json *document, *boundary, *tags, *attached, *inlines, *clients, *metadata;
    bool is_terminating;
};

/* clang-format off */
#define TEXT(name, member)    {name, IRSA_SANDBOX_FIELD_TEXT,    offsetof(struct draft, member), 0, 0}
#define ANY(name, member)     {name, IRSA_SANDBOX_FIELD_ANY,     offsetof(struct draft, member), 0, 0}
#define OBJECT(name, member)  {name, IRSA_SANDBOX_FIELD_OBJECT,  offsetof(struct draft, member), 0, 0}
#define ARRAY(name, member)   {name, IRSA_SANDBOX_FIELD_ARRAY,   offsetof(struct draft, member), 0, 0}
#define BOOLEAN(name, member) {name, IRSA_SANDBOX_FIELD_BOOLEAN, offsetof(struct draft, member), 0, 0}

static const struct irsa_sandbox_field role_fields[] = {
    TEXT("roleName", name), TEXT("path", path), TEXT("arn", arn), TEXT("roleId", id), TEXT("description", description),
    ANY("assumeRolePolicyDocument", document), ANY("permissionsBoundary", boundary), OBJECT("tags", tags),
    ARRAY("attachedPolicies", attached), OBJECT("inlinePolicies", inlines),
};
static const struct irsa_sandbox_field policy_fields[] = {
    TEXT("policyName", name), TEXT("path", path), TEXT("arn", arn), ANY("policyDocument", document),
    OBJECT("tags", tags),
};
static const struct irsa_sandbox_field provider_fields[] = {
    TEXT("arn", arn), TEXT("url", url), ARRAY("clientIDs", clients), OBJECT("tags", tags),
};
static const struct irsa_sandbox_field profile_fields[] = {
    TEXT("instanceProfileName", name), TEXT("path", path), TEXT("arn", arn), TEXT("roleName", role),
};
static const struct irsa_sandbox_field namespace_fields[] = {
    TEXT("name", name), BOOLEAN("terminating", is_terminating),
};
static const struct irsa_sandbox_field service_account_fields[] = {
    OBJECT("metadata", metadata), ANY("secrets", inlines), ANY("imagePullSecrets", attached),
    ANY("automountServiceAccountToken", document), TEXT("fieldManager", manager), TEXT("operation", operation),
};
/* clang-format on */

#define READ(fields, value, draft, err)                                                                                \
    irsa_sandbox_fields_read((fields), sizeof(fields) / sizeof((fields)[0]), (value), (draft), (err))

static const char *account_arn(const struct put *put, const char *kind, const char *path, const char *name) {
    return irsa_arena_format(put->arena, "arn:%s:iam::%s:%s%s%s", put->account->partition, put->account->id, kind, path,
                             name);
}

static void remove_if_there(struct irsa_sandbox_shelf *shelf, const char *key) {
    if (irsa_sandbox_shelf_now(shelf, key) != NULL)
        irsa_sandbox_shelf_remove(shelf, key, AT_ONCE);
}

static void change_role(const struct put *put, struct irsa_sandbox_role *role, const struct draft *draft) {
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

static struct irsa_sandbox_role *new_role(const struct put *put, const struct draft *draft) {
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

static bool put_role(const struct put *put, const struct irsa_json *value, struct irsa_error *err) {
    struct draft draft = {0};
    if (!READ(role_fields, value, &draft, err))
        return false;
    if (draft.name == NULL || irsa_rule_role_name(draft.name) != NULL)
        return IRSA_FAIL(err, INVALID, "\"roleName\" must be 1 to 64 of letters, digits and +=,.@_-");
    const char *key = irsa_sandbox_lower_case(put->arena, draft.name);
    if (irsa_sandbox_shelf_now(put->account->roles, key) == NULL)
        irsa_sandbox_shelf_put(put->account->roles, key, new_role(put, &draft), AT_ONCE);
    change_role(put, irsa_sandbox_shelf_edit(put->account->roles, key, AT_ONCE), &draft);
    return true;
}

static struct irsa_sandbox_policy *new_policy(const struct put *put, const struct draft *draft) {
    struct irsa_sandbox_policy *policy = irsa_sandbox_policy_new();
    const char *path = draft->path == NULL ? "/" : draft->path;
    irsa_sandbox_set_text(&policy->name, draft->name);
    irsa_sandbox_set_text(&policy->path, path);
    irsa_sandbox_set_text(&policy->arn, account_arn(put, "policy", path, draft->name));
    irsa_sandbox_set_text(&policy->document, "{\"Version\":\"2012-10-17\",\"Statement\":[]}");
    policy->id = irsa_sandbox_unique_id("ANPA");
    policy->created_ms = irsa_clock_now_ms(put->sandbox->clock);
    return policy;
}

static bool put_policy(const struct put *put, const struct irsa_json *value, struct irsa_error *err) {
    struct draft draft = {0};
    if (!READ(policy_fields, value, &draft, err))
        return false;
    if (draft.name == NULL && draft.arn != NULL)
        draft.name = irsa_arn_name(draft.arn);
    if (draft.name == NULL)
        return IRSA_FAIL(err, INVALID, "\"policyName\" is missing");
    const char *key = irsa_sandbox_lower_case(put->arena, draft.name);
    if (irsa_sandbox_shelf_now(put->account->policies, key) == NULL)
        irsa_sandbox_shelf_put(put->account->policies, key, new_policy(put, &draft), AT_ONCE);
    struct irsa_sandbox_policy *policy = irsa_sandbox_shelf_edit(put->account->policies, key, AT_ONCE);
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

static bool put_provider(const struct put *put, const struct irsa_json *value, struct irsa_error *err) {
    struct draft draft = {0};
    if (!READ(provider_fields, value, &draft, err))
        return false;
    const char *key = provider_key(&draft);
    if (key == NULL)
        return IRSA_FAIL(err, INVALID, "\"url\" is missing");
    if (irsa_sandbox_shelf_now(put->account->providers, key) == NULL) {
        struct irsa_sandbox_provider *provider = irsa_sandbox_provider_new();
        irsa_sandbox_set_text(&provider->url, key);
        irsa_sandbox_set_text(&provider->arn, account_arn(put, "oidc-provider/", "", key));
        provider->created_ms = irsa_clock_now_ms(put->sandbox->clock);
        irsa_sandbox_shelf_put(put->account->providers, key, provider, AT_ONCE);
    }
    struct irsa_sandbox_provider *provider = irsa_sandbox_shelf_edit(put->account->providers, key, AT_ONCE);
    if (draft.clients != NULL)
        set_keys(&provider->clients, draft.clients);
    if (draft.tags != NULL)
        set_pairs(&provider->tags, draft.tags);
    return true;
}

static bool put_profile(const struct put *put, const struct irsa_json *value, struct irsa_error *err) {
    struct draft draft = {0};
    if (!READ(profile_fields, value, &draft, err))
        return false;
    if (draft.name == NULL)
        return IRSA_FAIL(err, INVALID, "\"instanceProfileName\" is missing");
    const char *key = irsa_sandbox_lower_case(put->arena, draft.name);
    remove_if_there(put->account->profiles, key);
    struct irsa_sandbox_profile *profile = irsa_sandbox_profile_new();
    irsa_sandbox_set_text(&profile->name, draft.name);
    irsa_sandbox_set_text(&profile->path, draft.path == NULL ? "/" : draft.path);
    irsa_sandbox_set_text(&profile->arn, account_arn(put, "instance-profile", profile->path, draft.name));
    irsa_sandbox_set_text(&profile->role, draft.role);
    profile->id = irsa_sandbox_unique_id("AIPA");
    profile->created_ms = irsa_clock_now_ms(put->sandbox->clock);
    irsa_sandbox_shelf_put(put->account->profiles, key, profile, AT_ONCE);
    return true;
}

/* The key that a name, an ARN or a URL stands for; `is_provider`: of OIDC providers, whose case counts. */
static const char *key_of(const struct put *put, const char *name, bool is_provider) {
    if (is_provider)
        return provider_key(&(struct draft){.arn = irsa_text_starts_with(name, "arn:") ? name : NULL,
                                            .url = irsa_text_starts_with(name, "arn:") ? NULL : name});
    return irsa_sandbox_lower_case(put->arena, irsa_text_starts_with(name, "arn:") ? irsa_arn_name(name) : name);
}

static bool delete_from_account(const struct put *put, const struct irsa_json *document, struct irsa_error *err) {
    const struct {
        const char *key;
        struct irsa_sandbox_shelf *shelf;
    } shelves[] = {{"roles", put->account->roles},
                   {"policies", put->account->policies},
                   {"oidcProviders", put->account->providers},
                   {"instanceProfiles", put->account->profiles}};
    for (const struct irsa_json *list = document->first; list != NULL; list = list->next) {
        size_t i = 0;
        while (i < sizeof(shelves) / sizeof(shelves[0]) && strcmp(shelves[i].key, list->key) != 0)
            i++;
        if (i == sizeof(shelves) / sizeof(shelves[0]))
            return IRSA_FAIL(err, INVALID,
                             "\"delete\" lists roles, policies, oidcProviders or instanceProfiles, no \"%s\"",
                             list->key);
        for (const struct irsa_json *name = list->first; name != NULL; name = name->next) {
            const char *key = name->kind == IRSA_JSON_STRING
                                  ? key_of(put, name->text, shelves[i].shelf == put->account->providers)
                                  : NULL;
            if (key == NULL)
                return IRSA_FAIL(err, INVALID, "\"delete\" lists names or ARNs");
            remove_if_there(shelves[i].shelf, key);
        }
    }
    return true;
}

static bool change_account(const struct put *put, const struct irsa_json *document, struct irsa_error *err) {
    static const struct {
        const char *key;
        put_fn *one;
    } lists[] = {{"roles", put_role},
                 {"policies", put_policy},
                 {"oidcProviders", put_provider},
                 {"instanceProfiles", put_profile}};
    for (const struct irsa_json *member = document->first; member != NULL; member = member->next) {
        bool is_delete = strcmp(member->key, "delete") == 0;
        size_t i = 0;
        while (i < sizeof(lists) / sizeof(lists[0]) && strcmp(lists[i].key, member->key) != 0)
            i++;
        if (!is_delete && i == sizeof(lists) / sizeof(lists[0]))
            return IRSA_FAIL(err, INVALID,
                             "an account has roles, policies, oidcProviders, instanceProfiles and delete, no \"%s\"",
                             member->key);
        if (!(is_delete ? delete_from_account(put, member, err) : each(put, member, lists[i].one, err)))
            return irsa_error_at_key(err, member->key);
    }
    return true;
}

/* Call what the API server does, as somebody else. */
static bool call_kube(const struct put *put, const struct irsa_sandbox_resource *resource, const char *namespace_name,
                      const struct draft *draft, const struct irsa_json *object, struct irsa_error *err) {
    const struct irsa_httpd_request request = {.method = "PATCH", .query = "", .body = "", .arena = put->arena};
    struct irsa_httpd_reply reply = {0};
    struct irsa_sandbox_call call = {.sandbox = put->sandbox,
                                     .request = &request,
                                     .reply = &reply,
                                     .arena = put->arena,
                                     .moment = {.now_ms = irsa_clock_now_ms(put->sandbox->clock)},
                                     .service = IRSA_SANDBOX_KUBE,
                                     .cluster = put->cluster};
    const char *name = irsa_json_get_text(irsa_json_get(object, "metadata"), "name");
    struct irsa_sandbox_kube kube = {.call = &call,
                                     .cluster = put->cluster,
                                     .arena = put->arena,
                                     .resource = resource,
                                     .namespace_name = namespace_name,
                                     .name = name,
                                     .key = irsa_sandbox_object_key(put->arena, namespace_name, name),
                                     .time = irsa_sandbox_time_text(put->arena, call.moment.now_ms),
                                     .manager = draft->manager == NULL ? DEFAULT_MANAGER : draft->manager,
                                     .force = true};
    bool is_apply = draft->operation == NULL || strcmp(draft->operation, "Apply") == 0;
    if (irsa_sandbox_kube_put(&kube, object, is_apply))
        return true;
    return IRSA_FAIL(err, INVALID, "%s", reply.body);
}

static bool make_namespace(const struct put *put, const char *name, struct irsa_error *err) {
    const struct draft draft = {.operation = "Update"};
    struct irsa_json *object = irsa_json_new(put->arena, IRSA_JSON_OBJECT);
    if (irsa_sandbox_shelf_now(put->cluster->namespaces, name) != NULL)
        return true;
    irsa_sandbox_tree_set_text(put->arena, irsa_sandbox_tree_object(put->arena, object, "metadata"), "name", name);
    return call_kube(put, &irsa_sandbox_namespaces, NULL, &draft, object, err);
}

static void terminate_namespace(const struct put *put, const char *name) {
    struct irsa_json *object = irsa_sandbox_object_read(put->arena, put->cluster, &irsa_sandbox_namespaces, name);
    struct irsa_json *metadata = irsa_sandbox_tree_object(put->arena, object, "metadata");
    irsa_sandbox_tree_set_text(put->arena, metadata, "deletionTimestamp",
                               irsa_sandbox_time_text(put->arena, irsa_clock_now_ms(put->sandbox->clock)));
    irsa_sandbox_tree_set_text(put->arena, irsa_sandbox_tree_object(put->arena, object, "status"), "phase",
                               "Terminating");
    irsa_sandbox_object_store(put->arena, put->cluster, &irsa_sandbox_namespaces, name, object);
}

/* With all that is in it. */
static void remove_namespace(const struct put *put, const char *name) {
    const char *prefix = irsa_arena_format(put->arena, "%s/", name);
    const void *const *objects;
    size_t count = irsa_sandbox_shelf_list(put->cluster->accounts, put->arena, AT_ONCE, &objects);
    for (size_t i = 0; i < count; i++) {
        const struct irsa_sandbox_object *object = objects[i];
        struct irsa_json_limits limits = {.max_bytes = (size_t)16 * 1024 * 1024, .max_depth = 64};
        const struct irsa_json *tree;
        struct irsa_error err;
        if (!irsa_json_parse(put->arena, object->json, strlen(object->json), limits, &tree, &err))
            continue;
        const struct irsa_json *metadata = irsa_json_get(tree, "metadata");
        const char *key = irsa_sandbox_object_key(put->arena, irsa_json_get_text(metadata, "namespace"),
                                                  irsa_json_get_text(metadata, "name"));
        if (irsa_text_starts_with(key, prefix))
            irsa_sandbox_shelf_remove(put->cluster->accounts, key, AT_ONCE);
    }
    remove_if_there(put->cluster->namespaces, name);
}

/* A name, or {"name", "terminating"?}. */
static bool put_namespace(const struct put *put, const struct irsa_json *value, struct irsa_error *err) {
    struct draft draft = {0};
    if (value->kind == IRSA_JSON_STRING)
        draft.name = value->text;
    else if (!READ(namespace_fields, value, &draft, err))
        return false;
    if (draft.name == NULL || irsa_rule_namespace(draft.name) != NULL)
        return IRSA_FAIL(err, INVALID, "a namespace is a name of 1 to 63 lower-case letters, digits and '-'");
    if (!make_namespace(put, draft.name, err))
        return false;
    if (draft.is_terminating)
        terminate_namespace(put, draft.name);
    return true;
}

/* What a writer may say of an account: the metadata that is not the server's. */
static struct irsa_json *account_object(const struct put *put, const struct draft *draft, const char *name) {
    static const char *const members[] = {"labels", "annotations", "finalizers", "ownerReferences"};
    struct irsa_json *object = irsa_json_new(put->arena, IRSA_JSON_OBJECT);
    struct irsa_json *metadata = irsa_sandbox_tree_object(put->arena, object, "metadata");
    irsa_sandbox_tree_set_text(put->arena, metadata, "name", name);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const struct irsa_json *member = irsa_json_get(draft->metadata, members[i]);
        if (member != NULL)
            irsa_sandbox_tree_set(metadata, members[i], irsa_sandbox_tree_copy(put->arena, member));
    }
    if (draft->inlines != NULL)
        irsa_sandbox_tree_set(object, "secrets", irsa_sandbox_tree_copy(put->arena, draft->inlines));
    if (draft->attached != NULL)
        irsa_sandbox_tree_set(object, "imagePullSecrets", irsa_sandbox_tree_copy(put->arena, draft->attached));
    if (draft->document != NULL)
        irsa_sandbox_tree_set(object, "automountServiceAccountToken",
                              irsa_sandbox_tree_copy(put->arena, draft->document));
    return object;
}

static bool put_service_account(const struct put *put, const struct irsa_json *value, struct irsa_error *err) {
    struct draft draft = {0};
    if (!READ(service_account_fields, value, &draft, err))
        return false;
    const char *name = irsa_json_get_text(draft.metadata, "name");
    const char *namespace_name = irsa_json_get_text(draft.metadata, "namespace");
    if (name == NULL)
        return IRSA_FAIL(err, INVALID, "\"metadata\" with a \"name\" is missing");
    if (draft.operation != NULL && strcmp(draft.operation, "Apply") != 0 && strcmp(draft.operation, "Update") != 0)
        return IRSA_FAIL(err, INVALID, "\"operation\" must be Apply or Update");
    if (namespace_name == NULL)
        namespace_name = "default";
    return make_namespace(put, namespace_name, err) && call_kube(put, &irsa_sandbox_service_accounts, namespace_name,
                                                                 &draft, account_object(put, &draft, name), err);
}

/* {"token": {"user": "name", "admin": true}}, or null to take it away. */
static bool put_tokens(const struct put *put, const struct irsa_json *object, struct irsa_error *err) {
    for (const struct irsa_json *token = object->first; token != NULL; token = token->next) {
        if (token->kind == IRSA_JSON_NULL) {
            (void)irsa_sandbox_bag_remove(&put->cluster->tokens, token->key);
            continue;
        }
        const char *user = irsa_json_get_text(token, "user");
        const struct irsa_json *admin = irsa_json_get(token, "admin");
        if (user == NULL)
            return IRSA_FAIL(err, INVALID, "a token names its \"user\"");
        irsa_sandbox_bag_put(&put->cluster->tokens, token->key, user);
        if (admin != NULL && admin->kind == IRSA_JSON_TRUE)
            (void)irsa_sandbox_bag_remove(&put->cluster->plain_users, user);
        else
            irsa_sandbox_bag_put(&put->cluster->plain_users, user, NULL);
    }
    return true;
}

/* {"serviceAccounts": ["namespace/name"], "namespaces": ["name"]} */
static bool delete_from_cluster(const struct put *put, const struct irsa_json *document, struct irsa_error *err) {
    for (const struct irsa_json *list = document->first; list != NULL; list = list->next) {
        bool is_namespaces = strcmp(list->key, "namespaces") == 0;
        if (!is_namespaces && strcmp(list->key, "serviceAccounts") != 0)
            return IRSA_FAIL(err, INVALID, "\"delete\" lists serviceAccounts or namespaces, no \"%s\"", list->key);
        for (const struct irsa_json *name = list->first; name != NULL; name = name->next) {
            if (name->kind != IRSA_JSON_STRING)
                return IRSA_FAIL(err, INVALID, "\"delete\" lists names");
            if (is_namespaces)
                remove_namespace(put, name->text);
            else
                remove_if_there(put->cluster->accounts, name->text);
        }
    }
    return true;
}

static bool set_cluster_text(char **text, const struct irsa_json *value, struct irsa_error *err) {
    if (value->kind != IRSA_JSON_STRING)
        return IRSA_FAIL(err, INVALID, "a string must stand here");
    irsa_sandbox_set_text(text, value->text);
    return true;
}

static bool change_cluster_member(const struct put *put, const struct irsa_json *member, struct irsa_error *err) {
    const char *key = member->key;
    if (strcmp(key, "namespaces") == 0)
        return each(put, member, put_namespace, err);
    if (strcmp(key, "serviceAccounts") == 0)
        return each(put, member, put_service_account, err);
    if (strcmp(key, "delete") == 0)
        return delete_from_cluster(put, member, err);
    if (strcmp(key, "tokens") == 0)
        return put_tokens(put, member, err);
    if (strcmp(key, "issuer") == 0)
        return set_cluster_text(&put->cluster->issuer, member, err);
    if (strcmp(key, "status") == 0)
        return set_cluster_text(&put->cluster->status, member, err);
    if (strcmp(key, "accountID") == 0 || strcmp(key, "arn") == 0 || strcmp(key, "endpoint") == 0)
        return true; /* they stand in a snapshot and do not change */
    return IRSA_FAIL(err, INVALID,
                     "a cluster has namespaces, serviceAccounts, delete, tokens, issuer and status, no \"%s\"", key);
}

static bool change_cluster(const struct put *put, const struct irsa_json *document, struct irsa_error *err) {
    /* Namespaces first, wherever they stand. */
    const struct irsa_json *namespaces = irsa_json_get(document, "namespaces");
    if (namespaces != NULL && !each(put, namespaces, put_namespace, err))
        return irsa_error_at(err, "/namespaces");
    for (const struct irsa_json *member = document->first; member != NULL; member = member->next)
        if (member != namespaces && !change_cluster_member(put, member, err))
            return irsa_error_at_key(err, member->key);
    return true;
}

static struct irsa_sandbox_cluster *find_cluster(const struct irsa_sandbox *sandbox, const char *key) {
    for (size_t i = 0; i < sandbox->world.cluster_count; i++)
        if (strcmp(sandbox->world.clusters[i]->key, key) == 0)
            return sandbox->world.clusters[i];
    return NULL;
}

static bool change_accounts(struct put *put, const struct irsa_json *accounts, struct irsa_error *err) {
    for (const struct irsa_json *one = accounts->first; one != NULL; one = one->next) {
        if (irsa_rule_account_id(one->key) != NULL)
            return IRSA_FAIL(err, INVALID, "an account is known by its 12 digits, not by \"%s\"", one->key);
        put->account = irsa_sandbox_world_account(&put->sandbox->world, one->key);
        if (!change_account(put, one, err))
            return irsa_error_at_key(err, one->key);
    }
    return true;
}

static bool change_clusters(struct put *put, const struct irsa_json *clusters, struct irsa_error *err) {
    for (const struct irsa_json *one = clusters->first; one != NULL; one = one->next) {
        put->cluster = find_cluster(put->sandbox, one->key);
        if (put->cluster == NULL)
            return IRSA_FAIL(err, INVALID, "this sandbox has no cluster \"%s\" (REGION/NAME)", one->key);
        if (!change_cluster(put, one, err))
            return irsa_error_at_key(err, one->key);
    }
    return true;
}

bool irsa_sandbox_world_change(struct irsa_sandbox *sandbox, struct irsa_arena *arena, const struct irsa_json *document,
                               struct irsa_error *err) {
    struct put put = {.sandbox = sandbox, .arena = arena};
    if (document->kind != IRSA_JSON_OBJECT)
        return IRSA_FAIL(err, INVALID, "the world is an object");
    for (const struct irsa_json *member = document->first; member != NULL; member = member->next) {
        bool is_good;
        if (strcmp(member->key, "accounts") == 0)
            is_good = change_accounts(&put, member, err);
        else if (strcmp(member->key, "clusters") == 0)
            is_good = change_clusters(&put, member, err);
        else
            is_good = IRSA_FAIL(err, INVALID, "the world has accounts and clusters, no \"%s\"", member->key);
        if (!is_good)
            return irsa_error_at_key(err, member->key);
    }
    return true;
}
