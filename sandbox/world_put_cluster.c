/*
 * PUT /world: namespaces, service accounts and tokens of one cluster.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/contract/names.h"
#include "sandbox/kube/kube.h"
#include "sandbox/kube/objects.h"
#include "sandbox/kube/tree.h"
#include "sandbox/world_put.h"

#define DEFAULT_MANAGER "kubectl"

struct draft {
    const char *name, *manager, *operation;
    const struct irsa_json *metadata, *secrets, *pull_secrets, *automount;
    bool is_terminating;
};

/* clang-format off */
#define ROW(name, kind, member) IRSA_SANDBOX_FIELD(name, kind, struct draft, member)

static const struct irsa_sandbox_field namespace_fields[] = {
    ROW("name", TEXT, name), ROW("terminating", BOOLEAN, is_terminating),
};
static const struct irsa_sandbox_field service_account_fields[] = {
    ROW("metadata", OBJECT, metadata), ROW("secrets", ANY, secrets), ROW("imagePullSecrets", ANY, pull_secrets),
    ROW("automountServiceAccountToken", ANY, automount), ROW("fieldManager", TEXT, manager),
    ROW("operation", TEXT, operation),
};
/* clang-format on */

/* Call what the API server does, as somebody else. */
static bool call_kube(const struct irsa_sandbox_put *put, const struct irsa_sandbox_resource *resource,
                      const char *namespace_name, const struct draft *draft, const struct irsa_json *object,
                      struct irsa_error *err) {
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

static bool make_namespace(const struct irsa_sandbox_put *put, const char *name, struct irsa_error *err) {
    const struct draft draft = {.operation = "Update"};
    struct irsa_json *object = irsa_json_new(put->arena, IRSA_JSON_OBJECT);
    if (irsa_sandbox_shelf_now(put->cluster->namespaces, name) != NULL)
        return true;
    irsa_sandbox_tree_set_text(put->arena, irsa_sandbox_tree_object(put->arena, object, "metadata"), "name", name);
    return call_kube(put, &irsa_sandbox_namespaces, NULL, &draft, object, err);
}

static void terminate_namespace(const struct irsa_sandbox_put *put, const char *name) {
    struct irsa_json *object = irsa_sandbox_object_read(put->arena, put->cluster, &irsa_sandbox_namespaces, name);
    struct irsa_json *metadata = irsa_sandbox_tree_object(put->arena, object, "metadata");
    irsa_sandbox_tree_set_text(put->arena, metadata, "deletionTimestamp",
                               irsa_sandbox_time_text(put->arena, irsa_clock_now_ms(put->sandbox->clock)));
    irsa_sandbox_tree_set_text(put->arena, irsa_sandbox_tree_object(put->arena, object, "status"), "phase",
                               "Terminating");
    irsa_sandbox_object_store(put->arena, put->cluster, &irsa_sandbox_namespaces, name, object);
}

/* With all that is in it. */
static void remove_namespace(const struct irsa_sandbox_put *put, const char *name) {
    const char *prefix = irsa_arena_format(put->arena, "%s/", name);
    const void *const *objects;
    size_t count = irsa_sandbox_shelf_list(put->cluster->accounts, put->arena, IRSA_SANDBOX_SETTLED, &objects);
    for (size_t i = 0; i < count; i++) {
        const struct irsa_json *metadata = irsa_json_get(irsa_sandbox_object_tree(put->arena, objects[i]), "metadata");
        const char *key = irsa_sandbox_object_key(put->arena, irsa_json_get_text(metadata, "namespace"),
                                                  irsa_json_get_text(metadata, "name"));
        if (irsa_text_starts_with(key, prefix))
            irsa_sandbox_shelf_remove(put->cluster->accounts, key, IRSA_SANDBOX_SETTLED);
    }
    irsa_sandbox_put_remove(put->cluster->namespaces, name);
}

/* A name, or {"name", "terminating"?}. */
static bool put_namespace(const struct irsa_sandbox_put *put, const struct irsa_json *value, struct irsa_error *err) {
    struct draft draft = {0};
    if (value->kind == IRSA_JSON_STRING)
        draft.name = value->text;
    else if (!IRSA_SANDBOX_READ(namespace_fields, value, &draft, err))
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
static struct irsa_json *account_object(const struct irsa_sandbox_put *put, const struct draft *draft,
                                        const char *name) {
    static const char *const members[] = {"labels", "annotations", "finalizers", "ownerReferences"};
    struct irsa_json *object = irsa_json_new(put->arena, IRSA_JSON_OBJECT);
    struct irsa_json *metadata = irsa_sandbox_tree_object(put->arena, object, "metadata");
    irsa_sandbox_tree_set_text(put->arena, metadata, "name", name);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const struct irsa_json *member = irsa_json_get(draft->metadata, members[i]);
        if (member != NULL)
            irsa_sandbox_tree_set(metadata, members[i], irsa_sandbox_tree_copy(put->arena, member));
    }
    if (draft->secrets != NULL)
        irsa_sandbox_tree_set(object, "secrets", irsa_sandbox_tree_copy(put->arena, draft->secrets));
    if (draft->pull_secrets != NULL)
        irsa_sandbox_tree_set(object, "imagePullSecrets", irsa_sandbox_tree_copy(put->arena, draft->pull_secrets));
    if (draft->automount != NULL)
        irsa_sandbox_tree_set(object, "automountServiceAccountToken",
                              irsa_sandbox_tree_copy(put->arena, draft->automount));
    return object;
}

static bool put_service_account(const struct irsa_sandbox_put *put, const struct irsa_json *value,
                                struct irsa_error *err) {
    struct draft draft = {0};
    if (!IRSA_SANDBOX_READ(service_account_fields, value, &draft, err))
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
static bool put_tokens(const struct irsa_sandbox_put *put, const struct irsa_json *object, struct irsa_error *err) {
    if (!irsa_sandbox_is_object(object, err))
        return false;
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
static bool delete_from_cluster(const struct irsa_sandbox_put *put, const struct irsa_json *document,
                                struct irsa_error *err) {
    if (!irsa_sandbox_is_object(document, err))
        return false;
    for (const struct irsa_json *list = document->first; list != NULL; list = list->next) {
        bool is_namespaces = strcmp(list->key, "namespaces") == 0;
        if (!is_namespaces && strcmp(list->key, "serviceAccounts") != 0)
            return IRSA_FAIL(err, INVALID, "\"delete\" lists serviceAccounts or namespaces, no \"%s\"", list->key);
        if (!irsa_sandbox_is_texts(list, err))
            return irsa_error_at_key(err, list->key);
        for (const struct irsa_json *name = list->first; name != NULL; name = name->next) {
            if (is_namespaces)
                remove_namespace(put, name->text);
            else
                irsa_sandbox_put_remove(put->cluster->accounts, name->text);
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

static bool set_status(const struct irsa_sandbox_put *put, const struct irsa_json *value, struct irsa_error *err) {
    static const char *const known[] = {"CREATING", "ACTIVE", "DELETING", "FAILED", "UPDATING", "PENDING"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (value->kind == IRSA_JSON_STRING && strcmp(known[i], value->text) == 0)
            return set_cluster_text(&put->cluster->status, value, err);
    return IRSA_FAIL(err, INVALID, "EKS has CREATING, ACTIVE, DELETING, FAILED, UPDATING and PENDING");
}

static bool change_cluster_member(const struct irsa_sandbox_put *put, const struct irsa_json *member,
                                  struct irsa_error *err) {
    const char *key = member->key;
    if (strcmp(key, "namespaces") == 0)
        return irsa_sandbox_put_each(put, member, put_namespace, err);
    if (strcmp(key, "serviceAccounts") == 0)
        return irsa_sandbox_put_each(put, member, put_service_account, err);
    if (strcmp(key, "delete") == 0)
        return delete_from_cluster(put, member, err);
    if (strcmp(key, "tokens") == 0)
        return put_tokens(put, member, err);
    if (strcmp(key, "issuer") == 0)
        return set_cluster_text(&put->cluster->issuer, member, err);
    if (strcmp(key, "status") == 0)
        return set_status(put, member, err);
    if (strcmp(key, "accountID") == 0 || strcmp(key, "arn") == 0 || strcmp(key, "endpoint") == 0)
        return true; /* they stand in a snapshot and do not change */
    return IRSA_FAIL(err, INVALID,
                     "a cluster has namespaces, serviceAccounts, delete, tokens, issuer and status, no \"%s\"", key);
}

bool irsa_sandbox_put_cluster(const struct irsa_sandbox_put *put, const struct irsa_json *document,
                              struct irsa_error *err) {
    if (!irsa_sandbox_is_object(document, err))
        return false;
    /* Namespaces first, wherever they stand. */
    const struct irsa_json *namespaces = irsa_json_get(document, "namespaces");
    if (namespaces != NULL && !irsa_sandbox_put_each(put, namespaces, put_namespace, err))
        return irsa_error_at(err, "/namespaces");
    for (const struct irsa_json *member = document->first; member != NULL; member = member->next)
        if (member != namespaces && !change_cluster_member(put, member, err))
            return irsa_error_at_key(err, member->key);
    return true;
}
