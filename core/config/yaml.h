/*
 * The fence round libyaml: a YAML file as the same tree that JSON becomes, with line and column of every value.
 *
 * Plain scalars are read as eksctl reads them: YAML 1.1 booleans (yes, no, on, off, …), integers and floats in decimal,
 * null; everything else, dates too, is text. Aliases are expanded within a bound. Refused: repeated keys, keys that are
 * not scalars, merge keys of the wrong form, tags other than the core ones, invalid UTF-8, NUL, tabs in indentation.
 */
#ifndef IRSA_CONFIG_YAML_H
#define IRSA_CONFIG_YAML_H

#include "core/base/json.h"

#define IRSA_YAML_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define IRSA_YAML_MAX_NODES 200000 /* after aliases are expanded */
#define IRSA_YAML_MAX_DEPTH 64

/* Called for each document of a stream; false stops the reading with the error that it filled. */
typedef bool irsa_yaml_document_fn(void *self, const struct irsa_json *root, struct irsa_error *err);

/*
 * Read every document of a YAML stream (JSON is YAML too).
 *
 * arena   owns the trees
 * fails   SCHEMA with line and column, TOO_LARGE
 */
IRSA_MUST_CHECK bool irsa_yaml_read(struct irsa_arena *arena, const void *bytes, size_t length,
                                    irsa_yaml_document_fn *each, void *self, struct irsa_error *err);

#endif
