/*
 * The engine's inside, shared by its files: engine.c (the loop), intake.c, rebalance.c, commit.c and settle.c. All of it
 * belongs to the engine's thread, except `published`.
 */
#ifndef IRSA_ENGINE_STATE_H
#define IRSA_ENGINE_STATE_H

#include <stdatomic.h>

#include "core/kafka/consumer.h"
#include "worker/engine/board.h"
#include "worker/engine/executors.h"
#include "worker/engine/fence.h"
#include "worker/engine/frontier.h"
#include "worker/engine/hands.h"
#include "worker/engine/listener.h"
#include "worker/engine/outbox.h"
#include "worker/engine/scheduler.h"
#include "worker/engine/settle.h"

/* An assigned partition. */
struct irsa_partition {
    int32_t number;
    struct irsa_frontier frontier;
    unsigned epoch;         /* goes up when the frontier is begun anew: older tasks do not move it */
    struct irsa_link tasks; /* of_partition, in the order of taking */
    size_t running;         /* tasks in the executors' hands */
    bool may_have_more;     /* its queue was not empty when last looked at */
    struct irsa_task *held; /* taken, and does not fit into the window yet */
    bool is_at_end;         /* nothing has come since its end was told */
    int64_t pending_end;    /* an end that did not fit into the window; -1: none */
    bool is_revoking;       /* nothing is started for it any more */
    bool is_cancelled;      /* what still ran was told to stop: failures are no outcomes */
    bool is_lost;           /* others have it: nothing is settled */
    bool is_dirty;          /* there is something to commit */
    bool is_in_doubt;       /* what was committed last has not been confirmed */
    size_t metadata_bytes;  /* of the commit made last */
    size_t metadata_limit;  /* the broker has refused so many bytes; 0: none yet */
    int64_t moved_ms; /* figures: when the watermark was last seen to move, or had no need to; 0: not looked at yet */
    int64_t shown_watermark;
    const char *obstacle;   /* figures: what was in intake's way when last looked at; NULL: nothing */
    const char *stopped_by; /* figures: likewise, and it was logged */
    int64_t committed;      /* the offset that the broker has, or where we began; -1: neither is known */
};

enum irsa_engine_phase {
    IRSA_ENGINE_WORKING,
    IRSA_ENGINE_DRAINING,   /* first stop: nothing is taken or started */
    IRSA_ENGINE_ABANDONING, /* second stop, or a fatal error: nothing is waited for */
};

/* Where the loop's wake-ups come from. */
enum irsa_engine_source {
    IRSA_SOURCE_CONSUMER = 1u << 0,
    IRSA_SOURCE_RECORDS = 1u << 1,
    IRSA_SOURCE_EXECUTORS = 1u << 2,
    IRSA_SOURCE_OUTBOX = 1u << 3,
    IRSA_SOURCE_STOP = 1u << 4,
    IRSA_SOURCE_LISTENER = 1u << 5,
};

struct irsa_engine_totals {
    uint64_t taken, settled, retried, committed, duplicates_dropped;
};

struct irsa_engine {
    struct irsa_engine_options options; /* defaults filled in */
    const struct irsa_clock *clock;
    struct irsa_job_kind kind;
    int poll_fd;
    int records_fd; /* written to by partition queues */
    struct irsa_consumer *consumer;
    struct irsa_executors *executors;
    struct irsa_scheduler *scheduler;
    struct irsa_outbox *outbox;
    struct irsa_listener *listener;   /* NULL: nothing is ever cancelled */
    enum irsa_listener_state hearing; /* as it was when it was last looked at */

    struct irsa_partition **partitions;
    size_t partition_count;
    size_t next_partition; /* intake's turn */
    bool has_joined;       /* an assignment has come, be it empty */
    int64_t joining_ms;    /* monotonic: since when an assignment is waited for; 0: there is one */
    unsigned renewals;     /* of the consumer, since there was one last */

    struct irsa_link all_tasks;   /* of_engine */
    struct irsa_link spare_tasks; /* of_queue; cleared, for the next use */
    size_t spare_count;
    size_t task_count; /* in memory, without the spare ones */
    size_t bytes;      /* of their memory */
    size_t in_flight;  /* in the executors' hands */
    size_t telling;    /* final records handed over, not all acknowledged */

    enum irsa_engine_phase phase;
    int64_t stop_deadline_ms; /* when what still runs is cancelled; ABANDONING: left alone */
    bool has_cancelled_all;
    bool has_failed; /* by `failure` */
    struct irsa_error failure;

    bool is_halted;
    int64_t halted_since_ms, halted_total_ms;
    int64_t probe_ms;
    struct irsa_task *probe; /* runs to see whether we are fit again; NULL: none does */

    struct irsa_task
        *alone; /* a suspect that runs, or will when nothing else does: meanwhile nothing is taken or started */
    struct irsa_link held; /* of_queue: it, until then */

    struct irsa_fence fence;
    int64_t prove_ms; /* after a stall: when membership is proved next */

    bool is_commit_due;
    int64_t commit_ms; /* when, if it is due */
    int64_t last_commit_ms;
    size_t commits_in_flight; /* partitions that wait for an answer */
    int64_t consumer_tick_ms;
    struct irsa_arena *scratch; /* cleared after each use */
    struct irsa_board *board;
    int64_t show_ms; /* when the board is written next */
    uint64_t random_state;

    struct irsa_engine_totals totals;
    int64_t last_settled_ms;
    struct {
        atomic_uint_fast64_t taken, settled, retried, committed, duplicates_dropped, in_flight, waiting, suspects;
        atomic_int_fast64_t last_settled_ms, turned_ms;
        atomic_uint renewals;
        atomic_bool is_halted, is_ready;
    } published;
};

static inline int64_t irsa_engine_now_ms(const struct irsa_engine *engine) {
    return irsa_clock_monotonic_ms(engine->clock);
}

/* --- engine.c --- */

/* Serve everything but the consumer until `is_done` or the deadline; false at the deadline or when abandoning. */
bool irsa_engine_pump(struct irsa_engine *engine, bool (*is_done)(const struct irsa_engine *engine),
                      int64_t deadline_ms);

/* Have the loop woken by a descriptor. */
void irsa_engine_watch(struct irsa_engine *engine, int fd, enum irsa_engine_source source);

/* --- membership.c --- */

/* Join the group. fails CONFIG */
IRSA_MUST_CHECK bool irsa_membership_open(struct irsa_engine *engine, struct irsa_error *err);
/* Note that partitions are waited for, or that they have come. */
void irsa_membership_await(struct irsa_engine *engine);
void irsa_membership_met(struct irsa_engine *engine);
/* Join anew when they have been waited for too long. About once a second, outside of the consumer's callbacks. */
void irsa_membership_serve(struct irsa_engine *engine);

/* --- stall.c --- */

/* Note that the loop turns, before anything else in a turn; closes the fence after a stall. */
void irsa_stall_note(struct irsa_engine *engine);
/* Is it unknown since a stall whether the partitions are still ours? Then nothing is begun, and nothing told. */
bool irsa_stall_is_on(const struct irsa_engine *engine);
/* Prove it, when it is time. Outside of the consumer's callbacks. */
void irsa_stall_serve(struct irsa_engine *engine);
/* The group itself has said it. */
void irsa_stall_over(struct irsa_engine *engine);
int64_t irsa_stall_next_ms(const struct irsa_engine *engine);

/* --- figures.c --- */

/* Show others how things stand; once a turn. */
void irsa_figures_publish(struct irsa_engine *engine);

/* --- tasks.c --- */

/* A task for one record, NEW, with the record copied. */
struct irsa_task *irsa_tasks_make(struct irsa_engine *engine, const struct irsa_record *record);
/* Count the memory that it takes by now. */
void irsa_tasks_weigh(struct irsa_engine *engine, struct irsa_task *task);
/* Nothing knows it any more. */
void irsa_tasks_release(struct irsa_engine *engine, struct irsa_task *task);
void irsa_tasks_free_spare(struct irsa_engine *engine);

/* --- cancelled.c --- */

/* The listener has something new. */
void irsa_cancelled_serve(struct irsa_engine *engine);
/* Is everything known that was cancelled so far? Nothing is begun before. */
bool irsa_cancelled_are_known(const struct irsa_engine *engine);
bool irsa_cancelled_has(const struct irsa_engine *engine, const struct irsa_task *task);

/* --- dispatch.c --- */

/* May outcomes be told, and more requests be settled? */
bool irsa_dispatch_may_settle(const struct irsa_engine *engine);
/* Hand over what may start. */
void irsa_dispatch(struct irsa_engine *engine);
/* Settle what has run. */
void irsa_dispatch_collect(struct irsa_engine *engine);
/* Take back what executors have not begun, as far as it is meant (NULL: all). */
void irsa_dispatch_withdraw(struct irsa_engine *engine, irsa_task_test_fn *is_meant, void *self);
void irsa_dispatch_cancel_all(struct irsa_engine *engine);
/* What executors do with a task. Executor thread; `self` is the engine. */
void irsa_dispatch_run(void *self, struct irsa_task *task, const struct irsa_cancel *cancel);

/* Nothing is started until a probe has shown that this process is fit again. */
void irsa_engine_halt(struct irsa_engine *engine, const struct irsa_error *err);
void irsa_engine_resume(struct irsa_engine *engine);

/* --- stop.c --- */

/* One more request to stop: first drain, then abandon. */
void irsa_stop_request(struct irsa_engine *engine);
/* This process cannot go on: leave without settling anything more. */
void irsa_engine_fail(struct irsa_engine *engine, const struct irsa_error *err);
/* Begin or end a drain when it is time. True: the loop is over. */
bool irsa_stop_is_over(struct irsa_engine *engine);
int64_t irsa_stop_next_ms(const struct irsa_engine *engine);

/* --- suspects.c --- */

/* What is known of a new task from processes that died before; may make it one that never runs. */
void irsa_suspects_look_up(struct irsa_engine *engine, struct irsa_task *task);
/* Hand a suspect over as soon as nothing else runs; it is counted as handed over already. */
void irsa_suspects_hold(struct irsa_engine *engine, struct irsa_task *task);
/* Put it into the list if it is time. */
void irsa_suspects_release(struct irsa_engine *engine, struct irsa_link *list);
/* Take it back, as far as it is meant. */
void irsa_suspects_withdraw(struct irsa_engine *engine, irsa_task_test_fn *is_meant, void *self,
                            struct irsa_link *list);
/* A task is settled: it is no suspect any more. */
void irsa_suspects_clear(struct irsa_engine *engine, const struct irsa_task *task);

/* --- intake.c --- */

void irsa_intake_wake(struct irsa_engine *engine);
/* Take what there is, within the bounds and a share of time. */
void irsa_intake_run(struct irsa_engine *engine);
/* Would irsa_intake_run() take something now? */
bool irsa_intake_has_work(const struct irsa_engine *engine);
/* What keeps a partition's next records, if there are any, from being taken: an IRSA_OBSTACLE; NULL: nothing. */
const char *irsa_intake_obstacle(const struct irsa_engine *engine, const struct irsa_partition *partition);
bool irsa_intake_accept(struct irsa_engine *engine, struct irsa_task *task);

/* --- rebalance.c --- */

struct irsa_consumer_events irsa_rebalance_events(struct irsa_engine *engine);
struct irsa_partition *irsa_engine_find_partition(const struct irsa_engine *engine, int32_t number);

/* --- commit.c --- */

/* There is something to commit for it. */
void irsa_commit_note(struct irsa_engine *engine, struct irsa_partition *partition);
/* Commit if it is time. */
void irsa_commit_serve(struct irsa_engine *engine);
int64_t irsa_commit_next_ms(const struct irsa_engine *engine);
/* Commit what is being revoked at once, and wait. Failures are logged: what is not committed is run again. */
void irsa_commit_revoking(struct irsa_engine *engine);
/* Commit where all partitions stand, and wait: only a member of the current generation can. */
bool irsa_commit_all(struct irsa_engine *engine, int timeout_ms);
void irsa_commit_answered(void *self, const struct irsa_commit *commit, const struct irsa_error *err);

#endif
