/*
 * A result: what became of one request, or of one attempt at it.
 *
 * Results are open for readers: ignore what you do not know. schemas/result.v1.schema.json is the same for other
 * languages.
 */
#ifndef IRSA_RESULT_H
#define IRSA_RESULT_H

#include <irsa/request.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IRSA_RESULT_MAX_BYTES ((size_t)64 * 1024)
#define IRSA_RESULT_MAX_STEPS 200

/* ROW(OUTCOME, wire name, is final, has a dead letter, writes irsa.state) */
/* clang-format off */
#define IRSA_OUTCOME_TABLE(ROW)                              \
    ROW(SUCCEEDED,  "succeeded",  true,  false, true)        \
    ROW(UNCHANGED,  "unchanged",  true,  false, true)        \
    ROW(FAILED,     "failed",     true,  true,  true)        \
    ROW(DENIED,     "denied",     true,  true,  false)       \
    ROW(PLANNED,    "planned",    true,  false, false)       \
    ROW(EXPIRED,    "expired",    true,  false, false)       \
    ROW(CANCELLED,  "cancelled",  true,  false, false)       \
    ROW(SUPERSEDED, "superseded", true,  false, false)       \
    ROW(RETRYING,   "retrying",   false, false, false)
/* clang-format on */

enum irsa_outcome {
#define IRSA_OUTCOME_ROW(outcome, name, is_final, has_dead_letter, has_state) IRSA_OUTCOME_##outcome,
    IRSA_OUTCOME_TABLE(IRSA_OUTCOME_ROW)
#undef IRSA_OUTCOME_ROW
        IRSA_OUTCOME_COUNT
};

/* One thing that was done, or that a plan would do. */
struct irsa_step {
    const char *name;   /* "create-role", "attach-policy", … */
    const char *target; /* what it was done to: an ARN, a policy name, "namespace/name" */
    bool changed;
    const char *aws_request_id; /* NULL if there is none */
};

/* How many calls of one kind an attempt made: {"iam.CreateRole", 1}. */
struct irsa_call_count {
    const char *name;
    unsigned count;
};

enum irsa_observed_state { IRSA_STATE_UNKNOWN, IRSA_STATE_PRESENT, IRSA_STATE_ABSENT };

/* Absent texts are NULL, absent times IRSA_NO_TIME. All memory is borrowed. */
struct irsa_result {
    /* the request */
    const char *request_id;
    const char *request_source;
    const char *action;  /* NULL when the request could not be read */
    const char *subject; /* with the account resolved */
    const char *topic;
    int32_t partition;
    int64_t offset;
    int64_t request_time_ms;
    const char *correlation_id, *traceparent, *tracestate;
    unsigned replays; /* the request's header irsa_replays */
    /* what became of it */
    enum irsa_outcome outcome;
    unsigned attempt; /* from 1 */
    const char *role_arn;
    const char *role_id;
    const char *service_account_uid;
    const char *account_id;
    const char *issuer;
    const struct irsa_step *steps;
    size_t step_count;
    size_t steps_omitted;        /* further steps that are not listed */
    struct irsa_strings foreign; /* what is there and not ours, left alone */
    struct irsa_strings notes;   /* "pods-need-restart", … */
    struct irsa_error error;     /* code NONE: no error */
    int64_t next_retry_ms;
    int64_t started_ms;
    int64_t finished_ms;
    const struct irsa_call_count *calls;
    size_t call_count;
    const char *sender;
    const char *worker;
    bool is_misplaced;                 /* the record had another key than its request: "keyed": false */
    enum irsa_observed_state observed; /* for irsa.state */
};

/* "succeeded", … Static text. */
IRSA_API const char *irsa_outcome_name(enum irsa_outcome outcome);

/* False when there is no outcome of that name. */
IRSA_API bool irsa_outcome_find(const char *name, enum irsa_outcome *out_outcome);

IRSA_API bool irsa_outcome_is_final(enum irsa_outcome outcome);

/*
 * Read a result from a record of irsa.results. Unknown fields are ignored.
 *
 * fails    SCHEMA, TOO_LARGE
 */
IRSA_API IRSA_MUST_CHECK bool irsa_result_decode(struct irsa_arena *arena, const struct irsa_record *record,
                                                 struct irsa_result *out_result, struct irsa_error *err);

#ifdef __cplusplus
}
#endif
#endif
