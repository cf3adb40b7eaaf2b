/*
 * The model's document: reading and writing.
 */
#include "sandbox/model.h"

#include <stdio.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/text.h"

#define MAX_MS     3600000
#define MAX_NUMBER 1000000000

void irsa_sandbox_model_init(struct irsa_sandbox_model *model) {
    *model = (struct irsa_sandbox_model){.quotas = {
#define IRSA_SANDBOX_QUOTA_ROW(member, name, value) .member = (value),
                                             IRSA_SANDBOX_QUOTA_TABLE(IRSA_SANDBOX_QUOTA_ROW)
#undef IRSA_SANDBOX_QUOTA_ROW
                                         }};
}

static bool read_number(const struct irsa_json *member, int64_t max, int64_t fallback, int64_t *out_value,
                        struct irsa_error *err) {
    if (member->kind == IRSA_JSON_NULL) {
        *out_value = fallback;
        return true;
    }
    int64_t value;
    if (!irsa_json_integer(member, &value) || value < 0 || value > max)
        return IRSA_FAIL(err, INVALID, "\"%s\" must be an integer from 0 to %lld", member->key, (long long)max);
    *out_value = value;
    return true;
}

static bool read_boolean(const struct irsa_json *member, bool *out_value, struct irsa_error *err) {
    if (member->kind != IRSA_JSON_TRUE && member->kind != IRSA_JSON_FALSE && member->kind != IRSA_JSON_NULL)
        return IRSA_FAIL(err, INVALID, "\"%s\" must be true or false", member->key);
    *out_value = member->kind == IRSA_JSON_TRUE;
    return true;
}

static bool check_object(const struct irsa_json *member, struct irsa_error *err) {
    if (member->kind == IRSA_JSON_OBJECT)
        return true;
    return IRSA_FAIL(err, INVALID, "\"%s\" must be an object", member->key);
}

static bool change_latency(struct irsa_sandbox_model *model, const struct irsa_json *object, struct irsa_error *err) {
    for (const struct irsa_json *member = object->first; member != NULL; member = member->next) {
        enum irsa_sandbox_service service;
        if (!irsa_sandbox_service_find(member->key, &service))
            return IRSA_FAIL(err, INVALID, "\"%s\" is no service: iam, sts, eks or kubernetes", member->key);
        if (!read_number(member, MAX_MS, 0, &model->latency_ms[service], err))
            return false;
    }
    return true;
}

/* "iam", "iam.read" or "iam.write". */
static int64_t *find_rate(struct irsa_sandbox_model *model, const char *key) {
    char name[32];
    const char *dot = strchr(key, '.');
    size_t length = dot == NULL ? strlen(key) : (size_t)(dot - key);
    enum irsa_sandbox_service service;
    (void)snprintf(name, sizeof(name), "%.*s", (int)(length > 31 ? 31 : length), key);
    if (!irsa_sandbox_service_find(name, &service))
        return NULL;
    if (dot == NULL)
        return &model->rates[service].all;
    if (strcmp(dot, ".read") == 0)
        return &model->rates[service].reads;
    return strcmp(dot, ".write") == 0 ? &model->rates[service].writes : NULL;
}

static bool change_rates(struct irsa_sandbox_model *model, const struct irsa_json *object, struct irsa_error *err) {
    for (const struct irsa_json *member = object->first; member != NULL; member = member->next) {
        int64_t *rate = find_rate(model, member->key);
        if (rate == NULL)
            return IRSA_FAIL(err, INVALID, "\"%s\" is no rate: SERVICE, SERVICE.read or SERVICE.write", member->key);
        if (!read_number(member, MAX_NUMBER, 0, rate, err))
            return false;
    }
    return true;
}

struct quota {
    const char *name;
    size_t offset;
    int64_t fallback;
};

static const struct quota quota_rows[] = {
#define IRSA_SANDBOX_QUOTA_ROW(member, name, value) {name, offsetof(struct irsa_sandbox_quotas, member), value},
    IRSA_SANDBOX_QUOTA_TABLE(IRSA_SANDBOX_QUOTA_ROW)
#undef IRSA_SANDBOX_QUOTA_ROW
};

#define QUOTA_COUNT (sizeof(quota_rows) / sizeof(quota_rows[0]))

static bool fail_quota(const char *key, struct irsa_error *err) {
    const char *names[QUOTA_COUNT];
    for (size_t i = 0; i < QUOTA_COUNT; i++)
        names[i] = quota_rows[i].name;
    const char *nearest = irsa_text_nearest(key, names, QUOTA_COUNT);
    return IRSA_FAIL(err, INVALID, "there is no quota \"%s\"%s%s", key, nearest == NULL ? "" : "; did you mean ",
                     nearest == NULL ? "" : nearest);
}

static bool change_quotas(struct irsa_sandbox_model *model, const struct irsa_json *object, struct irsa_error *err) {
    for (const struct irsa_json *member = object->first; member != NULL; member = member->next) {
        size_t i = 0;
        while (i < QUOTA_COUNT && strcmp(quota_rows[i].name, member->key) != 0)
            i++;
        if (i == QUOTA_COUNT)
            return fail_quota(member->key, err);
        int64_t *value = (int64_t *)(void *)((char *)&model->quotas + quota_rows[i].offset);
        if (!read_number(member, MAX_NUMBER, quota_rows[i].fallback, value, err))
            return false;
    }
    return true;
}

static bool change_member(struct irsa_sandbox_model *model, const struct irsa_json *member, struct irsa_error *err) {
    if (strcmp(member->key, "latencyMs") == 0)
        return check_object(member, err) && change_latency(model, member, err);
    if (strcmp(member->key, "rates") == 0)
        return check_object(member, err) && change_rates(model, member, err);
    if (strcmp(member->key, "quotas") == 0)
        return check_object(member, err) && change_quotas(model, member, err);
    if (strcmp(member->key, "pageSize") == 0)
        return read_number(member, 1000, 0, &model->page_size, err);
    if (strcmp(member->key, "propagationMs") == 0)
        return read_number(member, MAX_MS, 0, &model->propagation_ms, err);
    if (strcmp(member->key, "strictRegions") == 0)
        return read_boolean(member, &model->has_strict_regions, err);
    return IRSA_FAIL(err, INVALID,
                     "the model has no \"%s\": latencyMs, rates, quotas, pageSize, propagationMs, strictRegions",
                     member->key);
}

bool irsa_sandbox_model_change(struct irsa_sandbox_model *model, const struct irsa_json *document,
                               struct irsa_error *err) {
    if (document->kind != IRSA_JSON_OBJECT)
        return IRSA_FAIL(err, INVALID, "the model is an object");
    struct irsa_sandbox_model changed = *model;
    for (const struct irsa_json *member = document->first; member != NULL; member = member->next)
        if (!change_member(&changed, member, err))
            return irsa_error_at_key(err, member->key);
    *model = changed;
    return true;
}

static void write_rate(struct irsa_json_writer *w, enum irsa_sandbox_service service, const char *suffix,
                       int64_t rate) {
    char key[32];
    (void)snprintf(key, sizeof(key), "%s%s", irsa_sandbox_service_name(service), suffix);
    if (rate > 0)
        irsa_json_add_integer(w, key, rate);
}

void irsa_sandbox_model_write(const struct irsa_sandbox_model *model, struct irsa_json_writer *w) {
    irsa_json_open_object(w, NULL);
    irsa_json_open_object(w, "latencyMs");
    for (int i = 0; i < IRSA_SANDBOX_SERVICE_COUNT; i++)
        irsa_json_add_integer(w, irsa_sandbox_service_name((enum irsa_sandbox_service)i), model->latency_ms[i]);
    irsa_json_close_object(w);
    irsa_json_open_object(w, "rates");
    for (int i = 0; i < IRSA_SANDBOX_SERVICE_COUNT; i++) {
        enum irsa_sandbox_service service = (enum irsa_sandbox_service)i;
        write_rate(w, service, "", model->rates[i].all);
        write_rate(w, service, ".read", model->rates[i].reads);
        write_rate(w, service, ".write", model->rates[i].writes);
    }
    irsa_json_close_object(w);
    irsa_json_open_object(w, "quotas");
#define IRSA_SANDBOX_QUOTA_ROW(member, name, value) irsa_json_add_integer(w, name, model->quotas.member);
    IRSA_SANDBOX_QUOTA_TABLE(IRSA_SANDBOX_QUOTA_ROW)
#undef IRSA_SANDBOX_QUOTA_ROW
    irsa_json_close_object(w);
    irsa_json_add_integer(w, "pageSize", model->page_size);
    irsa_json_add_integer(w, "propagationMs", model->propagation_ms);
    irsa_json_add_boolean(w, "strictRegions", model->has_strict_regions);
    irsa_json_close_object(w);
}
