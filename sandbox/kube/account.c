/*
 * Service accounts between text and struct.
 */
#include "sandbox/kube/account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/text.h"

#define OBJECT_MAX_BYTES ((size_t)1024 * 1024)
#define OBJECT_MAX_DEPTH 32

static const char *const set_names[] = {"labels", "annotations", "finalizers"};

const char *irsa_sandbox_set_name(enum irsa_sandbox_field_set set) {
    return set_names[set];
}

const char *irsa_sandbox_values_find(const struct irsa_sandbox_values *values, const char *key) {
    for (size_t i = 0; i < values->count; i++)
        if (strcmp(values->at[i].key, key) == 0)
            return values->at[i].value;
    return NULL;
}

/* Sorted by key, as the API server writes them. */
void irsa_sandbox_values_put(struct irsa_arena *arena, struct irsa_sandbox_values *values, const char *key,
                             const char *value) {
    size_t at = 0;
    while (at < values->count && strcmp(values->at[at].key, key) < 0)
        at++;
    if (at < values->count && strcmp(values->at[at].key, key) == 0) {
        values->at[at].value = value;
        return;
    }
    if (values->count == values->capacity) {
        values->capacity = values->capacity == 0 ? 8 : values->capacity * 2;
        struct irsa_pair *more = IRSA_NEW_ARRAY(arena, struct irsa_pair, values->capacity);
        if (values->count > 0)
            memcpy(more, values->at, values->count * sizeof(more[0]));
        values->at = more;
    }
    memmove(values->at + at + 1, values->at + at, (values->count - at) * sizeof(values->at[0]));
    values->at[at] = (struct irsa_pair){key, value};
    values->count++;
}

void irsa_sandbox_values_remove(struct irsa_sandbox_values *values, const char *key) {
    for (size_t i = 0; i < values->count; i++) {
        if (strcmp(values->at[i].key, key) != 0)
            continue;
        memmove(values->at + i, values->at + i + 1, (values->count - i - 1) * sizeof(values->at[0]));
        values->count--;
        return;
    }
}

bool irsa_sandbox_values_read(struct irsa_arena *arena, const struct irsa_json *metadata,
                              enum irsa_sandbox_field_set set, struct irsa_sandbox_values *out_values) {
    const struct irsa_json *value = irsa_json_get(metadata, set_names[set]);
    bool is_list = set == IRSA_SANDBOX_FINALIZERS;
    *out_values = (struct irsa_sandbox_values){NULL};
    if (value == NULL || value->kind == IRSA_JSON_NULL)
        return true;
    if (value->kind != (is_list ? IRSA_JSON_ARRAY : IRSA_JSON_OBJECT))
        return false;
    for (const struct irsa_json *member = value->first; member != NULL; member = member->next) {
        if (member->kind != IRSA_JSON_STRING)
            return false;
        irsa_sandbox_values_put(arena, out_values, is_list ? member->text : member->key, is_list ? "" : member->text);
    }
    return true;
}

/* --- reading ------------------------------------------------------------------------------------------------------------------- */

/* {"f:a": {}, "v:\"x\"": {}, ".": {}}: the keys without their prefixes. */
static void read_owned(struct irsa_arena *arena, const struct irsa_json *fields, enum irsa_sandbox_field_set set,
                       struct irsa_sandbox_values *out_keys) {
    const struct irsa_json *metadata = irsa_json_get(fields, "f:metadata");
    const struct irsa_json *keys = irsa_json_get(metadata, irsa_arena_format(arena, "f:%s", set_names[set]));
    for (const struct irsa_json *member = keys == NULL ? NULL : keys->first; member != NULL; member = member->next) {
        if (strncmp(member->key, "f:", 2) == 0)
            irsa_sandbox_values_put(arena, out_keys, member->key + 2, "");
        else if (strncmp(member->key, "v:\"", 3) == 0)
            irsa_sandbox_values_put(arena, out_keys,
                                    irsa_arena_copy_bytes(arena, member->key + 3, strlen(member->key) - 4), "");
    }
}

static void read_owners(struct irsa_arena *arena, const struct irsa_json *list,
                        struct irsa_sandbox_service_account *account) {
    for (const struct irsa_json *entry = list == NULL ? NULL : list->first; entry != NULL; entry = entry->next) {
        struct irsa_sandbox_owner *owner = &account->owners[account->owner_count++];
        *owner = (struct irsa_sandbox_owner){.manager = irsa_json_get_text(entry, "manager"),
                                             .operation = irsa_json_get_text(entry, "operation"),
                                             .time = irsa_json_get_text(entry, "time")};
        for (int set = 0; set < IRSA_SANDBOX_FIELD_SETS; set++)
            read_owned(arena, irsa_json_get(entry, "fieldsV1"), (enum irsa_sandbox_field_set)set, &owner->sets[set]);
    }
}

struct irsa_sandbox_service_account *irsa_sandbox_account_parse(struct irsa_arena *arena, const char *json) {
    const struct irsa_json_limits limits = {.max_bytes = OBJECT_MAX_BYTES, .max_depth = OBJECT_MAX_DEPTH};
    struct irsa_sandbox_service_account *account = IRSA_NEW(arena, struct irsa_sandbox_service_account);
    const struct irsa_json *object;
    struct irsa_error err;
    if (!irsa_json_parse(arena, json, strlen(json), limits, &object, &err))
        abort(); /* we wrote it ourselves */
    const struct irsa_json *metadata = irsa_json_get(object, "metadata");
    account->name = irsa_json_get_text(metadata, "name");
    account->namespace_name = irsa_json_get_text(metadata, "namespace");
    account->uid = irsa_json_get_text(metadata, "uid");
    account->created = irsa_json_get_text(metadata, "creationTimestamp");
    account->deleted = irsa_json_get_text(metadata, "deletionTimestamp");
    account->version = strtoll(irsa_json_get_text(metadata, "resourceVersion"), NULL, 10);
    for (int set = 0; set < IRSA_SANDBOX_FIELD_SETS; set++)
        if (!irsa_sandbox_values_read(arena, metadata, (enum irsa_sandbox_field_set)set, &account->sets[set]))
            abort();
    read_owners(arena, irsa_json_get(metadata, "managedFields"), account);
    return account;
}

/* --- writing --------------------------------------------------------------------------------------------------------------------- */

static void write_values(const struct irsa_sandbox_service_account *account, enum irsa_sandbox_field_set set,
                         struct irsa_json_writer *w) {
    const struct irsa_sandbox_values *values = &account->sets[set];
    bool is_list = set == IRSA_SANDBOX_FINALIZERS;
    if (values->count == 0)
        return;
    if (is_list)
        irsa_json_open_array(w, set_names[set]);
    else
        irsa_json_open_object(w, set_names[set]);
    for (size_t i = 0; i < values->count; i++)
        irsa_json_add_text(w, is_list ? NULL : values->at[i].key, is_list ? values->at[i].key : values->at[i].value);
    if (is_list)
        irsa_json_close_array(w);
    else
        irsa_json_close_object(w);
}

static void write_key(const struct irsa_sandbox_owner *owner, enum irsa_sandbox_field_set set, const char *key,
                      struct irsa_json_writer *w) {
    char name[600];
    (void)owner;
    (void)snprintf(name, sizeof(name), set == IRSA_SANDBOX_FINALIZERS ? "v:\"%s\"" : "f:%s", key);
    irsa_json_open_object(w, name);
    irsa_json_close_object(w);
}

/* An Update says that it also made the map itself ("."), an Apply does not. */
static void write_owned(const struct irsa_sandbox_owner *owner, enum irsa_sandbox_field_set set,
                        struct irsa_json_writer *w) {
    char name[32];
    const struct irsa_sandbox_values *keys = &owner->sets[set];
    if (keys->count == 0)
        return;
    (void)snprintf(name, sizeof(name), "f:%s", set_names[set]);
    irsa_json_open_object(w, name);
    if (strcmp(owner->operation, "Update") == 0) {
        irsa_json_open_object(w, ".");
        irsa_json_close_object(w);
    }
    for (size_t i = 0; i < keys->count; i++)
        write_key(owner, set, keys->at[i].key, w);
    irsa_json_close_object(w);
}

static void write_owner(const struct irsa_sandbox_owner *owner, struct irsa_json_writer *w) {
    static const enum irsa_sandbox_field_set order[] = {IRSA_SANDBOX_ANNOTATIONS, IRSA_SANDBOX_FINALIZERS,
                                                        IRSA_SANDBOX_LABELS};
    irsa_json_open_object(w, NULL);
    irsa_json_add_text(w, "manager", owner->manager);
    irsa_json_add_text(w, "operation", owner->operation);
    irsa_json_add_text(w, "apiVersion", "v1");
    irsa_json_add_text(w, "time", owner->time);
    irsa_json_add_text(w, "fieldsType", "FieldsV1");
    irsa_json_open_object(w, "fieldsV1");
    irsa_json_open_object(w, "f:metadata");
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        write_owned(owner, order[i], w);
    irsa_json_close_object(w);
    irsa_json_close_object(w);
    irsa_json_close_object(w);
}

void irsa_sandbox_account_write_metadata(const struct irsa_sandbox_service_account *account, const char *key,
                                         struct irsa_json_writer *w) {
    char version[24];
    (void)snprintf(version, sizeof(version), "%lld", (long long)account->version);
    irsa_json_open_object(w, key);
    irsa_json_add_text(w, "name", account->name);
    irsa_json_add_text(w, "namespace", account->namespace_name);
    irsa_json_add_text(w, "uid", account->uid);
    irsa_json_add_text(w, "resourceVersion", version);
    irsa_json_add_text(w, "creationTimestamp", account->created);
    irsa_json_add_text(w, "deletionTimestamp", account->deleted);
    if (account->deleted != NULL)
        irsa_json_add_integer(w, "deletionGracePeriodSeconds", 0);
    for (int set = 0; set < IRSA_SANDBOX_FIELD_SETS; set++)
        write_values(account, (enum irsa_sandbox_field_set)set, w);
    if (account->owner_count > 0) {
        irsa_json_open_array(w, "managedFields");
        for (size_t i = 0; i < account->owner_count; i++)
            write_owner(&account->owners[i], w);
        irsa_json_close_array(w);
    }
    irsa_json_close_object(w);
}

const char *irsa_sandbox_account_text(struct irsa_arena *arena, const struct irsa_sandbox_service_account *account) {
    struct irsa_text out;
    struct irsa_json_writer w;
    irsa_text_init(&out, arena, OBJECT_MAX_BYTES);
    irsa_json_begin(&w, &out);
    irsa_json_open_object(&w, NULL);
    irsa_json_add_text(&w, "kind", "ServiceAccount");
    irsa_json_add_text(&w, "apiVersion", "v1");
    irsa_sandbox_account_write_metadata(account, "metadata", &w);
    irsa_json_close_object(&w);
    return out.at;
}
