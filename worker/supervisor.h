/*
 * Supervisor: the parent of the process that works. It starts it anew when it has died, passes signals on, and ends as it
 * ended.
 *
 * It keeps no settings and talks to nobody: all that it has is what it was started with, and which requests were in hand. It
 * has one thread. In a container it is process 1, and reaps whatever is left to it.
 */
#ifndef IRSA_WORKER_SUPERVISOR_H
#define IRSA_WORKER_SUPERVISOR_H

#include "worker/engine/hands.h"

/* What a process's end means. */
struct irsa_death {
    bool is_end;      /* no other is started: it has ended by itself, or was asked to stop */
    int status;       /* is_end: to end with */
    bool is_by_fault; /* it died by what it did: what it had in hand is suspect */
    int signal;       /* that killed it; 0: none */
};

/* wait_status: of waitpid(). is_stopping: it had been asked to stop. A pure function. */
struct irsa_death irsa_supervisor_judge(int wait_status, bool is_stopping);

/*
 * How long to wait before the next start: at first a quarter of a second, twice as long after each death, at most 30 s.
 * After a life of a minute it is as if there had been no death before. A pure function.
 *
 * quick_deaths  in a row, with this one
 */
#define IRSA_QUICK_DEATH_MS 60000
int64_t irsa_supervisor_delay_ms(unsigned quick_deaths);

/*
 * Fork, and watch. Returns twice and more: true in each process that is to work, which is killed if this one dies and has
 * SIGTERM and SIGINT blocked (they are passed on one by one, also those from a terminal); false in this one when all is over.
 *
 * hands       borrowed; what the working process writes into, if it does
 * out_status  to end with; written when false
 * thread      there must be no other
 */
bool irsa_supervise(struct irsa_hands *hands, int *out_status);

#endif
