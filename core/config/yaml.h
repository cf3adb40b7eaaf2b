/*
 * The fence round libyaml: a YAML file as the same tree that JSON becomes, with line and column of every value.
 *
 * Plain scalars are read as eksctl reads them (go-yaml v2): YAML 1.1 booleans (y, yes, no, on, off, …), integers in
 * decimal, hexadecimal, octal and binary, floats, null; everything else, dates too, is text. Numbers become decimal text
 * that is JSON. Aliases and merge keys are expanded within a bound. Refused: repeated keys, keys that are not scalars,
 * infinities, tags other than the core ones, invalid UTF-8, NUL, tabs in indentation. Columns count characters.
 */
#ifndef IRSA_CONFIG_YAML_H
#define IRSA_CONFIG_YAML_H

#include "core/base/json.h"

#define IRSA_YAML_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define IRSA_YAML_MAX_NODES 200000 /* of one document, after aliases are expanded */
#define IRSA_YAML_MAX_DEPTH 64

/*
 * Called for each document of a stream; false stops the reading with the error that it filled. An empty document is NULL's
 * value (IRSA_JSON_NULL).
 */
typedef bool irsa_yaml_document_fn(void *self, const struct irsa_json *root, struct irsa_error *err);

/*
 * Read every document of a YAML stream (JSON is YAML too, and read by the reader of JSON where it is).
 *
 * arena   owns the trees
 * fails   SCHEMA with line and column, and `at` where it is known; TOO_LARGE
 */
IRSA_MUST_CHECK bool irsa_yaml_read(struct irsa_arena *arena, const void *bytes, size_t length,
                                    irsa_yaml_document_fn *each, void *self, struct irsa_error *err);

#endif
