/*
 * Writing XML as the Query protocol answers it.
 */
#ifndef IRSA_SANDBOX_XML_H
#define IRSA_SANDBOX_XML_H

#include <stdint.h>

#include "core/base/text.h"

struct irsa_sandbox_call;

void irsa_sandbox_xml_open(struct irsa_text *out, const char *name);
void irsa_sandbox_xml_close(struct irsa_text *out, const char *name);

/* Nothing when `value` is NULL. */
void irsa_sandbox_xml_text(struct irsa_text *out, const char *name, const char *value);
void irsa_sandbox_xml_integer(struct irsa_text *out, const char *name, int64_t value);
void irsa_sandbox_xml_boolean(struct irsa_text *out, const char *name, bool value);
void irsa_sandbox_xml_time(struct irsa_text *out, const char *name, int64_t epoch_ms);

/* A policy document, percent-encoded as IAM answers them (RFC 3986). */
void irsa_sandbox_xml_document(struct irsa_text *out, const char *name, const char *document);

#endif
