/*
 * Requests from ClusterConfig files: each file is read, judged, spooled and forgotten, so memory does not grow with them.
 */
#include <string.h>

#include "core/config/file.h"
#include "core/config/yaml.h"
#include "producer/load.h"
#include "producer/terminal.h"

/* Delete needs to know which account and which role, nothing else. */
static struct irsa_service_account account_to_delete(const struct irsa_service_account *account) {
    return (struct irsa_service_account){
        .name = account->name,
        .namespace_name = account->namespace_name,
        .role_name = account->role_name,
        .role_only = account->role_only,
        .attach_role_arn = account->attach_role_arn,
    };
}

static struct irsa_request make_request(const struct irsa_load *load, const struct irsa_cluster_config *config,
                                        const struct irsa_service_account *account) {
    const struct irsa_session *session = load->session;
    struct irsa_request request = {.action = load->action, .cluster = config->cluster};
    if (account != NULL)
        request.service_account = load->action == IRSA_ACTION_DELETE ? account_to_delete(account) : *account;
    request.options.with_oidc = load->action == IRSA_ACTION_CREATE && config->with_oidc;
    request.options.override_existing_service_accounts = session->arguments->override_existing;
    request.options.dry_run =
        irsa_session_was_given(session, "--dry-run") && session->arguments->dry_run == IRSA_DRY_RUN_SERVER;
    return request;
}

/* A problem of this file: it is told, and reading goes on. Only a full disk ends it. */
static void tell_problem(struct irsa_load *load, const char *path, const struct irsa_error *err) {
    load->is_broken |= err->code == IRSA_CODE_UNAVAILABLE;
    irsa_problems_add(&load->problems, path, err);
}

static bool add_account(struct irsa_load *load, const struct irsa_cluster_config *config,
                        const struct irsa_config_account *entry, struct irsa_error *err) {
    struct irsa_request request = make_request(load, config, &entry->account);
    /* a file's entries are judged by the rules of create when they are read */
    bool is_fine = load->action != IRSA_ACTION_UPDATE || irsa_request_validate(&request, err);
    if (is_fine && irsa_batch_add(load->batch, &request, (struct irsa_place){config->path, entry->line}, err))
        return true;
    err->line = entry->line;
    err->column = 0;
    return false;
}

/* A role that somebody else keeps is not ours to change. What is passed over is told. */
static bool is_passed_over(const struct irsa_load *load, const struct irsa_cluster_config *config,
                           const struct irsa_config_account *entry) {
    if (load->action != IRSA_ACTION_UPDATE || entry->account.attach_role_arn == NULL)
        return false;
    irsa_say("%s:%u: %s/%s has attachRoleARN, a role that somebody else keeps: passed over", config->path, entry->line,
             entry->account.namespace_name, entry->account.name);
    return true;
}

static size_t add_accounts(struct irsa_load *load, const struct irsa_cluster_config *config) {
    size_t count = 0;
    for (size_t i = 0; i < config->account_count && !load->is_broken; i++) {
        const struct irsa_config_account *entry = &config->accounts[i];
        struct irsa_error err;
        if (!irsa_selection_takes(&load->selection, entry->account.namespace_name, entry->account.name) ||
            is_passed_over(load, config, entry))
            continue;
        if (add_account(load, config, entry, &err))
            count++;
        else
            tell_problem(load, config->path, &err);
    }
    return count;
}

static bool add_cluster(struct irsa_load *load, const struct irsa_cluster_config *config, struct irsa_error *err) {
    struct irsa_request request = make_request(load, config, NULL);
    return irsa_request_validate(&request, err) &&
           irsa_batch_add(load->batch, &request, (struct irsa_place){config->path, 0}, err);
}

/* As eksctl: roles for service accounts need the cluster's OIDC provider, and the file must say so. */
static bool says_with_oidc(const struct irsa_load *load, const struct irsa_cluster_config *config,
                           struct irsa_error *err) {
    if (load->action == IRSA_ACTION_DELETE || config->with_oidc || config->account_count == 0)
        return true;
    IRSA_FAIL(
        err, INVALID,
        "%s; write withOIDC: true under iam, so that the cluster's OIDC provider, which the roles trust, is there",
        config->has_with_oidc ? "iam.withOIDC is false, but there are iam.serviceAccounts"
                              : "iam.serviceAccounts is given without iam.withOIDC");
    err->line = config->accounts[0].line;
    return false;
}

static bool on_config(void *self, const struct irsa_cluster_config *config, struct irsa_error *err) {
    struct irsa_load *load = self;
    size_t problems = load->problems.count;
    size_t count = 0;
    load->documents++;
    load->documents_with_accounts += config->has_accounts;
    if (load->action == IRSA_ACTION_ASSOCIATE_OIDC) {
        if (!add_cluster(load, config, err))
            return false;
    } else {
        if (!says_with_oidc(load, config, err))
            return false;
        if (!config->has_accounts)
            irsa_say("%s: cluster %s has no iam.serviceAccounts: passed over", config->path, config->cluster.name);
        count = add_accounts(load, config);
    }
    if (load->document != NULL && load->problems.count == problems)
        load->document(load->self, config, count);
    return true;
}

static void on_problem(void *self, const struct irsa_error *err) {
    struct irsa_load *load = self;
    tell_problem(load, load->path, err);
}

static void load_file(struct irsa_load *load, const char *path) {
    const struct irsa_cluster_config_receiver receiver = {.config = on_config, .problem = on_problem, .self = load};
    struct irsa_error err;
    char *bytes;
    size_t length;
    irsa_arena_clear(load->arena);
    irsa_error_clear(&err);
    load->path = strcmp(path, "-") == 0 ? "standard input" : path;
    if (!irsa_file_read(load->arena, path, IRSA_YAML_MAX_BYTES, &bytes, &length, &err))
        tell_problem(load, load->path, &err);
    else if (!irsa_cluster_config_read(load->arena, load->path, bytes, length, &receiver))
        return; // told
}

static void load_path(struct irsa_load *load, const char *path) {
    struct irsa_strings files = {&path, 1};
    struct irsa_error err;
    if (strcmp(path, "-") != 0 && !irsa_file_list(load->session->arena, path, &files, &err)) {
        tell_problem(load, path, &err);
        return;
    }
    for (size_t i = 0; i < files.count && !load->is_broken; i++)
        load_file(load, files.at[i]);
}

static void check_whole(struct irsa_load *load) {
    struct irsa_error err;
    irsa_error_clear(&err);
    if (load->documents == 0)
        IRSA_FAIL(&err, INVALID, "there is no ClusterConfig in what -f names");
    else if (load->action != IRSA_ACTION_ASSOCIATE_OIDC && load->documents_with_accounts == 0)
        IRSA_FAIL(&err, INVALID, "there is no iam.serviceAccounts in what -f names");
    else if (irsa_selection_finish(&load->selection, &err))
        return;
    irsa_problems_add(&load->problems, NULL, &err);
}

static void sum_up(const struct irsa_load *load) {
    size_t count = load->problems.count;
    if (count > IRSA_PROBLEMS_SHOWN && load->problems.tell == NULL)
        irsa_say("… and %zu more", count - IRSA_PROBLEMS_SHOWN);
    irsa_complain("%zu problem%s%s", count, count == 1 ? "" : "s", load->only_checks ? "" : "; nothing was sent");
}

enum irsa_exit irsa_load_files(struct irsa_load *load) {
    const struct irsa_strings *paths = &load->session->arguments->files;
    load->arena = irsa_arena_new();
    for (size_t i = 0; i < paths->count && !load->is_broken; i++)
        load_path(load, paths->at[i]);
    if (load->problems.count == 0)
        check_whole(load);
    irsa_arena_free(load->arena);
    load->arena = NULL;
    if (load->problems.count == 0)
        return IRSA_EXIT_DONE;
    sum_up(load);
    return load->is_broken ? IRSA_EXIT_FAILED : IRSA_EXIT_INVALID;
}
