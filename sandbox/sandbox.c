/*
 * The object, its one mutex, and the doors.
 */
#include "sandbox/sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/certificate.h"
#include "core/base/json.h"
#include "sandbox/inside.h"

#define DEFAULT_REGION     "us-west-2"
#define DEFAULT_ACCOUNT    "111122223333"
#define SETTINGS_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define SETTINGS_MAX_DEPTH 64

struct irsa_sandbox *irsa_sandbox_new(const struct irsa_sandbox_options *options) {
    struct irsa_sandbox *sandbox = irsa_new(sizeof(*sandbox));
    pthread_mutex_init(&sandbox->mutex, NULL);
    sandbox->clock = options->clock == NULL ? irsa_clock_system() : options->clock;
    sandbox->authority = irsa_authority_new("irsa-sandbox");
    sandbox->calls = irsa_sandbox_calls_new();
    sandbox->faults = irsa_sandbox_faults_new();
    sandbox->throttle = irsa_sandbox_throttle_new();
    irsa_sandbox_model_init(&sandbox->model);
    sandbox->model_at_start = sandbox->model;
    sandbox->world.clock = sandbox->clock;
    for (size_t i = 0; i < options->cluster_count; i++) {
        const struct irsa_sandbox_cluster_options *cluster = &options->clusters[i];
        (void)irsa_sandbox_world_add_cluster(&sandbox->world, cluster->name,
                                             cluster->region == NULL ? DEFAULT_REGION : cluster->region,
                                             cluster->account_id == NULL ? DEFAULT_ACCOUNT : cluster->account_id);
    }
    return sandbox;
}

void irsa_sandbox_free(struct irsa_sandbox *sandbox) {
    if (sandbox == NULL)
        return;
    irsa_sandbox_world_done(&sandbox->world);
    irsa_sandbox_calls_free(sandbox->calls);
    irsa_sandbox_faults_free(sandbox->faults);
    irsa_sandbox_throttle_free(sandbox->throttle);
    irsa_sandbox_set_permissions(sandbox, NULL);
    irsa_sandbox_permissions_free(sandbox->permissions_at_start);
    irsa_authority_free(sandbox->authority);
    pthread_mutex_destroy(&sandbox->mutex);
    free(sandbox);
}

void irsa_sandbox_handle(struct irsa_sandbox *sandbox, struct irsa_sandbox_origin origin,
                         const struct irsa_httpd_request *request, struct irsa_httpd_reply *out_reply) {
    char *request_id = irsa_arena_alloc(request->arena, 37);
    irsa_sandbox_uuid(request_id);
    struct irsa_sandbox_call call = {.sandbox = sandbox,
                                     .request = request,
                                     .reply = out_reply,
                                     .arena = request->arena,
                                     .moment = {.now_ms = irsa_clock_now_ms(sandbox->clock)},
                                     .request_id = request_id};
    switch (origin.door) {
    case IRSA_SANDBOX_AWS:
        irsa_sandbox_aws(&call);
        break;
    case IRSA_SANDBOX_CONTROL:
        irsa_sandbox_control(&call);
        break;
    case IRSA_SANDBOX_KUBERNETES:
        call.cluster = sandbox->world.clusters[origin.cluster];
        irsa_sandbox_kubernetes(&call);
        break;
    }
}

size_t irsa_sandbox_cluster_count(const struct irsa_sandbox *sandbox) {
    return sandbox->world.cluster_count;
}

const char *irsa_sandbox_endpoint(const struct irsa_sandbox *sandbox, size_t cluster) {
    return sandbox->world.clusters[cluster]->endpoint;
}

void irsa_sandbox_set_endpoint(struct irsa_sandbox *sandbox, size_t cluster, const char *endpoint) {
    pthread_mutex_lock(&sandbox->mutex);
    irsa_sandbox_set_text(&sandbox->world.clusters[cluster]->endpoint, endpoint);
    pthread_mutex_unlock(&sandbox->mutex);
}

struct irsa_authority *irsa_sandbox_authority(struct irsa_sandbox *sandbox) {
    return sandbox->authority;
}

void irsa_sandbox_set_broker(struct irsa_sandbox *sandbox, struct irsa_sandbox_broker *broker) {
    pthread_mutex_lock(&sandbox->mutex);
    sandbox->broker = broker;
    pthread_mutex_unlock(&sandbox->mutex);
}

void irsa_sandbox_keys(const char *account_id, char out_key_id[IRSA_SANDBOX_KEY_BYTES],
                       char out_secret[IRSA_SANDBOX_SECRET_BYTES]) {
    (void)snprintf(out_key_id, IRSA_SANDBOX_KEY_BYTES, "AKIASBOX%.12s", account_id);
    (void)snprintf(out_secret, IRSA_SANDBOX_SECRET_BYTES, "irsa-sandbox/%.12s/not-a-real-key", account_id);
}

static bool configure_permissions(struct irsa_sandbox *sandbox, const struct irsa_json *document,
                                  struct irsa_error *err) {
    struct irsa_sandbox_permissions *permissions = irsa_sandbox_permissions_new(document, err);
    if (permissions == NULL)
        return false;
    irsa_sandbox_set_permissions(sandbox, permissions);
    irsa_sandbox_permissions_free(sandbox->permissions_at_start);
    sandbox->permissions_at_start = permissions;
    return true;
}

static bool configure(struct irsa_sandbox *sandbox, struct irsa_arena *arena, const struct irsa_json *document,
                      struct irsa_error *err) {
    const struct irsa_json *model = irsa_json_get(document, "model");
    const struct irsa_json *world = irsa_json_get(document, "world");
    const struct irsa_json *faults = irsa_json_get(document, "faults");
    const struct irsa_json *permissions = irsa_json_get(document, "permissions");
    if (model != NULL && !irsa_sandbox_model_change(&sandbox->model, model, err))
        return irsa_error_at(err, "/model");
    sandbox->model_at_start = sandbox->model;
    if (permissions != NULL && !configure_permissions(sandbox, permissions, err))
        return irsa_error_at(err, "/permissions");
    if (world != NULL && !irsa_sandbox_world_change(sandbox, arena, world, err))
        return irsa_error_at(err, "/world");
    if (faults != NULL && !irsa_sandbox_faults_add(sandbox->faults, faults, err))
        return irsa_error_at(err, "/faults");
    return true;
}

static bool check_members(const struct irsa_json *document, struct irsa_error *err) {
    if (document->kind != IRSA_JSON_OBJECT)
        return IRSA_FAIL(err, CONFIG, "the settings are an object");
    for (const struct irsa_json *member = document->first; member != NULL; member = member->next)
        if (strcmp(member->key, "model") != 0 && strcmp(member->key, "world") != 0 &&
            strcmp(member->key, "faults") != 0 && strcmp(member->key, "permissions") != 0)
            return IRSA_FAIL(err, CONFIG, "the settings have no \"%s\": model, permissions, world, faults",
                             member->key);
    return true;
}

bool irsa_sandbox_configure(struct irsa_sandbox *sandbox, const char *json, size_t length, struct irsa_error *err) {
    struct irsa_arena *arena = irsa_arena_new();
    const struct irsa_json *document;
    struct irsa_json_limits limits = {.max_bytes = SETTINGS_MAX_BYTES, .max_depth = SETTINGS_MAX_DEPTH};
    bool is_good = irsa_json_parse(arena, json, length, limits, &document, err) && check_members(document, err);
    if (is_good) {
        pthread_mutex_lock(&sandbox->mutex);
        is_good = configure(sandbox, arena, document, err);
        pthread_mutex_unlock(&sandbox->mutex);
    }
    irsa_arena_free(arena);
    if (!is_good)
        err->code = IRSA_CODE_CONFIG;
    return is_good;
}
