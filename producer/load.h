/*
 * From the command line or from ClusterConfig files to a batch of requests.
 *
 * All input is read and judged before this returns, so that a problem in the last file stops the first request.
 */
#ifndef IRSA_PRODUCER_LOAD_H
#define IRSA_PRODUCER_LOAD_H

#include "core/config/cluster_config.h"
#include "producer/batch.h"
#include "producer/problems.h"
#include "producer/selection.h"
#include "producer/session.h"

/*
 * session    borrowed
 * batch      where the requests go
 * problems   where those of the input are told
 * document   called for each ClusterConfig that is in order, with the number of requests that it gave; may be NULL
 */
struct irsa_load {
    const struct irsa_session *session;
    enum irsa_action action;
    struct irsa_batch *batch;
    struct irsa_problems problems;
    bool only_checks; /* nothing is going to be sent in any case */
    void (*document)(void *self, const struct irsa_cluster_config *config, size_t count);
    void *self;

    /* private */
    struct irsa_arena *arena; /* of the file in hand */
    const char *path;         /* its name, for problems */
    struct irsa_selection selection;
    size_t documents, documents_with_accounts;
    bool is_broken; /* by the temporary file, not by the input */
};

/*
 * Load what the command line names. Everything that is wrong is told.
 *
 * returns  DONE, USAGE, INVALID, or FAILED when there is no room for a temporary file
 */
enum irsa_exit irsa_load_requests(struct irsa_load *load);

/* One request from the flags. */
enum irsa_exit irsa_load_flags(struct irsa_load *load);

/* Requests from the files. */
enum irsa_exit irsa_load_files(struct irsa_load *load);

#endif
