/*
 * What the commands do, one file each. Each prints its data on standard output and all else on standard error.
 */
#ifndef IRSA_PRODUCER_COMMANDS_H
#define IRSA_PRODUCER_COMMANDS_H

#include "producer/session.h"

enum irsa_exit irsa_run_create(struct irsa_session *session);
enum irsa_exit irsa_run_update(struct irsa_session *session);
enum irsa_exit irsa_run_delete(struct irsa_session *session);
enum irsa_exit irsa_run_associate(struct irsa_session *session);
enum irsa_exit irsa_run_get(struct irsa_session *session);
enum irsa_exit irsa_run_results(struct irsa_session *session);
enum irsa_exit irsa_run_wait(struct irsa_session *session);
enum irsa_exit irsa_run_cancel(struct irsa_session *session);
enum irsa_exit irsa_run_retry(struct irsa_session *session);
enum irsa_exit irsa_run_lag(struct irsa_session *session);
enum irsa_exit irsa_run_validate(struct irsa_session *session);
enum irsa_exit irsa_run_topics_create(struct irsa_session *session);
enum irsa_exit irsa_run_topics_check(struct irsa_session *session);
enum irsa_exit irsa_run_schema(struct irsa_session *session);
enum irsa_exit irsa_run_completion(struct irsa_session *session);
enum irsa_exit irsa_run_version(struct irsa_session *session);
enum irsa_exit irsa_run_help(struct irsa_session *session);

#endif
