/*
 * A ring of entries, and a short list of counts.
 */
#include "sandbox/calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"

#define OWNER_BYTES      128
#define MAX_ACTIONS      128
#define FIRST_LOG_LENGTH 256

struct entry {
    const char *action;
    const char *fault;
    enum irsa_sandbox_service service;
    int status;
    char owner[OWNER_BYTES];
};

struct count {
    enum irsa_sandbox_service service;
    const char *action;
    uint64_t count;
};

struct irsa_sandbox_calls {
    uint64_t total;
    struct entry *log; /* call n is at (n - 1) % capacity */
    size_t capacity;
    struct count counts[MAX_ACTIONS]; /* in the order of their first call; services have fewer actions altogether */
    size_t count_count;
};

struct irsa_sandbox_calls *irsa_sandbox_calls_new(void) {
    return irsa_new(sizeof(struct irsa_sandbox_calls));
}

void irsa_sandbox_calls_free(struct irsa_sandbox_calls *calls) {
    free(calls->log);
    free(calls);
}

void irsa_sandbox_calls_clear(struct irsa_sandbox_calls *calls) {
    free(calls->log);
    *calls = (struct irsa_sandbox_calls){0};
}

static struct count *count_of(struct irsa_sandbox_calls *calls, enum irsa_sandbox_service service, const char *action) {
    for (size_t i = 0; i < calls->count_count; i++)
        if (calls->counts[i].service == service && strcmp(calls->counts[i].action, action) == 0)
            return &calls->counts[i];
    if (calls->count_count == MAX_ACTIONS)
        return &calls->counts[MAX_ACTIONS - 1];
    struct count *count = &calls->counts[calls->count_count++];
    *count = (struct count){.service = service, .action = action};
    return count;
}

static void make_room(struct irsa_sandbox_calls *calls) {
    if (calls->total < calls->capacity || calls->capacity == IRSA_SANDBOX_LOG_MAX)
        return;
    calls->capacity = calls->capacity == 0 ? FIRST_LOG_LENGTH : calls->capacity * 2;
    calls->log = irsa_grow(calls->log, calls->capacity, sizeof(*calls->log));
}

void irsa_sandbox_calls_add(struct irsa_sandbox_calls *calls, const struct irsa_sandbox_called *called) {
    make_room(calls);
    count_of(calls, called->service, called->action)->count++;
    struct entry *entry = &calls->log[calls->total++ % calls->capacity];
    *entry = (struct entry){
        .service = called->service, .action = called->action, .status = called->status, .fault = called->fault};
    (void)snprintf(entry->owner, sizeof(entry->owner), "%s", called->owner == NULL ? "" : called->owner);
}

static void write_entry(const struct entry *entry, uint64_t number, struct irsa_json_writer *w) {
    irsa_json_open_object(w, NULL);
    irsa_json_add_integer(w, "n", (int64_t)number);
    irsa_json_add_text(w, "service", irsa_sandbox_service_name(entry->service));
    irsa_json_add_text(w, "action", entry->action);
    if (entry->owner[0] != '\0')
        irsa_json_add_text(w, entry->service == IRSA_SANDBOX_KUBE ? "cluster" : "account", entry->owner);
    irsa_json_add_integer(w, "status", entry->status);
    irsa_json_add_text(w, "fault", entry->fault);
    irsa_json_close_object(w);
}

void irsa_sandbox_calls_write(const struct irsa_sandbox_calls *calls, struct irsa_json_writer *w) {
    irsa_json_open_object(w, NULL);
    irsa_json_open_object(w, "counts");
    for (size_t i = 0; i < calls->count_count; i++) {
        char key[OWNER_BYTES];
        (void)snprintf(key, sizeof(key), "%s.%s", irsa_sandbox_service_name(calls->counts[i].service),
                       calls->counts[i].action);
        irsa_json_add_integer(w, key, (int64_t)calls->counts[i].count);
    }
    irsa_json_close_object(w);
    irsa_json_open_array(w, "log");
    uint64_t first = calls->total > calls->capacity ? calls->total - calls->capacity : 0;
    for (uint64_t n = first; n < calls->total; n++)
        write_entry(&calls->log[n % calls->capacity], n + 1, w);
    irsa_json_close_array(w);
    irsa_json_close_object(w);
}
