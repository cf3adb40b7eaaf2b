/*
 * Pace: how fast calls of one class may be made on behalf of one account or cluster, learned from being throttled.
 *
 * There is no limit until the first throttle. From then on there are two: a rate of calls per second (a token bucket),
 * and a window of jobs at a time. A throttle halves both, once for all jobs that had begun by then; in between both grow
 * in a straight line, so that what a halving took is back after IRSA_PACE_BACK_S at the latest. When the rate is
 * back where it was at the first throttle and the window takes all executors, there is no limit again.
 *
 * For a second after a throttle nothing is admitted: what runs anyhow takes what the service gives.
 *
 * A job pays what jobs usually cost when it is admitted, and the difference when it has told what it cost. The bucket may
 * so be in debt: then nothing is admitted until it is filled. Pure arithmetic: the time is the caller's, ms of one
 * monotonic clock. A zeroed struct is one without a limit.
 */
#ifndef IRSA_ENGINE_PACE_H
#define IRSA_ENGINE_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "worker/engine/engine.h"

#define IRSA_PACE_BACK_S     20.0
#define IRSA_PACE_MIN_RATE   1.0 /* calls per second */
#define IRSA_PACE_MIN_WINDOW 1.0
#define IRSA_PACE_FREE       (-1.0f) /* the price of a job that was admitted while there was no limit */

/* Calls in the last second, more or less: what was counted in this one, and a fading share of the one before. */
struct irsa_meter {
    int64_t since_ms;
    double now, before;
};

struct irsa_pace {
    bool is_limited;
    bool is_guessing;       /* jobs that began before the first throttle still tell how much got through */
    double rate, rate_step; /* calls per second, and what is added to it each second */
    double level;           /* of the bucket, in calls */
    double window, window_step;
    double free_rate; /* what was sent per second without a limit: as a limit it has no effect */
    double usual;     /* calls of one job */
    int64_t moved_ms; /* filled and grown up to here */
    int64_t cut_ms;   /* halved last */
    struct irsa_meter sent, passed;
};

/* Fill and grow up to now. `most`: jobs at a time that there can be at all. */
void irsa_pace_move(struct irsa_pace *pace, double most, int64_t now_ms);

/* When one more job may be admitted beside `running` ones if nothing else happens; in the past: at once. It is moved. */
int64_t irsa_pace_start_ms(const struct irsa_pace *pace, unsigned running);

/* A job is admitted. Returns its price, for the report, or IRSA_PACE_FREE. */
float irsa_pace_charge(struct irsa_pace *pace);

/*
 * What a job that was admitted has come to.
 *
 * usage       its calls
 * price       as it was charged
 * has_run     else its price is given back, and nothing is learned
 * started_ms  when it began to run
 * running     how many there were with it
 */
struct irsa_pace_report {
    struct irsa_usage usage;
    float price;
    bool has_run;
    int64_t started_ms;
    unsigned running;
};

/* It is moved. */
void irsa_pace_report(struct irsa_pace *pace, const struct irsa_pace_report *report, int64_t now_ms);

#endif
