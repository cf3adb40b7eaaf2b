/*
 * Field ownership over labels, annotations and finalizers.
 */
#include "sandbox/kube/ownership.h"

#include <string.h>

#include "core/base/text.h"

static bool is_owner(const struct irsa_sandbox_owner *owner, const char *manager, const char *operation) {
    return strcmp(owner->manager, manager) == 0 && strcmp(owner->operation, operation) == 0;
}

static struct irsa_sandbox_owner *find_owner(struct irsa_sandbox_service_account *account, const char *manager,
                                             const char *operation) {
    for (size_t i = 0; i < account->owner_count; i++)
        if (is_owner(&account->owners[i], manager, operation))
            return &account->owners[i];
    return NULL;
}

static bool is_empty(const struct irsa_sandbox_owner *owner) {
    for (int set = 0; set < IRSA_SANDBOX_FIELD_SETS; set++)
        if (owner->sets[set].count > 0)
            return false;
    return true;
}

/* Owners of nothing vanish. */
static void drop_empty_owners(struct irsa_sandbox_service_account *account) {
    size_t kept = 0;
    for (size_t i = 0; i < account->owner_count; i++)
        if (!is_empty(&account->owners[i]))
            account->owners[kept++] = account->owners[i];
    account->owner_count = kept;
}

static bool is_owned_by_others(const struct irsa_sandbox_service_account *account, const struct irsa_sandbox_owner *self,
                               int set, const char *key) {
    for (size_t i = 0; i < account->owner_count; i++)
        if (&account->owners[i] != self && irsa_sandbox_values_find(&account->owners[i].sets[set], key) != NULL)
            return true;
    return false;
}

static void take_from_others(struct irsa_sandbox_service_account *account, const struct irsa_sandbox_owner *self,
                             int set, const char *key) {
    for (size_t i = 0; i < account->owner_count; i++)
        if (&account->owners[i] != self)
            irsa_sandbox_values_remove(&account->owners[i].sets[set], key);
}

/* The owner's entry, made if there is none. The entry of a new Apply stands before those of Updates. */
static struct irsa_sandbox_owner *ensure_owner(struct irsa_sandbox_service_account *account,
                                               const struct irsa_sandbox_write *write, const char *operation) {
    struct irsa_sandbox_owner *owner = find_owner(account, write->manager, operation);
    if (owner != NULL || account->owner_count == IRSA_SANDBOX_MAX_OWNERS)
        return owner != NULL ? owner : &account->owners[IRSA_SANDBOX_MAX_OWNERS - 1];
    size_t at = account->owner_count;
    while (at > 0 && strcmp(operation, "Apply") == 0 && strcmp(account->owners[at - 1].operation, "Update") == 0)
        at--;
    memmove(account->owners + at + 1, account->owners + at, (account->owner_count - at) * sizeof(account->owners[0]));
    account->owner_count++;
    account->owners[at] =
        (struct irsa_sandbox_owner){.manager = write->manager, .operation = operation, .time = write->time};
    return &account->owners[at];
}

size_t irsa_sandbox_find_clashes(const struct irsa_sandbox_service_account *account,
                                 const struct irsa_sandbox_write *write,
                                 struct irsa_sandbox_clash out_clashes[IRSA_SANDBOX_MAX_CLASHES]) {
    size_t count = 0;
    for (size_t o = 0; o < account->owner_count && !write->force; o++) {
        const struct irsa_sandbox_owner *owner = &account->owners[o];
        if (is_owner(owner, write->manager, "Apply"))
            continue;
        for (int set = 0; set < IRSA_SANDBOX_FINALIZERS; set++)
            for (size_t i = 0; i < write->sets[set].count && count < IRSA_SANDBOX_MAX_CLASHES; i++) {
                const struct irsa_pair *wanted = &write->sets[set].at[i];
                bool is_held = irsa_sandbox_values_find(&owner->sets[set], wanted->key) != NULL;
                if (is_held &&
                    !irsa_text_equal(irsa_sandbox_values_find(&account->sets[set], wanted->key), wanted->value))
                    out_clashes[count++] =
                        (struct irsa_sandbox_clash){owner, (enum irsa_sandbox_field_set)set, wanted->key};
            }
    }
    return count;
}

/* Returns whether the object or its owners changed. */
static bool set_wanted(struct irsa_sandbox_service_account *account, const struct irsa_sandbox_write *write,
                       struct irsa_sandbox_owner *owner, int set) {
    bool has_changed = false;
    for (size_t i = 0; i < write->sets[set].count; i++) {
        const struct irsa_pair *wanted = &write->sets[set].at[i];
        if (!irsa_text_equal(irsa_sandbox_values_find(&account->sets[set], wanted->key), wanted->value)) {
            take_from_others(account, owner, set, wanted->key);
            irsa_sandbox_values_put(write->arena, &account->sets[set], wanted->key, wanted->value);
            has_changed = true;
        }
        if (irsa_sandbox_values_find(&owner->sets[set], wanted->key) == NULL) {
            irsa_sandbox_values_put(write->arena, &owner->sets[set], wanted->key, "");
            has_changed = true;
        }
    }
    return has_changed;
}

static bool take_back(struct irsa_sandbox_service_account *account, const struct irsa_sandbox_write *write,
                      struct irsa_sandbox_owner *owner, int set) {
    bool has_changed = false;
    for (size_t i = owner->sets[set].count; i-- > 0;) {
        const char *key = owner->sets[set].at[i].key;
        if (irsa_sandbox_values_find(&write->sets[set], key) != NULL)
            continue;
        if (!is_owned_by_others(account, owner, set, key))
            irsa_sandbox_values_remove(&account->sets[set], key);
        irsa_sandbox_values_remove(&owner->sets[set], key);
        has_changed = true;
    }
    return has_changed;
}

bool irsa_sandbox_apply_fields(struct irsa_sandbox_service_account *account, const struct irsa_sandbox_write *write) {
    bool has_changed = false;
    struct irsa_sandbox_owner *owner = ensure_owner(account, write, "Apply");
    for (int set = 0; set < IRSA_SANDBOX_FIELD_SETS; set++) {
        has_changed = set_wanted(account, write, owner, set) || has_changed;
        has_changed = take_back(account, write, owner, set) || has_changed;
    }
    if (has_changed)
        owner->time = write->time;
    drop_empty_owners(account);
    return has_changed;
}

bool irsa_sandbox_update_fields(struct irsa_sandbox_service_account *account, const struct irsa_sandbox_write *write) {
    bool has_changed = false;
    struct irsa_sandbox_owner *owner = ensure_owner(account, write, "Update");
    for (int set = 0; set < IRSA_SANDBOX_FIELD_SETS; set++) {
        for (size_t i = account->sets[set].count; i-- > 0;) {
            const char *key = account->sets[set].at[i].key;
            if (irsa_sandbox_values_find(&write->sets[set], key) != NULL)
                continue;
            take_from_others(account, NULL, set, key);
            irsa_sandbox_values_remove(&account->sets[set], key);
            has_changed = true;
        }
        for (size_t i = 0; i < write->sets[set].count; i++) {
            const struct irsa_pair *wanted = &write->sets[set].at[i];
            if (irsa_text_equal(irsa_sandbox_values_find(&account->sets[set], wanted->key), wanted->value))
                continue;
            take_from_others(account, owner, set, wanted->key);
            irsa_sandbox_values_put(write->arena, &account->sets[set], wanted->key, wanted->value);
            irsa_sandbox_values_put(write->arena, &owner->sets[set], wanted->key, "");
            has_changed = true;
        }
    }
    if (has_changed)
        owner->time = write->time;
    drop_empty_owners(account);
    return has_changed;
}
