/*
 * XML answers of IAM and STS: whatever the bytes are, the tree keeps its bounds and its texts are terminated.
 */
#include <stdlib.h>
#include <string.h>

#include "core/aws/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static unsigned walk(const struct irsa_xml *element, unsigned depth) {
    unsigned count = 1;
    if (depth > IRSA_XML_MAX_DEPTH || *element->name == '\0' || (element->first != NULL && *element->text != '\0'))
        abort();
    if (irsa_utf8_valid_prefix(element->text, strlen(element->text)) != strlen(element->text))
        abort();
    for (const struct irsa_xml *child = element->first; child != NULL; child = child->next)
        count += walk(child, depth + 1);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    struct irsa_arena *arena = irsa_arena_new();
    struct irsa_error err;
    const struct irsa_xml *root;
    if (irsa_xml_parse(arena, (const char *)bytes, length, &root, &err)) {
        if (walk(root, 1) > IRSA_XML_MAX_ELEMENTS)
            abort();
    } else if (err.code != IRSA_CODE_SCHEMA && err.code != IRSA_CODE_TOO_LARGE) {
        abort();
    }
    irsa_arena_free(arena);
    return 0;
}
