/*
 * Service accounts as JSON, and who owns their fields (managedFields, structured-merge-diff's FieldsV1).
 */
#include "core/kube/account.h"

#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"

#define FIELD_KEY_BYTES 512

/* The string members of an object; others are passed over. */
static struct irsa_pairs read_pairs(struct irsa_arena *arena, const struct irsa_json *object) {
    if (object == NULL || object->kind != IRSA_JSON_OBJECT)
        return (struct irsa_pairs){IRSA_NEW(arena, struct irsa_pair), 0};
    struct irsa_pair *pairs = IRSA_NEW_ARRAY(arena, struct irsa_pair, object->count);
    size_t count = 0;
    for (const struct irsa_json *member = object->first; member != NULL; member = member->next)
        if (member->kind == IRSA_JSON_STRING)
            pairs[count++] = (struct irsa_pair){member->key, member->text};
    return (struct irsa_pairs){pairs, count};
}

bool irsa_kube_read_account(struct irsa_arena *arena, const struct irsa_json *object,
                            struct irsa_kube_account *out_account) {
    const struct irsa_json *metadata = irsa_json_get(object, "metadata");
    struct irsa_kube_account account = {
        .name = irsa_json_get_text(metadata, "name"),
        .namespace_name = irsa_json_get_text(metadata, "namespace"),
        .uid = irsa_json_get_text(metadata, "uid"),
        .resource_version = irsa_json_get_text(metadata, "resourceVersion"),
        .is_terminating = irsa_json_get_text(metadata, "deletionTimestamp") != NULL,
        .labels = read_pairs(arena, irsa_json_get(metadata, "labels")),
        .annotations = read_pairs(arena, irsa_json_get(metadata, "annotations")),
        .managed_fields = irsa_json_get(metadata, "managedFields"),
    };
    const char *kind = irsa_json_get_text(object, "kind");
    if (!irsa_text_equal(kind, "ServiceAccount") || account.name == NULL || account.namespace_name == NULL)
        return false;
    *out_account = account;
    return account.uid != NULL;
}

static void write_pairs(struct irsa_json_writer *w, const char *key, struct irsa_pairs pairs) {
    if (pairs.count == 0)
        return;
    irsa_json_open_object(w, key);
    for (size_t i = 0; i < pairs.count; i++)
        irsa_json_add_text(w, pairs.at[i].key, pairs.at[i].value);
    irsa_json_close_object(w);
}

void irsa_kube_write_apply(const struct irsa_kube_apply *apply, struct irsa_text *out) {
    struct irsa_json_writer w;
    irsa_json_begin(&w, out);
    irsa_json_open_object(&w, NULL);
    irsa_json_add_text(&w, "apiVersion", "v1");
    irsa_json_add_text(&w, "kind", "ServiceAccount");
    irsa_json_open_object(&w, "metadata");
    irsa_json_add_text(&w, "name", apply->name);
    irsa_json_add_text(&w, "namespace", apply->namespace_name);
    irsa_json_add_text(&w, "uid", apply->uid);
    irsa_json_add_text(&w, "resourceVersion", apply->resource_version);
    write_pairs(&w, "labels", apply->labels);
    write_pairs(&w, "annotations", apply->annotations);
    irsa_json_close_object(&w);
    irsa_json_close_object(&w);
}

/* {"f:metadata": {"f:annotations": {"f:<key>": {}}}} */
static bool lists_field(const struct irsa_json *entry, bool is_label, const char *key) {
    char field[FIELD_KEY_BYTES];
    const struct irsa_json *metadata = irsa_json_get(irsa_json_get(entry, "fieldsV1"), "f:metadata");
    int length = snprintf(field, sizeof field, "f:%s", key);
    if (length < 0 || (size_t)length >= sizeof field)
        return false; /* longer than any key that Kubernetes takes */
    return irsa_json_get(irsa_json_get(metadata, is_label ? "f:labels" : "f:annotations"), field) != NULL;
}

static const struct irsa_json *first_entry(const struct irsa_kube_account *account) {
    return account->managed_fields == NULL ? NULL : account->managed_fields->first;
}

bool irsa_kube_owns(const struct irsa_kube_account *account, const char *manager, bool is_label, const char *key) {
    for (const struct irsa_json *entry = first_entry(account); entry != NULL; entry = entry->next)
        if (irsa_text_equal(irsa_json_get_text(entry, "manager"), manager) &&
            irsa_text_equal(irsa_json_get_text(entry, "operation"), "Apply") && lists_field(entry, is_label, key))
            return true;
    return false;
}

const char *irsa_kube_other_owner(const struct irsa_kube_account *account, const char *manager, bool is_label,
                                  const char *key) {
    for (const struct irsa_json *entry = first_entry(account); entry != NULL; entry = entry->next) {
        const char *name = irsa_json_get_text(entry, "manager");
        if (name != NULL && !irsa_text_equal(name, manager) && lists_field(entry, is_label, key))
            return name;
    }
    return NULL;
}
