/*
 * Variables: which, and three ways to hand them over.
 */
#include "sandbox/environment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PAIRS 16

struct list {
    struct irsa_pair *at;
    size_t count;
};

static void add(struct list *list, const char *name, const char *value) {
    list->at[list->count++] = (struct irsa_pair){name, value};
}

/* The mock broker's timing: a short session so that a killed worker is noticed, fetches that do not sleep. */
static void add_broker(struct list *list, const struct irsa_sandbox_environment *environment) {
    add(list, "IRSA_KAFKA_BOOTSTRAP_SERVERS", irsa_sandbox_broker_servers(environment->broker));
    add(list, "IRSA_KAFKA_SESSION_TIMEOUT_MS", "4000");
    add(list, "IRSA_KAFKA_HEARTBEAT_INTERVAL_MS", "500");
    add(list, "IRSA_KAFKA_FETCH_WAIT_MAX_MS", "5");
}

static void add_cloud(struct list *list, struct irsa_arena *arena, const struct irsa_sandbox_environment *environment) {
    const struct irsa_sandbox_cluster_options *first = &environment->arguments->clusters[0];
    char *key_id = irsa_arena_alloc(arena, IRSA_SANDBOX_KEY_BYTES);
    char *secret = irsa_arena_alloc(arena, IRSA_SANDBOX_SECRET_BYTES);
    irsa_sandbox_keys(first->account_id, key_id, secret);
    add(list, "IRSA_SANDBOX_URL", irsa_sandbox_server_control_url(environment->server));
    add(list, "AWS_ENDPOINT_URL", irsa_sandbox_server_aws_url(environment->server));
    add(list, "AWS_ACCESS_KEY_ID", key_id);
    add(list, "AWS_SECRET_ACCESS_KEY", secret);
    add(list, "AWS_REGION", first->region);
    if (environment->ca_file != NULL)
        add(list, "AWS_CA_BUNDLE", environment->ca_file);
}

struct irsa_pairs irsa_sandbox_environment_pairs(struct irsa_arena *arena,
                                                 const struct irsa_sandbox_environment *environment) {
    struct list list = {.at = IRSA_NEW_ARRAY(arena, struct irsa_pair, MAX_PAIRS)};
    if (environment->broker != NULL) {
        add_broker(&list, environment);
        add(&list, "IRSA_TOPICS_PREFIX", environment->arguments->topics_prefix);
    }
    add(&list, "IRSA_GUARDRAILS", "off");
    if (environment->server != NULL)
        add_cloud(&list, arena, environment);
    return (struct irsa_pairs){.at = list.at, .count = list.count};
}

static bool write_lines(FILE *file, struct irsa_pairs pairs) {
    for (size_t i = 0; i < pairs.count; i++)
        if (fprintf(file, "export %s='%s'\n", pairs.at[i].key, pairs.at[i].value) < 0)
            return false;
    return true;
}

bool irsa_sandbox_environment_save(struct irsa_arena *arena, struct irsa_pairs pairs, const char *path,
                                   struct irsa_error *err) {
    const char *draft = irsa_arena_format(arena, "%s.new", path);
    FILE *file = fopen(draft, "we");
    if (file == NULL)
        return IRSA_FAIL(err, CONFIG, "cannot write %s: %s", draft, strerror(errno));
    bool is_written = write_lines(file, pairs);
    is_written = fclose(file) == 0 && is_written;
    if (!is_written || rename(draft, path) != 0)
        return IRSA_FAIL(err, CONFIG, "cannot write %s: %s", path, strerror(errno));
    return true;
}

void irsa_sandbox_environment_set(struct irsa_pairs pairs) {
    static const char *const misleading[] = {"AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_REGION",
                                             "AWS_CA_BUNDLE",     "HTTPS_PROXY", "https_proxy",
                                             "AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_EKS"};
    for (size_t i = 0; i < sizeof(misleading) / sizeof(misleading[0]); i++)
        unsetenv(misleading[i]);
    for (size_t i = 0; i < pairs.count; i++)
        setenv(pairs.at[i].key, pairs.at[i].value, 1);
}
