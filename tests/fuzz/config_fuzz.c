/*
 * YAML and ClusterConfig from any bytes. What is read as YAML can be written as JSON; what is accepted as a ClusterConfig is
 * accepted as requests.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/config/cluster_config.h"
#include "core/config/yaml.h"

static void on_problem(void *self, const struct irsa_error *err) {
    (void)self;
    must(strncmp(err->message, "f:", 2) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

static unsigned count_values(const struct irsa_json *value) {
    unsigned count = 1;
    for (const struct irsa_json *child = value->first; child != NULL; child = child->next)
        count += count_values(child);
    return count;
}

static bool on_document(void *self, const struct irsa_json *root, struct irsa_error *err) {
    struct irsa_arena *arena = self;
    const struct irsa_json_limits limits = {.max_bytes = (size_t)64 << 20, .max_depth = IRSA_YAML_MAX_DEPTH};
    const struct irsa_json *again;
    unsigned count = count_values(root);
    must(count <= IRSA_YAML_MAX_NODES);
    if (count >= IRSA_JSON_MAX_MEMBERS)
        return true;
    const char *text = irsa_json_to_text(arena, root);
    must(irsa_json_parse(arena, text, strlen(text), limits, &again, err));
    must(irsa_json_equal(root, again));
    return true;
}

static bool on_config(void *self, const struct irsa_cluster_config *config, struct irsa_error *err) {
    (void)self;
    for (size_t i = 0; i < config->account_count; i++) {
        const struct irsa_request request = {
            .action = IRSA_ACTION_CREATE, .cluster = config->cluster, .service_account = config->accounts[i].account};
        must(irsa_request_validate(&request, err));
    }
    return true;
}

static void on_problem(void *self, const struct irsa_error *err) {
    (void)self;
    must(strncmp(err->message, "f:", 2) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct irsa_arena *arena = irsa_arena_new();
    struct irsa_error err = {0};
    if (!irsa_yaml_read(arena, data, size, on_document, arena, &err))
        must(err.message[0] != '\0' && (err.code == IRSA_CODE_SCHEMA || err.code == IRSA_CODE_TOO_LARGE));
    const struct irsa_cluster_config_receiver receiver = {.config = on_config, .problem = on_problem};
    must(irsa_cluster_config_read(arena, "f", data, size, &receiver) || true);
    irsa_arena_free(arena);
    return 0;
}
