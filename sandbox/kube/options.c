/*
 * Each option is judged by a function of its own. Source of the rules and texts: apimachinery's validation of
 * CreateOptions, UpdateOptions, PatchOptions and DeleteOptions, as kube-apiserver 1.35 answers.
 */
#include "sandbox/kube/options.h"

#include <string.h>

#include "core/base/arena.h"
#include "sandbox/kube/validate.h"

#define MAX_MANAGER_BYTES 128
#define MAX_FAULTS        4
#define GROUP             "meta.k8s.io"

struct judge {
    struct irsa_sandbox_kube *kube;
    struct irsa_sandbox_cause faults[MAX_FAULTS];
    size_t count;
};

static void add(struct judge *judge, const char *reason, const char *field, const char *message) {
    judge->faults[judge->count++] = (struct irsa_sandbox_cause){.reason = reason, .message = message, .field = field};
}

static void judge_force(struct judge *judge, const char *value, bool is_apply) {
    bool is_patch = strcmp(judge->kube->call->request->method, "PATCH") == 0;
    if (is_patch && !is_apply && value != NULL)
        add(judge, "FieldValueForbidden", "force", "Forbidden: may not be specified for non-apply patch");
}

static void judge_manager(struct judge *judge, const char *value, bool is_apply) {
    struct irsa_arena *arena = judge->kube->arena;
    if (irsa_text_is_empty(value)) {
        if (is_apply)
            add(judge, "FieldValueRequired", "fieldManager", "Required value: is required for apply patch");
        return;
    }
    if (strlen(value) > MAX_MANAGER_BYTES) {
        add(judge, "FieldValueTooLong", "fieldManager",
            irsa_arena_format(arena, "Too long: may not be more than %d bytes", MAX_MANAGER_BYTES));
        return;
    }
    size_t at = 0;
    while (value[at] != '\0' && (unsigned char)value[at] >= ' ' && value[at] != '\x7f')
        at++;
    if (value[at] != '\0')
        add(judge, "FieldValueInvalid", "fieldManager",
            irsa_arena_format(arena, "Invalid value: %s: invalid character U+%04X (at position %zu)",
                              irsa_sandbox_quote(arena, value), (unsigned)(unsigned char)value[at], at));
}

static void judge_dry_run(struct judge *judge, const char *value) {
    struct irsa_arena *arena = judge->kube->arena;
    if (!irsa_text_is_empty(value) && strcmp(value, "All") != 0)
        add(judge, "FieldValueNotSupported", "dryRun",
            irsa_arena_format(arena, "Unsupported value: [%s]: supported values: \"All\"",
                              irsa_sandbox_quote(arena, value)));
}

static void judge_validation(struct judge *judge, const char *value) {
    static const char *const known[] = {"", "Ignore", "Strict", "Warn"};
    struct irsa_arena *arena = judge->kube->arena;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (value == NULL || strcmp(known[i], value) == 0)
            return;
    add(judge, "FieldValueNotSupported", "fieldValidation",
        irsa_arena_format(arena, "Unsupported value: %s: supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"",
                          irsa_sandbox_quote(arena, value)));
}

/* "curl/7.88.1" -> "curl" */
static const char *user_agent_name(const struct irsa_sandbox_kube *kube) {
    const char *agent = irsa_httpd_header(kube->call->request, "user-agent");
    size_t length = agent == NULL ? 0 : strcspn(agent, "/");
    if (length == 0)
        return "unknown";
    return irsa_arena_copy_bytes(kube->arena, agent, length > MAX_MANAGER_BYTES ? MAX_MANAGER_BYTES : length);
}

bool irsa_sandbox_is_true(const char *value) {
    return value != NULL && strcmp(value, "0") != 0 && !irsa_text_equal_ignoring_case(value, "false");
}

static const char *kind_of_options(const char *method) {
    static const char *const kinds[][2] = {
        {"POST", "CreateOptions"}, {"PUT", "UpdateOptions"}, {"PATCH", "PatchOptions"}, {"DELETE", "DeleteOptions"}};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i][0], method) == 0)
            return kinds[i][1];
    return "";
}

bool irsa_sandbox_kube_options(struct irsa_sandbox_kube *kube, bool is_apply) {
    const char *manager = irsa_sandbox_kube_parameter(kube, "fieldManager");
    const char *force = irsa_sandbox_kube_parameter(kube, "force");
    const char *dry_run = irsa_sandbox_kube_parameter(kube, "dryRun");
    const char *validation = irsa_sandbox_kube_parameter(kube, "fieldValidation");
    const char *kind = kind_of_options(kube->call->request->method);
    struct judge judge = {.kube = kube};
    judge_force(&judge, force, is_apply);
    judge_manager(&judge, manager, is_apply);
    judge_dry_run(&judge, dry_run);
    judge_validation(&judge, validation);
    kube->manager = irsa_text_is_empty(manager) ? user_agent_name(kube) : manager;
    kube->force = irsa_sandbox_is_true(force);
    kube->is_dry_run = !irsa_text_is_empty(dry_run);
    kube->is_strict = irsa_text_equal(validation, "Strict");
    kube->warns = irsa_text_is_empty(validation) || strcmp(validation, "Warn") == 0;
    const struct irsa_sandbox_subject subject = {.group = GROUP, .kind = kind, .name = ""};
    return judge.count == 0 || irsa_sandbox_invalid(kube->call, subject, judge.faults, judge.count);
}
