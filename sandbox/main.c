/*
 * irsa-sandbox: a local broker, AWS and Kubernetes in one process.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/certificate.h"
#include "core/base/log.h"
#include "core/base/standard.h"
#include "sandbox/broker.h"
#include "sandbox/command.h"
#include "sandbox/environment.h"
#include "sandbox/options.h"
#include "sandbox/server.h"

#define EXIT_USAGE         2
#define SETTINGS_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define CA_TEMPLATE        "irsa-sandbox-ca.XXXXXX"

/* What main owns, in the order of its making. */
struct house {
    struct irsa_arena *arena;
    struct irsa_sandbox *sandbox;
    struct irsa_sandbox_broker *broker;
    struct irsa_sandbox_server *server;
    char *ca_file; /* NULL: none was written */
};

static bool read_settings(struct house *house, const char *path, struct irsa_error *err) {
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return IRSA_FAIL(err, CONFIG, "--settings %s: %s", path, strerror(errno));
    char *bytes = irsa_arena_alloc(house->arena, SETTINGS_MAX_BYTES);
    size_t length = fread(bytes, 1, SETTINGS_MAX_BYTES, file);
    bool is_whole = feof(file) != 0;
    fclose(file);
    if (!is_whole)
        return IRSA_FAIL(err, CONFIG, "--settings %s: it cannot be read, or is over %zu bytes", path,
                         SETTINGS_MAX_BYTES);
    if (irsa_sandbox_configure(house->sandbox, bytes, length, err))
        return true;
    return irsa_error_wrap(err, "--settings %s", path);
}

/* AWS_CA_BUNDLE is a file, so with TLS there must be one. */
static bool write_ca_file(struct house *house, struct irsa_error *err) {
    const char *folder = getenv("TMPDIR");
    const char *pem = irsa_authority_pem(irsa_sandbox_authority(house->sandbox));
    char *path = irsa_arena_format(house->arena, "%s/" CA_TEMPLATE, folder == NULL ? "/tmp" : folder);
    int fd = mkstemp(path);
    if (fd < 0)
        return IRSA_FAIL(err, CONFIG, "%s: %s", path, strerror(errno));
    house->ca_file = path;
    bool is_written = write(fd, pem, strlen(pem)) == (ssize_t)strlen(pem);
    close(fd);
    return is_written || IRSA_FAIL(err, CONFIG, "%s: %s", path, strerror(errno));
}

static bool open_house(struct house *house, const struct irsa_sandbox_command_line *options, struct irsa_error *err) {
    const struct irsa_sandbox_options sandbox = {.clusters = options->clusters,
                                                 .cluster_count = options->has_cloud ? options->cluster_count : 0};
    const struct irsa_sandbox_server_options server = {.has_cloud = options->has_cloud,
                                                       .aws_tls = options->has_tls,
                                                       .aws_port = options->aws_port,
                                                       .control_port = options->control_port};
    house->sandbox = irsa_sandbox_new(&sandbox);
    if (options->settings_file != NULL && !read_settings(house, options->settings_file, err))
        return false;
    if (options->has_broker) {
        house->broker = irsa_sandbox_broker_open(options->topics_prefix, options->partitions, err);
        if (house->broker == NULL)
            return false;
        irsa_sandbox_set_broker(house->sandbox, house->broker);
    }
    house->server = irsa_sandbox_server_open(house->sandbox, &server, err);
    return house->server != NULL && (!options->has_tls || write_ca_file(house, err));
}

/* The broker stays as it is (sandbox/broker.h). */
static void close_house(struct house *house) {
    irsa_sandbox_server_close(house->server);
    irsa_sandbox_free(house->sandbox);
    if (house->ca_file != NULL)
        unlink(house->ca_file);
    irsa_arena_free(house->arena);
}

static void fill_environment(const struct house *house, const struct irsa_sandbox_command_line *options,
                             struct irsa_sandbox_environment *out_environment) {
    char *key_id = irsa_arena_alloc(house->arena, IRSA_SANDBOX_KEY_BYTES);
    char *secret = irsa_arena_alloc(house->arena, IRSA_SANDBOX_SECRET_BYTES);
    irsa_sandbox_keys(options->clusters[0].account_id, key_id, secret);
    const struct irsa_sandbox_environment_inputs inputs = {
        .bootstrap_servers = house->broker == NULL ? NULL : irsa_sandbox_broker_bootstrap_servers(house->broker),
        .topics_prefix = options->topics_prefix,
        .aws_url = irsa_sandbox_server_aws_url(house->server),
        .aws_ca_file = house->ca_file,
        .access_key_id = key_id,
        .secret_access_key = secret,
        .region = options->clusters[0].region,
        .control_url = irsa_sandbox_server_control_url(house->server)};
    irsa_sandbox_environment_fill(&inputs, out_environment);
}

/* What a person finds on the terminal; a shell takes the output as it is, since the rest are comments. */
static void print_welcome(const struct irsa_sandbox_command_line *options,
                          const struct irsa_sandbox_environment *environment) {
    printf("# irsa-sandbox " IRSA_VERSION ": %s%s%s, in memory, on 127.0.0.1\n", options->has_broker ? "Kafka" : "",
           options->has_broker && options->has_cloud ? ", " : "",
           options->has_cloud ? "IAM, STS, EKS and Kubernetes" : "");
    for (size_t i = 0; options->has_cloud && i < options->cluster_count; i++)
        printf("# cluster %s in %s, account %s\n", options->clusters[i].name, options->clusters[i].region,
               options->clusters[i].account_id);
    irsa_sandbox_environment_print(environment, stdout);
    fflush(stdout);
}

static bool run(struct house *house, const struct irsa_sandbox_command_line *options, int *out_status,
                struct irsa_error *err) {
    struct irsa_sandbox_environment environment;
    if (!open_house(house, options, err))
        return false;
    fill_environment(house, options, &environment);
    if (options->env_file != NULL && !irsa_sandbox_environment_save(&environment, options->env_file, err))
        return false;
    if (options->command != NULL)
        return irsa_sandbox_command_run(options->command, &environment, out_status, err);
    print_welcome(options, &environment);
    irsa_sandbox_signals_wait();
    *out_status = EXIT_SUCCESS;
    return true;
}

static int fail(const struct irsa_error *err, int status) {
    fprintf(stderr, "irsa-sandbox: %s\n", err->message);
    return status;
}

int main(int argc, char **argv) {
    static struct house house; /* what is left open at the end hangs on it */
    struct irsa_sandbox_command_line options = {0};
    struct irsa_error err;
    enum irsa_log_level level = IRSA_LOG_WARN;
    int status = EXIT_FAILURE;
    irsa_standard_occupy();
    house.arena = irsa_arena_new();
    irsa_error_clear(&err);
    if (!irsa_sandbox_options_read(house.arena, argc, argv, &options, &err)) {
        status = fail(&err, EXIT_USAGE);
        fputs("Try irsa-sandbox --help\n", stderr);
    } else if (options.wants_help) {
        irsa_sandbox_options_help(stdout);
        status = EXIT_SUCCESS;
    } else if (options.wants_version) {
        puts("irsa-sandbox " IRSA_VERSION);
        status = EXIT_SUCCESS;
    } else if (!irsa_log_level_find(options.log_level, &level)) {
        (void)IRSA_FAIL(&err, CONFIG, "--log-level %s: it is debug, info, warn or error", options.log_level);
        status = fail(&err, EXIT_USAGE);
    } else {
        irsa_log_setup(level, IRSA_LOG_AUTO);
        irsa_sandbox_signals_hold();
        if (!run(&house, &options, &status, &err))
            status = fail(&err, EXIT_FAILURE);
    }
    close_house(&house);
    return status;
}
