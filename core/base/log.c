/*
 * The log: a line is made in a buffer on the stack and leaves with one write.
 */
#include "core/base/log.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/json.h"

#define LINE_BYTES      16384
#define VALUE_MAX_BYTES 2048
#define END_BYTES       32 /* kept free for what ends a line: the mark of dropped fields, brace and line feed */

static const char *const level_names[] = {
    [IRSA_LOG_DEBUG] = "debug", [IRSA_LOG_INFO] = "info", [IRSA_LOG_WARN] = "warn", [IRSA_LOG_ERROR] = "error"};

#define LEVEL_COUNT (sizeof level_names / sizeof level_names[0])

static _Atomic enum irsa_log_level least_level = IRSA_LOG_INFO;
static _Atomic enum irsa_log_format line_format = IRSA_LOG_LOGFMT;

void irsa_log_setup(enum irsa_log_level least, enum irsa_log_format format) {
    if (format == IRSA_LOG_AUTO)
        format = isatty(STDERR_FILENO) ? IRSA_LOG_LOGFMT : IRSA_LOG_JSON;
    atomic_store_explicit(&least_level, least, memory_order_relaxed);
    atomic_store_explicit(&line_format, format, memory_order_relaxed);
}

bool irsa_log_is_on(enum irsa_log_level level) {
    return level >= atomic_load_explicit(&least_level, memory_order_relaxed);
}

bool irsa_log_level_find(const char *name, enum irsa_log_level *out_level) {
    for (size_t i = 0; i < LEVEL_COUNT; i++) {
        if (irsa_text_equal(level_names[i], name)) {
            *out_level = (enum irsa_log_level)i;
            return true;
        }
    }
    return false;
}

static bool needs_quotes(const char *value) {
    if (*value == '\0')
        return true;
    for (; *value != '\0'; value++)
        if (*value == ' ' || *value == '"' || *value == '=' || *value == '\\')
            return true;
    return false;
}

static void add_logfmt_text(struct irsa_text *line, const char *key, const char *value) {
    irsa_text_addf(line, "%s%s=", line->length > 0 ? " " : "", key);
    if (!needs_quotes(value)) {
        irsa_text_add(line, value);
        return;
    }
    irsa_text_add_char(line, '"');
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\')
            irsa_text_add_char(line, '\\');
        irsa_text_add_char(line, *value);
    }
    irsa_text_add_char(line, '"');
}

static void add_text(struct irsa_json_writer *w, enum irsa_log_format format, const char *key, const char *value) {
    char buffer[VALUE_MAX_BYTES + 1];
    struct irsa_text printable;
    irsa_text_init_fixed(&printable, buffer, sizeof buffer);
    irsa_text_add_printable(&printable, value, VALUE_MAX_BYTES);
    if (format == IRSA_LOG_JSON)
        irsa_json_add_text_bytes(w, key, printable.at, printable.length);
    else
        add_logfmt_text(w->out, key, printable.at);
}

static void add_number(struct irsa_json_writer *w, enum irsa_log_format format, const char *key, int64_t value) {
    if (format == IRSA_LOG_JSON)
        irsa_json_add_integer(w, key, value);
    else
        irsa_text_addf(w->out, "%s%s=%lld", w->out->length > 0 ? " " : "", key, (long long)value);
}

/* False, and nothing added, when there is no room for the field. */
static bool add_field(struct irsa_json_writer *w, enum irsa_log_format format, const struct irsa_log_field *field) {
    size_t before = w->out->length;
    if (field->text != NULL)
        add_text(w, format, field->key, field->text);
    else
        add_number(w, format, field->key, field->number);
    if (!w->out->is_over)
        return true;
    w->out->is_over = false;
    w->out->length = before;
    return false;
}

static void add_fields(struct irsa_json_writer *w, enum irsa_log_format format, const struct irsa_log_field *fields,
                       size_t count) {
    int64_t dropped = 0;
    for (size_t i = 0; i < count; i++)
        if (fields[i].key != NULL && !fields[i].is_absent)
            dropped += !add_field(w, format, &fields[i]);
    w->out->max += END_BYTES;
    if (dropped > 0)
        add_number(w, format, "dropped", dropped);
}

void irsa_log_write(enum irsa_log_level level, const char *event, const struct irsa_log_field *fields, size_t count) {
    enum irsa_log_format format = atomic_load_explicit(&line_format, memory_order_relaxed);
    char buffer[LINE_BYTES];
    char time[IRSA_TIMESTAMP_BYTES];
    struct irsa_text line;
    struct irsa_json_writer w;
    irsa_timestamp_format(irsa_clock_now_ms(irsa_clock_system()), time);
    irsa_text_init_fixed(&line, buffer, sizeof buffer);
    line.max -= END_BYTES;
    irsa_json_begin(&w, &line);
    if (format == IRSA_LOG_JSON)
        irsa_json_open_object(&w, NULL);
    add_text(&w, format, "time", time);
    add_text(&w, format, "level", level_names[level]);
    add_text(&w, format, "event", event);
    add_fields(&w, format, fields, count);
    if (format == IRSA_LOG_JSON)
        irsa_json_close_object(&w);
    irsa_text_add_char(&line, '\n');
    ssize_t written = write(STDERR_FILENO, line.at, line.length);
    (void)written; /* there is no one left to tell */
}
