/*
 * Metrics: what the worker counts of its work, as Prometheus text (exposition format 0.0.4). docs/metrics.md lists them.
 *
 * The engine's thread and the executors count, the monitor's thread reads: one mutex.
 */
#ifndef IRSA_WORKER_METRICS_H
#define IRSA_WORKER_METRICS_H

#include <irsa/result.h>

#include "core/aws/aws.h"
#include "core/base/arena.h"
#include "worker/engine/engine.h"

#define IRSA_METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct irsa_metrics;

struct irsa_metrics *irsa_metrics_new(void);
void irsa_metrics_free(struct irsa_metrics *metrics);

/* One outgoing call. */
void irsa_metrics_count_call(struct irsa_metrics *metrics, const struct irsa_called *call);

/* One attempt has ended. action: NULL when the request could not be read; code: IRSA_CODE_NONE after a success. */
void irsa_metrics_count_attempt(struct irsa_metrics *metrics, const char *action, enum irsa_outcome outcome,
                                enum irsa_code code);

/* All of it, with what the engine (NULL: not there yet) tells. In the arena. */
const char *irsa_metrics_text(struct irsa_metrics *metrics, const struct irsa_engine *engine, struct irsa_arena *arena);

#endif
