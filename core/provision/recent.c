/*
 * Writes in a queue by age, and by role in a map: the queue forgets, the map finds.
 */
#include "core/provision/recent.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/crypto.h"
#include "core/base/map.h"

struct write {
    struct write *younger;   /* in the queue of all writes */
    struct write *next_same; /* of the same role */
    struct writes_of_role *role;
    int64_t written_ms;
    enum irsa_written kind;
    bool is_undone;
    char *key;
    char *value; /* NULL: taken away */
};

struct writes_of_role {
    char *arn;
    struct write *first;
};

struct irsa_recent {
    const struct irsa_clock *clock;
    pthread_mutex_t mutex;
    struct irsa_map *roles;
    struct write *oldest, *youngest;
};

struct irsa_recent *irsa_recent_new(const struct irsa_clock *clock) {
    struct irsa_recent *recent = irsa_new(sizeof *recent);
    recent->clock = clock;
    recent->roles = irsa_map_new();
    pthread_mutex_init(&recent->mutex, NULL);
    return recent;
}

/* --- with the lock held ---------------------------------------------------------------------------------------------- */

static void unlink_from_role(struct irsa_recent *recent, struct write *write) {
    struct writes_of_role *role = write->role;
    struct write **at = &role->first;
    while (*at != write)
        at = &(*at)->next_same;
    *at = write->next_same;
    if (role->first != NULL)
        return;
    irsa_map_remove(recent->roles, role->arn, strlen(role->arn));
    free(role->arn);
    free(role);
}

static void drop_oldest(struct irsa_recent *recent) {
    struct write *write = recent->oldest;
    recent->oldest = write->younger;
    if (recent->oldest == NULL)
        recent->youngest = NULL;
    unlink_from_role(recent, write);
    free(write->key);
    free(write->value);
    free(write);
}

static void forget_old(struct irsa_recent *recent) {
    int64_t since_ms = irsa_clock_monotonic_ms(recent->clock) - IRSA_RECENT_MS;
    while (recent->oldest != NULL && recent->oldest->written_ms <= since_ms)
        drop_oldest(recent);
}

static struct writes_of_role *role_of(struct irsa_recent *recent, const char *arn) {
    struct writes_of_role *role = irsa_map_find(recent->roles, arn, strlen(arn));
    if (role == NULL) {
        role = irsa_new(sizeof *role);
        role->arn = irsa_new_copy(arn);
        irsa_map_put(recent->roles, arn, strlen(arn), role);
    }
    return role;
}

static struct write *first_of(struct irsa_recent *recent, const char *role_arn) {
    const struct writes_of_role *role = irsa_map_find(recent->roles, role_arn, strlen(role_arn));
    return role == NULL ? NULL : role->first;
}

static bool is_about(const struct write *write, enum irsa_written kind, const char *key) {
    return !write->is_undone && write->kind == kind && strcmp(write->key, key) == 0;
}

static void append(struct irsa_recent *recent, struct write *write) {
    write->next_same = write->role->first;
    write->role->first = write;
    *(recent->youngest != NULL ? &recent->youngest->younger : &recent->oldest) = write;
    recent->youngest = write;
}

/* --- the interface --------------------------------------------------------------------------------------------------- */

void irsa_recent_free(struct irsa_recent *recent) {
    if (recent == NULL)
        return;
    while (recent->oldest != NULL)
        drop_oldest(recent);
    irsa_map_free(recent->roles, NULL);
    pthread_mutex_destroy(&recent->mutex);
    free(recent);
}

void irsa_recent_note(struct irsa_recent *recent, const char *role_arn, enum irsa_written kind, const char *key,
                      const char *value) {
    struct write *write = irsa_new(sizeof *write);
    write->kind = kind;
    write->key = irsa_new_copy(key);
    write->value = value == NULL ? NULL : irsa_new_copy(value);
    pthread_mutex_lock(&recent->mutex);
    forget_old(recent);
    write->written_ms = irsa_clock_monotonic_ms(recent->clock);
    write->role = role_of(recent, role_arn);
    append(recent, write);
    pthread_mutex_unlock(&recent->mutex);
}

void irsa_recent_settle(struct irsa_recent *recent, const char *role_arn, enum irsa_written kind, const char *key,
                        bool is_done) {
    bool is_last = true;
    pthread_mutex_lock(&recent->mutex);
    for (struct write *write = first_of(recent, role_arn); write != NULL; write = write->next_same) {
        if (!is_about(write, kind, key))
            continue;
        if (is_last != is_done)
            write->is_undone = true;
        is_last = false;
    }
    pthread_mutex_unlock(&recent->mutex);
}

void irsa_recent_forget(struct irsa_recent *recent, const char *role_arn) {
    pthread_mutex_lock(&recent->mutex);
    for (struct write *write = first_of(recent, role_arn); write != NULL; write = write->next_same)
        write->is_undone = write->is_undone || write->kind != IRSA_WRITTEN_ROLE;
    pthread_mutex_unlock(&recent->mutex);
}

struct irsa_pairs irsa_recent_list(struct irsa_recent *recent, struct irsa_arena *arena, const char *role_arn,
                                   enum irsa_written kind) {
    struct irsa_pairs list = {0};
    size_t count = 0;
    pthread_mutex_lock(&recent->mutex);
    forget_old(recent);
    for (const struct write *write = first_of(recent, role_arn); write != NULL; write = write->next_same)
        count += !write->is_undone && write->kind == kind;
    struct irsa_pair *at = IRSA_NEW_ARRAY(arena, struct irsa_pair, count);
    for (const struct write *write = first_of(recent, role_arn); write != NULL; write = write->next_same)
        if (!write->is_undone && write->kind == kind)
            at[list.count++] =
                (struct irsa_pair){irsa_arena_copy(arena, write->key), irsa_arena_copy(arena, write->value)};
    pthread_mutex_unlock(&recent->mutex);
    list.at = at;
    return list;
}

const char *irsa_recent_digest(struct irsa_arena *arena, const char *document) {
    char digest[IRSA_SHA256_HEX_BYTES];
    irsa_sha256_hex(document, strlen(document), digest);
    return irsa_arena_copy(arena, digest);
}
