/*
 * Settling: what becomes of a job after an attempt. The judgement is a pure function; the rest carries it out.
 */
#ifndef IRSA_ENGINE_SETTLE_H
#define IRSA_ENGINE_SETTLE_H

#include "worker/engine/task.h"

struct irsa_retry_policy {
    unsigned max_attempts; /* that count */
    int64_t window_ms;     /* since the first run's start */
    int64_t base_ms, cap_ms;
};

/* What is known when an attempt has failed. */
struct irsa_attempt_facts {
    const struct irsa_error *err;
    unsigned attempts;  /* that counted before this one */
    unsigned runs;      /* with this one */
    int64_t elapsed_ms; /* since the first run's start, without the time that this process was halted */
    uint32_t random;    /* for the jitter */
};

enum irsa_verdict_kind { IRSA_VERDICT_FAIL, IRSA_VERDICT_DENY, IRSA_VERDICT_RETRY, IRSA_VERDICT_HALT };

struct irsa_verdict {
    enum irsa_verdict_kind kind;
    bool counts;      /* as an attempt */
    int64_t delay_ms; /* before it is tried again */
};

/*
 * The one place where the fate of an error decides.
 *
 * A throttle and a cluster that is not ready yet are not attempts: they are bounded by the window only. What a service
 * asks us to wait is obeyed; else the delay is drawn from 1 to base * 2^(runs - 1), at most cap ("full jitter").
 */
struct irsa_verdict irsa_settle_judge(const struct irsa_retry_policy *policy, const struct irsa_attempt_facts *facts);

/* The rest is for the engine's thread. */

/* A task has run and its executor is free. */
void irsa_settle_run(struct irsa_engine *engine, struct irsa_task *task);

/* A task may start, but never will: it was refused by accept(), or has expired. It is RUNNING as the scheduler sees it. */
void irsa_settle_refused(struct irsa_engine *engine, struct irsa_task *task);
void irsa_settle_expired(struct irsa_engine *engine, struct irsa_task *task);

/* Nobody wants it any more. It is RUNNING as the scheduler sees it and has not begun, or it is the first one of its key. */
void irsa_settle_cancelled(struct irsa_engine *engine, struct irsa_task *task);

/* Give a task up without a word: its offset is not committed, it comes again. Not while it runs. */
void irsa_settle_drop(struct irsa_engine *engine, struct irsa_task *task);

/* A record of a task is acknowledged. `self` is the engine. */
void irsa_settle_acknowledged(void *self, struct irsa_task *task);

#endif
