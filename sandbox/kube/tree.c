/*
 * Trees are chains of children, so every value that goes into another tree is copied.
 */
#include "sandbox/kube/tree.h"

#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"

static struct irsa_json *last_child(const struct irsa_json *parent) {
    struct irsa_json *last = NULL;
    for (struct irsa_json *child = parent->first; child != NULL; child = child->next)
        last = child;
    return last;
}

struct irsa_json *irsa_sandbox_tree_copy(struct irsa_arena *arena, const struct irsa_json *value) {
    struct irsa_json *copy = irsa_json_new(arena, value->kind);
    copy->text = value->text;
    copy->text_length = value->text_length;
    struct irsa_json *tail = NULL;
    for (const struct irsa_json *child = value->first; child != NULL; child = child->next)
        irsa_json_append(copy, &tail, child->key, irsa_sandbox_tree_copy(arena, child));
    return copy;
}

void irsa_sandbox_tree_set(struct irsa_json *object, const char *key, struct irsa_json *value) {
    for (struct irsa_json **link = &object->first; *link != NULL; link = &(*link)->next) {
        if (strcmp((*link)->key, key) == 0) {
            value->key = key;
            value->next = (*link)->next;
            *link = value;
            return;
        }
    }
    struct irsa_json *tail = last_child(object);
    irsa_json_append(object, &tail, key, value);
}

void irsa_sandbox_tree_set_text(struct irsa_arena *arena, struct irsa_json *object, const char *key,
                                const char *value) {
    irsa_sandbox_tree_set(object, key, irsa_json_new_text(arena, value));
}

void irsa_sandbox_tree_remove(struct irsa_json *object, const char *key) {
    for (struct irsa_json **link = &object->first; *link != NULL; link = &(*link)->next) {
        if (strcmp((*link)->key, key) == 0) {
            *link = (*link)->next;
            object->count--;
            return;
        }
    }
}

static struct irsa_json *find(const struct irsa_json *object, const char *key) {
    if (object->kind != IRSA_JSON_OBJECT)
        return NULL;
    for (struct irsa_json *child = object->first; child != NULL; child = child->next)
        if (strcmp(child->key, key) == 0)
            return child;
    return NULL;
}

struct irsa_json *irsa_sandbox_tree_object(struct irsa_arena *arena, struct irsa_json *object, const char *key) {
    struct irsa_json *member = find(object, key);
    if (member != NULL && member->kind == IRSA_JSON_OBJECT)
        return member;
    member = irsa_json_new(arena, IRSA_JSON_OBJECT);
    irsa_sandbox_tree_set(object, key, member);
    return member;
}

struct irsa_json *irsa_sandbox_tree_integer(struct irsa_arena *arena, int64_t value) {
    struct irsa_json *number = irsa_json_new(arena, IRSA_JSON_NUMBER);
    char *text = irsa_arena_format(arena, "%lld", (long long)value);
    number->text = text;
    number->text_length = strlen(text);
    return number;
}

struct irsa_json *irsa_sandbox_tree_merge(struct irsa_arena *arena, const struct irsa_json *target,
                                          const struct irsa_json *patch) {
    if (patch->kind != IRSA_JSON_OBJECT)
        return irsa_sandbox_tree_copy(arena, patch);
    struct irsa_json *merged = target != NULL && target->kind == IRSA_JSON_OBJECT
                                   ? irsa_sandbox_tree_copy(arena, target)
                                   : irsa_json_new(arena, IRSA_JSON_OBJECT);
    for (const struct irsa_json *member = patch->first; member != NULL; member = member->next) {
        if (member->kind == IRSA_JSON_NULL)
            irsa_sandbox_tree_remove(merged, member->key);
        else
            irsa_sandbox_tree_set(merged, member->key,
                                  irsa_sandbox_tree_merge(arena, find(merged, member->key), member));
    }
    return merged;
}

/* Where a JSON pointer leads: the parent, and what of it. */
struct place {
    struct irsa_json *parent;
    const char *key; /* last token, unescaped */
};

static const char *unescape(struct irsa_arena *arena, const char *token, size_t length) {
    char *text = irsa_arena_copy_bytes(arena, token, length);
    char *out = text;
    for (const char *in = text; *in != '\0'; in++) {
        bool is_escape = in[0] == '~' && (in[1] == '0' || in[1] == '1');
        *out++ = is_escape ? (char)(in[1] == '0' ? '~' : '/') : *in;
        in += is_escape ? 1 : 0;
    }
    *out = '\0';
    return text;
}

static struct irsa_json **element_link(struct irsa_json *array, const char *token) {
    int64_t index;
    if (!irsa_text_to_integer(token, 0, array->count, &index))
        return NULL;
    struct irsa_json **link = &array->first;
    for (int64_t i = 0; i < index && *link != NULL; i++)
        link = &(*link)->next;
    return link;
}

static struct irsa_json *child_of(struct irsa_json *parent, const char *token) {
    if (parent->kind == IRSA_JSON_OBJECT)
        return find(parent, token);
    struct irsa_json **link = parent->kind == IRSA_JSON_ARRAY ? element_link(parent, token) : NULL;
    return link == NULL ? NULL : *link;
}

static bool find_place(struct irsa_arena *arena, struct irsa_json *document, const char *pointer,
                       struct place *out_place) {
    struct irsa_json *parent = document;
    if (*pointer != '/')
        return false;
    for (;;) {
        size_t length = strcspn(pointer + 1, "/");
        const char *token = unescape(arena, pointer + 1, length);
        pointer += 1 + length;
        if (*pointer == '\0') {
            *out_place = (struct place){.parent = parent, .key = token};
            return parent->kind == IRSA_JSON_OBJECT || parent->kind == IRSA_JSON_ARRAY;
        }
        parent = child_of(parent, token);
        if (parent == NULL)
            return false;
    }
}

static bool add_at(struct place place, struct irsa_json *value) {
    if (place.parent->kind == IRSA_JSON_OBJECT) {
        irsa_sandbox_tree_set(place.parent, place.key, value);
        return true;
    }
    bool is_end = strcmp(place.key, "-") == 0;
    struct irsa_json *tail = last_child(place.parent);
    if (is_end) {
        irsa_json_append(place.parent, &tail, NULL, value);
        return true;
    }
    struct irsa_json **link = element_link(place.parent, place.key);
    if (link == NULL)
        return false;
    value->next = *link;
    *link = value;
    place.parent->count++;
    return true;
}

static bool remove_at(struct place place) {
    if (child_of(place.parent, place.key) == NULL)
        return false;
    if (place.parent->kind == IRSA_JSON_OBJECT) {
        irsa_sandbox_tree_remove(place.parent, place.key);
        return true;
    }
    struct irsa_json **link = element_link(place.parent, place.key);
    if (link == NULL || *link == NULL)
        return false;
    *link = (*link)->next;
    place.parent->count--;
    return true;
}

static struct irsa_json *value_at(struct irsa_arena *arena, struct irsa_json *document, const char *pointer) {
    struct place place;
    if (pointer == NULL || !find_place(arena, document, pointer, &place))
        return NULL;
    return child_of(place.parent, place.key);
}

static unsigned depth_of(const struct irsa_json *value) {
    unsigned deepest = 0;
    for (const struct irsa_json *child = value->first; child != NULL; child = child->next) {
        unsigned depth = 1 + depth_of(child);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest;
}

static size_t count_values(const struct irsa_json *value) {
    size_t count = 1;
    for (const struct irsa_json *child = value->first; child != NULL; child = child->next)
        count += count_values(child);
    return count;
}

/* May a value come to stand at a path? Copies of copies would soon fill the memory, and depth the stack. */
static bool is_bounded(const struct irsa_json *value, const char *path, size_t *values_left) {
    unsigned depth = depth_of(value);
    for (const char *c = path; *c != '\0'; c++)
        depth += *c == '/' ? 1 : 0;
    size_t count = count_values(value);
    if (depth > IRSA_SANDBOX_TREE_MAX_DEPTH || count > *values_left)
        return false;
    *values_left -= count;
    return true;
}

/* One operation; NULL when it was done, else why not. */
static const char *operate(struct irsa_arena *arena, struct irsa_json *document, const struct irsa_json *operation,
                           size_t *values_left) {
    const char *op = irsa_json_get_text(operation, "op");
    const char *path = irsa_json_get_text(operation, "path");
    const struct irsa_json *value = irsa_json_get(operation, "value");
    struct place place;
    if (op == NULL || path == NULL || !find_place(arena, document, path, &place))
        return "its path leads nowhere";
    if (strcmp(op, "test") == 0) {
        const struct irsa_json *found = child_of(place.parent, place.key);
        return found != NULL && value != NULL && irsa_json_equal(found, value) ? NULL : "the test failed";
    }
    if (strcmp(op, "remove") == 0)
        return remove_at(place) ? NULL : "there is nothing to remove";
    if (strcmp(op, "move") == 0 || strcmp(op, "copy") == 0) {
        value = value_at(arena, document, irsa_json_get_text(operation, "from"));
        if (value == NULL)
            return "from leads nowhere";
    }
    if (value == NULL)
        return "it has no value";
    if (!is_bounded(value, path, values_left))
        return "it makes the document too large";
    struct irsa_json *copy = irsa_sandbox_tree_copy(arena, value);
    if (strcmp(op, "move") == 0) {
        struct place from;
        if (!find_place(arena, document, irsa_json_get_text(operation, "from"), &from) || !remove_at(from) ||
            !find_place(arena, document, path, &place))
            return "it cannot be moved";
    }
    if (strcmp(op, "replace") == 0 && !remove_at(place))
        return "there is nothing to replace";
    return add_at(place, copy) ? NULL : "there is no such element";
}

bool irsa_sandbox_tree_patch(struct irsa_arena *arena, struct irsa_json **document, const struct irsa_json *patch,
                             struct irsa_error *err) {
    if (patch->kind != IRSA_JSON_ARRAY)
        return IRSA_FAIL(err, SCHEMA, "a JSON patch is an array of operations");
    size_t n = 0;
    size_t values_left = IRSA_JSON_MAX_MEMBERS;
    for (const struct irsa_json *operation = patch->first; operation != NULL; operation = operation->next, n++) {
        const char *why = operate(arena, *document, operation, &values_left);
        if (why != NULL)
            return IRSA_FAIL(err, INVALID, "operation %zu of the JSON patch: %s", n, why);
    }
    return true;
}
