/*
 * Additive increase, multiplicative decrease.
 */
#include "worker/engine/pace.h"

#define METER_MS        1000
#define BURST_S         0.5 /* what the bucket holds */
#define PAUSE_S         1.0 /* after a throttle, while jobs that run anyhow take what the service gives */
#define MIN_RATE_STEP   0.25 /* calls per second and second, so that a few stray throttles do not slow down for minutes */
#define MIN_WINDOW_STEP 0.5 /* jobs per second, likewise */
#define USUAL_SHARE     0.125

/* --- meters -------------------------------------------------------------------------------------------------------------- */

static void roll(struct irsa_meter *meter, int64_t now_ms) {
    int64_t passed_ms = now_ms - meter->since_ms;
    if (passed_ms < METER_MS)
        return;
    meter->before = passed_ms < 2 * METER_MS ? meter->now : 0;
    meter->since_ms = passed_ms < 2 * METER_MS ? meter->since_ms + METER_MS : now_ms;
    meter->now = 0;
}

static double read_meter(const struct irsa_meter *meter, int64_t now_ms) {
    return meter->now + meter->before * (1 - (double)(now_ms - meter->since_ms) / METER_MS);
}

static void count(struct irsa_meter *meter, unsigned calls, int64_t now_ms) {
    roll(meter, now_ms);
    meter->now += calls;
}

/* --- the bucket and the window ------------------------------------------------------------------------------------------- */

static double larger(double a, double b) {
    return a > b ? a : b;
}

static double smaller(double a, double b) {
    return a < b ? a : b;
}

/* What a halving has left is as much as it took. */
static void choose_steps(struct irsa_pace *pace) {
    pace->rate_step = larger(pace->rate / IRSA_PACE_BACK_S, MIN_RATE_STEP);
    pace->window_step = larger(pace->window / IRSA_PACE_BACK_S, MIN_WINDOW_STEP);
}

void irsa_pace_move(struct irsa_pace *pace, double most, int64_t now_ms) {
    double passed_s = (double)(now_ms - pace->moved_ms) / 1000;
    if (!pace->is_limited)
        return;
    pace->moved_ms = now_ms;
    pace->level = smaller(pace->level + pace->rate * passed_s, larger(1, pace->rate * BURST_S));
    pace->rate += pace->rate_step * passed_s;
    pace->window = smaller(pace->window + pace->window_step * passed_s, most);
    if (pace->rate >= pace->free_rate && pace->window >= most)
        pace->is_limited = false;
}

static int64_t in_s(const struct irsa_pace *pace, double seconds) {
    return pace->moved_ms + (int64_t)(seconds * 1000) + 1;
}

int64_t irsa_pace_start_ms(const struct irsa_pace *pace, unsigned running) {
    if (!pace->is_limited)
        return 0;
    int64_t paid_ms = pace->level >= 0 ? pace->moved_ms : in_s(pace, -pace->level / pace->rate);
    double lacking = running + 1 - pace->window;
    int64_t room_ms = lacking <= 0 ? pace->moved_ms : in_s(pace, lacking / pace->window_step);
    return paid_ms > room_ms ? paid_ms : room_ms;
}

float irsa_pace_charge(struct irsa_pace *pace) {
    if (!pace->is_limited)
        return IRSA_PACE_FREE;
    pace->level -= pace->usual;
    return (float)pace->usual;
}

/* --- what is learned ----------------------------------------------------------------------------------------------------- */

/* Half of what got through in the last second: the service has just said that this was all it gives. */
static void guess(struct irsa_pace *pace, int64_t now_ms) {
    double half = read_meter(&pace->passed, now_ms) / 2;
    pace->free_rate = larger(pace->free_rate, read_meter(&pace->sent, now_ms));
    if (half <= pace->rate)
        return;
    pace->level -= (half - pace->rate) * PAUSE_S;
    pace->rate = half;
    choose_steps(pace);
}

static void limit(struct irsa_pace *pace, unsigned running, int64_t now_ms) {
    pace->is_limited = pace->is_guessing = true;
    pace->rate = IRSA_PACE_MIN_RATE;
    pace->window = larger(running / 2.0, IRSA_PACE_MIN_WINDOW);
    pace->free_rate = 2 * IRSA_PACE_MIN_RATE;
    pace->level = -pace->rate * PAUSE_S;
    pace->moved_ms = pace->cut_ms = now_ms;
    choose_steps(pace);
    guess(pace, now_ms);
}

static void halve(struct irsa_pace *pace, int64_t now_ms) {
    pace->is_guessing = false;
    pace->rate = larger(pace->rate / 2, IRSA_PACE_MIN_RATE);
    pace->window = larger(pace->window / 2, IRSA_PACE_MIN_WINDOW);
    pace->level = smaller(pace->level, -pace->rate * PAUSE_S);
    pace->cut_ms = now_ms;
    choose_steps(pace);
}

static void learn(struct irsa_pace *pace, const struct irsa_pace_report *report, int64_t now_ms) {
    bool is_throttled = report->usage.throttled > 0;
    if (!pace->is_limited) {
        if (is_throttled)
            limit(pace, report->running, now_ms);
    } else if (report->started_ms > pace->cut_ms) {
        if (is_throttled)
            halve(pace, now_ms);
    } else if (pace->is_guessing) {
        guess(pace, now_ms);
    }
}

void irsa_pace_report(struct irsa_pace *pace, const struct irsa_pace_report *report, int64_t now_ms) {
    const struct irsa_usage *usage = &report->usage;
    if (pace->is_limited && report->price >= 0)
        pace->level += (double)report->price - usage->calls;
    if (!report->has_run)
        return;
    count(&pace->sent, usage->calls, now_ms);
    count(&pace->passed, usage->calls - usage->throttled, now_ms);
    pace->usual = pace->usual > 0 ? pace->usual + (usage->calls - pace->usual) * USUAL_SHARE : usage->calls;
    learn(pace, report, now_ms);
}
