/*
 * Names, labels, annotations. Source of the rules and texts: apimachinery's validation, as kube-apiserver 1.35 answers.
 */
#include "sandbox/kube/validate.h"

#include <string.h>

#include "core/base/arena.h"
#include "sandbox/call.h"

#define MAX_CAUSES            32
#define MAX_ANNOTATIONS_BYTES ((size_t)262144)
#define MAX_LABEL             63
#define MAX_SUBDOMAIN         253
#define ALNUM                 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define LOWER                 "abcdefghijklmnopqrstuvwxyz0123456789"

#define SUBDOMAIN_TEXT                                                                                                 \
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "   \
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "                        \
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
#define LABEL_TEXT                                                                                                     \
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "    \
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "                     \
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
#define NAME_PART_TEXT                                                                                                 \
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric " \
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "                            \
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
#define LABEL_VALUE_TEXT                                                                                               \
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "    \
    "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation "  \
    "is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

struct faults {
    struct irsa_arena *arena;
    struct irsa_sandbox_cause *at;
    size_t count;
};

static void add(struct faults *faults, const char *reason, const char *field, const char *message) {
    if (faults->count < MAX_CAUSES)
        faults->at[faults->count++] = (struct irsa_sandbox_cause){.reason = reason, .message = message, .field = field};
}

static const char *quote(struct irsa_arena *arena, const char *value) {
    return irsa_json_to_text(arena, irsa_json_new_text(arena, value));
}

static void add_invalid(struct faults *faults, const char *field, const char *value, const char *why) {
    add(faults, "FieldValueInvalid", field,
        irsa_arena_format(faults->arena, "Invalid value: %s: %s", quote(faults->arena, value), why));
}

/* Of `characters` throughout, with letters or digits of `ends` at both ends. */
static bool is_made_of(const char *text, const char *characters, const char *ends) {
    size_t length = strlen(text);
    return length > 0 && text[strspn(text, characters)] == '\0' && strchr(ends, text[0]) != NULL &&
           strchr(ends, text[length - 1]) != NULL;
}

static bool is_label(const char *text) {
    return is_made_of(text, LOWER "-", LOWER);
}

static bool is_subdomain(struct irsa_arena *arena, const char *text) {
    for (;;) {
        size_t length = strcspn(text, ".");
        if (!is_label(irsa_arena_copy_bytes(arena, text, length)))
            return false;
        if (text[length] == '\0')
            return true;
        text += length + 1;
    }
}

static const char *too_long(struct irsa_arena *arena, const char *what, int most) {
    return irsa_arena_format(arena, "%smust be no more than %d bytes", what, most);
}

static void check_name(struct faults *faults, const struct irsa_sandbox_resource *resource, const char *name) {
    struct irsa_arena *arena = faults->arena;
    bool is_subdomain_kind = resource->is_namespaced;
    int most = is_subdomain_kind ? MAX_SUBDOMAIN : MAX_LABEL;
    if (strlen(name) > (size_t)most)
        add_invalid(faults, "metadata.name", name, too_long(arena, "", most));
    bool is_good = is_subdomain_kind ? is_subdomain(arena, name) : is_label(name);
    if (!is_good)
        add_invalid(faults, "metadata.name", name, is_subdomain_kind ? SUBDOMAIN_TEXT : LABEL_TEXT);
}

/* [prefix/]name */
static void check_key(struct faults *faults, const char *field, const char *key, bool may_have_capitals) {
    struct irsa_arena *arena = faults->arena;
    const char *slash = strchr(key, '/');
    const char *name = slash == NULL ? key : slash + 1;
    if (slash != NULL) {
        char *prefix = irsa_arena_copy_bytes(arena, key, (size_t)(slash - key));
        for (char *c = prefix; may_have_capitals && *c != '\0'; c++)
            if (*c >= 'A' && *c <= 'Z')
                *c = (char)(*c - 'A' + 'a');
        if (*prefix == '\0')
            add_invalid(faults, field, key, "prefix part must be non-empty");
        else if (strlen(prefix) > MAX_SUBDOMAIN || !is_subdomain(arena, prefix))
            add_invalid(faults, field, key, "prefix part " SUBDOMAIN_TEXT);
    }
    if (*name == '\0')
        add_invalid(faults, field, key, "name part must be non-empty");
    else if (strlen(name) > MAX_LABEL)
        add_invalid(faults, field, key, too_long(arena, "name part ", MAX_LABEL));
    if (!is_made_of(name, ALNUM "-_.", ALNUM))
        add_invalid(faults, field, key, NAME_PART_TEXT);
}

static void check_labels(struct faults *faults, const struct irsa_json *labels) {
    for (const struct irsa_json *label = labels == NULL ? NULL : labels->first; label != NULL; label = label->next) {
        check_key(faults, "metadata.labels", label->key, false);
        if (strlen(label->text) > MAX_LABEL)
            add_invalid(faults, "metadata.labels", label->text, too_long(faults->arena, "", MAX_LABEL));
        if (*label->text != '\0' && !is_made_of(label->text, ALNUM "-_.", ALNUM))
            add_invalid(faults, "metadata.labels", label->text, LABEL_VALUE_TEXT);
    }
}

static void check_annotations(struct faults *faults, const struct irsa_json *annotations) {
    size_t bytes = 0;
    for (const struct irsa_json *one = annotations == NULL ? NULL : annotations->first; one != NULL; one = one->next) {
        check_key(faults, "metadata.annotations", one->key, true);
        bytes += strlen(one->key) + strlen(one->text);
    }
    if (bytes > MAX_ANNOTATIONS_BYTES)
        add(faults, "FieldValueTooLong", "metadata.annotations",
            irsa_arena_format(faults->arena, "Too long: may not be more than %zu bytes", MAX_ANNOTATIONS_BYTES));
}

const struct irsa_sandbox_cause *irsa_sandbox_validate(struct irsa_arena *arena,
                                                       const struct irsa_sandbox_resource *resource,
                                                       const struct irsa_json *object, size_t *out_count) {
    struct faults faults = {.arena = arena, .at = IRSA_NEW_ARRAY(arena, struct irsa_sandbox_cause, MAX_CAUSES)};
    const struct irsa_json *metadata = irsa_json_get(object, "metadata");
    const char *name = irsa_json_get_text(metadata, "name");
    if (name == NULL || *name == '\0')
        add(&faults, "FieldValueRequired", "metadata.name", "Required value: name or generateName is required");
    else
        check_name(&faults, resource, name);
    check_annotations(&faults, irsa_json_get(metadata, "annotations"));
    check_labels(&faults, irsa_json_get(metadata, "labels"));
    *out_count = faults.count;
    return faults.at;
}

/* "a: b", or "[a: b, c: d]" when there are several; repeats are said once. */
static const char *join(struct irsa_arena *arena, const struct irsa_sandbox_cause *causes, size_t count) {
    struct irsa_text text;
    size_t said = 0;
    irsa_text_init(&text, arena, (size_t)512 * 1024);
    for (size_t i = 0; i < count; i++) {
        bool is_repeat = i > 0 && strcmp(causes[i].message, causes[i - 1].message) == 0 &&
                         strcmp(causes[i].field, causes[i - 1].field) == 0;
        if (!is_repeat)
            irsa_text_addf(&text, "%s%s: %s", said++ == 0 ? "" : ", ", causes[i].field, causes[i].message);
    }
    return said > 1 ? irsa_arena_format(arena, "[%s]", text.at) : text.at;
}

bool irsa_sandbox_invalid(struct irsa_sandbox_call *call, const char *kind, const char *name,
                          const struct irsa_sandbox_cause *causes, size_t count) {
    const char *message =
        irsa_arena_format(call->arena, "%s \"%s\" is invalid: %s", kind, name, join(call->arena, causes, count));
    return irsa_sandbox_status(call, &(struct irsa_sandbox_status){.code = 422,
                                                                   .reason = "Invalid",
                                                                   .message = message,
                                                                   .name = name,
                                                                   .kind = kind,
                                                                   .causes = causes,
                                                                   .cause_count = count});
}
