/*
 * A service account in hand: its metadata with the owners of its fields, read from and written to its stored JSON.
 */
#ifndef IRSA_SANDBOX_KUBE_ACCOUNT_H
#define IRSA_SANDBOX_KUBE_ACCOUNT_H

#include "core/base/json.h"
#include "sandbox/call.h"

/* The kinds of fields whose owners are kept. */
enum irsa_sandbox_field_set {
    IRSA_SANDBOX_LABELS,
    IRSA_SANDBOX_ANNOTATIONS,
    IRSA_SANDBOX_FINALIZERS,
    IRSA_SANDBOX_FIELD_SETS,
};

/* Keys with values; values of finalizers are "". Grows in the call's arena. */
struct irsa_sandbox_values {
    struct irsa_pair *at;
    size_t count, capacity;
};

struct irsa_sandbox_owner {
    const char *manager;
    const char *operation; /* "Apply" or "Update" */
    const char *time;
    struct irsa_sandbox_values sets[IRSA_SANDBOX_FIELD_SETS]; /* keys only */
};

#define IRSA_SANDBOX_MAX_OWNERS 64

struct irsa_sandbox_service_account {
    const char *name, *namespace_name, *uid;
    const char *created, *deleted; /* deleted NULL: it is not being deleted */
    int64_t version;
    struct irsa_sandbox_values sets[IRSA_SANDBOX_FIELD_SETS];
    struct irsa_sandbox_owner owners[IRSA_SANDBOX_MAX_OWNERS];
    size_t owner_count;
};

const char *irsa_sandbox_values_find(const struct irsa_sandbox_values *values, const char *key);
void irsa_sandbox_values_put(struct irsa_arena *arena, struct irsa_sandbox_values *values, const char *key,
                             const char *value);
void irsa_sandbox_values_remove(struct irsa_sandbox_values *values, const char *key);

/* Name of a set in metadata: "labels", "annotations", "finalizers". Static. */
const char *irsa_sandbox_set_name(enum irsa_sandbox_field_set set);

/* Read a set from an object's metadata. False when it has the wrong form. */
IRSA_MUST_CHECK bool irsa_sandbox_values_read(struct irsa_arena *arena, const struct irsa_json *metadata,
                                              enum irsa_sandbox_field_set set, struct irsa_sandbox_values *out_values);

/* From its stored text. */
struct irsa_sandbox_service_account *irsa_sandbox_account_parse(struct irsa_arena *arena, const char *json);

/* {"kind": "ServiceAccount", …} as a GET answers it. */
const char *irsa_sandbox_account_text(struct irsa_arena *arena, const struct irsa_sandbox_service_account *account);

/* Only its metadata, as a member `key`. */
void irsa_sandbox_account_write_metadata(const struct irsa_sandbox_service_account *account, const char *key,
                                         struct irsa_json_writer *w);

#endif
