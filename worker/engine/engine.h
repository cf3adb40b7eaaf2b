/*
 * The queue engine: takes records from one topic, works on them in key order with many executors, and settles each:
 * its outcome is acknowledged by the broker before its offset is committed.
 *
 * It knows nothing of what a job does: a job is a function table. One thread runs the engine (an epoll loop over the
 * consumer, the producer, finished jobs, timers and the stop descriptor); executors only run jobs.
 */
#ifndef IRSA_ENGINE_H
#define IRSA_ENGINE_H

#include <irsa/result.h>

#include "core/base/cancel.h"
#include "core/base/clock.h"

/*
 * What calls burden: a job's account by reads or by writes, since services count the two apart, or its cluster. The
 * engine learns from this how fast it may go (pace.h).
 */
enum irsa_burden { IRSA_BURDEN_READS, IRSA_BURDEN_WRITES, IRSA_BURDEN_CLUSTER };
#define IRSA_BURDENS       3
#define IRSA_ACCOUNT_PACES 2 /* the first ones are the account's */

struct irsa_usage {
    unsigned calls;
    unsigned throttled; /* of them: refused for being too many */
};

/*
 * One record in hand. Made at intake, released when it is settled or dropped.
 *
 * arena   everything that belongs to the job; used by the engine thread, and by the executor while the job runs
 * record  a copy in the arena
 * key     order: jobs of one key run one after the other, in the order of their offsets. Set by accept().
 * account, cluster   whom the job's calls burden, for limits and fairness; NULL: nobody. A cluster is of one account, so
 *                    its name here tells them apart. Set by accept().
 * expiry_ms          after it the job is not started any more; IRSA_NO_TIME: never. Set by accept().
 * id, source, batch  what a word of the control topic may cancel it by; NULL: not by that. Set by accept(), also when it refuses
 * data    the kind's own
 */
struct irsa_job {
    struct irsa_arena *arena;
    struct irsa_record record;
    const char *key;
    const char *account;
    const char *cluster;
    int64_t expiry_ms;
    const char *id, *source;
    const char *batch;
    void *data;
    unsigned attempt;                      /* of the run in hand, from 1 */
    int64_t started_ms;                    /* wall clock of the first start; IRSA_NO_TIME before */
    struct irsa_usage usage[IRSA_BURDENS]; /* what this run has cost; zero when it begins, counted by run() */
};

/* What bounds one run of a job. */
struct irsa_run {
    const struct irsa_cancel *cancel; /* set when the partition is taken away or the drain ends */
    const struct irsa_clock *clock;
    int64_t deadline_ms; /* monotonic */
    /* To be asked before every step that others see: false while it is not known whether the partition is still ours. */
    bool (*may_call)(const void *holder);
    const void *holder;
};

/*
 * How an attempt ended, as the engine sees it after judging fate, attempts and time.
 *
 * outcome  SUCCEEDED stands for whatever success the job itself knows of (unchanged, planned, superseded)
 * err      NULL after a success
 */
struct irsa_ending {
    enum irsa_outcome outcome;
    const struct irsa_error *err;
    int64_t next_retry_ms; /* wall clock, after RETRYING; else IRSA_NO_TIME */
    int64_t finished_ms;
};

/* The records that tell an ending, at most three: result, state, dead letter. In the job's arena. */
struct irsa_report {
    struct irsa_record records[3];
    size_t count;
};

/*
 * A kind of job.
 *
 * accept   engine thread: read the record; set key, account, cluster, expiry_ms, data. False: the job is settled at once
 *          by the error's fate, without a run; key may then be NULL. Not called for a record that kills who reads it.
 * run      executor thread: do the work. False with the error; its fate decides. Blocks for at most the deadline.
 * report   engine thread: write down the ending. Called for every ending, also RETRYING.
 * self     shared by all of them: what run() changes in it is locked by its owner
 */
struct irsa_job_kind {
    bool (*accept)(void *self, struct irsa_job *job, struct irsa_error *err);
    bool (*run)(void *self, struct irsa_job *job, const struct irsa_run *run, struct irsa_error *err);
    void (*report)(void *self, struct irsa_job *job, const struct irsa_ending *ending, struct irsa_report *out_report);
    void *self;
};

#define IRSA_EXECUTORS_MAX 1024

struct irsa_hands; /* worker/engine/hands.h */

/* Zero stands for the default in brackets. What is pointed to is borrowed until irsa_engine_free(). */
struct irsa_engine_options {
    struct irsa_pairs kafka; /* client settings with group.id */
    const char *topic;
    const char
        *control_topic;      /* read whole before the first run: what it cancels is not begun. [nothing is cancelled] */
    unsigned executors;      /* [64], at most 1,024 */
    unsigned per_cluster;    /* [8] executors that one cluster may hold at a time */
    unsigned max_attempts;   /* [5] */
    int64_t retry_window_ms; /* [900,000] since the partition was assigned */
    int64_t retry_base_ms;   /* [1,000] back-off: base * 2^(attempt-1), full jitter, at most retry_cap_ms */
    int64_t retry_cap_ms;    /* [60,000] */
    int64_t attempt_deadline_ms; /* [120,000] */
    int64_t probe_ms;            /* [15,000] while halted: between tries */
    int64_t drain_ms;            /* [45,000] what SIGTERM waits for running jobs */
    int64_t revoke_wait_ms;      /* [10,000] what a rebalance waits for running jobs */
    int64_t rejoin_ms;           /* [120,000] what an assignment is waited for before the group is joined anew */
    size_t window;               /* [16,384] offsets per partition between the watermark and the newest taken */
    size_t max_jobs;             /* [65,536] jobs in memory */
    size_t max_bytes;            /* [48 MiB] of their memory, which is 4 KiB each at least */
    uint64_t max_requests;       /* [no limit] drain after so many are settled */
    bool until_idle;             /* drain once every partition's end is reached and settled */
    bool leave;                  /* a static member (group.instance.id) gives its membership up at the end */
    int stop_fd; /* readable once per request to stop: a signalfd or an eventfd. First: drain; second: abandon */
    struct irsa_hands *hands;       /* [NULL] where what is in hand is written down for whoever watches this process */
    const struct irsa_clock *clock; /* [the system's] */
    const struct irsa_job_kind *kind;
};

struct irsa_engine;

/* fails CONFIG */
IRSA_MUST_CHECK struct irsa_engine *irsa_engine_new(const struct irsa_engine_options *options, struct irsa_error *err);

/* Run on this thread until drained. fails CONFIG, CREDENTIALS (what made it halt), INTERNAL */
IRSA_MUST_CHECK bool irsa_engine_run(struct irsa_engine *engine, struct irsa_error *err);

void irsa_engine_free(struct irsa_engine *engine);

/*
 * For health, metrics and tests; any thread. Totals since the start.
 *
 * taken               records that became jobs
 * settled             jobs whose outcome is acknowledged
 * retried             runs that ended with RETRYING
 * committed           offsets below the committed ones, gaps included
 * duplicates_dropped  records that a checkpoint knew as settled, or that were in hand already
 * renewals            how often the group was joined anew because no partitions came; 0 again when they do
 * suspects, restarts  of the hands: requests that run alone, or not at all, since processes died with them; such deaths
 */
struct irsa_engine_figures {
    uint64_t taken, settled, retried, committed, duplicates_dropped;
    uint64_t in_flight, waiting;
    unsigned renewals;
    uint64_t suspects, restarts;
    int64_t last_settled_ms; /* monotonic, of the engine's clock; 0: none yet */
    int64_t turned_ms;       /* likewise: when the loop last went round */
    bool is_halted;
    bool is_ready; /* assigned, not halted, not draining */
};

void irsa_engine_read_figures(const struct irsa_engine *engine, struct irsa_engine_figures *out_figures);

/*
 * How one assigned partition stood half a second ago at most.
 *
 * watermark   the first offset that is not settled; -1: nothing is known yet
 * highest     the newest offset taken; -1 likewise
 * incomplete  offsets from the watermark to the highest that are not settled
 * oldest_ms   the timestamp (wall clock) of the oldest request in hand; IRSA_NO_TIME: none
 * moved_ms    monotonic: when the watermark moved last, or had no need to
 * stopped_by  what keeps its next records from being taken: IRSA_OBSTACLE_WINDOW (its watermark stands), IRSA_OBSTACLE_MEMORY
 *             (what all partitions share is used up); NULL: nothing
 * stopped_for the account of the request at the watermark, or the one that has most in memory
 */
#define IRSA_OBSTACLE_WINDOW    "window"
#define IRSA_OBSTACLE_MEMORY    "memory"
#define IRSA_ACCOUNT_NAME_BYTES 64 /* longer names are cut in figures */

struct irsa_partition_figures {
    int32_t partition;
    int64_t watermark, highest;
    size_t incomplete;
    int64_t oldest_ms;
    int64_t moved_ms;
    const char *stopped_by;
    char stopped_for[IRSA_ACCOUNT_NAME_BYTES];
};

/*
 * What an account is held to in one class of calls, since it was throttled.
 *
 * rate       calls per second; window: jobs at a time. Both only while is_set
 * throttled  calls that were refused for being too many, since the account became known
 */
struct irsa_account_limit {
    bool is_set;
    double rate, window;
    uint64_t throttled;
};

/* How one account stood half a second ago at most. held_ms: how long it had jobs that its limits kept from starting. */
struct irsa_account_figures {
    char account[IRSA_ACCOUNT_NAME_BYTES];
    size_t in_flight, waiting;
    int64_t held_ms;
    struct irsa_account_limit limits[IRSA_ACCOUNT_PACES];
};

#define IRSA_ACCOUNTS_SHOWN 20

/* Those that are limited, and those that have the most requests; the rest has no name, and neither limits nor held_ms. */
struct irsa_accounts_figures {
    struct irsa_account_figures at[IRSA_ACCOUNTS_SHOWN];
    size_t count;
    struct irsa_account_figures rest;
};

/* Any thread. */
void irsa_engine_read_accounts(const struct irsa_engine *engine, struct irsa_accounts_figures *out_accounts);

/* Any thread; a copy in the arena. */
void irsa_engine_read_partitions(const struct irsa_engine *engine, struct irsa_arena *arena,
                                 const struct irsa_partition_figures **out_partitions, size_t *out_count);

/*
 * Does the loop turn, does the group give it partitions, and do watermarks move? Any thread. A request may hold its partition's watermark for as long as
 * its attempts may take, no longer. A halted engine is healthy: a restart would not cure it.
 *
 * fails  INTERNAL: the message says what stands still, and since when
 */
IRSA_MUST_CHECK bool irsa_engine_is_healthy(const struct irsa_engine *engine, struct irsa_arena *arena,
                                            struct irsa_error *err);

#endif
