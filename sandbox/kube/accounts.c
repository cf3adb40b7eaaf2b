/*
 * Service accounts: get, list, create, update, patch, apply, delete.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "sandbox/kube/body.h"
#include "sandbox/kube/objects.h"
#include "sandbox/kube/ownership.h"
#include "sandbox/kube/status.h"
#include "sandbox/kube/target.h"
#include "sandbox/kube/validate.h"

#define LIST_MAX_BYTES ((size_t)32 * 1024 * 1024)
#define KIND           "ServiceAccount"
#define RESOURCE       "serviceaccounts"
#define MODIFIED                                                                                                       \
    "the object has been modified; please apply your changes to the latest version and try again"

static const struct irsa_sandbox_moment now = {.now_ms = INT64_MAX, .lag_ms = 0};

/* --- shared ---------------------------------------------------------------------------------------------------------------------- */

static struct irsa_sandbox_service_account *look(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target) {
    return irsa_sandbox_account_find(call->cluster, call->arena, target->namespace_name, target->name);
}

static struct irsa_sandbox_service_account *find(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target) {
    struct irsa_sandbox_service_account *account = look(call, target);
    if (account == NULL)
        irsa_sandbox_status_not_found(call, RESOURCE, target->name);
    return account;
}

static void answer(struct irsa_sandbox_call *call, int status, const struct irsa_sandbox_service_account *account) {
    irsa_sandbox_kube_answer(call, status, irsa_sandbox_account_text(call->arena, account));
}

static bool is_dry_run(const struct irsa_sandbox_call *call) {
    return irsa_sandbox_kube_parameter(call, "dryRun") != NULL;
}

/* May something be made in this namespace? Else the reply says why not. */
static bool takes_new_content(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target,
                              const char *name) {
    const char *namespace_name = target->namespace_name;
    const struct irsa_sandbox_object *object = irsa_sandbox_namespace_find(call->cluster, namespace_name);
    if (object == NULL)
        return irsa_sandbox_status_not_found(call, "namespaces", namespace_name);
    if (!irsa_sandbox_namespace_is_terminating(object))
        return true;
    const struct irsa_sandbox_cause cause = {
        .reason = "NamespaceTerminating",
        .message = irsa_arena_format(call->arena, "namespace %s is being terminated", namespace_name),
        .field = "metadata.namespace",
    };
    const struct irsa_sandbox_status status = {
        .code = 403,
        .reason = "Forbidden",
        .message = irsa_arena_format(
            call->arena, RESOURCE " \"%s\" is forbidden: unable to create new content in namespace %s because it is being "
                                  "terminated",
            name, namespace_name),
        .has_details = true,
        .name = name,
        .kind = RESOURCE,
        .causes = &cause,
        .cause_count = 1,
    };
    return irsa_sandbox_status(call, &status);
}

/* The fields that a body wants, valid; else the reply says why not. */
static bool read_fields(struct irsa_sandbox_call *call, const struct irsa_json *metadata, const char *name,
                        struct irsa_sandbox_values sets[IRSA_SANDBOX_FIELD_SETS]) {
    for (int set = 0; set < IRSA_SANDBOX_FIELD_SETS; set++)
        if (!irsa_sandbox_values_read(call->arena, metadata, (enum irsa_sandbox_field_set)set, &sets[set]))
            return irsa_sandbox_status_bad_request(
                call, irsa_arena_format(call->arena, "metadata.%s has the wrong form",
                                        irsa_sandbox_set_name((enum irsa_sandbox_field_set)set)));
    return irsa_sandbox_validate_fields(call, name, &sets[IRSA_SANDBOX_LABELS], &sets[IRSA_SANDBOX_ANNOTATIONS]);
}

static struct irsa_sandbox_write new_write(struct irsa_sandbox_call *call) {
    return (struct irsa_sandbox_write){.arena = call->arena,
                                       .manager = irsa_sandbox_kube_manager(call),
                                       .time = irsa_sandbox_time_text(call->arena, call->moment.now_ms)};
}

/* An object whose last finalizer goes while it is being deleted goes too. True when it is still there. */
static bool settle(struct irsa_sandbox_call *call, struct irsa_sandbox_service_account *account, bool has_changed) {
    if (account->deleted != NULL && account->sets[IRSA_SANDBOX_FINALIZERS].count == 0) {
        irsa_sandbox_account_remove(call->cluster, call->arena, account);
        return false;
    }
    if (has_changed)
        irsa_sandbox_account_store(call->cluster, call->arena, account);
    return true;
}

/* --- reading ------------------------------------------------------------------------------------------------------------------------- */

void irsa_sandbox_account_get(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target) {
    const struct irsa_sandbox_service_account *account = find(call, target);
    if (account != NULL)
        answer(call, 200, account);
}

void irsa_sandbox_account_list(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target) {
    const void *const *things;
    size_t count = irsa_sandbox_shelf_list(call->cluster->accounts, call->arena, now, &things);
    struct irsa_text out;
    bool is_first = true;
    irsa_text_init(&out, call->arena, LIST_MAX_BYTES);
    irsa_text_addf(&out, "{\"kind\":\"ServiceAccountList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"%lld\"},\"items\":[",
                   (long long)call->cluster->version);
    for (size_t i = 0; i < count; i++) {
        const char *json = ((const struct irsa_sandbox_object *)things[i])->json;
        const char *namespace_name = irsa_sandbox_account_parse(call->arena, json)->namespace_name;
        if (target->namespace_name != NULL && strcmp(target->namespace_name, namespace_name) != 0)
            continue;
        irsa_text_addf(&out, "%s%s", is_first ? "" : ",", json);
        is_first = false;
    }
    irsa_text_add(&out, "]}");
    irsa_sandbox_kube_answer(call, 200, out.at);
}

/* --- create, update, patch ----------------------------------------------------------------------------------------------------------- */

void irsa_sandbox_account_create(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target) {
    const struct irsa_json *body = irsa_sandbox_body_object(call, KIND);
    if (body == NULL)
        return;
    const struct irsa_json *metadata = irsa_json_get(body, "metadata");
    const char *name = irsa_json_get_text(metadata, "name");
    struct irsa_sandbox_write write = new_write(call);
    if (name == NULL)
        name = "";
    if (!takes_new_content(call, target, name) || !irsa_sandbox_validate_name(call, KIND, name) ||
        !read_fields(call, metadata, name, write.sets))
        return;
    if (irsa_sandbox_account_find(call->cluster, call->arena, target->namespace_name, name) != NULL) {
        irsa_sandbox_status(call, &(struct irsa_sandbox_status){
                                      .code = 409,
                                      .reason = "AlreadyExists",
                                      .message = irsa_arena_format(call->arena, RESOURCE " \"%s\" already exists", name),
                                      .has_details = true,
                                      .name = name,
                                      .kind = RESOURCE});
        return;
    }
    struct irsa_sandbox_service_account *account =
        irsa_sandbox_account_new(call->arena, target->namespace_name, name, call->moment.now_ms);
    irsa_sandbox_update_fields(account, &write);
    if (!is_dry_run(call))
        irsa_sandbox_account_store(call->cluster, call->arena, account);
    answer(call, 201, account);
}

/* The resourceVersion and uid that a body may insist on. */
static bool is_current(struct irsa_sandbox_call *call, const struct irsa_json *metadata,
                       const struct irsa_sandbox_service_account *account) {
    const char *version = irsa_json_get_text(metadata, "resourceVersion");
    if (irsa_text_is_empty(version) || strtoll(version, NULL, 10) == account->version)
        return true;
    return irsa_sandbox_status_conflict(call, RESOURCE, account->name, MODIFIED);
}

void irsa_sandbox_account_update(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target) {
    struct irsa_sandbox_service_account *account = find(call, target);
    const struct irsa_json *body = account == NULL ? NULL : irsa_sandbox_body_object(call, KIND);
    struct irsa_sandbox_write write = new_write(call);
    if (body == NULL)
        return;
    const struct irsa_json *metadata = irsa_json_get(body, "metadata");
    if (!is_current(call, metadata, account) || !read_fields(call, metadata, account->name, write.sets))
        return;
    bool has_changed = irsa_sandbox_update_fields(account, &write);
    settle(call, account, has_changed);
    answer(call, 200, account);
}

/* RFC 7386 over one set: null removes. */
static void merge_set(struct irsa_arena *arena, const struct irsa_json *patch, enum irsa_sandbox_field_set set,
                      struct irsa_sandbox_values *values) {
    const struct irsa_json *member = irsa_json_get(patch, irsa_sandbox_set_name(set));
    if (member == NULL)
        return;
    if (member->kind == IRSA_JSON_NULL || member->kind == IRSA_JSON_ARRAY)
        *values = (struct irsa_sandbox_values){NULL};
    for (const struct irsa_json *field = member->first; field != NULL; field = field->next) {
        if (member->kind == IRSA_JSON_ARRAY && field->kind == IRSA_JSON_STRING)
            irsa_sandbox_values_put(arena, values, field->text, "");
        else if (field->kind == IRSA_JSON_NULL)
            irsa_sandbox_values_remove(values, field->key);
        else if (field->kind == IRSA_JSON_STRING)
            irsa_sandbox_values_put(arena, values, field->key, field->text);
    }
}

static void copy_values(struct irsa_arena *arena, const struct irsa_sandbox_values *from, struct irsa_sandbox_values *to) {
    *to = (struct irsa_sandbox_values){NULL};
    for (size_t i = 0; i < from->count; i++)
        irsa_sandbox_values_put(arena, to, from->at[i].key, from->at[i].value);
}

static void merge_patch(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target) {
    struct irsa_sandbox_service_account *account = find(call, target);
    const struct irsa_json *body = account == NULL ? NULL : irsa_sandbox_body_read(call, KIND);
    struct irsa_sandbox_write write = new_write(call);
    if (body == NULL)
        return;
    const struct irsa_json *metadata = irsa_json_get(body, "metadata");
    if (!is_current(call, metadata, account))
        return;
    for (int set = 0; set < IRSA_SANDBOX_FIELD_SETS; set++) {
        copy_values(call->arena, &account->sets[set], &write.sets[set]);
        merge_set(call->arena, metadata, (enum irsa_sandbox_field_set)set, &write.sets[set]);
    }
    if (!irsa_sandbox_validate_fields(call, account->name, &write.sets[IRSA_SANDBOX_LABELS],
                                      &write.sets[IRSA_SANDBOX_ANNOTATIONS]))
        return;
    bool has_changed = irsa_sandbox_update_fields(account, &write);
    if (settle(call, account, has_changed))
        answer(call, 200, account);
    else
        irsa_sandbox_status_not_found(call, RESOURCE, account->name);
}

/* --- apply ----------------------------------------------------------------------------------------------------------------------------- */

static const char *field_path(struct irsa_arena *arena, const struct irsa_sandbox_clash *clash) {
    return irsa_arena_format(arena, ".metadata.%s.%s", irsa_sandbox_set_name(clash->set), clash->key);
}

static const char *clash_text(struct irsa_arena *arena, const struct irsa_sandbox_clash *clash) {
    bool is_apply = strcmp(clash->owner->operation, "Apply") == 0;
    return irsa_arena_format(arena, "conflict with \"%s\"%s", clash->owner->manager, is_apply ? "" : " using v1");
}

static void refuse_clashes(struct irsa_sandbox_call *call, const struct irsa_sandbox_clash *clashes, size_t count) {
    struct irsa_sandbox_cause *causes = IRSA_NEW_ARRAY(call->arena, struct irsa_sandbox_cause, count);
    struct irsa_text message;
    irsa_text_init(&message, call->arena, 16384);
    irsa_text_addf(&message, "Apply failed with %zu conflict%s: ", count, count == 1 ? "" : "s");
    if (count == 1)
        irsa_text_addf(&message, "%s: %s", clash_text(call->arena, clashes), field_path(call->arena, clashes));
    for (size_t i = 0; i < count; i++) {
        causes[i] = (struct irsa_sandbox_cause){.reason = "FieldManagerConflict",
                                                .message = clash_text(call->arena, &clashes[i]),
                                                .field = field_path(call->arena, &clashes[i])};
        bool is_new = i == 0 || clashes[i].owner != clashes[i - 1].owner;
        if (count > 1 && is_new)
            irsa_text_addf(&message, "%sconflicts with \"%s\"%s:", i == 0 ? "" : "\n", clashes[i].owner->manager,
                           strcmp(clashes[i].owner->operation, "Apply") == 0 ? "" : " using v1");
        if (count > 1)
            irsa_text_addf(&message, "\n- %s", causes[i].field);
    }
    irsa_sandbox_status(call, &(struct irsa_sandbox_status){.code = 409,
                                                            .reason = "Conflict",
                                                            .message = message.at,
                                                            .has_details = true,
                                                            .causes = causes,
                                                            .cause_count = count});
}

/* Fields of a ServiceAccount that an applied body may have. */
static bool is_known_field(const char *key) {
    static const char *const known[] = {"apiVersion", "kind", "metadata", "secrets", "imagePullSecrets",
                                        "automountServiceAccountToken"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i], key) == 0)
            return true;
    return false;
}

static bool has_known_fields(struct irsa_sandbox_call *call, const struct irsa_json *body, const char *name) {
    for (const struct irsa_json *member = body->first; member != NULL; member = member->next)
        if (!is_known_field(member->key))
            return irsa_sandbox_status(
                call, &(struct irsa_sandbox_status){
                          .code = 500,
                          .message = irsa_arena_format(call->arena,
                                                       "failed to create typed patch object (/%s; /v1, Kind=" KIND
                                                       "): .%s: field not declared in schema",
                                                       name, member->key)});
    return true;
}

static bool has_manager(struct irsa_sandbox_call *call) {
    if (!irsa_text_is_empty(irsa_sandbox_kube_parameter(call, "fieldManager")))
        return true;
    static const struct irsa_sandbox_cause cause = {.reason = "FieldValueRequired",
                                                    .message = "Required value: is required for apply patch",
                                                    .field = "fieldManager"};
    return irsa_sandbox_status(
        call, &(struct irsa_sandbox_status){.code = 422,
                                            .reason = "Invalid",
                                            .message = "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required "
                                                       "value: is required for apply patch",
                                            .has_details = true,
                                            .group = "meta.k8s.io",
                                            .kind = "PatchOptions",
                                            .causes = &cause,
                                            .cause_count = 1});
}

static bool is_body_fine(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target,
                         const struct irsa_json *body) {
    const struct irsa_json *metadata = irsa_json_get(body, "metadata");
    const char *name = irsa_json_get_text(metadata, "name");
    const struct irsa_json *managed = irsa_json_get(metadata, "managedFields");
    if (managed != NULL && managed->kind != IRSA_JSON_NULL)
        return irsa_sandbox_status_bad_request(call, "metadata.managedFields must be nil");
    if (name != NULL && strcmp(name, target->name) != 0)
        return irsa_sandbox_status_bad_request(
            call, irsa_arena_format(call->arena, "the name of the object (%s) does not match the name on the URL (%s)", name,
                                    target->name));
    return has_known_fields(call, body, target->name);
}

/* What the body insists on of an object that is there. */
static bool holds_precondition(struct irsa_sandbox_call *call, const struct irsa_json *metadata,
                               const struct irsa_sandbox_service_account *account) {
    const char *uid = irsa_json_get_text(metadata, "uid");
    if (!is_current(call, metadata, account))
        return false;
    if (uid == NULL || strcmp(uid, account->uid) == 0)
        return true;
    const char *message = irsa_arena_format(call->arena, "Invalid value: \"%s\": field is immutable", uid);
    const struct irsa_sandbox_cause causes[] = {{"FieldValueInvalid", message, "metadata.uid"},
                                                {"FieldValueInvalid", message, "metadata.uid"}};
    return irsa_sandbox_status(
        call, &(struct irsa_sandbox_status){
                  .code = 422,
                  .reason = "Invalid",
                  .message = irsa_arena_format(call->arena, KIND " \"%s\" is invalid: metadata.uid: %s", account->name,
                                               message),
                  .has_details = true,
                  .name = account->name,
                  .kind = KIND,
                  .causes = causes,
                  .cause_count = 2});
}

/* And of one that is not: a uid speaks of another object, a version too, but for "1", which only creates. */
static bool may_create(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target,
                       const struct irsa_json *metadata) {
    const char *uid = irsa_json_get_text(metadata, "uid");
    if (uid != NULL)
        return irsa_sandbox_status_conflict(
            call, RESOURCE, target->name,
            irsa_arena_format(call->arena,
                              "uid mismatch: the provided object specified uid %s, and no existing object was found", uid));
    return takes_new_content(call, target, target->name) && irsa_sandbox_validate_name(call, KIND, target->name);
}

static void apply(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target) {
    const struct irsa_json *body = has_manager(call) ? irsa_sandbox_body_object(call, KIND) : NULL;
    struct irsa_sandbox_write write = new_write(call);
    struct irsa_sandbox_clash clashes[IRSA_SANDBOX_MAX_CLASHES];
    if (body == NULL || !is_body_fine(call, target, body))
        return;
    const struct irsa_json *metadata = irsa_json_get(body, "metadata");
    struct irsa_sandbox_service_account *account = look(call, target);
    bool is_new = account == NULL;
    if (is_new ? !may_create(call, target, metadata) : !holds_precondition(call, metadata, account))
        return;
    if (!read_fields(call, metadata, target->name, write.sets))
        return;
    if (is_new)
        account = irsa_sandbox_account_new(call->arena, target->namespace_name, target->name, call->moment.now_ms);
    const char *force = irsa_sandbox_kube_parameter(call, "force");
    write.force = force != NULL && strcmp(force, "true") == 0;
    size_t clash_count = irsa_sandbox_find_clashes(account, &write, clashes);
    if (clash_count > 0) {
        refuse_clashes(call, clashes, clash_count);
        return;
    }
    bool has_changed = irsa_sandbox_apply_fields(account, &write) || is_new;
    if (!is_dry_run(call))
        settle(call, account, has_changed);
    answer(call, is_new ? 201 : 200, account);
}

void irsa_sandbox_account_patch(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target) {
    const char *type = irsa_httpd_header(call->request, "content-type");
    if (type != NULL && irsa_text_starts_with(type, "application/apply-patch+yaml"))
        apply(call, target);
    else if (type != NULL && irsa_text_starts_with(type, "application/merge-patch+json"))
        merge_patch(call, target);
    else if (type != NULL && irsa_text_starts_with(type, "application/json-patch+json"))
        irsa_sandbox_status(call, &(struct irsa_sandbox_status){
                                      .code = 422,
                                      .reason = "Invalid",
                                      .message = "the server rejected our request due to an error in our request",
                                      .has_details = true});
    else
        irsa_sandbox_status(call, &(struct irsa_sandbox_status){.code = 415,
                                                                .reason = "UnsupportedMediaType",
                                                                .message = "415: Unsupported Media Type",
                                                                .has_details = true});
}

/* --- delete ---------------------------------------------------------------------------------------------------------------------------- */

static bool holds_delete_precondition(struct irsa_sandbox_call *call, const struct irsa_json *preconditions,
                                      const struct irsa_sandbox_service_account *account) {
    const char *uid = irsa_json_get_text(preconditions, "uid");
    const char *version = irsa_json_get_text(preconditions, "resourceVersion");
    if (uid != NULL && strcmp(uid, account->uid) != 0)
        return irsa_sandbox_status_conflict(
            call, KIND, account->name,
            irsa_arena_format(call->arena,
                              "the UID in the precondition (%s) does not match the UID in record (%s). The object might have "
                              "been deleted and then recreated",
                              uid, account->uid));
    if (version != NULL && strtoll(version, NULL, 10) != account->version)
        return irsa_sandbox_status_conflict(
            call, KIND, account->name,
            irsa_arena_format(call->arena,
                              "the ResourceVersion in the precondition (%s) does not match the ResourceVersion in record "
                              "(%lld). The object might have been modified",
                              version, (long long)account->version));
    return true;
}

void irsa_sandbox_account_delete(struct irsa_sandbox_call *call, const struct irsa_sandbox_target *target) {
    struct irsa_sandbox_service_account *account = find(call, target);
    const struct irsa_json *options = NULL;
    if (account == NULL)
        return;
    if (call->request->body_length > 0) {
        options = irsa_sandbox_body_read(call, "DeleteOptions");
        if (options == NULL)
            return;
    }
    if (!holds_delete_precondition(call, irsa_json_get(options, "preconditions"), account))
        return;
    if (account->sets[IRSA_SANDBOX_FINALIZERS].count > 0) {
        if (account->deleted == NULL) {
            account->deleted = irsa_sandbox_time_text(call->arena, call->moment.now_ms);
            irsa_sandbox_account_store(call->cluster, call->arena, account);
        }
    } else {
        irsa_sandbox_account_remove(call->cluster, call->arena, account);
    }
    answer(call, 200, account);
}
