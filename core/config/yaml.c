/*
 * From libyaml's events to the tree. The nesting is kept on a stack of our own, so that depth costs no recursion, and
 * anchors are shared: an alias costs one node however large what it stands for is. The bound counts it in full, since who
 * walks the tree pays in full.
 */
#include "core/config/yaml.h"

#include <string.h>
#include <yaml.h>

#include "core/base/arena.h"
#include "core/base/map.h"
#include "core/config/yaml_mapping.h"
#include "core/config/yaml_scalar.h"

#define CORE_TAG  "tag:yaml.org,2002:"
#define MERGE_KEY "<<"

/* A finished value and what it costs. */
struct measured {
    struct irsa_json *node;
    size_t nodes;    /* with all that is below it */
    unsigned height; /* of the nesting below it: 0 for a scalar */
};

struct anchor {
    struct measured what;
    bool is_open; /* what it names is not finished yet */
};

/* A collection that is not finished. */
struct frame {
    struct measured what;
    struct irsa_json *tail;
    struct anchor *anchor; /* NULL: it has none */
    const char *key;       /* of the member that comes next; NULL: a key comes next */
    unsigned key_line, key_column;
    bool is_merge; /* the key is << */
    struct irsa_yaml_merges merges;
};

struct builder {
    struct irsa_arena *arena;
    const char *bytes;
    size_t length;
    irsa_yaml_document_fn *each;
    void *self;
    struct irsa_error *err;
    struct irsa_map *anchors; /* of the document; NULL: none yet */
    struct irsa_json *root;
    size_t nodes; /* of the document so far */
    unsigned depth;
    struct frame frames[IRSA_YAML_MAX_DEPTH];
};

static struct frame *top(struct builder *b) {
    return b->depth == 0 ? NULL : &b->frames[b->depth - 1];
}

/* Is a key expected next? */
static bool is_at_key(struct builder *b) {
    const struct frame *frame = top(b);
    return frame != NULL && frame->what.node->kind == IRSA_JSON_OBJECT && frame->key == NULL && !frame->is_merge;
}

/* Put the place of the collections around it before err->at. */
static void add_place(struct builder *b) {
    for (unsigned i = b->depth; i > 0; i--) {
        const struct frame *frame = &b->frames[i - 1];
        if (frame->what.node->kind == IRSA_JSON_ARRAY)
            irsa_error_at(b->err, "/%u", frame->what.node->count);
        else if (frame->key != NULL)
            irsa_error_at_key(b->err, frame->key);
    }
}

/* Complete an error that has no line yet. Always false. */
static bool fail_at(struct builder *b, yaml_mark_t mark) {
    if (b->err->line == 0) {
        b->err->line = (unsigned)mark.line + 1;
        b->err->column = (unsigned)mark.column + 1;
        add_place(b);
    }
    return false;
}

static bool fail(struct builder *b, yaml_mark_t mark, const char *what) {
    IRSA_FAIL(b->err, SCHEMA, "%s", what);
    return fail_at(b, mark);
}

static bool count_nodes(struct builder *b, size_t nodes, yaml_mark_t mark) {
    b->nodes += nodes;
    if (b->nodes <= IRSA_YAML_MAX_NODES)
        return true;
    IRSA_FAIL(b->err, TOO_LARGE, "the document has more than %d values once its aliases are expanded",
              IRSA_YAML_MAX_NODES);
    return fail_at(b, mark);
}

static bool take_key(struct builder *b, const struct irsa_json *node, yaml_mark_t mark) {
    struct frame *frame = top(b);
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
static bool place(struct builder *b, struct measured what, yaml_mark_t mark) {
    struct frame *frame = top(b);
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

static struct irsa_json *new_node(struct builder *b, enum irsa_json_kind kind, yaml_mark_t mark) {
    struct irsa_json *node = irsa_json_new(b->arena, kind);
    node->line = (unsigned)mark.line + 1;
    node->column = (unsigned)mark.column + 1;
    return node;
}

/* Set or move an anchor. NULL when the name is NULL. */
static struct anchor *set_anchor(struct builder *b, const yaml_char_t *name, struct measured what, bool is_open) {
    if (name == NULL)
        return NULL;
    if (b->anchors == NULL)
        b->anchors = irsa_map_new();
    struct anchor *anchor = IRSA_NEW(b->arena, struct anchor);
    *anchor = (struct anchor){.what = what, .is_open = is_open};
    irsa_map_put(b->anchors, name, strlen((const char *)name), anchor);
    return anchor;
}

static bool add_alias(struct builder *b, const yaml_event_t *event) {
    const char *name = (const char *)event->data.alias.anchor;
    yaml_mark_t mark = event->start_mark;
    const struct anchor *anchor = b->anchors == NULL ? NULL : irsa_map_find(b->anchors, name, strlen(name));
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
    struct measured copy = anchor->what;
    copy.node = irsa_json_new(b->arena, IRSA_JSON_NULL);
    *copy.node = *anchor->what.node;
    copy.node->next = NULL;
    return place(b, copy, mark);
}

/* A scalar with an explicit tag: what it says it is, it must be. */
static bool resolve_tagged(struct builder *b, const char *tag, const char *text, size_t length,
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

static bool resolve(struct builder *b, const yaml_event_t *event, struct irsa_json *node) {
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

static bool is_merge_key(struct builder *b, const yaml_event_t *event) {
    return is_at_key(b) && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && event->data.scalar.tag == NULL &&
           strcmp((const char *)event->data.scalar.value, MERGE_KEY) == 0;
}

static bool add_scalar(struct builder *b, const yaml_event_t *event) {
    yaml_mark_t mark = event->start_mark;
    if (is_merge_key(b, event)) {
        top(b)->is_merge = true;
        return true;
    }
    struct irsa_json *node = new_node(b, IRSA_JSON_STRING, mark);
    if (!resolve(b, event, node))
        return fail_at(b, mark);
    struct measured what = {.node = node, .nodes = 1};
    set_anchor(b, event->data.scalar.anchor, what, false);
    if (is_at_key(b))
        return take_key(b, node, mark);
    return count_nodes(b, 1, mark) && place(b, what, mark);
}

static bool is_tag_of(const yaml_char_t *tag, const char *wanted) {
    return tag == NULL || strcmp((const char *)tag, "!") == 0 || strcmp((const char *)tag, wanted) == 0;
}

static bool open_collection(struct builder *b, const yaml_event_t *event) {
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
    struct frame *frame = &b->frames[b->depth];
    *frame = (struct frame){.what.node = new_node(b, is_list ? IRSA_JSON_ARRAY : IRSA_JSON_OBJECT, mark)};
    frame->what.nodes = 1;
    frame->what.height = 1;
    frame->anchor = set_anchor(b, anchor, frame->what, true);
    b->depth++;
    return true;
}

static bool close_collection(struct builder *b, const yaml_event_t *event) {
    struct frame *frame = top(b);
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
        *frame->anchor = (struct anchor){.what = frame->what};
    struct measured what = frame->what;
    b->depth--;
    return place(b, what, event->end_mark);
}

static void start_document(struct builder *b) {
    irsa_map_free(b->anchors, NULL);
    b->anchors = NULL;
    b->root = NULL;
    b->nodes = 0;
    b->depth = 0;
}

static bool on_event(struct builder *b, const yaml_event_t *event) {
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

/* The start of a line, counted from 0. */
static const char *find_line(const struct builder *b, size_t line) {
    const char *at = b->bytes;
    const char *end = b->bytes + b->length;
    while (line-- > 0) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (newline == NULL)
            return at;
        at = newline + 1;
    }
    return at;
}

/* Does the indentation of this line have a tab? libyaml says it in words that nobody finds. */
static bool is_indented_by_tab(const struct builder *b, size_t line) {
    const char *end = b->bytes + b->length;
    for (const char *at = find_line(b, line); at < end && (*at == ' ' || *at == '\t'); at++)
        if (*at == '\t')
            return true;
    return false;
}

static bool fail_at_offset(struct builder *b, size_t offset, const char *what) {
    IRSA_FAIL(b->err, SCHEMA, "%s", what);
    const char *line_start = b->bytes;
    unsigned line = 1;
    for (size_t i = 0; i < offset && i < b->length; i++) {
        if (b->bytes[i] != '\n')
            continue;
        line++;
        line_start = b->bytes + i + 1;
    }
    b->err->line = line;
    b->err->column = (unsigned)(b->bytes + offset - line_start) + 1;
    return false;
}

static bool fail_of_parser(struct builder *b, const yaml_parser_t *parser) {
    const char *problem = parser->problem == NULL ? "it cannot be read" : parser->problem;
    if (parser->error == YAML_READER_ERROR)
        return fail_at_offset(b, parser->problem_offset, problem);
    if (is_indented_by_tab(b, parser->problem_mark.line))
        IRSA_FAIL(b->err, SCHEMA, "a tab cannot indent in YAML; use spaces");
    else if (parser->context != NULL && parser->context_mark.line != parser->problem_mark.line)
        IRSA_FAIL(b->err, SCHEMA, "%s, %s that begins in line %zu", problem, parser->context,
                  parser->context_mark.line + 1);
    else if (parser->context != NULL)
        IRSA_FAIL(b->err, SCHEMA, "%s, %s", problem, parser->context);
    else
        IRSA_FAIL(b->err, SCHEMA, "%s", problem);
    b->err->line = (unsigned)parser->problem_mark.line + 1;
    b->err->column = (unsigned)parser->problem_mark.column + 1;
    return false;
}

static bool run(struct builder *b, yaml_parser_t *parser) {
    yaml_event_t event;
    for (bool is_at_end = false; !is_at_end;) {
        if (!yaml_parser_parse(parser, &event))
            return fail_of_parser(b, parser);
        is_at_end = event.type == YAML_STREAM_END_EVENT;
        bool is_fine = on_event(b, &event);
        yaml_event_delete(&event);
        if (!is_fine)
            return false;
    }
    return true;
}

static bool read_yaml(struct builder *b) {
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return IRSA_FAIL(b->err, INTERNAL, "libyaml has no memory");
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)b->bytes, b->length);
    bool is_read = run(b, &parser);
    yaml_parser_delete(&parser);
    irsa_map_free(b->anchors, NULL);
    return is_read;
}

/* JSON is read as JSON: its pairs of surrogates are nothing that libyaml knows. */
static bool read_json(struct builder *b, const struct irsa_json **out_root) {
    size_t at = 0;
    while (at < b->length && strchr(" \t\r\n", b->bytes[at]) != NULL && b->bytes[at] != '\0')
        at++;
    if (at == b->length || (b->bytes[at] != '{' && b->bytes[at] != '['))
        return false;
    struct irsa_error err = {0};
    struct irsa_json_limits limits = {.max_bytes = IRSA_YAML_MAX_BYTES, .max_depth = IRSA_YAML_MAX_DEPTH};
    return irsa_json_parse(b->arena, b->bytes, b->length, limits, out_root, &err);
}

bool irsa_yaml_read(struct irsa_arena *arena, const void *bytes, size_t length, irsa_yaml_document_fn *each, void *self,
                    struct irsa_error *err) {
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    if (length > IRSA_YAML_MAX_BYTES)
        return IRSA_FAIL(err, TOO_LARGE, "the file has %zu bytes; at most %zu are read", length, IRSA_YAML_MAX_BYTES);
    struct builder *b = IRSA_NEW(arena, struct builder);
    *b = (struct builder){.arena = arena, .bytes = bytes, .length = length, .each = each, .self = self, .err = err};
    if (length >= 3 && memcmp(bytes, byte_order_mark, 3) == 0) {
        b->bytes += 3;
        b->length -= 3;
    }
    irsa_error_clear(err);
    size_t valid = irsa_utf8_valid_prefix(b->bytes, b->length);
    if (valid < b->length)
        return fail_at_offset(b, valid, "the file is not UTF-8 here");
    const struct irsa_json *root = NULL;
    if (read_json(b, &root))
        return each(self, root, err);
    return read_yaml(b);
}
