/*
 * create, update and delete iamserviceaccount, and utils associate-iam-oidc-provider.
 */
#include "producer/commands.h"
#include "producer/enqueue.h"

enum irsa_exit irsa_run_create(struct irsa_session *session) {
    return irsa_enqueue_run(session, IRSA_ACTION_CREATE);
}

enum irsa_exit irsa_run_update(struct irsa_session *session) {
    return irsa_enqueue_run(session, IRSA_ACTION_UPDATE);
}

enum irsa_exit irsa_run_delete(struct irsa_session *session) {
    return irsa_enqueue_run(session, IRSA_ACTION_DELETE);
}

enum irsa_exit irsa_run_associate(struct irsa_session *session) {
    return irsa_enqueue_run(session, IRSA_ACTION_ASSOCIATE_OIDC);
}
