/*
 * A cluster's part of GET and PUT /world.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/contract/names.h"
#include "sandbox/fields.h"
#include "sandbox/kube/kube.h"
#include "sandbox/kube/objects.h"
#include "sandbox/kube/ownership.h"

#define DEFAULT_MANAGER "kubectl"

static const struct irsa_sandbox_moment now = {.now_ms = INT64_MAX, .lag_ms = 0};

void irsa_sandbox_kube_write(const struct irsa_sandbox_cluster *cluster, struct irsa_json_writer *w) {
    struct irsa_arena *arena = irsa_arena_new();
    const void *const *things;
    size_t count = irsa_sandbox_shelf_list(cluster->namespaces, arena, now, &things);
    irsa_json_open_array(w, "namespaces");
    for (size_t i = 0; i < count; i++) {
        const char *json = ((const struct irsa_sandbox_object *)things[i])->json;
        const char *name = strstr(json, "\"name\":\"") + strlen("\"name\":\"");
        irsa_json_add_text(w, NULL, irsa_arena_copy_bytes(arena, name, strcspn(name, "\"")));
    }
    irsa_json_close_array(w);
    count = irsa_sandbox_shelf_list(cluster->accounts, arena, now, &things);
    irsa_json_open_array(w, "serviceAccounts");
    for (size_t i = 0; i < count; i++) {
        irsa_json_open_object(w, NULL);
        irsa_sandbox_account_write_metadata(
            irsa_sandbox_account_parse(arena, ((const struct irsa_sandbox_object *)things[i])->json), "metadata", w);
        irsa_json_close_object(w);
    }
    irsa_json_close_array(w);
    irsa_arena_free(arena);
}

/* --- PUT ------------------------------------------------------------------------------------------------------------------------------- */

struct change {
    struct irsa_sandbox_cluster *cluster;
    struct irsa_arena *arena;
    int64_t now_ms;
};

static bool ensure_namespace(const struct change *change, const char *name, struct irsa_error *err) {
    const char *problem = irsa_rule_namespace(name);
    if (problem != NULL)
        return IRSA_FAIL(err, INVALID, "namespace \"%s\": %s", name, problem);
    if (irsa_sandbox_namespace_find(change->cluster, name) == NULL)
        irsa_sandbox_namespace_add(change->cluster, name, change->now_ms);
    return true;
}

static bool put_namespaces(const struct change *change, const struct irsa_json *list, struct irsa_error *err) {
    for (const struct irsa_json *name = list->first; name != NULL; name = name->next)
        if (name->kind != IRSA_JSON_STRING || !ensure_namespace(change, name->text, err))
            return name->kind == IRSA_JSON_STRING ? false : IRSA_FAIL(err, INVALID, "\"namespaces\" are names");
    return true;
}

struct account_draft {
    const struct irsa_json *metadata;
    const char *manager, *operation;
};

static const struct irsa_sandbox_field account_fields[] = {
    {.name = "metadata", .kind = IRSA_SANDBOX_FIELD_OBJECT, .offset = offsetof(struct account_draft, metadata)},
    {.name = "fieldManager", .kind = IRSA_SANDBOX_FIELD_TEXT, .offset = offsetof(struct account_draft, manager)},
    {.name = "operation", .kind = IRSA_SANDBOX_FIELD_TEXT, .offset = offsetof(struct account_draft, operation)},
};

static bool put_account(const struct change *change, const struct irsa_json *document, struct irsa_error *err) {
    struct account_draft draft = {.manager = DEFAULT_MANAGER, .operation = "Apply"};
    struct irsa_sandbox_write write = {
        .arena = change->arena, .time = irsa_sandbox_time_text(change->arena, change->now_ms), .force = true};
    if (!irsa_sandbox_fields_read(account_fields, sizeof(account_fields) / sizeof(account_fields[0]), document, &draft,
                                  err))
        return false;
    const char *name = irsa_json_get_text(draft.metadata, "name");
    const char *namespace_name = irsa_json_get_text(draft.metadata, "namespace");
    if (name == NULL || namespace_name == NULL || irsa_rule_account_name(name) != NULL)
        return IRSA_FAIL(err, INVALID, "a service account needs \"metadata\" with \"name\" and \"namespace\"");
    for (int set = 0; set < IRSA_SANDBOX_FIELD_SETS; set++)
        if (!irsa_sandbox_values_read(change->arena, draft.metadata, (enum irsa_sandbox_field_set)set, &write.sets[set]))
            return IRSA_FAIL(err, INVALID, "\"%s\" has the wrong form",
                             irsa_sandbox_set_name((enum irsa_sandbox_field_set)set));
    if (!ensure_namespace(change, namespace_name, err))
        return false;
    write.manager = draft.manager;
    struct irsa_sandbox_service_account *account =
        irsa_sandbox_account_find(change->cluster, change->arena, namespace_name, name);
    if (account == NULL)
        account = irsa_sandbox_account_new(change->arena, namespace_name, name, change->now_ms);
    if (strcmp(draft.operation, "Update") == 0)
        irsa_sandbox_update_fields(account, &write);
    else
        irsa_sandbox_apply_fields(account, &write);
    irsa_sandbox_account_store(change->cluster, change->arena, account);
    return true;
}

static bool put_accounts(const struct change *change, const struct irsa_json *list, struct irsa_error *err) {
    size_t index = 0;
    for (const struct irsa_json *item = list->first; item != NULL; item = item->next, index++)
        if (!put_account(change, item, err))
            return irsa_error_at(err, "/serviceAccounts/%zu", index);
    return true;
}

static void remove_account(const struct change *change, const char *key) {
    const char *slash = strchr(key, '/');
    if (slash == NULL)
        return;
    const char *namespace_name = irsa_arena_copy_bytes(change->arena, key, (size_t)(slash - key));
    const struct irsa_sandbox_service_account *account =
        irsa_sandbox_account_find(change->cluster, change->arena, namespace_name, slash + 1);
    if (account != NULL)
        irsa_sandbox_account_remove(change->cluster, change->arena, account);
}

static bool remove_things(const struct change *change, const struct irsa_json *document, struct irsa_error *err) {
    for (const struct irsa_json *list = document->first; list != NULL; list = list->next) {
        bool is_account = strcmp(list->key, "serviceAccounts") == 0;
        if (!is_account && strcmp(list->key, "namespaces") != 0)
            return IRSA_FAIL(err, INVALID, "\"delete\" has lists \"namespaces\" and \"serviceAccounts\"");
        for (const struct irsa_json *item = list->first; item != NULL; item = item->next) {
            if (item->kind != IRSA_JSON_STRING)
                continue;
            if (is_account)
                remove_account(change, item->text);
            else if (irsa_sandbox_namespace_find(change->cluster, item->text) != NULL)
                irsa_sandbox_namespace_remove(change->cluster, item->text);
        }
    }
    return true;
}

struct cluster_draft {
    const struct irsa_json *namespaces, *accounts, *removed;
    const char *account_id, *issuer, *endpoint, *status;
};

static const struct irsa_sandbox_field cluster_fields[] = {
    {.name = "namespaces", .kind = IRSA_SANDBOX_FIELD_ARRAY, .offset = offsetof(struct cluster_draft, namespaces)},
    {.name = "serviceAccounts", .kind = IRSA_SANDBOX_FIELD_ARRAY, .offset = offsetof(struct cluster_draft, accounts)},
    {.name = "delete", .kind = IRSA_SANDBOX_FIELD_OBJECT, .offset = offsetof(struct cluster_draft, removed)},
    {.name = "accountID", .kind = IRSA_SANDBOX_FIELD_TEXT, .offset = offsetof(struct cluster_draft, account_id)},
    {.name = "issuer", .kind = IRSA_SANDBOX_FIELD_TEXT, .offset = offsetof(struct cluster_draft, issuer)},
    {.name = "endpoint", .kind = IRSA_SANDBOX_FIELD_TEXT, .offset = offsetof(struct cluster_draft, endpoint)},
    {.name = "status", .kind = IRSA_SANDBOX_FIELD_TEXT, .offset = offsetof(struct cluster_draft, status)},
};

bool irsa_sandbox_kube_merge(struct irsa_sandbox_cluster *cluster, const struct irsa_json *document, int64_t now_ms,
                             struct irsa_error *err) {
    struct cluster_draft draft = {NULL};
    if (!irsa_sandbox_fields_read(cluster_fields, sizeof(cluster_fields) / sizeof(cluster_fields[0]), document, &draft,
                                  err))
        return false;
    struct irsa_arena *arena = irsa_arena_new();
    const struct change change = {.cluster = cluster, .arena = arena, .now_ms = now_ms};
    if (draft.issuer != NULL)
        irsa_sandbox_set_text(&cluster->issuer, draft.issuer);
    if (draft.status != NULL)
        irsa_sandbox_set_text(&cluster->status, draft.status);
    bool is_done = (draft.namespaces == NULL || put_namespaces(&change, draft.namespaces, err)) &&
                   (draft.accounts == NULL || put_accounts(&change, draft.accounts, err)) &&
                   (draft.removed == NULL || remove_things(&change, draft.removed, err));
    irsa_arena_free(arena);
    return is_done;
}
