/*
 * From libyaml's events to trees. Private to this room.
 */
#ifndef IRSA_CONFIG_YAML_TREE_H
#define IRSA_CONFIG_YAML_TREE_H

#include <yaml.h>

#include "core/base/map.h"
#include "core/config/yaml.h"
#include "core/config/yaml_mapping.h"

/* A finished value and what it costs. */
struct irsa_yaml_measured {
    struct irsa_json *node;
    size_t nodes;    /* with all that is below it */
    unsigned height; /* of the nesting below it: 0 for a scalar */
};

struct irsa_yaml_anchor {
    struct irsa_yaml_measured what;
    bool is_open; /* what it names is not finished yet */
};

/* A collection that is not finished. */
struct irsa_yaml_frame {
    struct irsa_yaml_measured what;
    struct irsa_json *tail;
    struct irsa_yaml_anchor *anchor; /* NULL: it has none */
    const char *key;                 /* of the member that comes next; NULL: a key comes next */
    unsigned key_line, key_column;
    bool is_merge; /* the key is << */
    struct irsa_yaml_merges merges;
};

struct irsa_yaml_builder {
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
    struct irsa_yaml_frame frames[IRSA_YAML_MAX_DEPTH];
};

/* Take one event; at the end of a document its tree is handed on. fails SCHEMA, TOO_LARGE, and as `each` does */
IRSA_MUST_CHECK bool irsa_yaml_on_event(struct irsa_yaml_builder *b, const yaml_event_t *event);

#endif
