/*
 * Flags or files: which of the two, and that they do not contradict each other.
 */
#include "producer/load.h"

#include "producer/terminal.h"

static bool refuse_beside_file(const struct irsa_session *session, struct irsa_error *err) {
    const struct irsa_arguments *arguments = session->arguments;
    const struct irsa_flag *flag = irsa_arguments_first_of(session->grammar, arguments, IRSA_GROUPS_IN_PLACE_OF_FILE);
    if (arguments->with_oidc)
        return IRSA_FAIL(err, INVALID, "cannot use --with-oidc with -f: write iam.withOIDC: true into the file");
    if (flag != NULL)
        return IRSA_FAIL(err, INVALID, "cannot use %s with -f: the file says it", flag->name);
    if (arguments->operands.count > 0)
        return IRSA_FAIL(err, INVALID, "cannot use the argument \"%s\" with -f: the file says it",
                         arguments->operands.at[0]);
    return true;
}

static bool check_mode(const struct irsa_session *session, struct irsa_error *err) {
    const struct irsa_arguments *arguments = session->arguments;
    if (arguments->files.count > 0)
        return refuse_beside_file(session, err);
    const struct irsa_flag *flag = irsa_arguments_first_of(session->grammar, arguments, IRSA_GROUP_FILTER);
    if (flag != NULL)
        return IRSA_FAIL(err, INVALID, "cannot use %s without -f: it chooses among a file's service accounts",
                         flag->name);
    return true;
}

enum irsa_exit irsa_load_requests(struct irsa_load *load) {
    const struct irsa_arguments *arguments = load->session->arguments;
    struct irsa_error err;
    if (!check_mode(load->session, &err) ||
        !irsa_selection_init(&load->selection, load->session->arena, arguments->include, arguments->exclude, &err)) {
        irsa_complain("%s", err.message);
        return IRSA_EXIT_USAGE;
    }
    enum irsa_exit exit = arguments->files.count > 0 ? irsa_load_files(load) : irsa_load_flags(load);
    irsa_batch_close(load->batch);
    return exit;
}
