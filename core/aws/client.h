/*
 * The client's inside, for the files of this room.
 */
#ifndef IRSA_AWS_CLIENT_H
#define IRSA_AWS_CLIENT_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/aws/aws.h"

/*
 * mutex        guards credentials and has_credentials; held while they are fetched, so that they are fetched once
 * skew_ms      what is added to our clock when signing: the services' time as far as their answers showed it
 */
struct irsa_aws {
    struct irsa_aws_options options;
    char *user_agent;
    pthread_mutex_t mutex;
    struct irsa_credentials credentials;
    bool has_credentials;
    atomic_int_fast64_t skew_ms;
};

/* Our time as the services want it in signatures. */
int64_t irsa_aws_now_ms(struct irsa_aws *aws);

/* The keys in the form that signing takes. Borrowed from `credentials`. */
struct irsa_sigv4_keys irsa_aws_keys(const struct irsa_credentials *credentials);

#endif
