/*
 * Elements without attributes.
 */
#include "sandbox/xml.h"

#include <string.h>

#include "core/base/url.h"
#include "sandbox/call.h"

void irsa_sandbox_xml_open(struct irsa_text *out, const char *name) {
    irsa_text_add_char(out, '<');
    irsa_text_add(out, name);
    irsa_text_add_char(out, '>');
}

void irsa_sandbox_xml_close(struct irsa_text *out, const char *name) {
    irsa_text_add(out, "</");
    irsa_text_add(out, name);
    irsa_text_add_char(out, '>');
}

static const char *escape(char c) {
    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\r':
        return "&#xD;";
    default:
        return NULL;
    }
}

/* U+FFFE and U+FFFF are valid UTF-8 and no characters of XML. */
static bool is_no_character(const char *value, size_t length) {
    return length == 3 && (memcmp(value, "\xEF\xBF\xBE", 3) == 0 || memcmp(value, "\xEF\xBF\xBF", 3) == 0);
}

/* What has no place in XML, such as control characters and bytes that are no UTF-8, becomes U+FFFD. */
static void add_escaped(struct irsa_text *out, const char *value) {
    size_t left = strlen(value);
    while (left > 0) {
        const char *escaped = escape(*value);
        size_t length = irsa_utf8_sequence(value, left);
        bool is_control = (unsigned char)*value < ' ' && *value != '\t' && *value != '\n';
        if (escaped != NULL)
            irsa_text_add(out, escaped);
        else if (length == 0 || is_control || is_no_character(value, length))
            irsa_text_add(out, "\xEF\xBF\xBD");
        else
            irsa_text_add_bytes(out, value, length);
        length += length == 0 ? 1 : 0;
        value += length;
        left -= length;
    }
}

void irsa_sandbox_xml_text(struct irsa_text *out, const char *name, const char *value) {
    if (value == NULL)
        return;
    irsa_sandbox_xml_open(out, name);
    add_escaped(out, value);
    irsa_sandbox_xml_close(out, name);
}

void irsa_sandbox_xml_integer(struct irsa_text *out, const char *name, int64_t value) {
    irsa_sandbox_xml_open(out, name);
    irsa_text_addf(out, "%lld", (long long)value);
    irsa_sandbox_xml_close(out, name);
}

void irsa_sandbox_xml_boolean(struct irsa_text *out, const char *name, bool value) {
    irsa_sandbox_xml_text(out, name, value ? "true" : "false");
}

void irsa_sandbox_xml_time(struct irsa_text *out, const char *name, int64_t epoch_ms) {
    irsa_sandbox_xml_text(out, name, irsa_sandbox_time_text(out->arena, epoch_ms));
}

void irsa_sandbox_xml_document(struct irsa_text *out, const char *name, const char *document) {
    irsa_sandbox_xml_open(out, name);
    irsa_url_encode(out, document, strlen(document), false);
    irsa_sandbox_xml_close(out, name);
}
