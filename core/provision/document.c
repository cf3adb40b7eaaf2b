/*
 * The trust policy, and policy documents compared by meaning.
 */
#include "core/provision/document.h"

#include <string.h>

#include "core/base/json.h"
#include "core/provision/desired.h"

#define DOCUMENT_MAX_BYTES ((size_t)64 * 1024)
#define DOCUMENT_MAX_DEPTH 32

static void write_condition(struct irsa_json_writer *w, struct irsa_arena *arena,
                            const struct irsa_trust_subject *subject) {
    const char *sub_key = irsa_arena_format(arena, "%s:sub", subject->issuer);
    const char *aud_key = irsa_arena_format(arena, "%s:aud", subject->issuer);
    const char *sub = irsa_arena_format(arena, "system:serviceaccount:%s:%s", subject->namespace_name,
                                        subject->pattern != NULL ? subject->pattern : subject->name);
    irsa_json_open_object(w, "Condition");
    if (subject->pattern != NULL) {
        irsa_json_open_object(w, "StringLike");
        irsa_json_add_text(w, sub_key, sub);
        irsa_json_close_object(w);
    }
    irsa_json_open_object(w, "StringEquals");
    if (subject->pattern == NULL)
        irsa_json_add_text(w, sub_key, sub);
    irsa_json_add_text(w, aud_key, IRSA_AUDIENCE);
    irsa_json_close_object(w);
    irsa_json_close_object(w);
}

const char *irsa_trust_document(struct irsa_arena *arena, const struct irsa_trust_subject *subject) {
    struct irsa_text text;
    struct irsa_json_writer w;
    irsa_text_init(&text, arena, DOCUMENT_MAX_BYTES);
    irsa_json_begin(&w, &text);
    irsa_json_open_object(&w, NULL);
    irsa_json_add_text(&w, "Version", "2012-10-17");
    irsa_json_open_array(&w, "Statement");
    irsa_json_open_object(&w, NULL);
    irsa_json_add_text(&w, "Effect", "Allow");
    irsa_json_open_object(&w, "Principal");
    irsa_json_add_text(&w, "Federated", subject->provider_arn);
    irsa_json_close_object(&w);
    irsa_json_add_text(&w, "Action", "sts:AssumeRoleWithWebIdentity");
    write_condition(&w, arena, subject);
    irsa_json_close_object(&w);
    irsa_json_close_array(&w);
    irsa_json_close_object(&w);
    return text.at;
}

/* --- by meaning -------------------------------------------------------------------------------------------------- */

static bool same(const struct irsa_json *a, const struct irsa_json *b);

/* IAM takes `"x"` and `["x"]` for the same: a view of any value as a list. */
static const struct irsa_json *first_of(const struct irsa_json *value) {
    return value->kind == IRSA_JSON_ARRAY ? value->first : value;
}

static const struct irsa_json *next_of(const struct irsa_json *list, const struct irsa_json *item) {
    return list->kind == IRSA_JSON_ARRAY ? item->next : NULL;
}

static unsigned count_of(const struct irsa_json *value) {
    return value->kind == IRSA_JSON_ARRAY ? value->count : 1;
}

static unsigned occurrences(const struct irsa_json *list, const struct irsa_json *wanted) {
    unsigned count = 0;
    for (const struct irsa_json *item = first_of(list); item != NULL; item = next_of(list, item))
        count += same(item, wanted) ? 1 : 0;
    return count;
}

/* Lists of statements, actions, resources, principals and condition values are sets to IAM. */
static bool same_lists(const struct irsa_json *a, const struct irsa_json *b) {
    if (count_of(a) != count_of(b))
        return false;
    for (const struct irsa_json *item = first_of(a); item != NULL; item = next_of(a, item))
        if (occurrences(a, item) != occurrences(b, item))
            return false;
    return true;
}

static bool same_objects(const struct irsa_json *a, const struct irsa_json *b) {
    if (a->count != b->count)
        return false;
    for (const struct irsa_json *member = a->first; member != NULL; member = member->next) {
        const struct irsa_json *other = irsa_json_get(b, member->key);
        if (other == NULL || !same(member, other))
            return false;
    }
    return true;
}

/* Booleans and numbers may be written as text: "aws:SecureTransport": "true". */
static const char *scalar_text(const struct irsa_json *value) {
    switch (value->kind) {
    case IRSA_JSON_TRUE:
        return "true";
    case IRSA_JSON_FALSE:
        return "false";
    case IRSA_JSON_STRING:
    case IRSA_JSON_NUMBER:
        return value->text;
    case IRSA_JSON_NULL:
    case IRSA_JSON_ARRAY:
    case IRSA_JSON_OBJECT:
        return NULL;
    }
    return NULL;
}

static bool same(const struct irsa_json *a, const struct irsa_json *b) {
    if (a->kind == IRSA_JSON_ARRAY || b->kind == IRSA_JSON_ARRAY)
        return same_lists(a, b);
    if (a->kind == IRSA_JSON_OBJECT && b->kind == IRSA_JSON_OBJECT)
        return same_objects(a, b);
    const char *text_a = scalar_text(a), *text_b = scalar_text(b);
    return text_a != NULL && text_b != NULL ? strcmp(text_a, text_b) == 0 : a->kind == b->kind && text_a == text_b;
}

bool irsa_documents_equal(struct irsa_arena *arena, const char *a, const char *b) {
    const struct irsa_json_limits limits = {.max_bytes = DOCUMENT_MAX_BYTES, .max_depth = DOCUMENT_MAX_DEPTH};
    const struct irsa_json *tree_a, *tree_b;
    struct irsa_error ignored; /* an unreadable document is simply another one */
    if (strcmp(a, b) == 0)
        return true;
    if (!irsa_json_parse(arena, a, strlen(a), limits, &tree_a, &ignored) ||
        !irsa_json_parse(arena, b, strlen(b), limits, &tree_b, &ignored))
        return false;
    return same(tree_a, tree_b);
}
