/*
 * Who owns which field: server-side apply (KEP-555) and what other writes do to the owners.
 */
#ifndef IRSA_SANDBOX_KUBE_OWNERSHIP_H
#define IRSA_SANDBOX_KUBE_OWNERSHIP_H

#include "sandbox/kube/account.h"

/* A write in hand: the fields that it wants, by whom. */
struct irsa_sandbox_write {
    struct irsa_arena *arena;
    const char *manager;
    const char *time;
    bool force;
    struct irsa_sandbox_values sets[IRSA_SANDBOX_FIELD_SETS];
};

/* A field that another manager holds with another value. */
struct irsa_sandbox_clash {
    const struct irsa_sandbox_owner *owner;
    enum irsa_sandbox_field_set set;
    const char *key;
};

#define IRSA_SANDBOX_MAX_CLASHES 64

/* The clashes that an apply meets; with force there are none. */
size_t irsa_sandbox_find_clashes(const struct irsa_sandbox_service_account *account,
                                 const struct irsa_sandbox_write *write,
                                 struct irsa_sandbox_clash out_clashes[IRSA_SANDBOX_MAX_CLASHES]);

/*
 * Apply: set what is wanted, take back what this manager applied earlier and wants no more, note the owner. True when
 * anything changed. Call it after there were no clashes.
 */
bool irsa_sandbox_apply_fields(struct irsa_sandbox_service_account *account, const struct irsa_sandbox_write *write);

/*
 * Update: the object's fields become exactly those of `write`; what changes belongs to this manager alone from now on.
 * True when anything changed.
 */
bool irsa_sandbox_update_fields(struct irsa_sandbox_service_account *account, const struct irsa_sandbox_write *write);

#endif
