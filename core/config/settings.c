/*
 * Settings from their table: the default, then the file, the environment and the flags, each over what was before.
 */
#include "core/config/settings.h"

#include <ctype.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/config/file.h"
#include "core/config/yaml.h"

#define FILE_MAX_BYTES   ((size_t)1024 * 1024)
#define KAFKA_KEY        "kafka"
#define KAFKA_KEY_PREFIX "kafka."
#define KAFKA_VARIABLE   "IRSA_KAFKA_"
#define SETTINGS_MAX     64 /* rows of one table */

struct reader {
    const struct irsa_setting_table *table;
    struct irsa_arena *arena;
    char *out; /* the program's struct */
    const char *path;
    struct irsa_pair *kafka;
    size_t kafka_count, kafka_room;
    bool is_in_file[SETTINGS_MAX]; /* which rows the file has set */
    bool is_read;                  /* a document of the file */
};

typedef bool set_fn(const struct irsa_setting *setting, const char *text, void *out, struct irsa_error *err);

static bool set_text(const struct irsa_setting *setting, const char *text, void *out, struct irsa_error *err) {
    (void)setting, (void)err;
    *(const char **)out = text;
    return true;
}

static bool set_integer(const struct irsa_setting *setting, const char *text, void *out, struct irsa_error *err) {
    if (irsa_text_to_integer(text, setting->min, setting->max, out))
        return true;
    if (setting->max == INT64_MAX)
        return IRSA_FAIL(err, CONFIG, "\"%s\" must be an integer of at least %lld", text, (long long)setting->min);
    return IRSA_FAIL(err, CONFIG, "\"%s\" must be an integer from %lld to %lld", text, (long long)setting->min,
                     (long long)setting->max);
}

static bool set_boolean(const struct irsa_setting *setting, const char *text, void *out, struct irsa_error *err) {
    static const char *const words[2][4] = {{"false", "no", "off", "0"}, {"true", "yes", "on", "1"}};
    (void)setting;
    for (int value = 0; value < 2; value++) {
        for (int i = 0; i < 4; i++) {
            if (!irsa_text_equal_ignoring_case(words[value][i], text))
                continue;
            *(bool *)out = value == 1;
            return true;
        }
    }
    return IRSA_FAIL(err, CONFIG, "\"%s\" must be true or false", text);
}

static bool set_duration(const struct irsa_setting *setting, const char *text, void *out, struct irsa_error *err) {
    int64_t ms;
    if (!irsa_duration_parse(text, &ms, err)) {
        err->code = IRSA_CODE_CONFIG;
        return false;
    }
    if (ms < setting->min || ms > setting->max)
        return IRSA_FAIL(err, CONFIG, "\"%s\" must be from %lld ms to %lld ms", text, (long long)setting->min,
                         (long long)setting->max);
    *(int64_t *)out = ms;
    return true;
}

static set_fn *const setters[] = {[IRSA_SETTING_TEXT] = set_text,
                                  [IRSA_SETTING_INTEGER] = set_integer,
                                  [IRSA_SETTING_BOOLEAN] = set_boolean,
                                  [IRSA_SETTING_DURATION] = set_duration};

/* Set one from a text; `origin` is where that came from, for the error. */
static bool set(const struct reader *r, const struct irsa_setting *setting, const char *text, const char *origin,
                struct irsa_error *err) {
    return setters[setting->kind](setting, text, r->out + setting->offset, err) || irsa_error_wrap(err, "%s", origin);
}

/* Over an earlier value of the same name. */
static void set_kafka(struct reader *r, const char *name, const char *value) {
    size_t i = 0;
    while (i < r->kafka_count && strcmp(r->kafka[i].key, name) != 0)
        i++;
    if (i == r->kafka_room) {
        size_t room = r->kafka_room == 0 ? 16 : r->kafka_room * 2;
        r->kafka = irsa_arena_extend(r->arena, r->kafka, r->kafka_room * sizeof r->kafka[0], room * sizeof r->kafka[0]);
        r->kafka_room = room;
    }
    r->kafka[i] = (struct irsa_pair){name, value};
    r->kafka_count += i == r->kafka_count;
}

static bool set_defaults(const struct reader *r, struct irsa_error *err) {
    for (size_t i = 0; i < r->table->count; i++) {
        const struct irsa_setting *setting = &r->table->at[i];
        if (setting->fallback != NULL && !set(r, setting, setting->fallback, setting->key, err))
            return false;
    }
    return true;
}

/* -------------------------------------------------------------------------------------------------------- the file */

static bool fail_in_file(const struct irsa_json *value, struct irsa_error *err) {
    err->line = value->key_line;
    err->column = value->key_column;
    return false;
}

static bool fail_unknown(const struct reader *r, const struct irsa_json *value, const char *key,
                         struct irsa_error *err) {
    const char *names[SETTINGS_MAX + 1];
    for (size_t i = 0; i < r->table->count; i++)
        names[i] = r->table->at[i].key;
    names[r->table->count] = KAFKA_KEY;
    const char *nearest = irsa_text_nearest(key, names, r->table->count + 1);
    if (nearest == NULL)
        IRSA_FAIL(err, CONFIG, "%s: this setting is unknown; --help lists all", key);
    else
        IRSA_FAIL(err, CONFIG, "%s: this setting is unknown; did you mean %s?", key, nearest);
    return fail_in_file(value, err);
}

static bool is_boolean(const struct irsa_json *value) {
    return value->kind == IRSA_JSON_TRUE || value->kind == IRSA_JSON_FALSE;
}

/* A scalar's text. What YAML takes for a truth value is text as it was written where text is wanted: `off`. */
static const char *scalar_text(const struct irsa_json *value, bool as_written) {
    if (is_boolean(value))
        return as_written && value->text != NULL ? value->text : irsa_json_kind_name(value->kind);
    return value->text;
}

static bool set_from_file(struct reader *r, const struct irsa_json *value, const char *key, struct irsa_error *err) {
    size_t i = 0;
    while (i < r->table->count && strcmp(r->table->at[i].key, key) != 0)
        i++;
    if (i == r->table->count)
        return fail_unknown(r, value, key, err);
    const struct irsa_setting *setting = &r->table->at[i];
    if (r->is_in_file[i]) {
        IRSA_FAIL(err, CONFIG, "%s: the setting is there twice", key);
        return fail_in_file(value, err);
    }
    r->is_in_file[i] = true;
    if (setting->kind == IRSA_SETTING_TEXT && value->kind == IRSA_JSON_NUMBER) {
        IRSA_FAIL(err, CONFIG, "%s: must be a string, not a number; put it in double quotes", key);
        return fail_in_file(value, err);
    }
    return set(r, setting, scalar_text(value, setting->kind == IRSA_SETTING_TEXT), key, err) ||
           fail_in_file(value, err);
}

static bool walk(struct reader *r, const struct irsa_json *value, const char *key, struct irsa_error *err);

static bool walk_members(struct reader *r, const struct irsa_json *object, const char *key, struct irsa_error *err) {
    for (const struct irsa_json *member = object->first; member != NULL; member = member->next) {
        const char *path = key == NULL ? member->key : irsa_arena_format(r->arena, "%s.%s", key, member->key);
        if (!walk(r, member, path, err))
            return false;
    }
    return true;
}

/* Nested or dotted, a setting has one name. */
static bool walk(struct reader *r, const struct irsa_json *value, const char *key, struct irsa_error *err) {
    if (value->kind == IRSA_JSON_OBJECT)
        return walk_members(r, value, key, err);
    if (value->kind == IRSA_JSON_NULL)
        return true;
    if (value->kind == IRSA_JSON_ARRAY) {
        IRSA_FAIL(err, CONFIG, "%s: must be a single value, not a list", key);
        return fail_in_file(value, err);
    }
    if (!irsa_text_starts_with(key, KAFKA_KEY_PREFIX))
        return set_from_file(r, value, key, err);
    set_kafka(r, key + strlen(KAFKA_KEY_PREFIX), scalar_text(value, false));
    return true;
}

static bool on_document(void *self, const struct irsa_json *root, struct irsa_error *err) {
    struct reader *r = self;
    if (root->kind == IRSA_JSON_NULL)
        return true;
    if (root->kind != IRSA_JSON_OBJECT || r->is_read) {
        IRSA_FAIL(err, CONFIG, r->is_read ? "a settings file is one document" : "a settings file must be a mapping");
        err->line = root->line;
        err->column = root->column;
        return false;
    }
    r->is_read = true;
    return walk_members(r, root, NULL, err);
}

static bool read_file(struct reader *r, const char *path, struct irsa_error *err) {
    char *bytes;
    size_t length;
    if (!irsa_file_read(r->arena, path, FILE_MAX_BYTES, &bytes, &length, err)) {
        err->code = IRSA_CODE_CONFIG;
        return irsa_error_wrap(err, "the settings file");
    }
    if (irsa_yaml_read(r->arena, bytes, length, on_document, r, err))
        return true;
    err->code = IRSA_CODE_CONFIG;
    return err->line == 0 ? irsa_error_wrap(err, "%s", path)
                          : irsa_error_wrap(err, "%s:%u:%u", path, err->line, err->column);
}

/* --------------------------------------------------------------------------------------------- environment and flags */

/* "IRSA_KAFKA_BOOTSTRAP_SERVERS" is "bootstrap.servers". */
static const char *kafka_name(const struct reader *r, const char *variable, size_t length) {
    char *name = irsa_arena_copy_bytes(r->arena, variable, length);
    for (char *at = name; *at != '\0'; at++)
        *at = (char)(*at == '_' ? '.' : tolower((unsigned char)*at));
    return name;
}

/* The settings of others are in the environment too; an empty variable counts as absent. */
static bool read_variable(struct reader *r, const char *variable, struct irsa_error *err) {
    const char *equals = strchr(variable, '=');
    if (equals == NULL || equals[1] == '\0')
        return true;
    size_t length = (size_t)(equals - variable);
    size_t prefix = strlen(KAFKA_VARIABLE);
    if (irsa_text_starts_with(variable, KAFKA_VARIABLE) && length > prefix)
        set_kafka(r, kafka_name(r, variable + prefix, length - prefix), equals + 1);
    for (size_t i = 0; i < r->table->count; i++) {
        const struct irsa_setting *setting = &r->table->at[i];
        if (setting->environment != NULL && strlen(setting->environment) == length &&
            memcmp(setting->environment, variable, length) == 0)
            return set(r, setting, equals + 1, setting->environment, err);
    }
    return true;
}

static bool read_environment(struct reader *r, char **environment, struct irsa_error *err) {
    for (char **variable = environment; variable != NULL && *variable != NULL; variable++)
        if (irsa_text_starts_with(*variable, "IRSA_") && !read_variable(r, *variable, err))
            return false;
    return true;
}

static bool read_flags(struct reader *r, const struct irsa_pairs *flags, struct irsa_error *err) {
    for (size_t f = 0; f < flags->count; f++) {
        size_t i = 0;
        while (i < r->table->count && !irsa_text_equal(r->table->at[i].flag, flags->at[f].key))
            i++;
        if (i == r->table->count)
            return IRSA_FAIL(err, CONFIG, "%s: this flag is unknown", flags->at[f].key);
        if (!set(r, &r->table->at[i], flags->at[f].value, flags->at[f].key, err))
            return false;
    }
    return true;
}

bool irsa_settings_read(const struct irsa_setting_table *table, struct irsa_arena *arena,
                        const struct irsa_setting_inputs *inputs, void *out_settings, struct irsa_pairs *out_kafka,
                        struct irsa_error *err) {
    struct reader r = {.table = table, .arena = arena, .out = out_settings};
    if (!set_defaults(&r, err) || (!irsa_text_is_empty(inputs->file) && !read_file(&r, inputs->file, err)) ||
        !read_environment(&r, inputs->environment, err) || !read_flags(&r, &inputs->flags, err))
        return false;
    for (size_t i = 0; i < inputs->kafka.count; i++)
        set_kafka(&r, inputs->kafka.at[i].key, inputs->kafka.at[i].value);
    *out_kafka = (struct irsa_pairs){r.kafka, r.kafka_count};
    return true;
}
