/*
 * Looking at JSON trees, and making them by hand.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/json_private.h"

#define FEW_MEMBERS     16 /* up to here members are looked up one by one when objects are compared */
#define LARGEST_INTEGER ((INT64_C(1) << 53) - 1)

const struct irsa_json *irsa_json_get(const struct irsa_json *object, const char *key) {
    if (object == NULL || object->kind != IRSA_JSON_OBJECT)
        return NULL;
    for (const struct irsa_json *member = object->first; member != NULL; member = member->next)
        if (strcmp(member->key, key) == 0)
            return member;
    return NULL;
}

const char *irsa_json_get_text(const struct irsa_json *object, const char *key) {
    const struct irsa_json *member = irsa_json_get(object, key);
    return member != NULL && member->kind == IRSA_JSON_STRING ? member->text : NULL;
}

/* Does one token of a pointer ("a~1b", without the slashes) stand for this key? */
static bool is_token_of(const char *token, size_t length, const char *key) {
    for (size_t i = 0; i < length; i++, key++) {
        char c = token[i];
        if (c == '~') {
            if (++i == length || (token[i] != '0' && token[i] != '1'))
                return false;
            c = token[i] == '0' ? '~' : '/';
        }
        if (*key == '\0' || *key != c)
            return false;
    }
    return *key == '\0';
}

static const struct irsa_json *find_element(const struct irsa_json *array, const char *token, size_t length) {
    size_t index = 0;
    if (length == 0 || length > 9 || (token[0] == '0' && length > 1))
        return NULL;
    for (size_t i = 0; i < length; i++) {
        if (token[i] < '0' || token[i] > '9')
            return NULL;
        index = index * 10 + (size_t)(token[i] - '0');
    }
    const struct irsa_json *element = array->first;
    while (element != NULL && index-- > 0)
        element = element->next;
    return element;
}

static const struct irsa_json *find_child(const struct irsa_json *parent, const char *token, size_t length) {
    if (parent->kind == IRSA_JSON_ARRAY)
        return find_element(parent, token, length);
    if (parent->kind != IRSA_JSON_OBJECT)
        return NULL;
    const struct irsa_json *member = parent->first;
    while (member != NULL && !is_token_of(token, length, member->key))
        member = member->next;
    return member;
}

const struct irsa_json *irsa_json_at(const struct irsa_json *root, const char *pointer) {
    const struct irsa_json *value = root;
    while (value != NULL && *pointer != '\0') {
        if (*pointer++ != '/')
            return NULL;
        size_t length = strcspn(pointer, "/");
        value = find_child(value, pointer, length);
        pointer += length;
    }
    return value;
}

bool irsa_json_integer(const struct irsa_json *value, int64_t *out_value) {
    return value != NULL && value->kind == IRSA_JSON_NUMBER &&
           irsa_text_to_integer(value->text, -LARGEST_INTEGER, LARGEST_INTEGER, out_value);
}

const char *irsa_json_kind_name(enum irsa_json_kind kind) {
    static const char *const names[] = {
        [IRSA_JSON_NULL] = "null",        [IRSA_JSON_FALSE] = "false",     [IRSA_JSON_TRUE] = "true",
        [IRSA_JSON_NUMBER] = "a number",  [IRSA_JSON_STRING] = "a string", [IRSA_JSON_ARRAY] = "an array",
        [IRSA_JSON_OBJECT] = "an object",
    };
    return names[kind];
}

/* A key of its own text comes from the copy of the document, so that its address is its place there. */
static int compare_members(const void *left, const void *right) {
    const struct irsa_json *a = *(const struct irsa_json *const *)left;
    const struct irsa_json *b = *(const struct irsa_json *const *)right;
    int order = strcmp(a->key, b->key);
    if (order != 0)
        return order;
    return (a->key > b->key) - (a->key < b->key);
}

const struct irsa_json **irsa_json_sorted_members(const struct irsa_json *object) {
    const struct irsa_json **members = irsa_grow(NULL, object->count, sizeof(struct irsa_json *));
    size_t count = 0;
    for (const struct irsa_json *member = object->first; member != NULL; member = member->next)
        members[count++] = member;
    qsort(members, count, sizeof(struct irsa_json *), compare_members);
    return members;
}

static bool are_elements_equal(const struct irsa_json *a, const struct irsa_json *b) {
    const struct irsa_json *right = b->first;
    for (const struct irsa_json *left = a->first; left != NULL; left = left->next, right = right->next)
        if (!irsa_json_equal(left, right))
            return false;
    return true;
}

static bool are_many_members_equal(const struct irsa_json *a, const struct irsa_json *b) {
    const struct irsa_json **left = irsa_json_sorted_members(a);
    const struct irsa_json **right = irsa_json_sorted_members(b);
    bool are_equal = true;
    for (unsigned i = 0; are_equal && i < a->count; i++)
        are_equal = strcmp(left[i]->key, right[i]->key) == 0 && irsa_json_equal(left[i], right[i]);
    free(left);
    free(right);
    return are_equal;
}

static bool are_members_equal(const struct irsa_json *a, const struct irsa_json *b) {
    if (a->count > FEW_MEMBERS)
        return are_many_members_equal(a, b);
    for (const struct irsa_json *left = a->first; left != NULL; left = left->next) {
        const struct irsa_json *right = irsa_json_get(b, left->key);
        if (right == NULL || !irsa_json_equal(left, right))
            return false;
    }
    return true;
}

bool irsa_json_equal(const struct irsa_json *a, const struct irsa_json *b) {
    if (a == NULL || b == NULL)
        return a == b;
    if (a->kind != b->kind || a->count != b->count)
        return false;
    if (a->kind == IRSA_JSON_OBJECT)
        return are_members_equal(a, b);
    if (a->kind == IRSA_JSON_ARRAY)
        return are_elements_equal(a, b);
    return a->text_length == b->text_length && (a->text_length == 0 || memcmp(a->text, b->text, a->text_length) == 0);
}

struct irsa_json *irsa_json_new(struct irsa_arena *arena, enum irsa_json_kind kind) {
    struct irsa_json *value = IRSA_NEW(arena, struct irsa_json);
    value->kind = kind;
    return value;
}

struct irsa_json *irsa_json_new_text(struct irsa_arena *arena, const char *text) {
    struct irsa_json *value = irsa_json_new(arena, IRSA_JSON_STRING);
    value->text_length = strlen(text);
    value->text = irsa_arena_copy_bytes(arena, text, value->text_length);
    return value;
}

void irsa_json_append(struct irsa_json *parent, struct irsa_json **tail, const char *key, struct irsa_json *child) {
    child->key = key;
    if (*tail == NULL)
        parent->first = child;
    else
        (*tail)->next = child;
    *tail = child;
    parent->count++;
}
