/*
 * One list, printed, saved or set.
 */
#include "sandbox/environment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add(struct irsa_sandbox_environment *environment, const char *name, const char *value) {
    environment->at[environment->count++] = (struct irsa_sandbox_variable){.name = name, .value = value};
}

/* Short times, so that nobody waits: with the mock broker a join takes session - 1 s, an empty fetch its whole wait. */
static void add_kafka(struct irsa_sandbox_environment *environment, const char *servers, const char *prefix) {
    add(environment, "IRSA_KAFKA_BOOTSTRAP_SERVERS", servers);
    add(environment, "IRSA_KAFKA_SESSION_TIMEOUT_MS", "4000");
    add(environment, "IRSA_KAFKA_HEARTBEAT_INTERVAL_MS", "500");
    add(environment, "IRSA_KAFKA_FETCH_WAIT_MAX_MS", "10");
    add(environment, "IRSA_TOPICS_PREFIX", prefix);
}

static void add_aws(struct irsa_sandbox_environment *environment,
                    const struct irsa_sandbox_environment_inputs *inputs) {
    static const char *const others[] = {"AWS_PROFILE",
                                         "AWS_DEFAULT_PROFILE",
                                         "AWS_SESSION_TOKEN",
                                         "AWS_ENDPOINT_URL_IAM",
                                         "AWS_ENDPOINT_URL_STS",
                                         "AWS_ENDPOINT_URL_EKS",
                                         "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"};
    add(environment, "AWS_ENDPOINT_URL", inputs->aws_url);
    add(environment, "AWS_ACCESS_KEY_ID", inputs->access_key_id);
    add(environment, "AWS_SECRET_ACCESS_KEY", inputs->secret_access_key);
    add(environment, "AWS_REGION", inputs->region);
    add(environment, "AWS_DEFAULT_REGION", inputs->region);
    add(environment, "AWS_EC2_METADATA_DISABLED", "true");
    add(environment, "AWS_CA_BUNDLE", inputs->aws_ca_file);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        add(environment, others[i], NULL);
}

void irsa_sandbox_environment_fill(const struct irsa_sandbox_environment_inputs *inputs,
                                   struct irsa_sandbox_environment *out_environment) {
    *out_environment = (struct irsa_sandbox_environment){0};
    if (inputs->bootstrap_servers != NULL)
        add_kafka(out_environment, inputs->bootstrap_servers, inputs->topics_prefix);
    if (inputs->aws_url != NULL) {
        add_aws(out_environment, inputs);
        add(out_environment, "IRSA_GUARDRAILS", "off"); /* nothing real can be harmed; a real account keeps its own */
    }
    add(out_environment, "IRSA_SANDBOX_URL", inputs->control_url);
}

/* In single quotes, as a shell reads it: TMPDIR is part of a value and may hold anything. */
static void print_quoted(const char *value, FILE *out) {
    fputc('\'', out);
    for (; *value != '\0'; value++) {
        if (*value == '\'')
            fputs("'\\''", out);
        else
            fputc(*value, out);
    }
    fputc('\'', out);
}

void irsa_sandbox_environment_print(const struct irsa_sandbox_environment *environment, FILE *out) {
    for (size_t i = 0; i < environment->count; i++) {
        const struct irsa_sandbox_variable *variable = &environment->at[i];
        if (variable->value == NULL) {
            fprintf(out, "unset %s\n", variable->name);
            continue;
        }
        fprintf(out, "export %s=", variable->name);
        print_quoted(variable->value, out);
        fputc('\n', out);
    }
}

static bool write_lines(const struct irsa_sandbox_environment *environment, FILE *file) {
    irsa_sandbox_environment_print(environment, file);
    return fflush(file) == 0 && !ferror(file);
}

bool irsa_sandbox_environment_save(const struct irsa_sandbox_environment *environment, const char *path,
                                   struct irsa_error *err) {
    char draft[4096];
    int length = snprintf(draft, sizeof(draft), "%s.XXXXXX", path);
    if (length < 0 || (size_t)length >= sizeof(draft))
        return IRSA_FAIL(err, CONFIG, "--env-file: the path is too long");
    int fd = mkstemp(draft);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (file == NULL) {
        if (fd >= 0)
            close(fd);
        return IRSA_FAIL(err, CONFIG, "--env-file %s: %s", path, strerror(errno));
    }
    bool is_written = write_lines(environment, file);
    bool is_closed = fclose(file) == 0;
    if (is_written && is_closed && rename(draft, path) == 0)
        return true;
    (void)IRSA_FAIL(err, CONFIG, "--env-file %s: %s", path, strerror(errno));
    unlink(draft);
    return false;
}

void irsa_sandbox_environment_set(const struct irsa_sandbox_environment *environment) {
    for (size_t i = 0; i < environment->count; i++) {
        const struct irsa_sandbox_variable *variable = &environment->at[i];
        if (variable->value == NULL)
            unsetenv(variable->name);
        else
            setenv(variable->name, variable->value, 1);
    }
}
