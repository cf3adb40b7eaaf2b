/*
 * Filling errors: how a failing function says what went wrong.
 */
#ifndef IRSA_BASE_ERROR_H
#define IRSA_BASE_ERROR_H

#include <irsa/error.h>

/* Fill `err` and yield false, so that `return IRSA_FAIL(err, CONFLICT, "…")` is a sentence. */
#define IRSA_FAIL(err, CODE, ...) irsa_error_set((err), IRSA_CODE_##CODE, __VA_ARGS__)

/* Forget what `err` holds and set code and message. Always false. */
bool irsa_error_set(struct irsa_error *err, enum irsa_code code, const char *format, ...) IRSA_PRINTF(3, 4);

/* Put context before the message: "create role x: …". Always false. */
bool irsa_error_wrap(struct irsa_error *err, const char *format, ...) IRSA_PRINTF(2, 3);

/* Name the service and its own error code. Always false. */
bool irsa_error_from(struct irsa_error *err, const char *service, const char *upstream);

/* Name the place as a JSON pointer, keeping one that is already there as its tail. Always false. */
bool irsa_error_at(struct irsa_error *err, const char *format, ...) IRSA_PRINTF(2, 3);

/* The same for one key of an object, which is escaped as RFC 6901 wants it. Always false. */
bool irsa_error_at_key(struct irsa_error *err, const char *key);

static inline void irsa_error_clear(struct irsa_error *err) {
    err->code = IRSA_CODE_NONE;
    err->retry_after_ms = 0;
    err->line = err->column = 0;
    err->service[0] = err->upstream[0] = err->at[0] = err->message[0] = '\0';
}

#endif
