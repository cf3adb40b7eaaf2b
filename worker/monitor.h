/*
 * Monitor: the worker's health and metrics over HTTP, for kubelets and Prometheus.
 *
 *     GET /healthz   200, or 503 with the reason: a restart would help
 *     GET /readyz    200 while requests are taken, else 503
 *     GET /metrics   metrics.h
 *
 * Nothing that it tells is secret, and nobody is asked who they are. One thread, libmicrohttpd's.
 */
#ifndef IRSA_WORKER_MONITOR_H
#define IRSA_WORKER_MONITOR_H

#include "worker/engine/engine.h"
#include "worker/metrics.h"

struct irsa_monitor;

/*
 * Listen at "ADDRESS:PORT", an IPv4 address; port 0: any that is free. Logs where.
 *
 * metrics  borrowed until irsa_monitor_close()
 * fails    CONFIG
 */
IRSA_MUST_CHECK struct irsa_monitor *irsa_monitor_open(const char *listen, struct irsa_metrics *metrics,
                                                       struct irsa_error *err);

/* Tell of this engine from now on; NULL: of none. Borrowed until then. */
void irsa_monitor_watch(struct irsa_monitor *monitor, const struct irsa_engine *engine);

void irsa_monitor_close(struct irsa_monitor *monitor);

#endif
