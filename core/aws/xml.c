/*
 * Reading XML by expat into a tree in the arena.
 */
#include "core/aws/xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"

/* An element that is still open. */
struct level {
    struct irsa_xml *element;
    struct irsa_xml *last_child;
    char *text; /* of `length` bytes and room for `size` */
    size_t length, size;
};

struct reading {
    XML_Parser parser;
    struct irsa_arena *arena;
    struct irsa_xml *root;
    struct level levels[IRSA_XML_MAX_DEPTH];
    unsigned depth;
    unsigned elements;
    const char *refusal; /* why we stopped it ourselves */
    bool is_too_large;
};

static void refuse(struct reading *reading, const char *why, bool is_too_large) {
    reading->refusal = why;
    reading->is_too_large = is_too_large;
    XML_StopParser(reading->parser, XML_FALSE);
}

static void open_element(void *self, const XML_Char *name, const XML_Char **attributes) {
    struct reading *reading = self;
    (void)attributes;
    if (reading->refusal != NULL)
        return; /* expat may deliver some more before it stops */
    if (reading->depth == IRSA_XML_MAX_DEPTH) {
        refuse(reading, "elements are nested too deeply", true);
        return;
    }
    if (++reading->elements > IRSA_XML_MAX_ELEMENTS) {
        refuse(reading, "there are too many elements", true);
        return;
    }
    struct irsa_xml *element = IRSA_NEW(reading->arena, struct irsa_xml);
    *element = (struct irsa_xml){.name = irsa_arena_copy(reading->arena, name), .text = ""};
    if (reading->depth == 0) {
        reading->root = element;
    } else {
        struct level *parent = &reading->levels[reading->depth - 1];
        *(parent->last_child == NULL ? &parent->element->first : &parent->last_child->next) = element;
        parent->last_child = element;
        parent->length = 0; /* what was before a child is white space */
    }
    reading->levels[reading->depth++] = (struct level){.element = element};
}

static void close_element(void *self, const XML_Char *name) {
    struct reading *reading = self;
    (void)name;
    if (reading->refusal != NULL)
        return;
    struct level *level = &reading->levels[--reading->depth];
    if (level->element->first == NULL && level->length > 0)
        level->element->text = level->text;
}

/* Text comes in pieces, at least one for each line and entity. */
static void add_text(void *self, const XML_Char *bytes, int length) {
    struct reading *reading = self;
    if (reading->refusal != NULL)
        return;
    struct level *level = &reading->levels[reading->depth - 1];
    size_t need = level->length + (size_t)length + 1;
    if (level->element->first != NULL)
        return;
    if (need > level->size) {
        size_t size = need > 2 * level->size ? need : 2 * level->size;
        level->text = irsa_arena_extend(reading->arena, level->text, level->size, size);
        level->size = size;
    }
    memcpy(level->text + level->length, bytes, (size_t)length);
    level->length += (size_t)length;
    level->text[level->length] = '\0';
}

static void refuse_doctype(void *self, const XML_Char *name, const XML_Char *system_id, const XML_Char *public_id,
                           int has_subset) {
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_subset;
    refuse(self, "a document type is not allowed", false);
}

static bool explain(const struct reading *reading, struct irsa_error *err) {
    if (reading->is_too_large)
        return IRSA_FAIL(err, TOO_LARGE, "XML that cannot be taken: %s", reading->refusal);
    const char *why = reading->refusal != NULL ? reading->refusal : XML_ErrorString(XML_GetErrorCode(reading->parser));
    IRSA_FAIL(err, SCHEMA, "XML that cannot be read: %s", why);
    err->line = (unsigned)XML_GetCurrentLineNumber(reading->parser);
    err->column = (unsigned)XML_GetCurrentColumnNumber(reading->parser) + 1;
    return false;
}

bool irsa_xml_parse(struct irsa_arena *arena, const char *bytes, size_t length, const struct irsa_xml **out_root,
                    struct irsa_error *err) {
    struct reading reading = {.arena = arena};
    if (length > INT32_MAX)
        return IRSA_FAIL(err, TOO_LARGE, "XML of %zu bytes", length);
    reading.parser = XML_ParserCreate("UTF-8"); /* whatever the document says of itself */
    if (reading.parser == NULL)
        abort();
    XML_SetUserData(reading.parser, &reading);
    XML_SetElementHandler(reading.parser, open_element, close_element);
    XML_SetCharacterDataHandler(reading.parser, add_text);
    XML_SetStartDoctypeDeclHandler(reading.parser, refuse_doctype);
    bool is_read = XML_Parse(reading.parser, bytes, (int)length, XML_TRUE) == XML_STATUS_OK;
    if (is_read)
        *out_root = reading.root;
    else
        explain(&reading, err);
    XML_ParserFree(reading.parser);
    return is_read;
}

const struct irsa_xml *irsa_xml_get(const struct irsa_xml *parent, const char *name) {
    const struct irsa_xml *child = parent == NULL ? NULL : parent->first;
    while (child != NULL && strcmp(child->name, name) != 0)
        child = child->next;
    return child;
}

const char *irsa_xml_get_text(const struct irsa_xml *parent, const char *name) {
    const struct irsa_xml *child = irsa_xml_get(parent, name);
    return child == NULL ? NULL : child->text;
}
