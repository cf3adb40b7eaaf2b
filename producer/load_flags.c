/*
 * One request from the flags of the command line.
 */
#include <string.h>

#include "core/base/text.h"
#include "producer/load.h"
#include "producer/terminal.h"

/* The flag, or the argument, that gives one name; both at once is a mistake, as eksctl has it. */
static bool one_name(const struct irsa_arguments *arguments, const char *flag, const char *value, const char **out_name,
                     struct irsa_error *err) {
    const char *operand = arguments->operands.count > 0 ? arguments->operands.at[0] : NULL;
    if (value != NULL && operand != NULL)
        return IRSA_FAIL(err, INVALID, "%s=%s and argument %s cannot be used at the same time", flag, value, operand);
    *out_name = value != NULL ? value : operand;
    return true;
}

static bool fill_cluster(const struct irsa_session *session, const char *name, struct irsa_request *request,
                         struct irsa_error *err) {
    if (irsa_text_is_empty(name))
        return IRSA_FAIL(err, INVALID, "--cluster is missing; or give a ClusterConfig file with -f");
    request->cluster.name = name;
    request->cluster.account_id = session->arguments->account_id;
    return irsa_session_region(session, &request->cluster.region, err);
}

static bool fill_account(const struct irsa_session *session, struct irsa_request *request, struct irsa_error *err) {
    const struct irsa_arguments *arguments = session->arguments;
    struct irsa_service_account *account = &request->service_account;
    if (!one_name(arguments, "--name", arguments->name, &account->name, err))
        return false;
    if (irsa_text_is_empty(account->name))
        return IRSA_FAIL(err, INVALID, "the name of the service account is missing: give it as argument or as --name");
    account->namespace_name = arguments->namespace_name != NULL ? arguments->namespace_name : "default";
    account->attach_policy_arns = arguments->attach_policy_arns;
    account->attach_role_arn = arguments->attach_role_arn;
    account->role_name = arguments->role_name;
    account->role_only = arguments->role_only;
    account->tags = arguments->tags;
    account->subject_pattern = arguments->subject_pattern;
    return true;
}

/* What eksctl demands of flags, in its words; everything else is judged by the rules of requests. */
static bool says_enough(const struct irsa_session *session, enum irsa_action action, struct irsa_error *err) {
    const struct irsa_arguments *arguments = session->arguments;
    bool has_role = arguments->attach_policy_arns.count > 0 || arguments->attach_role_arn != NULL;
    if (action == IRSA_ACTION_CREATE && !has_role)
        return IRSA_FAIL(err, INVALID, "--attach-policy-arn or --attach-role-arn must be given");
    if (action == IRSA_ACTION_UPDATE && irsa_arguments_first_of(session->grammar, arguments, IRSA_GROUP_UPDATE) == NULL)
        return IRSA_FAIL(err, INVALID, "nothing to change is given: --attach-policy-arn, --tags or --subject-pattern");
    return true;
}

/* associate-oidc speaks of a cluster, by three names. */
static bool fill_associate(const struct irsa_session *session, struct irsa_request *request, struct irsa_error *err) {
    const struct irsa_arguments *arguments = session->arguments;
    const char *name = NULL;
    if (arguments->cluster != NULL && arguments->name != NULL)
        return IRSA_FAIL(err, INVALID, "--cluster and --name are the same; give one of them");
    const char *flag = arguments->cluster != NULL ? "--cluster" : "--name";
    const char *value = arguments->cluster != NULL ? arguments->cluster : arguments->name;
    return one_name(arguments, flag, value, &name, err) && fill_cluster(session, name, request, err);
}

static bool fill(const struct irsa_load *load, struct irsa_request *request, struct irsa_error *err) {
    const struct irsa_session *session = load->session;
    const struct irsa_arguments *arguments = session->arguments;
    request->action = load->action;
    request->options.dry_run =
        irsa_session_was_given(session, "--dry-run") && arguments->dry_run == IRSA_DRY_RUN_SERVER;
    request->options.with_oidc = arguments->with_oidc;
    request->options.override_existing_service_accounts = arguments->override_existing;
    if (load->action == IRSA_ACTION_ASSOCIATE_OIDC)
        return fill_associate(session, request, err);
    return fill_account(session, request, err) && fill_cluster(session, arguments->cluster, request, err) &&
           says_enough(session, load->action, err);
}

/* The flag that filled the place that an error names, or NULL. */
static const char *flag_of_pointer(const struct irsa_session *session, const char *pointer) {
    const unsigned groups = session->arguments->command->groups;
    for (const struct irsa_flag *flag = session->grammar->flags; flag->name != NULL; flag++) {
        size_t length = flag->pointer == NULL ? 0 : strlen(flag->pointer);
        if (length > 0 && (flag->groups & groups) != 0 && strncmp(pointer, flag->pointer, length) == 0 &&
            (pointer[length] == '\0' || pointer[length] == '/'))
            return flag->name;
    }
    return NULL;
}

/* Behind the place that the message begins with, which is one of a file that nobody wrote. */
static const char *message_for_flag(const struct irsa_error *err) {
    const char *colon = strstr(err->message, ": ");
    return err->at[0] != '\0' && colon != NULL ? colon + 2 : err->message;
}

enum irsa_exit irsa_load_flags(struct irsa_load *load) {
    struct irsa_request request = {0};
    struct irsa_error err;
    if (!fill(load, &request, &err)) {
        irsa_complain("%s", err.message);
        return IRSA_EXIT_USAGE;
    }
    if (irsa_request_validate(&request, &err) &&
        irsa_batch_add(load->batch, &request, (struct irsa_place){NULL, 0}, &err))
        return IRSA_EXIT_DONE;
    const char *flag = flag_of_pointer(load->session, err.at);
    if (flag != NULL)
        irsa_complain("%s: %s", flag, message_for_flag(&err));
    else
        irsa_complain("%s", err.message);
    return err.code == IRSA_CODE_UNAVAILABLE ? IRSA_EXIT_FAILED : IRSA_EXIT_INVALID;
}
