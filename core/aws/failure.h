/*
 * What the services' own error codes mean to us.
 */
#ifndef IRSA_AWS_FAILURE_H
#define IRSA_AWS_FAILURE_H

#include "core/base/error.h"

/*
 * Fill `err` from a service's answer. A code that is not in the table is judged by the status: 403 ACCESS_DENIED, 404
 * NOT_FOUND, 409 CONFLICT, 429 THROTTLED, other 4xx INVALID, everything else UNAVAILABLE. Without any code something on the
 * way answered: 403 ACCESS_DENIED, 429 THROTTLED, everything else UNAVAILABLE.
 *
 * upstream  the service's code, or NULL
 * message   the service's words, or NULL; made printable and cut
 * returns   false, always
 */
bool irsa_aws_failure(struct irsa_error *err, const char *service, int status, const char *upstream,
                      const char *message);

/* The credentials were good once: fetch new ones and try again. */
bool irsa_aws_is_expired(const char *upstream);

/* The signature did not fit, which a clock that is wrong explains. */
bool irsa_aws_may_be_skew(const char *upstream);

#endif
