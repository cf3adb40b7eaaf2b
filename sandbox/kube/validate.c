/*
 * Names, labels, annotations. Source of the rules and texts: apimachinery's validation, as kube-apiserver 1.35 answers.
 */
#include "sandbox/kube/validate.h"

#include <string.h>

#include "core/base/arena.h"
#include "sandbox/call.h"

#define MAX_CAUSES            64
#define MAX_QUOTED_BYTES      ((size_t)16 * 1024 * 1024)
#define UPDATE_REPEATS        4 /* how often the server judges the metadata of an update */
#define IDENTITY_REPEATS      2 /* and what must not change, and the form of finalizers */
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

#define LABEL_KEY_TEXT                                                                                                 \
    "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "      \
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "               \
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. "                 \
    "'example.com/MyName')"
#define FINALIZER_TEXT "name is neither a standard finalizer name nor is it fully qualified"

struct faults {
    struct irsa_arena *arena;
    struct irsa_sandbox_cause *at;
    size_t count;
};

static void add(struct faults *faults, const char *reason, const char *field, const char *message) {
    if (faults->count < MAX_CAUSES)
        faults->at[faults->count++] = (struct irsa_sandbox_cause){.reason = reason, .message = message, .field = field};
}

const char *irsa_sandbox_quote(struct irsa_arena *arena, const char *value) {
    static const char special[] = "\a\b\f\n\r\t\v\\\"";
    static const char letters[] = "abfnrtv\\\"";
    struct irsa_text text;
    irsa_text_init(&text, arena, MAX_QUOTED_BYTES);
    irsa_text_add_char(&text, '"');
    for (const char *c = value; *c != '\0'; c++) {
        const char *found = strchr(special, *c);
        if (found != NULL)
            irsa_text_addf(&text, "\\%c", letters[found - special]);
        else if ((unsigned char)*c < ' ' || *c == '\x7f')
            irsa_text_addf(&text, "\\x%02x", (unsigned)*c);
        else
            irsa_text_add_char(&text, *c);
    }
    irsa_text_add_char(&text, '"');
    return text.at;
}

static void add_invalid(struct faults *faults, const char *field, const char *value, const char *why) {
    add(faults, "FieldValueInvalid", field,
        irsa_arena_format(faults->arena, "Invalid value: %s: %s", irsa_sandbox_quote(faults->arena, value), why));
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

static const char *too_many(struct irsa_arena *arena, int most) {
    return irsa_arena_format(arena, "must be no more than %d characters", most);
}

static void check_name(struct faults *faults, const struct irsa_sandbox_resource *resource, const char *name) {
    struct irsa_arena *arena = faults->arena;
    bool is_subdomain_kind = resource->is_namespaced;
    int most = is_subdomain_kind ? MAX_SUBDOMAIN : MAX_LABEL;
    if (strlen(name) > (size_t)most)
        add_invalid(faults, "metadata.name", name, too_many(arena, most));
    bool is_good = is_subdomain_kind ? is_subdomain(arena, name) : is_label(name);
    if (!is_good)
        add_invalid(faults, "metadata.name", name, is_subdomain_kind ? SUBDOMAIN_TEXT : LABEL_TEXT);
}

static void check_prefix(struct faults *faults, const char *field, const char *key, const char *prefix) {
    if (*prefix == '\0')
        add_invalid(faults, field, key, "prefix part must be non-empty");
    else if (strlen(prefix) > MAX_SUBDOMAIN)
        add_invalid(faults, field, key, too_long(faults->arena, "prefix part ", MAX_SUBDOMAIN));
    else if (!is_subdomain(faults->arena, prefix))
        add_invalid(faults, field, key, "prefix part " SUBDOMAIN_TEXT);
}

/* [prefix/]name */
static void check_key(struct faults *faults, const char *field, const char *key, bool may_have_capitals) {
    struct irsa_arena *arena = faults->arena;
    const char *slash = strchr(key, '/');
    const char *name = slash == NULL ? key : slash + 1;
    if (strchr(name, '/') != NULL) {
        add_invalid(faults, field, key, LABEL_KEY_TEXT);
        return;
    }
    if (slash != NULL) {
        const char *prefix = irsa_arena_copy_bytes(arena, key, (size_t)(slash - key));
        check_prefix(faults, field, key, may_have_capitals ? irsa_sandbox_lower_case(arena, prefix) : prefix);
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

static void check_finalizers(struct faults *faults, const struct irsa_json *finalizers) {
    static const char *const standard[] = {"orphan", "foregroundDeletion", "kubernetes"};
    size_t index = 0;
    for (const struct irsa_json *one = finalizers == NULL ? NULL : finalizers->first; one != NULL; one = one->next) {
        bool is_known = strchr(one->text, '/') != NULL;
        for (size_t i = 0; i < sizeof(standard) / sizeof(standard[0]); i++)
            is_known = is_known || strcmp(standard[i], one->text) == 0;
        check_key(faults, "metadata.finalizers", one->text, false);
        if (!is_known)
            add_invalid(faults, irsa_arena_format(faults->arena, "metadata.finalizers[%zu]", index), one->text,
                        FINALIZER_TEXT);
        index++;
    }
}

static bool has_text(const struct irsa_json *list, const char *text) {
    for (const struct irsa_json *item = list == NULL ? NULL : list->first; item != NULL; item = item->next)
        if (irsa_text_equal(item->text, text))
            return true;
    return false;
}

/* What is being deleted may lose finalizers and gains none. */
static void check_no_new_finalizers(struct faults *faults, const struct irsa_json *metadata,
                                    const struct irsa_json *live_metadata) {
    const struct irsa_json *finalizers = irsa_json_get(metadata, "finalizers");
    const struct irsa_json *before = irsa_json_get(live_metadata, "finalizers");
    struct irsa_text added;
    if (finalizers == NULL || irsa_json_get(live_metadata, "deletionTimestamp") == NULL)
        return;
    irsa_text_init(&added, faults->arena, MAX_QUOTED_BYTES);
    for (const struct irsa_json *one = finalizers->first; one != NULL; one = one->next)
        if (!has_text(before, one->text))
            irsa_text_addf(&added, "%s%s", added.length == 0 ? "" : ", ", irsa_sandbox_quote(faults->arena, one->text));
    for (int i = 0; added.length > 0 && i < IDENTITY_REPEATS; i++)
        add(faults, "FieldValueForbidden", "metadata.finalizers",
            irsa_arena_format(faults->arena,
                              "Forbidden: no new finalizers can be added if the object is being deleted, found new "
                              "finalizers []string{%s}",
                              added.at));
}

static void check_uid(struct faults *faults, const char *uid, const char *live_uid) {
    for (int i = 0; !irsa_text_is_empty(uid) && strcmp(uid, live_uid) != 0 && i < IDENTITY_REPEATS; i++)
        add_invalid(faults, "metadata.uid", uid, "field is immutable");
}

static void check_metadata(struct faults *faults, const struct irsa_json *metadata, int round) {
    check_labels(faults, irsa_json_get(metadata, "labels"));
    check_annotations(faults, irsa_json_get(metadata, "annotations"));
    if (round < IDENTITY_REPEATS)
        check_finalizers(faults, irsa_json_get(metadata, "finalizers"));
}

const struct irsa_sandbox_cause *irsa_sandbox_validate(struct irsa_arena *arena,
                                                       const struct irsa_sandbox_resource *resource,
                                                       const struct irsa_json *object, const struct irsa_json *live,
                                                       size_t *out_count) {
    struct faults faults = {.arena = arena, .at = IRSA_NEW_ARRAY(arena, struct irsa_sandbox_cause, MAX_CAUSES)};
    const struct irsa_json *metadata = irsa_json_get(object, "metadata");
    const struct irsa_json *live_metadata = irsa_json_get(live, "metadata");
    const char *name = irsa_json_get_text(metadata, "name");
    if (live != NULL) {
        check_uid(&faults, irsa_json_get_text(metadata, "uid"), irsa_json_get_text(live_metadata, "uid"));
        check_no_new_finalizers(&faults, metadata, live_metadata);
    } else if (irsa_text_is_empty(name)) {
        add(&faults, "FieldValueRequired", "metadata.name", "Required value: name or generateName is required");
    } else {
        check_name(&faults, resource, name);
    }
    for (int i = 0; i < (live == NULL ? 1 : UPDATE_REPEATS); i++)
        check_metadata(&faults, metadata, i);
    *out_count = faults.count;
    return faults.at;
}

static bool is_said(const struct irsa_sandbox_cause *causes, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (strcmp(causes[i].message, causes[index].message) == 0 && strcmp(causes[i].field, causes[index].field) == 0)
            return true;
    return false;
}

/* "a: b", or "[a: b, c: d]" when there are several; repeats are said once. */
static const char *join(struct irsa_arena *arena, const struct irsa_sandbox_cause *causes, size_t count) {
    struct irsa_text text;
    size_t said = 0;
    irsa_text_init(&text, arena, MAX_QUOTED_BYTES);
    for (size_t i = 0; i < count; i++)
        if (!is_said(causes, i))
            irsa_text_addf(&text, "%s%s: %s", said++ == 0 ? "" : ", ", causes[i].field, causes[i].message);
    return said > 1 ? irsa_arena_format(arena, "[%s]", text.at) : text.at;
}

bool irsa_sandbox_invalid(struct irsa_sandbox_call *call, struct irsa_sandbox_subject subject,
                          const struct irsa_sandbox_cause *causes, size_t count) {
    const char *message =
        irsa_arena_format(call->arena, "%s%s%s \"%s\" is invalid: %s", subject.kind, subject.group == NULL ? "" : ".",
                          subject.group == NULL ? "" : subject.group, subject.name, join(call->arena, causes, count));
    return irsa_sandbox_status(call, &(struct irsa_sandbox_status){.code = 422,
                                                                   .reason = "Invalid",
                                                                   .message = message,
                                                                   .name = subject.name,
                                                                   .group = subject.group,
                                                                   .kind = subject.kind,
                                                                   .causes = causes,
                                                                   .cause_count = count});
}
