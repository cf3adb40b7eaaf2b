/*
 * What the worker does with one record: read the request, provision, tell the outcome. A job of the engine.
 */
#ifndef IRSA_WORKER_JOB_H
#define IRSA_WORKER_JOB_H

#include "core/contract/result.h"
#include "core/provision/provision.h"
#include "worker/engine/engine.h"
#include "worker/metrics.h"

/* All borrowed, for as long as the engine runs; immutable but for what is counted. */
struct irsa_worker_job {
    struct irsa_provisioner *provisioner;
    struct irsa_result_context context;
    const char *account_id; /* of our credentials: stands for "-" in the subject of a request that names none */
    const char *worker;     /* our name in results */
    struct irsa_metrics *metrics;
};

/* The function table over `self`. */
struct irsa_job_kind irsa_worker_job_kind(struct irsa_worker_job *self);

#endif
