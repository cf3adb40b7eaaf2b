/*
 * The plain members of a result, one row each: reading and writing go by it. Private to this room.
 */
#ifndef IRSA_CONTRACT_RESULT_TABLE_H
#define IRSA_CONTRACT_RESULT_TABLE_H

#include "core/contract/result.h"

enum irsa_result_kind {
    IRSA_RESULT_TEXT,     /* const char *, left out when NULL */
    IRSA_RESULT_TIME,     /* int64_t, left out when IRSA_NO_TIME */
    IRSA_RESULT_INTEGER,  /* int64_t */
    IRSA_RESULT_SMALL,    /* int32_t */
    IRSA_RESULT_UNSIGNED, /* unsigned */
};

struct irsa_result_row {
    const char *key;
    enum irsa_result_kind kind;
    size_t offset;
};

struct irsa_result_rows {
    const struct irsa_result_row *at;
    size_t count;
};

extern const struct irsa_result_rows irsa_result_request_rows; /* of the object `request` */
extern const struct irsa_result_rows irsa_result_rows;         /* of the result itself */

/* Names of the states of observation, by enum irsa_observed_state. */
extern const char *const irsa_observed_names[];

#endif
