/*
 * From libyaml's events to the tree. The nesting is kept on a stack of our own, so that depth costs no recursion, and
 * anchors are shared: an alias costs one node however large what it stands for is. The bound counts it in full, since who
 * walks the tree pays in full.
 */
#include "core/config/yaml_tree.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/config/yaml_scalar.h"

#define CORE_TAG  "tag:yaml.org,2002:"
#define MERGE_KEY "<<"

static struct irsa_yaml_frame *top(struct irsa_yaml_builder *b) {
    return b->depth == 0 ? NULL : &b->frames[b->depth - 1];
}

/* Is a key expected next? */
static bool is_at_key(struct irsa_yaml_builder *b) {
    const struct irsa_yaml_frame *frame = top(b);
    return frame != NULL && frame->what.node->kind == IRSA_JSON_OBJECT && frame->key == NULL && !frame->is_merge;
}

/* Put the place of the collections around it before err->at. */
static void add_place(struct irsa_yaml_builder *b) {
    for (unsigned i = b->depth; i > 0; i--) {
        const struct irsa_yaml_frame *frame = &b->frames[i - 1];
        if (frame->what.node->kind == IRSA_JSON_ARRAY)
            irsa_error_at(b->err, "/%u", frame->what.node->count);
        else if (frame->key != NULL)
            irsa_error_at_key(b->err, frame->key);
    }
}

/* Complete an error that has no line yet. Always false. */
static bool fail_at(struct irsa_yaml_builder *b, yaml_mark_t mark) {
    if (b->err->line == 0) {
        b->err->line = (unsigned)mark.line + 1;
        b->err->column = (unsigned)mark.column + 1;
        add_place(b);
    }
    return false;
}

static bool fail(struct irsa_yaml_builder *b, yaml_mark_t mark, const char *what) {
    IRSA_FAIL(b->err, SCHEMA, "%s", what);
    return fail_at(b, mark);
}

static bool count_nodes(struct irsa_yaml_builder *b, size_t nodes, yaml_mark_t mark) {
    b->nodes += nodes;
    if (b->nodes <= IRSA_YAML_MAX_NODES)
        return true;
    IRSA_FAIL(b->err, TOO_LARGE, "the document has more than %d values once its aliases are expanded",
              IRSA_YAML_MAX_NODES);
    return fail_at(b, mark);
}

static bool take_key(struct irsa_yaml_builder *b, const struct irsa_json *node, yaml_mark_t mark) {
    struct irsa_yaml_frame *frame = top(b);
    frame->key_line = (unsigned)mark.line + 1;
    frame->key_column = (unsigned)mark.column + 1;
    if (node->kind == IRSA_JSON_NULL)
        return fail(b, mark, "a key must not be null; put it in quotes if it is text");
    if (node->kind == IRSA_JSON_ARRAY || node->kind == IRSA_JSON_OBJECT)
        return fail(b, mark, "a key must be a single word or text, not a list or a mapping");
    frame->key = irsa_yaml_key(b->arena, node);
    return true;
}

/* A finished value goes to its place: the document's root, the list, or the mapping under its key. */
static bool place(struct irsa_yaml_builder *b, struct irsa_yaml_measured what, yaml_mark_t mark) {
    struct irsa_yaml_frame *frame = top(b);
    if (frame == NULL) {
        b->root = what.node;
        return true;
    }
    frame->what.nodes += what.nodes;
    if (what.height >= frame->what.height)
        frame->what.height = what.height + 1;
    if (frame->what.node->kind == IRSA_JSON_ARRAY) {
        irsa_json_append(frame->what.node, &frame->tail, NULL, what.node);
        return true;
    }
    if (frame->is_merge) {
        frame->is_merge = false;
        return irsa_yaml_merges_add(&frame->merges, b->arena, what.node, b->err) || fail_at(b, mark);
    }
    what.node->key_line = frame->key_line;
    what.node->key_column = frame->key_column;
    irsa_json_append(frame->what.node, &frame->tail, frame->key, what.node);
    frame->key = NULL;
    return true;
}

static struct irsa_json *new_node(struct irsa_yaml_builder *b, enum irsa_json_kind kind, yaml_mark_t mark) {
    struct irsa_json *node = irsa_json_new(b->arena, kind);
    node->line = (unsigned)mark.line + 1;
    node->column = (unsigned)mark.column + 1;
    return node;
}

/* Set or move an anchor. NULL when the name is NULL. */
static struct irsa_yaml_anchor *set_anchor(struct irsa_yaml_builder *b, const yaml_char_t *name,
                                           struct irsa_yaml_measured what, bool is_open) {
    if (name == NULL)
        return NULL;
    if (b->anchors == NULL)
        b->anchors = irsa_map_new();
    struct irsa_yaml_anchor *anchor = IRSA_NEW(b->arena, struct irsa_yaml_anchor);
    *anchor = (struct irsa_yaml_anchor){.what = what, .is_open = is_open};
    irsa_map_put(b->anchors, name, strlen((const char *)name), anchor);
    return anchor;
}

static bool add_alias(struct irsa_yaml_builder *b, const yaml_event_t *event) {
    const char *name = (const char *)event->data.alias.anchor;
    yaml_mark_t mark = event->start_mark;
    const struct irsa_yaml_anchor *anchor = b->anchors == NULL ? NULL : irsa_map_find(b->anchors, name, strlen(name));
    if (anchor == NULL || anchor->is_open) {
        IRSA_FAIL(b->err, SCHEMA,
                  anchor == NULL ? "there is no anchor &%s before this alias"
                                 : "the alias *%s stands within what it stands for",
                  name);
        return fail_at(b, mark);
    }
    if (is_at_key(b))
        return take_key(b, anchor->what.node, mark);
    if (!count_nodes(b, anchor->what.nodes, mark))
        return false;
    if (b->depth + anchor->what.height > IRSA_YAML_MAX_DEPTH) {
        IRSA_FAIL(b->err, TOO_LARGE, "the nesting is deeper than %d", IRSA_YAML_MAX_DEPTH);
        return fail_at(b, mark);
    }
    struct irsa_yaml_measured copy = anchor->what;
    copy.node = irsa_json_new(b->arena, IRSA_JSON_NULL);
    *copy.node = *anchor->what.node;
    copy.node->next = NULL;
    return place(b, copy, mark);
}

/* A scalar with an explicit tag: what it says it is, it must be. */
static bool resolve_tagged(struct irsa_yaml_builder *b, const char *tag, const char *text, size_t length,
                           struct irsa_json *node) {
    bool is_core = strncmp(tag, CORE_TAG, strlen(CORE_TAG)) == 0;
    const char *name = is_core ? tag + strlen(CORE_TAG) : tag;
    if (strcmp(tag, "!") == 0 || (is_core && (strcmp(name, "str") == 0 || strcmp(name, "timestamp") == 0))) {
        node->kind = IRSA_JSON_STRING;
        return true;
    }
    static const struct {
        const char *name;
        unsigned kinds;
    } known[] = {{"null", 1u << IRSA_JSON_NULL},
                 {"bool", 1u << IRSA_JSON_TRUE | 1u << IRSA_JSON_FALSE},
                 {"int", 1u << IRSA_JSON_NUMBER},
                 {"float", 1u << IRSA_JSON_NUMBER}};
    for (size_t i = 0; is_core && i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].name, name) != 0)
            continue;
        if (!irsa_yaml_resolve(b->arena, text, length, node, b->err))
            return false;
        bool is_fraction = strcmp(name, "int") == 0 && strpbrk(node->text, ".eE") != NULL;
        if ((known[i].kinds >> node->kind & 1) != 0 && !is_fraction)
            return true;
        return IRSA_FAIL(b->err, SCHEMA, "\"%s\" is no !!%s", text, name);
    }
    return IRSA_FAIL(b->err, SCHEMA, "the tag %s%s is not read here", is_core ? "!!" : "", name);
}

static bool resolve(struct irsa_yaml_builder *b, const yaml_event_t *event, struct irsa_json *node) {
    const char *tag = (const char *)event->data.scalar.tag;
    const char *value = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    if (memchr(value, '\0', length) != NULL)
        return IRSA_FAIL(b->err, SCHEMA, "the text has a NUL character in it");
    char *text = irsa_arena_copy_bytes(b->arena, value, length);
    node->text = text;
    node->text_length = length;
    if (tag != NULL)
        return resolve_tagged(b, tag, text, length, node);
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        return irsa_yaml_resolve(b->arena, text, length, node, b->err);
    return true;
}

static bool is_merge_key(struct irsa_yaml_builder *b, const yaml_event_t *event) {
    return is_at_key(b) && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && event->data.scalar.tag == NULL &&
           strcmp((const char *)event->data.scalar.value, MERGE_KEY) == 0;
}

static bool add_scalar(struct irsa_yaml_builder *b, const yaml_event_t *event) {
    yaml_mark_t mark = event->start_mark;
    if (is_merge_key(b, event)) {
        top(b)->is_merge = true;
        return true;
    }
    struct irsa_json *node = new_node(b, IRSA_JSON_STRING, mark);
    if (!resolve(b, event, node))
        return fail_at(b, mark);
    struct irsa_yaml_measured what = {.node = node, .nodes = 1};
    set_anchor(b, event->data.scalar.anchor, what, false);
    if (is_at_key(b))
        return take_key(b, node, mark);
    return count_nodes(b, 1, mark) && place(b, what, mark);
}

static bool is_tag_of(const yaml_char_t *tag, const char *wanted) {
    return tag == NULL || strcmp((const char *)tag, "!") == 0 || strcmp((const char *)tag, wanted) == 0;
}

static bool open_collection(struct irsa_yaml_builder *b, const yaml_event_t *event) {
    bool is_list = event->type == YAML_SEQUENCE_START_EVENT;
    const yaml_char_t *tag = is_list ? event->data.sequence_start.tag : event->data.mapping_start.tag;
    const yaml_char_t *anchor = is_list ? event->data.sequence_start.anchor : event->data.mapping_start.anchor;
    yaml_mark_t mark = event->start_mark;
    if (is_at_key(b))
        return fail(b, mark, "a key must be a single word or text, not a list or a mapping");
    if (!is_tag_of(tag, is_list ? YAML_SEQ_TAG : YAML_MAP_TAG)) {
        IRSA_FAIL(b->err, SCHEMA, "the tag %s is not read here", (const char *)tag);
        return fail_at(b, mark);
    }
    if (b->depth == IRSA_YAML_MAX_DEPTH) {
        IRSA_FAIL(b->err, TOO_LARGE, "the nesting is deeper than %d", IRSA_YAML_MAX_DEPTH);
        return fail_at(b, mark);
    }
    if (!count_nodes(b, 1, mark))
        return false;
    struct irsa_yaml_frame *frame = &b->frames[b->depth];
    *frame = (struct irsa_yaml_frame){.what.node = new_node(b, is_list ? IRSA_JSON_ARRAY : IRSA_JSON_OBJECT, mark)};
    frame->what.nodes = 1;
    frame->what.height = 1;
    frame->anchor = set_anchor(b, anchor, frame->what, true);
    b->depth++;
    return true;
}

static bool close_collection(struct irsa_yaml_builder *b, const yaml_event_t *event) {
    struct irsa_yaml_frame *frame = top(b);
    struct irsa_json *node = frame->what.node;
    if (node->kind == IRSA_JSON_OBJECT) {
        if (!irsa_yaml_are_keys_unique(node, b->err)) {
            add_place(b);
            return false;
        }
        if (frame->merges.count > 0)
            irsa_yaml_merge(b->arena, node, frame->tail, &frame->merges);
    }
    if (frame->anchor != NULL)
        *frame->anchor = (struct irsa_yaml_anchor){.what = frame->what};
    struct irsa_yaml_measured what = frame->what;
    b->depth--;
    return place(b, what, event->end_mark);
}

static void start_document(struct irsa_yaml_builder *b) {
    irsa_map_free(b->anchors, NULL);
    b->anchors = NULL;
    b->root = NULL;
    b->nodes = 0;
    b->depth = 0;
}

bool irsa_yaml_on_event(struct irsa_yaml_builder *b, const yaml_event_t *event) {
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        start_document(b);
        return true;
    case YAML_DOCUMENT_END_EVENT:
        return b->each(b->self, b->root, b->err);
    case YAML_ALIAS_EVENT:
        return add_alias(b, event);
    case YAML_SCALAR_EVENT:
        return add_scalar(b, event);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return open_collection(b, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_collection(b, event);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
        break;
    }
    return true;
}
