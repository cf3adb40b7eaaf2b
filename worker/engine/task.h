/*
 * Task: a job and what the engine knows of it. Private to the engine.
 *
 *     WAITING ──► READY ◄──► PARKED        behind others of its key · its account's turn is next · its cluster is busy
 *                   │ ▲
 *                   ▼ └── POSTPONED, HALTED  in back-off · until this process is fit again: both hold their key
 *                RUNNING                     in the executors' hands
 *                   │
 *                   ▼
 *                SETTLED                     its key is free; kept until its records are acknowledged
 *
 * All of it belongs to the engine's thread, except while it is RUNNING: then `job` and the outcome are the executor's.
 */
#ifndef IRSA_ENGINE_TASK_H
#define IRSA_ENGINE_TASK_H

#include "worker/engine/engine.h"
#include "worker/engine/list.h"
#include "worker/engine/timers.h"

struct irsa_key;
struct irsa_account;
struct irsa_cluster_load;
struct irsa_partition;

enum irsa_task_state {
    IRSA_TASK_NEW,
    IRSA_TASK_WAITING,
    IRSA_TASK_READY,
    IRSA_TASK_PARKED,
    IRSA_TASK_POSTPONED,
    IRSA_TASK_HALTED,
    IRSA_TASK_RUNNING,
    IRSA_TASK_SETTLED,
};

struct irsa_task {
    struct irsa_job job;
    enum irsa_task_state state;

    /* scheduler */
    unsigned rank;                     /* which of the ready queues it is in */
    uint64_t order;                    /* in which it was added */
    struct irsa_key *key;              /* NULL: ordered with nobody */
    struct irsa_account *account;      /* set while the scheduler has it */
    struct irsa_cluster_load *cluster; /* likewise; NULL: burdens none */
    float prices[IRSA_BURDENS];        /* what it was charged when it was admitted */
    struct irsa_link of_key;
    struct irsa_link of_queue; /* of READY, PARKED, HALTED, or in the executors' hands */
    struct irsa_timer timer;   /* POSTPONED */

    /* engine */
    struct irsa_link of_engine;       /* all there are */
    struct irsa_partition *partition; /* NULL: given up, nothing is settled by it any more */
    struct irsa_link of_partition;
    size_t bytes;      /* what it was counted with */
    size_t told_bytes; /* of it: the producer's copies of its records */
    unsigned epoch;    /* of the partition when it was taken */

    /* settle */
    unsigned attempts;        /* that count */
    unsigned runs;            /* all of them */
    unsigned outstanding;     /* records that are not acknowledged */
    int64_t first_ran_ms;     /* monotonic, of the first run's start; IRSA_NO_TIME before */
    int64_t halted_before_ms; /* what the engine had been halted in total by then */

    /* the run's outcome, written by the executor */
    struct irsa_error *err; /* in the arena */
    int64_t run_started_ms; /* monotonic */
    bool has_succeeded;

    /* suspects */
    unsigned executor; /* which one runs it, from 0; written by the executor */
    unsigned deaths;   /* of processes, with this one in hand; above 0 it runs alone */

    bool is_offered; /* limits: given back from a park, not asked for again yet */
    bool is_urgent;  /* of a key with a long queue; set when it is handed over */
    bool is_refused; /* accept() said no, or too many processes died of it: `err` is set, it never runs */
    bool is_final;   /* nothing more is to come but acknowledgements */
    bool is_told;    /* its ending is among them */
};

#endif
