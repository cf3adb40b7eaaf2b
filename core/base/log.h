/*
 * Structured log: one line per event, logfmt on a terminal, JSON otherwise.
 *
 *     IRSA_LOG(INFO, "request.settled", IRSA_TEXT("outcome", name), IRSA_NUMBER("duration_ms", ms));
 *
 * Lines go to stderr in one write each; any thread may log. Values of others are made printable and cut at 2 KiB.
 */
#ifndef IRSA_BASE_LOG_H
#define IRSA_BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

enum irsa_log_level { IRSA_LOG_DEBUG, IRSA_LOG_INFO, IRSA_LOG_WARN, IRSA_LOG_ERROR };
enum irsa_log_format { IRSA_LOG_AUTO, IRSA_LOG_LOGFMT, IRSA_LOG_JSON };

struct irsa_log_field {
    const char *key;
    const char *text; /* NULL: it is a number */
    int64_t number;
    bool is_absent; /* a text field whose value was NULL: left out */
};

#define IRSA_TEXT(key, value)   irsa_log_text((key), (value))
#define IRSA_NUMBER(key, value) irsa_log_number((key), (int64_t)(value))

#define IRSA_LOG(LEVEL, event, ...)                                                                                    \
    do {                                                                                                               \
        if (irsa_log_is_on(IRSA_LOG_##LEVEL))                                                                          \
            irsa_log_write(IRSA_LOG_##LEVEL, (event), (struct irsa_log_field[]){{0}, ##__VA_ARGS__},                   \
                           sizeof((struct irsa_log_field[]){{0}, ##__VA_ARGS__}) / sizeof(struct irsa_log_field));     \
    } while (0)

static inline struct irsa_log_field irsa_log_text(const char *key, const char *value) {
    return (struct irsa_log_field){.key = key, .text = value, .is_absent = value == NULL};
}

static inline struct irsa_log_field irsa_log_number(const char *key, int64_t value) {
    return (struct irsa_log_field){.key = key, .number = value};
}

/* Once, before threads start. AUTO asks whether stderr is a terminal. */
void irsa_log_setup(enum irsa_log_level least, enum irsa_log_format format);

bool irsa_log_is_on(enum irsa_log_level level);

/* `fields` may hold entries without a key: they are passed over. */
void irsa_log_write(enum irsa_log_level level, const char *event, const struct irsa_log_field *fields, size_t count);

/* Level by its name; false when there is none of that name. */
bool irsa_log_level_find(const char *name, enum irsa_log_level *out_level);

#endif
