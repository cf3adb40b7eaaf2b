/*
 * A list of faults; the first that is due wins.
 */
#include "sandbox/faults.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "sandbox/fields.h"

#define DEFAULT_STATUS 500

struct irsa_sandbox_faults {
    struct irsa_sandbox_fault *at;
    size_t count;
};

static const char *const kind_names[IRSA_SANDBOX_FAULT_KIND_COUNT] = {"status", "page",     "drop",
                                                                      "reset",  "truncate", "delay"};

const char *irsa_sandbox_fault_kind_name(enum irsa_sandbox_fault_kind kind) {
    return kind_names[kind];
}

struct irsa_sandbox_faults *irsa_sandbox_faults_new(void) {
    return irsa_new(sizeof(struct irsa_sandbox_faults));
}

void irsa_sandbox_faults_clear(struct irsa_sandbox_faults *faults) {
    free(faults->at);
    *faults = (struct irsa_sandbox_faults){0};
}

void irsa_sandbox_faults_free(struct irsa_sandbox_faults *faults) {
    irsa_sandbox_faults_clear(faults);
    free(faults);
}

/* A fault as it is written. */
struct draft {
    const char *service, *action, *account, *cluster, *kind, *when, *code, *message, *cause;
    int64_t nth, times, status, retry_after_s, delay_ms;
};

#define TEXT(name, member) IRSA_SANDBOX_FIELD(name, TEXT, struct draft, member)
#define NUMBER(name, member, min, max)                                                                                 \
    { name, IRSA_SANDBOX_FIELD_INTEGER, offsetof(struct draft, member), min, max }

static const struct irsa_sandbox_field draft_fields[] = {
    TEXT("service", service),
    TEXT("action", action),
    TEXT("account", account),
    TEXT("cluster", cluster),
    TEXT("kind", kind),
    TEXT("when", when),
    TEXT("code", code),
    TEXT("message", message),
    TEXT("cause", cause),
    NUMBER("nth", nth, 1, INT_MAX),
    NUMBER("times", times, 0, INT_MAX),
    NUMBER("status", status, 100, 599),
    NUMBER("retryAfter", retry_after_s, 0, 86400),
    NUMBER("delayMs", delay_ms, 0, 3600000),
};

static bool find_kind(const char *name, enum irsa_sandbox_fault_kind *out_kind, struct irsa_error *err) {
    if (name == NULL)
        return IRSA_FAIL(err, INVALID, "\"kind\" is missing");
    for (int i = 0; i < IRSA_SANDBOX_FAULT_KIND_COUNT; i++) {
        if (strcmp(kind_names[i], name) == 0) {
            *out_kind = (enum irsa_sandbox_fault_kind)i;
            return true;
        }
    }
    return IRSA_FAIL(err, INVALID, "\"kind\" must be status, page, drop, reset, truncate or delay");
}

static bool check_action(enum irsa_sandbox_service service, const char *action, struct irsa_error *err) {
    const char *names[IRSA_SANDBOX_MAX_ACTIONS];
    size_t count = irsa_sandbox_service_actions(service, names);
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], action) == 0)
            return true;
    const char *nearest = irsa_text_nearest(action, names, count);
    return IRSA_FAIL(err, INVALID, "%s has no action \"%s\"%s%s%s", irsa_sandbox_service_name(service), action,
                     nearest == NULL ? "" : "; did you mean \"", nearest == NULL ? "" : nearest,
                     nearest == NULL ? "" : "\"?");
}

/* AWS is of accounts, Kubernetes of clusters; what names the other would never be met. */
static bool check_owner(const struct draft *draft, enum irsa_sandbox_service service, struct irsa_error *err) {
    bool is_kube = service == IRSA_SANDBOX_KUBE;
    if ((is_kube ? draft->account : draft->cluster) == NULL)
        return true;
    return IRSA_FAIL(err, INVALID, "calls of %s are known by their \"%s\"", irsa_sandbox_service_name(service),
                     is_kube ? "cluster" : "account");
}

static bool fits(const char *what, const char *text, size_t size, struct irsa_error *err) {
    return text == NULL || strlen(text) < size || IRSA_FAIL(err, INVALID, "the %s is over %zu bytes", what, size - 1);
}

static bool find_when(const struct draft *draft, struct irsa_sandbox_fault *fault, struct irsa_error *err) {
    fault->is_after = fault->kind == IRSA_SANDBOX_FAULT_TRUNCATE;
    if (draft->when == NULL)
        return true;
    fault->is_after = strcmp(draft->when, "after") == 0;
    if (!fault->is_after && strcmp(draft->when, "before") != 0)
        return IRSA_FAIL(err, INVALID, "\"when\" must be before or after");
    return true;
}

static bool copy_texts(const struct draft *draft, struct irsa_sandbox_fault *fault, struct irsa_error *err) {
    if (!fits("code", draft->code, sizeof(fault->code), err) ||
        !fits("message", draft->message, sizeof(fault->message), err) ||
        !fits("cause", draft->cause, sizeof(fault->cause), err))
        return false;
    (void)snprintf(fault->action, sizeof(fault->action), "%s", draft->action == NULL ? "" : draft->action);
    (void)snprintf(fault->code, sizeof(fault->code), "%s", draft->code == NULL ? "" : draft->code);
    (void)snprintf(fault->message, sizeof(fault->message), "%s", draft->message == NULL ? "" : draft->message);
    (void)snprintf(fault->cause, sizeof(fault->cause), "%s", draft->cause == NULL ? "" : draft->cause);
    return true;
}

static bool read_fault(const struct irsa_json *object, struct irsa_sandbox_fault *out_fault, struct irsa_error *err) {
    struct draft draft = {.nth = 1, .times = 1, .status = DEFAULT_STATUS};
    struct irsa_sandbox_fault fault = {0};
    if (!IRSA_SANDBOX_READ(draft_fields, object, &draft, err))
        return false;
    if (draft.service == NULL || !irsa_sandbox_service_find(draft.service, &fault.service))
        return IRSA_FAIL(err, INVALID, "\"service\" must be iam, sts, eks or kubernetes");
    if (draft.action != NULL && !check_action(fault.service, draft.action, err))
        return false;
    if (!find_kind(draft.kind, &fault.kind, err) || !find_when(&draft, &fault, err))
        return false;
    const char *owner = draft.account != NULL ? draft.account : draft.cluster;
    if (!check_owner(&draft, fault.service, err) || !fits("account or cluster", owner, sizeof(fault.owner), err) ||
        !copy_texts(&draft, &fault, err))
        return false;
    (void)snprintf(fault.owner, sizeof(fault.owner), "%s", owner == NULL ? "" : owner);
    fault.nth = draft.nth;
    fault.times = draft.times;
    fault.status = (int)draft.status;
    fault.retry_after_s = draft.retry_after_s;
    fault.delay_ms = draft.delay_ms;
    *out_fault = fault;
    return true;
}

bool irsa_sandbox_faults_add(struct irsa_sandbox_faults *faults, const struct irsa_json *array,
                             struct irsa_error *err) {
    bool is_one = array->kind == IRSA_JSON_OBJECT;
    if (!is_one && array->kind != IRSA_JSON_ARRAY)
        return IRSA_FAIL(err, INVALID, "faults are an array of objects");
    size_t count = is_one ? 1 : array->count;
    struct irsa_sandbox_fault *more = irsa_new((count + 1) * sizeof(*more));
    const struct irsa_json *object = is_one ? array : array->first;
    bool is_good = true;
    for (size_t i = 0; i < count && is_good; i++, object = object->next) {
        is_good = read_fault(object, &more[i], err);
        if (!is_good)
            irsa_error_at(err, "/%zu", i);
    }
    if (is_good && count > 0) {
        faults->at = irsa_grow(faults->at, faults->count + count, sizeof(*faults->at));
        memcpy(faults->at + faults->count, more, count * sizeof(*more));
        faults->count += count;
    }
    free(more);
    return is_good;
}

static bool matches(const struct irsa_sandbox_fault *fault, enum irsa_sandbox_service service, const char *action,
                    const char *owner) {
    return fault->service == service && (fault->action[0] == '\0' || strcmp(fault->action, action) == 0) &&
           (fault->owner[0] == '\0' || (owner != NULL && strcmp(fault->owner, owner) == 0));
}

static bool is_due(const struct irsa_sandbox_fault *fault) {
    return fault->seen >= fault->nth && (fault->times == 0 || fault->seen < fault->nth + fault->times);
}

const struct irsa_sandbox_fault *irsa_sandbox_faults_meet(struct irsa_sandbox_faults *faults,
                                                          enum irsa_sandbox_service service, const char *action,
                                                          const char *owner) {
    const struct irsa_sandbox_fault *met = NULL;
    for (size_t i = 0; i < faults->count; i++) {
        struct irsa_sandbox_fault *fault = &faults->at[i];
        if (!matches(fault, service, action, owner))
            continue;
        fault->seen++;
        if (met == NULL && is_due(fault))
            met = fault;
    }
    return met;
}

/* What its kind takes. */
static void write_kind(const struct irsa_sandbox_fault *fault, struct irsa_json_writer *w) {
    if (fault->kind == IRSA_SANDBOX_FAULT_DELAY || fault->delay_ms > 0)
        irsa_json_add_integer(w, "delayMs", fault->delay_ms);
    if (fault->kind != IRSA_SANDBOX_FAULT_STATUS && fault->kind != IRSA_SANDBOX_FAULT_PAGE)
        return;
    irsa_json_add_integer(w, "status", fault->status);
    irsa_json_add_text(w, "code", fault->code[0] == '\0' ? NULL : fault->code);
    irsa_json_add_text(w, "message", fault->message[0] == '\0' ? NULL : fault->message);
    irsa_json_add_text(w, "cause", fault->cause[0] == '\0' ? NULL : fault->cause);
    if (fault->retry_after_s > 0)
        irsa_json_add_integer(w, "retryAfter", fault->retry_after_s);
}

void irsa_sandbox_faults_write(const struct irsa_sandbox_faults *faults, struct irsa_json_writer *w) {
    irsa_json_open_array(w, NULL);
    for (size_t i = 0; i < faults->count; i++) {
        const struct irsa_sandbox_fault *fault = &faults->at[i];
        irsa_json_open_object(w, NULL);
        irsa_json_add_text(w, "service", irsa_sandbox_service_name(fault->service));
        irsa_json_add_text(w, "action", fault->action[0] == '\0' ? NULL : fault->action);
        irsa_json_add_text(w, fault->service == IRSA_SANDBOX_KUBE ? "cluster" : "account",
                           fault->owner[0] == '\0' ? NULL : fault->owner);
        irsa_json_add_text(w, "kind", kind_names[fault->kind]);
        irsa_json_add_text(w, "when", fault->is_after ? "after" : "before");
        irsa_json_add_integer(w, "nth", fault->nth);
        irsa_json_add_integer(w, "times", fault->times);
        write_kind(fault, w);
        irsa_json_add_integer(w, "seen", fault->seen);
        irsa_json_close_object(w);
    }
    irsa_json_close_array(w);
}
