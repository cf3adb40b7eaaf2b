/*
 * The contract on the wire, compiled in: the files of schemas/ (made by embed.cmake).
 */
#ifndef IRSA_PRODUCER_SCHEMAS_H
#define IRSA_PRODUCER_SCHEMAS_H

#include <stddef.h>

#define IRSA_SCHEMAS_MAX 32

struct irsa_schema {
    const char *file; /* "request.v1.schema.json" */
    const unsigned char *bytes;
    size_t length;
};

/* Ended by an empty row. */
extern const struct irsa_schema irsa_schemas[];

#endif
