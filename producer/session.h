/*
 * What one run of irsactl has at hand: its command line, its settings, memory that lasts as long as the run.
 */
#ifndef IRSA_PRODUCER_SESSION_H
#define IRSA_PRODUCER_SESSION_H

#include "producer/arguments.h"
#include "producer/settings.h"

/* Owned by main(); everything in it is read only once a command runs. */
struct irsa_session {
    const struct irsa_grammar *grammar;
    const struct irsa_arguments *arguments;
    struct irsa_arena *arena;
    struct irsa_ctl_settings settings;
    struct irsa_pairs kafka;
};

/*
 * Read the settings from flags, the environment and the file; judge the topics' prefix, and the Kafka ones by the linked
 * library.
 *
 * fails    CONFIG
 */
IRSA_MUST_CHECK bool irsa_session_read_settings(struct irsa_session *session, char **environment,
                                                struct irsa_error *err);

/* Is there a broker to talk to? fails CONFIG with the ways to name one */
IRSA_MUST_CHECK bool irsa_session_has_broker(const struct irsa_session *session, struct irsa_error *err);

bool irsa_session_was_given(const struct irsa_session *session, const char *flag);

/*
 * The region of the cluster: --region, AWS_REGION, AWS_DEFAULT_REGION, the profile's in ~/.aws/config.
 *
 * fails    INVALID: names all of these
 */
IRSA_MUST_CHECK bool irsa_session_region(const struct irsa_session *session, const char **out_region,
                                         struct irsa_error *err);

#endif
