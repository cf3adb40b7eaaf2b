/*
 * The fence round expat: XML answers of IAM and STS as a small tree.
 *
 * No document type, so no entities but the five; bounded depth and size. Attributes and the white space between elements
 * are dropped.
 */
#ifndef IRSA_AWS_XML_H
#define IRSA_AWS_XML_H

#include "core/base/error.h"
#include "core/base/text.h"

#define IRSA_XML_MAX_DEPTH    32
#define IRSA_XML_MAX_ELEMENTS 65536

/* An element. text: of one without children, else "". */
struct irsa_xml {
    const char *name;
    const char *text;
    struct irsa_xml *first; /* child */
    struct irsa_xml *next;  /* sibling */
};

/* bytes: borrowed until the call returns; the tree is in the arena. fails SCHEMA, TOO_LARGE */
IRSA_MUST_CHECK bool irsa_xml_parse(struct irsa_arena *arena, const char *bytes, size_t length,
                                    const struct irsa_xml **out_root, struct irsa_error *err);

/* The first child of that name, or NULL; also when `parent` is NULL. */
const struct irsa_xml *irsa_xml_get(const struct irsa_xml *parent, const char *name);

/* The text of the first child of that name, or NULL. */
const char *irsa_xml_get_text(const struct irsa_xml *parent, const char *name);

#endif
