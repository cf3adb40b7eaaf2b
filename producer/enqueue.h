/*
 * What create, update, delete and associate have in common: load, preview or send, and wait when asked to.
 */
#ifndef IRSA_PRODUCER_ENQUEUE_H
#define IRSA_PRODUCER_ENQUEUE_H

#include <irsa/request.h>

#include "producer/session.h"

enum irsa_exit irsa_enqueue_run(struct irsa_session *session, enum irsa_action action);

#endif
