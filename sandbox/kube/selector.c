/*
 * Both selectors are terms that are joined by commas: "key", "!key", "key=value", "key==value", "key!=value". Sets
 * ("in", "notin") are refused, so that nobody takes a list that was not narrowed down for one that was.
 */
#include "sandbox/kube/selector.h"

#include <string.h>

#include "core/base/arena.h"
#include "sandbox/kube/validate.h"

#define KNOWN_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./=!,"

struct term {
    const char *key;
    const char *value; /* NULL: whether the key is there */
    bool is_negated;
};

/* The next term; false behind the last. */
static bool next_term(struct irsa_arena *arena, const char **rest, struct term *out_term) {
    if (**rest == '\0')
        return false;
    size_t length = strcspn(*rest, ",");
    const char *text = irsa_arena_copy_bytes(arena, *rest, length);
    bool is_absent = *text == '!';
    text += is_absent ? 1 : 0;
    size_t key_length = strcspn(text, "!=");
    const char *operator= text + key_length;
    *out_term = (struct term){.key = irsa_arena_copy_bytes(arena, text, key_length),
                              .value = *operator== '\0' ? NULL : operator+ strspn(operator, "!="),
                              .is_negated = is_absent || *operator== '!' };
    *rest += length + ((*rest)[length] == ',' ? 1 : 0);
    return true;
}

static bool is_readable(struct irsa_arena *arena, const char *selector) {
    struct term term;
    size_t length = strlen(selector);
    if (selector[strspn(selector, KNOWN_CHARACTERS)] != '\0' || (length > 0 && selector[length - 1] == ','))
        return false;
    while (next_term(arena, &selector, &term))
        if (*term.key == '\0')
            return false;
    return true;
}

static bool refuse(struct irsa_sandbox_kube *kube, const char *what, const char *selector) {
    return irsa_sandbox_kube_bad_request(kube, irsa_arena_format(kube->arena, "the sandbox cannot read the %s %s", what,
                                                                 irsa_sandbox_quote(kube->arena, selector)));
}

/* The fields that the server indexes: names, and the phase of a namespace. */
static bool is_field(const struct irsa_sandbox_resource *resource, const struct term *term) {
    if (term->value == NULL)
        return false;
    return strcmp(term->key, "metadata.name") == 0 ||
           strcmp(term->key, resource->is_namespaced ? "metadata.namespace" : "status.phase") == 0;
}

static bool check_fields(struct irsa_sandbox_kube *kube, const char *selector) {
    struct term term;
    while (next_term(kube->arena, &selector, &term))
        if (!is_field(kube->resource, &term))
            return irsa_sandbox_kube_bad_request(
                kube, irsa_arena_format(kube->arena, "field label not supported: %s", term.key));
    return true;
}

bool irsa_sandbox_selector_read(struct irsa_sandbox_kube *kube, struct irsa_sandbox_selector *out_selector) {
    const char *labels = irsa_sandbox_kube_parameter(kube, "labelSelector");
    const char *fields = irsa_sandbox_kube_parameter(kube, "fieldSelector");
    struct irsa_sandbox_selector selector = {.labels = labels == NULL ? "" : labels,
                                             .fields = fields == NULL ? "" : fields};
    if (!is_readable(kube->arena, selector.labels))
        return refuse(kube, "labelSelector", labels);
    if (!is_readable(kube->arena, selector.fields))
        return refuse(kube, "fieldSelector", fields);
    *out_selector = selector;
    return check_fields(kube, selector.fields);
}

static bool is_met(const struct term *term, const char *found) {
    bool is_same = found != NULL && (term->value == NULL || strcmp(found, term->value) == 0);
    return is_same != term->is_negated;
}

/* "metadata.name" and its like */
static const char *field_of(struct irsa_arena *arena, const struct irsa_json *object, const char *path) {
    const char *dot = strchr(path, '.');
    return irsa_json_get_text(irsa_json_get(object, irsa_arena_copy_bytes(arena, path, (size_t)(dot - path))), dot + 1);
}

bool irsa_sandbox_selector_matches(struct irsa_arena *arena, const struct irsa_sandbox_selector *selector,
                                   const struct irsa_json *object) {
    const struct irsa_json *labels = irsa_json_get(irsa_json_get(object, "metadata"), "labels");
    struct term term;
    for (const char *rest = selector->labels; next_term(arena, &rest, &term);)
        if (!is_met(&term, irsa_json_get_text(labels, term.key)))
            return false;
    for (const char *rest = selector->fields; next_term(arena, &rest, &term);)
        if (!is_met(&term, field_of(arena, object, term.key)))
            return false;
    return true;
}
