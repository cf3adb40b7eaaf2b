/*
 * From when on a topic is read.
 */
#ifndef IRSA_PRODUCER_SINCE_H
#define IRSA_PRODUCER_SINCE_H

#include "core/base/error.h"

/*
 * --since: an RFC 3339 time, or a duration before `now_ms`.
 *
 * text     NULL gives IRSA_NO_TIME
 * fails    INVALID
 */
IRSA_MUST_CHECK bool irsa_since_parse(const char *text, int64_t now_ms, int64_t *out_since_ms, struct irsa_error *err);

/* When an id was made, if it is a UUIDv7 (RFC 9562, section 5.7); IRSA_NO_TIME otherwise. */
int64_t irsa_time_of_id(const char *id);

#endif
